"""Figures of the learning loop: each defined once. They are counted over facts, which are read in one query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from hscp.lib.dates import working_days_between
from learninghubs.board import with_meetings_had
from learninghubs.choices import MEETINGS_TO_ANSWER, Answer, Impact, SuggestionStatus
from learninghubs.models import ImpactCheck
from learninghubs.models.suggestions import DECIDED, SuggestionQuerySet
from partnership.choices import ActionStatus
from partnership.engine.figures import figure
from partnership.figures import share

S = SuggestionStatus
TAKEN_UP = (Answer.ACCEPTED, Answer.IN_PART)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is counted of one suggestion. ``meetings`` is how many meetings of the Board were held from the day it was
    put to it until it was answered, or until now; ``impact`` is what was last said of it, "too early" left aside."""

    hub: int
    theme: int | None
    agency: int | None
    status: str
    received_on: date
    answered_on: date | None
    told_on: date | None
    answer: str
    action: str
    impact: str
    meetings: int

    @property
    def is_answered(self) -> bool:
        return self.status in DECIDED


def facts_of(suggestions: SuggestionQuerySet, *, on: date) -> list[Fact]:
    """The facts of the confirmed ones of ``suggestions`` on ``on``. One query."""
    said = ImpactCheck.objects.filter(response=OuterRef("response")).exclude(outcome__in=["", Impact.TOO_EARLY])
    last = Subquery(said.order_by("-checked_at").values("outcome")[:1])
    counted = with_meetings_had(suggestions.confirmed(), on).annotate(impact=last).order_by()
    fields = ("hub_id", "theme_id", "agency_id", "status", "received_at", "fed_back_at", "impact", "meetings_had")
    responses = ("response__answered_on", "response__answer", "response__action__status")
    return [_fact(row) for row in counted.values(*fields, *responses)]


def _fact(row: dict[str, Any]) -> Fact:
    told = row["fed_back_at"]
    return Fact(
        hub=row["hub_id"],
        theme=row["theme_id"],
        agency=row["agency_id"],
        status=row["status"],
        received_on=timezone.localdate(row["received_at"]),
        answered_on=row["response__answered_on"],
        told_on=timezone.localdate(told) if told else None,
        answer=row["response__answer"] or "",
        action=row["response__action__status"] or "",
        impact=row["impact"] or "",
        meetings=row["meetings_had"],
    )


@figure("learninghubs.received", "Suggestions made", "suggestions")
def received(facts: Sequence[Fact]) -> int:
    """How many suggestions were made, by authors who confirmed that it was they: those that were merged into another
    count too, for each is somebody's. No query beyond the facts."""
    return len(facts)


@figure("learninghubs.by_state", "Suggestions by state", "suggestions")
def by_state(facts: Sequence[Fact]) -> dict[str, int]:
    """How many suggestions are in each state, states without any included: together they are "Suggestions made". No
    query beyond the facts."""
    counts = Counter(fact.status for fact in facts)
    return {status.value: counts[status] for status in S if status != S.UNCONFIRMED}


@figure("learninghubs.answered", "Suggestions answered", "suggestions")
def answered(facts: Sequence[Fact]) -> int:
    """How many suggestions the Board has answered; those that were merged into one answer count once. No query beyond
    the facts."""
    return sum(fact.is_answered for fact in facts)


@figure("learninghubs.days_to_answer", "Working days from sent to answered", "working days")
def days_to_answer(facts: Sequence[Fact]) -> Decimal | None:
    """The median of the working days from the day on which a suggestion was written to the meeting that answered it, to
    half a day; None if none is answered. Merged ones count once, from the day of the one that they went into.

    No query beyond the facts. Worked example: answered after 10, 20 and 60 working days, the median is 20.
    """
    return _median(_days(fact.received_on, fact.answered_on) for fact in facts if fact.is_answered)


@figure("learninghubs.days_to_tell", "Working days from answered to told", "working days")
def days_to_tell(facts: Sequence[Fact]) -> Decimal | None:
    """The median of the working days from the meeting that answered a suggestion to the day on which the last of its
    authors was told, to half a day; None if nobody was told. Those who still wait do not count. No query beyond the
    facts."""
    return _median(_days(fact.answered_on, fact.told_on) for fact in facts if fact.status == S.FED_BACK)


def _days(first: date | None, last: date | None) -> int | None:
    return working_days_between(first, last) if first and last else None


def _median(days: Iterable[int | None]) -> Decimal | None:
    known = [number for number in days if number is not None]
    return Decimal(median(known)).quantize(Decimal("0.1")) if known else None


@figure("learninghubs.answered_in_time", "Share answered within two meetings of the Board", "%")
def answered_in_time(facts: Sequence[Fact]) -> Decimal | None:
    """Of the suggestions that the Board has answered, or has had for two of its meetings without answering, the share
    that was answered at the first or second meeting held after it was put to the Board: a percentage, 0-100, to one
    decimal place (half up). None if there is none of either. Those that are not due yet do not count.

    No query beyond the facts. Worked example: 3 answered in time, 1 at the third meeting, 1 overdue: 60.0%.
    """
    due = [fact for fact in facts if fact.is_answered or is_overdue(fact)]
    return share(sum(fact.is_answered and fact.meetings <= MEETINGS_TO_ANSWER for fact in due), len(due))


@figure("learninghubs.overdue", "Suggestions not answered after two meetings of the Board", "suggestions")
def overdue(facts: Sequence[Fact]) -> int:
    """How many suggestions are with the Board although two of its meetings have been held since they were put to it. No
    query beyond the facts."""
    return sum(map(is_overdue, facts))


def is_overdue(fact: Fact) -> bool:
    """Whether the Board has had it for two meetings without answering."""
    return fact.status == S.WITH_BOARD and fact.meetings >= MEETINGS_TO_ANSWER


@figure("learninghubs.accepted", "Share of answers that take the suggestion up", "%")
def accepted(facts: Sequence[Fact]) -> Decimal | None:
    """Of the suggestions answered, the share that was accepted, wholly or in part: a percentage, 0-100, to one decimal
    place (half up); None if none is answered. "Already happening" does not count as accepted. No query beyond the
    facts."""
    return share(sum(fact.is_answered and fact.answer in TAKEN_UP for fact in facts), answered(facts))


@figure("learninghubs.by_answer", "Answers of the Board by kind", "suggestions")
def by_answer(facts: Sequence[Fact]) -> dict[str, int]:
    """How many suggestions the Board answered in each way, ways without any included: together they are "Suggestions
    answered". No query beyond the facts."""
    counts = Counter(fact.answer for fact in facts if fact.is_answered)
    return {answer.value: counts[answer] for answer in Answer}


@figure("learninghubs.actions_done", "Share of actions from suggestions that are done", "%")
def actions_done(facts: Sequence[Fact]) -> Decimal | None:
    """Of the actions that answers led to, cancelled ones left aside, the share that is done: a percentage, 0-100, to
    one decimal place (half up); None if there is none. No query beyond the facts."""
    actions = [fact.action for fact in facts if fact.is_answered and fact.action not in {"", ActionStatus.CANCELLED}]
    return share(actions.count(ActionStatus.DONE), len(actions))


@figure("learninghubs.impact_shown", "Share of actions checked that have made a difference", "%")
def impact_shown(facts: Sequence[Fact]) -> Decimal | None:
    """Of the answers for which it was said, 3 or 12 months later, what became of them, the share where the last word is
    that it has made a difference: a percentage, 0-100, to one decimal place (half up). Where it is too early to say,
    nothing was said. None if nothing was said of any. No query beyond the facts."""
    said = [fact.impact for fact in facts if fact.is_answered and fact.impact]
    return share(said.count(Impact.SHOWN), len(said))


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of one hub, theme or agency: see the figure of each name."""

    label: str
    received: int
    answered: int
    overdue: int
    days_to_answer: Decimal | None
    days_to_tell: Decimal | None
    answered_in_time: Decimal | None
    accepted: Decimal | None
    actions_done: Decimal | None
    impact_shown: Decimal | None


def tally(label: str, facts: Sequence[Fact]) -> Tally:
    """Every figure of ``facts`` that is one number."""
    return Tally(
        label,
        received(facts),
        answered(facts),
        overdue(facts),
        days_to_answer(facts),
        days_to_tell(facts),
        answered_in_time(facts),
        accepted(facts),
        actions_done(facts),
        impact_shown(facts),
    )


def tallies(facts: Sequence[Fact], key: Callable[[Fact], Any], names: dict[Any, str]) -> list[Tally]:
    """The figures for each of ``names``, in their order; ``key`` says to which a fact belongs. Those without any fact
    are left out."""
    found = {one: [fact for fact in facts if key(fact) == one] for one in names}
    return [tally(names[one], rows) for one, rows in found.items() if rows]
