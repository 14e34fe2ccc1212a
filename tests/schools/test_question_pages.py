"""The pages of question sets: who sees and does what, what they say, and that nothing typed is lost."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hscp.lib.lined_yaml import MAX_SIZE
from schools.choices import AnswerType
from schools.forms.questions import EditQuestionForm
from schools.models import QuestionSet
from schools.question_file import read_question_file
from schools.question_words import TYPE_HINTS, facts, option_notes, prefill_words, scale_name
from schools.rules import flags_of
from schools.school_kinds import SCHOOL_KINDS
from schools.services import question_edits as edits
from schools.services import questions as services
from schools.services.question_edits import fingerprint
from tests.factories import full_question_set, small_question_set, staff_survey
from tests.markup import Markup

pytestmark = pytest.mark.django_db

SMALL = Path(__file__).parent / "small_return.yaml"


@pytest.fixture
def published(db):
    return small_question_set()


@pytest.fixture
def draft(published, ursula):
    """The next version of the published set."""
    return services.copy(published, version="2027-28", by=ursula)


@pytest.fixture
def unit(signed_in, ursula):
    """The business unit's browser."""
    return signed_in(ursula)


def url(name, *args):
    return reverse(f"schools:{name}", args=args)


def page(client, name, *args, query="", status=200):
    """The page as read, once it is known to have come with ``status``."""
    response = client.get(url(name, *args) + query)
    assert response.status_code == status
    return Markup(response.content)


def question(question_set, code):
    return question_set.questions.get(code=code)


def errors(response):
    assert response.status_code == 200
    return Markup(response.content).texts(".govuk-error-summary__list li")


def banner(client, response):
    """What the notification says on the page that the response leads to."""
    assert response.status_code == 302, Markup(response.content).texts(".govuk-error-summary__list li")
    return Markup(client.get(response["Location"].partition("#")[0]).content).text(
        ".govuk-notification-banner__heading"
    )


# --- Who sees and does what -----------------------------------------------------------------------------------------


def pages_to_see(question_set):
    section = question_set.sections.get(code="S1")
    return [
        url("question_sets"),
        url("question_set", question_set.pk),
        url("download_question_set", question_set.pk),
        url("question_set_differences", question_set.pk),
        url("preview_question_set", question_set.pk),
        url("preview_section", question_set.pk, section.pk),
        url("scale", question_set.pk, question(question_set, "1.4").scale.pk),
    ]


def pages_to_change(question_set):
    section = question_set.sections.get(code="S1")
    asked = question(question_set, "1.4")
    pk, option = question_set.pk, asked.scale.options.first()
    return [
        url("upload_question_set"),
        *(url(name, pk) for name in ("copy_question_set", "publish_question_set", "discard_question_set")),
        *(url(name, pk) for name in ("edit_question_set", "add_section")),
        *(url(name, pk, section.pk) for name in ("edit_section", "remove_section", "number_questions", "add_question")),
        *(url(name, pk, asked.pk) for name in ("edit_question", "remove_question")),
        url("add_option", pk, asked.scale.pk),
        *(url(name, pk, option.pk) for name in ("edit_option", "remove_option")),
    ]


def moves(question_set):
    asked = question(question_set, "1.4")
    return [
        url("move_section", question_set.pk, asked.section_id),
        url("move_question", question_set.pk, asked.pk),
        url("move_option", question_set.pk, asked.scale.options.first().pk),
    ]


def test_the_business_unit_sees_and_changes_everything(unit, draft):
    for address in [*pages_to_see(draft), *pages_to_change(draft)]:
        assert unit.get(address).status_code == 200, address
    for address in moves(draft):
        assert unit.post(address, {"direction": "up"}).status_code == 302, address


def test_a_scrutineer_sees_everything_and_changes_nothing(signed_in, stella, draft):
    before = services.export(draft)
    for address in pages_to_see(draft):
        assert signed_in(stella).get(address).status_code == 200, address
    for address in pages_to_change(draft):
        assert signed_in(stella).get(address).status_code == 403, address
        assert signed_in(stella).post(address, {"title": "New"}).status_code == 403, address
    for address in moves(draft):
        assert signed_in(stella).post(address, {"direction": "up"}).status_code == 403, address
    assert services.export(draft) == before


@pytest.mark.parametrize("person", ["dan", "amira", "colin", "pat"])
def test_for_everyone_else_question_sets_do_not_exist(signed_in, person, request, draft):
    client = signed_in(request.getfixturevalue(person))
    for address in [*pages_to_see(draft), *pages_to_change(draft)]:
        assert client.get(address).status_code == 404, address
    for address in moves(draft):
        assert client.post(address, {"direction": "up"}).status_code == 404, address


def test_nobody_is_shown_a_button_that_is_not_theirs_to_press(signed_in, ursula, stella, draft):
    own = page(signed_in(ursula), "question_set", draft.pk)
    assert own.all(f'a[href="{url("publish_question_set", draft.pk)}"]')
    assert len(own.all("button.hscp-move")) > 20
    for name in ("publish_question_set", "copy_question_set", "discard_question_set", "edit_question_set"):
        assert not page(signed_in(stella), "question_set", draft.pk).all(f'a[href="{url(name, draft.pk)}"]')
    assert not page(signed_in(stella), "question_set", draft.pk).all("button.hscp-move")


def test_the_menu_leads_the_business_unit_and_scrutineers_to_the_question_sets(signed_in, ursula, stella, dan, db):
    link = f'nav a[href="{url("question_sets")}"]'
    for person, sees in ((ursula, True), (stella, True), (dan, False)):
        assert bool(Markup(signed_in(person).get("/").content).all(link)) == sees


def test_a_part_of_another_set_is_not_found_under_this_one(unit, draft, published):
    foreign = question(published, "1.4")
    for address in (
        url("edit_section", draft.pk, foreign.section_id),
        url("edit_question", draft.pk, foreign.pk),
        url("scale", draft.pk, foreign.scale_id),
        url("edit_option", draft.pk, foreign.scale.options.first().pk),
        url("preview_section", draft.pk, foreign.section_id),
    ):
        assert unit.get(address).status_code == 404, address


# --- The list and a set ---------------------------------------------------------------------------------------------


def test_the_list_has_every_version_with_its_status_newest_first(unit, draft):
    staff_survey(published=False)
    listed = page(unit, "question_sets")
    assert listed.texts("h2 .govuk-caption-m") == ["Staff survey", "School return (section 175 / 157)"]
    rows = [row for row in listed.texts("tbody tr") if "2026-27.1" in row or "2027-28" in row]
    assert [("Draft" in row, "Published" in row) for row in rows] == [(True, False), (False, True)]
    assert "by Ursula Unit" in rows[0]


def test_without_any_question_set_the_list_says_so(unit):
    assert "There is no question set yet" in page(unit, "question_sets").text("main")


def test_a_set_shows_every_question_with_everything_about_it(unit, published):
    shown = page(unit, "question_set", published.pk)
    assert len(shown.all("li.hscp-asked")) == 17
    text = shown.text("#question-1\\.1")
    for part in ("1.1", "Staff assume that harm could happen here.", "Four levels", "Critical", "KCSIE Part two"):
        assert part in text
    assert "Think of all staff" in text
    assert "What you did to test the culture" in text
    assert "Red below 80%. Amber below 100%." in shown.text("#question-1\\.3")
    assert "Amber when it is more than 365 days ago." in shown.text("#question-2\\.1")
    assert "Asked only if Has early years provision" in shown.text("#question-2\\.4")
    assert "Less often Red" in shown.text("#question-1\\.4")
    assert "Does not count" in shown.text("#question-2\\.6")


def test_the_contents_lead_to_every_section(unit, published):
    shown = page(unit, "question_set", published.pk)
    targets = [link.get("href") for link in shown.all(".hscp-set__contents a")]
    assert targets == ["#details", "#section-C", "#section-S1", "#section-S2", "#section-Z", "#scales"]
    for target in targets:
        assert shown.one(target) is not None


def test_a_published_set_is_shown_without_anything_to_edit(unit, published):
    shown = page(unit, "question_set", published.pk)
    assert not shown.all("button.hscp-move")
    assert not any("/questions/" in link.get("href") for link in shown.all("main a"))
    assert "This version never changes: to change what is asked, make a new version." in shown.text("main")


def test_a_set_of_77_questions_costs_as_many_queries_as_one_of_17(unit, django_assert_num_queries):
    small, full = small_question_set(published=False), full_question_set(published=False)
    unit.get(url("question_set", small.pk))
    for name, number in (
        ("question_set", 11),
        ("preview_question_set", 8),
        ("download_question_set", 11),
        ("question_sets", 4),
    ):
        for question_set in (small, full):
            args = [] if name == "question_sets" else [question_set.pk]
            with django_assert_num_queries(number, info=f"{name} {question_set}"):
                unit.get(url(name, *args))


def test_checking_a_set_of_77_questions_costs_hardly_more_than_one_of_17(unit, django_assert_max_num_queries):
    """One query more: the larger one names questions of a staff survey, so it is looked for."""
    for question_set in (small_question_set(published=False), full_question_set(published=False)):
        with django_assert_max_num_queries(22):
            unit.get(url("publish_question_set", question_set.pk))


def test_a_section_costs_as_many_queries_with_ten_questions_as_with_two(unit, django_assert_num_queries):
    full = full_question_set()
    for code in ("Z", "S10"):
        section = full.sections.get(code=code)
        with django_assert_num_queries(8):
            unit.get(url("preview_section", full.pk, section.pk))


# --- Files ----------------------------------------------------------------------------------------------------------


def upload(client, content, **fields):
    file = SimpleUploadedFile("set.yaml", content, content_type="application/yaml")
    return client.post(url("upload_question_set"), {"file": file, **fields})


def test_an_uploaded_file_becomes_a_draft(unit, ursula):
    response = upload(unit, SMALL.read_bytes())
    assert banner(unit, response) == "The draft has been made from the file"
    made = QuestionSet.objects.get()
    assert (made.is_draft, made.created_by, made.questions.count()) == (True, ursula, 17)


def test_what_is_wrong_with_a_file_is_listed_by_line(unit):
    text = (
        SMALL.read_text(encoding="utf-8")
        .replace("type: percent", "type: per_cent")
        .replace("kind: closing", "kind: end")
    )
    response = upload(unit, text.encode())
    assert errors(response) == ["The file has 2 problems. Correct the file"]
    rows = Markup(response.content).texts("tbody tr")
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines, start=1) if "per_cent" in line)
    assert f"{at} Question 1.3: type “per_cent” is not known. Did you mean “percent”?" in rows
    assert len(rows) == 2
    assert not QuestionSet.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The selected file is empty"),
        (b"\xff\xfe\x00", "The file has 1 problem. Correct the file"),
        (b"GIF89a", "The file has 1 problem. Correct the file"),
        (b"a: &x [1]\nb: *x", "The file has 1 problem. Correct the file"),
        (b"x" * (4 * MAX_SIZE + 1), f"The file is too big: a question set can have {MAX_SIZE:,} characters"),
        (b"x" * (MAX_SIZE + 1), "The file has 1 problem. Correct the file"),
    ],
)
def test_a_file_that_is_no_question_set_is_refused_with_a_sentence(unit, content, message):
    assert errors(upload(unit, content)) == [message]


def test_no_file_is_asked_for(unit):
    assert errors(unit.post(url("upload_question_set"))) == ["Select the question set file"]


def test_a_draft_is_replaced_by_a_file_only_when_the_box_is_ticked(unit, draft):
    text = SMALL.read_text(encoding="utf-8").replace("2026-27.1", "2027-28").replace("Leadership", "Leading")
    assert "Replace it, or give the new one another version" in errors(upload(unit, text.encode()))[0]
    assert draft.sections.filter(title="Leadership").exists()
    assert upload(unit, text.encode(), replace="on").status_code == 302
    assert draft.sections.filter(title="Leading").exists()


def test_a_published_version_is_not_replaced_by_a_file(unit, published):
    assert "It can never change" in errors(upload(unit, SMALL.read_bytes(), replace="on"))[0]


def test_a_downloaded_file_is_the_same_set_when_it_is_read_again(unit):
    full = full_question_set()
    response = unit.get(url("download_question_set", full.pk))
    assert response["Content-Type"] == "application/yaml; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="hscp-s175-2026-27.draft1.yaml"'
    assert read_question_file(response.content) == services.export(full)


# --- Versions -------------------------------------------------------------------------------------------------------


def test_a_new_version_is_made_by_naming_it(unit, published):
    response = unit.post(url("copy_question_set", published.pk), {"version": "2027-28"})
    assert banner(unit, response) == "The draft of the new version has been made"
    assert QuestionSet.objects.get(version="2027-28").based_on == published


def test_a_new_version_needs_a_name_that_is_free(unit, published):
    address = url("copy_question_set", published.pk)
    assert errors(unit.post(address)) == ["Enter a name for the new version"]
    assert "is there already" in errors(unit.post(address, {"version": published.version}))[0]


def test_the_differences_from_the_version_it_is_based_on_are_shown_at_once(unit, draft, ursula):
    culture = question(draft, "1.1")
    edits.edit_question(
        culture, by=ursula, loaded=fingerprint(culture), text="All staff assume that harm could happen."
    )
    edits.remove_question(question(draft, "1.2"), by=ursula)
    shown = page(unit, "question_set_differences", draft.pk)
    assert shown.texts("h3") == ["Removed", "Reworded"]
    assert "A governor takes the lead for safeguarding." in shown.text('[aria-labelledby="removed"]')
    assert shown.texts("ins") == ["All staff", "happen."]
    assert shown.texts("del") == ["Staff", "happen here."]


def test_any_two_versions_can_be_compared(unit, draft, published):
    shown = page(unit, "question_set_differences", published.pk)
    assert "From version" not in shown.text("main")
    shown = page(unit, "question_set_differences", published.pk, query=f"?other={draft.pk}")
    assert "From version 2027-28 to version 2026-27.1" in shown.text("main")
    assert "Nothing. They ask the same in the same words." in shown.text("main")


@pytest.mark.parametrize("other", ["", "0", "x", "survey"])
def test_only_a_version_of_the_same_set_can_be_compared_with(unit, draft, other):
    asked = staff_survey().pk if other == "survey" else other
    response = unit.get(url("question_set_differences", draft.pk) + f"?other={asked}")
    assert len(errors(response)) == 1


def test_what_is_in_the_way_of_publishing_is_listed_with_links_to_it(unit, draft):
    question(draft, "1.4").scale.options.all().delete()
    shown = page(unit, "publish_question_set", draft.pk)
    assert shown.text("h1") == "This draft cannot be published yet"
    links = [link.get("href") for link in shown.all("main li a")]
    assert f"{url('question_set', draft.pk)}#question-1.4" in links
    assert not shown.all("main form button")
    unit.post(url("publish_question_set", draft.pk))
    draft.refresh_from_db()
    assert draft.is_draft


def test_publishing_is_confirmed_on_a_page_that_says_what_will_be_frozen(unit, draft):
    shown = page(unit, "publish_question_set", draft.pk)
    assert "4 sections and 17 questions" in shown.text("main")
    assert "no word of it can be changed" in shown.text(".govuk-warning-text")
    assert "References still to be checked against the guidance: 2.1." in shown.text("main")
    response = unit.post(url("publish_question_set", draft.pk))
    assert banner(unit, response) == "The question set has been published"
    draft.refresh_from_db()
    assert not draft.is_draft


def test_a_published_set_is_edited_neither_by_its_pages_nor_past_them(unit, published):
    before = services.export(published)
    changing = [address for address in pages_to_change(published) if "copy" not in address and "upload" not in address]
    for address in changing:
        response = unit.get(address)
        assert response.status_code == 409, address
        assert "published, so it can never change" in Markup(response.content).text("main")
    asked = question(published, "1.4")
    sent = {
        url("edit_question", published.pk, asked.pk): question_data(asked, text="Changed?"),
        url("remove_question", published.pk, asked.pk): {},
        url("discard_question_set", published.pk): {},
        url("publish_question_set", published.pk): {},
        url("add_option", published.pk, asked.scale.pk): {"label": "New", "rag": "green", "scored": "on"},
        **{address: {"direction": "up"} for address in moves(published)},
    }
    for address, data in sent.items():
        assert unit.post(address, data).status_code == 409, address
    assert services.export(published) == before


def test_a_published_set_is_retired_after_a_question(unit, published):
    assert "No new collection will be able to ask it." in page(unit, "retire_question_set", published.pk).text("main")
    response = unit.post(url("retire_question_set", published.pk))
    assert banner(unit, response) == "The question set has been retired"


def test_a_draft_is_deleted_after_a_question(unit, draft):
    assert "Delete this draft?" in page(unit, "discard_question_set", draft.pk).text("h1")
    response = unit.post(url("discard_question_set", draft.pk))
    assert banner(unit, response) == "The draft has been deleted"
    assert not QuestionSet.objects.filter(pk=draft.pk).exists()


# --- Edits ----------------------------------------------------------------------------------------------------------


def form_data(form):
    """What a browser would send if the form were sent as it is shown."""
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value is True:
            data[name] = "on"
        elif value not in (None, False):
            data[name] = form.fields[name].prepare_value(value)
    return data


def question_data(asked, **changes):
    return form_data(EditQuestionForm(question_set=asked.question_set, row=asked)) | changes


def save(client, asked, **changes):
    return client.post(url("edit_question", asked.question_set_id, asked.pk), question_data(asked, **changes))


def test_the_details_of_a_draft_are_changed(unit, draft):
    shown = page(unit, "edit_question_set", draft.pk)
    loaded = shown.one('input[name="loaded"]').get("value")
    data = {"loaded": loaded, "title": "New", "version": "2027-28", "no_child_data_notice": "Name nobody."}
    response = unit.post(url("edit_question_set", draft.pk), data)
    assert banner(unit, response) == "The details have been saved"
    draft.refresh_from_db()
    assert (draft.title, draft.introduction) == ("New", "")


def test_every_field_of_the_details_says_what_to_enter(unit, draft):
    response = unit.post(url("edit_question_set", draft.pk))
    assert errors(response) == [
        "Enter the title",
        "Enter the version",
        "Enter the notice that asks people not to name anyone",
    ]


def test_a_section_is_added_changed_and_removed(unit, draft):
    response = unit.post(url("add_section", draft.pk), {"kind": "standard", "title": "Third"})
    assert response["Location"].endswith("#section-S3")
    third = draft.sections.get(code="S3")
    address = url("edit_section", draft.pk, third.pk)
    data = {"loaded": fingerprint(third), "kind": "standard", "title": "The third", "introduction": "On what."}
    assert unit.post(address, data).status_code == 302
    third.refresh_from_db()
    assert (third.title, third.introduction) == ("The third", "On what.")
    assert unit.post(url("remove_section", draft.pk, third.pk)).status_code == 302
    assert not draft.sections.filter(code="S3").exists()


def test_a_section_needs_a_kind_and_a_title(unit, draft):
    response = unit.post(url("add_section", draft.pk), {"kind": "about_you"})
    assert errors(response) == ["Select one of the options", "Enter the title of the section"]
    response = unit.post(url("add_section", draft.pk))
    assert errors(response)[0] == "Select what kind of section it is"


def test_removing_a_section_says_how_many_questions_go_with_it(unit, draft):
    shown = page(unit, "remove_section", draft.pk, draft.sections.get(code="S1").pk)
    assert "Questions that are removed with it: 4." in shown.text("main")
    assert draft.sections.filter(code="S1").exists()


def test_saving_a_question_as_it_is_shown_changes_nothing(unit, draft):
    before = services.export(draft)
    for asked in draft.questions.all():
        assert save(unit, asked).status_code == 302, asked
    assert services.export(draft) == before


def test_saving_the_questions_of_a_survey_as_they_are_shown_changes_nothing(unit):
    survey = staff_survey(published=False)
    before = services.export(survey)
    for asked in survey.questions.all():
        assert save(unit, asked).status_code == 302, asked
    assert services.export(survey) == before


def test_a_question_is_reworded_and_its_page_comes_back_to_it(unit, draft):
    response = save(unit, question(draft, "1.1"), text="All in other words.", guidance="Line one\r\nLine two")
    assert response["Location"] == f"{url('question_set', draft.pk)}#question-1.1"
    saved = question(draft, "1.1")
    assert (saved.text, saved.guidance, saved.key) == ("All in other words.", "Line one\nLine two", "culture")


def test_a_new_question_is_offered_the_next_number(unit, draft):
    section = draft.sections.get(code="S1")
    shown = page(unit, "add_question", draft.pk, section.pk)
    assert shown.one("#id_code").get("value") == "1.5"
    assert shown.one("#id_scored").get("checked") is not None


def test_a_new_question_with_answers_of_its_own_leads_to_them(unit, draft):
    section = draft.sections.get(code="S1")
    data = {"text": "How often?", "section_id": section.pk, "code": "1.5", "answer_type": "choice", "scored": "on"}
    response = unit.post(url("add_question", draft.pk, section.pk), data)
    made = question(draft, "1.5")
    assert response["Location"] == url("scale", draft.pk, made.scale.pk)
    assert "No answers yet. Add at least two." in page(unit, "scale", draft.pk, made.scale.pk).text("main")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": ""}, "Enter the question"),
        ({"code": ""}, "Enter the number of the question"),
        ({"code": "1.2"}, "There is a question 1.2 already: give this one another number"),
        ({"section_id": "0"}, "Select one of the options"),
        ({"answer_type": ""}, "Select how the question is answered"),
        ({"answer_type": "likert5"}, "Select one of the options"),
        ({"answer_type": "percent", "amber_below": "101"}, "Amber below, in per cent must be from 1 to 100"),
        ({"answer_type": "percent", "amber_below": "x"}, "Amber below, in per cent must be a whole number"),
        (
            {"answer_type": "percent", "amber_below": "50", "red_below": "60"},
            "Red below must not be above amber below",
        ),
        ({"answer_type": "date", "max_age_days": "0"}, "Oldest date, in days must be from 1 to 3,650"),
        ({"answer_type": "text", "critical": "", "scored": ""}, "Enter the longest text, in characters"),
        ({"scored": ""}, "A question that does not count cannot be critical"),
        ({"staff_twins": "Q1, Q 9!"}, "“9!” is not the number of a question. Enter numbers like Q1 or 1.3"),
        ({"text": "x" * 1001}, "Your answer must be 1000 characters or fewer. It has 1001"),
    ],
)
def test_every_mistake_in_a_question_is_told_in_a_sentence(unit, draft, changes, message):
    asked = question(draft, "1.1")
    data = question_data(asked)
    data = {name: value for name, value in (data | changes).items() if value != ""}
    response = unit.post(url("edit_question", draft.pk, asked.pk), data)
    assert errors(response) == [message]
    assert question(draft, "1.1").text == "Staff assume that harm could happen here."


def test_only_the_questions_of_a_standard_count(unit, draft):
    response = save(unit, question(draft, "Z1"), scored="on")
    assert errors(response) == ["Only the questions of a standard count: clear this box"]


def test_what_belongs_to_another_answer_type_is_dropped_even_if_it_is_wrong(unit, draft):
    response = save(unit, question(draft, "1.3"), answer_type="yes_no", max_age_days="wrong", max_length="-1")
    assert response.status_code == 302
    saved = question(draft, "1.3")
    assert (saved.amber_below, saved.red_below, saved.max_age_days, saved.max_length) == (None, None, None, None)


def test_the_rows_of_a_grid_are_written_one_to_a_line(unit):
    survey = staff_survey(published=False)
    grid = question(survey, "Q5")
    assert save(unit, grid, rows="neglect: Signs of neglect\r\n\r\nOnline harm").status_code == 302
    assert question(survey, "Q5").rows == [["neglect", "Signs of neglect"], ["online_harm", "Online harm"]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", "Enter the rows, one to a line"),
        ("a: One\na: Two", "Two rows have the code “a”. Give each its own"),
        ("Not a code: One", "“Not a code: One” must be a code of small letters"),
        ("a:", "“a:” must be a code of small letters"),
    ],
)
def test_every_mistake_in_the_rows_of_a_grid_is_told(unit, rows, message):
    response = save(unit, question(staff_survey(published=False), "Q5"), rows=rows)
    assert errors(response)[0].startswith(message)


def test_a_survey_has_no_fields_that_only_a_return_has(unit):
    survey = staff_survey(published=False)
    shown = page(unit, "edit_question", survey.pk, question(survey, "Q1").pk)
    names = {field.get("name") for field in shown.all("main input, main select, main textarea")}
    assert {"text", "answer_type", "links", "rows"} <= names
    assert not names & {"scored", "critical", "applies_when", "evidence_prompt", "staff_twins", "sets_flag"}


def test_whoever_saves_second_is_shown_both_texts_and_may_save_again(unit, draft, ursula):
    asked = question(draft, "1.1")
    mine = question_data(asked, text="As I have it.", reference="My reference")
    edits.edit_question(asked, by=ursula, loaded=fingerprint(asked), text="As they have it.", critical=False)
    address = url("edit_question", draft.pk, asked.pk)
    response = unit.post(address, mine)
    assert "Somebody else changed this while you were working on it" in errors(response)[0]
    shown = Markup(response.content)
    assert shown.text("#id_text") == "As I have it."
    assert shown.texts(".hscp-theirs dt") == ["Question", "It is critical", "Reference (optional)"]
    assert shown.texts(".hscp-theirs dd") == ["As they have it.", "No", "KCSIE Part two"]
    assert question(draft, "1.1").text == "As they have it."
    mine["loaded"] = shown.one('input[name="loaded"]').get("value")
    assert unit.post(address, mine).status_code == 302
    assert question(draft, "1.1").text == "As I have it."


def test_what_was_typed_when_a_session_ended_comes_back_after_signing_in(client, ursula, draft):
    asked = question(draft, "1.1")
    address = url("edit_question", draft.pk, asked.pk)
    response = client.post(address, question_data(asked, text="Typed before the session ended."))
    assert response.status_code == 302
    client.force_login(ursula)
    _, _, back = response["Location"].partition("next=")
    shown = Markup(client.get(back.replace("%2F", "/").replace("%3F", "?").replace("%3D", "=")).content)
    assert shown.text("#id_text") == "Typed before the session ended."


def test_what_somebody_has_removed_cannot_be_saved_and_the_page_says_so(unit, draft, ursula):
    asked = question(draft, "1.2")
    data, address = question_data(asked), url("edit_question", draft.pk, asked.pk)
    edits.remove_question(asked, by=ursula)
    assert unit.post(address, data).status_code == 404


def test_a_question_is_removed_after_a_question(unit, draft):
    asked = question(draft, "1.2")
    assert asked.text in page(unit, "remove_question", draft.pk, asked.pk).text("main")
    response = unit.post(url("remove_question", draft.pk, asked.pk))
    assert banner(unit, response) == "The question has been removed"
    assert not draft.questions.filter(code="1.2").exists()


def test_the_numbers_of_a_section_are_put_in_order(unit, draft, ursula):
    edits.move_question(question(draft, "1.1"), by=ursula, up=False)
    section = draft.sections.get(code="S1")
    response = unit.post(url("number_questions", draft.pk, section.pk))
    assert banner(unit, response) == "2 numbers changed"
    assert question(draft, "1.1").key == "lead-governor"


# --- Order by buttons -----------------------------------------------------------------------------------------------


def press(client, name, row, direction):
    return client.post(url(name, row.question_set_id, row.pk), {"direction": direction})


def test_a_moved_question_comes_back_to_the_button_that_moved_it(unit, draft):
    asked = question(draft, "1.1")
    response = press(unit, "move_question", asked, "down")
    assert response["Location"] == f"{url('question_set', draft.pk)}#down-question-{asked.pk}"
    assert page(unit, "question_set", draft.pk).one(f"#down-question-{asked.pk}").get("value") == "down"
    codes = draft.questions.filter(section__code="S1").values_list("code", flat=True)
    assert list(codes) == ["1.2", "1.1", "1.3", "1.4"]


def test_at_an_end_it_comes_back_to_the_other_button(unit, draft):
    asked = question(draft, "1.2")
    response = press(unit, "move_question", asked, "up")
    assert response["Location"].endswith(f"#down-question-{asked.pk}")
    shown = page(unit, "question_set", draft.pk)
    assert not shown.all(f"#up-question-{asked.pk}")
    assert shown.one(f"#down-question-{asked.pk}") is not None


def test_sections_and_answers_are_moved_by_buttons_too(unit, draft):
    section = draft.sections.get(code="S1")
    assert press(unit, "move_section", section, "down")["Location"].endswith(f"#down-section-{section.pk}")
    assert list(draft.sections.values_list("code", flat=True)) == ["C", "S2", "S1", "Z"]
    scale = question(draft, "1.4").scale
    option = scale.options.get(code="less_often")
    response = press(unit, "move_option", option, "up")
    assert response["Location"] == f"{url('scale', draft.pk, scale.pk)}#up-option-{option.pk}"
    assert list(scale.options.values_list("code", flat=True)) == ["every_term", "less_often", "yearly"]


def test_nothing_is_moved_by_following_a_link_or_in_no_direction(unit, draft):
    asked = question(draft, "1.1")
    assert unit.get(url("move_question", draft.pk, asked.pk)).status_code == 405
    assert unit.post(url("move_question", draft.pk, asked.pk)).status_code == 400
    assert press(unit, "move_question", asked, "sideways").status_code == 400


# --- Answers to choose ----------------------------------------------------------------------------------------------


def test_an_answer_is_added_changed_and_removed(unit, draft):
    scale = question(draft, "1.4").scale
    data = {"label": "Twice a year", "rag": "green", "scored": "on"}
    response = unit.post(url("add_option", draft.pk, scale.pk), data)
    assert response["Location"] == url("scale", draft.pk, scale.pk)
    option = scale.options.get(code="twice_a_year")
    data |= {"loaded": fingerprint(option), "label": "Two times a year", "help": "In autumn and in spring"}
    assert unit.post(url("edit_option", draft.pk, option.pk), data).status_code == 302
    option.refresh_from_db()
    assert (option.label, option.help) == ("Two times a year", "In autumn and in spring")
    assert unit.post(url("remove_option", draft.pk, option.pk)).status_code == 302
    assert not scale.options.filter(code="twice_a_year").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Enter the answer as people will see it"),
        ({"label": "A", "rag": "green", "action_required": "on"}, "Only an amber or red answer can ask for an action"),
        ({"label": "A", "rag": "red", "urgent": "on"}, "Only what asks for an action can be urgent"),
        ({"label": "A", "rag": "red", "scored": ""}, "An answer that does not count has no colour"),
    ],
)
def test_every_mistake_in_an_answer_is_told(unit, draft, data, message):
    scale = question(draft, "1.4").scale
    sent = {name: value for name, value in ({"scored": "on"} | data).items() if value}
    assert errors(unit.post(url("add_option", draft.pk, scale.pk), sent)) == [message]


def test_the_answers_that_many_questions_share_are_said_to_be_shared(unit, draft):
    scale = draft.scales.get(code="rating4")
    shown = page(unit, "scale", draft.pk, scale.pk)
    assert shown.text("h1") == "Answers: Four levels"
    assert "3 questions are answered with these: 1.1, 2.4, Z1. A change here changes them all." in shown.text("main")
    assert not shown.all(f'a[href="{url("add_option", draft.pk, scale.pk)}"]')
    response = unit.post(url("add_option", draft.pk, scale.pk), {"label": "Unknown", "scored": "on"})
    assert errors(response) == ["These answers can be reworded, but none can be added or taken away."]


def test_only_a_question_of_knowledge_has_a_right_answer(unit):
    survey = staff_survey(published=False)
    for code, has_right_answer in (("Q7", True), ("A1", False)):
        shown = page(unit, "add_option", survey.pk, question(survey, code).scale.pk)
        assert bool(shown.all('[name="correct"]')) == has_right_answer
        assert not shown.all('[name="rag"]')


# --- Preview --------------------------------------------------------------------------------------------------------


def asked_of(client, question_set, query):
    """The numbers of the questions that the preview says are not asked."""
    shown = page(client, "preview_question_set", question_set.pk, query=query)
    return " ".join(shown.texts(".govuk-task-list__hint"))


def test_without_a_choice_every_question_is_shown(unit, published):
    shown = page(unit, "preview_question_set", published.pk)
    assert "17 questions." in shown.text("main")
    assert asked_of(unit, published, "") == ""


@pytest.mark.parametrize(
    ("query", "spared"),
    [
        ("?kind=primary", "Not asked: 2.5"),
        ("?kind=primary&says=lets_premises", ""),
        ("?kind=secondary", "Not asked: 2.4, 2.5"),
        ("?kind=other&flags=has_early_years", "Not asked: 2.5"),
        ("?kind=other", "Not asked: 2.4, 2.5"),
        ("?kind=secondary&flags=has_early_years", "Not asked: 2.4, 2.5"),
    ],
)
def test_a_school_of_some_kind_is_spared_what_is_not_for_it(unit, published, query, spared):
    assert asked_of(unit, published, query) == spared


def test_a_section_is_shown_with_the_fields_that_a_school_fills_in(unit, published):
    section = published.sections.get(code="S2")
    shown = page(unit, "preview_section", published.pk, section.pk, query="?kind=secondary&says=lets_premises")
    assert shown.texts(".hscp-question__number") == ["2.1", "2.2", "2.3", "2.5", "2.6"]
    assert "as seen by: secondary academy without a sixth form" in shown.text("main")
    assert len(shown.all('[id="question-2.5"] input[type="radio"]')) == 2
    assert "Minute reference" in shown.text('[id="question-2.1"]')


def test_a_preview_can_neither_be_sent_nor_saved(unit, published):
    for section in published.sections.all():
        address = url("preview_section", published.pk, section.pk)
        shown = Markup(unit.get(address).content)
        assert not shown.all("main form")
        assert not shown.all("main button")
        assert unit.post(address).status_code == 405


def test_every_section_leads_to_the_next_one_with_the_same_kind_of_school(unit, published):
    first, second = published.sections.all()[:2]
    shown = page(unit, "preview_section", published.pk, first.pk, query="?kind=primary")
    following = url("preview_section", published.pk, second.pk)
    assert shown.one("main .hscp-section__end a.govuk-button").get("href") == f"{following}?kind=primary"


def test_an_unknown_kind_of_school_is_told_and_has_no_sections(unit, published):
    response = unit.get(url("preview_question_set", published.pk) + "?kind=castle")
    assert errors(response) == ["Select one of the options"]
    section = published.sections.get(code="S1")
    assert unit.get(url("preview_section", published.pk, section.pk) + "?kind=castle").status_code == 404


def test_a_section_with_nothing_to_ask_is_not_a_page(unit, published):
    draft = services.load(replace(services.export(published), version="early"), by=None)
    draft.questions.filter(section__code="Z").update(applies_when="has_boarding")
    closing = draft.sections.get(code="Z")
    assert unit.get(url("preview_section", draft.pk, closing.pk) + "?kind=primary").status_code == 404
    shown = page(unit, "preview_question_set", draft.pk, query="?kind=primary")
    assert not any(f"/{closing.pk}/" in link.get("href") for link in shown.all(".govuk-task-list a"))


def test_the_staff_survey_is_shown_as_staff_see_it(unit):
    survey = staff_survey()
    assert not page(unit, "preview_question_set", survey.pk).all('[name="kind"]')
    shown = page(unit, "preview_section", survey.pk, survey.sections.get(code="Q").pk)
    grid = question(survey, "Q5")
    assert shown.texts(f'[aria-label="Question {grid.code}"] fieldset fieldset legend') == [
        label for _, label in grid.rows
    ]
    assert "I am not sure" in shown.text('[aria-label="Question Q7"]')
    assert shown.one('[aria-label="Question Q15"] textarea') is not None


def test_typical_schools_have_the_flags_that_the_rules_give_to_real_ones():
    flags = {kind.code: {flag.value for flag in kind.flags} for kind in SCHOOL_KINDS}
    assert flags["primary"] == {"has_early_years", "is_state_funded"}
    assert flags["boarding"] == {"has_boarding", "has_sixth_form", "is_independent", "is_secondary_age"}
    assert "is_special_or_ap" in flags["special"]
    assert flags["college"] >= {"has_sixth_form", "is_secondary_age", "is_state_funded"}
    assert all(kind.flags == flags_of(kind) for kind in SCHOOL_KINDS)


# --- Words ----------------------------------------------------------------------------------------------------------


def test_every_answer_type_has_a_hint_and_every_scale_a_name(published):
    assert set(TYPE_HINTS) == set(AnswerType)
    names = {scale.code: scale_name(scale) for scale in published.scales.all() if scale.is_shared}
    assert names == {
        "rating4": "Four levels",
        "yes_no": "Yes or no",
        "yes_no_na": "Yes, no or not applicable",
    }


def test_where_an_answer_is_filled_in_from_is_said_in_words(published):
    assert ("Filled in from", "The national register (GIAS)") in facts(question(published, "C1"))
    assert prefill_words("context_C2") == "The answer to question C2"


def test_what_an_answer_does_is_said_in_words(published):
    options = {option.code: option for option in question(published, "2.2").options}
    assert option_notes(options["na"]) == ["a reason is required", "not scored"]
    assert option_notes(options["no"]) == ["an action is required"]
