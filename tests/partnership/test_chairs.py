"""The rolling chair: terms that never overlap, whose turn it is, the hand-over, and who is told when."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from partnership import figures, group_needs, groups, handover
from partnership.choices import GroupKind
from partnership.engine.workflow import TooLate
from partnership.models import ChairRota, ChairTerm, HandoverItem, Membership
from partnership.services import chairs, members
from partnership.views.chairs import timeline, timeline_quarters
from tests.factories import GroupFactory, OrganisationFactory, UserFactory, put_in_the_chair

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
YEAR = timedelta(days=365)


def rota(group, *organisations):
    for order, body in enumerate(organisations, 1):
        ChairRota.objects.create(group=group, organisation=body, order=order)


def refused(field, action, *args, **kwargs):
    """What the service says of ``field`` when it refuses."""
    with pytest.raises(ValidationError) as raised:
        action(*args, **kwargs)
    return raised.value.message_dict[field][0]


def add(group, person, by, **fields):
    days = {"starts": TODAY, "last_day": TODAY + YEAR}
    return chairs.add_term(group, by=by, person=person, **days | fields)


@pytest.fixture
def council(db):
    return OrganisationFactory(name="County Council", is_statutory_partner=True)


# Terms


def test_a_term_gets_a_copy_of_the_hand_over_list(ursula, audit_group, maya):
    HandoverItem.objects.create(text="Hand over the dates", order=1)
    term = add(audit_group, maya, ursula)
    HandoverItem.objects.update(text="Changed since")
    assert [step.text for step in term.handover.all()] == ["Hand over the dates"]
    assert audit_group.pk in maya.groups_chaired()


def test_who_chairs_then_is_named_where_a_term_would_overlap(ursula, audit_group, maya, chloe):
    now = audit_group.chair_terms.get()
    says = refused("starts", add, audit_group, maya, ursula)
    assert says == (
        "Somebody chairs the group on some of these days: Chloe Chair (Integrated Care Board) "
        f"from {now.starts:%-d %B %Y} to {now.last_day:%-d %B %Y}"
    )


def test_a_term_may_begin_the_day_after_another_ends(ursula, audit_group, maya, chloe):
    now = audit_group.chair_terms.get()
    assert add(audit_group, maya, ursula, starts=now.ends, last_day=now.ends + YEAR)


def test_a_term_moved_onto_another_is_refused_too(ursula, audit_group, maya, chloe, constabulary):
    now = audit_group.chair_terms.get()
    later = add(audit_group, maya, ursula, starts=now.ends, last_day=now.ends + YEAR)
    moved = {"person": maya, "organisation": constabulary, "deputy": None, "starts": TODAY, "last_day": now.ends}
    assert "Chloe Chair" in refused("starts", chairs.change_term, later, by=ursula, **moved)


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"last_day": TODAY - timedelta(days=1)}, "last_day", "The last day must be on or after the first"),
        ({"starts": date(2018, 1, 1)}, "starts", "The group began on 1 April 2019"),
    ],
)
def test_days_that_do_not_fit_are_refused(ursula, audit_group, maya, fields, field, says):
    assert says in refused(field, add, audit_group, maya, ursula, **fields)


def test_nobody_is_their_own_deputy(ursula, audit_group, maya):
    assert "own deputy" in refused("deputy", add, audit_group, maya, ursula, deputy=maya)


def test_a_term_ends_early_with_a_reason(ursula, audit_group, chloe):
    term = audit_group.chair_terms.get()
    assert "Enter why" in refused("reason", chairs.end_early, term, by=ursula, last_day=TODAY, reason=" ")
    ended = chairs.end_early(term, by=ursula, last_day=TODAY, reason="Moved to another county")
    assert (ended.last_day, ended.ended_early_because) == (TODAY, "Moved to another county")
    assert groups.chair_on(audit_group, TODAY) == term
    assert groups.chair_on(audit_group, TODAY + timedelta(days=1)) is None
    assert "anyway" in refused("last_day", chairs.end_early, ended, by=ursula, last_day=TODAY, reason="Again")


def test_only_a_term_that_has_not_begun_is_removed(ursula, audit_group, chloe, maya):
    now = audit_group.chair_terms.get()
    with pytest.raises(ValidationError, match="has begun"):
        chairs.remove_term(now, by=ursula)
    coming = add(audit_group, maya, ursula, starts=now.ends, last_day=now.ends + YEAR)
    chairs.remove_term(coming, by=ursula)
    assert list(audit_group.chair_terms.all()) == [now]
    with pytest.raises(TooLate):
        chairs.remove_term(coming, by=ursula)


def test_the_scrutineer_appoints_nobody(stella, audit_group, maya):
    with pytest.raises(PermissionDenied):
        add(audit_group, maya, stella)


# Two at once


def at_once(number, action):
    """Run ``action`` in several threads at the same moment; what came of each."""
    barrier, found = Barrier(number), []

    def run():
        barrier.wait()
        try:
            action()
            found.append("done")
        except ValidationError as error:
            found.append(" ".join(error.messages))
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_of_several_who_add_the_same_member_or_chair_at_once_one_does(ursula, audit_group, constabulary):
    person = UserFactory(name="Pia Popular", organisation=constabulary)
    came = at_once(4, lambda: members.add_member(audit_group, by=ursula, person=person, starts=TODAY))
    assert came.count("done") == 1
    assert sum("sits on" in each for each in came) == 3
    assert Membership.objects.count() == 1
    came = at_once(4, lambda: add(audit_group, person, ursula))
    assert came.count("done") == 1
    assert sum("Somebody chairs" in each for each in came) == 3
    assert ChairTerm.objects.count() == 1


# Whose turn it is


def test_after_the_last_term_comes_the_next_of_the_rota(audit_group, chloe, constabulary, health_board, council):
    rota(audit_group, constabulary, health_board, council)
    (found,) = groups.chairing([audit_group], TODAY)
    assert (found.now.person, found.coming, found.turn) == (chloe, None, council)
    put_in_the_chair(chloe, audit_group, organisation=council, starts=found.now.ends)
    (found,) = groups.chairing([audit_group], TODAY)
    assert (found.coming.organisation, found.turn) == (council, constabulary)


def test_a_body_that_followed_two_others_takes_one_turn(audit_group, health_board, constabulary):
    old = OrganisationFactory.create_batch(2, ends=date(2022, 7, 1), successor=health_board)
    rota(audit_group, old[0], constabulary, old[1])
    assert groups.rota_of(audit_group, TODAY) == [health_board, constabulary]


def test_a_body_that_ended_without_a_successor_takes_no_turn(audit_group, constabulary):
    rota(audit_group, OrganisationFactory(ends=date(2022, 7, 1)), constabulary)
    assert groups.rota_of(audit_group, TODAY) == [constabulary]


def test_the_rota_is_put_in_order(ursula, audit_group, constabulary, health_board, council):
    for body in (constabulary, health_board, council):
        chairs.add_to_rota(audit_group, body, by=ursula)
    place = audit_group.chair_rota.get(organisation=council)
    chairs.move_in_rota(place, by=ursula, up=True)
    chairs.move_in_rota(place, by=ursula, up=True)
    chairs.move_in_rota(place, by=ursula, up=True)  # at the top nothing happens
    assert groups.rota_of(audit_group, TODAY) == [council, constabulary, health_board]
    assert "in the rota already" in refused("organisation", chairs.add_to_rota, audit_group, council, by=ursula)
    chairs.remove_from_rota(place, by=ursula)
    assert list(audit_group.chair_rota.values_list("order", flat=True)) == [1, 2]
    with pytest.raises(TooLate):
        chairs.move_in_rota(place, by=ursula, up=False)


# Gaps


def test_groups_without_a_chair_are_those_with_a_rota_or_an_earlier_chair(audit_group, chloe, constabulary):
    rota(GroupFactory(name="With a rota"), constabulary)
    ended = GroupFactory(name="Chaired until yesterday")
    put_in_the_chair(chloe, ended, starts=TODAY - YEAR, ends=TODAY)
    GroupFactory(kind=GroupKind.LINKED_BOARD)
    rota(GroupFactory(ends=TODAY), constabulary)
    assert {group.name for group in groups.without_chair(TODAY)} == {"With a rota", "Chaired until yesterday"}
    assert figures.groups_without_chair(TODAY) == 2


def test_the_business_unit_is_told_of_an_empty_chair_and_nobody_else(ursula, stella, audit_group, constabulary):
    rota(audit_group, constabulary)
    (need,) = group_needs.empty_chairs(ursula, TODAY)
    assert need.urgent
    assert (need.title, need.detail) == (
        "Performance and Audit Group has nobody in the chair",
        "By the rota it is the turn of Constabulary",
    )
    assert group_needs.empty_chairs(stella, TODAY) == []


# Handing over


@pytest.fixture
def ending(audit_group, chloe, maya, constabulary):
    """Chloe's term, which ends in 90 days, with two steps to do; Maya follows."""
    term = audit_group.chair_terms.get()
    term.ends = TODAY + timedelta(days=90)
    term.save()
    for order, text in enumerate(("Talk through the plan", "Hand over the dates")):
        term.handover.create(text=text, order=order)
    put_in_the_chair(maya, audit_group, starts=term.ends)
    return term


def test_a_hand_over_is_announced_ninety_days_before_to_all_three(ending, ursula, chloe, maya, pat):
    def told(person, on=TODAY):
        return [need.title for need in group_needs.chairs_to_hand_over(person, on)]

    group = ending.group
    assert told(ursula) == [f"The chair of {group} is handed over"]
    assert told(chloe) == [f"Hand over the chair of {group}"]
    assert told(maya) == [f"You take the chair of {group} on {ending.ends:%-d %B %Y}"]
    assert told(pat) == told(chloe, on=TODAY - timedelta(days=1)) == []


def test_what_is_left_to_do_is_said_and_nothing_once_all_is_done(ending, chloe):
    def detail():
        return [need.detail for need in group_needs.chairs_to_hand_over(chloe, TODAY)]

    first, second = ending.handover.all()
    assert detail() == ["2 steps of the hand-over to do"]
    chairs.tick_step(first, by=chloe, done=True)
    assert detail() == ["1 step of the hand-over to do"]
    chairs.tick_step(second, by=chloe, done=True)
    assert detail() == []


def test_that_nobody_follows_is_something_to_do(ending, ursula):
    ChairTerm.objects.exclude(pk=ending.pk).delete()
    ending.handover.all().delete()
    assert [need.detail for need in group_needs.chairs_to_hand_over(ursula, TODAY)] == ["Nobody is named to follow"]


def test_who_leaves_and_who_takes_the_chair_tick_and_nobody_else(ending, chloe, maya, pat, stella):
    step = ending.handover.first()
    chairs.tick_step(step, by=maya, done=True)
    again = chairs.tick_step(step, by=chloe, done=True)
    assert again.done_by == maya  # who said it first
    for person in (pat, stella):
        with pytest.raises(PermissionDenied):
            chairs.tick_step(step, by=person, done=False)
    assert chairs.tick_step(step, by=chloe, done=False).done_by is None


def test_who_takes_the_chair_after_next_has_no_part_in_this_hand_over(ending, maya):
    last = UserFactory(organisation=maya.organisation)
    put_in_the_chair(last, ending.group, starts=handover.following(ending).ends)
    with pytest.raises(PermissionDenied):
        chairs.tick_step(ending.handover.first(), by=last, done=True)


def test_the_hand_over_list_is_edited(ursula):
    first = chairs.save_item(None, by=ursula, text="First")
    second = chairs.save_item(None, by=ursula, text="Second")
    chairs.move_item(second, by=ursula, up=True)
    chairs.save_item(first, by=ursula, text="Then")
    assert [item.text for item in HandoverItem.objects.all()] == ["Second", "Then"]
    assert "already" in refused("text", chairs.save_item, None, by=ursula, text="then")
    chairs.remove_item(second, by=ursula)
    with pytest.raises(TooLate):
        chairs.move_item(second, by=ursula, up=True)


# Days and quarters


@pytest.mark.parametrize(
    ("starts", "last_day"),
    [
        (date(2026, 4, 1), date(2027, 3, 31)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 3, 1), date(2024, 2, 29)),
    ],
)
def test_a_term_is_a_year_unless_said(starts, last_day):
    assert handover.a_year_from(starts) == last_day


def test_the_timeline_runs_from_a_year_back_to_two_years_ahead(audit_group, chloe):
    on = date(2026, 11, 23)
    quarters = timeline_quarters(on)
    assert (quarters[0], quarters[-1], len(quarters)) == (date(2025, 10, 1), date(2028, 7, 1), 12)
    ChairTerm.objects.update(starts=date(2026, 4, 1), ends=date(2027, 4, 1))
    (chairing,) = groups.chairing([audit_group], on)
    row = timeline(chairing, quarters, on)
    drawn = [(stretch.term and stretch.term.person, stretch.quarters, stretch.phase) for stretch in row.stretches]
    assert drawn == [(None, 2, "past"), (chloe, 4, "past"), (None, 6, "ahead")]


def test_a_gap_today_is_marked_as_one(audit_group, chloe):
    on = date(2026, 11, 23)
    ChairTerm.objects.update(starts=date(2025, 4, 1), ends=date(2026, 11, 1))
    (chairing,) = groups.chairing([audit_group], on)
    assert [stretch.is_gap for stretch in timeline(chairing, timeline_quarters(on), on).stretches] == [
        False,
        True,
        False,
    ]
