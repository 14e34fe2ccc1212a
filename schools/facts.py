"""What holds of a school: its duty and its flags, worked out from the register unless they were set by hand.

Asked of one school in Python (``duty``, ``flags``) or of all in SQL (``schools_asked_q``); a test holds them
to the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q

from schools.choices import Duty, Fact, Flag
from schools.models import FactOverride, School
from schools.models.register import OPEN
from schools.rules import DESIGNATED_COLLEGE, ESTABLISHMENT_TYPES, duty_of, flags_of

ASKED_DUTIES = [duty for duty in Duty if duty.is_asked]
LONGEST_TYPE_CODE = 3  # characters, as in the register


def overrides_of(school: School) -> dict[Fact, FactOverride]:
    """What was set by hand, by fact. No query if ``school`` came from ``with_facts()``."""
    return {Fact(override.fact): override for override in school.overrides.all()}


def duty(school: School) -> Duty:
    """The duty that ``school`` answers for, set by hand or worked out. No query if it came from ``with_facts()``."""
    override = overrides_of(school).get(Fact.DUTY)
    return Duty(override.value) if override else duty_of(school.type_code, school.further_education_type)


def flags(school: School) -> frozenset[Flag]:
    """The flags of ``school``, set by hand or worked out; never those that a school says of itself.

    No query if it came from ``with_facts()``.
    """
    found = set(flags_of(school))
    for fact, override in overrides_of(school).items():
        if fact is not Fact.DUTY:
            (found.add if override.value == "yes" else found.discard)(Flag(fact))
    return frozenset(found)


def schools_asked_q(duties: Iterable[Duty | str]) -> Q:
    """Open schools whose duty, set by hand or worked out, is one of ``duties``: filters a queryset of ``School``."""
    wanted = {Duty(duty) for duty in duties}
    by_hand = FactOverride.objects.filter(school=OuterRef("pk"), fact=Fact.DUTY)
    has_duty = Exists(by_hand.filter(value__in=sorted(wanted))) | (~Exists(by_hand) & _worked_out(wanted))
    return Q(status__in=OPEN) & has_duty


def _worked_out(wanted: set[Duty]) -> Q:
    """The rule of ``schools.rules.duty_of`` as a filter."""
    designated = Q(further_education_type__iexact=DESIGNATED_COLLEGE)
    asked = Q(type_code__in=_codes(duty for duty in wanted if duty.is_asked))
    not_asked = Q(type_code__in=_codes(duty for duty in wanted if not duty.is_asked)) & ~designated
    found = asked | not_asked
    if Duty.S175 in wanted:
        found |= Q(type_code__in=_codes(duty for duty in Duty if not duty.is_asked)) & designated
    if Duty.UNDECIDED in wanted:
        found |= ~Q(type_code__in=_codes(Duty))
    return found


def _codes(duties: Iterable[Duty]) -> list[str]:
    """The codes of the types with one of ``duties``, with and without leading zeros, as the register has them."""
    among = set(duties)
    return [form for kind in ESTABLISHMENT_TYPES if kind.duty in among for form in _forms(kind.code)]


def _forms(code: str) -> Iterator[str]:
    for length in range(len(code), LONGEST_TYPE_CODE + 1):
        yield code.zfill(length)
