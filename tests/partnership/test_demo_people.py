"""The demo's people: the same in every demo, of the bodies that really are, with somebody who has left."""

from datetime import date

import pytest

from partnership import demo
from partnership.choices import OrganisationKind, Role
from partnership.models import LeaverItem, Organisation, OutgoingMessage, User

ON = date(2026, 11, 23)


@pytest.fixture
def loaded(db):
    demo.load(ON)


def test_some_sixty_people_work_for_partners_and_agencies_and_one_of_them_can_sign_in(loaded):
    members = User.objects.filter(grants__role=Role.PARTNER)
    assert 55 <= members.count() <= 70
    assert not members.filter(organisation=None).exists()
    assert Organisation.objects.filter(kind=OrganisationKind.DISTRICT).count() == 10
    assert not Organisation.objects.existing_on(ON).filter(people=None).exists()
    assert members.get(email="bethan.iqbal@hscp-demo.example").job_title == "Head of community safety"
    member = members.get(email="member@hscp-demo.example")
    assert member.check_password(demo.PASSWORD)
    assert member.memberships.on(ON).exists()


def test_a_chair_and_a_member_can_sign_in_and_it_is_said_of_what(loaded):
    told = dict(demo.sign_ins())
    assert User.objects.get(email="chair@hscp-demo.example").check_password(demo.PASSWORD)
    assert "chairs Performance and Audit Group" in told["chair@hscp-demo.example"]
    assert "sits on " in told["member@hscp-demo.example"]
    assert "chairs" not in told["member@hscp-demo.example"]


def test_one_has_left_with_things_to_hand_over_and_nobody_was_written_to(loaded):
    (gone,) = User.objects.filter(is_active=False)
    assert LeaverItem.objects.open_on(ON).filter(person=gone).exists()
    assert User.objects.filter(is_active=True, leaves_on__gt=ON).count() == 1
    assert not OutgoingMessage.objects.exists()
