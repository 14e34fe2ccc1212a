"""The permission engine: both questions from one table."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from partnership.choices import Role
from partnership.engine import access
from partnership.engine.access import Rule, everywhere, own_organisation
from partnership.models import User
from partnership.permissions import Perm as PartnershipPerm
from schools.models import School
from schools.permissions import Perm
from tests.factories import CollectionFactory, SchoolFactory, UserFactory, grant


def as_read_again(person):
    """The person as the next request reads them."""
    return User.objects.get(pk=person.pk)


@pytest.fixture
def declared(monkeypatch):
    """``declared(rules)`` declares them for the length of the test as "test.perm" of schools."""
    monkeypatch.setattr(access, "_rules", dict(access._rules))
    monkeypatch.setattr(access, "_tables", {model: list(tables) for model, tables in access._tables.items()})

    def declare(*rules: Rule) -> str:
        access.register(School, {"test.perm": list(rules)})
        return "test.perm"

    return declare


def test_a_lead_sees_their_own_school_and_no_other(dan, oak_lane, elm_park):
    assert list(School.objects.visible_to(dan)) == [oak_lane]
    assert dan.has_perm(Perm.VIEW_SCHOOL, oak_lane)
    assert not dan.has_perm(Perm.VIEW_SCHOOL, elm_park)


def test_a_lead_of_two_schools_sees_both_and_each_once(dan, oak_lane, elm_park):
    grant(dan, Role.HEADTEACHER, oak_lane.organisation)
    grant(dan, Role.DSL, elm_park.organisation)
    assert sorted(School.objects.visible_to(dan), key=str) == [elm_park, oak_lane]


def test_each_role_opens_its_own_schools_only(dan, oak_lane, elm_park):
    grant(dan, Role.HEADTEACHER, elm_park.organisation)
    assert list(School.objects.allowed(dan, Perm.MANAGE_CONTACTS)) == [elm_park]
    assert not dan.has_perm(Perm.MANAGE_CONTACTS, oak_lane)


def test_the_business_unit_sees_every_school_without_a_query_for_each(ursula, oak_lane, django_assert_num_queries):
    ursula.active_grants()
    with django_assert_num_queries(0):
        assert ursula.has_perm(Perm.VIEW_SCHOOL, oak_lane)


def test_asking_about_a_school_costs_one_query_and_about_none_no_query(dan, oak_lane, django_assert_num_queries):
    dan.active_grants()
    with django_assert_num_queries(1):
        dan.has_perm(Perm.VIEW_SCHOOL, oak_lane)
    with django_assert_num_queries(0):
        dan.has_perm(Perm.VIEW_SCHOOL)
        dan.has_perm(Perm.ACCEPT_RETURN)


def test_a_list_costs_one_query_whatever_the_number_of_roles(dan, django_assert_num_queries):
    for _ in range(20):
        grant(dan, Role.DSL, SchoolFactory().organisation)
    person = as_read_again(dan)
    person.active_grants()
    with django_assert_num_queries(1):
        assert len(School.objects.visible_to(person)) == 21


def test_a_role_that_has_ended_is_gone_the_same_day(dan, oak_lane):
    dan.grants.update(ends=timezone.localdate())
    assert not as_read_again(dan).has_perm(Perm.VIEW_SCHOOL, oak_lane)


def test_a_role_that_ends_tomorrow_is_held_today(dan, oak_lane):
    dan.grants.update(ends=timezone.localdate() + timedelta(days=1))
    assert as_read_again(dan).has_perm(Perm.VIEW_SCHOOL, oak_lane)


def test_a_role_that_begins_tomorrow_is_not_held_today(dan, oak_lane):
    dan.grants.update(starts=timezone.localdate() + timedelta(days=1))
    assert not as_read_again(dan).has_perm(Perm.VIEW_SCHOOL, oak_lane)


def test_a_role_that_begins_today_is_held_today(dan, oak_lane):
    dan.grants.update(starts=timezone.localdate())
    assert as_read_again(dan).has_perm(Perm.VIEW_SCHOOL, oak_lane)


def test_nobody_signed_in_sees_nothing(oak_lane):
    assert not School.objects.visible_to(AnonymousUser()).exists()
    assert not access.allows(AnonymousUser(), PartnershipPerm.USE_PORTAL)


def test_an_inactive_account_sees_nothing(ursula, oak_lane):
    ursula.is_active = False
    assert not School.objects.visible_to(ursula).exists()
    assert not ursula.has_perm(Perm.VIEW_SCHOOL, oak_lane)
    assert not ursula.has_perm(PartnershipPerm.USE_PORTAL)


def test_the_break_glass_account_may_do_everything_while_it_is_active(oak_lane):
    account = UserFactory(is_superuser=True)
    assert list(School.objects.visible_to(account)) == [oak_lane]
    assert account.has_perm(Perm.CONFIRM_RETURN)
    account.is_active = False
    assert not account.has_perm(Perm.VIEW_SCHOOL, oak_lane)


def test_even_the_break_glass_account_is_told_of_a_permission_that_does_not_exist(db):
    with pytest.raises(access.UnknownPermission):
        UserFactory(is_superuser=True).has_perm("schools.fly")


def test_an_unknown_permission_is_a_mistake_not_a_no(dan):
    with pytest.raises(access.UnknownPermission):
        dan.has_perm("schools.fly")


def test_a_permission_on_a_record_of_another_kind_is_a_mistake_not_a_yes(dan, ursula, oak_lane):
    for person in (dan, ursula):
        with pytest.raises(access.WrongModel, match=r"schools.edit_return is about a Return, not a School"):
            person.has_perm(Perm.EDIT_RETURN, oak_lane)
        with pytest.raises(access.WrongModel):
            School.objects.allowed(person, Perm.EDIT_RETURN)


def test_a_permission_about_no_record_may_be_asked_beside_any(ursula, oak_lane):
    assert ursula.has_perm(PartnershipPerm.VIEW_FIGURES, oak_lane)


def test_a_model_without_a_view_permission_cannot_be_listed(ursula):
    with pytest.raises(access.UnknownPermission, match="RoleGrant has no view permission"):
        type(ursula.grants.get()).objects.visible_to(ursula)


def test_a_permission_is_declared_once_and_a_second_time_changes_nothing():
    before = access.tables()
    with pytest.raises(ValueError, match="declared twice"):
        access.register(School, {"schools.new": [], Perm.VIEW_SCHOOL: []})
    assert access.tables() == before
    with pytest.raises(access.UnknownPermission):
        access.rules_of("schools.new")


def test_everything_or_something_is_everything(dan, oak_lane, elm_park, declared):
    perm = declared(Rule({Role.DSL}, own_organisation("organisation")), Rule({Role.DSL}, everywhere))
    assert set(School.objects.allowed(dan, perm)) == {oak_lane, elm_park}
    assert dan.has_perm(perm, elm_park)


def test_nothing_or_something_is_something(dan, oak_lane, elm_park, declared):
    perm = declared(Rule({Role.DSL}, lambda reach: Q(pk__in=[])), Rule({Role.DSL}, own_organisation("organisation")))
    assert list(School.objects.allowed(dan, perm)) == [oak_lane]


def test_a_permission_without_rules_is_nobodys(ursula, oak_lane, declared):
    perm = declared()
    assert not ursula.has_perm(perm)
    assert not School.objects.allowed(ursula, perm).exists()


def test_a_role_without_an_organisation_reaches_none_by_organisation(pat, oak_lane, declared):
    perm = declared(Rule({Role.PRACTITIONER}, own_organisation("organisation")))
    assert not pat.has_perm(perm)
    assert not pat.has_perm(perm, oak_lane)
    assert not School.objects.allowed(pat, perm).exists()


def test_a_record_that_is_not_saved_is_nobodys_own(dan, oak_lane):
    assert not dan.has_perm(Perm.VIEW_SCHOOL, School())


def test_lists_of_records_can_be_narrowed_further(ursula, oak_lane, elm_park):
    CollectionFactory()
    assert School.objects.filter(urn=900102).visible_to(ursula).get() == elm_park
