"""What comes next for a return, and what has come of it: asked by its pages and by the home page. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from partnership.models import StatusChange, User
from schools.choices import CollectionStatus, ReturnStatus, SignOffKind
from schools.models import Return
from schools.models.returns import ReturnQuerySet
from schools.moves import ACCEPT, QUERY, SEND_BACK, SEND_TO_HEAD, START, SUBMIT
from schools.permissions import Perm

SCHOOL_PERMS = (Perm.EDIT_RETURN, Perm.CONFIRM_RETURN, Perm.SIGN_GOVERNANCE)


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: a sentence and, where it is the person's own to do, the words and address of the link."""

    sentence: str
    action: str = ""
    url: str = ""


def with_all(returns: ReturnQuerySet) -> ReturnQuerySet:
    """``returns`` with what a step is worked out from, in the one query."""
    return returns.select_related("organisation", "collection").with_governance()


def permitted(user: User, returns: Sequence[Return]) -> dict[int, frozenset[str]]:
    """What of a school's part ``user`` may do with each of ``returns``, by id. Three queries at most."""
    found: dict[int, set[str]] = {record.pk: set() for record in returns}
    for perm in SCHOOL_PERMS:
        for pk in Return.objects.allowed(user, perm).filter(pk__in=found).order_by().values_list("pk", flat=True):
            found[pk].add(perm)
    return {pk: frozenset(perms) for pk, perms in found.items()}


def next_step(record: Return, may: Iterable[str], *, on: date) -> Step:
    """What comes next for ``record`` (from ``with_all``), for a person who ``may`` do these things. No query."""
    if record.is_submitted:
        return _governance_step(record, may, on)
    if not record.is_open(on=on):
        return Step(_closed(record, on))
    if record.status == ReturnStatus.WITH_HEAD:
        if Perm.CONFIRM_RETURN in may:
            return Step(
                "It waits for you.", "Read the summary and confirm", reverse("schools:summary", args=[record.pk])
            )
        return Step("The head reads it, and confirms or sends it back.")
    if Perm.EDIT_RETURN in may:
        action = "Start the return" if record.status == ReturnStatus.NOT_STARTED else "Go on with the return"
        return Step(f"It is to be submitted by {_day(record.due(on=on))}.", action, record.get_absolute_url())
    return Step("The designated safeguarding lead and deputies fill it in.")


def _governance_step(record: Return, may: Iterable[str], on: date) -> Step:
    if record.governance_signed or record.governance_due is None:
        return Step("Nothing more is wanted of the school.")
    late = "was" if record.governance_due < on else "is"
    sentence = f"Governance sign-off {late} due by {_day(record.governance_due)}."
    if Perm.SIGN_GOVERNANCE in may:
        return Step(sentence, "Sign for the governors", reverse("schools:governance", args=[record.pk]))
    return Step(sentence)


def _closed(record: Return, on: date) -> str:
    if record.collection.status == CollectionStatus.DRAFT:
        return "It has not opened yet."
    if on > record.deadline:
        return f"The final deadline was {_day(record.deadline)}. Ask the business unit if you need more time."
    return "The collection is closed. Ask the business unit if you need more time."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def clock(at: datetime) -> str:
    """The time of day as GOV.UK writes it: "9:05am"."""
    local = timezone.localtime(at)
    return f"{local:%I:%M%p}".lstrip("0").lower()


def note_of_head(record: Return) -> StatusChange | None:
    """What the head sent the return back with, while it is being worked on since; None otherwise. One query at most."""
    if record.status != ReturnStatus.IN_PROGRESS:
        return None
    last = StatusChange.objects.about(record).select_related("by").order_by("-pk").first()
    return last if last and last.verb == SEND_BACK.verb else None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a return, as the timeline shows it."""

    at: datetime
    by: str
    what: str
    text: str = ""


def story(record: Return) -> list[Happening]:
    """What has happened to ``record``, newest first: moves, governance, more time, replies. Four queries."""
    moves = [
        Happening(change.at, change.by_name, _sentence(change.verb), change.note)
        for change in StatusChange.objects.about(record).select_related("by")
    ]
    governance = [
        Happening(signed.at, signed.name, "Signed for the governors")
        for signed in record.sign_offs.filter(kind=SignOffKind.GOVERNANCE)
    ]
    extensions = [
        Happening(given.granted_at, str(given.granted_by), f"Gave more time, until {_day(given.until)}", given.reason)
        for given in record.extensions.select_related("granted_by")
    ]
    replies = [
        Happening(query.replied_at, str(query.replied_by), "Replied to a query", query.reply)
        for query in record.queries.select_related("replied_by")
        if query.replied_at
    ]
    return sorted([*moves, *governance, *extensions, *replies], key=lambda happening: happening.at, reverse=True)


PAST = {
    START.verb: "Started the return",
    SEND_TO_HEAD.verb: "Sent the return to the head",
    SEND_BACK.verb: "Sent the return back",
    SUBMIT.verb: "Confirmed and submitted the return",
    QUERY.verb: "Put a query to the school",
    ACCEPT.verb: "Accepted the return",
}


def _sentence(verb: str) -> str:
    return PAST.get(verb, verb[:1].upper() + verb[1:])
