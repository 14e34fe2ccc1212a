"""Professional differences, read: the clock in words, the story of one, whom to name. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.formats import date_format

from hscp.lib.dates import working_days_between
from partnership.choices import EscalationStatus, OrganisationKind, ProcedureStatus
from partnership.models import (
    Escalation,
    EscalationContact,
    EscalationProcedure,
    EscalationStep,
    Organisation,
    StatusChange,
    User,
)
from partnership.moves import HAND_TO_UNIT, MOVE_UP


def published_procedure() -> EscalationProcedure | None:
    """The procedure in force, with its stages. Two queries."""
    return EscalationProcedure.objects.filter(status=ProcedureStatus.PUBLISHED).prefetch_related("stages").first()


def working_days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"


def clock(escalation: Escalation, *, on: date) -> str:
    """How the clock stands on a day, in words: "2 working days left", "Due today", "1 working day overdue"; empty
    where no clock runs."""
    due = escalation.due
    if escalation.status != EscalationStatus.OPEN or due is None:
        return ""
    if due == on:
        return "Due today"
    if due > on:
        return f"{working_days(working_days_between(on, due))} left"
    late = working_days_between(due, on)
    return f"{working_days(late)} overdue" if late else "Overdue"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, by whom, what, and what was written."""

    at: datetime
    by: str
    what: str
    text: str = ""


def story(escalation: Escalation, changes: Sequence[StatusChange]) -> list[Entry]:
    """What has happened to a difference, newest first: raised, answered, moved up, settled.

    ``changes`` are its changes of status in order, with ``by``; its steps are read once (``with_steps``).
    """
    return list(reversed(list(_story(escalation, changes))))


def _story(escalation: Escalation, changes: Sequence[StatusChange]) -> Iterator[Entry]:
    moves = [change for change in changes if change.verb in (MOVE_UP.verb, HAND_TO_UNIT.verb)]
    for number, step in enumerate(escalation.steps.all()):
        yield _begun(escalation, step) if number == 0 else _moved(step, moves[number - 1])
        if step.answered_at and step.answered_by:
            yield Entry(step.answered_at, str(step.answered_by), f"Answered at {_place(step)}", step.answer)
    if escalation.settled_on:
        yield _settled(escalation, changes[-1])


def _begun(escalation: Escalation, step: EscalationStep) -> Entry:
    what = f"Raised by {escalation.raising_organisation}, at {_place(step)}"
    return Entry(step.started_at, str(escalation.raised_by), what, _until(step))


def _moved(step: EscalationStep, change: StatusChange) -> Entry:
    text = "\n\n".join(filter(None, [change.note, _until(step)]))
    return Entry(step.started_at, change.by_name, f"Moved up to {_place(step)}", text)


def _settled(escalation: Escalation, change: StatusChange) -> Entry:
    text = change.note if escalation.status == EscalationStatus.WITHDRAWN else ""
    return Entry(change.at, change.by_name, escalation.get_status_display(), text)


def _place(step: EscalationStep) -> str:
    return f"stage {step.stage.order}: {step.stage.name}" if step.stage else "the business unit"


def _until(step: EscalationStep) -> str:
    return f"Answer due by {date_format(step.due, 'j F Y')}." if step.due else ""


# --- Contacts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgencyContacts:
    """Who answers for an agency, by the number of the stage."""

    organisation: Organisation
    named: dict[int, list[User]]

    def at(self, levels: Sequence[int]) -> list[list[User]]:
        """Who is named at each of ``levels``."""
        return [self.named.get(level, []) for level in levels]


def contacts_by_agency(*, on: date) -> list[AgencyContacts]:
    """The agencies that exist, with their contacts. Schools only where somebody is named, or a difference was raised
    with them: there are hundreds. Two queries."""
    wanted = ~Q(kind=OrganisationKind.SCHOOL)
    for used in (EscalationContact.objects.values("organisation"), Escalation.objects.values("other_organisation")):
        wanted |= Q(pk__in=used)
    found: dict[int, dict[int, list[User]]] = defaultdict(lambda: defaultdict(list))
    for contact in EscalationContact.objects.select_related("person"):
        found[contact.organisation_id][contact.level].append(contact.person)
    agencies = Organisation.objects.existing_on(on).filter(wanted)
    return [AgencyContacts(organisation, found[organisation.pk]) for organisation in agencies]


def people_of(organisation: Organisation, *, on: date) -> QuerySet[User]:
    """The active people who work for ``organisation``, hold a role there or are its contacts."""
    granted = organisation.grants.active(on).values("user")
    named = organisation.escalation_contacts.values("person")
    theirs = Q(organisation=organisation) | Q(pk__in=granted) | Q(pk__in=named)
    found: QuerySet[User] = User.objects.filter(theirs, is_active=True).order_by("name", "pk")
    return found
