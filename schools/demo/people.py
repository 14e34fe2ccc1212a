"""The people of the demo's schools: heads, leads, deputies and chairs. Everybody is invented."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from partnership.choices import Role
from partnership.demo import DOMAIN, PASSWORD
from partnership.models import Invitation, RoleGrant, User
from partnership.services.people import hash_secret
from schools.models import School

FIRST_NAMES = [
    "Aisha",
    "Alan",
    "Amira",
    "Andrew",
    "Anita",
    "Beatrice",
    "Ben",
    "Callum",
    "Carmen",
    "Catherine",
    "Chidi",
    "Claire",
    "Daniel",
    "Deepa",
    "Diana",
    "Edwin",
    "Elena",
    "Emeka",
    "Farah",
    "Fiona",
    "Gareth",
    "Grace",
    "Hannah",
    "Harpreet",
    "Hugo",
    "Ines",
    "Isaac",
    "Jamila",
    "Janet",
    "Joanna",
    "Kamal",
    "Karen",
    "Lena",
    "Liam",
    "Lucia",
    "Malik",
    "Maria",
    "Martin",
    "Mei",
    "Mohsin",
    "Nadia",
    "Niamh",
    "Oliver",
    "Omar",
    "Patience",
    "Paul",
    "Priya",
    "Rachel",
    "Rafael",
    "Rosa",
    "Samir",
    "Sarah",
    "Simon",
    "Sunita",
    "Tamsin",
    "Theo",
    "Usha",
    "Victor",
    "Wendy",
    "Yusuf",
    "Zoe",
]
LAST_NAMES = [
    "Abbott",
    "Adeyemi",
    "Ahmed",
    "Ashdown",
    "Barker",
    "Begum",
    "Bhatt",
    "Brennan",
    "Carver",
    "Chandra",
    "Clarke",
    "Costa",
    "Dalton",
    "Desai",
    "Dunmore",
    "Eaton",
    "Ferreira",
    "Fletcher",
    "Garland",
    "Gill",
    "Greenhalgh",
    "Hadley",
    "Hussain",
    "Ingram",
    "Iqbal",
    "Jarvis",
    "Kapoor",
    "Kaur",
    "Kendrick",
    "Langley",
    "Lim",
    "Mackenzie",
    "Malone",
    "Marsh",
    "Mensah",
    "Nair",
    "Newbold",
    "Nowak",
    "Okafor",
    "Osborne",
    "Patel",
    "Pemberton",
    "Quigley",
    "Rahman",
    "Redfern",
    "Rosario",
    "Sandhu",
    "Sheppard",
    "Singh",
    "Sparrow",
    "Tanner",
    "Thornhill",
    "Turner",
    "Underwood",
    "Varga",
    "Walsh",
    "Whitlock",
    "Winters",
    "Yates",
    "Zaman",
]

# How many schools of the demo have somebody in each role: the business unit's list of gaps must have something on it.
SHARES = {Role.DSL: 0.95, Role.HEADTEACHER: 0.97, Role.CHAIR_OF_GOVERNORS: 0.9, Role.DEPUTY_DSL: 0.7}
JOB_TITLES = {
    Role.DSL: "Assistant headteacher",
    Role.DEPUTY_DSL: "Pastoral lead",
    Role.HEADTEACHER: "Headteacher",
    Role.CHAIR_OF_GOVERNORS: "Chair of governors",
}
ACCOUNTS = {
    Role.DSL: "dsl",
    Role.DEPUTY_DSL: "deputy",
    Role.HEADTEACHER: "head",
    Role.CHAIR_OF_GOVERNORS: "chair",
}

# The schools whose people can sign in to the demo, by their place in the register (schools.demo.returns says in what
# state their returns are).
SHOWN = ("in progress", "with the head", "submitted")


class Post(NamedTuple):
    """One person to be in one role at one school."""

    school: School
    role: Role
    user: User


def load(chance: Random, schools: list[School], on: date) -> None:
    """Make the people, their roles and their invitations: a few statements, whatever the number of schools."""
    password = make_password(PASSWORD)  # slow by design: once for all
    posts = [post for number, school in enumerate(schools) for post in _posts(chance, school, number, on)]
    for post in posts:
        post.user.password = password if post.user.password else make_password(None)
    User.objects.bulk_create(post.user for post in posts)
    RoleGrant.objects.bulk_create(
        RoleGrant(
            user=post.user,
            role=post.role,
            organisation_id=post.school.pk,
            starts=date(on.year - chance.randint(1, 4), chance.choice((1, 4, 9)), 1),
        )
        for post in posts
    )
    Invitation.objects.bulk_create(_invitation(post.user, on) for post in posts)


def _posts(chance: Random, school: School, number: int, on: date) -> list[Post]:
    is_shown = number < len(SHOWN)
    roles = [role for role, share in SHARES.items() if is_shown or chance.random() < share]
    return [Post(school, role, _user(chance, school, role, is_shown, on)) for role in roles]


def _user(chance: Random, school: School, role: Role, is_shown: bool, on: date) -> User:
    return User(
        email=f"{ACCOUNTS[role]}.{school.urn}@{DOMAIN}",
        name=f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}",
        job_title="Proprietor" if role == Role.CHAIR_OF_GOVERNORS and school.proprietor else JOB_TITLES[role],
        password="shown" if is_shown else "",  # set for all at once: see load
        last_login=_last_login(chance, on) if is_shown or chance.random() < 0.8 else None,
        date_joined=_at(date(on.year - 3, 9, 1)),
    )


def _last_login(chance: Random, on: date) -> datetime:
    return _at(on - timedelta(days=chance.randint(1, 300)))


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 10, 30))  # noqa: DTZ001 - made aware here


def _invitation(user: User, on: date) -> Invitation:
    sent = user.last_login or _at(on - timedelta(days=40))
    return Invitation(
        user=user,
        secret_hash=hash_secret(user.email),  # nobody has this link: those who never signed in are invited again
        sent_at=sent - timedelta(days=2),
        expires_at=sent + timedelta(days=26),
        accepted_at=user.last_login,
    )
