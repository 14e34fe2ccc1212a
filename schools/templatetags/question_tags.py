"""What the pages of question sets say about a question, an option, a change of words."""

from django import template

from schools import question_words
from schools.models import Option, Question, Scale, Section
from schools.question_checks import anchor_of
from schools.question_differences import Change, Words, compared_words

register = template.Library()


@register.filter
def facts(question: Question) -> list[tuple[str, str]]:
    """Pairs of a label and a text: see ``question_words.facts``."""
    return question_words.facts(question)


@register.filter
def notes(option: Option) -> list[str]:
    """What an option does beside having a colour."""
    return question_words.option_notes(option)


@register.filter
def scale_name(scale: Scale) -> str:
    """What a scale is called."""
    return question_words.scale_name(scale)


@register.filter
def anchor(part: Question | Section) -> str:
    """The id of a part on the page of its set."""
    return anchor_of(part)


@register.filter
def words(change: Change) -> list[Words]:
    """A change of words, stretch by stretch: what stayed, went and came."""
    return compared_words(change.was, change.became)
