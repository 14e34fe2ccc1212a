"""The demo's groups: the structure as it came to be, who sits where, and who chairs when.

The groups that are named are Hertfordshire's; how they hang together, their terms of reference, members and chairs are
invented, and so is which districts make a hub. Members are the demo's own people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from typing import NamedTuple

from django.utils import timezone

from partnership.choices import Capacity, GroupKind, OrganisationKind, Role
from partnership.models import (
    ChairRota,
    ChairTerm,
    FormerName,
    FormerPlace,
    Group,
    HandoverItem,
    HandoverStep,
    Membership,
    NamedSeat,
    Organisation,
    TermsOfReference,
    User,
)

BOARD_BEGAN, ARRANGEMENTS_BEGAN = date(2011, 4, 1), date(2019, 4, 1)
RENAMED, LATEST_TERMS = date(2022, 9, 1), date(2024, 3, 11)
ONE_DAY = timedelta(days=1)

EXECUTIVE, STAKEHOLDERS, AUDIT = "executive-group", "stakeholders-group", "performance-and-audit-group"
REVIEW_PANEL, POLICY, ADOLESCENTS = "review-panel", "policy-and-procedures", "safeguarding-adolescents"
KINDS = OrganisationKind


class Spec(NamedTuple):
    """One group of the demo; ``parent`` and ``merged`` are slugs."""

    slug: str
    name: str
    kind: GroupKind
    purpose: str
    parent: str = ""
    meetings: int | None = None
    starts: date | None = ARRANGEMENTS_BEGAN
    ends: date | None = None
    merged: str = ""
    footprint: str = ""
    drawn: bool = True


def specs(on: date) -> list[Spec]:
    """Every group, each after the one that it stands under."""
    return [*_main_groups(on), *_hubs(), *_linked_boards(), *_groups_of_the_past()]


def _main_groups(on: date) -> Iterator[Spec]:
    yield Spec(
        EXECUTIVE,
        "Executive Group",
        GroupKind.EXECUTIVE,
        "Drives the work of the partnership. It writes, runs and monitors the business plan, sets priority actions, "
        "directs the subgroups and makes sure that scrutiny is effective.",
        meetings=6,
    )
    yield Spec(
        STAKEHOLDERS,
        "Stakeholders Group",
        GroupKind.STAKEHOLDERS,
        "Brings the relevant agencies together. Its meetings are themed on local and national priorities and on what "
        "the data shows.",
        EXECUTIVE,
        4,
    )
    yield Spec(
        AUDIT,
        "Performance and Audit Group",
        GroupKind.SUBGROUP,
        "Judges the help that children are given, by data and by several multi-agency audits a year, and reports "
        "trends and risks to the Executive and the Stakeholders.",
        EXECUTIVE,
        6,
    )
    yield Spec(
        REVIEW_PANEL,
        "Local Child Safeguarding Review Panel",
        GroupKind.SUBGROUP,
        "Oversees reviews of serious cases, good practice and near misses, and sets out how lessons are spread.",
        EXECUTIVE,
        6,
    )
    yield Spec(
        POLICY,
        "Policy and Procedures Sub Group",
        GroupKind.SUBGROUP,
        "Keeps the procedures manual up to date.",
        EXECUTIVE,
        4,
    )
    yield Spec(
        "neglect-strategy",
        "Neglect Strategy Task and Finish Group",
        GroupKind.TASK_AND_FINISH,
        "Writes the next neglect strategy and brings it to the Executive Group, then ends.",
        AUDIT,
        6,
        starts=date(on.year - 1, 9, 1),
    )
    yield Spec(
        ADOLESCENTS,
        "Strategic Safeguarding Adolescents Group",
        GroupKind.SUBGROUP,
        "Owns actions on the safety of adolescents across the county’s strategies.",
        meetings=4,
        starts=date(2020, 9, 1),
        drawn=False,
    )


HUBS = (
    ("Broxbourne and East Hertfordshire", "broxbourne-and-east-herts"),
    ("Dacorum and St Albans", "dacorum-and-st-albans"),
    ("Hertsmere and Welwyn Hatfield", "hertsmere-and-welwyn-hatfield"),
    ("North Hertfordshire and Stevenage", "north-herts-and-stevenage"),
    ("Three Rivers and Watford", "three-rivers-and-watford"),
)


def _hubs() -> Iterator[Spec]:
    for area, slug in HUBS:
        yield Spec(
            f"hub-{slug}",
            f"Learning Hub: {area}",
            GroupKind.HUB,
            f"Practitioners and managers of all agencies in {area} learn together on three themes a year, and send "
            "what they find to the partnership.",
            STAKEHOLDERS,
            3,
            footprint=area,
        )


def _linked_boards() -> Iterator[Spec]:
    boards = (
        ("safeguarding-adults-board", "Hertfordshire Safeguarding Adults Board", "Safeguards adults with care needs."),
        (
            "health-and-wellbeing-board",
            "Health and Wellbeing Board",
            "Agrees how health and care services are planned for the county.",
        ),
        (
            "community-safety",
            "Community Safety Partnerships",
            "Reduce crime, disorder and serious violence in each district.",
        ),
    )
    for slug, name, purpose in boards:
        yield Spec(slug, name, GroupKind.LINKED_BOARD, purpose, starts=None)
    yield Spec(
        "child-death-overview-panel",
        "Child Death Overview Panel",
        GroupKind.LINKED_BOARD,
        "Reviews the deaths of all children who lived in the area, to learn what could prevent others.",
        starts=None,
        footprint="Hertfordshire",
    )


def _groups_of_the_past() -> Iterator[Spec]:
    board = "strategic-board"
    yield Spec(
        board,
        "Hertfordshire Safeguarding Children Board: Strategic Board",
        GroupKind.BOARD,
        "Led the safeguarding children board under an independent chair.",
        starts=BOARD_BEGAN,
        ends=ARRANGEMENTS_BEGAN,
        merged=EXECUTIVE,
    )
    for slug, name, into in (
        ("improving-outcomes", "Improving Outcomes Subgroup", AUDIT),
        ("learning-and-development", "Learning and Development Subgroup", STAKEHOLDERS),
        ("serious-case-reviews", "Serious Case Review Subgroup", REVIEW_PANEL),
    ):
        purpose = "A subgroup of the safeguarding children board, merged in the review of its arrangements."
        yield Spec(slug, name, GroupKind.SUBGROUP, purpose, board, 4, BOARD_BEGAN, ARRANGEMENTS_BEGAN, into)
    yield Spec(
        "governance-review-2018",
        "Governance Review Task and Finish Group",
        GroupKind.TASK_AND_FINISH,
        "Reviewed the arrangements and proposed those that began in April 2019.",
        board,
        starts=date(2017, 11, 15),
        ends=date(2018, 7, 1),
    )


# By slug: how many of each kind of organisation the terms of reference name, and the quorum.
SEATS: dict[str, tuple[int, dict[OrganisationKind, int]]] = {
    EXECUTIVE: (3, {KINDS.COUNCIL: 1, KINDS.POLICE: 1, KINDS.HEALTH: 1}),
    STAKEHOLDERS: (
        6,
        {
            KINDS.COUNCIL: 2,
            KINDS.POLICE: 1,
            KINDS.HEALTH: 3,
            KINDS.DISTRICT: 4,
            KINDS.PROBATION: 1,
            KINDS.VOLUNTARY: 2,
            KINDS.OTHER: 2,
        },
    ),
    AUDIT: (
        4,
        {KINDS.COUNCIL: 1, KINDS.POLICE: 1, KINDS.HEALTH: 2, KINDS.PROBATION: 1, KINDS.DISTRICT: 1},
    ),
    REVIEW_PANEL: (4, {KINDS.COUNCIL: 1, KINDS.POLICE: 1, KINDS.HEALTH: 2}),
    POLICY: (3, {KINDS.COUNCIL: 1, KINDS.POLICE: 1, KINDS.HEALTH: 1, KINDS.VOLUNTARY: 1, KINDS.DISTRICT: 1}),
    "neglect-strategy": (3, {KINDS.COUNCIL: 1, KINDS.POLICE: 1, KINDS.HEALTH: 1, KINDS.VOLUNTARY: 1}),
    ADOLESCENTS: (3, {KINDS.COUNCIL: 1, KINDS.POLICE: 1, KINDS.HEALTH: 1, KINDS.PROBATION: 1, KINDS.DISTRICT: 1}),
} | {f"hub-{slug}": (0, {KINDS.COUNCIL: 1, KINDS.POLICE: 1, KINDS.HEALTH: 1, KINDS.DISTRICT: 2}) for _, slug in HUBS}

TEXT = (
    "Purpose\n{purpose}\n\nMembership\nEach agency named below sends somebody senior enough to commit it, and a deputy "
    "where that person cannot come.\n\nMeetings\n{meetings}Papers go out five working days before a meeting.\n\n"
    "Quorum\n{quorum}\n\nReview\nThe group reads these terms of reference once a year."
)

HANDOVER = (
    "Talk through the plan, its risks and what the group is in the middle of",
    "Go through the open actions and decisions of the group",
    "Introduce the next chair to the business unit and the independent scrutineer",
    "Hand over the dates of the year’s meetings, and the agenda of the next",
    "Tell members and linked boards who chairs from when",
)


def load(on: date) -> None:
    """Groups, their terms of reference with named seats, members and chairs, as they are on ``on``."""
    groups = load_groups(on)
    seats = load_terms(groups, on)
    sitting = load_members(groups, seats, on)
    load_chairs(groups, sitting, on)


def load_groups(on: date) -> dict[str, Group]:
    """Every group by slug, with former names and places."""
    rows = specs(on)
    made: dict[str, Group] = {}
    for order, spec in enumerate(rows):
        made[spec.slug] = Group.objects.create(
            slug=spec.slug,
            name=spec.name,
            kind=spec.kind,
            purpose=spec.purpose,
            parent=made.get(spec.parent),
            meetings_a_year=spec.meetings,
            starts=spec.starts,
            ends=spec.ends,
            merged_into=made.get(spec.merged),
            footprint=spec.footprint,
            on_structure=spec.drawn,
            order=order,
        )
    FormerName.objects.bulk_create(
        [
            FormerName(group=made[STAKEHOLDERS], name="Strategic Partnership Group", until=RENAMED),
            FormerName(group=made[AUDIT], name="Audit and Performance Subgroup", until=RENAMED),
        ]
    )
    FormerPlace.objects.create(group=made[POLICY], parent=made[AUDIT], until=RENAMED)
    return made


Seating = dict[str, list[tuple[Organisation, int]]]


def load_terms(groups: dict[str, Group], on: date) -> Seating:
    """The terms of reference, and by slug the organisations that they name with their seats. The first version of the
    review panel's still names bodies that have ended since."""
    by_kind = _organisations(on)
    seating: Seating = {}
    for slug, (quorum, numbers) in SEATS.items():
        seating[slug] = [
            (body, 2 if kind == KINDS.COUNCIL and slug != EXECUTIVE else 1)
            for kind, number in numbers.items()
            for body in by_kind[kind][:number]
        ]
        began = groups[slug].starts or ARRANGEMENTS_BEGAN
        versions = [began] if slug == REVIEW_PANEL or began > LATEST_TERMS else [began, LATEST_TERMS]
        for version, day in enumerate(versions, start=1):
            _write_terms(groups[slug], version, day, quorum, seating[slug])
    _name_ended_bodies(groups[REVIEW_PANEL])
    return seating


def _organisations(on: date) -> dict[str, list[Organisation]]:
    """By kind, the statutory partners first; schools are not among them."""
    found: dict[str, list[Organisation]] = defaultdict(list)
    bodies = Organisation.objects.existing_on(on).other_than_schools()
    for body in bodies.order_by("-is_statutory_partner", "pk"):
        found[body.kind].append(body)
    return found


def _write_terms(
    group: Group, version: int, day: date, quorum: int, seating: list[tuple[Organisation, int]]
) -> TermsOfReference:
    meetings = f"The group means to meet {group.meetings_a_year} times a year. " if group.meetings_a_year else ""
    needed = f"{quorum} members, among them two of the statutory partners." if quorum else "None is set."
    terms = TermsOfReference.objects.create(
        group=group,
        version=version,
        text=TEXT.format(purpose=group.purpose, meetings=meetings, quorum=needed),
        in_force_from=day,
        quorum=quorum,
        agreed_at="Executive Group",
    )
    NamedSeat.objects.bulk_create(NamedSeat(terms=terms, organisation=body, number=number) for body, number in seating)
    return terms


def _name_ended_bodies(group: Group) -> None:
    """Let the seats of the health board be those of the groups that came before it, as in 2019."""
    terms = group.terms.get()
    board = terms.seats.filter(organisation__predecessors__isnull=False).first()
    if board is not None:
        ended = list(board.organisation.predecessors.order_by("pk"))
        board.delete()
        NamedSeat.objects.bulk_create(NamedSeat(terms=terms, organisation=body) for body in ended)


def load_members(groups: dict[str, Group], seating: Seating, on: date) -> dict[str, list[Membership]]:
    """Who sits where, by slug. One seat in eight is vacant, but none of a statutory partner; members change over the
    years, and some have a deputy."""
    people = _people(on)
    chairs = {body: cycle(staff) for body, staff in people.items()}
    rows: dict[str, list[Membership]] = {}
    count = 0
    for slug, seats in seating.items():
        wanted = [body for body, number in seats for _ in range(number) if body in people]
        rows[slug] = []
        seated: set[User] = set()
        for body in wanted:
            count += 1
            person = next((one for one in islice(chairs[body], len(people[body])) if one not in seated), None)
            if person is None or (count % 8 == 0 and not body.is_statutory_partner):
                continue
            seated.add(person)
            rows[slug].append(_membership(groups[slug], person, body, count, on))
        rows[slug] += _deputies(groups[slug], rows[slug], people, seated, on)
    made = Membership.objects.bulk_create([row for some in rows.values() for row in some])
    Membership.objects.bulk_create(_observers(groups, on))
    Membership.objects.bulk_create(_past_members(made, people, on))
    return rows


def _people(on: date) -> dict[Organisation, list[User]]:
    """The demo's own people by the organisation that they work for; schools' are left to their schools."""
    found: dict[Organisation, list[User]] = defaultdict(list)
    staff = User.objects.there(on=on).exclude(organisation=None).select_related("organisation").order_by("pk")
    for person in staff.exclude(organisation__kind=KINDS.SCHOOL):
        found[person.organisation].append(person)
    return found


def _membership(group: Group, person: User, body: Organisation, count: int, on: date) -> Membership:
    began = max(group.starts or ARRANGEMENTS_BEGAN, on - timedelta(days=200 + 97 * (count % 9)))
    return Membership(group=group, person=person, organisation=body, starts=began)


def _deputies(
    group: Group, members: list[Membership], people: dict[Organisation, list[User]], seated: set[User], on: date
) -> Iterator[Membership]:
    """A deputy for every third member who has a colleague."""
    for member in members[::3]:
        deputy = next((one for one in people[member.organisation] if one not in seated), None)
        if deputy is not None:
            seated.add(deputy)
            yield Membership(
                group=group,
                person=deputy,
                organisation=member.organisation,
                capacity=Capacity.DEPUTY,
                starts=member.starts,
            )


def _observers(groups: dict[str, Group], on: date) -> Iterator[Membership]:
    """The scrutineer looks on where the partnership is led and where it judges itself."""
    host = Organisation.objects.existing_on(on).filter(kind=KINDS.COUNCIL, is_statutory_partner=True).first()
    scrutineer = User.objects.holding(Role.SCRUTINEER, on=on).first()
    if host and scrutineer:
        for slug in (EXECUTIVE, AUDIT):
            yield Membership(
                group=groups[slug],
                person=scrutineer,
                organisation=scrutineer.organisation or host,
                capacity=Capacity.OBSERVER,
                starts=on - timedelta(days=600),
            )


def _past_members(members: list[Membership], people: dict[Organisation, list[User]], on: date) -> Iterator[Membership]:
    """Who sat there before every fourth member."""
    known = {(row.group_id, row.person_id) for row in members}
    for member in members[::4]:
        began = max(member.group.starts or ARRANGEMENTS_BEGAN, member.starts - timedelta(days=500))
        colleagues = people[member.organisation]
        before = next((one for one in colleagues if (member.group_id, one.pk) not in known), None)
        if before is not None and began < member.starts:
            known.add((member.group_id, before.pk))
            yield Membership(
                group=member.group, person=before, organisation=member.organisation, starts=began, ends=member.starts
            )


# --- Chairs ----------------------------------------------------------------------------------------------------------


def load_chairs(groups: dict[str, Group], sitting: dict[str, list[Membership]], on: date) -> None:
    """Rotas of the statutory partners and four years of terms: one group has had nobody in the chair since six weeks,
    one hands over within ninety days, one has done most of its hand-over."""
    HandoverItem.objects.bulk_create(HandoverItem(text=text, order=order) for order, text in enumerate(HANDOVER, 1))
    partners = list(Organisation.objects.existing_on(on).filter(is_statutory_partner=True).order_by("pk"))
    turns = {
        EXECUTIVE: _april_after(on),
        STAKEHOLDERS: _april_after(on),
        AUDIT: on + timedelta(days=60),
        REVIEW_PANEL: on + timedelta(days=31),
        POLICY: on - timedelta(days=44),
        "neglect-strategy": on + timedelta(days=300),
        ADOLESCENTS: on + timedelta(days=210),
    }
    for number, (slug, last_turn) in enumerate(turns.items()):
        bodies = partners[number % len(partners) :] + partners[: number % len(partners)]
        ChairRota.objects.bulk_create(
            ChairRota(group=groups[slug], organisation=body, order=order) for order, body in enumerate(bodies, 1)
        )
        ChairTerm.objects.bulk_create(_terms(groups[slug], bodies, sitting[slug], last_turn))
    _name_the_next(groups[REVIEW_PANEL], sitting[REVIEW_PANEL], on)
    _write_steps(groups[REVIEW_PANEL], on)


def _april_after(on: date) -> date:
    return date(on.year + (on >= date(on.year, 4, 1)), 4, 1)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else date(day.year - 1, 2, 28)


def _terms(group: Group, bodies: list[Organisation], members: list[Membership], last_turn: date) -> Iterator[ChairTerm]:
    """Four terms of a year each, the last of which ends on ``last_turn``; fewer for a young group."""
    ends = last_turn
    for body in islice(cycle(reversed(bodies)), 4):
        starts = _year_before(ends)
        if group.starts and ends <= group.starts:
            return
        chair = next((row for row in members if row.organisation_id == body.pk), None)
        if chair is not None:
            begins = max(starts, group.starts or starts)
            yield ChairTerm(group=group, person=chair.person, organisation=body, starts=begins, ends=ends)
        ends = starts


def _name_the_next(group: Group, members: list[Membership], on: date) -> None:
    last = group.chair_terms.order_by("-ends").first()
    heir = next((row for row in members if last and row.organisation_id != last.organisation_id), None)
    if last is not None and heir is not None:
        ends = _year_before(last.ends).replace(year=last.ends.year + 1)
        ChairTerm.objects.create(
            group=group, person=heir.person, organisation=heir.organisation, starts=last.ends, ends=ends
        )


def _write_steps(group: Group, on: date) -> None:
    """The hand-over lists of every term in the chair; of the one that ends next, three steps are done."""
    steps = []
    for term in ChairTerm.objects.select_related("person").order_by("pk"):
        done = len(HANDOVER) if term.ends <= on else 3 if term.group_id == group.pk and term.is_on(on) else 0
        day = min(term.ends, on) - timedelta(days=5)
        at = timezone.make_aware(datetime.combine(day, time(10, 30)))
        for order, text in enumerate(HANDOVER, 1):
            fields = {"done_by": term.person, "done_at": at} if order <= done else {}
            steps.append(HandoverStep(term=term, text=text, order=order, **fields))
    HandoverStep.objects.bulk_create(steps)
