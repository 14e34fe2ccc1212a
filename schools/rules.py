"""What follows from a school's row in the register: the duty it answers for, and which questions fit it.

Everything rests on the code of the type of establishment. Names of types vary in their capitals, and codes come with or
without a leading zero ("02" in the file of 2021, "2" in the list of types).

Sources. EA 2002: Education Act 2002 s175, with subsections (3A) to (3C) of the Education and Training (Welfare of
Children) Act 2021. ISS 2014: Education (Independent School Standards) Regulations 2014, made for what is known as the
section 157 duty. NMSS 2015: Non-Maintained Special Schools (England) Regulations 2015. EA 1996: Education Act 1996.
FHEA 1992: Further and Higher Education Act 1992. What is marked (recall) was not read again in the text of the law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from schools.choices import Duty, Flag

EARLY_YEARS_END = 5  # years: a school that takes children younger than this has early years provision
SIXTH_FORM_AGE = 18  # years: a school whose oldest pupils are at least this old has older students
SECONDARY_AGE = 14  # years

# What the register writes in "Boarders (name)" where there are none; anything else, also a new word, counts as some.
NOT_BOARDING = {"", "no boarders", "not applicable", "not recorded"}

DESIGNATED_COLLEGE = "specialist designated college"  # in "FurtherEducationType (name)", whatever its capitals


class SchoolFacts(Protocol):
    """What the flags are worked out from: a row of the register, or a school as the portal holds it."""

    @property
    def type_code(self) -> str: ...
    @property
    def nursery_provision(self) -> str: ...
    @property
    def low_age(self) -> int | None: ...
    @property
    def high_age(self) -> int | None: ...
    @property
    def sixth_form(self) -> str: ...
    @property
    def boarders(self) -> str: ...


@dataclass(frozen=True, slots=True)
class EstablishmentType:
    """One type of establishment: its duty, where the duty comes from, and the flags true of each school of the type."""

    code: str
    name: str
    duty: Duty
    source: str
    flags: frozenset[Flag] = frozenset()


STATE = frozenset({Flag.IS_STATE_FUNDED})
INDEPENDENT = frozenset({Flag.IS_INDEPENDENT})
SPECIAL = frozenset({Flag.IS_SPECIAL_OR_AP})  # and alternative provision
EARLY_YEARS = frozenset({Flag.HAS_EARLY_YEARS})
OLDER = frozenset({Flag.IS_SECONDARY_AGE})
POST_16 = frozenset({Flag.IS_SECONDARY_AGE, Flag.HAS_SIXTH_FORM})

MAINTAINED: Final = "EA 2002 s175(2): governing body of a maintained school"
UNIT: Final = "EA 2002 s175(1) with EA 1996 Schedule 1 paragraph 1: the local authority stands for a governing body"
COLLEGE: Final = "EA 2002 s175(3): governing body of an institution within the further education sector"
CENTRE: Final = "EA 2002 s175(2) or (3): run by schools or a college (recall)"
ACADEMY_16_19: Final = "EA 2002 s175(3A): proprietor of a 16 to 19 academy"
SECURE_ACADEMY: Final = "EA 2002 s175(3A): a 16 to 19 academy, Academies Act 2010 s1B(4)"
FUNDED: Final = "EA 2002 s175(3B) and (3C): the same duties by the terms of its funding"
STANDARDS: Final = "ISS 2014 regulation 3(1) (section 157)"
ACADEMY_STANDARDS: Final = "ISS 2014 regulation 3(1) and (2) (section 157): an academy"
CTC_STANDARDS: Final = "ISS 2014 regulation 3(3) (section 157): a city technology college"
NON_MAINTAINED: Final = "NMSS 2015, made under EA 1996 s342"
DESIGNATED: Final = "EA 2002 s175(3): designated into the further education sector, FHEA 1992 s28 (recall)"

HIGHER: Final = "Higher education; EA 2002 s175(3B) reaches one only through an agreement to fund further education"
SECURE: Final = "Not a school: those who run secure homes and custody have the duty of Children Act 2004 s11 (recall)"
OFFSHORE: Final = "Outside England"
SERVICE: Final = "Ministry of Defence, schools outside England (recall)"
WALES: Final = "Wales has its own law"
MISCELLANEOUS: Final = "Not a school by its type; one that is gets its duty from the business unit"
ONLINE: Final = "Online Education Accreditation Scheme: not statutory, not a registered school"
UNCLEAR: Final = "Nothing in the register says what law it stands under"

ESTABLISHMENT_TYPES: Final = (
    EstablishmentType("1", "Community school", Duty.S175, MAINTAINED, STATE),
    EstablishmentType("2", "Voluntary aided school", Duty.S175, MAINTAINED, STATE),
    EstablishmentType("3", "Voluntary controlled school", Duty.S175, MAINTAINED, STATE),
    EstablishmentType("5", "Foundation school", Duty.S175, MAINTAINED, STATE),
    EstablishmentType("6", "City technology college", Duty.S157, CTC_STANDARDS, STATE | OLDER),
    EstablishmentType("7", "Community special school", Duty.S175, MAINTAINED, STATE | SPECIAL),
    EstablishmentType("8", "Non-maintained special school", Duty.NMSS, NON_MAINTAINED, STATE | SPECIAL),
    EstablishmentType("10", "Other independent special school", Duty.S157, STANDARDS, INDEPENDENT | SPECIAL),
    EstablishmentType("11", "Other independent school", Duty.S157, STANDARDS, INDEPENDENT),
    EstablishmentType("12", "Foundation special school", Duty.S175, MAINTAINED, STATE | SPECIAL),
    EstablishmentType("14", "Pupil referral unit", Duty.S175, UNIT, STATE | SPECIAL),
    EstablishmentType("15", "Local authority nursery school", Duty.S175, MAINTAINED, STATE | EARLY_YEARS),
    EstablishmentType("18", "Further education", Duty.S175, COLLEGE, STATE | POST_16),
    EstablishmentType("24", "Secure units", Duty.NONE, SECURE),
    EstablishmentType("25", "Offshore schools", Duty.NONE, OFFSHORE),
    EstablishmentType("26", "Service children's education", Duty.NONE, SERVICE),
    EstablishmentType("27", "Miscellaneous", Duty.NONE, MISCELLANEOUS),
    EstablishmentType("28", "Academy sponsor led", Duty.S157, ACADEMY_STANDARDS, STATE),
    EstablishmentType("29", "Higher education institutions", Duty.NONE, HIGHER),
    EstablishmentType("30", "Welsh establishment", Duty.NONE, WALES),
    EstablishmentType("31", "Sixth form centres", Duty.S175, CENTRE, STATE | POST_16),
    EstablishmentType("32", "Special post 16 institution", Duty.S175, FUNDED, STATE | SPECIAL | POST_16),
    EstablishmentType("33", "Academy special sponsor led", Duty.S157, ACADEMY_STANDARDS, STATE | SPECIAL),
    EstablishmentType("34", "Academy converter", Duty.S157, ACADEMY_STANDARDS, STATE),
    EstablishmentType("35", "Free schools", Duty.S157, ACADEMY_STANDARDS, STATE),
    EstablishmentType("36", "Free schools special", Duty.S157, ACADEMY_STANDARDS, STATE | SPECIAL),
    EstablishmentType("37", "British schools overseas", Duty.NONE, OFFSHORE),
    EstablishmentType("38", "Free schools alternative provision", Duty.S157, ACADEMY_STANDARDS, STATE | SPECIAL),
    EstablishmentType("39", "Free schools 16 to 19", Duty.S175, ACADEMY_16_19, STATE | POST_16),
    EstablishmentType("40", "University technical college", Duty.S157, ACADEMY_STANDARDS, STATE | POST_16),
    EstablishmentType("41", "Studio schools", Duty.S157, ACADEMY_STANDARDS, STATE | POST_16),
    EstablishmentType("42", "Academy alternative provision converter", Duty.S157, ACADEMY_STANDARDS, STATE | SPECIAL),
    EstablishmentType("43", "Academy alternative provision sponsor led", Duty.S157, ACADEMY_STANDARDS, STATE | SPECIAL),
    EstablishmentType("44", "Academy special converter", Duty.S157, ACADEMY_STANDARDS, STATE | SPECIAL),
    EstablishmentType("45", "Academy 16-19 converter", Duty.S175, ACADEMY_16_19, STATE | POST_16),
    EstablishmentType("46", "Academy 16 to 19 sponsor led", Duty.S175, ACADEMY_16_19, STATE | POST_16),
    EstablishmentType("49", "Online provider", Duty.NONE, ONLINE),
    EstablishmentType("56", "Institution funded by other government department", Duty.UNDECIDED, UNCLEAR, STATE),
    EstablishmentType("57", "Academy secure 16 to 19", Duty.S175, SECURE_ACADEMY, STATE | POST_16),
)

_BY_CODE: Final = {kind.code: kind for kind in ESTABLISHMENT_TYPES}


def establishment_type(type_code: str) -> EstablishmentType | None:
    """The type with this code, with or without leading zeros; None for a code that is not in the table."""
    return _BY_CODE.get(type_code.strip().lstrip("0"))


def duty_of(type_code: str, further_education_type: str = "") -> Duty:
    """The duty of a school of this type. A type that is not in the table is to be decided, so that it is seen.

    A college of the type "Specialist Designated College" is in the further education sector whatever its type of
    establishment, because it has been designated.
    """
    return _duty_and_source(type_code, further_education_type)[0]


def source_of_duty(type_code: str, further_education_type: str = "") -> str:
    """Where the answer of ``duty_of`` comes from, in a line; the short names are in this module's docstring."""
    return _duty_and_source(type_code, further_education_type)[1]


def _duty_and_source(type_code: str, further_education_type: str) -> tuple[Duty, str]:
    kind = establishment_type(type_code)
    if kind is None:
        return Duty.UNDECIDED, "A type of establishment that the portal does not know"
    if not kind.duty.is_asked and _plain(further_education_type) == DESIGNATED_COLLEGE:
        return Duty.S175, DESIGNATED
    return kind.duty, kind.source


def flags_of(facts: SchoolFacts) -> frozenset[Flag]:
    """The flags that follow from the register; an age that is missing proves nothing, so the type may still decide.

    A type that is not in the table is neither independent nor state funded. The flags that a school says of itself
    are never among them.

    Source: the applicability rules of the partnership's question set, 2025-26.
    """
    kind = establishment_type(facts.type_code)
    shown = {
        Flag.HAS_EARLY_YEARS: _has_early_years(facts),
        Flag.HAS_SIXTH_FORM: _has_sixth_form(facts),
        Flag.HAS_BOARDING: _plain(facts.boarders) not in NOT_BOARDING,
        Flag.IS_SECONDARY_AGE: facts.high_age is not None and facts.high_age >= SECONDARY_AGE,
    }
    by_facts = frozenset(flag for flag, is_true in shown.items() if is_true)
    return by_facts | (kind.flags if kind else frozenset())


def _has_early_years(facts: SchoolFacts) -> bool:
    is_young = facts.low_age is not None and facts.low_age < EARLY_YEARS_END
    return is_young or _plain(facts.nursery_provision) == "has nursery classes"


def _has_sixth_form(facts: SchoolFacts) -> bool:
    is_old = facts.high_age is not None and facts.high_age >= SIXTH_FORM_AGE
    return is_old or _plain(facts.sixth_form) == "has a sixth form"


def _plain(name: str) -> str:
    return name.strip().casefold()
