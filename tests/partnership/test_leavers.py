"""The leaver: one step ends all that they hold, and what they leave is handed over, one thing after another."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from partnership import jobs, leavers
from partnership.choices import ActionStatus, Capacity, LeaverItemKind, Role
from partnership.engine import home
from partnership.engine.workflow import TooLate
from partnership.models import Action, ChairTerm, EscalationContact, LeaverItem, Membership, OutgoingMessage, User
from partnership.services import actions, people, roles
from partnership.services import leavers as services
from partnership.services.meetings.feeds import make_feed, person_of
from tests.factories import GroupFactory, OrganisationFactory, UserFactory, grant, put_in_the_chair, seat


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def soon(today):
    return today + timedelta(days=20)


@pytest.fixture
def busy(chloe, audit_group, health_board, today):
    """Chloe sits on the group, chairs it and is to chair it again; an action of her board and one of the group are
    hers, and a third is done. From the first day, she holds a partner's role."""
    term = chloe.chair_terms.get()
    put_in_the_chair(chloe, audit_group, starts=term.ends + timedelta(days=365))
    for owner in ({"organisation": health_board}, {"group": audit_group}):
        Action.objects.create(person=chloe, what=f"Report to {next(iter(owner))}", due=today, **owner)
    Action.objects.create(
        person=chloe,
        what="Done",
        due=today,
        organisation=health_board,
        status=ActionStatus.DONE,
        evidence="Seen",
        finished_on=today,
    )
    return chloe


@pytest.fixture
def henry(health_board):
    """A colleague of Chloe at the health board."""
    return UserFactory(name="Henry Health", organisation=health_board, job_title="Named nurse")


def item_of(person, kind, **fields):
    return person.left_to_others.filter(kind=kind, **fields).order_by("starts").first()


def open_items(person, today):
    return LeaverItem.objects.open_on(today).filter(person=person)


# --- Leaving ----------------------------------------------------------------------------------------------------------


def test_who_leaves_today_is_out_today(busy, ursula, audit_group, today):
    people.invite(busy, by=ursula)
    services.record_leaving(busy, on=today, by=ursula)
    gone = User.objects.get(pk=busy.pk)
    assert (gone.is_active, gone.leaves_on) == (False, today)
    assert not gone.active_grants()
    assert not gone.groups_sat_on()
    assert not gone.groups_chaired()
    assert not gone.has_perm("partnership.use_portal")
    assert not gone.invitations.filter(expires_at__gt=timezone.now()).exists()


def test_what_is_left_to_others_is_listed_and_what_is_done_is_not(busy, ursula, today):
    first, second = busy.chair_terms.order_by("starts")
    services.record_leaving(busy, on=today, by=ursula)
    listed = [(item.kind, item.starts, item.ends) for item in leavers.items_of(busy)]
    assert listed == [
        ("seat", today, None),
        ("chair", today, first.ends),
        ("chair", second.starts, second.ends),
        ("action", today, None),
        ("action", today, None),
    ]


def test_a_term_that_has_begun_ends_that_day_and_one_to_come_is_removed(busy, ursula, today):
    services.record_leaving(busy, on=today, by=ursula)
    term = busy.chair_terms.get()
    assert (term.ends, term.ended_early_because) == (today, "Chloe Chair left")


def test_a_day_to_come_ends_everything_on_that_day_and_the_account_in_that_night(busy, ursula, soon, today):
    services.record_leaving(busy, on=soon, by=ursula)
    busy.refresh_from_db()
    busy.forget_reach()
    assert busy.is_active
    assert busy.roles() == {Role.PARTNER}
    assert busy.groups_sat_on()
    assert not busy.grants.active(soon).exists()
    assert not busy.memberships.on(soon).exists()
    assert services.close_accounts_of_leavers(on=soon - timedelta(days=1)) == 0
    assert services.close_accounts_of_leavers(on=soon) == 1
    assert services.close_accounts_of_leavers(on=soon) == 0
    assert not User.objects.get(pk=busy.pk).is_active


def test_what_they_were_given_since_is_ended_and_listed_in_that_night(busy, ursula, constabulary, soon, today):
    services.record_leaving(busy, on=soon, by=ursula)
    roles.give(busy, role=Role.PARTNER, organisation=constabulary, by=ursula)
    late = seat(busy, GroupFactory(name="Late Group"))
    Action.objects.create(person=busy, what="Late", due=soon, organisation=constabulary)
    services.close_accounts_of_leavers(on=soon)
    assert not busy.grants.active(soon).exists()
    late.refresh_from_db()
    assert late.ends == soon
    assert {str(item) for item in open_items(busy, soon)} >= {"Seat: Late Group", "Late"}
    assert busy.left_to_others.filter(kind=LeaverItemKind.ACTION).count() == 3


def test_the_job_of_the_night_closes_accounts(busy, ursula, today):
    User.objects.filter(pk=busy.pk).update(leaves_on=today)
    jobs.close_accounts_of_leavers()
    busy.refresh_from_db()
    assert not busy.is_active


def test_a_deputy_chair_who_leaves_is_deputy_no_more(ursula, maya, chloe, today):
    ChairTerm.objects.filter(person=chloe).update(deputy=maya)
    assert [term.person for term in leavers.ending(maya, on=today).deputy_terms] == [chloe]
    services.record_leaving(maya, on=today, by=ursula)
    assert chloe.chair_terms.get().deputy is None


def test_a_day_before_a_role_began_ends_it_before_it_began(ursula, maya, today):
    services.record_leaving(maya, on=today - timedelta(days=400), by=ursula)
    held = maya.grants.get()
    assert held.ends == held.starts
    assert not maya.memberships.exists()
    assert item_of(maya, LeaverItemKind.SEAT) is not None


def test_what_is_refused(ursula, maya, today):
    with pytest.raises(ValidationError, match="You cannot end your own access"):
        services.record_leaving(ursula, on=today, by=ursula)
    with pytest.raises(ValidationError) as caught:
        services.record_leaving(maya, on=today + timedelta(days=400), by=ursula)
    assert "Enter a day on or before" in caught.value.message_dict["day"][0]
    with pytest.raises(PermissionDenied):
        services.record_leaving(maya, on=today, by=maya)
    services.record_leaving(maya, on=today, by=ursula)
    with pytest.raises(TooLate, match="has left already"):
        services.record_leaving(maya, on=today, by=ursula)


def test_the_last_one_in_the_business_unit_cannot_leave(ursula, pat, today, django_assert_num_queries):
    boss = UserFactory(is_superuser=True)
    with pytest.raises(ValidationError, match="Nobody else would be left"):
        services.record_leaving(ursula, on=today, by=boss)
    grant(pat, Role.BUSINESS_UNIT)
    services.record_leaving(ursula, on=today, by=pat)
    with pytest.raises(ValidationError, match="Nobody else would be left"):
        roles.end(pat.grants.get(role=Role.BUSINESS_UNIT), by=pat)


# --- Staying after all ------------------------------------------------------------------------------------------------


def test_who_stays_after_all_has_everything_back(busy, ursula, soon):
    before = [
        list(rows.order_by("starts").values_list("group", "organisation", "starts", "ends"))
        for rows in (busy.memberships, busy.chair_terms)
    ]
    services.record_leaving(busy, on=soon, by=ursula)
    services.take_back_leaving(busy, by=ursula)
    busy.refresh_from_db()
    assert busy.leaves_on is None
    assert busy.grants.get().ends is None
    assert not busy.left_to_others.exists()
    assert before == [
        list(rows.order_by("starts").values_list("group", "organisation", "starts", "ends"))
        for rows in (busy.memberships, busy.chair_terms)
    ]
    assert not busy.chair_terms.exclude(ended_early_because="").exists()


def test_what_somebody_else_has_by_then_stays_with_them(busy, henry, ursula, soon, today):
    services.record_leaving(busy, on=soon, by=ursula)
    services.hand_over(item_of(busy, LeaverItemKind.CHAIR), to=henry, by=ursula)
    services.take_back_leaving(busy, by=ursula)
    assert busy.chair_terms.order_by("starts").first().ends == soon
    assert henry.chair_terms.get().starts == soon
    assert busy.left_to_others.get().handed_to == henry


def test_the_day_can_be_moved(busy, ursula, soon):
    services.record_leaving(busy, on=soon, by=ursula)
    later = soon + timedelta(days=10)
    services.record_leaving(busy, on=later, by=ursula)
    assert set(busy.memberships.values_list("ends", flat=True)) == {later}
    assert {item.starts for item in busy.left_to_others.filter(kind=LeaverItemKind.SEAT)} == {later}
    assert busy.left_to_others.count() == 5


def test_who_has_left_does_not_stay_but_may_come_back_without_a_role(busy, ursula, today):
    services.record_leaving(busy, on=today, by=ursula)
    with pytest.raises(TooLate, match="is not about to leave"):
        services.take_back_leaving(busy, by=ursula)
    services.open_again(busy, by=ursula)
    busy.refresh_from_db()
    assert (busy.is_active, busy.leaves_on, busy.roles()) == (True, None, frozenset())
    with pytest.raises(TooLate, match="is open"):
        services.open_again(busy, by=ursula)


# --- Handing over -----------------------------------------------------------------------------------------------------


def test_who_comes_back_finds_neither_their_calendar_nor_their_part_in_differences(ursula, maya, constabulary, today):
    EscalationContact.objects.create(organisation=constabulary, level=1, person=maya)
    secret = make_feed(maya)
    services.record_leaving(maya, on=today, by=ursula)
    maya.refresh_from_db()
    services.open_again(maya, by=ursula)
    assert person_of(secret) is None
    assert not EscalationContact.objects.filter(person=maya).exists()


def test_a_seat_goes_to_a_colleague_from_the_day_it_is_free(busy, henry, ursula, audit_group, health_board, soon):
    services.record_leaving(busy, on=soon, by=ursula)
    services.hand_over(item_of(busy, LeaverItemKind.SEAT), to=henry, by=ursula)
    made = henry.memberships.get()
    assert (made.group, made.organisation, made.capacity) == (audit_group, health_board, Capacity.MEMBER)
    assert (made.starts, made.ends) == (soon, None)
    (message,) = OutgoingMessage.objects.filter(name="handed_over")
    assert message.to_user == henry
    assert "who leaves:" in message.body
    assert "The seat on Performance and Audit Group for Integrated Care Board, as member" in message.body


def test_a_seat_is_never_backdated(busy, henry, ursula, today):
    services.record_leaving(busy, on=today - timedelta(days=9), by=ursula)
    services.hand_over(item_of(busy, LeaverItemKind.SEAT), to=henry, by=ursula)
    assert henry.memberships.get().starts == today


def test_a_deputy_who_takes_over_gives_up_their_own_seat(busy, henry, ursula, audit_group, today):
    seat(henry, audit_group, Capacity.DEPUTY)
    services.record_leaving(busy, on=today, by=ursula)
    services.hand_over(item_of(busy, LeaverItemKind.SEAT), to=henry, by=ursula)
    held = Membership.objects.on(today).get(person=henry)
    assert held.capacity == Capacity.MEMBER
    assert henry.memberships.get(capacity=Capacity.DEPUTY).ends == today


def test_who_has_such_a_seat_already_cannot_take_another(busy, henry, ursula, audit_group, today):
    seat(henry, audit_group)
    services.record_leaving(busy, on=today, by=ursula)
    with pytest.raises(ValidationError) as caught:
        services.hand_over(item_of(busy, LeaverItemKind.SEAT), to=henry, by=ursula)
    assert "Henry Health sits on Performance and Audit Group already: member from" in caught.value.message_dict["to"][0]


def test_the_seat_of_a_body_that_has_ended_goes_to_the_one_that_follows(ursula, busy, health_board, today):
    follower = OrganisationFactory(name="Regional Board")
    newcomer = UserFactory(organisation=follower)
    health_board.ends, health_board.successor = today, follower
    health_board.save()
    services.record_leaving(busy, on=today, by=ursula)
    item = item_of(busy, LeaverItemKind.SEAT)
    assert list(leavers.candidates(item, on=today)) == [newcomer]
    services.hand_over(item, to=newcomer, by=ursula)
    assert newcomer.memberships.get().organisation == follower


def test_the_chair_goes_to_a_colleague_for_the_rest_of_the_term(busy, henry, ursula, today):
    ends = busy.chair_terms.order_by("starts").first().ends
    services.record_leaving(busy, on=today, by=ursula)
    services.hand_over(item_of(busy, LeaverItemKind.CHAIR), to=henry, by=ursula)
    made = henry.chair_terms.get()
    assert (made.starts, made.ends) == (today, ends)


def test_the_chair_that_somebody_has_taken_meanwhile_is_not_taken_twice(busy, henry, maya, ursula, audit_group, today):
    services.record_leaving(busy, on=today, by=ursula)
    put_in_the_chair(maya, audit_group, starts=today, ends=today + timedelta(days=30))
    with pytest.raises(ValidationError) as caught:
        services.hand_over(item_of(busy, LeaverItemKind.CHAIR), to=henry, by=ursula)
    assert "Maya Member (Constabulary)" in caught.value.message_dict["to"][0]


def test_an_action_goes_to_somebody_of_its_owner(busy, henry, maya, ursula, today):
    services.record_leaving(busy, on=today, by=ursula)
    own = item_of(busy, LeaverItemKind.ACTION, action__group=None)
    groups = item_of(busy, LeaverItemKind.ACTION, action__organisation=None)
    assert list(leavers.candidates(own, on=today)) == [henry]
    assert list(leavers.candidates(groups, on=today)) == [maya]
    with pytest.raises(ValidationError, match="cannot take this over"):
        services.hand_over(own, to=maya, by=ursula)
    services.hand_over(own, to=henry, by=ursula)
    assert Action.objects.get(pk=own.action.pk).person == henry


def test_nobody_who_leaves_too_takes_anything_over(busy, henry, ursula, today):
    services.record_leaving(henry, on=today + timedelta(days=3), by=ursula)
    services.record_leaving(busy, on=today + timedelta(days=5), by=ursula)
    assert not leavers.candidates(item_of(busy, LeaverItemKind.SEAT), on=today).exists()


def test_what_nobody_takes_over_is_settled_with_a_reason(busy, ursula, today):
    services.record_leaving(busy, on=today, by=ursula)
    item = item_of(busy, LeaverItemKind.SEAT)
    with pytest.raises(ValidationError, match="Enter why nobody"):
        services.settle_without(item, reason=" ", by=ursula)
    with pytest.raises(ValidationError, match="07700 900123"):
        services.settle_without(item, reason="Ask on 07700 900123", by=ursula)
    services.settle_without(item, reason="One seat is enough", by=ursula)
    with pytest.raises(TooLate, match="Ursula Unit has settled this already: One seat is enough"):
        services.settle_without(item, reason="Again", by=ursula)


def test_an_action_that_nobody_takes_over_names_nobody(busy, ursula, today):
    services.record_leaving(busy, on=today, by=ursula)
    item = item_of(busy, LeaverItemKind.ACTION)
    services.settle_without(item, reason="The board sees to it", by=ursula)
    assert Action.objects.get(pk=item.action.pk).person is None


def test_what_is_given_to_others_elsewhere_waits_no_longer(busy, henry, ursula, audit_group, today):
    services.record_leaving(busy, on=today, by=ursula)
    assert open_items(busy, today).count() == 5
    Action.objects.filter(person=busy).exclude(status=ActionStatus.DONE).update(person=henry)
    assert open_items(busy, today).count() == 3
    audit_group.ends = today
    audit_group.save()
    assert not open_items(busy, today).exists()


def test_only_the_business_unit_hands_over(busy, henry, ursula, stella, today):
    services.record_leaving(busy, on=today, by=ursula)
    item = item_of(busy, LeaverItemKind.SEAT)
    with pytest.raises(PermissionDenied):
        services.hand_over(item, to=henry, by=stella)
    with pytest.raises(PermissionDenied):
        services.settle_without(item, reason="No", by=stella)


def test_a_leaver_is_named_on_no_new_action(busy, ursula, health_board, today):
    services.record_leaving(busy, on=today, by=ursula)
    gone = User.objects.get(pk=busy.pk)
    with pytest.raises(ValidationError) as caught:
        actions.open_action(health_board, what="Train", due=today, source=None, by=ursula, person=gone)
    assert "has left" in caught.value.message_dict["person"][0]


def test_the_database_knows_that_a_thing_is_about_something_and_settled_in_one_way(busy, ursula, today):
    services.record_leaving(busy, on=today, by=ursula)
    item = item_of(busy, LeaverItemKind.SEAT)
    for change in ({"group": None}, {"settled_at": timezone.now()}, {"reason": "Because"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LeaverItem.objects.filter(pk=item.pk).update(**change)


# --- The pages --------------------------------------------------------------------------------------------------------


def day_form(day):
    return {"day_day": day.day, "day_month": day.month, "day_year": day.year}


def test_the_page_lists_what_ends_and_then_what_waits(signed_in, ursula, busy, today):
    client, leaving = signed_in(ursula), reverse("leaving", args=[busy.pk])
    page = client.get(leaving).content.decode()
    for part in ("What ends", "Seat: Performance and Audit Group, member", "Chair: ", "Action: Report to group"):
        assert part in page
    page = client.post(leaving, day_form(today), follow=True).content.decode()
    assert "Chloe Chair has left. Their access has ended" in page
    assert page.count("Hand over<") == 5
    assert client.get(leaving).status_code == 409


def test_a_thing_is_handed_over_on_its_page_once(signed_in, ursula, busy, henry, today):
    services.record_leaving(busy, on=today, by=ursula)
    item = item_of(busy, LeaverItemKind.SEAT)
    client, hand_on = signed_in(ursula), reverse("hand_on", args=[busy.pk, item.pk])
    assert "Henry Health, Named nurse" in client.get(hand_on).content.decode()
    assert "Select who takes it over" in client.post(hand_on, {}).content.decode()
    page = client.post(hand_on, {"to": henry.pk}, follow=True).content.decode()
    assert "Handed over to Henry Health" in page
    assert "takes it over" in page
    response = client.post(hand_on, {"to": henry.pk})
    assert response.status_code == 409
    assert "Ursula Unit has handed this over to Henry Health already" in response.content.decode()


def test_where_nobody_can_take_it_over_the_page_says_what_to_do(signed_in, ursula, busy, today):
    services.record_leaving(busy, on=today, by=ursula)
    item = item_of(busy, LeaverItemKind.SEAT)
    page = signed_in(ursula).get(reverse("hand_on", args=[busy.pk, item.pk])).content.decode()
    assert "Nobody else of Integrated Care Board is in the portal" in page


def test_somebody_elses_thing_is_not_found_under_this_person(signed_in, ursula, busy, maya, today):
    services.record_leaving(busy, on=today, by=ursula)
    item = item_of(busy, LeaverItemKind.SEAT)
    assert signed_in(ursula).get(reverse("hand_on", args=[maya.pk, item.pk])).status_code == 404


def test_the_home_page_says_how_much_waits(ursula, stella, busy, today):
    services.record_leaving(busy, on=today, by=ursula)
    found = {need.title: need for need in home.needs_of(ursula, on=today)}
    need = found["5 things of Chloe Chair to hand over"]
    assert (need.url, need.due) == (reverse("leaver_hand_over", args=[busy.pk]), today)
    assert not [need for need in home.needs_of(stella, on=today) if "to hand over" in need.title]


def test_many_leavers_are_one_need(ursula, maya, audit_group, today):
    for _ in range(6):
        person = UserFactory(organisation=maya.organisation)
        seat(person, audit_group)
        services.record_leaving(person, on=today, by=ursula)
    titles = [need.title for need in home.needs_of(ursula, on=today)]
    assert "Things of 6 people to hand over" in titles


def test_staying_and_coming_back_on_pages(signed_in, ursula, busy, soon, today):
    services.record_leaving(busy, on=soon, by=ursula)
    client = signed_in(ursula)
    take_back = reverse("take_back_leaving", args=[busy.pk])
    assert take_back in client.get(busy.get_absolute_url()).content.decode()
    assert "Chloe Chair stays" in client.post(take_back, follow=True).content.decode()
    assert client.get(take_back).status_code == 409
    services.record_leaving(busy, on=today, by=ursula)
    again = reverse("open_account_again", args=[busy.pk])
    assert again in client.get(busy.get_absolute_url()).content.decode()
    assert "is open. Give them a role" in client.post(again, follow=True).content.decode()


def test_the_hand_over_page_costs_the_same_with_more_things(
    signed_in, ursula, busy, health_board, today, django_assert_max_num_queries
):
    services.record_leaving(busy, on=today, by=ursula)
    client, page = signed_in(ursula), reverse("leaver_hand_over", args=[busy.pk])
    client.get(page)
    with django_assert_max_num_queries(20) as before:
        client.get(page)
    made = [
        Action.objects.create(person=busy, what=f"Task {n}", due=today, organisation=health_board) for n in range(10)
    ]
    LeaverItem.objects.bulk_create(LeaverItem(person=busy, kind="action", action=one, starts=today) for one in made)
    services.settle_without(busy.left_to_others.last(), reason="Not needed", by=ursula)
    client.get(page)
    with django_assert_max_num_queries(20) as after:
        client.get(page)
    assert len(after) == len(before)
