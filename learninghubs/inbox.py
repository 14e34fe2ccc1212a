"""The suggestions of the hubs, as their leads see to them: which ones, which are alike, what waits. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from hscp.lib.dates import working_days_between
from learninghubs.choices import SuggestionStatus
from learninghubs.models import LearningHub, Question, Suggestion
from learninghubs.models.suggestions import AT_THE_HUB, TEXTS
from learninghubs.moves import REPLY
from learninghubs.permissions import Perm
from partnership.choices import HeldTextStatus
from partnership.models import HeldText, StatusChange, User

# A working week: long enough for a lead who does this beside other work, and short enough that whoever wrote has not
# begun to think that nobody reads it.
READ_WITHIN = 5
WAITING = (*AT_THE_HUB, SuggestionStatus.WITH_BOARD)  # somebody has still to do something
WORD = re.compile(r"[^\W\d_]{4,}")
MOST_WORDS = 60  # of a suggestion, by which others are compared with it
MOST_ALIKE = 20


# --- Which ones -------------------------------------------------------------------------------------------------------


def in_inbox(person: User) -> QuerySet[Suggestion]:
    """The suggestions of the hubs whose inbox ``person`` may read. One that nobody has confirmed is in none."""
    hubs = LearningHub.objects.allowed(person, Perm.VIEW_INBOX)
    return Suggestion.objects.visible_to(person).confirmed().filter(hub__in=hubs)


def with_facts(suggestions: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """With what a list says of each: where it belongs, ``merged_count``, ``is_held`` and ``has_reply``."""
    related = suggestions.select_related("hub__group", "theme", "agency")
    merged = Suggestion.objects.filter(merged_into=OuterRef("pk")).order_by().values("merged_into")
    return related.annotate(
        merged_count=Subquery(merged.annotate(number=Count("pk")).values("number")),
        is_held=Exists(_held_of(Suggestion).filter(about_id=OuterRef("pk"))),
        has_reply=Exists(replied_to(Suggestion.objects.filter(pk=OuterRef("pk")))),
    )


def replied_to(suggestions: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """Those whose author has replied, and with which nobody has done anything since."""
    kind = ContentType.objects.get_for_model(Suggestion)
    changes = StatusChange.objects.filter(about_type=kind, about_id=OuterRef("pk")).order_by("-pk")
    latest = suggestions.filter(status=SuggestionStatus.AT_HUB).alias(verb=Subquery(changes.values("verb")[:1]))
    return latest.filter(verb=REPLY.verb)


def days_waiting(suggestion: Suggestion, *, on: date) -> int | None:
    """Working days since it was received; None once nobody has to do anything with it any more."""
    if suggestion.status not in WAITING:
        return None
    return working_days_between(timezone.localdate(suggestion.received_at), on)


# --- Alike ------------------------------------------------------------------------------------------------------------


def like(suggestion: Suggestion, among: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """Those of ``among`` that share words with it, the likest first, each with its ``rank``.

    PostgreSQL's full-text search in English over the title, which weighs more, and the three texts. One query.
    """
    words = _words_of(suggestion)
    if not words:
        return among.none()
    query = SearchQuery(" | ".join(words), search_type="raw", config="english")  # letters only: nothing to escape
    vector = SearchVector("title", weight="A", config="english") + SearchVector(*TEXTS, weight="B", config="english")
    found = among.exclude(pk=suggestion.pk).annotate(words=vector, rank=SearchRank(vector, query))
    return found.filter(words=query).order_by("-rank", "pk")


def _words_of(suggestion: Suggestion) -> list[str]:
    text = " ".join([suggestion.title, *(getattr(suggestion, name) for name in TEXTS)]).lower()
    return list(dict.fromkeys(WORD.findall(text)))[:MOST_WORDS]


def mergeable(person: User) -> QuerySet[Suggestion]:
    """The suggestions that ``person`` may merge with others: still at a hub of theirs."""
    return Suggestion.objects.allowed(person, Perm.SCREEN_SUGGESTION).filter(status__in=AT_THE_HUB)


def with_words(suggestions: QuerySet[Suggestion], words: Iterable[str]) -> QuerySet[Suggestion]:
    """Those in whose reference, title or texts every one of ``words`` stands."""
    for word in words:
        found = Q(reference__icontains=word) | Q(title__icontains=word)
        for name in TEXTS:
            found |= Q(**{f"{name}__icontains": word})
        suggestions = suggestions.filter(found)
    return suggestions


# --- Held back --------------------------------------------------------------------------------------------------------


def _held_of(model: type[Suggestion | Question]) -> QuerySet[HeldText]:
    kind = ContentType.objects.get_for_model(model)
    return HeldText.objects.filter(about_type=kind, status=HeldTextStatus.WAITING)


def held_fields(suggestions: Iterable[Suggestion]) -> dict[int, set[str]]:
    """By suggestion, which of its texts wait for the business unit. One query."""
    found: dict[int, set[str]] = {suggestion.pk: set() for suggestion in suggestions}
    for pk, name in _held_of(Suggestion).filter(about_id__in=found).values_list("about_id", "field"):
        found[pk].add(name)
    return found


def held_replies(questions: Iterable[Question]) -> set[int]:
    """The questions whose reply waits for the business unit. One query."""
    ids = [question.pk for question in questions]
    return set(_held_of(Question).filter(about_id__in=ids).values_list("about_id", flat=True))
