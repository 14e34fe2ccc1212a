"""The pages of a return: each person on each page, what is shown and done there, and that nothing typed is lost."""

import json
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partnership.choices import DocumentStatus, Role
from partnership.engine import documents, home
from partnership.models import HeldText, UnsavedForm
from partnership.services import screening
from schools.choices import ReturnStatus
from schools.models import Answer, SectionDraft
from schools.services.collections import close_collection
from schools.services.returns import accept, query, send_back, send_to_head, sign_governance, submit
from schools.services.sections import Content, content_of, keep_draft
from schools.sheets import Sheet
from schools.steps import clock
from tests.factories import (
    completed_return,
    fill,
    full_question_set,
    grant,
    open_return,
    sent_return,
    small_question_set,
)
from tests.schools.test_section_form import sent_form
from tests.schools.test_sections_service import last_day, question_of

EMAIL = "Ask jo.bloggs@example.org about it"


@pytest.fixture
def record(oak_lane):
    return open_return(oak_lane)


@pytest.fixture
def begun(record, dan):
    """A return in which Dan has filled in everything."""
    return fill(record, by=dan)


@pytest.fixture
def sent(oak_lane, dan, amira):
    return sent_return(oak_lane, lead=dan)


@pytest.fixture
def submitted(oak_lane, dan, amira):
    return completed_return(oak_lane, lead=dan, head=amira, values={"1.1": "developing", "1.3": 70})


def url(name, record, *args):
    return reverse(f"schools:{name}", args=[record.pk, *args])


def text_of(response):
    return " ".join(response.content.decode().split())


# --- Who may see and do what -----------------------------------------------------------------------------------------

OWN = {"dan": 200, "debbie": 200, "amira": 200, "colin": 200}
READERS = {"ursula": 200, "stella": 200}
STRANGERS = {"erin": 404, "pat": 404}
EVERYONE = OWN | READERS | STRANGERS
ONLY_LEADS = {"dan": 200, "debbie": 200, "amira": 403, "colin": 403, "ursula": 403, "stella": 403} | STRANGERS
ONLY_HEAD = {"dan": 403, "debbie": 403, "amira": 200, "colin": 403, "ursula": 403, "stella": 403} | STRANGERS
ONLY_CHAIR = {"dan": 403, "debbie": 403, "amira": 403, "colin": 200, "ursula": 403, "stella": 403} | STRANGERS
ONLY_UNIT = {"dan": 403, "debbie": 403, "amira": 403, "colin": 403, "ursula": 200, "stella": 403} | STRANGERS
UNIT_AND_SCRUTINEER = ONLY_UNIT | {"stella": 200}


@pytest.mark.parametrize(
    ("page", "args", "expected"),
    [
        ("return", (), EVERYONE),
        ("check", (), EVERYONE),
        ("check_section", ("S1",), EVERYONE),
        ("summary", (), EVERYONE),
        ("return_document", (), EVERYONE),
        ("make_return_document", (), EVERYONE),
        ("section", ("S1",), ONLY_LEADS),
        ("send_to_head", (), ONLY_LEADS),
        ("submit_return", (), ONLY_HEAD),
        ("send_back", (), ONLY_HEAD),
        ("governance", (), ONLY_CHAIR),
        ("accept_return", (), ONLY_UNIT),
        ("extend_return", (), ONLY_UNIT),
        ("query_return", (), UNIT_AND_SCRUTINEER),
    ],
)
def test_each_page_is_open_to_those_whose_it_is(record, signed_in, request, page, args, expected):
    found = {
        person: signed_in(request.getfixturevalue(person)).get(url(page, record, *args)).status_code
        for person in expected
    }
    assert found == expected


@pytest.mark.parametrize("page", ["return", "check", "summary", "section", "submit_return", "keep_draft"])
def test_nobody_who_is_not_signed_in_sees_anything(record, client, page):
    args = ("S1",) if page in {"section", "keep_draft"} else ()
    response = client.get(url(page, record, *args))
    assert response.status_code == 302
    assert response.url.startswith("/account/login/")


@pytest.mark.parametrize("page", ["section", "check_section"])
@pytest.mark.parametrize("code", ["S9", "nothing", "1.1"])
def test_a_section_that_the_school_is_not_asked_is_not_there(record, dan, signed_in, page, code):
    assert signed_in(dan).get(url(page, record, code)).status_code == 404


def test_the_list_has_the_returns_of_ones_own_school_newest_first(oak_lane, elm_park, dan, erin, signed_in):
    for year in (2024, 2026, 2025):
        question_set = small_question_set() if year == 2024 else None
        open_return(oak_lane, academic_year=year, question_set=question_set)
    open_return(elm_park)
    rows = signed_in(dan).get(reverse("schools:returns")).context["rows"]
    assert [(record.organisation.name, record.collection.academic_year) for record, _ in rows] == [
        ("Oak Lane School", 2026),
        ("Oak Lane School", 2025),
        ("Oak Lane School", 2024),
    ]


def test_the_list_is_the_schools_own_and_others_come_by_the_collection(ursula, pat, signed_in):
    assert signed_in(ursula).get(reverse("schools:returns")).status_code == 404
    assert signed_in(pat).get(reverse("schools:returns")).status_code == 404


@pytest.mark.parametrize(
    ("person", "action"),
    [("dan", "Start the return"), ("amira", ""), ("colin", ""), ("debbie", "Start the return")],
)
def test_the_list_says_what_is_next_to_those_whose_it_is(record, signed_in, request, person, action):
    rows = signed_in(request.getfixturevalue(person)).get(reverse("schools:returns")).context["rows"]
    assert rows[0][1].action == action


# --- The task list ---------------------------------------------------------------------------------------------------


def tasks_of(response):
    return {task.title: task.status for group in response.context["groups"] for task in group.tasks}


def test_the_task_list_says_how_far_each_section_is(record, dan, ursula, amira, signed_in):
    assert set(tasks_of(signed_in(dan).get(record.get_absolute_url())).values()) == {"Not yet started"}
    fill(record, by=dan, sections=["C", "S1"])
    fill(record, by=dan, sections=["S2"], complete=False)
    assert tasks_of(signed_in(dan).get(record.get_absolute_url())) == {
        "About your school": "Completed",
        "Leadership": "Completed",
        "Policies and training": "In progress",
        "Looking back": "Not yet started",
    }


def test_a_query_is_shown_at_its_section_and_at_its_question(submitted, dan, ursula, signed_in):
    query(submitted, by=ursula, text="How?", question=question_of(submitted, "1.1"), reply_by=submitted.deadline)
    page = signed_in(dan).get(submitted.get_absolute_url())
    assert tasks_of(page)["Leadership"] == "Query to answer"
    section = text_of(signed_in(dan).get(url("section", submitted, "S1")))
    assert section.index("How?") < section.index("Staff assume that harm could happen here.")


def test_before_the_start_the_page_says_why_it_is_asked_and_who_completes_it(record, dan, amira, signed_in):
    page = text_of(signed_in(dan).get(record.get_absolute_url()))
    assert "section 14B of the Children Act 2004" in page
    assert "section 175 of the Education Act 2002" in page
    assert "The headteacher reads a summary" in page
    assert "Do not name or describe any child" in page
    assert "Start now" in page
    assert "Start now" not in text_of(signed_in(amira).get(record.get_absolute_url()))


def test_the_duty_of_an_academy_is_its_own(oak_lane, record, dan, signed_in):
    oak_lane.type_code, oak_lane.type_name = "34", "Academy converter"
    oak_lane.save()
    assert "section 157 of the Education Act 2002" in text_of(signed_in(dan).get(record.get_absolute_url()))


def test_the_page_says_who_else_is_at_work(record, dan, debbie, signed_in):
    keep_draft(record, record.collection.question_set.sections.get(code="S1"), {"q1_x": ["a"]}, by=debbie)
    assert "Debbie Deputy is working on “Leadership”" in text_of(signed_in(dan).get(record.get_absolute_url()))
    assert "Debbie Deputy is working on this section too" in text_of(signed_in(dan).get(url("section", record, "S1")))
    SectionDraft.objects.update(kept_at=timezone.now() - timedelta(minutes=16))
    assert "is working on" not in text_of(signed_in(dan).get(record.get_absolute_url()))


def test_what_the_head_wrote_stands_on_top_until_the_return_goes_back(sent, dan, amira, signed_in):
    send_back(sent, by=amira, note="Say more about 1.1.")
    assert "Amira Head sent the return back" in text_of(signed_in(dan).get(sent.get_absolute_url()))
    again = send_to_head(sent, by=dan)
    assert "Amira Head sent the return back" not in text_of(signed_in(dan).get(again.get_absolute_url()))


def test_the_story_of_a_return_is_told_with_names_and_notes(submitted, colin, ursula, signed_in):
    sign_governance(submitted, by=colin)
    accept(submitted, by=ursula)
    page = signed_in(ursula).get(submitted.get_absolute_url())
    assert [(entry.what, entry.by) for entry in page.context["story"]] == [
        ("Accepted the return", "Ursula Unit"),
        ("Signed for the governors", "Colin Chair"),
        ("Confirmed and submitted the return", "Amira Head"),
        ("Sent the return to the head", "Dan Lead"),
        ("Started the return", "Dan Lead"),
    ]


@pytest.mark.parametrize(
    ("person", "status", "offered"),
    [
        ("ursula", ReturnStatus.SUBMITTED, {"accept", "query"}),
        ("stella", ReturnStatus.SUBMITTED, {"query"}),
        ("ursula", ReturnStatus.ACCEPTED, {"query"}),
        ("ursula", ReturnStatus.IN_PROGRESS, {"extend"}),
        ("dan", ReturnStatus.SUBMITTED, set()),
    ],
)
def test_readers_are_offered_what_they_may_do(submitted, signed_in, request, person, status, offered):
    type(submitted).objects.update(status=status)
    page = signed_in(request.getfixturevalue(person)).get(submitted.get_absolute_url()).content.decode()
    assert {name for name in ("accept", "query", "extend") if f'/{submitted.pk}/{name}/"' in page} == offered


# --- A section -------------------------------------------------------------------------------------------------------


def send(client, record, code, data, complete="no"):
    lines = Sheet(record).part(code).lines
    return client.post(url("section", record, code), sent_form(lines, data, complete))


def test_saving_and_not_done_leads_back_to_the_task_list(record, dan, signed_in):
    response = send(signed_in(dan), record, "S1", {"1.1": {"value": "in_place", "evidence": "Seen."}})
    assert (response.status_code, response.url) == (302, record.get_absolute_url())
    assert record.answers.get().value == "in_place"


def test_a_completed_section_leads_to_the_next_and_the_last_to_all_answers(begun, dan, signed_in):
    client = signed_in(dan)
    leadership = {line.question.code: {"value": line.answer.value} for line in Sheet(begun).part("S1").lines}
    assert send(client, begun, "S1", leadership, "yes").url == url("section", begun, "S2")
    assert send(client, begun, "Z", {"Z1": {"value": "embedded"}}, "yes").url == url("check", begun)


def test_what_is_wrong_is_summed_up_and_everything_typed_stays(record, dan, signed_in):
    response = send(signed_in(dan), record, "S1", {"1.3": {"value": "ninety"}, "1.1": {"evidence": "Half a sen"}})
    page = text_of(response)
    assert response.status_code == 200
    assert "Error: Leadership" in page
    assert "There is a problem" in page
    assert 'value="ninety"' in page
    assert "Half a sen" in page
    assert not record.answers.exists()


def test_two_answers_are_shown_side_by_side_and_the_second_chooses(record, dan, debbie, signed_in):
    lines = Sheet(record).part("S1").lines
    mine = sent_form(lines, {"1.1": {"value": "embedded", "evidence": "Mine"}})
    fill(record, by=debbie, values={"1.1": Content("in_place", evidence="Hers")}, sections=["S1"])
    client, key = signed_in(dan), f"q{question_of(record, '1.1').pk}"
    response = client.post(url("section", record, "S1"), mine)
    page = text_of(response)
    assert "Debbie Deputy changed this answer while you were working on it." in page
    assert "Hers" in page
    assert "Mine" in page
    assert record.answers.get(question__code="1.1").evidence == "Hers"
    choice = next(block.choice for block in response.context["form"].blocks if block.choice)
    mine[f"{key}_choose"], mine[choice.theirs_name] = "mine", choice.fingerprint
    assert client.post(url("section", record, "S1"), mine).status_code == 302
    assert record.answers.get(question__code="1.1").evidence == "Mine"


def test_who_does_not_choose_is_asked_again(record, dan, debbie, signed_in):
    mine = sent_form(Sheet(record).part("S1").lines, {"1.1": {"value": "embedded"}})
    fill(record, by=debbie, values={"1.1": "in_place"}, sections=["S1"])
    for _ in range(2):
        response = signed_in(dan).post(url("section", record, "S1"), mine)
        assert "1.1: Select which answer to keep" in text_of(response)
    assert record.answers.get(question__code="1.1").value == "in_place"


def test_a_choice_is_not_forgotten_over_another_error(record, dan, debbie, signed_in):
    lines, key = Sheet(record).part("S1").lines, f"q{question_of(record, '1.1').pk}"
    mine = sent_form(lines, {"1.1": {"value": "embedded"}, "1.3": {"value": "ninety"}})
    fill(record, by=debbie, values={"1.1": "in_place"}, sections=["S1"])
    seen = content_of(record.answers.get(question__code="1.1")).fingerprint
    mine[f"{key}_choose"], mine[f"{key}_theirs"] = "mine", seen
    page = text_of(signed_in(dan).post(url("section", record, "S1"), mine))
    assert f'name="{key}_choose" value="mine"' in page
    assert f'name="{key}_theirs" value="{seen}"' in page


def test_a_text_that_may_identify_a_child_is_held_if_its_writer_insists(record, dan, debbie, signed_in):
    client = signed_in(dan)
    refused = text_of(send(client, record, "S1", {"1.1": {"value": "in_place", "evidence": EMAIL}}))
    assert "This looks like an e-mail address" in refused
    assert "This is not about a child, a family or a member of staff" in refused
    sent = {"1.1": {"value": "in_place", "evidence": EMAIL, "insists": "on"}}
    response = send(client, record, "S1", sent)
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "One text waits for the business unit to look at. The rest is saved."
    ]
    assert HeldText.objects.get().text == EMAIL
    assert EMAIL in text_of(client.get(url("section", record, "S1")))
    others = text_of(signed_in(debbie).get(url("section", record, "S1")))
    assert EMAIL not in others
    assert "A text by Dan Lead waits for the business unit" in others


@pytest.mark.parametrize("person", ["amira", "ursula", "colin"])
def test_a_held_text_is_shown_to_nobody_but_its_writer(begun, dan, signed_in, request, person):
    screening.hold(begun.answers.get(question__code="1.1"), "evidence", EMAIL, hits=[], by=dan)
    client = signed_in(request.getfixturevalue(person))
    for page in (url("check", begun), url("check_section", begun, "S1"), url("summary", begun)):
        assert EMAIL not in text_of(client.get(page))


def test_another_person_is_added_without_saving_and_without_losing_anything(record, dan, signed_in):
    deputies, lines = question_of(record, "C3"), Sheet(record).part("C").lines
    sent = sent_form(lines, {"C3": {"rows": "1", "0_name": "Sam"}, "C4": {"value": "40"}})
    sent["add_person"] = str(deputies.pk)
    response = signed_in(dan).post(url("section", record, "C"), sent)
    page = text_of(response)
    assert f'name="q{deputies.pk}_1_name"' in page
    assert 'value="Sam"' in page
    assert 'value="40"' in page
    assert not Answer.objects.exists()


@pytest.mark.parametrize("value", ["", "x", "9" * 40, "٣", "0"])
def test_adding_a_person_to_nothing_does_no_harm(record, dan, signed_in, value):
    sent = sent_form(Sheet(record).part("C").lines, {})
    sent["add_person"] = value
    assert signed_in(dan).post(url("section", record, "C"), sent).status_code == 200


def test_last_years_answer_stands_beside_the_question(oak_lane, dan, signed_in):
    fill(open_return(oak_lane, academic_year=2025), by=dan, values={"1.3": Content(90, "", "The log of May")})
    now = open_return(oak_lane)
    page = text_of(signed_in(dan).get(url("section", now, "S1")))
    assert "Last year’s answer to question 1.3" in page
    assert "The log of May" in page


def test_the_details_of_the_school_start_from_the_register_and_from_last_year(oak_lane, dan, signed_in):
    before = {"C1": {"name": "Old Head"}, "C4": 41}
    fill(open_return(oak_lane, academic_year=2025), by=dan, values=before)
    oak_lane.head_first_name, oak_lane.head_last_name = "Newly", "Appointed"
    oak_lane.save()
    page = text_of(signed_in(dan).get(url("section", open_return(oak_lane), "C")))
    assert 'value="Newly Appointed"' in page
    assert "From the national register." in page
    assert 'value="41"' in page
    assert "From last year’s return. Check that it is still right." in page


def test_a_page_says_which_references_are_still_to_be_checked(record, dan, signed_in):
    page = text_of(signed_in(dan).get(url("section", record, "S2")))
    assert 'KCSIE Part two <span class="hscp-question__recall">check it against the current text</span>' in page


def test_once_it_is_with_the_head_a_section_is_there_to_be_read(sent, dan, signed_in):
    response = signed_in(dan).get(url("section", sent, "S1"))
    assert response.url == url("check_section", sent, "S1")


# --- Nothing typed is lost -------------------------------------------------------------------------------------------


def test_what_was_typed_when_the_session_had_ended_is_there_after_sign_in(record, dan, client, signed_in):
    sent = sent_form(Sheet(record).part("S1").lines, {"1.1": {"value": "developing", "evidence": "A long text"}})
    response = client.post(url("section", record, "S1"), sent)
    assert response.status_code == 302
    back = f"{url('section', record, 'S1')}?kept={UnsavedForm.objects.get().token}"
    page = text_of(signed_in(dan).get(back))
    assert "A long text" in page
    assert 'value="developing" checked' in page
    assert not record.answers.exists()


def test_what_was_typed_is_not_given_to_somebody_else(record, client, erin, amira, signed_in):
    sent = sent_form(Sheet(record).part("S1").lines, {"1.1": {"evidence": "A long text"}})
    client.post(url("section", record, "S1"), sent)
    back = f"{url('section', record, 'S1')}?kept={UnsavedForm.objects.get().token}"
    assert signed_in(erin).get(back).status_code == 404
    assert signed_in(amira).get(back).status_code == 403


def test_a_page_that_is_sent_too_late_shows_all_that_was_typed(record, dan, signed_in):
    client = signed_in(dan)
    sent = sent_form(Sheet(record).part("S1").lines, {"1.1": {"value": "developing", "evidence": "A long text"}})
    last_day(record, -1)
    response = client.post(url("section", record, "S1"), sent)
    page = text_of(response)
    assert response.status_code == 409
    assert "This has not been saved" in page
    assert "The final deadline was" in page
    assert "A long text" in page
    assert "hscp.business.unit@example.org" in page
    assert not record.answers.exists()


def test_a_page_that_is_sent_after_a_colleague_sent_the_return_says_so(begun, dan, debbie, amira, signed_in):
    sent = sent_form(Sheet(begun).part("S1").lines, {"1.1": {"evidence": "A long text"}})
    send_to_head(begun, by=debbie)
    response = signed_in(dan).post(url("section", begun, "S1"), sent)
    assert response.status_code == 409
    assert "Debbie Deputy changed the status to “with the head”" in text_of(response)
    assert "A long text" in text_of(response)


def test_a_closed_collection_is_said_to_be_closed(record, dan, ursula, signed_in):
    close_collection(record.collection, by=ursula)
    assert "The collection is closed." in text_of(signed_in(dan).get(record.get_absolute_url()))
    assert signed_in(dan).get(url("section", record, "S1")).status_code == 302
    response = send(signed_in(dan), record, "S1", {"1.1": {"value": "in_place"}})
    assert response.status_code == 409


def draft(client, record, data):
    sent = sent_form(Sheet(record).part("S1").lines, data, complete="")
    return client.post(url("keep_draft", record, "S1"), sent)


def test_a_draft_is_kept_while_somebody_types_and_offered_back(record, dan, signed_in):
    client = signed_in(dan)
    answer = draft(client, record, {"1.1": {"value": "developing", "evidence": "Half a sen"}})
    assert answer.status_code == 200
    assert json.loads(answer.content)["kept_at"] == clock(SectionDraft.objects.get().kept_at)
    offered = text_of(client.get(url("section", record, "S1")))
    assert "You have unsaved changes from" in offered
    assert "Half a sen" not in offered
    assert "Half a sen" in text_of(client.get(url("section", record, "S1") + "?draft=continue"))


def test_a_draft_is_its_writers_own(record, dan, debbie, signed_in):
    draft(signed_in(dan), record, {"1.1": {"evidence": "Half a sen"}})
    page = signed_in(debbie).get(url("section", record, "S1") + "?draft=continue")
    assert "Half a sen" not in text_of(page)


def test_a_draft_that_says_nothing_new_is_not_offered(record, dan, signed_in):
    client = signed_in(dan)
    send(client, record, "S1", {"1.1": {"value": "in_place"}})
    draft(client, record, {"1.1": {"value": "in_place"}})  # it came after the page had been saved
    assert "You have unsaved changes" not in text_of(client.get(url("section", record, "S1")))


def test_a_draft_can_be_discarded(record, dan, signed_in):
    client = signed_in(dan)
    draft(client, record, {"1.1": {"evidence": "Half a sen"}})
    assert client.post(url("discard_draft", record, "S1")).url == url("section", record, "S1")
    assert not SectionDraft.objects.exists()


def test_a_draft_is_refused_in_words_once_it_is_too_late(record, dan, signed_in):
    last_day(record, -1)
    answer = draft(signed_in(dan), record, {"1.1": {"evidence": "Half a sen"}})
    assert answer.status_code == 409
    assert "The final deadline was" in json.loads(answer.content)["error"]


def test_a_draft_that_is_too_long_is_refused_in_words(record, dan, signed_in):
    answer = draft(signed_in(dan), record, {"1.1": {"evidence": "x" * 400_001}})
    assert (answer.status_code, json.loads(answer.content)) == (400, {"error": "This is too much to keep as a draft."})


@pytest.mark.parametrize(("person", "status"), [("amira", 403), ("ursula", 403), ("erin", 404)])
def test_nobody_else_keeps_or_discards_drafts(record, signed_in, request, person, status):
    client = signed_in(request.getfixturevalue(person))
    for page in ("keep_draft", "discard_draft"):
        assert client.post(url(page, record, "S1")).status_code == status


def test_drafts_are_kept_and_discarded_by_post_alone(record, dan, signed_in):
    for page in ("keep_draft", "discard_draft"):
        assert signed_in(dan).get(url(page, record, "S1")).status_code == 405


# --- Check and send --------------------------------------------------------------------------------------------------


def test_what_is_missing_is_listed_with_a_link_to_its_place(begun, dan, amira, signed_in):
    fill(begun, by=dan, values={"1.1": Content("developing"), "2.1": Content(None)}, sections=["S1", "S2"])
    page = signed_in(dan).get(url("check", begun))
    first, second = question_of(begun, "1.1"), question_of(begun, "2.1")
    leadership, policies = url("section", begun, "S1"), url("section", begun, "S2")
    assert page.context["problems"] == [
        ("1.1: enter the action you will take", f"{leadership}#id_q{first.pk}_action_what"),
        ("1.1: enter who will do it", f"{leadership}#id_q{first.pk}_action_who"),
        ("1.1: enter by when it will be done", f"{leadership}#id_q{first.pk}_action_due_day"),
        ("2.1: enter an answer", f"{policies}#id_q{second.pk}_value_day"),
    ]
    for sentence, link in page.context["problems"]:
        assert f'id="{link.partition("#")[2]}"' in text_of(signed_in(dan).get(link)), sentence
    assert "Send to the head</button>" not in text_of(page)


def test_a_section_that_nobody_has_begun_is_one_line_of_the_list(record, dan, signed_in):
    problems = signed_in(dan).get(url("check", record)).context["problems"]
    assert problems[0] == ("About your school: nothing has been entered yet", url("section", record, "C"))


def test_the_return_is_sent_to_the_head_from_the_page_of_all_answers(begun, dan, amira, signed_in):
    client = signed_in(dan)
    assert "Send to the head</button>" in text_of(client.get(url("check", begun)))
    response = client.post(url("send_to_head", begun), follow=True)
    assert "The return has been sent to the head" in text_of(response)
    assert "With the head" in text_of(response)


def test_sending_what_is_not_whole_says_what_is_wanted(record, dan, amira, signed_in):
    fill(record, by=dan, values={"1.1": Content(None)})
    response = signed_in(dan).post(url("send_to_head", record))
    assert response.status_code == 200
    assert "1.1: enter an answer" in text_of(response)


def test_a_second_click_gets_a_page_that_says_what_has_happened(sent, dan, signed_in):
    response = signed_in(dan).post(url("send_to_head", sent))
    assert response.status_code == 409
    assert "Dan Lead changed the status to “with the head”" in text_of(response)


# --- The head and the chair ------------------------------------------------------------------------------------------


def test_the_summary_has_reds_ambers_overdue_actions_and_the_standards(oak_lane, dan, amira, signed_in):
    before = completed_return(oak_lane, lead=dan, head=amira, academic_year=2025, values={"1.4": "yearly"})
    action = Sheet(before).actions[0]
    type(action).objects.update(due=timezone.localdate() - timedelta(days=1))
    values = {"1.1": "developing", "1.3": 70, "2.1": "2020-01-01"}
    sent = sent_return(oak_lane, lead=dan, values=values)
    context = signed_in(amira).get(url("summary", sent)).context
    assert [line.question.code for line in context["reds"]] == ["1.3"]
    assert [line.question.code for line in context["ambers"]] == ["1.1", "2.1"]
    assert context["overdue"] == [action]
    assert (context["worst"], context["mean"]) == ("amber", 65)  # 50% and 80%
    assert [(row.part.section.code, row.part.result.rag, row.last.rag, row.change) for row in context["standards"]] == [
        ("S1", "amber", "amber", "down 25"),
        ("S2", "amber", "green", "down 20"),
    ]


def test_the_mean_never_stands_without_the_worst_standard(sent, amira, signed_in):
    page = text_of(signed_in(amira).get(url("summary", sent)))
    assert page.index("Worst standard") < page.index("Average share of green")


def test_the_head_is_offered_to_confirm_only_while_it_is_with_them(begun, sent, amira, dan, signed_in):
    assert "Confirm and submit" in text_of(signed_in(amira).get(url("summary", sent)))
    assert "Confirm and submit" not in text_of(signed_in(dan).get(url("summary", sent)))
    send_back(sent, by=amira, note="No")
    assert "Confirm and submit" not in text_of(signed_in(amira).get(url("summary", sent)))


def test_the_head_must_agree_with_the_statement(sent, amira, signed_in):
    response = signed_in(amira).post(url("submit_return", sent), {})
    assert "Tick the box to agree with the statement" in text_of(response)
    sent.refresh_from_db()
    assert sent.status == ReturnStatus.WITH_HEAD


def test_the_head_submits_and_comes_to_the_confirmation(sent, amira, colin, signed_in):
    response = signed_in(amira).post(url("submit_return", sent), {"agree": "on"}, follow=True)
    page = text_of(response)
    assert response.redirect_chain == [(url("submitted", sent), 302)]
    assert "Return submitted" in page
    assert sent.reference in page
    assert "Colin Chair signs it for the governors or proprietor by" in page
    assert "The signed PDF is being made" in page


def test_the_confirmation_can_be_come_back_to_and_is_not_there_before(sent, amira, signed_in):
    client = signed_in(amira)
    assert client.get(url("submitted", sent)).status_code == 404
    submit(sent, by=amira)
    assert client.get(url("submitted", sent)).status_code == 200


def test_the_head_sends_it_back_with_a_note(sent, amira, signed_in):
    client = signed_in(amira)
    assert "Enter what is to be changed" in text_of(client.post(url("send_back", sent), {"note": ""}))
    assert "This looks like an e-mail address" in text_of(client.post(url("send_back", sent), {"note": EMAIL}))
    response = client.post(url("send_back", sent), {"note": "Say more."}, follow=True)
    assert "The return has been sent back" in text_of(response)


def test_a_note_that_comes_too_late_is_not_lost(sent, amira, signed_in):
    send_back(sent, by=amira, note="First")
    page = text_of(signed_in(amira).post(url("send_back", sent), {"note": "A long second note"}))
    assert "You cannot send the return back now" in page
    assert "A long second note" in page


def test_a_note_typed_when_the_session_had_ended_is_given_back(sent, amira, client, signed_in):
    client.post(url("send_back", sent), {"note": "A long note"})
    back = f"{url('send_back', sent)}?kept={UnsavedForm.objects.get().token}"
    assert "A long note" in text_of(signed_in(amira).get(back))


def test_the_chair_signs_with_the_date_of_the_minute_if_there_is_one(submitted, colin, signed_in):
    day = timezone.localdate() - timedelta(days=2)
    sent = {"agree": "on", "minute_date_day": day.day, "minute_date_month": day.month, "minute_date_year": day.year}
    response = signed_in(colin).post(url("governance", submitted), sent, follow=True)
    submitted.refresh_from_db()
    assert submitted.board_minute_date == day
    assert "The return has been signed for the governors" in text_of(response)
    assert "Colin Chair" in text_of(response)


def test_the_chair_signs_once(submitted, colin, signed_in):
    sign_governance(submitted, by=colin)
    response = signed_in(colin).post(url("governance", submitted), {"agree": "on"})
    assert response.status_code == 409
    assert "Colin Chair signed this return for the governors on" in text_of(response)


# --- The business unit -----------------------------------------------------------------------------------------------


def test_the_business_unit_accepts(submitted, ursula, signed_in):
    response = signed_in(ursula).post(url("accept_return", submitted), follow=True)
    assert "The return has been accepted" in text_of(response)


def test_a_query_starts_from_the_answer_beside_which_it_was_asked(submitted, ursula, signed_in):
    client, question = signed_in(ursula), question_of(submitted, "1.1")
    answers = text_of(client.get(url("check_section", submitted, "S1")))
    link = f"{url('query_return', submitted)}?question={question.pk}"
    assert f'href="{link}"' in answers
    assert f'value="{question.pk}" selected' in text_of(client.get(link))


def test_the_business_unit_queries_one_question(submitted, ursula, signed_in):
    day, question = timezone.localdate() + timedelta(days=7), question_of(submitted, "1.1")
    sent = {"about": question.pk, "text": "How do you know?"}
    sent |= {f"reply_by_{part}": getattr(day, part) for part in ("day", "month", "year")}
    signed_in(ursula).post(url("query_return", submitted), sent)
    asked = submitted.queries.get()
    assert (asked.question, asked.text, asked.reply_by) == (question, "How do you know?", day)


@pytest.mark.parametrize("about", ["", "x", "999999999", "-1"])
def test_a_query_about_no_question_is_about_the_whole_return_or_refused(submitted, ursula, signed_in, about):
    day = timezone.localdate()
    sent = {"about": about, "text": "How do you know?"}
    sent |= {f"reply_by_{part}": getattr(day, part) for part in ("day", "month", "year")}
    response = signed_in(ursula).post(url("query_return", submitted), sent)
    assert response.status_code == (200 if about else 302)
    assert [asked.question for asked in submitted.queries.all()] == ([] if about else [None])


def test_the_school_gets_more_time(record, ursula, signed_in):
    day = record.deadline + timedelta(days=5)
    sent = {"reason": "Flood"} | {f"until_{part}": getattr(day, part) for part in ("day", "month", "year")}
    response = signed_in(ursula).post(url("extend_return", record), sent, follow=True)
    record.refresh_from_db()
    assert record.extended_to == day
    assert "Last day for this school" in text_of(response)


@pytest.fixture
def asked(submitted, ursula):
    return query(submitted, by=ursula, text="How do you know?", reply_by=submitted.deadline)


def test_the_school_replies_to_a_query(asked, submitted, dan, signed_in):
    page, client = url("reply", submitted, asked.pk), signed_in(dan)
    assert "How do you know?" in text_of(client.get(page))
    assert "Enter your reply" in text_of(client.post(page, {"reply": ""}))
    response = client.post(page, {"reply": "We asked."}, follow=True)
    asked.refresh_from_db()
    assert (asked.reply, asked.replied_by) == ("We asked.", dan)
    assert "Your reply has been saved" in text_of(response)


def test_a_reply_that_may_identify_a_child_is_held_if_its_writer_insists(asked, submitted, dan, ursula, signed_in):
    page, client = url("reply", submitted, asked.pk), signed_in(dan)
    assert 'type="checkbox"' not in text_of(client.get(page))
    refused = text_of(client.post(page, {"reply": EMAIL}))
    assert "This looks like an e-mail address" in refused
    assert 'type="checkbox" name="insists"' in refused
    client.post(page, {"reply": EMAIL, "insists": "on"})
    assert HeldText.objects.get().text == EMAIL
    assert EMAIL not in text_of(signed_in(ursula).get(submitted.get_absolute_url()))


def test_the_reply_to_a_query_of_another_return_is_not_there(asked, elm_park, erin, signed_in, dan, submitted):
    assert signed_in(erin).get(url("reply", open_return(elm_park), asked.pk)).status_code == 404
    assert signed_in(dan).get(url("reply", submitted, asked.pk + 1)).status_code == 404


# --- The signed PDF --------------------------------------------------------------------------------------------------


def test_the_page_asks_again_until_the_pdf_is_ready(submitted, amira, signed_in):
    client = signed_in(amira)
    assert 'hx-trigger="every 3s"' in text_of(client.get(url("return_document", submitted)))
    made = documents.latest("signed_return", about=submitted)
    type(made).objects.update(status=DocumentStatus.READY, made_at=timezone.now(), file="x.pdf", size=1000)
    fragment = text_of(client.get(url("return_document", submitted)))
    assert "hx-trigger" not in fragment
    assert reverse("document", args=[made.pk]) in fragment


def test_an_earlier_pdf_stays_while_a_new_one_is_made(submitted, colin, signed_in):
    made = documents.latest("signed_return", about=submitted)
    type(made).objects.update(status=DocumentStatus.READY, made_at=timezone.now(), file="x.pdf", size=1000)
    sign_governance(submitted, by=colin)
    fragment = text_of(signed_in(colin).get(url("return_document", submitted)))
    assert reverse("document", args=[made.pk]) in fragment
    assert "A new one is being made" in fragment


def test_a_pdf_that_could_not_be_made_can_be_asked_for_again(submitted, dan, signed_in):
    client, again = signed_in(dan), url("make_return_document", submitted)
    assert "is there, or is being made" in text_of(client.post(again))
    documents.Document.objects.update(status=DocumentStatus.FAILED)
    assert again in text_of(client.get(submitted.get_absolute_url()))
    client.post(again)
    assert documents.latest("signed_return", about=submitted).status == DocumentStatus.WANTED


# --- Home ------------------------------------------------------------------------------------------------------------


def needs(person):
    return [(need.title, need.urgent) for need in home.needs_of(person, on=timezone.localdate())]


def test_a_lead_is_told_of_the_return_to_start_and_to_finish(record, dan):
    assert needs(dan) == [("Start the return 2026-27", False)]
    fill(record, by=dan, sections=["C"])
    need = home.needs_of(dan, on=timezone.localdate())[0]
    assert need.title == "Finish the return 2026-27"
    assert need.detail == "Oak Lane School: 74 days left until the final deadline"
    assert need.due == record.collection.first_deadline
    last_day(record, 7)
    assert needs(dan) == [("Finish the return 2026-27", True)]
    last_day(record, -1)
    assert needs(dan) == []


def test_a_lead_is_told_what_the_head_and_the_business_unit_want(sent, dan, amira, ursula):
    assert needs(dan) == []
    send_back(sent, by=amira, note="No")
    assert needs(dan) == [("The head has sent the return 2026-27 back to you", True)]


def test_a_lead_is_told_of_queries(asked, dan):
    assert needs(dan) == [("Reply to a query about the return 2026-27", True)]


def test_a_head_is_told_of_the_return_that_waits(sent, amira):
    assert ("Confirm the return 2026-27", False) in needs(amira)


def test_a_chair_is_told_to_sign_until_they_have(submitted, colin):
    assert needs(colin) == [("Sign the return 2026-27 for the governors", False)]
    type(submitted).objects.update(governance_due=timezone.localdate())
    assert needs(colin) == [("Sign the return 2026-27 for the governors", True)]
    sign_governance(submitted, by=colin)
    assert needs(colin) == []


def test_the_business_unit_is_told_how_many_returns_wait(submitted, ursula):
    assert ("1 return to accept", False) in needs(ursula)
    accept(submitted, by=ursula)
    assert not [title for title, _ in needs(ursula) if "to accept" in title]


def test_the_needs_of_somebody_with_many_schools_cost_no_more(record, dan, elm_park, django_assert_max_num_queries):
    open_return(elm_park)
    for role in (Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS):
        grant(dan, role, elm_park.organisation)
    with django_assert_max_num_queries(18):
        home.needs_of(dan, on=timezone.localdate())


# --- Cost ------------------------------------------------------------------------------------------------------------

PAGES = {
    "return": (),
    "check": (),
    "summary": (),
    "section": ("S1",),
    "check_section": ("S1",),
    "submitted": (),
    "accept_return": (),
}
LAST_YEAR = 5  # queries: the answers of the return before with their questions, scales and options, and its results


def costs(client, record, pages):
    """The queries of each page, in a second visit (the first reads the content types)."""
    found = {}
    for page in pages:
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url(page, record, *PAGES[page])).status_code == 200
        found[page] = len(captured)
    return found


def test_pages_cost_the_same_with_seventeen_questions_and_with_sixty_six(oak_lane, dan, amira, ursula, signed_in):
    grant(ursula, Role.DEPUTY_DSL, oak_lane.organisation)
    client, full = signed_in(ursula), full_question_set()
    at_work, done = ["return", "check", "section", "summary"], ["return", "summary", "submitted", "accept_return"]
    few = fill(open_return(oak_lane, academic_year=2025), by=dan, values={"1.1": "developing"})
    few_at_work = costs(client, few, at_work)
    few_done = costs(client, submit(send_to_head(few, by=dan), by=amira), done)
    many = fill(open_return(oak_lane, question_set=full), by=dan, values={"1.2": "less_often", "2.1": "2020-01-01"})
    many_at_work = costs(client, many, at_work)
    many_done = costs(client, submit(send_to_head(many, by=dan), by=amira), done)
    for before, after in ((few_at_work, many_at_work), (few_done, many_done)):
        assert all(after[page] <= before[page] + LAST_YEAR for page in after), (before, after)
        assert max(after.values()) <= 40
