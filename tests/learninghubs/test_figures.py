"""The figures of the learning loop by worked examples, and the pages that show them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from learninghubs import figures
from learninghubs.choices import Answer, Impact
from learninghubs.choices import SuggestionStatus as S
from learninghubs.models import ImpactCheck, Response, Suggestion
from partnership.choices import ActionStatus, MeetingStatus
from partnership.models import Action, Meeting
from tests.factories import SuggestionFactory, ThemeFactory, seat
from tests.markup import Markup

MONDAY = date(2026, 3, 2)
TODAY = date(2026, 11, 23)

pytestmark = pytest.mark.django_db


def at(day, hour=9):
    return timezone.make_aware(datetime.combine(day, time(hour)))


def meets(board, day):
    """A meeting of ``board`` that was held on ``day``."""
    return Meeting.objects.create(
        group=board, starts_at=at(day, 10), ends_at=at(day, 12), status=MeetingStatus.CIRCULATED
    )


def made(hub, status, *, on=MONDAY, up=None, told=None, **fields):
    fields |= {"received_at": at(on)}
    if up:
        fields["sent_up_at"] = at(up)
    if told:
        fields["fed_back_at"] = at(told)
    return SuggestionFactory(hub=hub, status=status, **fields)


def answered(suggestion, meeting, answer=Answer.ACCEPTED, **fields):
    return Response.objects.create(
        suggestion=suggestion,
        answer=answer,
        reason="Because of it",
        meeting=meeting,
        answered_on=meeting.day,
        **fields,
    )


def facts(on=TODAY, **which):
    return figures.facts_of(Suggestion.objects.filter(**which), on=on)


def acted(suggestion, status):
    finished = {"finished_on": TODAY} if status in {ActionStatus.DONE, ActionStatus.CANCELLED} else {}
    evidence = {"evidence": "The letter"} if status == ActionStatus.DONE else {}
    return Action.objects.create(
        what="Write the letter", group=suggestion.hub.group, due=TODAY, status=status, **finished, **evidence
    )


def test_what_nobody_confirmed_is_counted_nowhere_and_what_was_merged_is(hub):
    main = made(hub, S.AT_HUB)
    made(hub, S.MERGED, merged_into=main)
    made(hub, S.UNCONFIRMED)
    counted = facts()
    assert figures.received(counted) == 2
    by_state = figures.by_state(counted)
    assert (by_state[S.AT_HUB], by_state[S.MERGED], by_state[S.ANSWERED]) == (1, 1, 0)
    assert S.UNCONFIRMED not in by_state
    assert sum(by_state.values()) == figures.received(counted)


def test_the_median_counts_working_days_to_the_answer_and_from_it(hub, board):
    for days, told in ((14, 1), (28, 3), (84, None)):
        meeting = meets(board, MONDAY + timedelta(days=days))
        status = S.FED_BACK if told else S.ANSWERED
        one = made(hub, status, up=MONDAY, told=meeting.day + timedelta(days=told) if told else None)
        answered(one, meeting)
    made(hub, S.WITH_BOARD, up=MONDAY)
    counted = facts()
    assert figures.answered(counted) == 3
    assert figures.days_to_answer(counted) == Decimal("20")
    assert figures.days_to_tell(counted) == Decimal("2")


def test_without_an_answer_there_is_no_time_to_one(hub):
    made(hub, S.AT_HUB)
    counted = facts()
    assert figures.days_to_answer(counted) is None
    assert figures.answered_in_time(counted) is None
    assert figures.accepted(counted) is None
    assert figures.actions_done(counted) is None
    assert figures.impact_shown(counted) is None


def test_in_time_is_the_first_or_second_meeting_and_what_is_not_due_does_not_count(hub, board):
    first, second, third = (meets(board, MONDAY + timedelta(days=days)) for days in (30, 60, 90))
    for meeting in (first, second, second):
        answered(made(hub, S.ANSWERED, up=MONDAY), meeting)
    answered(made(hub, S.ANSWERED, up=MONDAY), third)
    made(hub, S.WITH_BOARD, up=MONDAY)
    made(hub, S.WITH_BOARD, up=second.day + timedelta(days=1))
    counted = facts()
    assert figures.overdue(counted) == 1
    assert figures.answered_in_time(counted) == Decimal("60.0")


def test_only_meetings_of_their_own_board_that_were_held_count(hub, other_hub, board, audit_group):
    for group in (audit_group, audit_group):
        meets(group, MONDAY + timedelta(days=10 + Meeting.objects.count()))
    meets(board, MONDAY + timedelta(days=10))
    Meeting.objects.create(group=board, starts_at=at(MONDAY + timedelta(days=20)), ends_at=at(TODAY))
    meets(board, MONDAY - timedelta(days=10))
    one = made(hub, S.WITH_BOARD, up=MONDAY)
    assert [fact.meetings for fact in facts(pk=one.pk)] == [1]
    assert figures.overdue(facts()) == 0
    meets(board, MONDAY + timedelta(days=40))
    assert figures.overdue(facts(on=MONDAY + timedelta(days=39))) == 0
    assert figures.overdue(facts(on=MONDAY + timedelta(days=40))) == 1


def test_accepted_in_part_is_taken_up_and_already_happening_is_not(hub, board):
    meeting = meets(board, TODAY)
    for answer in (Answer.ACCEPTED, Answer.IN_PART, Answer.ALREADY, Answer.NO):
        answered(made(hub, S.ANSWERED, up=MONDAY), meeting, answer)
    counted = facts()
    assert figures.accepted(counted) == Decimal("50.0")
    assert figures.by_answer(counted)[Answer.NOT_NOW] == 0
    assert sum(figures.by_answer(counted).values()) == figures.answered(counted)


def test_cancelled_actions_are_left_aside(hub, board):
    meeting = meets(board, TODAY)
    for status in (ActionStatus.DONE, ActionStatus.IN_PROGRESS, ActionStatus.CANCELLED):
        one = made(hub, S.ANSWERED, up=MONDAY)
        answered(one, meeting, action=acted(one, status))
    assert figures.actions_done(facts()) == Decimal("50.0")


def test_the_last_word_on_the_impact_counts_and_too_early_is_none(hub, board):
    meeting = meets(board, TODAY)
    for words in ((Impact.NOT_SHOWN, Impact.SHOWN), (Impact.NOT_SHOWN, Impact.TOO_EARLY), (Impact.TOO_EARLY,)):
        response = answered(made(hub, S.ANSWERED, up=MONDAY), meeting)
        for number, outcome in enumerate(words):
            ImpactCheck.objects.create(
                response=response,
                months=(3, 12)[number],
                due=TODAY,
                outcome=outcome,
                text="We asked",
                checked_at=at(TODAY + timedelta(days=number)),
            )
    assert figures.impact_shown(facts()) == Decimal("50.0")


# The pages


def queries_of(client, url) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def get(client, **query):
    return Markup(client.get(reverse("learninghubs:dashboard"), query).content.decode())


def test_hub_leads_and_boards_see_their_hubs_and_readers_all(signed_in, hub, other_hub, ben, maya, board, stella, pat):
    made(hub, S.AT_HUB)
    made(other_hub, S.AT_HUB)
    assert str(hub) in get(signed_in(ben)).text("main")
    assert str(other_hub) not in get(signed_in(ben)).text("main")
    assert str(other_hub) in get(signed_in(stella)).text("main")
    assert signed_in(pat).get(reverse("learninghubs:dashboard")).status_code == 403
    seat(maya, board)
    maya.forget_reach()
    assert str(other_hub) in get(signed_in(maya)).text("main")


def test_figures_of_one_theme_are_counted_by_themselves(signed_in, hub, ursula):
    theme = ThemeFactory(title="Neglect")
    made(hub, S.AT_HUB, theme=theme)
    made(hub, S.AT_HUB)
    page = get(signed_in(ursula), theme=theme.pk)
    assert page.texts(".hscp-figures__one")[0] == "Made1"
    assert get(signed_in(ursula)).texts(".hscp-figures__one")[0] == "Made2"


def test_the_dashboard_says_when_there_is_nothing(signed_in, ursula, hub):
    assert "No suggestion to count" in get(signed_in(ursula)).text("main")


def test_the_file_has_the_figures_of_the_page(signed_in, ursula, hub):
    made(hub, S.AT_HUB)
    found = signed_in(ursula).get(reverse("learninghubs:dashboard_export"))
    lines = b"".join(found.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("By,Of,Made,Answered,Overdue")
    assert any(line.startswith(f"Hub,{hub},1,0,0") for line in lines)


def test_pages_cost_the_same_with_few_and_many(signed_in, ursula, hub, board):
    meeting = meets(board, TODAY)
    client = signed_in(ursula)
    answered(made(hub, S.ANSWERED, up=MONDAY), meeting)
    costs = {name: queries_of(client, reverse(name)) for name in PAGES}
    for _ in range(8):
        answered(made(hub, S.ANSWERED, up=MONDAY), meeting, owner_group=board)
    assert {name: queries_of(client, reverse(name)) for name in PAGES} == costs


PAGES = ("learninghubs:dashboard", "learninghubs:you_said")


def test_everybody_reads_what_may_be_shared_with_its_reason_and_no_name(client, hub, board):
    meeting = meets(board, TODAY)
    shared = made(hub, S.ANSWERED, up=MONDAY, title="Feedback on referrals", author__name="Aisha Author")
    kept = made(hub, S.ANSWERED, up=MONDAY, title="Kept to ourselves", may_be_shared=False)
    for one in (shared, kept):
        answered(one, meeting)
    made(hub, S.AT_HUB, title="Not answered yet")
    text = Markup(client.get(reverse("learninghubs:you_said")).content.decode()).text("main")
    assert "Feedback on referrals" in text
    assert "Because of it" in text
    assert "Answered2" in text
    for hidden in ("Kept to ourselves", "Not answered yet", "Aisha", "agency.example"):
        assert hidden not in text


def test_the_public_page_says_when_nothing_is_answered(client, db):
    assert "Nothing has been answered yet" in client.get(reverse("learninghubs:you_said")).content.decode()
