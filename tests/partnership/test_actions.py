"""The tracker of actions: who holds them, who may do what with them, and what the services do and refuse."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from partnership import actions as reads
from partnership import figures
from partnership.choices import ActionPriority, ActionStatus, Role
from partnership.demo import actions as demo
from partnership.engine import history, home, priorities
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.models import Action, ActionNote, OutgoingMessage, StatusChange, User
from partnership.permissions import Perm
from partnership.services import actions
from partnership.sources import CameFrom, came_from
from tests.factories import (
    GroupFactory,
    OrganisationFactory,
    PriorityFactory,
    UserFactory,
    grant,
    open_return,
    put_in_the_chair,
    seat,
)
from tests.partnership.test_services import together

TODAY = timezone.localdate
PHONE = "Call her mother on 07700 900123"


def days(number):
    return TODAY() + timedelta(days=number)


def make(owner, **fields):
    fields.setdefault("due", days(20))
    return actions.open_action(owner, source=None, by=None, **({"what": "Audit ten files"} | fields))


def details_of(action, **changes):
    names = actions.Details.__dataclass_fields__
    return actions.Details(**({name: getattr(action, name) for name in names} | changes))


def change(action, *, by, reason="", **changes):
    loaded = reads.fingerprint(action)
    return actions.change_action(action, details_of(action, **changes), by=by, loaded=loaded, reason=reason)


def leave(person):
    User.objects.filter(pk=person.pk).update(is_active=False)
    person.refresh_from_db()


def told(name):
    return {message.to_email for message in OutgoingMessage.objects.filter(name=name)}


@pytest.fixture
def action(audit_group, maya, chloe):
    return make(audit_group, person=maya)


# Who may do what


def holds(person, perm, record):
    person.forget_reach()
    return person.has_perm(perm, record)


def test_a_member_sees_the_groups_actions_and_carries_on_only_their_own(audit_group, maya, chloe):
    own, of_group = make(audit_group, person=maya), make(audit_group)
    assert [holds(maya, Perm.VIEW_ACTION, each) for each in (own, of_group)] == [True, True]
    assert [holds(maya, Perm.PROGRESS_ACTION, each) for each in (own, of_group)] == [True, False]
    assert not holds(maya, Perm.MANAGE_ACTION, own)
    assert all(holds(chloe, perm, own) for perm in (Perm.PROGRESS_ACTION, Perm.CANCEL_ACTION, Perm.MANAGE_ACTION))


def test_a_partner_carries_on_what_their_organisation_has_to_do_and_sees_no_other(maya, constabulary, health_board):
    own, other = make(constabulary), make(health_board)
    assert holds(maya, Perm.PROGRESS_ACTION, own)
    assert not holds(maya, Perm.CANCEL_ACTION, own)
    assert not holds(maya, Perm.VIEW_ACTION, other)


@pytest.mark.parametrize(("person", "may"), [("dan", True), ("debbie", True), ("amira", True), ("colin", False)])
def test_a_school_carries_on_its_own(request, person, may, oak_lane, elm_park):
    person = request.getfixturevalue(person)
    own, other = make(oak_lane.organisation), make(elm_park.organisation)
    assert holds(person, Perm.VIEW_ACTION, own)
    assert (holds(person, Perm.PROGRESS_ACTION, own), holds(person, Perm.CANCEL_ACTION, own)) == (may, may)
    assert not holds(person, Perm.MANAGE_ACTION, own)
    assert not holds(person, Perm.VIEW_ACTION, other)


def test_a_scrutineer_reads_and_changes_nothing_even_in_the_chair(stella, audit_group, health_board):
    action = make(audit_group)
    put_in_the_chair(stella, audit_group, organisation=health_board)
    Action.objects.filter(pk=action.pk).update(person=stella)
    assert holds(stella, Perm.VIEW_ACTION, action)
    for perm in (Perm.PROGRESS_ACTION, Perm.CANCEL_ACTION, Perm.MANAGE_ACTION):
        assert not holds(stella, perm, action)


def test_who_has_left_the_group_sees_its_actions_no_more(maya, audit_group):
    action = make(audit_group)
    maya.memberships.update(ends=TODAY())
    assert not holds(maya, Perm.VIEW_ACTION, action)


# Who holds them


def held(person):
    person.forget_reach()
    return set(Action.objects.held_by(person))


def test_who_is_named_holds_it_and_without_a_name_the_chair_or_the_organisations_people_do(
    audit_group, constabulary, oak_lane, maya, chloe, dan, debbie, amira
):
    named, of_group, of_police = make(audit_group, person=maya), make(audit_group), make(constabulary)
    of_school = make(oak_lane.organisation)
    found = reads.holders(Action.objects.with_names(), on=TODAY())
    assert found == {named.pk: [maya], of_group.pk: [chloe], of_police.pk: [maya], of_school.pk: [dan]}
    assert [held(person) for person in (maya, chloe, dan, amira)] == [
        {named, of_police},
        {of_group},
        {of_school},
        set(),
    ]


def test_what_somebody_who_left_was_to_do_falls_to_the_owner(action, maya, chloe):
    leave(maya)
    assert action.person == maya
    action = Action.objects.with_names().get()
    assert action.is_left_behind
    assert reads.holders([action], on=TODAY()) == {action.pk: [chloe]}
    assert held(chloe) == {action}
    assert set(Action.objects.left_behind()) == {action}


def test_where_nobody_is_in_the_chair_nobody_holds_it(audit_group):
    action = make(audit_group)
    assert reads.holders(Action.objects.with_names(), on=TODAY()) == {action.pk: []}


def test_holders_cost_two_queries_whatever_the_number(
    audit_group, constabulary, maya, chloe, django_assert_num_queries
):
    for _ in range(3):
        make(audit_group), make(constabulary), make(audit_group, person=maya)
    listed = list(Action.objects.with_names())
    with django_assert_num_queries(2):
        reads.holders(listed, on=TODAY())


def test_scrutineers_and_leavers_are_not_among_those_to_name(
    audit_group, oak_lane, maya, chloe, stella, dan, pat, ursula
):
    leave(chloe)
    assert set(reads.people_to_name()) == {maya, ursula}
    assert set(reads.people_to_name(oak_lane.organisation)) == {maya, ursula, dan}


def test_an_owner_is_found_again_by_its_key_and_nothing_else_is(audit_group, constabulary):
    for owner in (audit_group, constabulary):
        assert reads.owner_of(reads.owner_key(owner)) == owner
    for nonsense in ("", "group-", "group-x", "user-1", "group-0", f"group-{'9' * 30}", "-1"):
        assert reads.owner_of(nonsense) is None


# Given out


def test_the_business_unit_gives_out_an_action_with_all_that_belongs_to_it(ursula, audit_group, maya):
    serves = PriorityFactory()
    action = actions.begin_action(
        audit_group,
        by=ursula,
        what=" Audit ten files ",
        due=days(3),
        person=maya,
        priority=ActionPriority.HIGH,
        serves=serves,
    )
    action.refresh_from_db()
    assert (action.what, action.owner, action.person, action.serves) == ("Audit ten files", audit_group, maya, serves)
    assert (action.created_by, action.given_on, action.status) == (ursula, TODAY(), ActionStatus.OPEN)


def test_a_chair_gives_actions_to_their_group_and_to_nobody_else(chloe, maya, audit_group, constabulary):
    assert actions.begin_action(audit_group, by=chloe, what="Audit", due=days(3)).group == audit_group
    for by, owner in ((chloe, GroupFactory()), (chloe, constabulary), (maya, audit_group)):
        with pytest.raises(PermissionDenied):
            actions.begin_action(owner, by=by, what="Audit", due=days(3))


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"due": date(2020, 1, 1)}, "due", "The due date must be today or later"),
        ({"what": PHONE}, "what", "telephone number"),
        ({"who": "Ann, 07700 900123"}, "who", "telephone number"),
    ],
)
def test_a_wrong_action_is_refused_by_field(ursula, audit_group, wrong, field, sentence):
    with pytest.raises(ValidationError) as refused:
        actions.begin_action(audit_group, by=ursula, **({"what": "Audit", "due": days(3)} | wrong))
    assert sentence in refused.value.message_dict[field][0]
    assert not Action.objects.exists()


def test_nobody_who_has_left_and_no_scrutineer_is_given_an_action(ursula, audit_group, maya, stella):
    leave(maya)
    for person, sentence in ((maya, "Maya Member has left"), (stella, "is a scrutineer")):
        with pytest.raises(ValidationError) as refused:
            make(audit_group, person=person)
        assert sentence in refused.value.message_dict["person"][0]
    assert not Action.objects.exists()


def test_a_body_that_has_ended_is_given_nothing(ursula):
    ended = OrganisationFactory(name="Old CCG", ends=date(2022, 7, 1))
    with pytest.raises(ValidationError, match="Old CCG no longer exists"):
        actions.begin_action(ended, by=ursula, what="Audit", due=days(3))


# Carried on


def test_a_note_says_how_it_gets_on(action, maya, stella):
    note = actions.add_note(action, by=maya, text=" Five are read ")
    assert (note.text, note.by) == ("Five are read", maya)
    assert note.get_absolute_url() == f"{action.get_absolute_url()}#note-{note.pk}"
    for text in ("  ", PHONE):
        with pytest.raises(ValidationError):
            actions.add_note(action, by=maya, text=text)
    with pytest.raises(PermissionDenied):
        actions.add_note(action, by=stella, text="Well done")
    actions.complete_action(action, by=maya, evidence="Minutes")
    with pytest.raises(TooLate, match="This action is done"):
        actions.add_note(action, by=maya, text="And another thing")
    assert ActionNote.objects.count() == 1


def test_the_status_history_keeps_what_showed_that_it_was_done_also_when_it_is_reopened(action, maya, chloe):
    actions.complete_action(action, by=maya, evidence=" The report of May ")
    reopened = actions.reopen_action(action, by=chloe, note="Two files are missing", due=days(9))
    assert (reopened.status, reopened.evidence, reopened.finished_on) == (ActionStatus.IN_PROGRESS, "", None)
    assert reopened.due == days(9)
    assert [change.note for change in StatusChange.objects.about(action)] == [
        "The report of May",
        "Two files are missing",
    ]
    assert told("action_reopened") == {maya.email}


def test_words_that_may_identify_a_child_change_nothing(action, chloe):
    for attempt in (
        lambda: actions.complete_action(action, by=chloe, evidence=PHONE),
        lambda: actions.cancel_action(action, by=chloe, note=PHONE),
        lambda: actions.redate_actions([action], by=chloe, due=days(9), reason=PHONE),
        lambda: change(action, by=chloe, what=PHONE),
    ):
        with pytest.raises(ValidationError, match="telephone number"):
            attempt()
    action.refresh_from_db()
    assert (action.status, action.due, action.what) == (ActionStatus.OPEN, days(20), "Audit ten files")
    assert not StatusChange.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_who_holds_an_action_is_told_that_it_is_cancelled_but_not_by_themselves_or_the_portal(
    action, audit_group, maya, chloe
):
    actions.cancel_action(action, by=chloe, note="Overtaken by the new audit")
    assert told("action_cancelled") == {maya.email}
    assert "Overtaken by the new audit" in OutgoingMessage.objects.get().body
    actions.cancel_action(make(audit_group), by=chloe, note="No use")
    actions.cancel_action(make(audit_group, person=maya), by=None, note="The answer is weak no longer")
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_complete_an_action_at_once_one_does(action, maya):
    def complete():
        person = User.objects.get(pk=maya.pk)
        return actions.complete_action(Action.objects.get(pk=action.pk), by=person, evidence="Minutes")

    outcomes = together(8, complete)
    assert sum(isinstance(outcome, MoveNotAllowed) for outcome in outcomes) == 7
    assert StatusChange.objects.about(action).count() == 1


def test_the_database_itself_holds_what_must_never_be_false(action, maya, constabulary):
    wrong = (
        {"organisation": constabulary},
        {"group": None},
        {"status": ActionStatus.DONE, "finished_on": TODAY()},
        {"status": ActionStatus.CANCELLED},
        {"finished_on": TODAY()},
    )
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Action.objects.filter(pk=action.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActionNote.objects.create(action=action, text="x", by=maya, due_was=TODAY())


# Changed


def test_the_chair_hands_it_over_and_re_dates_it_with_a_reason(action, chloe, maya, audit_group):
    other = seat(UserFactory(name="Otto Other"), audit_group, organisation=OrganisationFactory()).person
    Action.objects.update(given_on=days(-30))
    action.refresh_from_db()
    change(action, by=chloe, person=other, due=days(40), reason="Otto takes over")
    action.refresh_from_db()
    assert (action.person, action.due, action.given_on) == (other, days(40), TODAY())
    note = action.notes.get()
    assert (note.text, note.due_was, note.due_became, note.by) == ("Otto takes over", days(20), days(40), chloe)
    assert told("actions_redated") == {other.email}


def test_another_due_date_needs_a_reason_and_another_word_does_not(action, chloe):
    with pytest.raises(NoteRequired, match="Enter why the due date is moved"):
        change(action, by=chloe, due=days(40))
    change(action, by=chloe, what="Audit twelve files")
    action.refresh_from_db()
    assert (action.what, action.due, action.given_on) == ("Audit twelve files", days(20), TODAY())
    assert not action.notes.exists()


def test_an_overdue_action_can_be_corrected_without_moving_its_date(audit_group, chloe):
    action = make(audit_group, due=days(-5))
    action = change(action, by=chloe, what="Audit twelve files")
    with pytest.raises(ValidationError, match="today or later"):
        change(action, by=chloe, due=days(-1), reason="Because")


def test_a_chair_hands_nothing_over_to_another_body_and_the_business_unit_does(action, chloe, ursula, constabulary):
    with pytest.raises(PermissionDenied):
        change(action, by=chloe, owner=constabulary)
    change(action, by=ursula, owner=constabulary)
    action.refresh_from_db()
    assert action.owner == constabulary


def test_an_action_is_not_handed_to_somebody_who_has_left_but_keeps_the_one_it_has(action, chloe, maya):
    leave(maya)
    action.refresh_from_db()
    action = change(action, by=chloe, what="Audit twelve files")
    assert action.person == maya
    gone = UserFactory(name="Gone Already", is_active=False)
    with pytest.raises(ValidationError, match="Gone Already has left"):
        change(action, by=chloe, person=gone)


def test_who_saves_second_is_told_and_changes_nothing(action, chloe, ursula):
    loaded, typed = reads.fingerprint(action), details_of(action, what="Audit thirteen files")
    change(action, by=ursula, what="Audit twelve files")
    with pytest.raises(ChangedMeanwhile) as conflict:
        actions.change_action(action, typed, by=chloe, loaded=loaded)
    assert conflict.value.current.what == "Audit twelve files"


def test_several_get_one_new_date_and_each_holder_is_told_once(audit_group, constabulary, ursula, maya, chloe):
    some = [make(audit_group, person=maya), make(constabulary), make(audit_group), make(audit_group, due=days(5))]
    outcome = actions.redate_actions(some, by=ursula, due=days(60), reason="The audit has moved")
    assert len(outcome.done) == 4
    assert set(Action.objects.values_list("due", flat=True)) == {days(60)}
    assert set(ActionNote.objects.values_list("text", "due_became")) == {("The audit has moved", days(60))}
    messages = {message.to_email: message for message in OutgoingMessage.objects.all()}
    assert set(messages) == {maya.email, chloe.email}
    assert messages[maya.email].subject == "New due date for 2 of your actions"
    assert messages[chloe.email].body.count("/actions/") == 2
    assert "The reason: The audit has moved" in messages[maya.email].body


def test_what_is_finished_or_not_theirs_keeps_its_date(audit_group, constabulary, chloe):
    done, other, same = make(audit_group), make(constabulary), make(audit_group, due=days(9))
    actions.complete_action(done, by=chloe, evidence="Minutes")
    outcome = actions.redate_actions([done, other, same], by=chloe, due=days(9), reason="Moved")
    assert (outcome.done, dict(outcome.refused)) == (
        [],
        {done: "It is done.", other: "You may not change it.", same: "It is due on that day already."},
    )
    assert not ActionNote.objects.exists()


@pytest.mark.parametrize(("due", "reason"), [(days(-1), "Moved"), (days(9), "  ")])
def test_a_day_that_has_passed_or_no_reason_moves_nothing(action, ursula, due, reason):
    with pytest.raises((ValidationError, NoteRequired)):
        actions.redate_actions([action], by=ursula, due=due, reason=reason)
    action.refresh_from_db()
    assert action.due == days(20)


# Where they came from


def test_an_action_leads_to_what_it_came_from_for_who_may_see_that(oak_lane, dan, maya, audit_group, ursula):
    record = open_return(oak_lane)
    answer = record.answers.create(question=record.collection.question_set.questions.first())
    from_return = actions.open_action(oak_lane.organisation, what="Train", due=days(9), source=answer, by=dan)
    found = came_from(from_return, dan)
    assert (found.kind, found.title, found.url) == ("School return", str(answer), record.get_absolute_url())
    assert came_from(from_return, maya) == CameFrom("School return")
    assert came_from(make(audit_group), ursula) is None
    assert reads.kinds_of_source(Action.objects.all()) == [(str(from_return.source_type_id), "School return")]


def test_what_an_action_came_from_may_be_gone(oak_lane, ursula):
    action = make(oak_lane.organisation)
    action.source = oak_lane.organisation
    action.save()
    Action.objects.update(source_id=0)
    assert came_from(Action.objects.get(), ursula) is None


# Home, history, priorities, figures


def test_home_shows_what_is_overdue_or_due_soon_and_no_more(maya, chloe, audit_group):
    make(audit_group, person=maya, what="Late", due=days(-2))
    make(audit_group, person=maya, what="Soon", due=days(14))
    make(audit_group, person=maya, what="Later", due=days(15))
    found = [need for need in home.needs_of(maya, on=TODAY()) if "/actions/" in need.url]
    assert [(need.title, need.due) for need in found] == [("Late", days(-2)), ("Soon", days(14))]
    assert not any("/actions/" in need.url for need in home.needs_of(chloe, on=TODAY()))


def test_many_actions_are_one_line_on_the_home_page(maya, audit_group):
    for number in range(7):
        make(audit_group, person=maya, due=days(number - 3))
    found = [need for need in home.needs_of(maya, on=TODAY()) if "/actions/" in need.url]
    assert [(need.title, need.due) for need in found] == [("7 actions are due soon or overdue", days(-3))]


def test_the_business_unit_is_told_of_actions_left_behind(action, maya, ursula, stella):
    leave(maya)
    assert "1 action is with somebody who has left" in [need.title for need in home.needs_of(ursula, on=TODAY())]
    assert not any("has left" in need.title for need in home.needs_of(stella, on=TODAY()))


def test_the_field_history_of_an_action_is_kept(action, chloe):
    change(action, by=chloe, what="Audit twelve files")
    assert any(change.became == "Audit twelve files" for event in history.events_of(action) for change in event.changes)


def test_a_priority_gathers_its_actions_for_those_who_see_them(audit_group, maya, pat):
    serves = PriorityFactory()
    make(audit_group, serves=serves), make(audit_group)

    def titles(user):
        return [entry.title for kind, entries in priorities.gathered(serves, user) for entry in entries]

    assert (titles(maya), titles(pat), titles(None)) == (["Audit ten files"], [], [])


def finished(owner, *, on, due, status=ActionStatus.DONE):
    return Action.objects.create(
        **{type(owner).__name__.lower(): owner},
        what="Audit",
        due=due,
        status=status,
        finished_on=on,
        evidence="Minutes" if status == ActionStatus.DONE else "",
    )


def test_the_figures_of_actions_by_a_worked_example(audit_group, constabulary, oak_lane):
    on = date(2026, 6, 1)
    make(audit_group, due=date(2026, 5, 31)), make(audit_group, due=on), make(constabulary, due=date(2026, 7, 1))
    make(oak_lane.organisation, due=date(2026, 1, 1))
    finished(constabulary, on=date(2026, 5, 10), due=date(2026, 5, 10))
    finished(constabulary, on=date(2026, 5, 11), due=date(2026, 5, 10))
    finished(constabulary, on=date(2025, 6, 2), due=date(2026, 5, 10))
    finished(constabulary, on=date(2025, 6, 1), due=date(2026, 5, 10))
    finished(audit_group, on=date(2026, 5, 1), due=date(2026, 5, 10), status=ActionStatus.CANCELLED)
    assert figures.actions_unfinished() == 4
    assert figures.actions_overdue(on=on) == 2
    everything = Action.objects.all()
    assert figures.actions_by_owner(everything, "organisation", on=on) == [
        figures.Tally("Constabulary", 1, 0, 3, constabulary.pk)
    ]
    assert figures.actions_by_owner(everything, "group", on=on) == [
        figures.Tally("Performance and Audit Group", 2, 1, 0, audit_group.pk)
    ]
    assert [row.owner for row in figures.actions_by_owner(everything, "school", on=on)] == ["Oak Lane School"]
    in_a_year = {"since": date(2025, 6, 2), "until": on}
    assert figures.actions_done_on_time(**in_a_year) == Decimal("66.7")
    assert figures.actions_done_on_time(since=on, until=on) is None


def test_a_role_that_names_no_organisation_opens_none(constabulary):
    person = UserFactory()
    grant(person, Role.PARTNER)
    make(constabulary)
    assert not Action.objects.visible_to(person).exists()


def test_the_demo_has_actions_in_every_state(ursula, maya, constabulary):
    group = GroupFactory(slug="performance-and-audit-group")
    seat(maya, group)
    executive = GroupFactory(slug="executive-group")
    demo.load(TODAY())
    made = Action.objects.with_names()
    assert {action.status for action in made} == set(ActionStatus)
    assert {action.owner for action in made} == {group, executive, constabulary}
    assert any(action.is_overdue(on=TODAY()) for action in made)
    assert ActionNote.objects.exclude(due_was=None).exists()
    assert all(StatusChange.objects.about(action).exists() for action in made if not action.is_unfinished)
    assert not OutgoingMessage.objects.exists()
