"""The pages of the inbox: what each person finds on them, what can be pressed, what wrong or late clicks get."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from learninghubs.choices import SuggestionStatus as S
from learninghubs.models import Response
from learninghubs.services import inbox
from learninghubs.services import suggestions as authors_side
from partnership.choices import MeetingStatus, Role
from partnership.models import HeldText, OutgoingMessage
from tests.factories import (
    AuthorFactory,
    OrganisationFactory,
    SuggestionFactory,
    ThemeFactory,
    grant,
    put_in_the_chair,
    seat,
)
from tests.partnership.meetings import make_item, make_meeting


def at_hub(hub, **fields):
    return SuggestionFactory(hub=hub, status=S.AT_HUB, **{"title": "Referrals"} | fields)


def address(name, *arguments):
    return reverse(f"learninghubs:{name}", args=arguments)


def get(client, name, *arguments, query=""):
    response = client.get(address(name, *arguments) + query)
    assert response.status_code == 200, response.status_code
    return response


def text_of(client, name, *arguments, query=""):
    return get(client, name, *arguments, query=query).content.decode()


def listed(client, query=""):
    """The references that the inbox shows with this query, in its order."""
    return [line.suggestion.reference for line in get(client, "inbox", query=query).context["lines"]]


def post(client, name, *arguments, query="", **fields):
    return client.post(address(name, *arguments) + query, fields)


def assert_says(response, *words):
    """The form is shown again, with these words in it."""
    assert response.status_code == 200
    for each in words:
        assert each in response.content.decode()


# The list


@pytest.fixture
def several(hub, other_hub, pat):
    """One in every state at ben's hub, the newest first; one that nobody has confirmed; one at another hub."""
    days = {status: timezone.now() - timedelta(days=number) for number, status in enumerate(S)}
    main = SuggestionFactory(hub=hub, reference="at_hub", status=S.AT_HUB, received_at=days[S.AT_HUB])
    for status in set(S) - {S.AT_HUB}:
        into = {"merged_into": main} if status == S.MERGED else {}
        SuggestionFactory(hub=hub, reference=status.value, status=status, received_at=days[status], **into)
    SuggestionFactory(hub=other_hub, reference="elsewhere", author__person=pat)


def test_a_lead_comes_to_what_is_theirs_to_see_to_the_oldest_first(signed_in, ben, several):
    client = signed_in(ben)
    assert listed(client) == ["at_hub", "asked", "submitted"]
    assert listed(client, "?status=any")[-1] == "submitted"
    assert len(listed(client, "?status=any")) == len(S) - 1, "what nobody has confirmed is in no inbox"
    assert listed(client, "?status=set_aside") == ["set_aside"]
    assert listed(client, "?status=nonsense") != [], "a wrong filter of the address shows an error and no less"


def test_the_tabs_count_every_state_in_which_there_is_one(signed_in, ben, several):
    tabs = get(signed_in(ben), "inbox").context["tabs"]
    assert [(tab.status, tab.number) for tab in tabs] == [
        ("open", 3),
        *[(status.value, 1) for status in S if status != S.UNCONFIRMED],
        ("any", len(S) - 1),
    ]


@pytest.mark.parametrize(("name", "shown"), [("ursula", True), ("stella", True), ("bella", True), ("ben", False)])
def test_the_unit_and_the_scrutineer_see_every_hub_and_a_lead_their_own(name, shown, signed_in, several, request):
    assert ("elsewhere" in listed(signed_in(request.getfixturevalue(name)), "?status=any")) == shown


@pytest.mark.parametrize("name", ["pat", "maya"])
def test_who_leads_no_hub_has_no_inbox(name, signed_in, several, request):
    client = signed_in(request.getfixturevalue(name))
    assert client.get(address("inbox")).status_code == 403
    assert client.get(address("export_inbox", "csv")).status_code == 403


def test_the_filters_narrow_the_list_among_all_states(signed_in, ursula, hub, other_hub, constabulary, board):
    theme = ThemeFactory()
    one = SuggestionFactory(hub=hub, theme=theme, agency=constabulary, change="Answer each referral at once")
    late = SuggestionFactory(hub=other_hub, status=S.WITH_BOARD, sent_up_at=timezone.now() - timedelta(days=90))
    for days in (-60, -30):
        make_meeting(board, days=days, status=MeetingStatus.HELD)
    client = signed_in(ursula)
    assert listed(client, f"?theme={theme.pk}") == [one.reference]
    assert listed(client, "?theme=none") == [late.reference]
    assert listed(client, f"?agency={constabulary.pk}") == [one.reference]
    assert listed(client, f"?hub={other_hub.pk}") == [late.reference]
    assert listed(client, "?overdue=yes") == [late.reference]
    assert listed(client, "?q=REFERRAL+once") == [one.reference]
    assert listed(client, f"?q={one.reference}&status=with_board") == []
    assert "Nothing matches these filters" in text_of(client, "inbox", query="?q=zebra")


def test_nobody_looks_for_a_suggestion_by_the_name_of_its_author(signed_in, stella, hub):
    SuggestionFactory(hub=hub, author__name="Zebedee Author")
    assert listed(signed_in(stella), "?q=Zebedee") == []


def test_an_empty_inbox_says_what_will_come_there(signed_in, ben):
    assert "No suggestion has come in yet" in text_of(signed_in(ben), "inbox")


def test_an_inbox_in_which_all_is_done_leads_to_the_rest(signed_in, ben, hub):
    SuggestionFactory(hub=hub, status=S.FED_BACK)
    assert "Nothing waits for the hub" in text_of(signed_in(ben), "inbox")


def test_only_what_is_at_the_hub_has_a_box_to_tick_and_only_for_who_may_see_to_it(signed_in, ben, stella, several):
    for person, ticked in ((ben, {"submitted", "asked", "at_hub"}), (stella, set())):
        lines = get(signed_in(person), "inbox", query="?status=any").context["lines"]
        assert {line.suggestion.status for line in lines if line.can_be_ticked} == ticked
    assert "With the suggestions that you have ticked" not in text_of(signed_in(stella), "inbox")


def test_the_list_says_what_is_held_back_what_was_merged_and_what_was_replied_to(signed_in, ben, hub):
    main, like = at_hub(hub), SuggestionFactory(hub=hub)
    authors_side.reply(inbox.ask_back(main, by=ben, text="Which?"), "The front door")
    inbox.hold_text(main, field="good", by=ben)
    assert "Reply received" in text_of(signed_in(ben), "inbox")
    inbox.merge([like], into=main, by=ben)
    text = text_of(signed_in(ben), "inbox")
    assert "A text is held back" in text
    assert "with 1 like one" in text


def queries_of(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_list_and_the_file_cost_the_same_however_many_there_are(signed_in, ursula, hub, other_hub):
    client = signed_in(ursula)

    def costs():
        files = [address("export_inbox", "csv") + "?status=any"]
        return [queries_of(client, url) for url in (address("inbox") + "?status=any", *files)]

    def add(number):
        for _ in range(number):
            main = at_hub(hub, theme=theme, agency=OrganisationFactory())
            SuggestionFactory(hub=other_hub, status=S.MERGED, merged_into=main)

    theme = ThemeFactory()
    add(1)
    costs()  # what is looked up once and kept
    small = costs()
    add(6)
    assert costs() == small
    assert max(small) <= 20


# The file


def rows_of(client, query=""):
    response = client.get(address("export_inbox", "csv") + query)
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(content)))


def test_the_file_has_what_the_list_shows_with_its_filters(signed_in, ben, several):
    client = signed_in(ben)
    assert [row["Reference"] for row in rows_of(client)] == ["at_hub", "asked", "submitted"]
    merged = rows_of(client, "?status=merged")[0]
    assert (merged["Merged into"], merged["What should change"]) == ("at_hub", "Answer each within a day")
    book = load_workbook(BytesIO(b"".join(client.get(address("export_inbox", "xlsx")).streaming_content)))
    assert [row[0].value for row in book.active.iter_rows(min_row=2)] == ["at_hub", "asked", "submitted"]


def test_authors_are_in_the_file_only_for_those_who_may_know_them(signed_in, ben, ursula, stella, hub, other_hub):
    AuthorFactory(suggestion=SuggestionFactory(hub=hub, author=None), name="Ada Author")
    AuthorFactory(suggestion=SuggestionFactory(hub=other_hub, author=None), name="Bob Author")
    assert [row["Author"] for row in rows_of(signed_in(ursula))] == ["Ada Author", "Bob Author"]
    assert [row["Author"] for row in rows_of(signed_in(ben))] == ["Ada Author"]
    assert all("Author" not in row for row in rows_of(signed_in(stella)))
    grant(stella, Role.HUB_LEAD, group=hub.group)
    assert [row["Author"] for row in rows_of(signed_in(stella))] == ["Ada Author", ""]


# One suggestion


def test_the_page_shows_what_was_said_and_who_said_it_only_to_the_hub_and_the_unit(
    signed_in, ben, ursula, stella, maya, hub
):
    seat(maya, hub.reports_to)
    suggestion = SuggestionFactory(
        hub=hub, status=S.WITH_BOARD, now="Nobody answers", author__name="Ada Author", author__email="ada@x.example"
    )
    for person, knows in ((ben, True), (ursula, True), (stella, False), (maya, False)):
        text = text_of(signed_in(person), "suggestion", suggestion.pk)
        assert "Nobody answers" in text
        assert ("Ada Author" in text) == ("ada@x.example" in text) == knows, person


def test_who_has_no_business_with_it_does_not_learn_that_it_exists(signed_in, bella, maya, hub, pat):
    suggestion = at_hub(hub)
    for person in (bella, maya, pat):
        assert signed_in(person).get(address("suggestion", suggestion.pk)).status_code == 404


def test_its_author_reads_it_but_not_what_others_wrote_nor_who_did_what(signed_in, pat, ben, hub):
    suggestion = at_hub(hub, author__person=pat)
    like = SuggestionFactory(hub=hub, change="Said by somebody else")
    inbox.merge([like], into=suggestion, by=ben)
    inbox.set_aside(suggestion, by=ben, note="Done in May")
    text = text_of(signed_in(pat), "suggestion", suggestion.pk)
    assert "You made this suggestion" in text
    assert "Done in May" in text
    assert "Said by somebody else" not in text
    assert "Who did what" not in text
    assert ben.name not in text


def test_what_was_merged_is_read_on_the_page_by_the_hub_and_the_board(signed_in, ben, maya, hub):
    seat(maya, hub.reports_to)
    main, like = at_hub(hub), SuggestionFactory(hub=hub, change="Said by somebody else", author__name="Bob Other")
    inbox.merge([like], into=main, by=ben)
    inbox.send_up(main, by=ben)
    for person, knows in ((ben, True), (maya, False)):
        text = text_of(signed_in(person), "suggestion", main.pk)
        assert "Said by somebody else" in text
        assert ("Bob Other" in text) == knows
    assert signed_in(maya).get(address("suggestion", like.pk)).status_code == 404


def test_a_held_text_is_said_to_wait_and_is_read_by_nobody(signed_in, ben, hub):
    suggestion = at_hub(hub, now="Little Tom waits")
    inbox.hold_text(suggestion, field="now", by=ben)
    text = text_of(signed_in(ben), "suggestion", suggestion.pk)
    assert "It waits for the business unit" in text
    assert "Little Tom" not in text


def test_the_board_s_answer_stands_there_with_its_reason(signed_in, ben, hub, board):
    suggestion = SuggestionFactory(hub=hub, status=S.ANSWERED)
    meeting = make_meeting(board, days=-3, status=MeetingStatus.HELD)
    Response.objects.create(
        suggestion=suggestion, answer="not_now", reason="No money", meeting=meeting, answered_on=meeting.day
    )
    text = text_of(signed_in(ben), "suggestion", suggestion.pk)
    assert "Not now" in text
    assert "No money" in text


def test_one_that_the_board_has_not_answered_twice_is_shown_as_overdue(signed_in, stella, hub, board):
    suggestion = SuggestionFactory(hub=hub, status=S.WITH_BOARD, sent_up_at=timezone.now() - timedelta(days=90))
    for days in (-60, -30):
        make_meeting(board, days=days, status=MeetingStatus.HELD)
    text = text_of(signed_in(stella), "suggestion", suggestion.pk)
    assert "has met 2 times since" in text
    assert "Overdue" in text


OFFERED = {
    S.SUBMITTED: {"take_on", "ask", "merge", "set_aside", "retitle", "hand_over", "hold"},
    S.ASKED: {"go_on", "merge", "set_aside", "retitle", "hand_over", "hold"},
    S.AT_HUB: {"send_up", "ask", "merge", "set_aside", "retitle", "hand_over", "hold"},
    S.WITH_BOARD: {"take_back", "hold"},
    S.ANSWERED: {"hold", "tell"},
    S.SET_ASIDE: {"take_up", "hold"},
}


@pytest.mark.parametrize("status", OFFERED)
def test_a_lead_is_offered_what_can_be_done_now_and_an_onlooker_nothing(status, signed_in, ben, stella, hub):
    suggestion = SuggestionFactory(hub=hub, status=status)
    reading = {"read_inbox", "read_main", "read_history", "follow"}
    for person, offered in ((ben, OFFERED[status]), (stella, set())):
        may = get(signed_in(person), "suggestion", suggestion.pk).context["may"]
        assert {name for name, can in may.items() if can} - reading == offered


def test_the_page_costs_the_same_however_much_has_happened(signed_in, ben, hub):
    client, main = signed_in(ben), at_hub(hub)

    def happen(times):
        for _ in range(times):
            inbox.merge([SuggestionFactory(hub=hub)], into=main, by=ben)
            inbox.ask_back(main, by=ben, text="Which?")
            inbox.go_on(main, by=ben)

    happen(2)
    get(client, "suggestion", main.pk)
    small = queries_of(client, address("suggestion", main.pk))
    happen(4)
    assert queries_of(client, address("suggestion", main.pk)) == small
    assert small <= 30


def test_the_history_by_field_is_for_those_who_may_know_the_author(signed_in, ben, stella, hub):
    suggestion = at_hub(hub, title="Before")
    inbox.retitle(suggestion, by=ben, title="After")
    url = reverse("history", args=["learninghubs", "suggestion", suggestion.pk])
    text = signed_in(ben).get(url).content.decode()
    assert "Before" in text
    assert "After" in text
    assert signed_in(stella).get(url).status_code == 403


# What the hub does


def test_a_lead_reads_a_new_one_and_takes_it_on(signed_in, ben, hub):
    suggestion = SuggestionFactory(hub=hub, now="Nobody answers")
    client = signed_in(ben)
    assert "Nobody answers" in text_of(client, "take_on_suggestion", suggestion.pk)
    assert_says(post(client, "take_on_suggestion", suggestion.pk, title=""), "Enter a short title")
    response = client.post(address("take_on_suggestion", suggestion.pk), {"title": "Referrals"}, follow=True)
    assert_says(response, "The suggestion is at the hub", "Referrals")


def test_a_title_that_identifies_a_child_is_given_back_with_what_is_wrong(signed_in, ben, hub):
    response = post(signed_in(ben), "take_on_suggestion", SuggestionFactory(hub=hub).pk, title="Of 943 476 5919")
    assert_says(response, "This looks like an NHS number", "Of 943 476 5919", "Error:")


def test_the_lead_sends_a_text_to_the_unit_from_the_page(signed_in, ben, ursula, hub):
    suggestion = SuggestionFactory(hub=hub, now="Little Tom waits")
    assert_says(
        post(signed_in(ben), "hold_suggestion_text", suggestion.pk, field="nonsense"), "Select one of the texts"
    )
    assert post(signed_in(ben), "hold_suggestion_text", suggestion.pk, field="now").status_code == 302
    text = signed_in(ursula).get(reverse("held_text", args=[HeldText.objects.get().pk])).content.decode()
    assert "Little Tom waits" in text
    assert "Something that the hub noticed" in text


def test_a_question_is_asked_from_the_page(signed_in, ben, hub):
    suggestion = SuggestionFactory(hub=hub)
    assert_says(post(signed_in(ben), "ask_author", suggestion.pk, text=""), "Enter what you want to ask")
    assert post(signed_in(ben), "ask_author", suggestion.pk, text="<b>Which</b>?").status_code == 302
    text = text_of(signed_in(ben), "suggestion", suggestion.pk)
    assert "&lt;b&gt;Which&lt;/b&gt;?" in text
    assert "No reply yet" in text


@pytest.mark.parametrize(
    ("name", "status", "after"),
    [
        ("go_on_without_reply", S.ASKED, S.AT_HUB),
        ("take_up_suggestion", S.SET_ASIDE, S.AT_HUB),
        ("separate_suggestion", S.MERGED, S.AT_HUB),
    ],
)
def test_what_needs_no_words_is_asked_once_more_and_a_second_click_is_told_what_has_happened(
    name, status, after, signed_in, ben, hub
):
    into = {"merged_into": at_hub(hub)} if status == S.MERGED else {}
    suggestion = SuggestionFactory(hub=hub, status=status, **into)
    client = signed_in(ben)
    get(client, name, suggestion.pk)
    suggestion.refresh_from_db()
    assert suggestion.status == status, "to look at the page changes nothing"
    assert post(client, name, suggestion.pk).status_code == 302
    suggestion.refresh_from_db()
    assert suggestion.status == after
    second = post(client, name, suggestion.pk)
    assert second.status_code == 409
    assert "Ben Hub changed the status to “at the hub”" in second.content.decode()
    assert client.get(address(name, suggestion.pk)).status_code == 409


@pytest.mark.parametrize(
    ("name", "status", "fields", "error"),
    [
        ("set_suggestion_aside", S.AT_HUB, {"note": "Done in May"}, "Enter why it is taken no further"),
        ("take_back_suggestion", S.WITH_BOARD, {"note": "Two more said it"}, "Enter why it is taken back"),
        ("retitle_suggestion", S.AT_HUB, {"title": "Better"}, "Enter a short title"),
    ],
)
def test_what_needs_words_says_so_and_is_done_with_them(name, status, fields, error, signed_in, ben, hub):
    suggestion = SuggestionFactory(hub=hub, status=status, title="Referrals")
    client = signed_in(ben)
    get(client, name, suggestion.pk)
    assert_says(post(client, name, suggestion.pk), error)
    assert post(client, name, suggestion.pk, **fields).status_code == 302


def test_the_page_to_take_one_back_says_on_which_agenda_it_stands(signed_in, ben, hub, board):
    suggestion = SuggestionFactory(hub=hub, status=S.WITH_BOARD)
    make_item(make_meeting(board), source=suggestion)
    assert "It stands on the agenda of" in text_of(signed_in(ben), "take_back_suggestion", suggestion.pk)


def test_who_hands_it_to_another_hub_comes_back_to_the_inbox(signed_in, ben, hub, other_hub):
    suggestion = at_hub(hub)
    client = signed_in(ben)
    assert_says(post(client, "hand_over_suggestion", suggestion.pk), "Select a hub", "Enter why another hub")
    assert_says(post(client, "hand_over_suggestion", suggestion.pk, to=hub.pk, note="x"), "has the suggestion already")
    response = post(client, "hand_over_suggestion", suggestion.pk, to=other_hub.pk, note="It is about Watford")
    assert response["Location"] == address("inbox")
    assert client.get(address("suggestion", suggestion.pk)).status_code == 404


# Like ones


def test_like_ones_are_offered_and_those_that_are_ticked_are_put_into_it(signed_in, ben, hub, other_hub):
    main, like, other = (
        at_hub(hub),
        SuggestionFactory(hub=hub),
        SuggestionFactory(hub=hub, now="x", change="Bees", good="x"),
    )
    elsewhere = SuggestionFactory(hub=other_hub)
    client = signed_in(ben)
    offered = get(client, "merge_into_suggestion", main.pk).context["form"].offered
    assert offered == [like]
    assert like.good in text_of(client, "merge_into_suggestion", main.pk), "each is read in full before it is put in"
    found = get(client, "merge_into_suggestion", main.pk, query="?q=bees").context["form"].offered
    assert found == [other]
    assert_says(post(client, "merge_into_suggestion", main.pk), "Tick the suggestions that belong together")
    assert_says(post(client, "merge_into_suggestion", main.pk, chosen=elsewhere.pk), "has left the hub meanwhile")
    assert post(client, "merge_into_suggestion", main.pk, query="?q=bees", chosen=other.pk).status_code == 302
    assert list(main.merged.all()) == [other]
    assert "No suggestion at the hub has these words" in text_of(
        client, "merge_into_suggestion", main.pk, query="?q=zebra"
    )


def test_several_that_were_ticked_in_the_list_are_put_together_as_one(signed_in, ben, hub, other_hub):
    one, other, gone = at_hub(hub), at_hub(hub), SuggestionFactory(hub=hub, status=S.WITH_BOARD)
    unconfirmed = SuggestionFactory(hub=hub, status=S.UNCONFIRMED)
    elsewhere = at_hub(other_hub)
    ticked = f"?chosen={one.pk}&chosen={other.pk}&chosen={gone.pk}&chosen=x"
    ticked += f"&chosen={unconfirmed.pk}&chosen={elsewhere.pk}"
    client = signed_in(ben)
    page = get(client, "merge_suggestions", query=ticked)
    assert (page.context["view"].fitting, page.context["unfit"]) == ([one, other], [gone])
    fields = {"ticked": [one.pk, other.pk]}
    assert_says(post(client, "merge_suggestions", query=ticked, **fields), "Select the one that goes on")
    response = post(client, "merge_suggestions", query=ticked, into=other.pk, **fields)
    assert response["Location"] == other.get_absolute_url()
    late = post(client, "merge_suggestions", query=ticked, into=other.pk, **fields)
    assert late.status_code == 409, "pressed twice"
    assert "tick two or more" in text_of(client, "merge_suggestions", query=f"?chosen={other.pk}")


# To the Board


def test_one_is_put_to_the_board_from_its_page(signed_in, ben, hub):
    suggestion = at_hub(hub, title="")
    client, name = signed_in(ben), f"title_{suggestion.pk}"
    get(client, "send_up_suggestion", suggestion.pk)
    assert_says(post(client, "send_up_suggestion", suggestion.pk, **{name: ""}), "Enter a short title")
    assert post(client, "send_up_suggestion", suggestion.pk, **{name: "Referrals"}).status_code == 302
    assert post(client, "send_up_suggestion", suggestion.pk, **{name: "Referrals"}).status_code == 409


def test_several_that_were_ticked_are_put_to_the_board_and_what_cannot_go_is_named(signed_in, ben, hub):
    one, other, new = at_hub(hub), at_hub(hub), SuggestionFactory(hub=hub)
    query = f"?chosen={one.pk}&chosen={other.pk}&chosen={new.pk}"
    client = signed_in(ben)
    page = get(client, "send_up_suggestions", query=query)
    assert (page.context["fitting"], page.context["unfit"]) == ([one, other], [new])
    inbox.hold_text(other, field="now", by=ben)
    fields = {f"title_{each.pk}": "Referrals" for each in (one, other)}
    assert_says(post(client, "send_up_suggestions", query=query, **fields), "waits for the business unit")
    del fields[f"title_{other.pk}"]
    done = client.post(address("send_up_suggestions") + query, fields, follow=True)
    assert_says(done, "1 suggestion is with the Board")
    assert "tick those that you have taken on" in text_of(client, "send_up_suggestions")


NONSENSE = "9" * 30


def test_addresses_and_forms_that_somebody_made_up_get_an_answer_and_no_breakdown(signed_in, ben, hub):
    main = at_hub(hub)
    SuggestionFactory(hub=hub)
    client = signed_in(ben)
    for query in (f"?hub={NONSENSE}", "?q=%00", f"?page={NONSENSE}", f"?theme={NONSENSE}&status=%00"):
        get(client, "inbox", query=query)
    get(client, "merge_into_suggestion", main.pk, query="?q=%00%27%25")
    for name in ("merge_suggestions", "send_up_suggestions"):
        get(client, name, query=f"?chosen={NONSENSE}&chosen=%00")
    for wrong in (NONSENSE, "x", main.pk):
        assert_says(post(client, "merge_into_suggestion", main.pk, chosen=wrong), "Error:")
    fields = {"ticked": [main.pk, NONSENSE], "into": main.pk}
    assert_says(post(client, "merge_suggestions", query=f"?chosen={main.pk}", **fields), "Put suggestions together")
    assert_says(post(client, "hand_over_suggestion", main.pk, to=NONSENSE, note="x"), "Error:")


# Who may


@pytest.mark.parametrize(("status", "offered"), [(S.WITH_BOARD, "answer"), (S.ANSWERED, "correct")])
def test_who_chairs_the_board_is_led_to_its_answer(status, offered, signed_in, maya, hub, board):
    put_in_the_chair(maya, board)
    suggestion = SuggestionFactory(hub=hub, status=status)
    may = get(signed_in(maya), "suggestion", suggestion.pk).context["may"]
    assert [name for name, can in may.items() if can] == [offered]


@pytest.mark.parametrize("name", ["set_suggestion_aside", "send_up_suggestion", "merge_into_suggestion", "ask_author"])
def test_the_board_and_a_scrutineer_look_on_and_a_stranger_does_not_even_that(
    name, signed_in, stella, maya, bella, hub, board
):
    put_in_the_chair(maya, board)
    suggestion = SuggestionFactory(hub=hub, status=S.WITH_BOARD)
    for person, status in ((stella, 403), (maya, 403), (bella, 404)):
        assert signed_in(person).get(address(name, suggestion.pk)).status_code == status
        assert post(signed_in(person), name, suggestion.pk, note="x").status_code == status
    assert not OutgoingMessage.objects.exists()
