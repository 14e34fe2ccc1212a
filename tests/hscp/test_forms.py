"""The markup of every kind of question, the error summary, the page of a single question."""

from datetime import date
from importlib import import_module

import pytest
from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Layout, Submit
from django import forms
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.module_loading import module_has_submodule

from hscp.lib.forms import (
    GovukDateField,
    GovukFilterForm,
    GovukForm,
    GovukFormMixin,
    GovukModelForm,
    LongTextField,
    Reveal,
    fields_without_own_error,
)
from partnership.models import User
from tests.markup import Markup

RATINGS = [
    Choice("met", "Met", hint="In place and reviewed"),
    Choice("not", "Not met", divider="or"),
    Choice("na", "None"),
]


class EveryKind(GovukForm):
    title = "Every kind of question"
    name = forms.CharField(label="Name", help_text="As on the register", error_messages={"required": "Enter the name"})
    email = forms.EmailField(label="Email", error_messages={"required": "Enter an email address"})
    secret = forms.CharField(
        label="Password", widget=forms.PasswordInput, error_messages={"required": "Enter your password"}
    )
    staff = forms.IntegerField(label="Staff", min_value=0, max_value=9, error_messages={"required": "Enter how many"})
    seen = GovukDateField(label="Date of the visit", help_text="For example, 27 3 2025")
    phase = forms.ChoiceField(
        label="Phase", choices=[("", "---------"), ("p", "Primary")], error_messages={"required": "Select a phase"}
    )
    rating = forms.ChoiceField(
        label="Is it met?", choices=RATINGS, widget=forms.RadioSelect, error_messages={"required": "Select a rating"}
    )
    topics = forms.MultipleChoiceField(
        label="Topics",
        choices=[("a", "Neglect"), ("b", "Online safety")],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select a topic"},
    )
    evidence = LongTextField(label="Evidence", max_length=50, error_messages={"required": "Enter the evidence"})
    policy = forms.FileField(label="Policy", error_messages={"required": "Select a file"})
    agree = forms.BooleanField(
        label="I agree", help_text="It is binding", error_messages={"required": "Select to agree"}
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False)


class OneQuestion(GovukForm):
    submit_text = "Send response"
    response = LongTextField(label="What is the board’s response?", error_messages={"required": "Enter the response"})


class OneChoice(GovukForm):
    answer = forms.ChoiceField(
        label="Do you agree?",
        choices=[("y", "Yes"), ("n", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select yes if you agree"},
    )


def drawn(form):
    """The form as its page shows it."""
    return Markup(Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form})))


def summary(form):
    """The error summary as pairs of where a line leads to and what it says."""
    page = Markup(render_to_string("gds/layout/error_summary.html", {"form": form}))
    lines = zip(page.all("li a"), page.texts("li a"), strict=True)
    return [(link.get("href"), text) for link, text in lines]


@pytest.fixture
def empty():
    return drawn(EveryKind())


@pytest.fixture
def wrong():
    return drawn(EveryKind({"name": "", "email": "nobody", "staff": "12", "seen_day": "31", "seen_month": "6"}))


# --- Each kind of question -------------------------------------------------------------------------------------------


def test_a_text_question_ties_its_label_and_hint_to_the_input(empty):
    box = empty.one("#id_name")
    assert box.get("class") == "govuk-input"
    assert box.get("aria-describedby") == "id_name_helptext"
    assert empty.text("label[for=id_name]") == "Name"
    assert empty.text("#id_name_helptext") == "As on the register"


def test_a_question_in_error_is_marked_and_read_out_with_its_error(wrong):
    box = wrong.one("#id_name")
    assert box.get("class") == "govuk-input govuk-input--error"
    assert box.get("aria-describedby") == "id_name_helptext id_name_error"
    assert wrong.text("#id_name_error") == "Error: Enter the name"
    assert wrong.one(".govuk-form-group--error > #id_name") is not None


@pytest.mark.parametrize(
    ("field", "classes"),
    [
        ("id_email", "govuk-input govuk-input--error"),
        ("id_secret", "govuk-input govuk-input--error govuk-password-input__input govuk-js-password-input-input"),
        ("id_staff", "govuk-input govuk-input--error govuk-input--width-5"),
        ("id_phase", "govuk-select govuk-select--error"),
        ("id_evidence", "govuk-textarea govuk-textarea--error govuk-js-character-count"),
        ("id_policy", "govuk-file-upload govuk-file-upload--error"),
        ("id_agree", "govuk-checkboxes__input"),
    ],
)
def test_every_kind_of_input_shows_its_error_in_its_own_class(wrong, field, classes):
    assert wrong.one(f"#{field}").get("class") == classes


def test_an_email_address_is_typed_as_one_and_not_spell_checked(empty):
    box = empty.one("#id_email")
    assert (box.get("type"), box.get("autocomplete"), box.get("spellcheck")) == ("email", "email", "false")


def test_a_password_can_be_shown_and_is_never_sent_back(wrong):
    box = wrong.one("#id_secret")
    assert (box.get("type"), box.get("autocomplete")) == ("password", "current-password")
    assert (box.get("spellcheck"), box.get("autocapitalize")) == ("false", "none")
    assert "value" not in box.attrib
    assert wrong.one(".govuk-password-input[data-module=govuk-password-input]") is not None
    assert wrong.one("button.govuk-password-input__toggle").get("aria-controls") == "id_secret"


def test_a_number_is_typed_in_a_text_box_with_a_number_pad(empty):
    box = empty.one("#id_staff")
    assert (box.get("type"), box.get("inputmode")) == ("text", "numeric")
    assert not {"min", "max", "step"} & set(box.attrib)


def test_a_date_has_three_boxes_in_a_group(empty):
    group = empty.one("fieldset[role=group]")
    assert group.get("aria-describedby") == "id_seen_helptext"
    assert empty.texts("fieldset[role=group] label") == ["Day", "Month", "Year"]
    assert [box.get("name") for box in empty.all(".govuk-date-input__input")] == ["seen_day", "seen_month", "seen_year"]
    assert {box.get("inputmode") for box in empty.all(".govuk-date-input__input")} == {"numeric"}


def test_only_the_wrong_box_of_a_date_is_marked(wrong):
    marked = [box.get("name") for box in wrong.all(".govuk-date-input__input.govuk-input--error")]
    assert marked == ["seen_year"]
    assert wrong.one("#id_seen_day").get("value") == "31"


def test_a_date_known_before_fills_its_boxes():
    page = drawn(EveryKind(initial={"seen": date(2025, 3, 7)}))
    assert [box.get("value") for box in page.all(".govuk-date-input__input")] == ["7", "3", "2025"]


def test_the_blank_line_of_a_drop_down_reads_as_words(empty):
    assert empty.texts("#id_phase option") == ["Select an option", "Primary"]


def test_radio_buttons_stand_in_a_fieldset_with_hints_and_a_divider(empty):
    assert empty.text("fieldset:has(#id_rating) legend") == "Is it met?"
    assert [box.get("id") for box in empty.all("[name=rating]")] == ["id_rating", "id_rating_2", "id_rating_3"]
    assert empty.one("#id_rating").get("aria-describedby") == "id_rating_hint"
    assert empty.text("#id_rating_hint") == "In place and reviewed"
    assert empty.text(".govuk-radios__divider") == "or"
    assert empty.one("div[data-module=govuk-radios]").get("class") == "govuk-radios"


def test_a_choice_made_before_is_checked():
    page = drawn(EveryKind(initial={"rating": "na", "topics": ["b"]}))
    assert [box.get("value") for box in page.all("input[checked]")] == ["na", "b"]


def test_nothing_is_checked_at_first(empty):
    assert empty.all("input[checked]") == []


def test_a_fieldset_in_error_is_described_by_its_error(wrong):
    assert wrong.one("fieldset:has(#id_topics)").get("aria-describedby") == "id_topics_error"
    assert wrong.text("#id_topics_error") == "Error: Select a topic"


def test_a_long_text_shows_how_much_is_left_and_never_cuts_off_what_is_pasted(empty):
    box = empty.one("#id_evidence")
    assert "maxlength" not in box.attrib
    assert box.get("aria-describedby") == "id_evidence-info"
    assert empty.text("#id_evidence-info") == "You can enter up to 50 characters"
    assert empty.one("[data-module=govuk-character-count]").get("data-maxlength") == "50"
    assert empty.one(".govuk-character-count #id_evidence") is not None


def test_a_single_checkbox_has_its_label_and_hint_beside_it(empty):
    assert empty.text("label[for=id_agree]") == "I agree"
    assert empty.text("#id_agree_helptext") == "It is binding"
    assert empty.one(".govuk-checkboxes__item #id_agree").get("aria-describedby") == "id_agree_helptext"


def test_a_hidden_field_has_no_label(empty):
    assert empty.one("#id_token").get("type") == "hidden"
    assert not empty.all("label[for=id_token]")


def test_labels_and_options_are_escaped():
    class Hostile(GovukForm):
        name = forms.CharField(label="<b>Name</b>", required=False)
        pick = forms.ChoiceField(choices=[("<i>", "<i>One</i>")], widget=forms.RadioSelect, required=False)

    page = drawn(Hostile())
    assert not page.all("b")
    assert not page.all("i")


def test_no_browser_message_hides_ours(empty):
    assert not empty.all("[required]")
    assert empty.one("form").get("novalidate") is not None


def test_a_form_with_a_file_is_sent_as_parts(empty):
    assert empty.one("form").get("enctype") == "multipart/form-data"


# --- Submitting ------------------------------------------------------------------------------------------------------


def test_the_form_ends_in_a_button_that_cannot_be_pressed_twice_by_mistake():
    button = drawn(OneQuestion()).one("button")
    assert button.get("type") == "submit"
    assert button.get("data-prevent-double-click") == "true"
    # A button named "submit" would stand in the way of form.submit(), which passkeys use.
    assert not {"name", "id"} & set(button.attrib)


def test_a_second_button_says_which_was_pressed():
    form = OneQuestion()
    form.helper.add_input(Submit("later", "Save for later", css_class="govuk-button--secondary"))
    button = drawn(form).one("button[name=later]")
    assert button.get("class") == "govuk-button govuk-button--secondary"
    assert button.get("value") == "Save for later"


def test_what_cannot_be_undone_has_a_warning_button():
    class Remove(GovukForm):
        submit_text, submit_style = "Remove", "warning"

    assert drawn(Remove()).one("button").get("class") == "govuk-button govuk-button--warning"


def test_a_page_may_write_the_form_element_itself():
    template = Template("{% load crispy_forms_tags %}{% crispy form form.fields_only %}")
    page = Markup(template.render(Context({"form": OneQuestion()})))
    assert page.one("#id_response") is not None
    assert not page.all("form, button")


# --- Errors ----------------------------------------------------------------------------------------------------------


def test_the_summary_leads_to_each_wrong_input_in_the_order_of_the_page():
    form = EveryKind({"rating": "met", "seen_day": "3", "seen_month": "3", "email": "ann@example.org", "staff": "1"})
    assert summary(form) == [
        ("#id_name", "Enter the name"),
        ("#id_secret", "Enter your password"),
        ("#id_seen_year", "Date of the visit must include a year"),
        ("#id_phase", "Select a phase"),
        ("#id_topics", "Select a topic"),
        ("#id_evidence", "Enter the evidence"),
        ("#id_policy", "Select a file"),
        ("#id_agree", "Select to agree"),
    ]


def test_every_line_of_the_summary_leads_to_an_input_on_the_page():
    form = EveryKind({"seen_day": "3"})
    page = drawn(form)
    for target, _ in summary(form):
        assert page.one(target).tag in {"input", "select", "textarea"}


def test_an_empty_date_leads_to_its_day():
    assert ("#id_seen_day", "Enter the date of the visit") in summary(EveryKind({}))


def test_an_error_of_the_whole_form_leads_to_its_first_question():
    form = OneQuestion({"response": "Yes"})
    form.add_error(None, "The board has answered already")
    assert summary(form) == [("#id_response", "The board has answered already")]


def test_an_error_of_a_hidden_field_is_not_lost():
    form = EveryKind({"name": "Oak Lane"})
    form.add_error("token", "This page is out of date")
    assert summary(form)[0] == ("#id_name", "This page is out of date")


def test_the_summary_has_the_present_markup_of_the_design_system():
    page = Markup(render_to_string("gds/layout/error_summary.html", {"form": OneQuestion({})}))
    outer = page.one(".govuk-error-summary")
    assert dict(outer.attrib) == {"class": "govuk-error-summary", "data-module": "govuk-error-summary"}
    assert page.text(".govuk-error-summary > [role=alert] > h2") == "There is a problem"


@pytest.mark.parametrize("form", [OneQuestion(), OneQuestion({"response": "Yes"})])
def test_there_is_no_summary_without_errors(form):
    assert render_to_string("gds/layout/error_summary.html", {"form": form}).strip() == ""


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        ({"email": "nobody"}, "email", "Enter an email address in the correct format, like name@example.com"),
        ({"staff": "many"}, "staff", "Enter a whole number"),
        ({"staff": "10"}, "staff", "Enter a number that is 9 or less"),
        ({"staff": "-1"}, "staff", "Enter a number that is 0 or more"),
        ({"rating": "lovely"}, "rating", "Select one of the options"),
        ({"evidence": "x" * 51}, "evidence", "Your answer must be 50 characters or fewer. It has 51"),
    ],
)
def test_what_else_may_be_wrong_is_said_plainly(data, field, message):
    assert EveryKind(data).errors[field] == [message]


def test_an_empty_file_is_refused_plainly():
    form = EveryKind({}, {"policy": SimpleUploadedFile("policy.pdf", b"")})
    assert form.errors["policy"] == ["The selected file is empty"]


def test_a_decimal_number_is_asked_for_as_such():
    class Share(GovukForm):
        share = forms.DecimalField(error_messages={"required": "Enter the share"})

    assert Share({"share": "half"}).errors["share"] == ["Enter a number"]


def test_a_message_that_a_field_names_itself_wins():
    class Own(GovukForm):
        age = forms.IntegerField(error_messages={"required": "Enter the age", "invalid": "Enter the age in years"})

    assert Own({"age": "old"}).errors["age"] == ["Enter the age in years"]


# --- The heading -----------------------------------------------------------------------------------------------------


def page_of(form, rf, **context):
    return Markup(render_to_string("form_page.html", {"form": form, **context}, rf.get("/")))


@pytest.mark.parametrize(
    ("form", "heading", "place"),
    [
        (OneQuestion(), "What is the board’s response?", "h1 label[for=id_response].govuk-label--l"),
        (OneChoice(), "Do you agree?", "legend.govuk-fieldset__legend--l h1"),
        (EveryKind(), "Every kind of question", "h1.govuk-heading-l"),
    ],
)
def test_a_page_has_one_h1_and_a_single_question_is_its_own(rf, form, heading, place):
    page = page_of(form, rf)
    assert page.texts("h1") == [heading]
    assert page.text(place) == heading
    assert page.text("title").startswith(f"{heading} – ")


def test_the_title_of_a_page_in_error_says_so_by_itself(rf):
    assert page_of(OneQuestion({}), rf).text("title").startswith("Error: What is the board’s response? – ")


def test_the_page_may_give_the_heading_the_caption_and_the_way_back(rf):
    page = page_of(EveryKind(), rf, heading="Visit", caption="Oak Lane", back_url="/schools/", cancel_url="/away/")
    assert page.text("h1") == "Visit"
    assert page.text(".govuk-caption-l") == "Oak Lane"
    assert page.one(".govuk-back-link").get("href") == "/schools/"
    assert page.one(".govuk-button-group a").get("href") == "/away/"


def test_a_lone_checkbox_does_not_head_its_page():
    class Confirm(GovukForm):
        title = ""
        sure = forms.BooleanField(label="I am sure", error_messages={"required": "Select to confirm"})

    assert Confirm().question is None


# --- Showing more under an option ------------------------------------------------------------------------------------


class Revealing(GovukForm):
    title = "Rating"
    rating = forms.ChoiceField(choices=RATINGS, widget=forms.RadioSelect, error_messages={"required": "Select one"})
    action = forms.CharField(label="What will you do?", required=False)
    due = GovukDateField(label="By when", required=False)

    def layout(self):
        return Layout(Reveal("rating", {"not": ["action", "due"]}))


def test_fields_are_shown_under_the_option_that_calls_for_them():
    page = drawn(Revealing())
    assert page.one("#id_rating_2").get("data-aria-controls") == "id_rating_2_more"
    assert "data-aria-controls" not in page.one("#id_rating").attrib
    revealed = page.one("#id_rating_2_more")
    assert revealed.get("class") == "govuk-radios__conditional govuk-radios__conditional--hidden"
    assert page.one("#id_rating_2_more #id_action") is not None
    assert page.one("#id_rating_2_more #id_due_day") is not None


def test_they_are_open_when_the_option_is_chosen():
    page = drawn(Revealing({"rating": "not"}))
    assert page.one("#id_rating_2_more").get("class") == "govuk-radios__conditional"


# --- Filters ---------------------------------------------------------------------------------------------------------


class Filters(GovukFilterForm):
    name = forms.CharField(required=False)
    phase = forms.ChoiceField(choices=[("", "All"), ("p", "Primary")], required=False)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)


def test_filters_are_sent_in_the_address_without_a_token():
    page = drawn(Filters({"name": "oak"}))
    assert page.one("form").get("method") == "get"
    assert not page.all("[name=csrfmiddlewaretoken]")
    assert not page.all("h1")


@pytest.mark.parametrize(
    ("query", "count"), [({}, 0), ({"name": "oak"}, 1), ({"name": "oak", "phase": "p"}, 2), ({"sort": "name"}, 0)]
)
def test_filters_in_use_are_counted_and_an_order_is_no_filter(query, count):
    assert Filters(query).active_count == count


# --- Forms of rows, and every form of the project --------------------------------------------------------------------


class NameForm(GovukModelForm):
    class Meta:
        model = User
        fields = ("name",)
        error_messages = {"name": {"required": "Enter your name"}}


def test_a_form_of_a_row_is_drawn_the_same_way():
    page = drawn(NameForm())
    assert page.text("h1 label") == "Name"
    assert "maxlength" not in page.one("#id_name").attrib


def test_choices_from_the_database_cost_no_query_to_dress(django_assert_num_queries, db):
    class Pick(GovukForm):
        person = forms.ModelChoiceField(User.objects.all(), error_messages={"required": "Select a person"})
        people = forms.ModelMultipleChoiceField(User.objects.all(), error_messages={"required": "Select people"})

    with django_assert_num_queries(0):
        assert Pick().fields["person"].empty_label == "---------"
        form = Pick()
        assert form.helper is not None
        assert form.fields["person"].empty_label == "Select an option"
        form.full_clean()


def test_a_required_field_without_words_of_its_own_is_found():
    class Silent(GovukForm):
        name = forms.CharField()
        email = forms.EmailField(error_messages={"invalid": "Enter an email address"})
        spoken = forms.CharField(error_messages={"required": "Enter it"})
        optional = forms.CharField(required=False)
        hidden = forms.CharField(widget=forms.HiddenInput)
        seen = GovukDateField(label="Date of the visit")

    assert fields_without_own_error(Silent) == ["name", "email"]
    assert fields_without_own_error(Silent()) == ["name", "email"]


def every_form():
    """Every form class of the portal, wherever an app declares it."""
    for config in apps.get_app_configs():
        for name in ("forms", "account_forms", "filters"):
            if module_has_submodule(config.module, name):
                import_module(f"{config.name}.{name}")
    return {form for form in subclasses(GovukFormMixin) if not form.__module__.startswith(("tests.", "hscp.lib."))}


def subclasses(kind):
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def built(kind):
    """The form as a page would have it, or its class if it cannot be built from nothing."""
    try:
        return kind()
    except (TypeError, KeyError):
        return kind


def test_every_required_field_of_every_form_says_what_to_enter(db):
    kinds = [kind for kind in every_form() if hasattr(kind, "base_fields")]
    assert len(kinds) > 10
    silent = {kind.__qualname__: fields_without_own_error(built(kind)) for kind in kinds}
    assert {name: fields for name, fields in silent.items() if fields} == {}
