"""The demo's hubs with their districts and leads, and three themes: two past, and the one of today.

The ten districts are facts. How they fold into five hubs, the leads and the sessions are invented; the resources are
pages that everybody can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from hscp.lib.dates import academic_year, add_months
from learninghubs.models import District, HubDistrict, LearningHub, SchoolSession, Theme, ThemeResource
from learninghubs.themes import last_day_of
from partnership.choices import Role
from partnership.demo import DOMAIN, PASSWORD
from partnership.models import Group, Organisation, Priority, RoleGrant, User

BOARD: Final = "executive-group"
MONTHS: Final = 4  # of a theme: three in a year


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub of the demo: its group, districts and lead."""

    slug: str
    account: str
    districts: tuple[str, ...]
    lead: str
    job_title: str
    employer: str


HUBS: Final = (
    Hub(
        "broxbourne-and-east-herts",
        "hublead-broxbourne",
        ("Broxbourne", "East Hertfordshire"),
        "Marcus Ellery",
        "Early help manager",
        "Hertfordshire County Council",
    ),
    Hub(
        "dacorum-and-st-albans",
        "hublead-dacorum",
        ("Dacorum", "St Albans"),
        "Sunita Varley",
        "Named nurse for safeguarding children",
        "Hertfordshire Community NHS Trust",
    ),
    Hub(
        "hertsmere-and-welwyn-hatfield",
        "hublead-hertsmere",
        ("Hertsmere", "Welwyn Hatfield"),
        "Owen Trevarrow",
        "Chief inspector, neighbourhoods",
        "Hertfordshire Constabulary",
    ),
    Hub(
        "north-herts-and-stevenage",
        "hublead-stevenage",
        ("North Hertfordshire", "Stevenage"),
        "Folake Adebanjo",
        "Community safety manager",
        "Stevenage Borough Council",
    ),
    Hub(
        "three-rivers-and-watford",
        "hublead-watford",
        ("Three Rivers", "Watford"),
        "Clare Penhallow",
        "Youth work lead",
        "Lantern Young People’s Project",
    ),
)

INTRODUCTION: Final = (
    "Everybody who works with children in {districts} can come: from schools, health, social care, the police, "
    "housing, youth work and the voluntary sector.\n\n"
    "We meet on each theme, hear from schools and services, and send the Board what should change. "
    "You hear back what it answered, and why."
)

# Title, slug, slug of the priority that it serves, purpose; the oldest first.
THEMES: Final = (
    (
        "Gangs and knife crime",
        "gangs-and-knife-crime",
        "gangs-and-knife-crime",
        "Children are drawn into gangs and carry knives out of fear as often as for gain. We want every practitioner "
        "to know the signs, whom to ring, and what helps a child to step back.\n\n"
        "- How children are drawn in, and the moments at which they can be reached\n"
        "- What schools, youth work and the police can do together\n"
        "- How we talk with parents who are frightened themselves",
    ),
    (
        "Neglect: noticing early",
        "neglect-noticing-early",
        "neglect",
        "Neglect builds up slowly and in many places at once. We want those who see a small part of it to put the "
        "parts together sooner.\n\n"
        "- What a school, a health visitor and a housing officer each see\n"
        "- How to raise it with a family and stay on their side\n"
        "- When early help is not enough",
    ),
    (
        "Emotional wellbeing and anxious attendance",
        "emotional-wellbeing",
        "emotional-wellbeing",
        "More children find it hard to come to school, or to stay there. We want families to meet adults who agree "
        "with each other about what comes next.\n\n"
        "- What children tell us about the first hour of the day\n"
        "- Who offers what while a family waits\n"
        "- How services share a plan that the child has had a say in",
    ),
)

WORKING_TOGETHER = (
    "Working together to safeguard children",
    "https://www.gov.uk/government/publications/working-together-to-safeguard-children--2",
    "The statutory guidance for everybody who works with children.",
)
RESOURCES: Final = {
    "gangs-and-knife-crime": (
        (
            "Criminal exploitation of children and vulnerable adults: county lines",
            "https://www.gov.uk/government/publications/criminal-exploitation-of-children-and-vulnerable-adults-county-lines",
            "How to recognise it, and what to do.",
        ),
        ("#knifefree", "https://www.knifefree.co.uk/", "Stories and lessons for young people."),
        WORKING_TOGETHER,
    ),
    "neglect-noticing-early": (
        (
            "Neglect",
            "https://learning.nspcc.org.uk/child-abuse-and-neglect/neglect",
            "What it is, its signs, and what research says.",
        ),
        WORKING_TOGETHER,
    ),
    "emotional-wellbeing": (
        (
            "Mental health and behaviour in schools",
            "https://www.gov.uk/government/publications/mental-health-and-behaviour-in-schools--2",
            "Advice of the Department for Education.",
        ),
        (
            "Working together to improve school attendance",
            "https://www.gov.uk/government/publications/working-together-to-improve-school-attendance",
            "Who does what when a child does not come.",
        ),
    ),
}

# Title, about, months after the theme began, hour: each a session for schools that mirrors a theme.
SESSIONS: Final = (
    (
        "Twilight for designated safeguarding leads: {theme}",
        "What the hubs have learned so far, for your staff.",
        1,
        16,
    ),
    ("For governors: questions to ask about {theme}", "An hour online. Bring your last report to governors.", 3, 18),
)


def load(on: date) -> None:
    """The hubs as they are on ``on``, and the themes. Groups, the Board and priorities are there already."""
    hubs = _hubs()
    _districts(hubs)
    leads = _leads(hubs, on)
    themes = _themes(on, leads)
    _resources(themes)
    _sessions(themes)


def _hubs() -> dict[str, LearningHub]:
    """A hub of each group, by the slug that it has in ``HUBS``."""
    groups = {group.slug: group for group in Group.objects.all()}
    made = LearningHub.objects.bulk_create(
        LearningHub(
            group=groups[f"hub-{hub.slug}"],
            reports_to=groups[BOARD],
            introduction=INTRODUCTION.format(districts=" and ".join(hub.districts)),
        )
        for hub in HUBS
    )
    return {spec.slug: hub for spec, hub in zip(HUBS, made, strict=True)}


def _districts(hubs: dict[str, LearningHub]) -> None:
    pairs = [(name, hubs[spec.slug]) for spec in HUBS for name in spec.districts]
    districts = District.objects.bulk_create(District(name=name) for name, _ in pairs)
    HubDistrict.objects.bulk_create(
        HubDistrict(hub=hub, district=district, starts=hub.group.starts)
        for district, (_, hub) in zip(districts, pairs, strict=True)
    )


def _leads(hubs: dict[str, LearningHub], on: date) -> list[User]:
    """A lead of each hub, who can sign in."""
    password, employers = make_password(PASSWORD), {one.name: one for one in Organisation.objects.other_than_schools()}
    seen = timezone.make_aware(datetime.combine(on - timedelta(days=3), time(9, 40)))
    people = User.objects.bulk_create(
        User(
            email=f"{spec.account}@{DOMAIN}",
            name=spec.lead,
            job_title=spec.job_title,
            organisation=employers[spec.employer],
            password=password,
            last_login=seen,
        )
        for spec in HUBS
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(user=person, role=Role.HUB_LEAD, group=hubs[spec.slug].group, starts=add_months(on, -20))
        for spec, person in zip(HUBS, people, strict=True)
    )
    return people


def _themes(on: date, leads: list[User]) -> list[Theme]:
    """The theme that is on and the two before it, each of four months, the first of a year from 1 September."""
    began = _began(on)
    priorities = {priority.slug: priority for priority in Priority.objects.all()}
    days = [add_months(began, MONTHS * back) for back in (-2, -1, 0)]
    return Theme.objects.bulk_create(
        Theme(
            title=title,
            slug=slug,
            purpose=purpose,
            academic_year=academic_year(starts),
            number=(starts.month - 9) % 12 // MONTHS + 1,
            starts=starts,
            ends=min(add_months(starts, MONTHS) - timedelta(days=1), last_day_of(academic_year(starts))),
            lead=lead,
            serves=priorities[serves],
        )
        for (title, slug, serves, purpose), starts, lead in zip(THEMES, days, leads, strict=False)
    )


def _began(on: date) -> date:
    """The first day of the four months in which ``on`` lies: of September, January or May."""
    first = date(academic_year(on), 9, 1)
    return max(start for start in (first, add_months(first, MONTHS), add_months(first, 2 * MONTHS)) if start <= on)


def _resources(themes: list[Theme]) -> None:
    ThemeResource.objects.bulk_create(
        ThemeResource(theme=theme, title=title, url=url, about=about, order=order)
        for theme in themes
        for order, (title, url, about) in enumerate(RESOURCES[theme.slug], start=1)
    )


def _sessions(themes: list[Theme]) -> None:
    SchoolSession.objects.bulk_create(
        SchoolSession(
            theme=theme,
            title=title.format(theme=theme.title[:1].lower() + theme.title[1:]),
            about=about,
            starts_at=_at(_weekday(add_months(theme.starts, months)), hour),
            ends_at=_at(_weekday(add_months(theme.starts, months)), hour + 1),
            place="" if "online" in about else "Twilight venue of the schools’ service, Stevenage",
            link="https://meet.hscp-demo.example/governors" if "online" in about else "",
        )
        for theme in themes
        for title, about, months, hour in SESSIONS
    )


def _weekday(day: date) -> date:
    """The first Tuesday from ``day`` on."""
    return day + timedelta(days=(1 - day.weekday()) % 7)


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
