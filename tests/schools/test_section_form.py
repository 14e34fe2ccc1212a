"""The form of a section: forgiving while somebody works on it, strict once they say that it is complete."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hscp.lib.forms import fields_without_own_error
from schools.forms.answers import SectionForm, field_id
from schools.models import Question
from schools.prefill import Prefill
from schools.services.sections import NOTHING, Conflict, Content, Entry, content_of
from schools.sheets import Sheet, blank_line
from tests.factories import fill, open_return, small_question_set, whole

TODAY = date(2026, 11, 23)


@pytest.fixture
def record(oak_lane):
    return open_return(oak_lane)


@pytest.fixture
def q(record):
    """``q("1.1")`` gives a question of the return."""
    questions = {question.code: question for question in record.collection.question_set.questions.all()}
    return questions.__getitem__


@pytest.fixture
def form_of(record):
    """``form_of("S1", data)`` gives a section's form; ``data`` is by question: ``{"1.1": {"value": "in_place"}}``."""

    def make(code, data=None, *, complete="no", **options):
        lines = Sheet(record).part(code).lines
        sent = None if data is None else sent_form(lines, data, complete)
        return SectionForm(sent, lines=lines, **options)

    return make


def sent_form(lines, data, complete="no"):
    """What a browser sends: by question code and field, dates as ``(day, month, year)``."""
    sent = QueryDict(mutable=True)
    questions = {line.question.code: line.question for line in lines}
    for line in lines:
        sent[f"q{line.question.pk}_loaded"] = content_of(line.answer).fingerprint
    for code, fields in data.items():
        for name, value in fields.items():
            key = f"q{questions[code].pk}_{name}"
            if isinstance(value, tuple):
                for part, number in zip(("day", "month", "year"), value, strict=True):
                    sent[f"{key}_{part}"] = number
            elif isinstance(value, list):
                sent.setlist(key, value)
            else:
                sent[key] = value
    sent["complete"] = complete
    return sent


def entry_of(form, code) -> Entry:
    assert form.is_valid(), form.errors
    return next(entry for entry in form.entries() if entry.question.code == code)


def errors_of(form, question: Question) -> dict[str, list[str]]:
    prefix = f"q{question.pk}_"
    return {name.removeprefix(prefix): list(found) for name, found in form.errors.items() if name.startswith(prefix)}


# --- Reading what was sent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "code", "fields", "value"),
    [
        ("S1", "1.1", {"value": "in_place"}, "in_place"),
        ("S1", "1.1", {"value": ""}, None),
        ("S1", "1.3", {"value": "95"}, 95),
        ("S1", "1.3", {"value": " 95% "}, 95),
        ("S1", "1.3", {"value": "0"}, 0),
        ("S2", "2.1", {"value": ("14", "sep", "2026")}, "2026-09-14"),
        ("S2", "2.1", {"value": ("", "", "")}, None),
        ("S2", "2.1", {"value": ("", "", ""), "never": "on"}, "never"),
        ("S2", "2.3", {"value": ["session", "course"]}, ["session", "course"]),
        ("S2", "2.3", {"value": ["session", "session"]}, ["session"]),
        ("S2", "2.3", {}, None),
        ("S2", "2.6", {"value": "0"}, 0),
        ("Z", "Z2", {"value": "  Two\r\nlines "}, "Two\nlines"),
        ("Z", "Z2", {"value": "   "}, None),
        ("C", "C1", {"name": "Jo", "email": "jo@example.org"}, {"name": "Jo", "email": "jo@example.org"}),
        ("C", "C1", {"name": " "}, None),
        (
            "C",
            "C2",
            {"name": "Jo", "appointed": ("1", "9", "2020"), "trained": ("31", "1", "2026")},
            {"name": "Jo", "appointed": "2020-09-01", "trained": "2026-01-31"},
        ),
        (
            "C",
            "C3",
            {"rows": "3", "0_name": "Sam", "0_trained": ("31", "1", "2026"), "2_name": "Kim"},
            [{"name": "Sam", "trained": "2026-01-31"}, {"name": "Kim"}],
        ),
        ("C", "C3", {"rows": "1"}, None),
    ],
)
def test_an_answer_is_read_in_the_shape_in_which_it_is_kept(form_of, section, code, fields, value):
    assert entry_of(form_of(section, {code: fields}), code).content.value == value


def test_texts_beside_the_answer_are_read_without_the_space_around_them(form_of):
    entry = entry_of(form_of("S1", {"1.1": {"value": "in_place", "evidence": " Seen in June.\r\n"}}), "1.1")
    assert entry.content == Content("in_place", evidence="Seen in June.")


def test_an_action_belongs_to_a_weak_answer_and_is_dropped_with_it(form_of):
    action = {"action_what": "Train them", "action_who": "Headteacher", "action_due": ("31", "1", "2027")}
    weak = entry_of(form_of("S1", {"1.1": {"value": "developing", **action}}), "1.1").content
    good = entry_of(form_of("S1", {"1.1": {"value": "in_place", **action}}), "1.1").content
    assert (weak.action_what, weak.action_who, weak.action_due) == ("Train them", "Headteacher", date(2027, 1, 31))
    assert good == Content("in_place")


def test_a_reason_belongs_to_not_applicable_and_is_dropped_with_it(form_of):
    assert entry_of(form_of("S2", {"2.2": {"value": "na", "reason": "None here"}}), "2.2").content.reason == "None here"
    assert entry_of(form_of("S2", {"2.2": {"value": "yes", "reason": "None here"}}), "2.2").content.reason == ""


# --- Refusing what is wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "code", "fields", "field", "message"),
    [
        ("S1", "1.1", {"value": "wonderful"}, "value", "1.1: Select one of the options"),
        ("S1", "1.3", {"value": "most"}, "value", "1.3: Enter a whole number"),
        ("S1", "1.3", {"value": "101"}, "value", "1.3: Enter a number that is 100 or less"),
        ("S1", "1.3", {"value": "-1"}, "value", "1.3: Enter a number that is 0 or more"),
        ("S2", "2.1", {"value": ("31", "6", "2026")}, "value", "2.1: Date for question 2.1 must be a real date"),
        ("S2", "2.1", {"value": ("", "6", "2026")}, "value", "2.1: Date for question 2.1 must include a day"),
        (
            "S2",
            "2.3",
            {"value": ["none", "session"]},
            "value",
            "2.3: Select “None of these” or other options, not both",
        ),
        (
            "S2",
            "2.1",
            {"value": ("1", "9", "2026"), "never": "on"},
            "value",
            "2.1: Enter a date or tick that it has not been done yet, not both",
        ),
        (
            "S1",
            "1.1",
            {"evidence": "x" * 1001},
            "evidence",
            "1.1: Your answer must be 1000 characters or fewer. It has 1001",
        ),
        (
            "C",
            "C2",
            {"email": "nobody"},
            "email",
            "C2: Enter an email address in the correct format, like name@example.com",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_words_with_the_number_of_the_question(
    form_of, q, section, code, fields, field, message
):
    form = form_of(section, {code: fields})
    assert not form.is_valid()
    assert errors_of(form, q(code)) == {field: [message]}


def test_a_day_that_has_not_come_is_no_date_of_something_done(form_of, q):
    tomorrow = timezone.localdate() + timedelta(days=1)
    form = form_of("S2", {"2.1": {"value": (tomorrow.day, tomorrow.month, tomorrow.year)}})
    assert "must be on or before" in errors_of(form, q("2.1"))["value"][0]


def test_an_action_cannot_be_promised_for_yesterday_but_an_old_promise_stays(form_of, q, record, dan):
    yesterday = timezone.localdate() - timedelta(days=1)
    sent = {"1.1": {"value": "developing", "action_due": (yesterday.day, yesterday.month, yesterday.year)}}
    assert errors_of(form_of("S1", sent), q("1.1")) == {"action_due": ["1.1: The day must be today or in the future"]}
    content = Content("developing", action_what="Train them", action_who="Headteacher", action_due=yesterday)
    fill(record, by=dan, values={"1.1": content}, sections=["S1"])
    assert form_of("S1", sent).is_valid()


def test_somebody_who_is_still_working_may_leave_anything_out(form_of):
    assert form_of("S1", {"1.1": {"value": "developing"}, "1.3": {"action_what": "Only a thought"}}).is_valid()


def test_whether_the_section_is_complete_must_be_said(form_of):
    form = form_of("S1", {}, complete="")
    assert not form.is_valid()
    assert form.errors["complete"] == ["Select whether you have completed this section"]


def test_all_that_is_wanted_of_a_complete_section_is_asked_for_at_its_place(form_of, q):
    form = form_of(
        "S1", {"1.1": {"value": "developing", "action_who": "Headteacher"}, "1.2": {"value": "yes"}}, complete="yes"
    )
    assert not form.is_valid()
    assert errors_of(form, q("1.1")) == {
        "action_what": ["1.1: Enter the action you will take"],
        "action_due": ["1.1: Enter by when it will be done"],
    }
    assert errors_of(form, q("1.2")) == {}
    assert errors_of(form, q("1.3")) == {"value": ["1.3: Enter an answer"]}


def test_a_person_without_a_name_is_asked_for_it(form_of, q):
    sent = {"C1": {"email": "jo@example.org"}, "C2": {}, "C3": {"rows": "1", "0_trained": ("1", "1", "2026")}}
    form = form_of("C", sent, complete="yes")
    assert errors_of(form, q("C1")) == {"name": ["C1: Enter the name"]}
    assert errors_of(form, q("C2")) == {"name": ["C2: Enter an answer"]}
    assert errors_of(form, q("C3")) == {"0_name": ["C3: Enter the name"]}


# --- Screening -------------------------------------------------------------------------------------------------------


def test_a_text_that_may_identify_a_child_is_refused_and_a_box_offered(form_of, q):
    form = form_of("S1", {"1.1": {"value": "in_place", "evidence": "Ask jo.bloggs@example.org about it"}})
    assert not form.is_valid()
    assert errors_of(form, q("1.1"))["evidence"][0].startswith(
        "1.1: “jo.bloggs@example.org”: This looks like an e-mail"
    )
    blocks = {block.question.code: block for block in form.blocks}
    assert blocks["1.1"].insists is not None
    assert blocks["1.2"].insists is None


def test_a_writer_who_insists_is_let_through(form_of):
    sent = {"1.1": {"value": "in_place", "evidence": "Ask jo.bloggs@example.org", "insists": "on"}}
    assert entry_of(form_of("S1", sent), "1.1").insists


def test_the_schools_own_telephone_number_may_be_written(form_of):
    sent = {"1.1": {"evidence": "The number 01992 555123 is on every door."}}
    assert not form_of("S1", sent).is_valid()
    assert form_of("S1", sent, allowed=["01992 555123"]).is_valid()


def test_a_text_that_stands_there_already_is_not_screened_again(form_of, record, q, dan):
    fill(record, by=dan, values={"1.1": Content("in_place", evidence="Seen.")}, sections=["S1"])
    record.answers.filter(question=q("1.1")).update(evidence="Ask jo.bloggs@example.org")  # released by a person
    assert form_of("S1", {"1.1": {"value": "embedded", "evidence": "Ask jo.bloggs@example.org"}}).is_valid()


# --- Showing ---------------------------------------------------------------------------------------------------------


def test_a_form_starts_from_what_is_saved(form_of, record, dan):
    fill(
        record, by=dan, values={"1.3": Content(90, "", "A log", "Book it", "Clerk", date(2027, 1, 31))}, sections=["S1"]
    )
    block = next(block for block in form_of("S1").blocks if block.question.code == "1.3")
    assert block.answer[0].value() == 90
    assert block.evidence.value() == "A log"
    assert [field.value() for field in block.action] == ["Book it", "Clerk", date(2027, 1, 31)]
    assert block.action_is_open


def test_what_is_known_is_offered_where_there_is_no_answer_and_never_instead_of_one(form_of, record, q, dan):
    known = {"number-of-staff": Prefill(40, "From last year.")}
    offered = next(b for b in form_of("C", prefilled=known).blocks if b.question.code == "C4")
    assert (offered.answer[0].value(), offered.note) == (40, "From last year.")
    fill(record, by=dan, values={"C4": Content(12)}, sections=["C"])
    kept = next(b for b in form_of("C", prefilled=known).blocks if b.question.code == "C4")
    assert (kept.answer[0].value(), kept.note) == (12, "")


def test_what_was_offered_counts_as_new_until_it_is_saved(form_of):
    form = form_of("C", {"C4": {"value": "40"}}, prefilled={"number-of-staff": Prefill(40, "")})
    entry = entry_of(form, "C4")
    assert entry.loaded == NOTHING.fingerprint != entry.content.fingerprint


def test_several_people_are_shown_with_one_row_more_and_another_when_asked_for(form_of, record, q, dan):
    fill(record, by=dan, values={"C3": Content([{"name": "Sam"}, {"name": "Kim"}])}, sections=["C"])
    deputies = q("C3")
    assert len(people(form_of("C"), "C3")) == 3
    typed = {f"q{deputies.pk}_rows": ["3"], f"q{deputies.pk}_2_name": ["Lee"]}
    more = people(form_of("C", typed=typed, add_person_to=deputies.pk), "C3")
    assert [row[0].value() for row in more] == ["Sam", "Kim", "Lee", ""]


def people(form, code):
    return next(block.people for block in form.blocks if block.question.code == code)


def test_there_are_no_more_than_thirty_rows_of_people_whatever_is_sent(form_of, q):
    for rows in ("31", "99", "100000000000", "٣", "-1", "x" * 5000):
        assert len(people(form_of("C", {"C3": {"rows": rows}}), "C3")) <= 30


def test_what_somebody_typed_and_did_not_save_is_shown_again_word_for_word(form_of, q, record, dan):
    fill(record, by=dan, values={"1.1": "in_place"}, sections=["S1"])
    typed = {
        f"q{q('1.1').pk}_value": ["developing"],
        f"q{q('1.1').pk}_evidence": ["Half a sen"],
        f"q{q('1.1').pk}_action_due_day": ["31"],
        f"q{q('1.1').pk}_action_due_month": ["Juni"],
        f"q{q('1.1').pk}_action_due_year": [""],
        f"q{q('1.3').pk}_value": ["ninety"],
        f"q{q('1.1').pk}_loaded": ["0123456789abcdef"],
    }
    blocks = {block.question.code: block for block in form_of("S1", typed=typed).blocks}
    assert blocks["1.1"].answer[0].value() == "developing"
    assert blocks["1.1"].evidence.value() == "Half a sen"
    assert blocks["1.1"].action[2].value() == ["31", "Juni", ""]
    assert blocks["1.1"].action_is_open
    assert blocks["1.3"].answer[0].value() == "ninety"
    assert 'value="0123456789abcdef"' in blocks["1.1"].hidden[0]  # so that what came between is noticed


def test_a_form_knows_whether_it_says_anything_else_than_what_is_saved(form_of, record, dan):
    fill(record, by=dan, values={"1.1": Content("in_place", evidence="Seen.")}, sections=["S1"])
    part = Sheet(record).part("S1")
    same = {line.question.code: typed(line.answer) for line in part.lines}
    assert not form_of("S1", same, complete="").differs()
    assert form_of("S1", same | {"1.1": {"value": "in_place", "evidence": "Seen twice."}}).differs()
    assert form_of("S1", same | {"1.3": {"value": "nonsense"}}).differs()


def typed(answer):
    return {"value": str(answer.value), "evidence": answer.evidence}


def test_two_answers_are_put_side_by_side_and_a_choice_is_asked_for(form_of, record, q, dan, debbie):
    fill(record, by=debbie, values={"1.1": Content("embedded", evidence="Hers")}, sections=["S1"])
    theirs = record.answers.get(question=q("1.1"))
    form = form_of("S1", {"1.1": {"value": "in_place", "evidence": "Mine"}})
    assert form.is_valid()
    form.show_conflicts([Conflict(q("1.1"), theirs, None)])
    choice = next(block.choice for block in form.blocks if block.question.code == "1.1")
    assert choice.rows == [("Answer", ["Embedded"], ["In place"]), ("Evidence", ["Hers"], ["Mine"])]
    assert choice.fingerprint == content_of(theirs).fingerprint
    assert list(form.errors.values()) == [["1.1: Select which answer to keep"]]


def test_who_keeps_theirs_sends_no_content_and_who_keeps_mine_has_seen_theirs(form_of):
    theirs = form_of("S1", {"1.1": {"value": "wonderful", "choose": "theirs", "theirs": "f" * 16}})
    assert entry_of(theirs, "1.1") == Entry(entry_of(theirs, "1.1").question, None, "f" * 16)
    mine = entry_of(form_of("S1", {"1.1": {"value": "in_place", "choose": "mine", "theirs": "f" * 16}}), "1.1")
    assert (mine.content.value, mine.loaded) == ("in_place", "f" * 16)


def test_guidance_is_shown_as_text_whatever_it_holds(db):
    question = small_question_set().questions.get(code="1.1")
    question.guidance, question.text = "<script>alert(1)</script>", "<b>Bold</b>"
    field = next(iter(SectionForm(lines=[blank_line(question)]).blocks)).answer[0]
    assert field.help_text == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert "<b>" not in field.label


def test_what_is_missing_leads_to_the_input_in_which_it_is_entered(form_of, q):
    ids = {field.id_for_label or field.auto_id for form in (form_of("S1"), form_of("C")) for field in form}
    for code, wanted in [("1.1", "action_what"), ("1.3", "value"), ("C1", "value"), ("C1", "name"), ("C3", "name")]:
        assert field_id(q(code), wanted) in ids
    assert field_id(q("2.1"), "value") == f"id_q{q('2.1').pk}_value_day"
    assert field_id(q("1.1"), "action_due") == f"id_q{q('1.1').pk}_action_due_day"


def test_every_required_field_has_a_sentence_of_its_own(form_of):
    assert fields_without_own_error(form_of("S1")) == []


# --- Anything at all -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def all_lines(django_db_setup, django_db_blocker):
    """The lines of a set with every type of question, saved in no database that others see."""
    with django_db_blocker.unblock(), transaction.atomic():
        questions = small_question_set().questions.select_related("scale").prefetch_related("scale__options")
        lines = [blank_line(question) for question in questions]
        transaction.set_rollback(True)
    return lines


def all_names(lines):
    return list(SectionForm(lines=lines).fields)


VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "in_place", "developing", "no", "na", "none", "yes", "theirs", "mine", "on", "29", "2", "2026"]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(["\0", "9" * 5000, "x" * 2000, "٣", "NaN", "1e9", "SG13 8XX", "07700 900123", "4.0", "½"]),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_anything_that_is_sent_gives_answers_or_errors_and_never_an_exception(all_lines, data):
    parts = ["", "_day", "_month", "_year"]
    names = [f"{name}{part}" for name in all_names(all_lines) for part in parts]
    sent = QueryDict(mutable=True)
    for name, values in data.draw(
        st.dictionaries(st.sampled_from(names), st.lists(VALUES, min_size=1, max_size=3), max_size=40)
    ).items():
        sent.setlist(name, values)
    form = SectionForm(sent, lines=all_lines)
    if form.is_valid():
        assert len([entry.content and entry.content.fingerprint for entry in form.entries()]) == len(all_lines)
    else:
        assert all(message for messages in form.errors.values() for message in messages)
    assert len(form.blocks) == len(all_lines)
    assert form.differs() in (True, False)
    SectionForm(lines=all_lines, typed=dict(sent.lists())).blocks  # noqa: B018 - it must not raise


def test_what_goes_with_a_value_in_these_tests_is_whole(q):
    assert whole(q("1.1"), "developing").action_due > timezone.localdate()
