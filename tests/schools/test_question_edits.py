"""Edits of a draft: what each does, what it leaves alone, and what happens when two people edit the same thing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import MoveNotAllowed, TooLate
from schools.choices import AnswerType
from schools.models import Option, Question, QuestionSet
from schools.question_checks import problems
from schools.services import question_edits as edits
from schools.services import questions as services
from schools.services.question_edits import fingerprint
from tests.factories import full_question_set, small_question_set, staff_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db):
    return small_question_set(published=False)


@pytest.fixture
def leadership(draft):
    return draft.sections.get(code="S1")


@pytest.fixture
def culture(draft):
    return draft.questions.get(code="1.1")


@pytest.fixture
def reports(draft):
    """The question with answers of its own: every term, once a year, less often."""
    return draft.questions.get(code="1.4")


def codes(section):
    return list(section.questions.order_by("position").values_list("code", flat=True))


def labels(scale):
    return list(scale.options.order_by("position").values_list("label", flat=True))


# --- Who may, and when ----------------------------------------------------------------------------------------------


def every_edit(question_set, by):
    """One call of each service, each on a row of ``question_set``."""
    section = question_set.sections.get(code="S1")
    question = question_set.questions.get(code="1.4")
    option = question.scale.options.first()
    return [
        lambda: edits.edit_set(question_set, by=by, loaded=fingerprint(question_set), title="New"),
        lambda: edits.add_section(question_set, by=by, kind="standard", title="New"),
        lambda: edits.edit_section(section, by=by, loaded=fingerprint(section), title="New"),
        lambda: edits.move_section(section, by=by, up=True),
        lambda: edits.remove_section(section, by=by),
        lambda: edits.add_question(section, by=by, text="New?", answer_type="count"),
        lambda: edits.edit_question(question, by=by, loaded=fingerprint(question), text="New?"),
        lambda: edits.move_question(question, by=by, up=True),
        lambda: edits.number_questions(section, by=by),
        lambda: edits.remove_question(question, by=by),
        lambda: edits.add_option(question.scale, by=by, label="New"),
        lambda: edits.edit_option(option, by=by, loaded=fingerprint(option), label="New"),
        lambda: edits.move_option(option, by=by, up=False),
        lambda: edits.remove_option(option, by=by),
    ]


@pytest.mark.parametrize("person", ["stella", "dan", "pat"])
def test_nobody_but_the_business_unit_edits_a_draft(person, request, draft):
    before = services.export(draft)
    for edit in every_edit(draft, request.getfixturevalue(person)):
        with pytest.raises(PermissionDenied):
            edit()
    assert services.export(draft) == before


def test_a_published_set_cannot_be_edited_and_the_person_is_told_why(ursula):
    published = services.publish(small_question_set(published=False), by=ursula)
    before = services.export(published)
    for edit in every_edit(published, ursula):
        with pytest.raises(MoveNotAllowed, match="cannot change the question set now: Ursula Unit changed the status"):
            edit()
    assert services.export(published) == before


def test_what_somebody_has_removed_cannot_be_edited(draft, culture, ursula):
    edits.remove_question(culture, by=ursula)
    culture.pk = culture.pk or 0
    gone = Question(pk=culture.pk, question_set=draft)
    with pytest.raises(TooLate, match="Somebody has removed this question in the meantime"):
        edits.edit_question(gone, by=ursula, loaded="", text="Too late.")


def test_only_what_may_be_edited_is_edited(culture, ursula):
    for field in ("key", "position", "question_set", "scale"):
        with pytest.raises(TypeError, match=f"nothing to edit called {field}"):
            edits.edit_question(culture, by=ursula, loaded=fingerprint(culture), **{field: 1})


# --- Two people at once ---------------------------------------------------------------------------------------------


def test_whoever_saves_second_is_told_and_nothing_is_overwritten(culture, ursula):
    loaded = fingerprint(culture)
    edits.edit_question(culture, by=ursula, loaded=loaded, text="As the first person has it.")
    with pytest.raises(ChangedMeanwhile, match="Somebody else changed this") as refused:
        edits.edit_question(culture, by=ursula, loaded=loaded, text="As the second person has it.")
    assert refused.value.current.text == "As the first person has it."
    culture.refresh_from_db()
    assert culture.text == "As the first person has it."


def test_having_seen_the_other_text_one_may_save_ones_own(culture, ursula):
    loaded = fingerprint(culture)
    edits.edit_question(culture, by=ursula, loaded=loaded, text="First.")
    with pytest.raises(ChangedMeanwhile) as refused:
        edits.edit_question(culture, by=ursula, loaded=loaded, text="Second.")
    saved = edits.edit_question(culture, by=ursula, loaded=fingerprint(refused.value.current), text="Second.")
    assert saved.text == "Second."


@pytest.mark.parametrize("code", ["set", "section", "option"])
def test_sets_sections_and_options_are_kept_from_being_overwritten_too(code, draft, leadership, reports, ursula):
    row = {"set": draft, "section": leadership, "option": reports.scale.options.first()}[code]
    edit = {"set": edits.edit_set, "section": edits.edit_section, "option": edits.edit_option}[code]
    field = "label" if code == "option" else "title"
    loaded = fingerprint(row)
    edit(row, by=ursula, loaded=loaded, **{field: "First"})
    with pytest.raises(ChangedMeanwhile):
        edit(row, by=ursula, loaded=loaded, **{field: "Second"})
    row.refresh_from_db()
    assert getattr(row, field) == "First"


def test_moving_a_question_does_not_count_as_editing_it(culture, ursula):
    loaded = fingerprint(culture)
    edits.move_question(culture, by=ursula, up=False)
    assert edits.edit_question(culture, by=ursula, loaded=loaded, text="New.").text == "New."


def test_of_eight_who_edit_one_question_at_once_one_wins(transactional_db, ursula):
    culture = small_question_set(published=False).questions.get(code="1.1")
    loaded = fingerprint(culture)

    def attempt(number):
        try:
            edits.edit_question(culture, by=ursula, loaded=loaded, text=f"Text {number}.")
        except ChangedMeanwhile:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(8)))
    assert won.count(True) == 1
    culture.refresh_from_db()
    assert culture.text == f"Text {won.index(True)}."


def test_of_eight_questions_added_at_once_each_has_its_own_number_and_key(transactional_db, ursula):
    leadership = small_question_set(published=False).sections.get(code="S1")

    def attempt(_):
        try:
            return edits.add_question(leadership, by=ursula, text="The same words?", answer_type="count", scored=False)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(attempt, range(8)))
    assert {question.code for question in made} == {f"1.{number}" for number in range(5, 13)}
    assert len({question.key for question in made}) == 8


# --- The set --------------------------------------------------------------------------------------------------------


def test_a_draft_cannot_take_the_name_of_another_version(draft, ursula):
    copied = services.copy(draft, version="2027-28", by=ursula)
    with pytest.raises(ValidationError, match=r"There is a version “2026-27\.1” already") as refused:
        edits.edit_set(copied, by=ursula, loaded=fingerprint(copied), version="2026-27.1")
    assert "version" in refused.value.error_dict


def test_a_draft_keeps_its_own_version_name(draft, ursula):
    saved = edits.edit_set(draft, by=ursula, loaded=fingerprint(draft), version=draft.version, title="New title")
    assert saved.title == "New title"


# --- Sections -------------------------------------------------------------------------------------------------------


def test_a_new_standard_comes_after_the_last_one_and_gets_the_next_code(draft, ursula):
    edits.add_section(draft, by=ursula, kind="standard", title="Third")
    assert list(draft.sections.values_list("code", "position")) == [("C", 1), ("S1", 2), ("S2", 3), ("S3", 4), ("Z", 5)]


def test_the_code_of_a_section_that_any_version_had_is_not_given_to_another(draft, ursula):
    edits.add_section(draft, by=ursula, kind="standard", title="Third")
    copied = services.copy(draft, version="2027-28", by=ursula)
    edits.remove_section(copied.sections.get(code="S3"), by=ursula)
    assert edits.add_section(copied, by=ursula, kind="standard", title="Another").code == "S4"


def test_a_second_closing_section_has_a_number(draft, ursula):
    assert edits.add_section(draft, by=ursula, kind="closing", title="And also").code == "Z2"


def test_removing_a_section_removes_its_questions_and_their_answers(draft, leadership, ursula):
    edits.remove_section(leadership, by=ursula)
    assert not draft.questions.filter(code__startswith="1.").exists()
    assert not draft.scales.filter(code="only:board-reports").exists()
    assert draft.scales.filter(code="rating4").exists()


def test_sections_move_by_one_place_and_stay_at_the_ends(draft, leadership, ursula):
    assert edits.move_section(leadership, by=ursula, up=False)
    assert list(draft.sections.values_list("code", flat=True)) == ["C", "S2", "S1", "Z"]
    assert not edits.move_section(leadership, by=ursula, up=False)
    assert not edits.move_section(leadership, by=ursula, up=False)
    assert list(draft.sections.values_list("code", flat=True)) == ["C", "S2", "Z", "S1"]


# --- Questions ------------------------------------------------------------------------------------------------------


def test_a_new_question_comes_last_with_the_next_number_and_a_key_from_its_words(leadership, ursula):
    made = edits.add_question(leadership, by=ursula, text="Who keeps the log?", answer_type="yes_no")
    assert codes(leadership) == ["1.1", "1.2", "1.3", "1.4", "1.5"]
    assert (made.code, made.key, made.scale.code) == ("1.5", "who-keeps-the-log", "yes_no")


def test_the_first_question_of_a_new_section_is_numbered_after_the_section(draft, ursula):
    standard = edits.add_section(draft, by=ursula, kind="standard", title="Third")
    closing = edits.add_section(draft, by=ursula, kind="closing", title="And also")
    assert edits.add_question(standard, by=ursula, text="A?", answer_type="count").code == "3.1"
    assert edits.add_question(closing, by=ursula, text="B?", answer_type="count").code == "Z3"


def test_a_key_that_any_version_has_used_is_not_given_to_another_question(draft, culture, ursula):
    copied = services.copy(draft, version="2027-28", by=ursula)
    edits.remove_question(copied.questions.get(key="culture"), by=ursula)
    section = copied.sections.get(code="S1")
    made = edits.add_question(section, by=ursula, text="Culture!", answer_type="count", code="1.1")
    assert made.key == "culture-2"


def test_two_questions_cannot_have_one_number(leadership, culture, ursula):
    with pytest.raises(ValidationError, match=r"There is a question 1\.2 already") as refused:
        edits.edit_question(culture, by=ursula, loaded=fingerprint(culture), code="1.2")
    assert "code" in refused.value.error_dict
    with pytest.raises(ValidationError, match=r"There is a question 1\.1 already"):
        edits.add_question(leadership, by=ursula, text="A?", answer_type="count", code="1.1")


def test_a_reworded_question_keeps_its_key(culture, ursula):
    saved = edits.edit_question(culture, by=ursula, loaded=fingerprint(culture), text="All in other words.")
    assert saved.key == "culture"


def test_a_question_moves_to_the_end_of_another_section(draft, leadership, culture, ursula):
    policies = draft.sections.get(code="S2")
    edits.edit_question(culture, by=ursula, loaded=fingerprint(culture), section_id=policies.pk)
    assert codes(leadership) == ["1.2", "1.3", "1.4"]
    assert codes(policies)[-1] == "1.1"


def test_a_question_does_not_move_to_a_section_of_another_set(culture, ursula):
    foreign = staff_survey(published=False).sections.first()
    with pytest.raises(ValidationError, match="Select a section of this question set"):
        edits.edit_question(culture, by=ursula, loaded=fingerprint(culture), section_id=foreign.pk)


def test_a_new_answer_type_brings_the_scale_that_goes_with_it(draft, culture, ursula):
    saved = edits.edit_question(culture, by=ursula, loaded=fingerprint(culture), answer_type="yes_no_na")
    assert saved.scale == draft.scales.get(code="yes_no_na")
    saved = edits.edit_question(
        saved, by=ursula, loaded=fingerprint(saved), answer_type="count", scored=False, critical=False
    )
    assert saved.scale is None


def test_a_question_that_is_to_have_answers_of_its_own_gets_an_empty_list_of_them(culture, ursula):
    saved = edits.edit_question(culture, by=ursula, loaded=fingerprint(culture), answer_type=AnswerType.CHOICE)
    assert (saved.scale.code, saved.options) == ("only:culture", [])
    assert not saved.scale.is_shared


def test_answers_of_its_own_stay_from_one_such_type_to_another_and_go_with_the_last(draft, reports, ursula):
    saved = edits.edit_question(reports, by=ursula, loaded=fingerprint(reports), answer_type=AnswerType.MULTI)
    assert labels(saved.scale) == ["Every term", "Once a year", "Less often"]
    edits.edit_question(saved, by=ursula, loaded=fingerprint(saved), answer_type="yes_no")
    assert not draft.scales.filter(code="only:board-reports").exists()


def test_an_answer_type_whose_scale_the_set_does_not_have_is_refused(culture, ursula):
    with pytest.raises(ValidationError, match="has no scale for “Agree or disagree”") as refused:
        edits.edit_question(culture, by=ursula, loaded=fingerprint(culture), answer_type=AnswerType.LIKERT5)
    assert "answer_type" in refused.value.error_dict


def test_a_red_threshold_above_the_amber_one_is_refused_with_a_sentence(draft, ursula):
    training = draft.questions.get(code="1.3")
    with pytest.raises(ValidationError, match="Red below must not be above amber below"):
        edits.edit_question(training, by=ursula, loaded=fingerprint(training), amber_below=50, red_below=60)


def test_removing_a_question_removes_the_answers_that_were_its_alone(draft, reports, ursula):
    edits.remove_question(reports, by=ursula)
    assert not draft.scales.filter(code="only:board-reports").exists()
    assert not Option.objects.filter(question_set=draft, code="every_term").exists()


def test_questions_move_by_one_place_and_keep_their_numbers(leadership, culture, ursula):
    assert edits.move_question(culture, by=ursula, up=False)
    assert codes(leadership) == ["1.2", "1.1", "1.3", "1.4"]
    assert not edits.move_question(culture, by=ursula, up=True)
    assert codes(leadership) == ["1.1", "1.2", "1.3", "1.4"]


def test_moving_takes_as_many_statements_among_ten_questions_as_among_two(ursula, django_assert_num_queries):
    full_question_set(published=False)
    ursula.active_grants()
    for code in ("Z2", "10.5"):
        question = Question.objects.select_related("question_set").get(code=code)
        with django_assert_num_queries(6):
            edits.move_question(question, by=ursula, up=False)


def test_questions_are_numbered_in_their_order_when_somebody_asks_for_it(leadership, culture, ursula):
    edits.move_question(culture, by=ursula, up=False)
    assert edits.number_questions(leadership, by=ursula) == 2
    assert codes(leadership) == ["1.1", "1.2", "1.3", "1.4"]
    culture.refresh_from_db()
    assert (culture.code, culture.key) == ("1.2", "culture")
    assert edits.number_questions(leadership, by=ursula) == 0


def test_numbering_does_not_take_a_number_from_another_section(draft, leadership, culture, ursula):
    stranger = draft.questions.get(code="2.6")
    edits.edit_question(stranger, by=ursula, loaded=fingerprint(stranger), code="1.5")
    edits.add_question(leadership, by=ursula, text="New?", answer_type="count", code="1.6")
    with pytest.raises(ValidationError, match=r"There is a question 1\.5 already"):
        edits.number_questions(leadership, by=ursula)
    assert codes(leadership)[-1] == "1.6"


# --- Options --------------------------------------------------------------------------------------------------------


def test_a_new_answer_comes_last_under_a_code_made_from_its_label(reports, ursula):
    edits.add_option(reports.scale, by=ursula, label="Twice a year", rag="green")
    made = edits.add_option(reports.scale, by=ursula, label="Every term!", rag="green")
    assert labels(reports.scale)[-2:] == ["Twice a year", "Every term!"]
    assert made.code == "every_term_2"


def test_an_answer_keeps_its_code_when_it_is_reworded(reports, ursula):
    option = reports.scale.options.get(code="yearly")
    saved = edits.edit_option(option, by=ursula, loaded=fingerprint(option), label="Every twelve months")
    assert (saved.code, saved.label) == ("yearly", "Every twelve months")


def test_answers_move_and_are_removed(reports, ursula):
    last = reports.scale.options.last()
    assert edits.move_option(last, by=ursula, up=True)
    assert labels(reports.scale) == ["Every term", "Less often", "Once a year"]
    edits.remove_option(last, by=ursula)
    assert labels(reports.scale) == ["Every term", "Once a year"]


def test_the_answers_that_the_portal_goes_by_can_be_reworded_but_are_always_the_same(draft, ursula):
    scale = draft.scales.get(code="rating4")
    with pytest.raises(ValidationError, match="none can be added or taken away"):
        edits.add_option(scale, by=ursula, label="Unknown")
    with pytest.raises(ValidationError, match="none can be added or taken away"):
        edits.remove_option(scale.options.first(), by=ursula)
    option = scale.options.get(code="developing")
    assert edits.edit_option(option, by=ursula, loaded=fingerprint(option), label="On the way").label == "On the way"


def test_a_draft_that_was_built_by_hand_can_be_published(ursula):
    """From a copy with one standard emptied, to a set with a question of each kind that can be added."""
    draft = services.copy(small_question_set(), version="2027-28", by=ursula)
    section = edits.add_section(draft, by=ursula, kind="standard", title="New standard")
    edits.add_question(section, by=ursula, text="A?", answer_type="rating4", critical=True)
    edits.add_question(section, by=ursula, text="B?", answer_type="percent", amber_below=90, red_below=50)
    edits.add_question(section, by=ursula, text="C?", answer_type="date", max_age_days=365)
    chosen = edits.add_question(section, by=ursula, text="D?", answer_type="choice")
    for label, rag in (("Often", "green"), ("Rarely", "red")):
        edits.add_option(chosen.scale, by=ursula, label=label, rag=rag)
    assert problems(draft) == []
    assert services.publish(draft, by=ursula).status == "published"
    assert QuestionSet.objects.published().count() == 2
