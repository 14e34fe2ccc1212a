"""Scopes of the budget and of professional differences: which of them a person reaches.

Each is one ``Q`` over the record, with subqueries instead of joins, so that no list shows a record twice. Their first
lines are what ``docs/permissions.md`` calls them.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from partnership.choices import Answerer, ProcedureStatus
from partnership.engine.access import NOTHING, Reach
from partnership.models import Contribution, EscalationContact, EscalationStep, Organisation


def pays(reach: Reach) -> Q:
    """Years to which their organisation contributes; every year for a statutory partner"""
    if not reach.organisations:
        return NOTHING
    statutory = Organisation.objects.filter(pk__in=reach.organisations, is_statutory_partner=True)
    given = Contribution.objects.filter(organisation__in=reach.organisations)
    return Q(pk__in=given.values("year")) | Q(Exists(statutory))


def answers(reach: Reach) -> Q:
    """Those that have come to a stage at which they answer"""
    other = Q(stage__answerer=Answerer.OTHER_AGENCY) & Q(_is_contact(reach, "other_organisation"))
    either = Q(_is_contact(reach, "other_organisation")) | Q(_is_contact(reach, "raising_organisation"))
    return other | (Q(stage__answerer=Answerer.BOTH_AGENCIES) & either)


def pursues(reach: Reach) -> Q:
    """Those they raised, or that their agency raised, as its contact at the stage"""
    return Q(raised_by=reach.user) | Q(_is_contact(reach, "raising_organisation"))


def involved(reach: Reach) -> Q:
    """Those they raised or answered, or that have come to a stage for which they are a contact of either agency"""
    raising = Q(_is_contact(reach, "escalation__raising_organisation"))
    other = Q(_is_contact(reach, "escalation__other_organisation"))
    steps: Any = EscalationStep.objects
    theirs = steps.filter(Q(answered_by=reach.user) | raising | other)
    return Q(raised_by=reach.user) | Q(pk__in=theirs.values("escalation"))


def _is_contact(reach: Reach, organisation: str) -> Exists:
    """Whether the person is the contact of the row's ``organisation`` at the row's stage."""
    contacts: Any = EscalationContact.objects
    theirs = contacts.filter(person=reach.user)
    return Exists(theirs.filter(organisation=OuterRef(organisation), level=OuterRef("stage__order")))


def in_force(reach: Reach) -> Q:
    """Procedures that are, or were, in force"""
    return ~Q(status=ProcedureStatus.DRAFT)
