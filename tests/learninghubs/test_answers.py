"""The Board's side of suggestions: on an agenda, answered, taken back, overdue; and what became of the actions."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from learninghubs import board as reads
from learninghubs import board_needs
from learninghubs.choices import Answer, Impact, IssueStatus, ItemKind, SuggestionStatus
from learninghubs.models import Author, ImpactCheck, NewsletterItem, Response, Suggestion
from learninghubs.services import answers as services
from partnership.choices import ActionStatus, MeetingStatus, Role
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.models import Action, AgendaItem, Decision, OutgoingMessage, StatusChange
from partnership.services import actions, meetings
from tests.factories import (
    GroupFactory,
    HubFactory,
    IssueFactory,
    OrganisationFactory,
    SuggestionFactory,
    ThemeFactory,
    UserFactory,
    grant,
    put_in_the_chair,
)
from tests.learninghubs.boards import NOTHING_DONE, chair_of, days, give, member_of, today, waiting_in
from tests.partnership.meetings import at, make_item, make_meeting
from tests.partnership.test_services import together

S = SuggestionStatus
M = MeetingStatus


@pytest.fixture
def carol(board):
    """Who chairs the Board."""
    return chair_of(board)


@pytest.fixture
def suggestion(hub):
    """Put to the Board forty days ago."""
    return waiting_in(hub)


@pytest.fixture
def held(board):
    """A meeting of the Board ten days ago, whose minutes are being written."""
    return make_meeting(board, days=-10, status=M.HELD)


# --- On the agenda ----------------------------------------------------------------------------------------------------


def test_each_suggestion_becomes_an_item_of_the_agenda_that_leads_back_to_it(suggestion, board, carol):
    like = SuggestionFactory(hub=suggestion.hub, status=S.MERGED, merged_into=suggestion)
    other = SuggestionFactory(hub=suggestion.hub, status=S.WITH_BOARD)
    meeting = make_meeting(board)
    first, second = services.put_on_agenda([suggestion, other], meeting=meeting, by=carol)
    assert (first.source, second.source) == (suggestion, other)
    assert first.title == f"Suggestion {suggestion.reference}: Quick replies"
    assert second.title == f"Suggestion {other.reference}"
    assert f"Said by 2. Theme: {suggestion.theme}." in first.summary
    assert "What should change: Answer each within a day" in first.summary
    assert (first.purpose, first.serves, like.status) == ("decision", suggestion.theme.serves, S.MERGED)


def test_it_comes_before_what_closes_the_agenda_and_makes_the_pack_out_of_date(suggestion, board, carol):
    closing = board.standing_items.create(title="Any other business", closes=True)
    meeting = make_meeting(board)
    make_item(meeting, "Any other business", standing=closing)
    version = meeting.agenda_version
    services.put_on_agenda([suggestion], meeting=meeting, by=carol)
    assert [item.title[:10] for item in meeting.items.on_agenda()] == ["Suggestion", "Any other "]
    meeting.refresh_from_db()
    assert meeting.agenda_version > version


def test_what_a_person_released_from_screening_is_not_copied_to_the_agenda(suggestion, board, carol):
    Suggestion.objects.update(now="Ring 07700 900123", title="Ring 07700 900123")
    item = services.put_on_agenda([suggestion], meeting=make_meeting(board), by=carol)[0]
    assert "07700" not in item.title + item.summary
    assert "What is happening now: Read it on the suggestion’s page." in item.summary


def test_nothing_is_put_on_twice_neither_here_nor_on_another_meeting_to_come(suggestion, board, carol):
    other = SuggestionFactory(hub=suggestion.hub, status=S.WITH_BOARD)
    meeting, later = make_meeting(board), make_meeting(board, days=40)
    services.put_on_agenda([suggestion], meeting=meeting, by=carol)
    for one in (meeting, later):
        with pytest.raises(TooLate, match="on an agenda already"):
            services.put_on_agenda([suggestion], meeting=one, by=carol)
    assert [item.source for item in services.put_on_agenda([suggestion, other], meeting=later, by=carol)] == [other]


def test_what_the_board_did_not_get_to_or_whose_meeting_was_cancelled_goes_on_the_next_agenda(suggestion, board, carol):
    make_item(make_meeting(board, days=-3, status=M.HELD), source=suggestion)
    make_item(make_meeting(board, days=9, status=M.CANCELLED), source=suggestion)
    assert len(services.put_on_agenda([suggestion], meeting=make_meeting(board), by=carol)) == 1


def test_what_stands_on_the_agenda_of_a_board_that_was_succeeded_goes_on_that_of_the_next(suggestion, board, ursula):
    make_item(make_meeting(board), source=suggestion)
    suggestion.hub.reports_to = GroupFactory()
    suggestion.hub.save()
    (theme,) = reads.by_theme(reads.waiting_for(suggestion.hub.reports_to, today()), at=timezone.now())
    assert not theme.hubs[0].lines[0].is_to_come_up
    assert services.put_on_agenda([suggestion], meeting=make_meeting(suggestion.hub.reports_to), by=ursula)


def test_what_was_put_on_is_not_carried_forward_to_the_same_agenda_as_well(suggestion, board, carol):
    make_item(make_meeting(board, days=-3, status=M.HELD), source=suggestion, carry_forward=True)
    meeting = make_meeting(board)
    services.put_on_agenda([suggestion], meeting=meeting, by=carol)
    meetings.build_agenda(meeting, by=carol)
    assert meeting.items.count() == 1


def test_who_does_not_chair_the_board_puts_nothing_on_its_agenda(suggestion, board, ben, stella, ursula):
    meeting = make_meeting(board)
    member = member_of(board)
    for person in (ben, stella, member):
        with pytest.raises(PermissionDenied):
            services.put_on_agenda([suggestion], meeting=meeting, by=person)
    assert services.put_on_agenda([suggestion], meeting=meeting, by=ursula)


def test_no_choice_another_board_and_a_meeting_that_is_over_are_refused_in_a_sentence(suggestion, board, ursula):
    with pytest.raises(ValidationError, match="Select at least one"):
        services.put_on_agenda([], meeting=make_meeting(board), by=ursula)
    with pytest.raises(ValidationError, match="waits for the Strategic Safeguarding Board"):
        services.put_on_agenda([suggestion], meeting=make_meeting(), by=ursula)
    with pytest.raises(TooLate, match="minutes have been circulated"):
        services.put_on_agenda([suggestion], meeting=make_meeting(board, days=-9, status=M.CIRCULATED), by=ursula)
    Suggestion.objects.update(status=S.AT_HUB)
    with pytest.raises(TooLate, match="no longer waiting for the Board"):
        services.put_on_agenda([suggestion], meeting=make_meeting(board, days=20), by=ursula)
    assert not AgendaItem.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_several_who_press_at_once_put_it_on_once(suggestion, board, ursula):
    meeting = make_meeting(board)
    outcomes = together(4, lambda: services.put_on_agenda([suggestion], meeting=meeting, by=ursula))
    assert sum(isinstance(outcome, list) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, TooLate) for outcome in outcomes) == 3
    assert meeting.items.count() == 1


# --- Answered ---------------------------------------------------------------------------------------------------------


def test_an_answer_has_its_reason_owner_action_meeting_decision_and_checks(suggestion, held, carol, board):
    item = make_item(held, source=suggestion)
    response = give(suggestion, held, carol, action_who="Head of front door")
    suggestion.refresh_from_db()
    assert suggestion.status == S.ANSWERED
    assert (response.meeting, response.item, response.answered_on) == (held, item, held.day)
    assert (response.owner, response.recorded_by) == (board, carol)
    action = response.action
    assert (action.owner, action.source, action.serves) == (board, suggestion, suggestion.theme.serves)
    assert (action.what, action.due, action.who) == ("Agree a standard for replies", days(60), "Head of front door")
    decision = response.decision
    assert (decision.item, decision.reason) == (item, "Late replies put people off.")
    assert decision.text.startswith(f"Suggestion {suggestion.reference}: Quick replies. Accepted. Action: Agree a")
    assert [check.months for check in response.checks.all()] == [3, 12]
    change = StatusChange.objects.about(suggestion).get()
    assert (change.to_status, change.by, change.note) == (S.ANSWERED, carol, "Accepted")


def test_its_impact_is_asked_three_and_twelve_months_after_the_meeting(suggestion, board, carol):
    Suggestion.objects.update(sent_up_at=timezone.make_aware(timezone.datetime(2025, 11, 1)))
    suggestion.refresh_from_db()
    start = timezone.make_aware(timezone.datetime(2025, 11, 30, 10))
    meeting = make_meeting(board, days=-300, status=M.HELD)
    meeting.starts_at, meeting.ends_at = start, start + timedelta(hours=2)
    meeting.save()
    response = give(suggestion, meeting, carol)
    assert [check.due for check in response.checks.all()] == [date(2026, 2, 28), date(2026, 11, 30)]


@pytest.mark.parametrize("answer", [Answer.ALREADY, Answer.NOT_NOW, Answer.NO])
def test_an_answer_that_wants_nothing_done_needs_no_owner_and_is_not_asked_about(suggestion, held, carol, answer):
    response = give(suggestion, held, carol, **NOTHING_DONE | {"answer": answer})
    assert (response.owner, response.action) == (None, None)
    assert not response.checks.exists()


def test_an_answer_that_says_no_may_have_an_action_all_the_same(suggestion, held, carol, constabulary):
    response = give(suggestion, held, carol, answer=Answer.NOT_NOW, owner=constabulary)
    assert response.action.owner == response.owner == constabulary
    assert response.checks.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"owner": None}, "owner"),
        ({"action_what": " "}, "action_what"),
        ({"action_due": None}, "action_due"),
        ({"action_due": date(2020, 1, 1)}, "action_due"),
        ({"answer": Answer.IN_PART, "action_what": "", "action_due": None}, "action_what"),
        ({"answer": Answer.NO, "owner": None}, "owner"),
        ({"answer": Answer.NO, "action_due": None}, "action_due"),
        ({"reason": "The child’s NHS number is 943 476 5919"}, "reason"),
        ({"action_what": "Ring 07700 900123"}, "action_what"),
        ({"action_who": "kim@agency.example"}, "action_who"),
    ],
)
def test_an_answer_that_lacks_something_is_refused_by_field_and_nothing_is_kept(
    suggestion, held, carol, changes, field
):
    with pytest.raises(ValidationError) as error:
        give(suggestion, held, carol, **changes)
    assert field in error.value.message_dict
    suggestion.refresh_from_db()
    assert suggestion.status == S.WITH_BOARD
    assert not Response.objects.exists()
    assert not Action.objects.exists()
    assert not Decision.objects.exists()


def test_an_owner_that_has_ended_sees_to_nothing(suggestion, held, carol):
    gone = OrganisationFactory(ends=days(-1))
    with pytest.raises(ValidationError, match="no longer exists"):
        give(suggestion, held, carol, owner=gone)


def test_the_meeting_is_one_of_the_board_that_was_held_since_or_is_on_today(suggestion, board):
    since = make_meeting(
        board, days=-40, status=M.AGREED, agreed_at=make_meeting(board, days=-2, status=M.HELD), agreed_on=days(-2)
    )
    on_today = make_meeting(board, days=0, status=M.CALLED)
    make_meeting(board, days=-41, status=M.HELD)  # before it was put to the Board
    make_meeting(board, days=1, status=M.CALLED)
    make_meeting(board, days=-1, status=M.CALLED)  # nobody recorded that it was held
    make_meeting(board, days=-5, status=M.CANCELLED)
    make_meeting(GroupFactory(), days=-5, status=M.HELD)
    assert list(reads.meetings_to_answer_at(suggestion, today())) == [on_today, since.agreed_at, since]


def test_a_meeting_at_which_it_cannot_have_been_answered_is_refused(suggestion, board, carol):
    with pytest.raises(ValidationError) as error:
        give(suggestion, make_meeting(board, days=-41, status=M.HELD), carol)
    assert "meeting" in error.value.message_dict


def test_what_was_raised_at_the_meeting_becomes_an_item_of_its_minutes(suggestion, held, carol):
    response = give(suggestion, held, carol)
    assert response.item.source == suggestion
    assert list(held.items.on_agenda()) == [response.item]
    assert response.decision.item == response.item


@pytest.mark.parametrize("status", [M.CIRCULATED, M.AGREED])
def test_where_minutes_are_out_the_answer_stands_by_itself(suggestion, board, carol, status):
    meeting = make_meeting(board, days=-10, status=M.HELD)
    item = make_item(meeting, source=suggestion)
    meeting.status = status
    if status == M.AGREED:
        meeting.agreed_at, meeting.agreed_on = make_meeting(board, days=-2, status=M.HELD), days(-2)
    meeting.save()
    response = give(suggestion, meeting, carol)
    assert (response.item, response.decision) == (item, None)
    assert not Decision.objects.exists()


def test_while_the_meeting_is_on_and_nobody_recorded_attendance_it_stands_by_itself_too(suggestion, board, carol):
    response = give(suggestion, make_meeting(board, days=0, status=M.CALLED), carol)
    assert (response.item, response.decision) == (None, None)


def test_only_the_chair_of_the_board_and_the_unit_answer(suggestion, held, ben, stella, ursula):
    member, chair_elsewhere = member_of(held.group), member_of(GroupFactory())
    put_in_the_chair(chair_elsewhere, GroupFactory())
    for person in (ben, stella, member, chair_elsewhere):
        with pytest.raises(PermissionDenied):
            give(suggestion, held, person)
    assert give(suggestion, held, ursula)


def test_a_scrutineer_in_the_chair_still_answers_nothing(suggestion, held, carol):
    grant(carol, Role.SCRUTINEER)
    with pytest.raises(PermissionDenied):
        give(suggestion, held, type(carol).objects.get(pk=carol.pk))


def test_the_leads_of_the_hub_are_told_and_the_author_is_not(suggestion, held, carol, ben, bella):
    give(suggestion, held, carol)
    message = OutgoingMessage.objects.get()
    assert message.to_user == ben
    assert message.subject == f"The Board has answered {suggestion.reference}: Accepted"
    assert "Agree a standard for replies" in message.body
    assert suggestion.author.told_at is None


def test_those_that_were_merged_have_the_answer_of_what_they_were_merged_into(suggestion, held, carol):
    merged = SuggestionFactory(hub=suggestion.hub, status=S.MERGED, merged_into=suggestion)
    assert reads.answer_of(merged) is None
    response = give(suggestion, held, carol)
    assert reads.answer_of(merged) == reads.answer_of(suggestion) == response
    with pytest.raises(MoveNotAllowed):
        give(merged, held, carol)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_wins_and_the_other_is_told(suggestion, held, ursula):
    outcomes = together(4, lambda: give(suggestion, held, ursula))
    assert sum(isinstance(outcome, Response) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, MoveNotAllowed) for outcome in outcomes) == 3
    assert (Response.objects.count(), Action.objects.count(), Decision.objects.count()) == (1, 1, 1)
    assert held.items.count() == 1


# --- Taken back -------------------------------------------------------------------------------------------------------


def test_a_wrong_answer_is_taken_back_with_its_decision_and_its_action(suggestion, held, carol, constabulary, ben):
    doer = UserFactory()
    response = give(suggestion, held, carol, owner=constabulary)
    Action.objects.update(person=doer)
    OutgoingMessage.objects.all().delete()
    services.correct(suggestion, note="Recorded under the wrong reference.", by=carol)
    suggestion.refresh_from_db()
    assert suggestion.status == S.WITH_BOARD
    assert not Response.objects.exists()
    assert not ImpactCheck.objects.exists()
    assert not Decision.objects.exists()
    action = Action.objects.get()
    assert action.status == ActionStatus.CANCELLED
    told = {message.to_user: message.body for message in OutgoingMessage.objects.all()}
    assert told.keys() == {ben, doer}
    assert "The Board’s answer was taken back: Recorded under the wrong reference." in told[doer]
    kept = apps.get_model("learninghubs", "ResponseEvent").objects.get(pgh_obj_id=response.pk)
    assert (kept.answer, kept.reason) == (Answer.ACCEPTED, "Late replies put people off.")


def test_the_next_answer_takes_its_place_and_the_wrong_one_stays_in_the_history(suggestion, held, carol):
    give(suggestion, held, carol)
    services.correct(suggestion, note="It was “no”.", by=carol)
    response = give(suggestion, held, carol, **NOTHING_DONE)
    assert suggestion.response == response
    assert held.items.count() == 1  # under the same item
    verbs = StatusChange.objects.about(suggestion).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["answer", "take the answer back", "answer"]


def test_a_finished_action_and_minutes_that_are_out_stay_as_they_are(suggestion, held, carol, ursula):
    response = give(suggestion, held, carol)
    actions.complete_action(response.action, by=ursula, evidence="The standard")
    held.status = M.CIRCULATED
    held.save()
    services.correct(suggestion, note="It was “in part”.", by=carol)
    assert Action.objects.get().status == ActionStatus.DONE
    assert Decision.objects.count() == 1


def test_it_goes_from_a_draft_of_the_newsletter_but_not_once_that_is_on_its_way(suggestion, held, carol, hub):
    response = give(suggestion, held, carol)
    issue = IssueFactory(hub=hub)
    NewsletterItem.objects.create(issue=issue, kind=ItemKind.ANSWER, title="Answer", response=response)
    issue.status, issue.approved_at = IssueStatus.APPROVED, timezone.now()
    issue.save()
    with pytest.raises(TooLate, match="which is approved"):
        services.correct(suggestion, note="Wrong.", by=carol)
    issue.status = IssueStatus.DRAFT
    issue.save()
    services.correct(suggestion, note="Wrong.", by=carol)
    assert not NewsletterItem.objects.exists()


def test_an_issue_that_went_out_without_it_does_not_hold_it_back(suggestion, held, carol, hub):
    response = give(suggestion, held, carol)
    issue = IssueFactory(hub=hub, status=IssueStatus.SENT, approved_at=timezone.now())
    NewsletterItem.objects.create(
        issue=issue, kind=ItemKind.ANSWER, title="Answer", response=response, left_out_because="Not checked yet"
    )
    services.correct(suggestion, note="Wrong.", by=carol)
    assert not Response.objects.exists()


def test_it_stays_once_anybody_who_asked_was_told(suggestion, held, carol):
    merged = SuggestionFactory(hub=suggestion.hub, status=S.MERGED, merged_into=suggestion)
    give(suggestion, held, carol)
    Author.objects.filter(suggestion=merged).update(told_at=timezone.now())
    with pytest.raises(TooLate, match="has been told"):
        services.correct(suggestion, note="Wrong.", by=carol)
    assert Response.objects.exists()
    suggestion.refresh_from_db()
    assert suggestion.status == S.ANSWERED


def test_it_stays_once_it_was_said_what_became_of_it(suggestion, held, carol):
    response = give(suggestion, held, carol)
    check = response.checks.first()
    ImpactCheck.objects.filter(pk=check.pk).update(due=today())
    services.check_impact(check, outcome=Impact.SHOWN, text="Replies come within a day.", by=_unit())
    with pytest.raises(TooLate, match="what became of this answer"):
        services.correct(suggestion, note="Wrong.", by=carol)


def test_it_is_taken_back_with_a_reason_by_who_may_answer_and_only_once(suggestion, held, carol, ben):
    give(suggestion, held, carol)
    with pytest.raises(PermissionDenied):
        services.correct(suggestion, note="Wrong.", by=ben)
    with pytest.raises(NoteRequired):
        services.correct(suggestion, note=" ", by=carol)
    with pytest.raises(ValidationError):
        services.correct(suggestion, note="Ring 07700 900123", by=carol)
    services.correct(suggestion, note="Wrong.", by=carol)
    with pytest.raises(MoveNotAllowed):
        services.correct(suggestion, note="Wrong.", by=carol)


def _unit():
    person = UserFactory()
    grant(person, Role.BUSINESS_UNIT)
    return person


# --- Overdue ----------------------------------------------------------------------------------------------------------


def test_only_meetings_of_its_board_held_after_the_day_it_was_put_count(suggestion, board):
    make_meeting(board, days=-30, status=M.HELD)
    make_meeting(board, days=-20, status=M.DRAFTED)
    make_meeting(board, days=-40, status=M.HELD)  # the day itself
    make_meeting(board, days=-50, status=M.HELD)
    make_meeting(board, days=-10, status=M.CALLED)
    make_meeting(board, days=-9, status=M.CANCELLED)
    make_meeting(GroupFactory(), days=-8, status=M.HELD)
    assert reads.meetings_had(suggestion, today()) == 2
    assert reads.meetings_had(suggestion, days(-20)) == 2
    assert reads.meetings_had(suggestion, days(-21)) == 1
    assert reads.meetings_had(suggestion, days(-40)) == 0


def test_it_is_overdue_from_the_second_meeting_on_until_it_is_answered(suggestion, board, carol):
    make_meeting(board, days=-30, status=M.HELD)
    everything = Suggestion.objects.all()
    assert not reads.overdue(everything, today())
    second = make_meeting(board, days=-20, status=M.HELD)
    assert list(reads.overdue(everything, today())) == [suggestion]
    assert not reads.overdue(everything, days(-21))
    give(suggestion, second, carol)
    assert not reads.overdue(everything, today())


def test_where_another_board_takes_over_its_meetings_count(suggestion, board):
    for number in (30, 20):
        make_meeting(board, days=-number, status=M.HELD)
    successor = GroupFactory()
    suggestion.hub.reports_to = successor
    suggestion.hub.save()
    assert reads.meetings_had(suggestion, today()) == 0
    make_meeting(successor, days=-5, status=M.HELD)
    assert reads.meetings_had(suggestion, today()) == 1


def test_what_waits_comes_by_theme_and_hub_longest_first_with_how_many_said_it(suggestion, other_hub, board):
    hub = suggestion.hub
    longer = SuggestionFactory(hub=hub, theme=suggestion.theme, status=S.WITH_BOARD, sent_up_at=at(-60))
    on_none = SuggestionFactory(hub=hub, status=S.WITH_BOARD)
    elsewhere = SuggestionFactory(hub=other_hub, theme=suggestion.theme, status=S.WITH_BOARD)
    newer = SuggestionFactory(hub=hub, theme=ThemeFactory(), status=S.WITH_BOARD)
    for _ in range(3):
        SuggestionFactory(hub=hub, status=S.MERGED, merged_into=longer)
    SuggestionFactory(hub=HubFactory(), status=S.WITH_BOARD)
    found = reads.by_theme(reads.waiting_for(board, today()), at=timezone.now())
    listed = [
        (theme.theme, [(of_hub.hub, [line.suggestion for line in of_hub.lines]) for of_hub in theme.hubs])
        for theme in found
    ]
    assert listed == [
        (newer.theme, [(hub, [newer])]),
        (suggestion.theme, [(hub, [longer, suggestion]), (other_hub, [elsewhere])]),
        (None, [(hub, [on_none])]),
    ]
    assert found[1].hubs[0].lines[0].suggestion.said_by == 4


def test_a_line_says_how_often_the_board_has_met_and_on_which_agenda_it_stands(suggestion, board):
    def line():
        return reads.by_theme(reads.waiting_for(board, today()), at=timezone.now())[0].hubs[0].lines[0]

    assert (line().meetings, line().item, line().is_to_come_up) == ("0 of 2 meetings", None, False)
    past = make_item(make_meeting(board, days=-30, status=M.HELD), source=suggestion)
    assert (line().meetings, line().item, line().is_to_come_up) == ("1 of 2 meetings", past, False)
    for number in (20, 10):
        make_meeting(board, days=-number, status=M.HELD)
    coming = make_item(make_meeting(board), source=suggestion)
    assert (line().meetings, line().item, line().is_to_come_up) == ("2 of 2: overdue", coming, True)


# --- What it needs of people ------------------------------------------------------------------------------------------


def titles(found):
    return [(need.title, need.urgent) for need in found]


def test_the_chair_the_unit_and_scrutineers_are_told_of_what_is_overdue(suggestion, board, carol, ursula, stella, ben):
    for number in (30, 20):
        make_meeting(board, days=-number, status=M.HELD)
    member = member_of(board)
    title = f"1 suggestion overdue: {board}"
    for person, urgent in ((carol, True), (ursula, True), (stella, False)):
        assert titles(board_needs.overdue(person, today())) == [(title, urgent)]
    assert board_needs.overdue(ben, today()) == board_needs.overdue(member, today()) == []


def test_the_chair_is_asked_to_put_what_waits_on_an_agenda_then_to_record_the_answer(suggestion, board, carol, ben):
    def asked():
        return [need.title for need in board_needs.to_see_to(carol, today())]

    assert asked() == [f"1 suggestion to put on an agenda: {board}"]
    item = make_item(make_meeting(board), source=suggestion)
    assert asked() == []
    AgendaItem.objects.filter(pk=item.pk).delete()
    make_item(make_meeting(board, days=-3, status=M.HELD), source=suggestion)
    assert asked() == [f"1 answer to record: {board}"]
    assert board_needs.to_see_to(ben, today()) == []


def test_needs_cost_the_same_for_few_and_for_many(suggestion, board, ursula, ben):
    ask = (
        board_needs.overdue,
        board_needs.to_see_to,
        board_needs.impact_to_say,
        lambda user, on: board_needs.places(user),
    )

    def cost(person):
        fresh = type(person).objects.get(pk=person.pk)
        with CaptureQueriesContext(connection) as queries:
            for function in ask:
                function(fresh, today())
        return len(queries)

    few = cost(ursula), cost(ben)
    for _ in range(5):
        one = SuggestionFactory(hub=HubFactory(), status=S.WITH_BOARD, sent_up_at=at(-40))
        make_meeting(one.hub.reports_to, days=-9, status=M.HELD)
        _answered_by_hand(suggestion.hub, due=today())
    assert (cost(ursula), cost(ben)) == few


def test_the_hubs_leads_and_the_unit_are_asked_what_became_of_an_answer_once_it_is_due(hub, ben, bella, ursula, stella):
    check = _answered_by_hand(hub, due=days(1))
    assert board_needs.impact_to_say(ben, today()) == []
    for person in (ben, ursula):
        (need,) = board_needs.impact_to_say(person, days(1))
        assert need.title == f"What became of it? {check.response.suggestion}"
        assert need.due == days(1)
    assert board_needs.impact_to_say(bella, days(1)) == board_needs.impact_to_say(stella, days(1)) == []
    for _ in range(5):
        _answered_by_hand(hub, due=days(-1))
    (need,) = board_needs.impact_to_say(ben, days(1))
    assert (need.title, need.due) == ("6 answers of the Board: what became of them?", days(-1))


def _answered_by_hand(hub, *, due, status=S.ANSWERED):
    """A check of an answer with an action, without its story."""
    suggestion = SuggestionFactory(hub=hub, status=status)
    meeting = make_meeting(hub.reports_to, days=-100 - Response.objects.count(), status=M.HELD)
    action = Action.objects.create(group=hub.reports_to, what="Agree a standard", due=days(30), source=suggestion)
    response = Response.objects.create(
        suggestion=suggestion,
        answer=Answer.ACCEPTED,
        reason="Because.",
        meeting=meeting,
        owner_group=hub.reports_to,
        action=action,
        answered_on=meeting.day,
        recorded_by=None,
    )
    return ImpactCheck.objects.create(response=response, months=3, due=due)


# --- What became of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [S.ANSWERED, S.FED_BACK])
def test_the_hubs_lead_says_what_became_of_an_answer(hub, ben, status):
    check = services.check_impact(
        _answered_by_hand(hub, due=today(), status=status), outcome=Impact.NOT_SHOWN, text=" Nothing yet. ", by=ben
    )
    check.refresh_from_db()
    assert (check.outcome, check.text, check.checked_by) == (Impact.NOT_SHOWN, "Nothing yet.", ben)
    assert check.checked_at is not None


def test_it_is_said_once_not_before_its_day_in_words_that_name_nobody(hub, ben, ursula):
    early = _answered_by_hand(hub, due=days(1))
    with pytest.raises(TooLate, match="is asked on"):
        services.check_impact(early, outcome=Impact.SHOWN, text="Good.", by=ben)
    check = _answered_by_hand(hub, due=today())
    for text in (" ", "Ring 07700 900123"):
        with pytest.raises(ValidationError) as error:
            services.check_impact(check, outcome=Impact.SHOWN, text=text, by=ben)
        assert "text" in error.value.message_dict
    services.check_impact(check, outcome=Impact.SHOWN, text="Replies come within a day.", by=ben)
    with pytest.raises(TooLate, match="Ben Hub has said already"):
        services.check_impact(check, outcome=Impact.NOT_SHOWN, text="No.", by=ursula)


def test_neither_scrutineers_nor_leads_of_other_hubs_nor_the_chair_say_it(hub, bella, stella, carol):
    check = _answered_by_hand(hub, due=today())
    for person in (bella, stella, carol):
        with pytest.raises(PermissionDenied):
            services.check_impact(check, outcome=Impact.SHOWN, text="Good.", by=person)


@pytest.mark.django_db(transaction=True)
def test_of_several_who_say_it_at_once_one_is_kept(hub, ursula):
    check = _answered_by_hand(hub, due=today())
    outcomes = together(4, lambda: services.check_impact(check, outcome=Impact.SHOWN, text="Good.", by=ursula))
    assert sum(isinstance(outcome, ImpactCheck) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, TooLate) for outcome in outcomes) == 3
