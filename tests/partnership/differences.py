"""Professional differences for tests, made through the services, so that they tell a story that can happen."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.utils import timezone

from partnership.models import (
    Escalation,
    EscalationContact,
    EscalationProcedure,
    EscalationTheme,
    Organisation,
    User,
)
from partnership.services import escalation_procedures
from partnership.services import escalations as services
from tests.factories import OrganisationFactory, UserFactory


@contextmanager
def at_the_time(moment: str) -> Iterator[None]:
    """Within, it is ``moment`` ("2026-11-20 10:00") for everyone who asks for the time or the day."""
    now = timezone.make_aware(datetime.fromisoformat(moment))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now)
        yield


def published_procedure() -> EscalationProcedure:
    """The procedure that the portal comes with (three stages of five working days; urgent ones start at stage 2)."""
    found = EscalationProcedure.objects.filter(status="published").first()
    return found or escalation_procedures.publish(escalation_procedures.draft(by=None), by=None)


def name_contacts(organisation: Organisation, *people: User, first: int = 1) -> None:
    """Let ``people`` answer for ``organisation``, one for each stage from ``first`` on."""
    EscalationContact.objects.bulk_create(
        EscalationContact(organisation=organisation, level=level, person=person)
        for level, person in enumerate(people, start=first)
    )


def raise_difference(
    by: User | None = None, other: Organisation | None = None, *, contacts: Iterable[User] = (), **fields
) -> Escalation:
    """A difference, just raised ``by`` somebody (of their agency, made if they have none) with ``other``, whose
    ``contacts`` answer: the first at stage 1, the second at stage 2 and so on."""
    published_procedure()
    by, other = by or UserFactory(), other or OrganisationFactory()
    if by.organisation is None:
        by.organisation = OrganisationFactory()
        by.save()
    name_contacts(other, *contacts)
    return services.start(by=by, other=other, **whole(by) | fields)


def whole(by: User) -> dict:
    """What a start needs beyond who and with whom."""
    return {
        "raising": by.organisation,
        "theme": EscalationTheme.objects.first(),
        "difference": "The referral was closed. We think that the threshold is met.",
        "sought": "A second look by a manager.",
    }


def step_of(escalation: Escalation) -> int:
    """The id of the step that it stands at: what a page shows."""
    return escalation.steps.get(left_at=None).pk
