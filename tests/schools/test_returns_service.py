"""The life of a return: sent to the head, confirmed, signed, queried, accepted; more time. Every rule binds here."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InternalError, connections, transaction
from django.utils import timezone

from partnership.choices import ActionStatus, Role
from partnership.engine import documents
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.models import Action, HeldText, OutgoingMessage, StatusChange
from partnership.services import screening
from partnership.services.actions import cancel_action, complete_action
from schools.choices import ReturnStatus, SignOffKind
from schools.models import Collection, Return, SignOff
from schools.services.collections import close_collection
from schools.services.returns import (
    GOVERNANCE_STATEMENT,
    HEAD_STATEMENT,
    accept,
    extend,
    governance_sign_off,
    query,
    reply_to_query,
    send_back,
    send_to_head,
    sign_governance,
    submit,
)
from schools.services.sections import Content, DeadlinePassed
from schools.sheets import Sheet
from tests.factories import completed_return, fill, grant, open_return, sent_return
from tests.schools.test_sections_service import last_day, question_of

EMAIL = "Ask jo.bloggs@example.org about it"
SOON = timedelta(days=10)


@pytest.fixture
def record(oak_lane):
    return open_return(oak_lane)


@pytest.fixture
def sent(oak_lane, dan, amira):
    """A whole return that waits for Amira, the head."""
    return sent_return(oak_lane, lead=dan)


@pytest.fixture
def submitted(oak_lane, dan, amira):
    """A return that Amira has submitted."""
    return completed_return(oak_lane, lead=dan, head=amira)


def letters(name):
    """Who got the message ``name``, by e-mail address."""
    return sorted(OutgoingMessage.objects.filter(name=name).values_list("to_email", flat=True))


def last_move(record):
    change = StatusChange.objects.about(record).order_by("-pk").first()
    return change.verb, change.by, change.note


# --- To the head -----------------------------------------------------------------------------------------------------


def test_a_whole_return_goes_to_the_head_who_is_told(record, dan, amira):
    sent = send_to_head(fill(record, by=dan), by=dan)
    assert sent.status == ReturnStatus.WITH_HEAD
    assert last_move(sent) == ("send the return to the head", dan, "")
    assert letters("return_with_head") == ["amira@example.org"]
    message = OutgoingMessage.objects.get(name="return_with_head")
    assert f"/returns/{sent.pk}/summary/" in message.body
    assert sent.reference in message.body


def test_a_return_that_is_not_whole_stays_and_everything_wanted_is_named(record, dan, amira):
    fill(record, by=dan, values={"1.1": Content(None), "2.2": Content("na")})
    with pytest.raises(ValidationError) as refused:
        send_to_head(record, by=dan)
    assert refused.value.messages == ["1.1: enter an answer", "2.2: enter the reason it does not apply"]
    record.refresh_from_db()
    assert record.status == ReturnStatus.IN_PROGRESS
    assert letters("return_with_head") == []


def test_every_section_must_have_been_marked_complete(record, dan, amira):
    fill(record, by=dan)
    fill(record, by=dan, sections=["Z"], complete=False)
    with pytest.raises(ValidationError) as refused:
        send_to_head(record, by=dan)
    assert refused.value.messages == ["Looking back: say that you have completed this section"]


def test_a_school_without_a_head_is_told_to_ask_for_one(record, dan):
    with pytest.raises(ValidationError) as refused:
        send_to_head(fill(record, by=dan), by=dan)
    assert refused.value.messages == ["No headteacher has an account here. Ask the business unit to add one."]


def test_a_text_that_waits_to_be_looked_at_holds_the_return_until_it_has_been(record, dan, amira, ursula):
    fill(record, by=dan)
    answer = record.answers.get(question=question_of(record, "1.1"))
    screening.hold(answer, "evidence", EMAIL, hits=[], by=dan)
    with pytest.raises(ValidationError, match=r"1\.1: a text waits for the business unit to look at it"):
        send_to_head(record, by=dan)
    screening.release(HeldText.objects.get(), by=ursula)
    assert send_to_head(record, by=dan).status == ReturnStatus.WITH_HEAD


@pytest.mark.parametrize("person", ["amira", "colin", "ursula", "stella", "erin"])
def test_only_a_lead_sends_it_to_the_head(record, dan, amira, person, request):
    with pytest.raises(PermissionDenied):
        send_to_head(fill(record, by=dan), by=request.getfixturevalue(person))


def test_a_second_click_says_who_was_first(sent, debbie):
    with pytest.raises(MoveNotAllowed, match="Dan Lead changed the status to “with the head”"):
        send_to_head(sent, by=debbie)


def test_the_head_sends_it_back_with_a_note(sent, dan, debbie, amira):
    back = send_back(sent, by=amira, note=" Say more about 1.1. ")
    assert back.status == ReturnStatus.IN_PROGRESS
    assert last_move(back) == ("send the return back", amira, "Say more about 1.1.")
    assert letters("return_sent_back") == ["dan@example.org", "debbie@example.org"]
    assert "Say more about 1.1." in OutgoingMessage.objects.filter(name="return_sent_back").first().body


def test_a_note_is_required_and_names_no_child(sent, amira):
    with pytest.raises(NoteRequired):
        send_back(sent, by=amira, note=" ")
    with pytest.raises(ValidationError, match="e-mail address"):
        send_back(sent, by=amira, note=EMAIL)
    sent.refresh_from_db()
    assert sent.status == ReturnStatus.WITH_HEAD


# --- Submission ------------------------------------------------------------------------------------------------------


def test_the_head_confirms_and_everything_follows(oak_lane, dan, debbie, amira, colin):
    record = completed_return(oak_lane, lead=dan, head=amira, values={"1.1": "developing", "1.3": 70})
    signed = record.sign_offs.get()
    assert record.status == ReturnStatus.SUBMITTED
    assert record.governance_due == timezone.localdate() + timedelta(days=record.collection.governance_days)
    assert (signed.kind, signed.signed_by, signed.name) == (SignOffKind.HEAD, amira, "Amira Head")
    assert (signed.role, signed.statement) == ("Headteacher or principal", HEAD_STATEMENT)
    assert letters("return_submitted") == ["amira@example.org", "dan@example.org", "debbie@example.org"]
    assert letters("governance_wanted") == ["colin@example.org"]
    assert documents.latest("signed_return", about=record).status == "wanted"
    assert [(action.what, action.priority) for action in Action.objects.order_by("pk")] == [
        ("Put it in order", "normal"),
        ("Put it in order", "high"),  # below 80%
    ]


def test_the_results_are_kept_as_on_the_day_of_submission(oak_lane, dan, amira):
    record = completed_return(oak_lane, lead=dan, head=amira, values={"1.1": "not_in_place", "2.1": "2020-01-01"})
    results = {row.section.code: (row.rag, row.share_green) for row in record.progress.select_related("section")}
    assert results == {"C": ("", None), "S1": ("red", 75), "S2": ("amber", 80), "Z": ("", None)}


def test_a_date_that_grew_old_while_the_return_lay_there_is_judged_on_the_day_of_submission(record, dan, amira, ursula):
    almost = (timezone.localdate() - timedelta(days=364)).isoformat()
    fill(record, by=dan, values={"2.1": almost})
    record.answers.filter(question__code="2.1").update(value="2020-01-01")  # as if time had passed
    with pytest.raises(ValidationError, match=r"2\.1: enter the action you will take"):
        send_to_head(record, by=dan)
    fill(record, by=dan, values={"2.1": "2020-01-01"}, sections=["S2"])
    submit(send_to_head(record, by=dan), by=amira)
    assert record.answers.get(question__code="2.1").rag == "amber"


def test_an_answer_to_a_question_that_no_longer_applies_counts_nowhere(record, dan, amira):
    fill(record, by=dan, values={"C5": "yes", "2.5": "no"})
    fill(record, by=dan, values={"C5": "no"}, sections=["C"])
    submit(send_to_head(record, by=dan), by=amira)
    assert record.answers.get(question__code="2.5").rag == ""
    assert not Action.objects.exists()


def test_drafts_are_forgotten_when_the_return_is_submitted(sent, dan, amira):
    section = sent.collection.question_set.sections.get(code="S1")
    sent.drafts.create(section=section, user=dan, fields={})
    submit(sent, by=amira)
    assert not sent.drafts.exists()


@pytest.mark.parametrize("person", ["dan", "debbie", "colin", "ursula", "stella", "erin"])
def test_nobody_but_the_head_submits_or_sends_back(sent, person, request):
    with pytest.raises(PermissionDenied):
        submit(sent, by=request.getfixturevalue(person))
    with pytest.raises(PermissionDenied):
        send_back(sent, by=request.getfixturevalue(person), note="No")


def test_a_return_that_is_not_with_the_head_cannot_be_submitted(record, dan, amira):
    with pytest.raises(MoveNotAllowed):
        submit(fill(record, by=dan), by=amira)


def test_after_the_final_deadline_nothing_goes_to_the_head_nor_comes_from_there(sent, oak_lane, dan, amira):
    last_day(sent, -1)
    for move in (lambda: submit(sent, by=amira), lambda: send_back(sent, by=amira, note="No")):
        with pytest.raises(DeadlinePassed):
            move()
    Return.objects.update(status=ReturnStatus.IN_PROGRESS)
    with pytest.raises(DeadlinePassed):
        send_to_head(sent, by=dan)
    assert not SignOff.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_heads_clicks_one_submits(sent, amira):
    def press(_):
        try:
            submit(sent, by=amira)
        except MoveNotAllowed:
            return "too late"
        else:
            return "submitted"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(press, range(8)))
    assert outcomes == ["submitted"] + ["too late"] * 7
    assert SignOff.objects.count() == 1
    assert letters("return_submitted") == ["amira@example.org", "dan@example.org"]


def test_a_sign_off_can_neither_be_changed_nor_deleted(submitted):
    for write in (lambda: SignOff.objects.update(name="Somebody else"), lambda: SignOff.objects.all().delete()):
        with pytest.raises(InternalError), transaction.atomic():
            write()


# --- Actions of the tracker ------------------------------------------------------------------------------------------


def again(record, values, *, dan, amira, ursula):
    """Query a submitted return, change answers, and submit it again."""
    asked = query(record, by=ursula, text="Are you sure?", reply_by=timezone.localdate() + SOON)
    reply_to_query(asked, by=dan, reply="We looked again.")
    record.refresh_from_db()
    fill(record, by=dan, values=values)
    return submit(send_to_head(record, by=dan), by=amira)


def test_an_action_follows_its_answer_from_submission_to_submission(oak_lane, dan, amira, ursula):
    people = {"dan": dan, "amira": amira, "ursula": ursula}
    record = completed_return(oak_lane, lead=dan, head=amira, values={"1.1": "developing", "1.2": "no"})
    day = timezone.localdate() + timedelta(days=60)
    worse = Content("not_in_place", action_what="Start anew", action_who="Governors", action_due=day)
    again(record, {"1.1": worse, "1.2": "yes"}, **people)
    kept, given_up = Action.objects.order_by("pk")
    assert (kept.what, kept.who, kept.due, kept.priority) == ("Start anew", "Governors", day, "high")
    assert kept.status == ActionStatus.OPEN
    assert given_up.status == ActionStatus.CANCELLED
    assert StatusChange.objects.about(given_up).get().by is None
    again(record, {"1.1": worse, "1.2": "no"}, **people)
    assert [action.status for action in Action.objects.order_by("pk")] == ["open", "cancelled", "open"]


def test_an_action_that_is_done_is_not_asked_for_twice_but_a_new_one_is_made(oak_lane, dan, amira, ursula):
    people = {"dan": dan, "amira": amira, "ursula": ursula}
    record = completed_return(oak_lane, lead=dan, head=amira, values={"1.1": "developing"})
    complete_action(Action.objects.get(), by=dan, evidence="Training held.")
    again(record, {"1.1": "developing"}, **people)
    assert Action.objects.get().status == ActionStatus.DONE
    further = Content("developing", action_what="Train again", action_who="DSL", action_due=timezone.localdate() + SOON)
    again(record, {"1.1": further}, **people)
    assert [action.what for action in Action.objects.unfinished()] == ["Train again"]


def test_an_action_that_the_school_gave_up_is_made_again_if_the_head_confirms_it_again(oak_lane, dan, amira, ursula):
    record = completed_return(oak_lane, lead=dan, head=amira, values={"1.1": "developing"})
    cancel_action(Action.objects.get(), by=dan, note="Not needed")
    again(record, {"1.1": "developing"}, dan=dan, amira=amira, ursula=ursula)
    assert Action.objects.unfinished().count() == 1


# --- Governance ------------------------------------------------------------------------------------------------------


def test_the_chair_signs_a_submitted_return(submitted, dan, amira, colin):
    yesterday = timezone.localdate() - timedelta(days=1)
    signed = sign_governance(submitted, by=colin, minute_date=yesterday)
    submitted.refresh_from_db()
    assert (signed.kind, signed.name, signed.statement) == (SignOffKind.GOVERNANCE, "Colin Chair", GOVERNANCE_STATEMENT)
    assert submitted.board_minute_date == yesterday
    assert letters("governance_signed") == ["amira@example.org", "dan@example.org"]
    assert documents.Document.objects.about(submitted).count() == 2  # a new PDF, with both signatures
    assert Return.objects.with_governance().get().governance_signed


def test_governance_may_follow_acceptance_and_be_late(submitted, colin, ursula):
    accept(submitted, by=ursula)
    Return.objects.update(governance_due=timezone.localdate() - timedelta(days=1))
    signed = sign_governance(submitted, by=colin)
    assert governance_sign_off(submitted) == signed


def test_the_chair_signs_once(submitted, colin):
    sign_governance(submitted, by=colin)
    with pytest.raises(TooLate, match="Colin Chair signed this return for the governors on"):
        sign_governance(submitted, by=colin)


def test_a_return_that_is_not_submitted_cannot_be_signed(sent, colin):
    with pytest.raises(MoveNotAllowed, match="You cannot sign the return for the governors now"):
        sign_governance(sent, by=colin)


def test_a_minute_lies_in_the_past(submitted, colin):
    with pytest.raises(ValidationError, match="today or in the past"):
        sign_governance(submitted, by=colin, minute_date=timezone.localdate() + timedelta(days=1))


@pytest.mark.parametrize("person", ["dan", "amira", "ursula", "stella", "erin"])
def test_nobody_but_the_chair_signs_for_the_governors(submitted, person, request):
    with pytest.raises(PermissionDenied):
        sign_governance(submitted, by=request.getfixturevalue(person))


def test_what_the_chair_signed_before_a_later_submission_does_not_count(colin, submitted, dan, amira, ursula):
    sign_governance(submitted, by=colin)
    record = again(submitted, {"1.1": "embedded"}, dan=dan, amira=amira, ursula=ursula)
    assert governance_sign_off(record) is None
    assert not Return.objects.with_governance().get().governance_signed
    assert letters("governance_wanted") == ["colin@example.org"] * 2
    assert sign_governance(record, by=colin) == governance_sign_off(record)


# --- Queries ---------------------------------------------------------------------------------------------------------


def test_a_query_opens_the_return_and_asks_at_its_place(submitted, dan, amira, ursula):
    day = timezone.localdate() + SOON
    asked = query(submitted, by=ursula, text=" How do you know? ", question=question_of(submitted, "1.1"), reply_by=day)
    submitted.refresh_from_db()
    line = Sheet(submitted).part("S1").lines[0]
    assert submitted.status == ReturnStatus.IN_PROGRESS
    assert line.queries == [asked]
    assert (asked.text, asked.reply_by) == ("How do you know?", day)
    assert letters("return_queried") == ["amira@example.org", "dan@example.org"]
    assert "How do you know?" in OutgoingMessage.objects.filter(name="return_queried").first().body


def test_a_query_gives_time_to_reply_even_where_the_collection_is_closed(submitted, dan, ursula):
    close_collection(submitted.collection, by=ursula)
    day = timezone.localdate() + timedelta(days=100)
    asked = query(submitted, by=ursula, text="Sure?", reply_by=day)
    asked.return_record.refresh_from_db()
    assert asked.return_record.extended_to == day
    assert reply_to_query(asked, by=dan, reply="Yes.").reply == "Yes."


def test_a_query_before_the_final_deadline_takes_no_time_away(submitted, ursula):
    query(submitted, by=ursula, text="Sure?", reply_by=timezone.localdate() + SOON)
    submitted.refresh_from_db()
    assert submitted.extended_to is None


def test_a_query_wants_a_text_a_day_to_come_and_no_child(submitted, ursula):
    today = timezone.localdate()
    with pytest.raises(NoteRequired):
        query(submitted, by=ursula, text=" ", reply_by=today)
    with pytest.raises(ValidationError, match="today or in the future"):
        query(submitted, by=ursula, text="Sure?", reply_by=today - timedelta(days=1))
    with pytest.raises(ValidationError, match="e-mail address"):
        query(submitted, by=ursula, text=EMAIL, reply_by=today)
    submitted.refresh_from_db()
    assert submitted.status == ReturnStatus.SUBMITTED


@pytest.mark.parametrize("person", ["dan", "amira", "colin", "erin"])
def test_no_school_queries_its_own_return(submitted, person, request):
    with pytest.raises(PermissionDenied):
        query(submitted, by=request.getfixturevalue(person), text="Sure?", reply_by=timezone.localdate())


def test_a_scrutineer_may_query_an_accepted_return(submitted, ursula, stella):
    asked = query(accept(submitted, by=ursula), by=stella, text="Sure?", reply_by=timezone.localdate())
    assert asked.return_record.status == ReturnStatus.IN_PROGRESS


def test_a_query_must_be_replied_to_before_the_return_goes_to_the_head_again(submitted, dan, ursula):
    asked = query(submitted, by=ursula, text="Sure?", reply_by=timezone.localdate())
    with pytest.raises(ValidationError, match="Reply to the query about the return"):
        send_to_head(submitted, by=dan)
    reply_to_query(asked, by=dan, reply="Yes.")
    assert send_to_head(submitted, by=dan).status == ReturnStatus.WITH_HEAD


def test_a_reply_is_kept_with_who_wrote_it_and_written_once(submitted, dan, debbie, ursula):
    asked = query(submitted, by=ursula, text="Sure?", reply_by=timezone.localdate())
    with pytest.raises(ValidationError, match="Enter your reply"):
        reply_to_query(asked, by=dan, reply=" ")
    replied = reply_to_query(asked, by=dan, reply=" Yes. ")
    assert (replied.reply, replied.replied_by) == ("Yes.", dan)
    with pytest.raises(TooLate, match="replied to already"):
        reply_to_query(asked, by=debbie, reply="No.")


def test_a_reply_that_may_identify_a_child_is_held_or_written_anew(submitted, dan, debbie, amira, ursula):
    asked = query(submitted, by=ursula, text="Sure?", reply_by=timezone.localdate())
    with pytest.raises(ValidationError, match="e-mail address"):
        reply_to_query(asked, by=dan, reply=EMAIL)
    assert reply_to_query(asked, by=dan, reply=EMAIL, insists=True).reply == ""
    with pytest.raises(ValidationError, match="Your reply to a query: a text waits"):
        send_to_head(submitted, by=dan)
    with pytest.raises(TooLate):
        reply_to_query(asked, by=debbie, reply="No.")
    assert reply_to_query(asked, by=dan, reply="Ask the office.").reply == "Ask the office."
    assert not HeldText.objects.exists()


@pytest.mark.parametrize("person", ["amira", "colin", "ursula", "erin"])
def test_only_a_lead_replies(submitted, ursula, person, request):
    asked = query(submitted, by=ursula, text="Sure?", reply_by=timezone.localdate())
    with pytest.raises(PermissionDenied):
        reply_to_query(asked, by=request.getfixturevalue(person), reply="Yes.")


# --- Acceptance and more time ----------------------------------------------------------------------------------------


def test_the_business_unit_accepts_and_the_school_is_told(submitted, dan, amira, ursula):
    accepted = accept(submitted, by=ursula)
    assert accepted.status == ReturnStatus.ACCEPTED
    assert letters("return_accepted") == ["amira@example.org", "dan@example.org"]
    with pytest.raises(MoveNotAllowed):
        accept(submitted, by=ursula)


@pytest.mark.parametrize("person", ["dan", "amira", "colin", "stella", "erin"])
def test_nobody_but_the_business_unit_accepts_or_gives_more_time(submitted, person, request):
    with pytest.raises(PermissionDenied):
        accept(submitted, by=request.getfixturevalue(person))
    with pytest.raises(PermissionDenied):
        extend(submitted, by=request.getfixturevalue(person), until=timezone.localdate(), reason="Flood")


def test_a_school_gets_more_time_with_a_reason(record, dan, amira, ursula):
    until = record.deadline + SOON
    given = extend(record, by=ursula, until=until, reason=" The DSL is ill. ")
    record.refresh_from_db()
    assert (record.extended_to, record.deadline) == (until, until)
    assert (given.reason, given.granted_by) == ("The DSL is ill.", ursula)
    assert letters("return_extended") == ["amira@example.org", "dan@example.org"]


@pytest.mark.parametrize(
    ("days", "reason", "message"),
    [
        (10, " ", "Enter why the school needs more time"),
        (0, "Flood", "The new last day must be after"),
        (-200, "Flood", "The new last day must be after"),
        (10, EMAIL, "e-mail address"),
    ],
)
def test_more_time_wants_a_later_day_and_a_reason_that_names_no_child(record, ursula, days, reason, message):
    with pytest.raises(ValidationError, match=message):
        extend(record, by=ursula, until=record.deadline + timedelta(days=days), reason=reason)


def test_a_day_in_the_past_is_no_more_time(record, ursula):
    last_day(record, -10)
    with pytest.raises(ValidationError, match="today or in the future"):
        extend(record, by=ursula, until=timezone.localdate() - timedelta(days=1), reason="Flood")


def test_a_submitted_return_needs_no_more_time(submitted, ursula):
    with pytest.raises(ValidationError, match="there is nothing to extend"):
        extend(submitted, by=ursula, until=submitted.deadline + SOON, reason="Flood")


def test_a_collection_that_has_not_opened_is_not_extended(record, ursula):
    Collection.objects.update(status="draft")
    with pytest.raises(ValidationError, match="has not opened"):
        extend(record, by=ursula, until=record.deadline + SOON, reason="Flood")


def test_messages_go_once_to_somebody_with_two_roles(oak_lane, dan, amira):
    grant(amira, Role.DEPUTY_DSL, oak_lane.organisation)
    completed_return(oak_lane, lead=dan, head=amira)
    assert letters("return_submitted") == ["amira@example.org", "dan@example.org"]


def test_messages_are_plain_text_with_nothing_left_out(oak_lane, dan, amira, colin, ursula):
    record = completed_return(oak_lane, lead=dan, head=amira, values={"1.1": "developing"})
    sign_governance(record, by=colin)
    asked = query(
        record, by=ursula, text="Sure & certain?", question=question_of(record, "1.1"), reply_by=record.deadline
    )
    reply_to_query(asked, by=dan, reply="Yes.")
    send_back(send_to_head(record, by=dan), by=amira, note="Not yet")
    extend(record, by=ursula, until=record.deadline + SOON, reason="Flood")
    accept(submit(send_to_head(record, by=dan), by=amira), by=ursula)
    names = set(OutgoingMessage.objects.values_list("name", flat=True))
    assert names == {
        "collection_opened",
        "return_with_head",
        "return_sent_back",
        "return_submitted",
        "governance_wanted",
        "governance_signed",
        "return_queried",
        "return_extended",
        "return_accepted",
    }
    for message in OutgoingMessage.objects.all():
        text = message.subject + message.body
        assert "{{" not in text
        assert "None" not in text
        assert "&amp;" not in text
        assert "Questions? Write to the business unit: " in message.body
        assert "http" in message.body
