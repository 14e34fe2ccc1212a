"""The demo's relevant agencies, and some sixty people who work for them and for the partners. All people are invented;
the bodies are real where they are public ones, and invented where they are voluntary."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from partnership.choices import OrganisationKind as Kind
from partnership.choices import Role
from partnership.demo.groups import AUDIT
from partnership.models import Action, ChairTerm, LeaverItem, Membership, Organisation, RoleGrant, User
from partnership.services import leavers

SEED = 1175
DOMAIN = "hscp-demo.example"
CHAIR = "chair"
MEMBER = ("member", "Nadia Okonjo", "Detective superintendent, public protection", "Hertfordshire Constabulary")

DISTRICTS = (
    "Borough of Broxbourne Council",
    "Dacorum Borough Council",
    "East Hertfordshire District Council",
    "Hertsmere Borough Council",
    "North Hertfordshire District Council",
    "St Albans City and District Council",
    "Stevenage Borough Council",
    "Three Rivers District Council",
    "Watford Borough Council",
    "Welwyn Hatfield Borough Council",
)
AGENCIES = (
    *((name, Kind.DISTRICT) for name in DISTRICTS),
    ("East and North Hertfordshire Teaching NHS Trust", Kind.HEALTH),
    ("Hertfordshire Community NHS Trust", Kind.HEALTH),
    ("Hertfordshire Partnership University NHS Foundation Trust", Kind.HEALTH),
    ("West Hertfordshire Teaching Hospitals NHS Trust", Kind.HEALTH),
    ("Probation Service, East of England", Kind.PROBATION),
    ("Children and Family Court Advisory and Support Service", Kind.OTHER),
    ("Hertfordshire Fire and Rescue Service", Kind.OTHER),
    ("Alder Gate Family Support", Kind.VOLUNTARY),
    ("Lantern Young People’s Project", Kind.VOLUNTARY),
)

# Whom each kind of body sends, in this order.
POSTS = {
    Kind.COUNCIL: (
        "Director of children’s services",
        "Operations director, children’s social care",
        "Head of safeguarding and quality assurance",
        "Head of early help",
        "Head of youth justice",
        "Head of education services",
        "Principal social worker",
        "Schools safeguarding adviser",
        "Head of adolescent services",
        "Public health consultant",
        "Lead for child protection conferences",
        "Head of adult safeguarding",
    ),
    Kind.POLICE: (
        "Assistant chief constable",
        "Detective chief superintendent",
        "Detective chief inspector, child abuse investigation",
        "Detective chief inspector, exploitation",
        "Chief inspector, neighbourhoods",
        "Head of data and performance",
    ),
    Kind.HEALTH: (
        "Designated nurse for safeguarding children",
        "Named doctor for safeguarding children",
        "Associate director of safeguarding",
        "Designated doctor for child deaths",
        "Head of quality",
    ),
    Kind.DISTRICT: ("Head of community safety", "Housing manager and safeguarding lead"),
    Kind.PROBATION: ("Head of probation delivery unit", "Senior probation officer"),
    Kind.OTHER: ("Service manager", "Safeguarding lead"),
    Kind.VOLUNTARY: ("Chief officer", "Safeguarding trustee"),
}
# How many of those posts are filled, where it is not all of them.
FILLED = {Kind.DISTRICT: (2, 1, 2, 1, 1, 2, 1, 1, 2, 1), Kind.HEALTH: (5, 3, 4, 3, 3)}

FIRST_NAMES = """
Adaeze Alasdair Amina Anjali Arthur Beatriz Bethan Callum Carmel Catrin Cheng Cyrus Daphne Declan Dilys Edwin
Efua Elspeth Farah Fergus Gareth Gillian Hamish Harriet Ifeoma Imogen Ines Ivor Jasmin Jerome Joanna Kamal
Keiran Kirsty Leila Lowri Magnus Mariam Merryn Nathaniel Niamh Olwen Oscar Parveen Piers Priya Quentin Rahul
Rosalind Rufus Sanjay Shona Simeon Tabitha Tariq Thandi Ursula Vivian Wilfred Winnie Yasmin Zachary
"""
LAST_NAMES = """
Abernathy Adeyemi Aldous Ashworth Balogun Bancroft Bellweather Birdsall Brackley Cantrell Chaudhry Coverdale
Dallimore Devlin Donnelly Drayton Ekwueme Fairclough Farrant Fenwick Gadsby Garside Ghosh Goodacre Halloran
Hartigan Hesketh Iqbal Jessop Kaplan Kinsella Lacey Langrish Lovatt Mahmood Marchbank Maddox Nettleton Nkemelu
Oakeshott Osgood Penrose Pettifer Quilter Rahman Redfern Ridgeway Sandhu Sapsford Sheldrake Silcock Tapsell
Thackray Tomlin Umeh Vickers Wadsworth Wetherby Whitlock Yardley Yeoman Zaman
"""


def load(on: date, *, password: str) -> None:
    """The relevant agencies, their people and those of the partners, each with a partner's role; and one of them who
    can sign in with ``password``. The statutory partners are there already."""
    Organisation.objects.bulk_create(Organisation(name=name, kind=kind) for name, kind in AGENCIES)
    chance = random.Random(SEED)
    people = User.objects.bulk_create([_member(password), *_people(chance, on)])
    RoleGrant.objects.bulk_create(
        RoleGrant(user=person, role=Role.PARTNER, organisation=person.organisation, starts=_since(chance, on))
        for person in people
    )


def _people(chance: random.Random, on: date) -> Iterator[User]:
    first, last = FIRST_NAMES.split(), LAST_NAMES.split()
    chance.shuffle(first)
    chance.shuffle(last)
    for name, surname, (organisation, job_title) in zip(first, last, _posts(on), strict=False):
        yield User(
            email=f"{name}.{surname}@{DOMAIN}".lower(),
            name=f"{name} {surname}",
            job_title=job_title,
            organisation=organisation,
            password=make_password(None),
            last_login=_last_login(chance, on),
        )


def _posts(on: date) -> Iterator[tuple[Organisation, str]]:
    """Every post of every body that exists, body by body."""
    filled = {kind: iter(numbers) for kind, numbers in FILLED.items()}
    existing = Organisation.objects.existing_on(on).other_than_schools().order_by("-is_statutory_partner", "name")
    for organisation in existing:
        kind = Kind(organisation.kind)
        posts = POSTS[kind]
        number = next(filled[kind]) if kind in filled else len(posts)
        yield from ((organisation, post) for post in posts[:number])


def _last_login(chance: random.Random, on: date) -> datetime | None:
    """Some time in the last two months; one in ten has never signed in."""
    days, minutes = chance.randrange(1, 60), chance.randrange(8 * 60, 18 * 60)
    if chance.random() < 0.1:
        return None
    day = on - timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(minutes // 60, minutes % 60)))


def _since(chance: random.Random, on: date) -> date:
    return date(on.year - chance.randrange(1, 4), chance.choice([1, 4, 9]), 1)


def _member(password: str) -> User:
    account, name, job_title, employer = MEMBER
    organisation = Organisation.objects.get(name=employer)
    return User(
        email=f"{account}@{DOMAIN}", name=name, job_title=job_title, organisation=organisation, password=password
    )


def load_chair(on: date, *, password: str) -> None:
    """Let whoever chairs the Performance and Audit Group sign in with ``password``. To be called when the groups are
    there."""
    chair = ChairTerm.objects.on(on).get(group__slug=AUDIT).person
    chair.email, chair.password = f"{CHAIR}@{DOMAIN}", password
    chair.save(update_fields=["email", "password"])


def load_leavers(on: date) -> None:
    """Somebody who left nine days ago, with things that wait for others and one that is settled; and somebody who
    leaves in three weeks. To be called last, when groups and actions are there."""
    unit = User.objects.get(email=f"unit@{DOMAIN}")
    gone, going = _with_most_to_leave(on)[:2]
    leavers.record_leaving(gone, on=on - timedelta(days=9), by=unit)
    leavers.record_leaving(going, on=on + timedelta(days=21), by=unit)
    reason = "The group has asked for no second member from us this year."
    for seat in LeaverItem.objects.open_on(on).filter(person=gone, action=None)[1:2]:
        leavers.settle_without(seat, reason=reason, by=unit)


def _with_most_to_leave(on: date) -> list[User]:
    """Members who chair nothing and cannot sign in to the demo: those with actions and with most seats first."""
    sitting = Membership.objects.on(on).filter(person=OuterRef("pk"))
    unfinished = Action.objects.unfinished().filter(person=OuterRef("pk"))
    found = User.objects.there(on=on).filter(Exists(sitting), chair_terms=None).exclude(email__startswith=MEMBER[0])
    by_number = found.annotate(number=Count("memberships", distinct=True), acts=Exists(unfinished))
    return list(by_number.order_by("-acts", "-number", "pk"))
