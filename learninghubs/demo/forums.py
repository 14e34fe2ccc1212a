"""The demo's forums: each hub's on the two themes before and on the one of today, with who came, what they learned and
thought, and the learning briefings. People, places and words are invented; so are the schools that present."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any, Final

from django.utils import timezone
from django.utils.text import slugify

from learninghubs.choices import BookingStatus, BriefingStatus, ForumStatus
from learninghubs.models import (
    Booking,
    Briefing,
    Evaluation,
    Forum,
    ForumPresenter,
    LearningHub,
    Theme,
)
from learninghubs.moves import HOLD_FORUM, PUBLISH_BRIEFING
from learninghubs.services.briefings import BRIEFING_PDF
from partnership.choices import OrganisationKind, Role
from partnership.demo import DOMAIN
from partnership.engine import documents
from partnership.engine.workflow import Move
from partnership.models import Organisation, RoleGrant, StatusChange, User

START, END = time(13, 30), time(16, 0)
PLACES: Final = 30
# By hub, in the order of their slugs: where it meets.
VENUES: Final = (
    "Community hall, Hertford",
    "Council chamber, Hemel Hempstead",
    "Civic room, Borehamwood",
    "Resource centre, Stevenage",
    "Library, Watford",
)
LINK: Final = "https://meet.hscp-demo.example/learning-hub"

FIRST_NAMES: Final = (
    *("Aisha", "Ben", "Carol", "Devon", "Elena", "Farid", "Gemma", "Hugo", "Imogen", "Jonas", "Kemi", "Lewis", "Mina"),
    *("Nathan", "Olu", "Paula", "Rafi", "Sian", "Tariq", "Una", "Victor", "Wendy", "Yusuf", "Zara"),
)
LAST_NAMES: Final = (
    *("Abbott", "Brightwell", "Castellan", "Dunmore", "Everly", "Fairclough", "Garnett", "Hallworth", "Iqbalson"),
    *("Jessop", "Kettering", "Longford", "Maddox", "Northcote", "Okpara", "Pemberton", "Quill", "Rosewarne"),
    *("Stanhope", "Thackeray", "Underhill", "Varga", "Westbrook", "Yardley"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """What was said on a theme. Each hub takes some of the lines."""

    topic: str
    about: str
    discussed: str
    learned: tuple[str, ...]
    practice: tuple[str, ...]
    questions: tuple[str, ...]


WORDS: Final = {
    "gangs-and-knife-crime": Words(
        "What our pupils told us about carrying knives",
        "How children are drawn in, what they say about it themselves, and what helps them to step back. Bring an "
        "example of what worked, without names.",
        "Two tables talked about the months before a first arrest. Those who knew the young people best, in schools "
        "and youth clubs, had seen the change and did not know whom to tell, or told somebody and heard nothing.",
        (
            "A change of friends, money or phone says more than one large event: small changes should be written down.",
            "Schools hear first. They want one number to ring, and an answer within five working days.",
            "A young person who carries a knife is most often afraid. Ask what of, before anything else.",
            "Exclusion is the moment at which exploitation finds a child: a plan is needed in the same week.",
            "Parents see the danger early and fear that telling us will cost them their child’s trust.",
            "Youth workers are known on the estate and invited to few meetings.",
        ),
        (
            "Ring back whoever made the contact within five days, even if there is nothing to say yet.",
            "Ask about journeys, phones and money in every first talk.",
            "Name in each plan who sees the young person at the weekend.",
            "Invite the youth worker who knows the child.",
            "Meet before a permanent exclusion, not after it.",
        ),
        (
            "Who in our team would notice a new phone?",
            "What did we last hear back from a referral, and when?",
            "Whom do we ring if a parent is frightened?",
        ),
    ),
    "neglect-noticing-early": Words(
        "How our breakfast club puts small signs together",
        "What each of us sees of a family, how we raise it and stay on their side, and when early help is not enough.",
        "Every table had a piece of the same picture: missed appointments, a cold flat, tiredness on Mondays. Nobody "
        "had all of them. People use different words for neglect, and wait for somebody else to be sure.",
        (
            "Each service sees a small part; a chronology that is shared shows the whole within an hour.",
            "“Not brought” says more than “did not attend”: it asks who should have brought the child.",
            "Families take help sooner when it is called by its use, a bed or a breakfast, and not by its form.",
            "Housing officers see the home and are seldom asked about it.",
            "Neglect of teenagers is written off as behaviour.",
            "The shared tool is known to half of us and used by a quarter.",
        ),
        (
            "Write “was not brought” in records, and ring after the second time.",
            "Use the shared tool with the family, at the kitchen table.",
            "Ask housing what they have seen before a first meeting.",
            "Start the chronology on the first day.",
            "Say what must change, by when, in words that a child would understand.",
        ),
        (
            "Which child are we worried about whom nobody has been asked about?",
            "When did we last use the shared tool?",
            "What would a teenager tell us about home on a Monday?",
        ),
    ),
    "emotional-wellbeing": Words(
        "The first hour of the day: what we changed",
        "What children tell us about coming to school, who offers what while a family waits, and how we share a plan.",
        "Children described the first hour as the hardest: noise, corridors, questions about yesterday. Families wait "
        "for one service while three others already know them, and are asked for the same story each time.",
        (
            "The first hour decides the day: a quiet way in and one known adult help more than any reward.",
            "Families tell their story four times before the first help comes.",
            "A child who is asked what would help names something small that can be done tomorrow.",
            "Attendance letters reach the families who are already trying hardest.",
            "While they wait, families want a person and not a leaflet.",
            "Young carers are seldom asked who is at home.",
        ),
        (
            "Offer a quiet way into school from the first week, not after a term.",
            "Share one plan, written with the child, with everybody who works with the family.",
            "Ring before a letter goes out.",
            "Name one person who stays in touch while the family waits.",
            "Ask every child who is often away who they look after.",
        ),
        (
            "What is the first hour like for our most anxious child?",
            "Who stays in touch while a family waits for us?",
            "Which of our letters could be a call?",
        ),
    ),
}
WILL_CHANGE: Final = (
    "Ring back the school the same week.",
    "Ask about the small changes and write them down.",
    "Invite the youth worker to our next meeting.",
    "Talk about the briefing in supervision.",
    "Find out who else knows the family before I ring.",
)
IMPROVE: Final = (
    "More time at the tables, fewer slides.",
    "Start at 14:00, after the school run.",
    "Hear from young people themselves, in their own recorded words.",
)


def load(on: date) -> None:
    """The forums as they are on ``on``. Hubs and themes are there already."""
    chance = Random(431)
    forums = Forum.objects.bulk_create(_forums(on))
    _presenters(forums, chance)
    held = [forum for forum in forums if forum.day < on]
    _bookings(forums, held, on, chance)
    _evaluations([forum for forum in held if forum.status == ForumStatus.HELD], chance)
    briefings = _briefings(held, on)
    _moves(held, briefings)


# --- When and where ---------------------------------------------------------------------------------------------------


def _forums(on: date) -> Iterator[Forum]:
    """One of each hub on each theme; on the theme of today two have been held and three are to come."""
    hubs = list(LearningHub.objects.select_related("group").order_by("group__slug"))
    themes = list(Theme.objects.order_by("starts"))
    for theme in themes:
        for number, hub in enumerate(hubs):
            yield _forum(hub, theme, number, on)


def _day_of(theme: Theme, number: int, on: date) -> date:
    """In the second month of a theme that is over; around ``on`` for the theme of today."""
    if not theme.is_on(on):
        return _weekday(theme.starts + timedelta(days=35 + 6 * number), number)
    past = _weekday(on - timedelta(days=(24, 10)[number]), number) if number < 2 else None
    if past is not None and theme.starts <= past < on:
        return past
    return _weekday(on + timedelta(days=6 + 7 * number), number)


def _weekday(day: date, number: int) -> date:
    """The first Tuesday, Wednesday or Thursday from ``day`` on."""
    return day + timedelta(days=(1 + number % 3 - day.weekday()) % 7)


def _forum(hub: LearningHub, theme: Theme, number: int, on: date) -> Forum:
    """Held if its day is over; but that of the second hub on the theme of today waits for its lead to record it."""
    words, day = WORDS[theme.slug], _day_of(theme, number, on)
    starts_at, ends_at = (_at(day, hour) for hour in (START, END))
    is_held = day < on and not (number == 1 and theme.is_on(on))
    return Forum(
        hub=hub,
        theme=theme,
        starts_at=starts_at,
        ends_at=ends_at,
        place=VENUES[number % len(VENUES)],
        link=LINK if number == 3 else "",
        places=(None, 24, 12, PLACES, PLACES)[number % 5],
        about=words.about,
        status=ForumStatus.HELD if is_held else ForumStatus.PLANNED,
        discussed=words.discussed if is_held else "",
        learned="\n".join(f"- {line}" for line in _some(words.learned, number, 4)) if is_held else "",
        others_came=number % 4 if is_held else 0,
        changed_at=starts_at - timedelta(days=40),
    )


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def _some(lines: tuple[str, ...], first: int, number: int) -> tuple[str, ...]:
    """So many of ``lines``, from another one on for each hub."""
    return tuple(lines[(first + step) % len(lines)] for step in range(number))


def _presenters(forums: list[Forum], chance: Random) -> None:
    """A school at each, and for some a service of young people."""
    schools = list(Organisation.objects.filter(kind=OrganisationKind.SCHOOL).order_by("pk")[:200])
    services = list(Organisation.objects.filter(kind=OrganisationKind.VOLUNTARY).order_by("pk"))
    rows = [(forum, chance.choice(schools), WORDS[forum.theme.slug].topic) for forum in forums if schools]
    rows += [(forum, chance.choice(services), "") for forum in forums[::2] if services]
    ForumPresenter.objects.bulk_create(
        ForumPresenter(forum=forum, organisation=organisation, topic=topic) for forum, organisation, topic in rows
    )


# --- Who booked and came ----------------------------------------------------------------------------------------------


def _bookings(forums: list[Forum], held: list[Forum], on: date, chance: Random) -> None:
    """Some twenty at each; to come, one is full and has a waiting list. Everybody was asked what they thought."""
    agencies = list(Organisation.objects.existing_on(on).order_by("pk")[:150])
    rows = [row for forum in forums for row in _bookings_of(forum, agencies, on, chance)]
    _give_one_to_the_practitioner([row for row in rows if row.forum not in held])
    Booking.objects.bulk_create(rows)


def _bookings_of(forum: Forum, agencies: list[Organisation], on: date, chance: Random) -> Iterator[Booking]:
    is_over = forum.status == ForumStatus.HELD
    number = 16 if forum.places == 12 else chance.randint(14, 22)
    first = min(forum.starts_at, _at(on, START)) - timedelta(days=30)
    for place, name in enumerate(_names(number, chance)):
        has_place = forum.places is None or place < forum.places
        came = chance.random() < 0.85 if has_place else None
        yield Booking(
            forum=forum,
            name=name,
            email=f"{slugify(name).replace('-', '.')}@{DOMAIN}",
            agency=chance.choice(agencies),
            status=BookingStatus.BOOKED if has_place else BookingStatus.WAITING,
            secret_hash=secrets.token_hex(32),  # its link is made with the first e-mail to it
            booked_at=first + timedelta(days=place // 2, hours=3 * (place % 2)),
            came=came if is_over else None,
            asked_at=forum.ends_at + timedelta(days=1) if is_over and came else None,
        )


def _names(number: int, chance: Random) -> Iterable[str]:
    """So many different names."""
    pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    return (f"{first} {last}" for first, last in chance.sample(pairs, number))


def _give_one_to_the_practitioner(rows: list[Booking]) -> None:
    """Somebody who can sign in to the demo finds a booking to come."""
    person = User.objects.filter(email=f"practitioner@{DOMAIN}").first()
    for row in islice((row for row in rows if person and row.status == BookingStatus.BOOKED), 1):
        row.person, row.name, row.email = person, person.name, person.email  # type: ignore[union-attr]


def _evaluations(held: list[Forum], chance: Random) -> None:
    """Most who came said what they thought."""
    came = Booking.objects.filter(forum__in=held, came=True).order_by("pk")
    answered = [row for row in came if chance.random() < 0.6]
    Booking.objects.filter(pk__in=[row.pk for row in answered]).update(has_evaluated=True)
    texts = {forum.pk: (_shuffled(WILL_CHANGE, chance), _shuffled(IMPROVE, chance)) for forum in held}
    days = {forum.pk: forum.day + timedelta(days=2) for forum in held}
    Evaluation.objects.bulk_create(
        Evaluation(
            forum_id=row.forum_id,
            useful=chance.choice((3, 4, 4, 5, 5, 5)),
            confident=chance.choice((2, 3, 4, 4, 4, 5)),
            will_change=next(texts[row.forum_id][0], ""),
            improve=next(texts[row.forum_id][1], ""),
            given_on=days[row.forum_id],
        )
        for row in answered
    )


def _shuffled(texts: tuple[str, ...], chance: Random) -> Iterator[str]:
    """Each of ``texts`` once, in any order: not everybody who answers writes something."""
    return iter(chance.sample(texts, len(texts)))


# --- Briefings --------------------------------------------------------------------------------------------------------


def _briefings(held: list[Forum], on: date) -> list[Briefing]:
    """Published for the themes that are over, but for one that was never finished; a draft for the theme of today."""
    recorded = [forum for forum in held if forum.status == ForumStatus.HELD]
    made = Briefing.objects.bulk_create(
        _briefing(forum, number, is_out=not forum.theme.is_on(on) and number != 7)
        for number, forum in enumerate(recorded)
    )
    for briefing in made:
        if briefing.status == BriefingStatus.PUBLISHED:
            documents.want(BRIEFING_PDF, about=briefing, by=None)
    return made


def _briefing(forum: Forum, number: int, *, is_out: bool) -> Briefing:
    words = WORDS[forum.theme.slug]
    return Briefing(
        forum=forum,
        title=forum.theme.title,
        context=words.discussed,
        messages="\n".join(_some(words.learned, number, 4)),
        practice="\n".join(_some(words.practice, number, 3 if is_out else 2)),
        questions="\n".join(_some(words.questions, number, 2)),
        status=BriefingStatus.PUBLISHED if is_out else BriefingStatus.DRAFT,
        published_at=forum.ends_at + timedelta(days=14) if is_out else None,
    )


def _moves(held: list[Forum], briefings: list[Briefing]) -> None:
    """Who recorded the forums and published the briefings, and when: the hubs' leads."""
    leads = {grant.group_id: grant.user for grant in _lead_grants()}
    out = [one for one in briefings if one.status == BriefingStatus.PUBLISHED]
    moved: list[tuple[Any, Forum, Move, datetime | None]]
    moved = [(forum, forum, HOLD_FORUM, forum.ends_at + timedelta(days=1)) for forum in held if forum.discussed]
    moved += [(one, one.forum, PUBLISH_BRIEFING, one.published_at) for one in out]
    StatusChange.objects.bulk_create(
        StatusChange(
            about=record,
            verb=move.verb,
            from_status=next(iter(move.sources)),
            to_status=move.target,
            by=leads.get(forum.hub.group_id),
            at=at or timezone.now(),
        )
        for record, forum, move, at in moved
    )


def _lead_grants() -> Iterable[RoleGrant]:
    return RoleGrant.objects.filter(role=Role.HUB_LEAD, ends=None).select_related("user")
