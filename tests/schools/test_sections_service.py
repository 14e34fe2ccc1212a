"""Saving a section: several people at once, nothing overwritten unseen, no child’s data, no day too late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partnership.choices import HeldTextStatus
from partnership.engine.workflow import MoveNotAllowed
from partnership.models import HeldText
from partnership.services import screening
from schools.choices import Flag, ReturnStatus
from schools.models import Answer, Collection, Question, QuestionSet, SectionDraft
from schools.services.collections import close_collection, reopen_collection
from schools.services.returns import extend, send_to_head
from schools.services.sections import (
    NOTHING,
    Content,
    DeadlinePassed,
    Entry,
    content_of,
    discard_draft,
    keep_draft,
    save_section,
)
from schools.sheets import Sheet
from tests.factories import SchoolFactory, fill, full_question_set, open_return, sent_return

EMAIL = "Ask jo.bloggs@example.org about it"


@pytest.fixture
def record(oak_lane):
    return open_return(oak_lane)


@pytest.fixture
def section(record):
    return record.collection.question_set.sections.get(code="S1")


@pytest.fixture
def entry(record):
    """``entry("1.1", "in_place")`` is what somebody sends whose form was loaded with what is saved now."""

    def make(code, value=None, *, loaded=None, insists=False, takes_back=False, **texts):
        question = question_of(record, code)
        current = record.answers.filter(question=question).first()
        fingerprint = loaded if loaded is not None else content_of(current).fingerprint
        return Entry(question, Content(value, **texts), fingerprint, insists, takes_back)

    return make


def question_of(record, code) -> Question:
    return record.collection.question_set.questions.get(code=code)


def answer_to(record, code) -> Answer:
    return record.answers.get(question__code=code)


# --- Writing ---------------------------------------------------------------------------------------------------------


def test_the_first_save_starts_the_return_and_says_so(record, section, entry, dan):
    saved = save_section(record, section, [entry("1.1", "in_place", evidence="Seen.")], by=dan)
    record.refresh_from_db()
    answer = answer_to(record, "1.1")
    assert (saved.written, saved.held, saved.conflicts) == (1, 0, [])
    assert (answer.value, answer.evidence, answer.rag, answer.updated_by) == ("in_place", "Seen.", "green", dan)
    assert (record.status, record.flags) == (ReturnStatus.IN_PROGRESS, [Flag.HAS_EARLY_YEARS, Flag.IS_STATE_FUNDED])
    assert record.started_at is not None


def test_an_answer_that_is_not_changed_is_left_as_it_is(record, section, entry, dan, debbie):
    save_section(record, section, [entry("1.1", "in_place")], by=dan)
    before = answer_to(record, "1.1")
    assert save_section(record, section, [entry("1.1", "in_place")], by=debbie).written == 0
    after = answer_to(record, "1.1")
    assert (after.version, after.updated_by, after.updated_at) == (before.version, dan, before.updated_at)


def test_each_change_makes_a_version_and_gives_the_answer_its_new_colour(record, section, entry, dan):
    save_section(record, section, [entry("1.1", "in_place")], by=dan)
    save_section(record, section, [entry("1.1", "not_in_place")], by=dan)
    assert (answer_to(record, "1.1").version, answer_to(record, "1.1").rag) == (2, "red")


def test_an_answer_can_be_taken_away(record, section, entry, dan):
    save_section(record, section, [entry("1.1", "in_place")], by=dan)
    save_section(record, section, [entry("1.1", None)], by=dan)
    assert (answer_to(record, "1.1").value, answer_to(record, "1.1").rag) == (None, "")
    assert record.answers.filter(value__isnull=True).exists()  # no JSON "null", which is a value to the database


def test_whether_the_section_is_complete_is_kept_with_who_said_so(record, section, entry, dan, debbie):
    save_section(record, section, [], by=dan, complete=True)
    assert record.progress.get(section=section).is_complete
    save_section(record, section, [], by=debbie)
    progress = record.progress.get(section=section)
    assert (progress.is_complete, progress.updated_by) == (False, debbie)


def test_a_whole_section_costs_as_many_queries_as_one_answer(oak_lane, dan):
    record = open_return(oak_lane, question_set=full_question_set())
    fill(record, by=dan, sections=["S1"])
    assert record.answers.count() == 6

    def cost(codes):
        section = record.collection.question_set.sections.get(code="S1")
        lines = [line for line in Sheet(record).part("S1").lines if line.question.code in codes]
        entries = [Entry(one.question, Content(None), content_of(one.answer).fingerprint) for one in lines]
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert save_section(record, section, entries, by=dan).written == len(codes)
        return len(found)

    assert cost(["1.1"]) == cost(["1.2", "1.3", "1.4", "1.5", "1.6"]) <= 25


# --- Several people at once ------------------------------------------------------------------------------------------


def test_who_saves_second_is_given_both_texts_and_overwrites_nothing(record, section, entry, dan, debbie):
    mine = entry("1.1", "embedded", evidence="Mine")
    save_section(record, section, [entry("1.1", "in_place", evidence="Hers")], by=debbie)
    saved = save_section(record, section, [mine, entry("1.2", "yes")], by=dan, complete=True)
    conflict = saved.conflicts[0]
    assert (conflict.theirs.value, conflict.theirs.evidence, conflict.theirs.updated_by) == ("in_place", "Hers", debbie)
    assert (conflict.mine.value, conflict.mine.evidence) == ("embedded", "Mine")
    assert answer_to(record, "1.1").evidence == "Hers"
    assert answer_to(record, "1.2").value == "yes"  # what nobody else touched is saved
    assert not record.progress.get(section=section).is_complete


def test_who_keeps_their_own_text_after_seeing_the_others_overwrites_it(record, section, entry, dan, debbie):
    save_section(record, section, [entry("1.1", "in_place")], by=debbie)
    theirs = content_of(answer_to(record, "1.1")).fingerprint
    saved = save_section(record, section, [entry("1.1", "embedded", loaded=theirs)], by=dan)
    assert saved.conflicts == []
    assert answer_to(record, "1.1").value == "embedded"


def test_who_keeps_the_others_text_writes_nothing_and_may_say_complete(record, section, entry, dan, debbie):
    save_section(record, section, [entry("1.1", "in_place")], by=debbie)
    seen = content_of(answer_to(record, "1.1")).fingerprint
    saved = save_section(record, section, [Entry(question_of(record, "1.1"), None, seen)], by=dan, complete=True)
    assert (saved.written, saved.conflicts) == (0, [])
    assert record.progress.get(section=section).is_complete


def test_a_text_that_changed_again_while_somebody_chose_is_shown_again(record, section, entry, dan, debbie):
    save_section(record, section, [entry("1.1", "in_place")], by=debbie)
    seen = content_of(answer_to(record, "1.1")).fingerprint
    save_section(record, section, [entry("1.1", "developing")], by=debbie)
    for content in (None, Content("embedded")):
        saved = save_section(record, section, [Entry(question_of(record, "1.1"), content, seen)], by=dan)
        assert saved.conflicts[0].theirs.value == "developing"
    assert answer_to(record, "1.1").value == "developing"


def test_two_who_write_the_same_do_not_meet(record, section, entry, dan, debbie):
    mine = entry("1.1", "in_place")
    save_section(record, section, [entry("1.1", "in_place")], by=debbie)
    assert save_section(record, section, [mine], by=dan, complete=True).conflicts == []
    assert answer_to(record, "1.1").updated_by == debbie


def test_what_somebody_else_changed_stays_where_the_second_left_the_question_alone(record, section, entry, dan, debbie):
    untouched = Entry(question_of(record, "1.1"), NOTHING, NOTHING.fingerprint)
    save_section(record, section, [entry("1.1", "in_place")], by=debbie)
    assert save_section(record, section, [untouched, entry("1.2", "yes")], by=dan).conflicts == []
    assert answer_to(record, "1.1").value == "in_place"


def test_who_only_says_complete_is_shown_what_has_changed_unseen(record, section, entry, dan, debbie):
    untouched = Entry(question_of(record, "1.1"), NOTHING, NOTHING.fingerprint)
    save_section(record, section, [entry("1.1", "not_in_place")], by=debbie)
    saved = save_section(record, section, [untouched], by=dan, complete=True)
    assert [conflict.theirs.value for conflict in saved.conflicts] == ["not_in_place"]
    assert not record.progress.get(section=section).is_complete


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_save_at_once_one_is_written_and_seven_are_asked(record, section, dan):
    question = question_of(record, "1.1")

    def save(number):
        try:
            content = Content("in_place", evidence=f"Text {number}")
            return save_section(record, section, [Entry(question, content, NOTHING.fingerprint)], by=dan)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(save, range(8)))
    assert sorted(outcome.written for outcome in outcomes) == [0] * 7 + [1]
    kept = answer_to(record, "1.1").evidence
    assert [outcome.conflicts[0].theirs.evidence for outcome in outcomes if outcome.conflicts] == [kept] * 7
    assert record.answers.count() == 1


# --- Days ------------------------------------------------------------------------------------------------------------


def last_day(record, days):
    """Move the final deadline to ``days`` from today."""
    day = timezone.localdate() + timedelta(days=days)
    Collection.objects.filter(pk=record.collection_id).update(
        opens_on=day - timedelta(days=60), first_deadline=day - timedelta(days=30), final_deadline=day
    )
    record.refresh_from_db()


def test_the_last_day_is_a_day_to_save_on(record, section, entry, dan):
    last_day(record, 0)
    assert save_section(record, section, [entry("1.1", "in_place")], by=dan).written == 1


def test_after_the_final_deadline_nothing_is_saved(record, section, entry, dan):
    last_day(record, -1)
    with pytest.raises(DeadlinePassed, match=r"The final deadline was \d+ \w+ \d{4}\. Ask the business unit"):
        save_section(record, section, [entry("1.1", "in_place")], by=dan)
    with pytest.raises(DeadlinePassed):
        keep_draft(record, section, {}, by=dan)
    assert not record.answers.exists()
    assert not SectionDraft.objects.exists()


def test_an_extension_opens_one_return_and_no_other(record, section, entry, dan, ursula, elm_park, erin):
    other = open_return(elm_park)
    last_day(record, -1)
    extend(record, by=ursula, until=timezone.localdate(), reason="Flood")
    assert save_section(record, section, [entry("1.1", "in_place")], by=dan).written == 1
    with pytest.raises(DeadlinePassed):
        save_section(other, section, [entry("1.1", "in_place")], by=erin)


def test_a_closed_collection_takes_nothing_but_from_schools_with_more_time(record, section, entry, dan, ursula):
    close_collection(record.collection, by=ursula)
    record.refresh_from_db()
    with pytest.raises(DeadlinePassed, match="This collection is not open"):
        save_section(record, section, [entry("1.1", "in_place")], by=dan)
    extend(record, by=ursula, until=timezone.localdate() + timedelta(days=90), reason="Flood")
    record.refresh_from_db()
    assert save_section(record, section, [entry("1.1", "in_place")], by=dan).written == 1


def test_a_collection_that_is_open_again_takes_answers_again(record, section, entry, dan, ursula):
    closed = close_collection(record.collection, by=ursula)
    reopen_collection(closed, by=ursula, note="Closed by mistake")
    record.refresh_from_db()
    assert save_section(record, section, [entry("1.1", "in_place")], by=dan).written == 1


# --- People ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["amira", "colin", "ursula", "stella", "erin", "pat"])
def test_nobody_but_the_schools_leads_may_save(record, section, entry, person, request):
    with pytest.raises(PermissionDenied):
        save_section(record, section, [entry("1.1", "in_place")], by=request.getfixturevalue(person))
    with pytest.raises(PermissionDenied):
        keep_draft(record, section, {}, by=request.getfixturevalue(person))


def test_what_is_with_the_head_cannot_be_changed_and_the_page_can_say_who_sent_it(oak_lane, dan, debbie, amira):
    record = sent_return(oak_lane, lead=dan)
    section = record.collection.question_set.sections.get(code="S1")
    with pytest.raises(
        MoveNotAllowed, match="You cannot change the return now: Dan Lead changed the status to “with the"
    ):
        save_section(record, section, [], by=debbie)


# --- Flags -----------------------------------------------------------------------------------------------------------


def test_an_answer_about_the_school_decides_what_else_is_asked(record, dan):
    fill(record, by=dan, values={"C5": "yes"}, sections=["C"])
    assert Flag.LETS_PREMISES in record.flags
    assert "2.5" in [line.question.code for line in Sheet(record).part("S2").lines]
    fill(record, by=dan, values={"C5": "no"}, sections=["C"])
    assert Flag.LETS_PREMISES not in record.flags
    assert "2.5" not in [line.question.code for line in Sheet(record).part("S2").lines]


def test_a_section_that_was_complete_is_so_no_longer_when_more_is_asked(record, dan):
    fill(record, by=dan, values={"C5": "no"})
    assert Sheet(record).part("S2").is_complete
    fill(record, by=dan, values={"C5": "yes"}, sections=["C"])
    assert not Sheet(record).part("S2").is_complete


# --- Screening -------------------------------------------------------------------------------------------------------


def test_a_text_that_may_identify_a_child_is_not_saved_unless_its_writer_insists(record, section, entry, dan):
    with pytest.raises(ValidationError, match=r"1\.1: “jo\.bloggs@example\.org”: This looks like an e-mail address"):
        save_section(record, section, [entry("1.1", "in_place", evidence=EMAIL)], by=dan)
    assert not record.answers.exists()
    assert not HeldText.objects.exists()


def test_a_text_whose_writer_insists_is_held_and_the_rest_is_saved(record, section, entry, dan):
    saved = save_section(record, section, [entry("1.1", "in_place", evidence=EMAIL, insists=True)], by=dan)
    held = HeldText.objects.get()
    assert (saved.written, saved.held) == (1, 1)
    assert (answer_to(record, "1.1").value, answer_to(record, "1.1").evidence) == ("in_place", "")
    assert (held.text, held.field, held.kinds, held.written_by) == (EMAIL, "evidence", "email", dan)
    assert [text.pk for text in Sheet(record).part("S1").lines[0].held] == [held.pk]


def test_a_held_text_leaves_what_stood_there_before(record, section, entry, dan):
    save_section(record, section, [entry("1.1", "in_place", evidence="Seen.")], by=dan)
    save_section(record, section, [entry("1.1", "in_place", evidence=EMAIL, insists=True)], by=dan)
    assert answer_to(record, "1.1").evidence == "Seen."


def test_an_answer_that_is_a_text_is_held_too(record, dan, entry):
    closing = record.collection.question_set.sections.get(code="Z")
    save_section(record, closing, [entry("Z2", EMAIL, insists=True)], by=dan)
    assert answer_to(record, "Z2").value is None
    assert HeldText.objects.get().field == "value"


def test_a_released_text_goes_where_it_belongs_and_is_not_held_again(record, section, entry, dan, ursula):
    save_section(record, section, [entry("1.1", "in_place", evidence=EMAIL, insists=True)], by=dan)
    screening.release(HeldText.objects.get(), by=ursula)
    assert answer_to(record, "1.1").evidence == EMAIL
    assert save_section(record, section, [entry("1.1", "embedded", evidence=EMAIL)], by=dan).held == 0


def test_who_writes_another_text_takes_the_held_one_back(record, section, entry, dan, ursula):
    save_section(record, section, [entry("1.1", "in_place", evidence=EMAIL, insists=True)], by=dan)
    save_section(record, section, [entry("1.1", "in_place", evidence="Ask the office.")], by=dan)
    assert not HeldText.objects.filter(status=HeldTextStatus.WAITING).exists()
    assert answer_to(record, "1.1").evidence == "Ask the office."


def test_a_held_text_can_be_taken_back_by_its_writer_and_by_nobody_else(record, section, entry, dan, debbie):
    save_section(record, section, [entry("1.1", "in_place", evidence=EMAIL, insists=True)], by=dan)
    save_section(record, section, [entry("1.1", "in_place", takes_back=True)], by=debbie)
    assert HeldText.objects.count() == 1
    save_section(record, section, [entry("1.1", "in_place", takes_back=True)], by=dan)
    assert not HeldText.objects.exists()


def test_another_persons_text_beside_it_does_not_take_a_held_one_back(record, section, entry, dan, debbie):
    save_section(record, section, [entry("1.1", "in_place", evidence=EMAIL, insists=True)], by=dan)
    save_section(record, section, [entry("1.1", "in_place", evidence="Ask the office.")], by=debbie)
    assert HeldText.objects.count() == 1


def test_the_schools_own_telephone_and_postcode_may_stand(oak_lane, record, section, entry, dan):
    oak_lane.telephone = "01992 555123"
    oak_lane.save()
    text = "The number 01992 555123 and the postcode SG13 8XX are on every door."
    assert save_section(record, section, [entry("1.1", "in_place", evidence=text)], by=dan).held == 0
    assert answer_to(record, "1.1").evidence == text


# --- Drafts ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_its_writers_own_and_the_last_one_counts(record, section, dan, debbie):
    keep_draft(record, section, {"q1_evidence": ["Half a"]}, by=dan)
    keep_draft(record, section, {"q1_evidence": ["Half a sentence"]}, by=dan)
    keep_draft(record, section, {"q1_evidence": ["Hers"]}, by=debbie)
    drafts = {draft.user: draft.fields for draft in record.drafts.all()}
    assert drafts == {dan: {"q1_evidence": ["Half a sentence"]}, debbie: {"q1_evidence": ["Hers"]}}


def test_a_draft_starts_nothing(record, section, dan):
    keep_draft(record, section, {}, by=dan)
    record.refresh_from_db()
    assert record.status == ReturnStatus.NOT_STARTED


def test_saving_takes_ones_own_draft_away_and_nobody_elses(record, section, entry, dan, debbie):
    keep_draft(record, section, {}, by=dan)
    keep_draft(record, section, {}, by=debbie)
    save_section(record, section, [entry("1.1", "in_place")], by=dan)
    assert [draft.user for draft in record.drafts.all()] == [debbie]


def test_a_draft_stays_while_there_is_something_to_choose(record, section, entry, dan, debbie):
    mine = entry("1.1", "embedded")
    save_section(record, section, [entry("1.1", "in_place")], by=debbie)
    keep_draft(record, section, {}, by=dan)
    save_section(record, section, [mine], by=dan)
    assert record.drafts.filter(user=dan).exists()


def test_a_draft_can_be_discarded(record, section, dan):
    keep_draft(record, section, {}, by=dan)
    discard_draft(record, section, by=dan)
    assert not record.drafts.exists()


def test_a_draft_that_is_too_long_is_refused(record, section, dan):
    with pytest.raises(ValidationError, match="too much"):
        keep_draft(record, section, {"q1_evidence": ["x" * 400_001]}, by=dan)


def test_no_draft_is_kept_of_what_is_with_the_head(oak_lane, dan, amira):
    record = fill(open_return(oak_lane), by=dan)
    section = record.collection.question_set.sections.get(code="S1")
    keep_draft(record, section, {}, by=dan)
    send_to_head(record, by=dan)
    record.refresh_from_db()
    with pytest.raises(MoveNotAllowed):
        keep_draft(record, section, {}, by=dan)


# --- Last year -------------------------------------------------------------------------------------------------------


def test_last_years_answer_is_found_by_its_key_and_read_with_its_own_wording(oak_lane, dan):
    before = fill(open_return(oak_lane, academic_year=2025), by=dan, values={"1.1": "developing"})
    now = open_return(oak_lane, question_set=QuestionSet.objects.get(slug="small-return"))
    line = Sheet(now).part("S1").lines[0]
    assert line.last.return_record == before
    assert line.last_shown == ["Developing"]


def test_an_academy_sees_the_answers_of_the_school_it_was(oak_lane, dan):
    before = fill(open_return(oak_lane, academic_year=2025), by=dan)
    academy = SchoolFactory(name="Oak Lane Academy")
    academy.links.create(
        link_urn=oak_lane.urn, link_name="Oak Lane School", kind="predecessor", link_type="Predecessor"
    )
    now = open_return(academy, question_set=QuestionSet.objects.get(slug="small-return"))
    assert Sheet(now).last_return == before


def test_a_return_that_nobody_began_is_no_last_years_return(oak_lane):
    open_return(oak_lane, academic_year=2025)
    assert Sheet(open_return(oak_lane, question_set=QuestionSet.objects.get(slug="small-return"))).last_return is None
