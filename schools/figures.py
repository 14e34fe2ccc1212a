"""Registered figures of the schools app: defined once, shown wherever a number of returns or answers is shown.

How far schools have come is known to everyone who sees these figures, for every school. What schools answered is given
as ``Results``, which hide small groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from partnership.choices import Role
from partnership.engine.figures import figure
from partnership.models import Invitation, RoleGrant
from schools import contacts
from schools.choices import CollectionStatus, ContactState, ReturnStatus, SchoolStatus, SectionKind
from schools.models import SUBMITTED, Answer, Collection, Return, School, SectionProgress
from schools.models.register import OPEN
from schools.models.returns import ReturnQuerySet
from schools.results import PATHS, Group, Results, share


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a collection, or one group of it, has come: numbers of schools."""

    not_started: int = 0
    in_progress: int = 0
    with_head: int = 0
    submitted: int = 0
    accepted: int = 0
    governance_pending: int = 0

    @property
    def asked(self) -> int:
        """Every school asked."""
        return self.not_started + self.in_progress + self.with_head + self.returned

    @property
    def returned(self) -> int:
        """Schools whose head has submitted, accepted returns included."""
        return self.submitted + self.accepted

    @property
    def rate(self) -> Decimal | None:
        """``returned`` as a share of ``asked``: see ``share``."""
        return share(self.returned, self.asked)


def counted_returns(*collections: int) -> ReturnQuerySet:
    """The returns that count in the figures of collections (by id): a school that closed without submitting counts as
    not asked."""
    closed = Q(organisation__school__status__in=[SchoolStatus.CLOSED, SchoolStatus.PROPOSED])
    returns: ReturnQuerySet = Return.objects.filter(collection__in=collections)
    return returns.exclude(closed & ~Q(status__in=SUBMITTED))


@figure("schools.progress", "Returns by status", "schools")
def progress(collection: Collection) -> Progress:
    """How many of the schools asked have not started, are in progress, are with the head, have submitted, are accepted,
    and how many submitted returns still wait for the governance confirmation.

    A school that closed during the collection without submitting counts as not asked. One query.
    """
    return progress_by_collection([collection])[collection.pk]


@figure("schools.progress_by_group", "Returns by status and group", "schools")
def progress_by_group(collection: Collection, dimension: str) -> list[tuple[Group, Progress]]:
    """The same as "Returns by status" for each district, phase or type of school, by name. One query.

    Nothing is hidden here: whether a school has returned is known to those who may see this. Raises ``KeyError`` for an
    unknown dimension.
    """
    found = _counted(counted_returns(collection.pk), PATHS[dimension])
    return [(Group(dimension, value or ""), Progress(**counts)) for value, counts in found.items()]


def progress_by_collection(collections: Iterable[Collection]) -> dict[int, Progress]:
    """ "Returns by status" of several collections by their ids, those without returns included. One query."""
    wanted = [collection.pk for collection in collections]
    found = _counted(counted_returns(*wanted), "collection")
    return {pk: Progress(**found[pk]) if pk in found else Progress() for pk in wanted}


def _counted(returns: ReturnQuerySet, path: str) -> dict[Any, dict[str, int]]:
    """The numbers of ``Progress`` for each value of ``path``, in its order."""
    pending = Count("pk", filter=Q(status__in=SUBMITTED, governance_signed=False))
    counts = {status.value: Count("pk", filter=Q(status=status)) for status in ReturnStatus}
    rows = returns.with_governance().order_by().values(path).annotate(**counts, governance_pending=pending)
    return {row.pop(path): row for row in rows.order_by(path)}


@figure("schools.completion_rate", "Share of schools that returned", "%")
def completion_rate(collection: Collection) -> Decimal | None:
    """Share of the schools asked whose head has submitted: a percentage, 0-100, to one decimal place (half up).

    None if no school was asked; one that closed during the collection without submitting counts as not asked. One
    query. Worked example: 280 of 535 schools is 52.3%.
    """
    return progress(collection).rate


@figure("schools.never_reached", "Schools asked in which nobody who can fill the return has ever signed in", "schools")
def never_reached(collection: Collection) -> int:
    """How many schools asked have not submitted and have no designated safeguarding lead or deputy who has ever signed
    in: nobody is named, or not invited, or the invitation was not taken up. One query."""
    return counted_returns(collection.pk).filter(unreached()).count()


@figure("schools.never_invited", "Schools asked in which nobody who can fill the return was invited", "schools")
def never_invited(collection: Collection) -> int:
    """How many of the schools that were never reached have nobody, either, who was sent an invitation. One query."""
    return counted_returns(collection.pk).filter(uninvited()).count()


def unreached() -> Q:
    """Returns that are not submitted, of schools in which nobody who can fill them has ever signed in: a filter."""
    return ~Q(status__in=SUBMITTED) & Q(~Exists(_leads().filter(user__last_login__isnull=False)))


def uninvited() -> Q:
    """Those of ``unreached`` in whose schools nobody who can fill them was sent an invitation: a filter."""
    return unreached() & Q(~Exists(_leads().filter(Exists(Invitation.objects.filter(user=OuterRef("user"))))))


def _leads() -> QuerySet[RoleGrant]:
    """Who can fill the return of the outer query."""
    active = RoleGrant.objects.active(timezone.localdate()).filter(user__is_active=True)
    return active.filter(organisation=OuterRef("organisation"), role__in=[Role.DSL, Role.DEPUTY_DSL])


@figure("schools.overdue_governance", "Governance confirmations overdue", "schools")
def overdue_governance(collection: Collection, *, on: date) -> int:
    """How many submitted returns have no governance confirmation although its due date is before ``on``. One query."""
    return overdue_by_collection([collection], on=on)[collection.pk]


def overdue_by_collection(collections: Iterable[Collection], *, on: date) -> dict[int, int]:
    """ "Governance confirmations overdue" of several collections by their ids. One query."""
    wanted = [collection.pk for collection in collections]
    overdue = counted_returns(*wanted).submitted().with_governance().filter(governance_signed=False)
    rows = overdue.filter(governance_due__lt=on).order_by().values_list("collection").annotate(number=Count("pk"))
    return dict.fromkeys(wanted, 0) | dict(rows)


@dataclass(frozen=True, slots=True)
class ContactGaps:
    """Who is missing among the contacts of open schools: numbers of schools, and numbers of people."""

    without_dsl: int
    without_head: int
    without_chair: int
    never_signed_in: int
    never_invited: int


@figure("schools.contact_gaps", "Missing contacts", "schools and people")
def contact_gaps(*, at: datetime) -> ContactGaps:
    """How many open schools have, at ``at``, nobody named as designated safeguarding lead, as head, as chair or
    proprietor; and how many of the people named in any role of an open school have never signed in, and how many of
    those were never sent an invitation.

    A person named at two schools counts once. Someone whose account is closed is not named. Two queries.
    """
    vacancies = {
        "without_dsl": contacts.vacant_q(Role.DSL, at=at),
        "without_head": contacts.vacant_q(Role.HEADTEACHER, at=at),
        "without_chair": contacts.vacant_q(Role.CHAIR_OF_GOVERNORS, at=at),
    }
    schools = School.objects.open().aggregate(**{name: Count("pk", filter=q) for name, q in vacancies.items()})
    people = contacts.current(at=at).filter(organisation__school__status__in=OPEN).order_by()
    never_signed_in = Count("user", distinct=True, filter=~Q(state=ContactState.ACTIVE))
    never_invited = Count("user", distinct=True, filter=Q(state=ContactState.NEVER_INVITED))
    return ContactGaps(**schools, **people.aggregate(never_signed_in=never_signed_in, never_invited=never_invited))


# --- What the schools answered ----------------------------------------------------------------------------------------


@figure("schools.standards", "Results by standard", "schools")
def standards(collection: Collection) -> Results:
    """In how many of the submitted returns each standard (by its code) is green, amber, red or not applicable.

    A standard is red if a critical answer in it is red, amber if any answer is amber or red, else green, as on the day
    of submission; not applicable if nothing in it was scored. Source: the question set's scoring.
    """
    codes = dict(collection.question_set.sections.filter(kind=SectionKind.STANDARD).values_list("pk", "code"))
    return Results(collection, SectionProgress.objects.all(), "section", codes)


@figure("schools.questions", "Results by question", "schools")
def questions(collection: Collection, keys: Iterable[str] | None = None) -> Results:
    """In how many of the submitted returns the answer to each scored question (by its key) is green, amber or red.

    The rest are not applicable: the question was not asked of the school, or answered as not applicable (a return is
    not submitted before every question that applies is answered). ``keys`` are the questions that are wanted; None is
    all of them.
    """
    asked = collection.question_set.questions.filter(scored=True, section__kind=SectionKind.STANDARD).order_by()
    if keys is not None:
        asked = asked.filter(key__in=list(keys))
    return Results(collection, Answer.objects.all(), "question", dict(asked.values_list("pk", "key")))


def year_before(collection: Collection) -> Collection | None:
    """The collection of the year before, if there was one. One query."""
    found = Collection.objects.filter(kind=collection.kind, academic_year=collection.academic_year - 1)
    return found.exclude(status=CollectionStatus.DRAFT).select_related("question_set").first()
