"""What is known of a school beside the register: its hub district, notes, and facts that are set by hand."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from hscp.lib.screening import screen
from partnership.models import User
from schools.choices import Duty, Fact
from schools.models import FactOverride, LocalFacts, School
from schools.permissions import Perm

YES, NO = "yes", "no"


@transaction.atomic
def edit_local_facts(school: School, *, hub_district: str, notes: str, by: User) -> LocalFacts:
    """Write the hub district (empty: as in the register) and the notes. Raises ``PermissionDenied``, and
    ``ValidationError`` where the notes look as if they identified somebody."""
    locked = _lock(school, by)
    _check_text(locked, "notes", notes)
    values = {"hub_district": hub_district.strip(), "notes": notes.strip()}
    return LocalFacts.objects.update_or_create(school=locked, defaults=values)[0]


@transaction.atomic
def set_fact(school: School, fact: Fact, *, value: str, reason: str, by: User) -> FactOverride:
    """Set by hand what is otherwise worked out from the register; it stays so until it is taken away again.

    ``value`` is a ``Duty`` for the duty, "yes" or "no" for the rest. Raises ``PermissionDenied``, and
    ``ValidationError`` for another value, without a reason, or where the reason looks as if it identified somebody.
    """
    locked = _lock(school, by)
    if value not in values_of(fact):
        raise ValidationError({"value": "Select one of the options"})
    if not reason.strip():
        raise ValidationError({"reason": "Enter why this is set by hand"})
    _check_text(locked, "reason", reason)
    values = {"value": value, "reason": reason.strip(), "set_by": by, "set_at": timezone.now()}
    return FactOverride.objects.update_or_create(school=locked, fact=fact, defaults=values)[0]


@transaction.atomic
def clear_fact(school: School, fact: Fact, *, by: User) -> None:
    """Go by the register again. Nothing happens if the fact is not set by hand. Raises ``PermissionDenied``."""
    _lock(school, by).overrides.filter(fact=fact).delete()


def values_of(fact: Fact) -> list[str]:
    """What a fact may be set to. A duty set by hand is decided."""
    return [duty for duty in Duty if duty != Duty.UNDECIDED] if fact == Fact.DUTY else [YES, NO]


def _lock(school: School, by: User) -> School:
    locked: School = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    if not by.has_perm(Perm.EDIT_LOCAL_FACTS, locked):
        raise PermissionDenied(f"{by} may not edit what is known of a school")
    return locked


def _check_text(school: School, field: str, text: str) -> None:
    """No free text names or describes a child. The school's own address and telephone are published, and may stand."""
    hits = screen(text, on=timezone.localdate(), allowed=[school.postcode, school.telephone])
    if hits:
        raise ValidationError({field: [kind.explanation for kind in dict.fromkeys(hit.kind for hit in hits)]})
