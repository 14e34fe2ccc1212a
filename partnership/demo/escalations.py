"""The demo's professional differences: some at each stage, settled, urgent and overdue; and good practice recognised.

The agencies are those of the demo; who raised what, what was said and every reference is invented.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from hscp.lib.dates import add_working_days, is_working_day
from partnership.choices import EscalationStatus as S
from partnership.choices import OrganisationKind, Role
from partnership.models import (
    Escalation,
    EscalationContact,
    EscalationProcedure,
    EscalationStage,
    EscalationStep,
    EscalationTheme,
    GoodPractice,
    Organisation,
    StatusChange,
    User,
)
from partnership.moves import ANSWER_ESCALATION, HAND_TO_UNIT, MOVE_UP, RESOLVE_ESCALATION, WITHDRAW_ESCALATION
from partnership.services import escalation_procedures
from partnership.services.escalations import NO_ANSWER

COUNCIL, POLICE = "Hertfordshire County Council", "Hertfordshire Constabulary"
BOARD = "Hertfordshire and West Essex Integrated Care Board"
TRUST, COMMUNITY = "East and North Hertfordshire Teaching NHS Trust", "Hertfordshire Community NHS Trust"
MENTAL = "Hertfordshire Partnership University NHS Foundation Trust"
PROBATION, FAMILY = "Probation Service, East of England", "Alder Gate Family Support"

THRESHOLD, SHARING, QUALITY, CONFERENCE, CAPACITY, VOICE = range(6)  # places of the themes that the portal comes with

# What happened: A answered, C moved up by the clock, U moved up by a person, R settled, W withdrawn.
ANSWERED, CLOCK, UP, RESOLVED, WITHDRAWN = "ACURW"


class Spec(NamedTuple):
    """One difference: how many working days ago it was raised, by whom, with whom, about what, and what happened."""

    days_ago: int
    raising: str
    other: str
    theme: int
    story: str = ""
    urgent: bool = False


SPECS = (
    Spec(380, COUNCIL, TRUST, SHARING, "AR"),
    Spec(352, FAMILY, COUNCIL, THRESHOLD, "CAR"),
    Spec(331, POLICE, COUNCIL, CONFERENCE, "AR"),
    Spec(290, COMMUNITY, COUNCIL, THRESHOLD, "AUAR"),
    Spec(251, COUNCIL, MENTAL, CAPACITY, "CCAR"),
    Spec(214, BOARD, POLICE, SHARING, "AR"),
    Spec(180, FAMILY, COUNCIL, VOICE, "W"),
    Spec(151, TRUST, COUNCIL, QUALITY, "AR"),
    Spec(120, COUNCIL, PROBATION, SHARING, "CAR"),
    Spec(88, POLICE, MENTAL, CAPACITY, "AR", urgent=True),
    Spec(61, COMMUNITY, COUNCIL, THRESHOLD, "AUAR"),
    Spec(40, COUNCIL, MENTAL, CAPACITY, "CCC"),
    Spec(33, FAMILY, COUNCIL, THRESHOLD, "AUAUC"),
    Spec(14, TRUST, COUNCIL, CONFERENCE, "CC"),
    Spec(9, COUNCIL, TRUST, QUALITY, "C"),
    Spec(7, FAMILY, COUNCIL, SHARING, "A"),
    Spec(6, COUNCIL, COMMUNITY, THRESHOLD, "AU"),
    Spec(3, COUNCIL, POLICE, SHARING),
    Spec(1, FAMILY, COUNCIL, VOICE),
    Spec(0, MENTAL, COUNCIL, THRESHOLD, urgent=True),
)
DIFFERENCES = (
    "We believe that the family needs a statutory assessment. The referral was closed with advice to use early help.",
    "We asked for information that the plan depends on, and were told that consent is needed first. We read the "
    "guidance differently.",
    "The assessment does not take up what three agencies reported. We think that the plan does not reduce the risk.",
    "The conference was held at two days’ notice, without the professionals who know the family best.",
    "The service has no place before the end of the quarter. We think that the wait is not safe for this age group.",
    "The plan was agreed before anybody had spoken with the young person alone.",
)
SOUGHT = (
    "A second look at the decision by a manager of both agencies.",
    "The information, or the reason in writing and who can decide otherwise.",
    "A revised plan that answers each point, before the next review.",
    "A conference with everyone who works with the family.",
    "An interim offer until there is a place.",
    "A visit by the worker whom the young person trusts, and the plan agreed again after it.",
)
ANSWER = "We have read our file again and spoken with the worker. Our view and the reasons are set out in our letter."
HIGHER_ANSWER = "Both services met. We take the point, and have agreed what each does by when."
OUTCOMES = (
    "The case was opened for assessment, with early help going on beside it.",
    "The information was shared the same day. Both agencies wrote down why consent was not needed.",
    "The plan was written again with all agencies at the table.",
    "A further conference was held, with the school nurse and the officer in the case.",
    "An interim worker was found, and the wait is reviewed each fortnight.",
    "The plan was changed after a visit.",
)
LEARNING = (
    "Referrals that quote the threshold document word for word were decided sooner: a template has been shared.",
    "Staff were unsure when information may be shared without consent. A one-page guide goes into induction.",
    "A check by a second manager before a plan is signed would have caught this.",
    "Notice of conferences now goes to every agency’s shared mailbox.",
    "",
    "Ask in supervision: who has spoken with the young person alone?",
)
PRACTICE = (
    (40, POLICE, COUNCIL, "The neighbourhood team told us of a pattern across three addresses before anyone was hurt."),
    (95, COUNCIL, COMMUNITY, "A school nurse stayed two hours after clinic so that a young person could talk first."),
    (23, TRUST, FAMILY, "The worker came to the ward with the family, and the discharge plan was done in one meeting."),
    (12, COUNCIL, POLICE, "The duty social worker joined our briefing at six in the morning and knew every answer."),
    (4, COMMUNITY, COUNCIL, "Health visitors offered joint visits while we were short of staff."),
)


def load(on: date) -> None:
    """A published procedure, contacts of the main agencies, some twenty differences and good practice."""
    procedure = escalation_procedures.publish(escalation_procedures.draft(by=None), by=None)
    agencies = {row.name: row for row in Organisation.objects.exclude(kind=OrganisationKind.SCHOOL)}
    people = _people(agencies)
    _name_contacts(agencies, people, levels=procedure.stages.count())
    _load_differences(procedure, agencies, people, on)
    _load_practice(agencies, people, on)


def _people(agencies: dict[str, Organisation]) -> dict[str, list[User]]:
    """Who works for each agency, those who can sign in to the demo last; its practitioner for the one that supports
    families."""
    practitioner = User.objects.holding(Role.PRACTITIONER, on=timezone.localdate()).filter(organisation=None).first()
    found: dict[str, list[User]] = {name: [] for name in agencies}
    staff = User.objects.filter(organisation__in=agencies.values()).select_related("organisation")
    for person in sorted(staff, key=lambda person: (person.has_usable_password(), person.pk)):
        found[person.organisation.name].append(person)
    if practitioner is not None:
        practitioner.organisation = agencies[FAMILY]
        practitioner.save(update_fields=["organisation"])
        found[FAMILY].append(practitioner)
    return found


def _name_contacts(agencies: dict[str, Organisation], people: dict[str, list[User]], *, levels: int) -> None:
    """Of each agency with people somebody for each stage; the last to join for the first, and so on upwards."""
    EscalationContact.objects.bulk_create(
        EscalationContact(organisation=agencies[name], level=level, person=person)
        for name, staff in people.items()
        for level, person in enumerate(islice(reversed(staff), levels), start=1)
    )


# --- Differences ------------------------------------------------------------------------------------------------------


class Told:
    """One difference as its story is told: the rows that it leaves behind, step by step."""

    def __init__(
        self, spec: Spec, escalation: Escalation, stages: list[EscalationStage], answerers: list[User]
    ) -> None:
        self.spec, self.escalation, self.stages, self.answerers = spec, escalation, stages, answerers
        self.steps: list[EscalationStep] = []
        self.changes: list[StatusChange] = []
        self.at = escalation.raised_at
        self._begin(escalation.stage)
        for event in spec.story:
            self._happen(event)

    def _happen(self, event: str) -> None:
        happenings = {
            ANSWERED: self._answer,
            CLOCK: self._clock,
            UP: self._up,
            RESOLVED: self._resolve,
            WITHDRAWN: self._end,
        }
        happenings[event]()

    def _begin(self, stage: EscalationStage | None) -> None:
        one = self.escalation
        one.due = None
        if stage is not None:
            one.stage = stage
            days = stage.urgent_days if one.is_urgent else stage.days
            one.due = add_working_days(timezone.localdate(self.at), days)
        self.steps.append(EscalationStep(escalation=one, stage=stage, started_at=self.at, due=one.due))

    def _move(self, verb: str, status: str, by: User | None, note: str = "") -> None:
        one = self.escalation
        self.changes.append(
            StatusChange(
                about_type=ContentType.objects.get_for_model(Escalation),
                verb=verb,
                from_status=one.status,
                to_status=status,
                by=by,
                at=self.at,
                note=note,
            )
        )
        one.status = status

    def _later(self, days: int, hour: int) -> None:
        self.at = _moment(add_working_days(timezone.localdate(self.at), days), hour)

    def _answer(self) -> None:
        self._later(1, 14)
        step, by = self.steps[-1], self.answerers[min(len(self.steps), len(self.answerers)) - 1]
        step.answer = ANSWER if len(self.steps) == 1 else HIGHER_ANSWER
        step.answered_by, step.answered_at = by, self.at
        self.escalation.due = None
        self._move(ANSWER_ESCALATION.verb, S.ANSWERED, by)

    def _clock(self) -> None:
        due = self.escalation.due
        self.at = _moment(add_working_days(due, 1) if due else timezone.localdate(self.at), 7)
        self._leave(None, NO_ANSWER)

    def _up(self) -> None:
        self._later(1, 10)
        self._leave(self.escalation.raised_by, "The answer does not deal with the risk that we described.")

    def _leave(self, by: User | None, note: str) -> None:
        step = self.steps[-1]
        step.left_at, step.moved_up_by, step.moved_by_clock = self.at, by, by is None
        stage = next((each for each in self.stages if each.order == self.escalation.stage.order + 1), None)
        move, status = (MOVE_UP, S.OPEN) if stage else (HAND_TO_UNIT, S.WITH_UNIT)
        self._move(move.verb, status, by, note)
        self._begin(stage)

    def _resolve(self) -> None:
        self._later(1, 16)
        self._move(RESOLVE_ESCALATION.verb, S.RESOLVED, self.escalation.raised_by)
        self.escalation.outcome, self.escalation.learning = OUTCOMES[self.spec.theme], LEARNING[self.spec.theme]
        self._settle()

    def _end(self) -> None:
        self._later(2, 11)
        note = "The worker has changed, and the matter was settled in conversation."
        self._move(WITHDRAW_ESCALATION.verb, S.WITHDRAWN, self.escalation.raised_by, note)
        self._settle()

    def _settle(self) -> None:
        self.steps[-1].left_at = self.at
        self.escalation.due, self.escalation.settled_on = None, timezone.localdate(self.at)


def _load_differences(
    procedure: EscalationProcedure, agencies: dict[str, Organisation], people: dict[str, list[User]], on: date
) -> None:
    told = list(_told(procedure, agencies, people, on))
    Escalation.objects.bulk_create(one.escalation for one in told)
    for one in told:
        for step in one.steps:
            step.escalation = one.escalation  # which has its key by now
        for change in one.changes:
            change.about_id = one.escalation.pk
    EscalationStep.objects.bulk_create(step for one in told for step in one.steps)
    StatusChange.objects.bulk_create(change for one in told for change in one.changes)


def _told(
    procedure: EscalationProcedure, agencies: dict[str, Organisation], people: dict[str, list[User]], on: date
) -> Iterator[Told]:
    stages, themes = list(procedure.stages.all()), list(EscalationTheme.objects.all())
    numbers: Counter[int] = Counter()
    for spec in SPECS:
        day = _working_days_before(on, spec.days_ago)
        numbers[day.year] += 1
        urgent = [stage for stage in stages if stage.takes_urgent and spec.urgent]
        escalation = Escalation(
            reference=f"PD-{day.year}-{numbers[day.year]:03d}",
            procedure=procedure,
            stage=(urgent or stages)[0],
            raised_by=people[spec.raising][-1],
            raising_organisation=agencies[spec.raising],
            other_organisation=agencies[spec.other],
            theme=themes[spec.theme],
            own_reference=f"{spec.raising[:2].upper()}/{day:%y}/{100 + spec.days_ago}",
            difference=DIFFERENCES[spec.theme],
            sought=SOUGHT[spec.theme],
            is_urgent=spec.urgent,
            raised_at=_moment(day, 9),
        )
        yield Told(spec, escalation, stages, list(reversed(people[spec.other])))


def _working_days_before(on: date, days: int) -> date:
    """The working day that lies ``days`` working days before ``on`` (on that day itself, for none)."""
    day = on
    while days or not is_working_day(day):
        day -= timedelta(days=1)
        days -= 1 if days and is_working_day(day) else 0
    return day


def _moment(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 20)))


# --- Good practice ----------------------------------------------------------------------------------------------------


def _load_practice(agencies: dict[str, Organisation], people: dict[str, list[User]], on: date) -> None:
    GoodPractice.objects.bulk_create(
        GoodPractice(
            organisation=agencies[to],
            recognised_by=people[by][-1],
            by_organisation=agencies[by],
            what=what,
            recognised_at=_moment(on - timedelta(days=days), 12),
        )
        for days, to, by, what in PRACTICE
    )
