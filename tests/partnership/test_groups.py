"""Groups as they are on a day, and every change to them: names, places, members, terms of reference, ends."""

from datetime import date, timedelta
from itertools import count

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from partnership import figures, groups
from partnership.choices import Capacity, GroupKind
from partnership.engine.workflow import TooLate
from partnership.models import ChairTerm, Group, Membership, NamedSeat, TermsOfReference
from partnership.services import groups as services
from partnership.services import members
from partnership.services.groups import SeatNamed
from partnership.structure import structure_on
from tests.factories import GroupFactory, OrganisationFactory, UserFactory, put_in_the_chair, seat

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
LONG_AGO = date(2019, 4, 1)
versions = count(1)


def terms(group, *seats, quorum=0, from_day=LONG_AGO):
    """Terms of reference that name ``seats``: pairs of an organisation and a number."""
    made = TermsOfReference.objects.create(
        group=group, version=next(versions), text="What it does.", in_force_from=from_day, quorum=quorum
    )
    NamedSeat.objects.bulk_create(
        NamedSeat(terms=made, organisation=body, number=number, note=str(place))
        for place, (body, number) in enumerate(seats)
    )
    return made


def refused(field, action, *args, **kwargs):
    """What the service says of ``field`` when it refuses."""
    with pytest.raises(ValidationError) as raised:
        action(*args, **kwargs)
    return raised.value.message_dict[field][0]


# What a group is on a day


def test_a_group_has_on_each_day_the_name_and_place_that_it_had_then(ursula):
    top, other = GroupFactory(name="Executive"), GroupFactory(name="Board")
    group = GroupFactory(name="Audit Subgroup", parent=other)
    services.rename_group(group, by=ursula, name="Performance Group", from_day=date(2022, 9, 1))
    services.move_group(group, by=ursula, parent=top, from_day=date(2023, 4, 1))
    group.refresh_from_db()
    assert [groups.name_on(group, day) for day in (date(2022, 8, 31), date(2022, 9, 1))] == [
        "Audit Subgroup",
        "Performance Group",
    ]
    assert [groups.place_on(group, day).parent for day in (date(2023, 3, 31), date(2023, 4, 1))] == [other, top]
    assert groups.subgroups_on(other, date(2023, 3, 31)) == groups.subgroups_on(top, TODAY) == [group]
    assert groups.subgroups_on(other, TODAY) == []


def test_the_newest_terms_whose_day_has_come_are_in_force(audit_group):
    terms(audit_group, quorum=3)
    terms(audit_group, quorum=5, from_day=TODAY)
    terms(audit_group, quorum=9, from_day=TOMORROW)
    assert groups.quorum_on(audit_group, TODAY - timedelta(days=1)) == 3
    assert groups.quorum_on(audit_group, TODAY) == 5


def test_without_terms_there_is_no_quorum(audit_group):
    assert groups.quorum_on(audit_group, TODAY) == 0


def test_members_and_advisers_fill_seats_and_deputies_and_observers_do_not(audit_group, constabulary, health_board):
    terms(audit_group, (constabulary, 2), (health_board, 2))
    for capacity in Capacity:
        seat(UserFactory(), audit_group, capacity, organisation=constabulary)
    seat(UserFactory(), audit_group, Capacity.DEPUTY, organisation=health_board)
    police, health = groups.seats_of(audit_group, TODAY)
    assert (police.filled, police.vacant, police.is_missing) == (2, 0, False)
    assert (health.filled, health.vacant, health.is_missing) == (0, 2, True)


def test_a_seat_of_a_body_that_ended_is_that_of_the_body_that_followed(audit_group, health_board):
    old = OrganisationFactory.create_batch(2, ends=date(2022, 7, 1), successor=health_board)
    terms(audit_group, *[(body, 1) for body in old])
    seat(UserFactory(), audit_group, organisation=health_board)
    (seats,) = groups.seats_of(audit_group, TODAY)
    assert (seats.organisation, seats.named, seats.filled) == (health_board, 2, 1)


def test_vacancies_are_counted_as_their_definition_says(audit_group, constabulary, health_board):
    terms(audit_group, (constabulary, 2), (health_board, 1))
    for _ in range(3):
        seat(UserFactory(), audit_group, organisation=constabulary)
    assert figures.vacancies(TODAY) == 1


def test_a_group_that_has_ended_has_no_vacancies(constabulary):
    group = GroupFactory(ends=TODAY)
    terms(group, (constabulary, 2))
    assert figures.vacancies(TODAY) == 0
    assert figures.vacancies(TODAY - timedelta(days=1)) == 2


# Added and changed


def add(by, **fields):
    given = {"name": "Neglect Group", "kind": GroupKind.TASK_AND_FINISH, "purpose": "Writes the strategy."}
    return services.add_group(by=by, **given | fields)


def test_a_new_group_gets_an_address_from_its_name(ursula):
    assert add(ursula).slug == "neglect-group"


@pytest.mark.parametrize(("slug", "says"), [("taken", "Taken Group has this address already"), ("new", "cannot be")])
def test_an_address_that_is_taken_is_refused(ursula, slug, says):
    GroupFactory(name="Taken Group", slug="taken")
    assert says in refused("slug", add, ursula, slug=slug)


def test_what_may_identify_a_child_is_refused_in_its_role(ursula):
    assert "NHS" in refused("purpose", add, ursula, purpose="About the child 943 476 5919.")


def test_only_the_business_unit_manages_groups(stella, audit_group):
    with pytest.raises(PermissionDenied):
        add(stella)
    with pytest.raises(PermissionDenied):
        services.rename_group(audit_group, by=stella, name="Mine", from_day=TODAY)


def test_a_mistaken_name_is_not_kept(ursula, audit_group):
    services.rename_group(audit_group, by=ursula, name="Performance and Audit", from_day=None)
    assert not audit_group.former_names.exists()


def test_names_follow_each_other_in_time(ursula, audit_group):
    services.rename_group(audit_group, by=ursula, name="Second", from_day=date(2022, 1, 1))
    says = refused("from_day", services.rename_group, audit_group, by=ursula, name="Third", from_day=date(2021, 1, 1))
    assert says == "The group was renamed on 1 January 2022: enter a later day"


def test_a_name_is_not_given_ahead_of_its_day(ursula, audit_group):
    says = refused("from_day", services.rename_group, audit_group, by=ursula, name="Next", from_day=TOMORROW)
    assert says.startswith("Enter today or an earlier day")


def test_a_group_cannot_stand_under_itself_or_its_own_subgroup(ursula):
    top = GroupFactory(name="Top")
    under = GroupFactory(name="Under", parent=GroupFactory(name="Middle", parent=top))
    move = {"by": ursula, "from_day": TODAY}
    assert "cannot stand under itself" in refused("parent", services.move_group, top, parent=top, **move)
    assert refused("parent", services.move_group, top, parent=under, **move) == (
        "Under stands under Top, so it cannot be above it. Select another"
    )


def test_a_group_cannot_stand_under_one_that_does_not_exist_then(ursula, audit_group):
    ended = GroupFactory(name="Old Board", ends=date(2020, 1, 1))
    says = refused("parent", services.move_group, audit_group, by=ursula, parent=ended, from_day=TODAY)
    assert says.startswith("Old Board does not exist on")


# Ended and merged


def test_with_a_group_end_its_members_and_its_chair(ursula, audit_group, maya, chloe):
    services.end_group(audit_group, by=ursula, last_day=TODAY)
    assert groups.members_on(audit_group, TODAY)
    assert groups.members_on(audit_group, TOMORROW) == []
    assert audit_group.chair_terms.get().last_day == TODAY


def test_what_was_planned_for_after_the_end_falls_away(ursula, audit_group, constabulary):
    later = TODAY + timedelta(days=30)
    seat(UserFactory(), audit_group, organisation=constabulary, starts=later)
    put_in_the_chair(UserFactory(), audit_group, organisation=constabulary, starts=later)
    services.end_group(audit_group, by=ursula, last_day=TODAY)
    assert not Membership.objects.exists()
    assert not ChairTerm.objects.exists()


def test_a_group_cannot_end_before_it_began(ursula, audit_group):
    says = refused("last_day", services.end_group, audit_group, by=ursula, last_day=date(2019, 3, 31))
    assert says == "The group began on 1 April 2019: it cannot end before"


def test_a_group_with_subgroups_that_go_on_is_not_ended(ursula, audit_group):
    GroupFactory(name="Data Group", parent=audit_group)
    assert "Data Group" in refused("last_day", services.end_group, audit_group, by=ursula, last_day=TODAY)


def test_an_end_can_be_taken_back(ursula, audit_group):
    into = GroupFactory()
    services.merge_group(audit_group, by=ursula, into=into, last_day=TODAY)
    services.let_go_on(audit_group, by=ursula)
    audit_group.refresh_from_db()
    assert (audit_group.ends, audit_group.merged_into) == (None, None)


def test_a_merger_carries_those_who_were_chosen_and_moves_subgroups(ursula, audit_group, maya, chloe):
    into, child = GroupFactory(name="Learning Group"), GroupFactory(parent=audit_group)
    seat(chloe, into, Capacity.OBSERVER)
    merged = services.merge_group(
        audit_group, by=ursula, into=into, last_day=TODAY, carried=audit_group.memberships.all()
    )
    child.refresh_from_db()
    assert merged.merged_into == into
    assert child.parent == into
    sitting = {(row.person, row.capacity, row.starts) for row in groups.members_on(into, TOMORROW)}
    assert (maya, "member", TOMORROW) in sitting
    assert {row[1] for row in sitting if row[0] == chloe} == {"observer"}  # as she sat there before


def test_subgroups_moved_on_the_day_of_a_merger_move_along(ursula, audit_group):
    into, child = GroupFactory(), GroupFactory()
    services.move_group(child, by=ursula, parent=audit_group, from_day=TOMORROW)
    services.merge_group(audit_group, by=ursula, into=into, last_day=TODAY)
    assert groups.subgroups_on(into, TOMORROW) == [child]
    assert groups.subgroups_on(audit_group, TODAY) == []


def test_a_group_is_not_merged_into_one_that_stands_under_it(ursula, audit_group):
    child = GroupFactory(name="Child", parent=audit_group)
    says = refused("into", services.merge_group, audit_group, by=ursula, into=child, last_day=TODAY)
    assert says.startswith("Child stands under")


# Terms of reference


def write(group, by, **fields):
    given = {"text": "What it is for.", "in_force_from": TODAY, "based_on": 0}
    return services.write_terms(group, by=by, **given | fields)


def test_versions_count_up_and_keep_their_seats(ursula, audit_group, constabulary):
    write(audit_group, ursula, seats=[SeatNamed(constabulary, 2, "Detective inspector")])
    second = write(audit_group, ursula, based_on=1, in_force_from=TOMORROW)
    assert second.version == 2
    assert [seat.number for seat in audit_group.terms.get(version=1).seats.all()] == [2]


def test_who_writes_second_is_told_of_the_first(ursula, audit_group):
    write(audit_group, ursula)
    with pytest.raises(TooLate, match="written version 1"):
        write(audit_group, ursula)


def test_a_version_does_not_come_into_force_before_the_one_it_replaces(ursula, audit_group):
    write(audit_group, ursula)
    early = {"based_on": 1, "in_force_from": TODAY - timedelta(days=1)}
    assert "Version 1 is in force from" in refused("in_force_from", write, audit_group, ursula, **early)


def test_a_seat_named_twice_is_refused(ursula, audit_group, constabulary):
    with pytest.raises(ValidationError, match="named twice"):
        write(audit_group, ursula, seats=[SeatNamed(constabulary), SeatNamed(constabulary)])


# Members


def join(group, person, by, **fields):
    return members.add_member(group, by=by, person=person, **{"starts": TODAY} | fields)


def test_a_member_sits_for_the_organisation_that_they_work_for(ursula, audit_group, constabulary):
    person = UserFactory(organisation=constabulary)
    assert join(audit_group, person, ursula).organisation == constabulary
    assert audit_group.pk in person.groups_sat_on()


def test_nobody_sits_on_a_group_twice_at_a_time(ursula, audit_group, maya):
    says = refused("person", join, audit_group, maya, ursula)
    since = audit_group.memberships.get(person=maya).starts
    assert says == f"Maya Member sits on {audit_group} already: member from {since:%-d %B %Y}"


def test_whoever_left_may_come_back(ursula, audit_group, maya):
    members.end_member(audit_group.memberships.get(person=maya), by=ursula, last_day=TODAY)
    assert join(audit_group, maya, ursula, starts=TOMORROW)


@pytest.mark.parametrize(
    ("days", "field", "says"),
    [
        ({"last_day": TODAY - timedelta(days=1)}, "last_day", "The last day must be on or after the first"),
        ({"starts": date(2019, 3, 31)}, "starts", "The group began on 1 April 2019"),
    ],
)
def test_days_that_do_not_fit_are_refused(ursula, audit_group, constabulary, days, field, says):
    person = UserFactory(organisation=constabulary)
    assert says in refused(field, join, audit_group, person, ursula, **days)


def test_nobody_sits_for_a_body_that_has_ended(ursula, audit_group):
    gone = OrganisationFactory(ends=date(2022, 7, 1))
    assert "had ended by then" in refused("organisation", join, audit_group, UserFactory(), ursula, organisation=gone)


def test_nobody_is_seated_after_they_have_left(ursula, audit_group, constabulary):
    leaver = UserFactory(name="Lee Leaver", organisation=constabulary, leaves_on=TODAY)
    assert "Lee Leaver has left by" in refused("person", join, audit_group, leaver, ursula)


def test_somebody_without_an_organisation_needs_one(ursula, audit_group):
    assert "Select for whom" in refused("organisation", join, audit_group, UserFactory(), ursula)


def test_people_are_found_by_name_or_address(maya):
    assert members.find_person(" maya  MEMBER ") == members.find_person("MAYA@example.org") == maya


def test_a_name_that_several_have_asks_for_an_address(maya):
    other = UserFactory(name="Maya Member")
    says = refused("person", members.find_person, "Maya Member")
    assert maya.email in says
    assert other.email in says
    assert "No open account" in refused("person", members.find_person, "Nobody Known")


# The structure


def names(nodes):
    return [(node.name, names(node.children)) for node in nodes]


def test_the_structure_has_the_groups_of_the_day_in_their_places():
    board = GroupFactory(name="Old Board", starts=date(2011, 4, 1), ends=LONG_AGO)
    top = GroupFactory(name="Executive", kind=GroupKind.EXECUTIVE)
    audit = GroupFactory(name="Audit", parent=top)
    GroupFactory(name="Data", parent=audit, starts=date(2021, 1, 1))
    GroupFactory(name="Adults Board", kind=GroupKind.LINKED_BOARD, starts=None)
    GroupFactory(name="Not drawn", on_structure=False)
    now = structure_on(TODAY)
    assert names(now.roots) == [("Executive", [("Audit", [("Data", [])])])]
    assert names(now.linked) == [("Adults Board", [])]
    assert names(structure_on(date(2020, 1, 1)).roots) == [("Executive", [("Audit", [])])]
    assert names(structure_on(date(2015, 1, 1)).roots) == [(board.name, [])]


def test_a_group_under_one_that_is_not_drawn_stands_under_the_next_above():
    top = GroupFactory(name="Top")
    hidden = GroupFactory(name="Hidden", parent=top, on_structure=False)
    GroupFactory(name="Below", parent=hidden)
    assert names(structure_on(TODAY).roots) == [("Top", [("Below", [])])]


def test_places_that_made_a_circle_at_some_time_do_not_hide_a_group():
    one, two = GroupFactory(name="One"), GroupFactory(name="Two")
    Group.objects.filter(pk=one.pk).update(parent=two)
    Group.objects.filter(pk=two.pk).update(parent=one)
    assert [name for name, _ in names(structure_on(TODAY).roots)] == ["One", "Two"]


def test_the_structure_costs_three_queries_whatever_its_size(django_assert_num_queries):
    top = GroupFactory()
    for _ in range(12):
        GroupFactory(parent=GroupFactory(parent=top))
    with django_assert_num_queries(3):
        assert structure_on(TODAY).count() == 25
