"""The pages of the Board's answers: what each reader sees, what is refused and how, what a page costs."""

import re

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from learninghubs import board as reads
from learninghubs.choices import Answer, Impact, SuggestionStatus
from learninghubs.models import ImpactCheck, Response, Suggestion
from learninghubs.services import answers as services
from learninghubs.views.answers import VIEWS
from partnership.actions import owner_key
from partnership.choices import ActionStatus, MeetingStatus
from partnership.models import Action
from tests.factories import HubFactory, SuggestionFactory, ThemeFactory, UserFactory
from tests.hscp.test_headers import problems
from tests.learninghubs.boards import NOTHING_DONE, chair_of, days, give, member_of, waiting_in
from tests.partnership.meetings import at, make_item, make_meeting

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


def words(html: str) -> str:
    """What a reader reads of a page."""
    main = html[html.index("<main") :]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def look(client, name, *args, **query):
    return words(client.get(reverse(f"learninghubs:{name}", args=args), query).content.decode())


def typed(meeting, board, **changes):
    """What somebody types of an answer that wants something done."""
    due = days(60)
    said = {
        "meeting": meeting.pk,
        "answer": Answer.ACCEPTED,
        "reason": "Late replies put people off.",
        "owner": owner_key(board),
        "action_what": "Agree a standard for replies",
        "action_due_day": due.day,
        "action_due_month": due.month,
        "action_due_year": due.year,
    }
    return said | changes


# --- Before the Board -------------------------------------------------------------------------------------------------


def test_the_board_reads_what_waits_for_it_how_long_and_how_many_said_it(suggestion, board, signed_in):
    SuggestionFactory(hub=suggestion.hub, status=S.MERGED, merged_into=suggestion)
    for number in (30, 20):
        make_meeting(board, days=-number, status=M.HELD)
    SuggestionFactory(hub=HubFactory(), status=S.WITH_BOARD, title="Of another Board")
    SuggestionFactory(hub=suggestion.hub, title="Still at the hub")
    found = look(signed_in(member_of(board)), "board_suggestions")
    assert "1 suggestion waits for an answer. 1 is overdue: the Board has met twice since." in found
    assert f"{suggestion.theme} {suggestion.hub}" in found
    assert f"{suggestion} Said by 2" in found
    assert "2 of 2: overdue None yet" in found
    assert "Of another Board" not in found
    assert "Still at the hub" not in found
    assert "Put on the agenda" not in found
    assert "Answer " not in found.replace("Answered", "")


def test_a_hubs_lead_sees_that_hubs_and_somebody_without_a_board_is_told_so(suggestion, other_hub, ben, pat, signed_in):
    elsewhere = SuggestionFactory(hub=other_hub, status=S.WITH_BOARD)
    own = SuggestionFactory(hub=other_hub, status=S.WITH_BOARD, author__person=ben)
    found = look(signed_in(ben), "board_suggestions")
    assert suggestion.reference in found
    assert elsewhere.reference not in found
    assert own.reference not in found  # that is on the page of one's own
    assert "No Board’s suggestions are yours to see" in look(signed_in(pat), "board_suggestions")


def test_who_reads_several_boards_chooses_one(suggestion, stella, signed_in):
    other = SuggestionFactory(hub=HubFactory(), status=S.WITH_BOARD)
    client, slug = signed_in(stella), other.hub.reports_to.slug
    assert other.reference in look(client, "board_suggestions", board=slug)
    assert suggestion.reference not in look(client, "board_suggestions", board=slug, view="nonsense")
    assert look(client, "board_suggestions", board="nonsense")


def test_what_is_ticked_goes_on_the_next_agenda_by_one_click(suggestion, board, carol, signed_in):
    other = SuggestionFactory(hub=suggestion.hub, status=S.WITH_BOARD)
    meeting, later = make_meeting(board), make_meeting(board, days=50, status=M.CALLED)
    client = signed_in(carol)
    page = client.get(reverse("learninghubs:board_suggestions"), {"tick": "all"}).content.decode()
    address = reverse("learninghubs:put_on_agenda", args=[meeting.pk])
    assert re.findall(r'formaction="([^"]+)"', page) == [
        address,
        reverse("learninghubs:put_on_agenda", args=[later.pk]),
    ]
    assert page.count(" checked") == 2
    assert "comes late" in page
    after = client.post(address, {"chosen": [suggestion.pk, other.pk, "nonsense"]}, follow=True).content.decode()
    assert f"2 suggestions are on the agenda: {meeting}." in words(after)
    assert 'name="chosen"' not in after
    assert [item.source for item in meeting.items.on_agenda()] == [suggestion, other]


def test_a_click_that_ticks_nothing_or_comes_too_late_says_so(suggestion, board, carol, signed_in):
    meeting = make_meeting(board)
    client, address = signed_in(carol), reverse("learninghubs:put_on_agenda", args=[meeting.pk])
    assert "Select at least one suggestion" in client.post(address, follow=True).content.decode()
    services.put_on_agenda([suggestion], meeting=meeting, by=carol)
    late = client.post(address, {"chosen": suggestion.pk})
    assert late.status_code == 409
    assert "on an agenda already" in late.content.decode()
    assert client.get(address).status_code == 405


def test_without_a_meeting_to_come_the_page_says_why_nothing_can_be_put_on_an_agenda(suggestion, ursula, signed_in):
    found = look(signed_in(ursula), "board_suggestions")
    assert "No meeting of this Board is planned" in found
    Suggestion.objects.update(status=S.ANSWERED)
    assert "Nothing waits for the Board" in look(signed_in(ursula), "board_suggestions")


def test_what_was_answered_and_what_became_of_it_have_their_own_lists(suggestion, held, carol, stella, ben, signed_in):
    client = signed_in(stella)
    assert "Nothing has been answered yet" in look(client, "board_suggestions", view="answered")
    assert "Nothing is asked yet" in look(client, "board_suggestions", view="impact")
    response = give(suggestion, held, carol)
    assert "Quick replies" in (found := look(client, "board_suggestions", view="answered"))
    assert "Accepted" in found
    assert "Not yet" in found
    ImpactCheck.objects.filter(months=3).update(due=days(0))
    assert "To be said" in look(client, "board_suggestions", view="impact")
    assert "Say what became of it" in look(signed_in(ben), "board_suggestions", view="impact")
    check = response.checks.get(months=3)
    services.check_impact(check, outcome=Impact.SHOWN, text="Replies come within a day.", by=ben)
    found = look(signed_in(stella), "board_suggestions", view="impact")
    assert "Made a difference Replies come within a day." in found
    assert "12 months" in found


@pytest.mark.parametrize("view", ["waiting", "answered", "impact"])
def test_the_page_costs_the_same_for_few_and_for_many(view, suggestion, board, ursula, signed_in):
    client = signed_in(ursula)
    make_meeting(board)
    counted = {}

    def add(number):
        theme = ThemeFactory(academic_year=2000 + number, number=1)
        hub = HubFactory(reports_to=board)
        meeting = make_meeting(board, days=-number - 1, status=M.HELD)
        make_item(meeting, source=SuggestionFactory(hub=hub, theme=theme, status=S.WITH_BOARD))
        one = SuggestionFactory(hub=hub, theme=theme, status=S.ANSWERED)
        action = Action.objects.create(group=board, what="Do it", due=days(9), source=one)
        response = Response.objects.create(
            suggestion=one,
            answer=Answer.ACCEPTED,
            reason="So.",
            meeting=meeting,
            action=action,
            answered_on=meeting.day,
            recorded_by=ursula,
        )
        ImpactCheck.objects.create(response=response, months=3, due=days(0))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("learninghubs:board_suggestions"), {"view": view}).status_code == 200
        return len(queries)

    add(1)
    counted["few"] = cost()
    for number in range(2, 9):
        add(number)
    assert cost() == counted["few"]


# --- Answered ---------------------------------------------------------------------------------------------------------


def test_the_chair_records_the_answer_and_goes_on_to_the_next(suggestion, held, board, carol, signed_in):
    make_item(held, source=suggestion)
    following = SuggestionFactory(hub=suggestion.hub, status=S.WITH_BOARD, sent_up_at=at(-30))
    client, address = signed_in(carol), reverse("learninghubs:answer_suggestion", args=[suggestion.pk])
    page = client.get(address).content.decode()
    assert f'value="{held.pk}" ' in page
    assert "the answer becomes a decision in its minutes" in page
    assert "Referrals are answered late" in words(page)
    after = client.post(address, typed(held, board, next="yes"))
    assert after["Location"] == f"{reverse('learninghubs:answer_suggestion', args=[following.pk])}?meeting={held.pk}"
    found = client.get(after["Location"]).content.decode()
    assert "The minutes have it as decision SSB/" in found
    assert re.search(rf'value="{held.pk}"[^>]* checked', found)
    assert suggestion.response.action.owner == board
    nothing_done = {"owner": "", "action_what": "", **{f"action_due_{part}": "" for part in ("day", "month", "year")}}
    answered = client.post(after["Location"], typed(held, board, answer=Answer.NO, **nothing_done))
    assert answered["Location"] == following.get_absolute_url()
    assert following.response.answer == Answer.NO


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(suggestion, held, board, carol, signed_in):
    client, address = signed_in(carol), reverse("learninghubs:answer_suggestion", args=[suggestion.pk])
    page = client.post(address, typed(held, board, owner="", action_what="")).content.decode()
    assert "Select who sees to it" in page
    assert "Enter what is to be done" in page
    assert "Late replies put people off." in page
    empty = client.post(address, {}).content.decode()
    for sentence in ("Select the meeting at which", "Select what the Board answers", "Enter why the Board answers so"):
        assert sentence in empty
    strange = client.post(address, typed(held, board, answer="maybe") | {"meeting": "9" * 30, "owner": "group-0"})
    assert strange.status_code == 200
    assert not Response.objects.exists()


def test_who_is_slower_is_told_and_keeps_what_they_typed(suggestion, held, board, carol, ursula, signed_in):
    give(suggestion, held, ursula)
    client, address = signed_in(carol), reverse("learninghubs:answer_suggestion", args=[suggestion.pk])
    page = client.post(address, typed(held, board, reason="My own words")).content.decode()
    assert "You cannot answer now: Ursula Unit changed the status to “answered”" in page
    assert "My own words" in page
    assert client.get(address).status_code == 409


def test_where_the_board_has_not_met_since_the_page_says_so(suggestion, carol, signed_in):
    found = look(signed_in(carol), "answer_suggestion", suggestion.pk)
    assert "The Board has not met since" in found
    assert "Record the answer" not in found


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(M.CIRCULATED, "The minutes of the meeting are out already"), (M.CALLED, "Attendance is not recorded yet")],
)
def test_it_is_said_where_the_minutes_do_not_have_the_answer(suggestion, board, carol, signed_in, status, sentence):
    meeting = make_meeting(board, days=0, status=status)
    address = reverse("learninghubs:answer_suggestion", args=[suggestion.pk])
    client = signed_in(carol)
    assert client.post(address, typed(meeting, board)).status_code == 302
    assert sentence in client.get(reverse("learninghubs:board_suggestions")).content.decode()


def test_a_wrong_answer_is_taken_back_on_a_page_that_says_what_that_means(suggestion, held, carol, signed_in):
    client, address = signed_in(carol), reverse("learninghubs:correct_answer", args=[suggestion.pk])
    assert client.get(address).status_code == 409
    give(suggestion, held, carol)
    assert "Its action is cancelled, and who holds it is told." in look(client, "correct_answer", suggestion.pk)
    assert "Enter why the answer is taken back" in client.post(address, {}).content.decode()
    assert client.post(address, {"note": "Wrong reference."}).status_code == 302
    suggestion.refresh_from_db()
    assert suggestion.status == S.WITH_BOARD


def test_members_scrutineers_and_leads_answer_nothing(suggestion, board, ben, bella, stella, signed_in):
    for person, status in ((ben, 403), (stella, 403), (member_of(board), 403), (bella, 404)):
        for name in ("answer_suggestion", "correct_answer"):
            response = signed_in(person).get(reverse(f"learninghubs:{name}", args=[suggestion.pk]))
            assert response.status_code == status, (person, name)
    meeting = make_meeting(board)
    address = reverse("learninghubs:put_on_agenda", args=[meeting.pk])
    assert signed_in(stella).post(address).status_code == 403
    assert signed_in(ben).post(address).status_code == 404


# --- What became of it ------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(suggestion, held, carol):
    """An answer of which it is asked today what became of it."""
    response = give(suggestion, held, carol)
    response.checks.update(due=days(0))
    return response


def test_the_hubs_lead_says_what_became_of_it_and_is_told_that_the_action_is_not_done(asked, ben, stella, signed_in):
    address = reverse("learninghubs:check_impact", args=[asked.suggestion_id, 3])
    client = signed_in(ben)
    page = client.get(address).content.decode()
    assert "The action is not done yet" in page
    assert re.search(r'value="too_early"[^>]* checked', page)
    assert "Enter what became of it" in client.post(address, {"outcome": "shown"}).content.decode()
    assert client.post(address, {"outcome": "too_early", "text": "The standard is being agreed."}).status_code == 302
    assert "Ben Hub has said already" in client.get(address).content.decode()
    twice = client.post(address, {"outcome": "shown", "text": "My own words"}).content.decode()
    assert "Ben Hub has said already" in twice
    assert "My own words" in twice
    assert signed_in(stella).get(address).status_code == 403


@pytest.mark.parametrize("months", [4, 10**30])
def test_what_is_not_asked_is_said_in_a_sentence(asked, ben, signed_in, months):
    address = reverse("learninghubs:check_impact", args=[asked.suggestion_id, months])
    client = signed_in(ben)
    assert client.get(address).status_code == 409
    assert "Nothing is asked here" in client.post(address, {"outcome": "shown", "text": "Good."}).content.decode()


# --- The answer, wherever it is shown ---------------------------------------------------------------------------------


def drawn(response, **context):
    return " ".join(
        re.sub(
            r"<[^>]+>", " ", render_to_string("learninghubs/partials/answer.html", {"response": response} | context)
        ).split()
    )


def test_everybody_reads_the_answer_its_reason_owner_action_and_impact_and_no_name(asked, ben):
    Action.objects.update(person=UserFactory(name="Doreen Doer"))
    services.check_impact(asked.checks.get(months=3), outcome=Impact.SHOWN, text="Replies come.", by=ben)
    response = reads.answer_of(asked.suggestion)
    with CaptureQueriesContext(connection) as queries:
        found = drawn(response)
    assert len(queries) == 0
    for part in (
        "Accepted",
        "Late replies",
        "Strategic Safeguarding Board",
        "Agree a standard",
        ActionStatus.OPEN.label,
        "Replies come.",
    ):
        assert part in found
    for name in ("Doreen", "Carol", "Ben"):
        assert name not in found
    assert "href" not in render_to_string("learninghubs/partials/answer.html", {"response": response})


def test_the_answer_is_drawn_whatever_is_missing(suggestion, held, carol):
    assert drawn(None) == ""
    response = give(suggestion, held, carol, **NOTHING_DONE | {"answer": Answer.NOT_NOW})
    found = drawn(response)
    assert "Not now" in found
    assert "Who sees to it" not in found
    assert "What is being done" not in found


# --- Well built -------------------------------------------------------------------------------------------------------


def test_each_page_is_well_built_with_something_to_show(asked, board, ursula, signed_in):
    waiting = SuggestionFactory(hub=asked.suggestion.hub, status=S.WITH_BOARD, sent_up_at=at(-40))
    make_meeting(board)
    client = signed_in(ursula)
    addresses = [f"{reverse('learninghubs:board_suggestions')}?view={view}" for view in VIEWS]
    addresses += [
        reverse("learninghubs:answer_suggestion", args=[waiting.pk]),
        reverse("learninghubs:correct_answer", args=[asked.suggestion_id]),
        reverse("learninghubs:check_impact", args=[asked.suggestion_id, 3]),
    ]
    for address in addresses:
        response = client.get(address)
        assert (response.status_code, problems(response.content.decode())) == (200, []), address
        wrong = client.post(address, {}) if "board" not in address else response
        assert problems(wrong.content.decode()) == [], address


# --- In the meeting ---------------------------------------------------------------------------------------------------


def test_agenda_meeting_and_minutes_lead_to_the_suggestion_for_who_may_see_it(
    suggestion, board, carol, ursula, signed_in
):
    meeting = make_meeting(board)
    services.put_on_agenda([suggestion], meeting=meeting, by=ursula)
    link = f'suggestion from a learning hub <a class="govuk-link" href="{suggestion.get_absolute_url()}">'
    for name in ("agenda", "meeting"):
        assert link in signed_in(carol).get(reverse(name, args=[meeting.pk])).content.decode()
    meeting.status = M.CIRCULATED
    meeting.save()
    assert link in signed_in(member_of(board)).get(reverse("minutes", args=[meeting.pk])).content.decode()


def test_home_leads_the_board_to_what_waits(suggestion, board, carol, pat, signed_in):
    address = reverse("learninghubs:board_suggestions")
    page = signed_in(carol).get(reverse("home")).content.decode()
    assert f"1 suggestion to put on an agenda: {board}" in page
    assert f'href="{address}"' in page
    assert address not in signed_in(pat).get(reverse("home")).content.decode()
