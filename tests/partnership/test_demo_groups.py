"""The demo's groups, loaded on days of every sort."""

from datetime import date, timedelta

import pytest

from partnership import groups, handover
from partnership.choices import GroupKind, OrganisationKind
from partnership.demo import groups as demo
from partnership.models import ChairTerm, Group, Membership, OutgoingMessage
from partnership.structure import structure_on
from tests.factories import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staffed(db):
    """Bodies of every kind that sit on groups, each with some people; two of health have become one."""
    for kind in (kind for kind in OrganisationKind if kind != OrganisationKind.SCHOOL):
        is_partner = kind in {OrganisationKind.COUNCIL, OrganisationKind.POLICE, OrganisationKind.HEALTH}
        body = OrganisationFactory(kind=kind, is_statutory_partner=is_partner)
        UserFactory.create_batch(4, organisation=body)
        if kind == OrganisationKind.HEALTH:
            OrganisationFactory.create_batch(2, kind=kind, ends=date(2022, 7, 1), successor=body)


@pytest.mark.parametrize("on", [date(2026, 11, 23), date(2028, 2, 29), date(2027, 4, 1)])
def test_the_demo_has_the_structure_its_members_and_its_chairs(staffed, on):
    demo.load(on)
    (top,) = structure_on(on).roots
    assert top.name == "Executive Group"
    assert Group.objects.filter(kind=GroupKind.HUB).count() == 5
    assert "Hertfordshire Safeguarding Children Board" in structure_on(date(2018, 1, 1)).roots[0].name
    assert [group.slug for group in groups.without_chair(on)] == [demo.POLICY]
    ending = list(handover.ending_soon(on))
    assert {demo.REVIEW_PANEL, demo.AUDIT} <= {term.group.slug for term in ending}
    assert ChairTerm.objects.filter(group__slug=demo.EXECUTIVE, ends__gt=on - timedelta(days=4 * 366)).count() == 4
    assert Membership.objects.on(on).count() > 40
    assert any(seat.vacant for seats in groups.seats_by_group(Group.objects.all(), on).values() for seat in seats)
    assert not OutgoingMessage.objects.exists()
