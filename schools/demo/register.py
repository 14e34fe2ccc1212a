"""535 invented schools in the real mix of types, phases, ages and districts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from random import Random

from partnership.choices import OrganisationKind
from partnership.models import Organisation
from schools.choices import SchoolStatus
from schools.models import LocalFacts, School
from schools.rules import ESTABLISHMENT_TYPES

FIRST_URN = 990001  # no real school has so high a number yet

DISTRICTS = (
    ("E07000095", "Broxbourne", "EN10", 40),
    ("E07000096", "Dacorum", "HP1", 66),
    ("E07000242", "East Hertfordshire", "SG13", 71),
    ("E07000098", "Hertsmere", "WD6", 52),
    ("E07000099", "North Hertfordshire", "SG5", 65),
    ("E07000240", "St Albans", "AL1", 68),
    ("E07000243", "Stevenage", "SG1", 41),
    ("E07000102", "Three Rivers", "WD3", 46),
    ("E07000103", "Watford", "WD17", 42),
    ("E07000241", "Welwyn Hatfield", "AL8", 44),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of school and how many the demo has. ``ages``: lowest and highest."""

    number: int
    type_code: str
    phase: str
    ages: tuple[int, int]
    suffix: str
    pupils: tuple[int, int]
    trust: bool = False
    boarding_share: float = 0.0


KINDS = (
    Kind(150, "1", "Primary", (3, 11), "Primary School", (120, 460)),
    Kind(22, "1", "Primary", (3, 7), "Infants’ and Nursery School", (90, 270)),
    Kind(20, "1", "Primary", (7, 11), "Junior School", (180, 360)),
    Kind(62, "2", "Primary", (4, 11), "Catholic Primary School", (110, 420)),
    Kind(52, "3", "Primary", (4, 11), "Church of England Primary School", (60, 240)),
    Kind(14, "5", "Primary", (3, 11), "Primary School", (200, 460)),
    Kind(36, "34", "Primary", (3, 11), "Primary Academy", (180, 630), trust=True),
    Kind(8, "28", "Primary", (3, 11), "Academy", (180, 420), trust=True),
    Kind(5, "35", "Primary", (4, 11), "Free School", (120, 420), trust=True),
    Kind(3, "34", "Middle deemed secondary", (9, 13), "Middle School", (380, 620), trust=True),
    Kind(44, "34", "Secondary", (11, 18), "School", (720, 1450), trust=True),
    Kind(9, "28", "Secondary", (11, 18), "Academy", (640, 1250), trust=True),
    Kind(6, "5", "Secondary", (11, 18), "High School", (700, 1200)),
    Kind(3, "35", "All-through", (4, 18), "All-through School", (900, 1500), trust=True),
    Kind(1, "40", "Secondary", (14, 19), "University Technical College", (300, 420), trust=True),
    Kind(10, "15", "Nursery", (2, 5), "Nursery School", (60, 130)),
    Kind(14, "7", "Not applicable", (4, 19), "School", (60, 210)),
    Kind(5, "44", "Not applicable", (11, 19), "Academy", (80, 200), trust=True),
    Kind(1, "8", "Not applicable", (5, 19), "School", (60, 90), boarding_share=1.0),
    Kind(6, "14", "Not applicable", (11, 16), "Education Support Centre", (20, 70)),
    Kind(3, "18", "16 plus", (16, 99), "College", (1800, 5200)),
    Kind(1, "45", "16 plus", (16, 19), "Sixth Form College", (900, 1400), trust=True),
    Kind(48, "11", "Not applicable", (3, 18), "School", (90, 900), boarding_share=0.2),
    Kind(12, "10", "Not applicable", (7, 19), "School", (20, 80), boarding_share=0.1),
)

# Invented places: a school of the demo must not carry a real school's name.
BEGINNINGS = [
    "Alder",
    "Beech",
    "Birch",
    "Bramble",
    "Briar",
    "Brook",
    "Cedar",
    "Chalk",
    "Clover",
    "Copper",
    "Cowslip",
    "Cress",
    "Damson",
    "Elder",
    "Fallow",
    "Fern",
    "Finch",
    "Flint",
    "Foxglove",
    "Gorse",
    "Hawthorn",
    "Hazel",
    "Heron",
    "Holly",
    "Hurdle",
    "Ivel",
    "Juniper",
    "Kestrel",
    "Kingcup",
    "Lapwing",
    "Larch",
    "Lark",
    "Linden",
    "Maple",
    "Marl",
    "Martlet",
    "Meadow",
    "Mill",
    "Nettle",
    "Nightjar",
    "Otter",
    "Pasque",
    "Pippin",
    "Plover",
    "Quince",
    "Rook",
    "Rowan",
    "Rush",
    "Sallow",
    "Sedge",
    "Sloe",
    "Sorrel",
    "Stag",
    "Swift",
    "Tansy",
    "Teasel",
    "Thistle",
    "Thrush",
    "Vetch",
    "Wagtail",
    "Willow",
    "Wren",
    "Yarrow",
]
ENDINGS = [
    "combe",
    "den",
    "dell",
    "field",
    "ford",
    "gate",
    "hanger",
    "haven",
    "heath",
    "holt",
    "hurst",
    "lea",
    "mere",
    "mead",
    "nook",
    "stow",
    "thorpe",
    "wade",
    "well",
    "wick",
]
SAINTS = (
    "St Alphege’s",
    "St Bega’s",
    "St Cuthman’s",
    "St Eanswythe’s",
    "St Milburga’s",
    "St Osyth’s",
    "St Withburga’s",
)
TRUSTS = (
    "Chalkstream Learning Trust",
    "Five Hursts Multi-Academy Trust",
    "Hornbeam Schools Partnership",
    "Lapwing Academies Trust",
    "Rivermeet Education Trust",
    "Stagfield Trust",
    "The Pasque Trust",
    "Yarrow Learning Alliance",
)
STREETS = [
    "Church Lane",
    "Mill Road",
    "School Lane",
    "The Green",
    "Station Road",
    "Park Avenue",
    "Orchard Way",
    "High Street",
    "Long Meadow",
]
GROUPS = {  # of each type, as the register has them
    "1": ("4", "Local authority maintained schools"),
    "3": ("4", "Local authority maintained schools"),
    "2": ("4", "Local authority maintained schools"),
    "5": ("4", "Local authority maintained schools"),
    "14": ("4", "Local authority maintained schools"),
    "15": ("4", "Local authority maintained schools"),
    "7": ("5", "Special schools"),
    "8": ("5", "Special schools"),
    "10": ("5", "Special schools"),
    "11": ("3", "Independent schools"),
    "18": ("1", "Colleges"),
    "28": ("10", "Academies"),
    "34": ("10", "Academies"),
    "44": ("10", "Academies"),
    "45": ("10", "Academies"),
    "35": ("11", "Free Schools"),
    "40": ("11", "Free Schools"),
}
PHASE_CODES = {
    "Not applicable": "0",
    "Nursery": "1",
    "Primary": "2",
    "Middle deemed secondary": "5",
    "Secondary": "4",
    "16 plus": "6",
    "All-through": "7",
}


def load(chance: Random, on: date) -> list[School]:
    """The schools, saved, in the order of their URNs.."""
    kinds = [kind for kind in KINDS for _ in range(kind.number)]
    chance.shuffle(kinds)
    names = _names(chance, kinds)
    organisations = Organisation.objects.bulk_create(
        Organisation(name=name, kind=OrganisationKind.SCHOOL) for name in names
    )
    urns = count(FIRST_URN)
    rows = [
        _school(chance, organisation, kind, next(urns), on)
        for organisation, kind in zip(organisations, kinds, strict=True)
    ]
    saved = School.objects.bulk_create(rows)
    LocalFacts.objects.bulk_create(LocalFacts(school=school) for school in saved)
    return saved


def _names(chance: Random, kinds: list[Kind]) -> list[str]:
    places = [f"{beginning}{ending}" for beginning in BEGINNINGS for ending in ENDINGS]
    chance.shuffle(places)
    names = []
    for kind, place in zip(kinds, places, strict=False):
        saint = f"{chance.choice(SAINTS)} " if "Catholic" in kind.suffix or chance.random() < 0.05 else ""
        names.append(f"{saint}{place} {kind.suffix}")
    return names


def _school(chance: Random, organisation: Organisation, kind: Kind, urn: int, on: date) -> School:
    code, district, postcode_area, _ = chance.choices(DISTRICTS, [row[3] for row in DISTRICTS])[0]
    of_type = next(row for row in ESTABLISHMENT_TYPES if row.code == kind.type_code)
    group_code, group_name = GROUPS[kind.type_code]
    low, high = kind.ages
    trust = chance.choice(TRUSTS) if kind.trust else ""
    return School(
        organisation=organisation,
        urn=urn,
        ukprn=str(10_090_000 + urn - FIRST_URN),
        la_code="919",
        la_name="Hertfordshire",
        establishment_number=str(2000 + urn - FIRST_URN),
        type_code=kind.type_code,
        type_name=of_type.name,
        type_group_code=group_code,
        type_group_name=group_name,
        status=SchoolStatus.CLOSING if chance.random() < 0.006 else SchoolStatus.OPEN,
        open_date=date(chance.randint(1952, 2018), 9, 1),
        phase=kind.phase,
        phase_code=PHASE_CODES[kind.phase],
        low_age=low,
        high_age=high,
        boarders="Boarding school" if chance.random() < kind.boarding_share else "No boarders",
        nursery_provision="Has Nursery Classes" if low <= 3 else "No Nursery Classes",
        sixth_form="Has a sixth form" if high >= 18 else "Does not have a sixth form",
        gender="Mixed",
        trust_code=str(9000 + TRUSTS.index(trust)) if trust else "",
        trust_name=trust,
        district_code=code,
        district_name=district,
        proprietor=f"{organisation.name} Limited" if group_name == "Independent schools" else "",
        pupils=chance.randint(*kind.pupils),
        census_date=date(on.year, 1, 16),
        street=f"{chance.randint(1, 90)} {chance.choice(STREETS)}",
        town=district,
        county="Hertfordshire",
        postcode=f"{postcode_area} {chance.randint(1, 9)}ZZ",  # no real postcode ends so
        website=f"www.school-{urn}.example",
        telephone=f"01632 960{chance.randint(0, 999):03}",  # numbers kept for invention
        last_changed=date(on.year, 9, 12),
    )
