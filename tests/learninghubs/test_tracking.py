"""Following a suggestion: its story in plain steps, the pages of its author by link and signed in, the home page."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from learninghubs import tracking
from learninghubs.models import Author, ImpactCheck, Question, Response, Suggestion
from learninghubs.moves import ASK_BACK, MERGE, SCREEN, SEND_UP, SET_ASIDE
from learninghubs.services import suggestions as services
from learninghubs.services.authors import private_link, secret_of
from partnership.choices import ItemStatus, MeetingStatus
from partnership.engine import home
from partnership.engine.workflow import take
from partnership.models import Action, AgendaItem, Meeting, StatusChange
from tests.factories import AuthorFactory, SuggestionFactory
from tests.markup import Markup

REASON = "It works in two districts already."


def today():
    return timezone.localdate()


def story(suggestion, on=None):
    """What the steps say, in order: (what, is it still to come)."""
    found = tracking.story_of(Suggestion.objects.get(pk=suggestion.pk), on or today())
    return [(step.what, step.is_next) for step in found]


def steps(suggestion):
    return tracking.story_of(Suggestion.objects.get(pk=suggestion.pk), today())


def meeting_of(board, *, days, status=None):
    starts = timezone.now() + timedelta(days=days)
    held = MeetingStatus.HELD if days < 0 else MeetingStatus.PLANNED
    return Meeting.objects.create(
        group=board, starts_at=starts, ends_at=starts + timedelta(hours=2), status=status or held
    )


def put_on(meeting, suggestion):
    return AgendaItem.objects.create(
        meeting=meeting, order=1, title="A suggestion", source=suggestion, status=ItemStatus.ON_AGENDA
    )


def answered(hub, board, constabulary, *, status="answered", months=()):
    """A suggestion that the Board answered a week ago, with an action."""
    ago = timezone.now() - timedelta(days=60)
    suggestion = SuggestionFactory(hub=hub, status=status, received_at=ago, sent_up_at=ago)
    meeting = meeting_of(board, days=-7)
    action = Action.objects.create(organisation=constabulary, what="Write to schools", due=today() + timedelta(days=9))
    response = Response.objects.create(
        suggestion=suggestion,
        answer="in_part",
        reason=REASON,
        meeting=meeting,
        owner_organisation=constabulary,
        action=action,
        answered_on=meeting.day,
    )
    for number in months:
        ImpactCheck.objects.create(response=response, months=number, due=meeting.day + timedelta(days=30 * number))
    return suggestion


def address(suggestion, name="track"):
    return reverse(f"learninghubs:{name}", args=[secret_of(suggestion.author)])


# --- The story --------------------------------------------------------------------------------------------------------


def test_one_that_was_just_sent_says_what_is_next(hub):
    suggestion = SuggestionFactory(hub=hub)
    assert story(suggestion) == [
        (f"Sent to {hub}", False),
        (f"{hub} reads it, and takes it on or asks back", True),
    ]


def test_taken_on_asked_and_put_to_the_board(hub, board, ben):
    suggestion = SuggestionFactory(hub=hub, received_at=timezone.now() - timedelta(days=3))
    taken = take(SCREEN, suggestion, by=ben)
    taken = take(ASK_BACK, taken, by=ben)
    question = Question.objects.create(suggestion=taken, text="Which?", asked_by=ben)
    services.reply(question, "All.")
    take(SEND_UP, taken, by=ben, sent_up_at=timezone.now())
    assert [what for what, _ in story(suggestion)] == [
        f"Sent to {hub}",
        "Taken on by the hub",
        "The hub asked its author",
        "The author replied",
        f"Put to the {board}",
        "The Board answers, and gives its reason",
    ]
    assert [step.text for step in steps(suggestion)][2:4] == ["Which?", "All."]
    assert not any(str(ben) in f"{step.what} {step.text} {step.lines}" for step in steps(suggestion))


def test_not_taken_further_tells_the_reason_and_ends(hub, ben):
    suggestion = SuggestionFactory(hub=hub)
    take(SET_ASIDE, suggestion, by=ben, note="It is the job of another county.")
    last = steps(suggestion)[-1]
    assert (last.what, last.text, last.is_next) == ("Not taken further", "It is the job of another county.", False)


def test_on_an_agenda_to_come_says_which_and_when(hub, board):
    suggestion = SuggestionFactory(hub=hub, status="with_board")
    meeting = meeting_of(board, days=10)
    put_on(meeting, suggestion)
    put_on(meeting_of(board, days=20, status=MeetingStatus.CANCELLED), suggestion)
    coming = [step for step in steps(suggestion) if step.is_next]
    assert (coming[0].what, coming[0].by) == (f"On the agenda of the {board}", meeting.day)
    assert len(coming) == 2


def test_the_answer_is_due_by_the_second_meeting_and_late_after_it(hub, board):
    suggestion = SuggestionFactory(hub=hub, status="with_board", sent_up_at=timezone.now() - timedelta(days=100))
    meeting_of(board, days=-60)
    second = meeting_of(board, days=30)
    last = steps(suggestion)[-1]
    assert (last.by, last.is_late) == (second.day, False)
    Meeting.objects.filter(pk=second.pk).update(
        status=MeetingStatus.HELD,
        starts_at=timezone.now() - timedelta(days=3),
        ends_at=timezone.now() - timedelta(days=2),
    )
    assert steps(suggestion)[-1].is_late


def test_the_answer_has_its_reason_its_meeting_its_owner_and_its_action(hub, board, constabulary):
    suggestion = answered(hub, board, constabulary)
    found = {step.what: step for step in steps(suggestion)}
    answer = found["Answered: Accepted in part"]
    assert answer.text == REASON
    assert "Strategic Safeguarding Board" in answer.lines[0]
    assert answer.lines[1] == "Seen to by Constabulary."
    assert "Not started, due on" in found["Action: Write to schools"].lines[0]
    assert steps(suggestion)[-1].what.startswith("Everybody who asked for it is told")


def test_told_and_what_became_of_it(hub, board, constabulary):
    suggestion = answered(hub, board, constabulary, status="fed_back", months=(3, 12))
    Author.objects.update(told_at=timezone.now() - timedelta(days=2))
    ImpactCheck.objects.filter(months=3).update(outcome="shown", text="Fewer calls.", checked_at=timezone.now())
    told, everybody, checked, coming = steps(suggestion)[-4:]
    assert told.what == "Its author was told the answer"
    assert everybody.what == "Everybody who asked for it was told"
    assert (checked.what, checked.text) == (
        "What became of it after 3 months: Made a difference",
        "Fewer calls.",
    )
    assert (coming.what, coming.is_next) == ("After 12 months: what became of it", True)


def test_one_that_was_merged_shares_the_story_of_the_other(hub, board, constabulary, ben):
    main = answered(hub, board, constabulary)
    merged = SuggestionFactory(hub=hub)
    take(MERGE, merged, by=ben, merged_into=main)
    whats = [what for what, _ in story(merged)]
    assert "Brought together with another on the same matter" in whats
    assert "Answered: Accepted in part" in whats
    SuggestionFactory(hub=hub, status="merged", merged_into=main)
    assert "Brought together with 2 others on the same matter" in [what for what, _ in story(main)]


def test_a_withdrawn_one_has_nothing_to_come(client, hub):
    suggestion = SuggestionFactory(hub=hub)
    client.post(address(suggestion, "withdraw_by_link"))
    assert story(suggestion)[-1] == ("Withdrawn by its author", False)
    page = Markup(client.get(address(suggestion)).content)
    assert "Nothing more is to come" in page.text("main")


def test_the_story_costs_the_same_however_long_it_is(hub, board, constabulary, ben):
    suggestion = answered(hub, board, constabulary, months=(3,))

    def cost():
        record = Suggestion.objects.select_related("hub__group", "hub__reports_to", "author").get(pk=suggestion.pk)
        with CaptureQueriesContext(connection) as queries:
            tracking.story_of(record, today())
        return len(queries)

    before = cost()
    about = ContentType.objects.get_for_model(Suggestion)
    moves = [("take back from the Board", "with_board", "at_hub")] * 5
    StatusChange.objects.bulk_create(
        StatusChange(about_type=about, about_id=suggestion.pk, verb=verb, from_status=was, to_status=became, by=ben)
        for verb, was, became in moves
    )
    for number in range(5):
        SuggestionFactory(hub=hub, status="merged", merged_into=suggestion)
        Question.objects.create(suggestion=suggestion, text=f"{number}?", asked_by=ben, replied_at=timezone.now())
        put_on(meeting_of(board, days=-40 - number), suggestion)
    assert cost() <= before + 2 <= 9  # merged ones and held replies are asked for where there are any


# --- The pages --------------------------------------------------------------------------------------------------------


def test_the_private_page_is_for_nobody_else(client, hub):
    suggestion = SuggestionFactory(hub=hub, now="<i>Late</i>")
    response = client.get(address(suggestion))
    page = Markup(response.content)
    assert response.status_code == 200
    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")
    assert "no-store" in response["Cache-Control"]
    assert page.one("meta[name=robots]").get("content") == "noindex, nofollow"
    assert "<i>Late</i>" in page.text("main")


@pytest.mark.parametrize("name", ["track", "reply_by_link", "withdraw_by_link", "forget_by_link", "confirm_suggestion"])
def test_a_secret_that_opens_nothing_gets_a_page_that_says_what_to_do(client, hub, name):
    SuggestionFactory(hub=hub)
    for response in (client.get(reverse(f"learninghubs:{name}", args=["x" * 43])), client.post(address_of_nothing())):
        assert response.status_code == 404
        assert "Have your links sent" in Markup(response.content).text("main")


def address_of_nothing():
    return reverse("learninghubs:withdraw_by_link", args=["y" * 43])


def test_one_that_is_not_confirmed_leads_to_the_page_that_confirms_it(client, hub):
    suggestion = SuggestionFactory(hub=hub, status="unconfirmed", author__confirmed_at=None)
    assert client.get(address(suggestion)).headers["Location"] == address(suggestion, "confirm_suggestion")
    assert private_link(suggestion.author).endswith(address(suggestion, "confirm_suggestion"))


def test_the_author_replies_by_link_and_may_insist(client, hub, ben):
    suggestion = SuggestionFactory(hub=hub, status="asked")
    question = Question.objects.create(suggestion=suggestion, text="Which forms?", asked_by=ben)
    page = Markup(client.get(address(suggestion)).content)
    reply = page.one(".hscp-call a").get("href")
    assert "Which forms?" in page.text(".hscp-call")
    refused = Markup(client.post(reply, {"reply": "Call 07700 900123"}).content)
    assert refused.one("[name=insists_reply]") is not None
    assert refused.text("textarea") == "Call 07700 900123"
    page = Markup(client.post(reply, {"reply": "Call 07700 900123", "insists_reply": "on"}, follow=True).content)
    assert "Your reply has been sent" in page.text("main")
    assert "The reply waits for the business unit" in page.text("main")
    question.refresh_from_db()
    assert question.reply == ""


def test_a_reply_that_comes_too_late_says_so_and_names_nobody(client, hub, ben):
    suggestion = SuggestionFactory(hub=hub)
    take(SCREEN, suggestion, by=ben)
    response = client.post(address(suggestion, "reply_by_link"), {"reply": "All of them."})
    assert response.status_code == 409
    assert str(ben) not in response.content.decode()


def test_one_with_the_board_cannot_be_withdrawn_and_the_page_names_nobody(client, hub, ben):
    suggestion = SuggestionFactory(hub=hub, status="at_hub")
    take(SEND_UP, suggestion, by=ben, sent_up_at=timezone.now())
    assert "Withdraw" not in Markup(client.get(address(suggestion)).content).text("main")
    response = client.post(address(suggestion, "withdraw_by_link"))
    assert response.status_code == 409
    assert str(ben) not in response.content.decode()
    assert "with the board" in response.content.decode()


def test_after_being_forgotten_the_link_no_longer_works(client, hub):
    suggestion = SuggestionFactory(hub=hub)
    link = address(suggestion)
    page = Markup(client.get(address(suggestion, "forget_by_link")).content)
    assert "This cannot be undone" in page.text("main")
    response = client.post(address(suggestion, "forget_by_link"), follow=True)
    assert Markup(response.content).text("h1") == "You have been forgotten"
    assert client.get(link).status_code == 404


def test_a_hub_that_closed_does_not_stop_its_authors_from_following(client, hub):
    suggestion = SuggestionFactory(hub=hub, status="at_hub")
    hub.group.ends = today()
    hub.group.save()
    assert "hands it to another hub" in Markup(client.get(address(suggestion)).content).text("main")


# --- Signed in --------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(hub, pat):
    return SuggestionFactory(hub=hub, author__person=pat, author__email=pat.email, title="Late referrals")


def test_ones_own_suggestions_are_listed_and_nobody_elses(signed_in, own, hub, pat):
    other = SuggestionFactory(hub=hub)
    text = Markup(signed_in(pat).get(reverse("learninghubs:my_suggestions")).content).text("main")
    assert own.reference in text
    assert other.reference not in text


def test_without_any_the_list_says_what_to_do(signed_in, pat):
    page = Markup(signed_in(pat).get(reverse("learninghubs:my_suggestions")).content)
    assert page.one(".hscp-empty a").get("href") == reverse("learninghubs:suggest")


def test_the_list_costs_the_same_however_long_it_is(signed_in, own, hub, pat):
    client = signed_in(pat)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("learninghubs:my_suggestions"))
        return len(queries)

    before = cost()
    for _ in range(5):
        AuthorFactory(person=pat, suggestion__hub=hub)
    assert cost() == before


def test_the_author_sees_the_story_signed_in_and_others_are_led_to_their_page(signed_in, own, pat, ben, dan):
    at = reverse("learninghubs:my_suggestion", args=[own.pk])
    page = Markup(signed_in(pat).get(at).content)
    assert own.reference in page.text("main")
    assert not page.all("meta[name=robots]")
    client = signed_in(ben)
    for name in ("my_suggestion", "my_reply", "my_withdraw", "my_forget"):
        for ask in (client.get, client.post):
            response = ask(reverse(f"learninghubs:{name}", args=[own.pk]))
            assert (response.status_code, response["Location"]) == (302, own.get_absolute_url())
    assert signed_in(dan).get(at).status_code == 404
    assert Suggestion.objects.get().status == "submitted"


def test_signed_in_they_withdraw_and_are_forgotten(signed_in, own, pat):
    client = signed_in(pat)
    client.post(reverse("learninghubs:my_withdraw", args=[own.pk]))
    assert Suggestion.objects.get().status == "withdrawn"
    response = client.post(reverse("learninghubs:my_forget", args=[own.pk]))
    assert response["Location"] == reverse("learninghubs:my_suggestions")
    assert Author.objects.get().person is None
    assert client.get(reverse("learninghubs:my_suggestion", args=[own.pk])).status_code == 404


def test_the_home_page_names_questions_and_new_answers(own, pat, hub, board, constabulary, ben):
    assert home.needs_of(pat, on=today()) == []
    Suggestion.objects.update(status="asked")
    Question.objects.create(suggestion=own, text="Which?", asked_by=ben)
    assert [need.url for need in home.needs_of(pat, on=today())] == [reverse("learninghubs:my_reply", args=[own.pk])]
    Suggestion.objects.filter(pk=own.pk).update(status="merged", merged_into=answered(hub, board, constabulary))
    need = home.needs_of(pat, on=today())[0]
    assert (need.detail, need.url) == ("Accepted in part", reverse("learninghubs:my_suggestion", args=[own.pk]))
    assert home.needs_of(pat, on=today() + timedelta(days=31)) == []


def test_practitioners_and_who_has_made_one_have_a_way_to_their_own(own, pat, dan, hub):
    where = reverse("learninghubs:my_suggestions")
    assert where in [link.url for link in home.links_of(pat)]
    assert where not in [link.url for link in home.links_of(dan)]
    AuthorFactory(person=dan, suggestion__hub=hub)
    assert where in [link.url for link in home.links_of(dan)]
