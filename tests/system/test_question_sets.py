"""The business unit makes next year's questions in a browser."""

import pytest
from playwright.sync_api import expect

from schools.models import QuestionSet
from schools.services import questions
from tests.factories import small_question_set, staff_survey

pytestmark = pytest.mark.django_db(transaction=True)


def test_next_years_questions_are_made_from_this_years(visitor, ursula):
    # Given the questions of this year
    small_question_set()
    visitor.signs_in(ursula)
    visitor.follows("Question sets")
    visitor.looks()
    visitor.follows("2026-27.1")
    visitor.looks()

    # When Ursula copies them, rewords one, moves it by its button and adds another
    visitor.presses("Make a new version")
    visitor.looks()
    visitor.page.get_by_label("What is the new version called?").fill("2027-28")
    visitor.presses("Make the draft")
    visitor.sees("Nobody is asked it until it is published")
    visitor.looks()

    visitor.follows("Change question 1.1")
    visitor.looks()
    visitor.page.get_by_label("Question", exact=True).fill("All staff assume that harm could happen here.")
    visitor.presses("Save")
    visitor.sees("The question has been saved")
    expect(visitor.page.locator("[id='question-1.1']")).to_be_in_viewport()

    visitor.presses("Move down question 1.1")
    expect(visitor.page.get_by_role("button", name="Move down question 1.1", exact=True)).to_be_focused()
    visitor.presses("Move up question 1.1")
    expect(visitor.page.get_by_role("button", name="Move down question 1.1", exact=True)).to_be_focused()

    visitor.follows("Add a question to section S2")
    visitor.looks()
    visitor.page.get_by_label("Question", exact=True).fill("How often is the policy read?")
    visitor.page.get_by_label("One of a list").check()
    visitor.presses("Save")
    for label, colour in (("Often", "Green"), ("Never", "Red")):
        visitor.looks()
        visitor.presses("Add an answer")
        visitor.page.get_by_label("Answer", exact=True).fill(label)
        visitor.page.get_by_label(colour, exact=True).check()
        visitor.looks()
        visitor.presses("Save")

    # Then the preview, the differences and the check show it, and she publishes
    draft = QuestionSet.objects.get(version="2027-28")
    visitor.goes_to(f"/question-sets/{draft.pk}/preview/")
    visitor.page.get_by_label("Maintained primary school with a nursery class").check()
    visitor.presses("Show what this school sees")
    visitor.sees("17 questions; 1 is not asked")
    visitor.looks()
    visitor.follows("Policies and training")
    visitor.sees("How often is the policy read?")
    visitor.looks()

    visitor.goes_to(f"/question-sets/{draft.pk}/differences/")
    visitor.sees("All staff assume")
    visitor.looks()

    visitor.goes_to(f"/question-sets/{draft.pk}/publish/")
    visitor.sees("It differs from version 2026-27.1")
    visitor.looks()
    visitor.presses("Publish the question set")
    visitor.sees("This version never changes")
    visitor.looks()
    draft.refresh_from_db()
    assert not draft.is_draft


def test_a_draft_is_edited_on_a_phone_without_javascript(plain_visitor, ursula):
    # Given a draft
    draft = questions.copy(small_question_set(), version="2027-28", by=ursula)
    plain_visitor.signs_in(ursula)
    plain_visitor.goes_to(f"/question-sets/{draft.pk}/")

    # When Ursula moves a section and gives a question another threshold, whose field is shown without JavaScript
    plain_visitor.presses("Move down section Leadership")
    plain_visitor.sees("Moved down")
    plain_visitor.follows("Change question 1.3")
    plain_visitor.page.get_by_label("Amber below, in per cent").fill("90")
    plain_visitor.presses("Save")

    # Then both are saved
    plain_visitor.sees("Amber below 90%")
    assert list(draft.sections.values_list("code", flat=True)) == ["C", "S2", "S1", "Z"]


def test_what_is_wrong_with_a_file_is_shown_where_it_was_uploaded(visitor, ursula, tmp_path):
    file = tmp_path / "set.yaml"
    file.write_text("slug: new\nkind: s175\ntitel: New\n", encoding="utf-8")
    visitor.signs_in(ursula)
    visitor.goes_to("/question-sets/upload/")
    visitor.page.get_by_label("Question set file").set_input_files(file)
    visitor.presses("Upload")
    visitor.sees("“titel” is not a field known here. Did you mean “title”?")
    visitor.looks()


def test_the_staff_survey_is_looked_at_as_staff_see_it(visitor, ursula):
    survey = staff_survey()
    visitor.signs_in(ursula)
    visitor.goes_to(f"/question-sets/{survey.pk}/preview/")
    visitor.looks()
    visitor.follows("Safeguarding at your school")
    visitor.sees("I feel confident spotting the signs of each of these.")
    visitor.looks()
