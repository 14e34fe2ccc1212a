"""What an answer means: its colour and why, whether it is whole, how it reads. Facts about one answer; reads only.

``Answer.value`` by answer type:

=====================================================  =====================================================
a choice (four levels, yes or no, one of a list …)     the option's code, e.g. ``"developing"``
several of a list                                      a list of codes
date                                                   ``"2026-09-14"``, or ``"never"``: not done yet
percentage, number                                     a whole number
text                                                   the text
person                                                 ``{"name": …, "email": …}``
person with dates                                      ``{"name": …, "email": …, "appointed": …, "trained": …}``
several people with dates                              a list of ``{"name": …, "trained": …}``
=====================================================  =====================================================
"""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format

from schools.choices import AnswerType, Rag
from schools.models import Answer, Option, Question, Section

CHOOSE_ONE = frozenset(
    {
        AnswerType.RATING4,
        AnswerType.YES_NO,
        AnswerType.YES_NO_NA,
        AnswerType.CHOICE,
        AnswerType.LIKERT5,
        AnswerType.YES_UNSURE_NO,
        AnswerType.KNOWLEDGE,
    }
)
WEAK = frozenset({Rag.AMBER, Rag.RED})
PEOPLE_LABELS = {"name": "Name", "email": "Work email", "appointed": "Appointed", "trained": "Last trained"}
NEVER = "never"  # in place of a date: what the question asks about has not been done yet
EMPTY: tuple[Any, ...] = (None, "", [], {})
ACTION = ("action_what", "action_who", "action_due")

# What may be wanted of an answer: by the field that it is entered in, the words that complete "Enter …".
WANTED = {
    "value": "an answer",
    "name": "the name",
    "reason": "the reason it does not apply",
    "action_what": "the action you will take",
    "action_who": "who will do it",
    "action_due": "by when it will be done",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The colour of an answer and, where it is weak, why. ``rag`` is empty where an answer has no colour."""

    rag: Rag | None = None
    why: str = ""
    urgent: bool = False

    @property
    def is_weak(self) -> bool:
        """Whether it is amber or red."""
        return self.rag in WEAK


NO_COLOUR = Judgement()


def applies(question: Question, flags: Container[str]) -> bool:
    """Whether ``question`` is asked of a school for which ``flags`` hold."""
    return not question.applies_when or question.applies_when in flags


def judge(question: Question, value: Any, *, on: date) -> Judgement:
    """The colour that the question set gives to ``value`` on ``on`` (dates grow old), and why it is weak.

    No colour for what is not answered, does not count or has no threshold. Source: the question set's scales and
    thresholds.
    """
    if value in EMPTY or not question.scored:
        return NO_COLOUR
    if question.answer_type in CHOOSE_ONE:
        return _judge_option(_option(question, value))
    if question.answer_type == AnswerType.MULTI:
        return _judge_several(question, value)
    if question.answer_type == AnswerType.PERCENT:
        return _judge_percent(question, int(value))
    if question.answer_type == AnswerType.DATE:
        return _judge_date(question, value, on)
    return NO_COLOUR


def _option(question: Question, code: str) -> Option | None:
    return next((option for option in question.options if option.code == code), None)


def _judge_option(option: Option | None) -> Judgement:
    if option is None:
        return NO_COLOUR
    if not option.scored and not option.rag:
        return Judgement(Rag.NA)
    if not option.rag:
        return NO_COLOUR
    why = f"“{option.label}” counts as {option.rag}." if option.rag in WEAK else ""
    return Judgement(Rag(option.rag), why, option.urgent)


def _judge_several(question: Question, codes: list[str]) -> Judgement:
    judged = [_judge_option(_option(question, code)) for code in codes]
    for rag in (Rag.RED, Rag.AMBER, Rag.GREEN):
        for judgement in judged:
            if judgement.rag == rag:
                return judgement
    has_colours = any(option.rag for option in question.options)
    return Judgement(Rag.GREEN) if has_colours else NO_COLOUR


def _judge_percent(question: Question, share: int) -> Judgement:
    if question.red_below is not None and share < question.red_below:
        return Judgement(Rag.RED, f"{share}% is below {question.red_below}%.", urgent=True)
    if question.amber_below is not None and share < question.amber_below:
        return Judgement(Rag.AMBER, f"{share}% is below {question.amber_below}%.")
    has_threshold = question.amber_below is not None or question.red_below is not None
    return Judgement(Rag.GREEN) if has_threshold else NO_COLOUR


def _judge_date(question: Question, value: str, on: date) -> Judgement:
    if value == NEVER:
        return Judgement(Rag.RED, "It has not been done yet.", urgent=True)
    if question.max_age_days is None:
        return NO_COLOUR
    day = date.fromisoformat(value)
    oldest = on - timedelta(days=question.max_age_days)
    if day >= oldest:
        return Judgement(Rag.GREEN)
    return Judgement(Rag.AMBER, f"{date_format(day, 'j F Y')} is more than {_period(question.max_age_days)} ago.")


def _period(days: int) -> str:
    years, rest = divmod(days, 365)
    if years and not rest:
        return "a year" if years == 1 else f"{years} years"
    return f"{days} days"


def needs_reason(question: Question, value: Any) -> bool:
    """Whether the chosen answer must be explained, as "not applicable" must."""
    option = _option(question, value) if question.answer_type in CHOOSE_ONE and value else None
    return bool(option and option.needs_reason)


def needs_action(question: Question, value: Any, *, on: date) -> bool:
    """Whether the answer is weak and counts, so that an action (what, who, by when) must go with it."""
    return judge(question, value, on=on).is_weak


def missing(question: Question, answer: Answer | None, *, on: date, held: Container[str] = frozenset()) -> list[str]:
    """What is still wanted of an answer, in words (``WANTED``); empty when it is whole.

    ``held`` are the texts of it that wait to be looked at: they have been given. Evidence is asked for, never required.
    """
    if answer is None or answer.value in EMPTY:
        return [] if _is_optional(question) or "value" in held else [WANTED["value"]]
    value, wanted = answer.value, []
    if _lacks_a_name(question, value):
        wanted.append(WANTED["name"])
    if needs_reason(question, value) and not answer.reason and "reason" not in held:
        wanted.append(WANTED["reason"])
    if needs_action(question, value, on=on):
        wanted += [WANTED[name] for name in ACTION if not getattr(answer, name) and name not in held]
    return wanted


def _is_optional(question: Question) -> bool:
    """Free texts, lists that may be empty, and choices that are taken from elsewhere can be left out."""
    return question.answer_type in {AnswerType.TEXT, AnswerType.REPEAT} or bool(question.options_from)


def _lacks_a_name(question: Question, value: Any) -> bool:
    return any(not person.get("name") for person in _people(question, value))


def _people(question: Question, value: Any) -> list[dict[str, str]]:
    """The people whom the answer names; none where people are not what is asked for."""
    if question.answer_type == AnswerType.REPEAT:
        return list(value)
    return [value] if question.answer_type in {AnswerType.PERSON, AnswerType.PERSON_WITH_DATES} else []


def display(question: Question, value: Any) -> list[str]:
    """``value`` as lines to read; ``["Not provided"]`` where there is none."""
    if value in EMPTY:
        return ["Not provided"]
    if question.answer_type in CHOOSE_ONE:
        option = _option(question, value)
        return [option.label if option else str(value)]
    if question.answer_type == AnswerType.MULTI:
        labels = {option.code: option.label for option in question.options}
        return [labels.get(code, code) for code in value]
    if question.answer_type == AnswerType.DATE:
        return ["Not done yet" if value == NEVER else _day(value)]
    if question.answer_type == AnswerType.PERCENT:
        return [f"{value}%"]
    if people := _people(question, value):
        return [_person(person) for person in people]
    return [str(value)]


def _day(value: str) -> str:
    return date_format(date.fromisoformat(value), "j F Y")


def _person(person: Mapping[str, str]) -> str:
    parts = [person.get("name", ""), person.get("email", "")]
    dates = [key for key in ("appointed", "trained") if person.get(key)]
    parts += [f"{PEOPLE_LABELS[key].lower()} {_day(person[key])}" for key in dates]
    return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class SectionResult:
    """A standard's answers, counted. ``rag`` None where nothing is scored yet."""

    green: int = 0
    amber: int = 0
    red: int = 0
    not_applicable: int = 0
    critical_red: int = 0

    @property
    def scored(self) -> int:
        """How many answers count: green, amber and red."""
        return self.green + self.amber + self.red

    @property
    def share_green(self) -> int | None:
        """Share of the answers that count which are green: a whole percentage, rounded half up; None if none counts."""
        return (self.green * 200 + self.scored) // (2 * self.scored) if self.scored else None

    @property
    def rag(self) -> Rag | None:
        """Red if a critical answer is red; amber if any is amber or red; else green. Source: the question set."""
        if self.critical_red:
            return Rag.RED
        if self.amber or self.red:
            return Rag.AMBER
        return Rag.GREEN if self.green else None


def section_result(
    section: Section, answers: Mapping[int, Answer], flags: Container[str], *, on: date
) -> SectionResult:
    """The result of one standard. Questions that do not apply count as not applicable. No query if prefetched."""
    counts = {"green": 0, "amber": 0, "red": 0, "not_applicable": 0, "critical_red": 0}
    for question in section.questions.all():
        if not question.scored:
            continue
        if not applies(question, flags):
            counts["not_applicable"] += 1
            continue
        answer = answers.get(question.pk)
        rag = judge(question, answer.value, on=on).rag if answer else None
        if rag is None:
            continue
        counts["not_applicable" if rag == Rag.NA else rag.value] += 1
        counts["critical_red"] += rag == Rag.RED and question.critical
    return SectionResult(**counts)


def overall(results: Iterable[SectionResult]) -> tuple[Rag | None, int | None]:
    """The worst standard's colour, and the mean of the standards' green shares (a whole percentage, half up).

    They are shown side by side, never the mean alone. Source: the question set's scoring.
    """
    found = list(results)
    colours = [result.rag for result in found]
    worst = next((rag for rag in (Rag.RED, Rag.AMBER, Rag.GREEN) if rag in colours), None)
    shares = [result.share_green for result in found if result.share_green is not None]
    return worst, (2 * sum(shares) + len(shares)) // (2 * len(shares)) if shares else None
