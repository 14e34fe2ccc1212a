"""The forms of the portal: GOV.UK markup, wording and behaviour, so that a form says only what is its own."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from crispy_forms.utils import render_field
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Submit
from django import forms
from django.forms import BaseForm, BoundField
from django.utils.choices import CallableChoiceIterator
from django.utils.safestring import SafeString, mark_safe

from hscp.lib.fields import GovukDateField, LongTextField

__all__ = [
    "GovukDateField",
    "GovukFilterForm",
    "GovukForm",
    "GovukFormMixin",
    "GovukModelForm",
    "LongTextField",
    "Reveal",
    "fields_without_own_error",
]

# Where Django's own sentence would not help; a field's own message always wins. "required" is missing on purpose:
# each field says for itself what to enter or select (see ``fields_without_own_error``).
PLAIN_MESSAGES: dict[type[forms.Field], dict[str, str]] = {
    forms.CharField: {
        "max_length": "Your answer must be %(limit_value)d characters or fewer. It has %(show_value)d",
        "min_length": "Your answer must be %(limit_value)d characters or more. It has %(show_value)d",
    },
    forms.EmailField: {"invalid": "Enter an email address in the correct format, like name@example.com"},
    forms.URLField: {"invalid": "Enter a web address in the correct format, like https://www.example.com"},
    forms.IntegerField: {
        "invalid": "Enter a whole number",
        "max_value": "Enter a number that is %(limit_value)s or less",
        "min_value": "Enter a number that is %(limit_value)s or more",
    },
    forms.FloatField: {"invalid": "Enter a number"},
    forms.DecimalField: {"invalid": "Enter a number"},
    forms.ChoiceField: {"invalid_choice": "Select one of the options"},
    forms.FileField: {
        "invalid": "The file could not be uploaded. Select it again",
        "missing": "Select a file",
        "empty": "The selected file is empty",
    },
}


class GovukFormMixin:
    """What every form of the portal has. ``{% crispy form %}`` draws it; ``form_page.html`` is its usual page.

    A form with one question is headed by it: its label becomes the page's ``h1``. Any other form gives a ``title``.
    """

    title = ""
    caption = ""
    submit_text = "Continue"
    submit_style = ""  # "secondary", or "warning" for what cannot be undone
    label_is_heading = True
    method = "post"
    required_errors: ClassVar[dict[str, str]] = {}  # "Enter…" by name, for fields that are declared elsewhere (a model)

    if TYPE_CHECKING:
        fields: dict[str, forms.Field]

        def visible_fields(self) -> list[BoundField]: ...

    use_required_attribute = False  # a browser's own messages would hide ours

    @cached_property
    def helper(self) -> FormHelper:
        """How the form is drawn. Change ``helper.layout`` to group or order fields."""
        self._dress()
        helper = FormHelper()
        helper.form_method = self.method
        helper.attrs = {"novalidate": "novalidate"}
        helper.label_size = helper.legend_size = "s"
        helper.layout = self.layout()
        helper.add_input(self._submit())
        return helper

    @property
    def fields_only(self) -> FormHelper:
        """A helper for ``{% crispy form form.fields_only %}``: the page writes the form element and its buttons."""
        helper = copy(self.helper)
        helper.form_tag, helper.disable_csrf, helper.inputs = False, True, []
        return helper

    def layout(self) -> Layout:
        """The fields in their order; a single question as the page's heading."""
        context = HEADING if self.question else {}
        return Layout(*[Field(name, context=context) for name in self.fields])

    @property
    def question(self) -> BoundField | None:
        """The form's only visible field, where its label can stand as the heading of the page."""
        visible = self.visible_fields()
        if not self.label_is_heading or self.title or len(visible) != 1:
            return None
        return None if isinstance(visible[0].field.widget, forms.CheckboxInput) else visible[0]

    @property
    def heading(self) -> str:
        """The words of the page's ``h1``, whether drawn by the page or as the label of the only question."""
        question = self.question
        return str(question.label) if question else self.title

    def full_clean(self) -> None:
        self._dress()
        super().full_clean()  # type: ignore[misc]

    def _dress(self) -> None:
        for name, field in self.fields.items():
            dress(field)
            if name in self.required_errors:
                field.error_messages["required"] = self.required_errors[name]

    def _submit(self) -> Submit:
        css_class = f"govuk-button--{self.submit_style}" if self.submit_style else None
        return Submit("", self.submit_text, css_class=css_class)


HEADING = {
    "label_size": "govuk-label--l",
    "label_tag": "h1",
    "legend_size": "govuk-fieldset__legend--l",
    "legend_tag": "h1",
}


class Reveal(Field):
    """Radio buttons or checkboxes that show further fields under an option once it is chosen (always, without
    JavaScript): ``Reveal("rating", {"red": ["action", "due"], "na": ["reason"]})``. Keys are the options' values.

    What is typed in a field that is hidden again is still sent; the form decides what of it counts.
    """

    def __init__(self, name: str, reveals: dict[str, list[Any]], **kwargs: Any) -> None:
        self.reveals = reveals
        super().__init__(name, **kwargs)

    def render(self, form: BaseForm, context: Any, template_pack: str = "gds", **kwargs: Any) -> SafeString:
        self.add_context(revealed={value: _render(parts, form, context) for value, parts in self.reveals.items()})
        drawn: SafeString = super().render(form, context, template_pack=template_pack, **kwargs)
        return drawn


def _render(parts: list[Any], form: BaseForm, context: Any) -> SafeString:
    return mark_safe("".join(render_field(part, form, context, template_pack="gds") for part in parts))


class GovukForm(GovukFormMixin, forms.Form):
    """Base of the plain forms."""


class GovukModelForm(GovukFormMixin, forms.ModelForm):
    """Base of the forms that edit one row."""


class GovukFilterForm(GovukFormMixin, forms.Form):
    """Base of a list's filters: ``class Meta: form = GovukFilterForm`` in the ``FilterSet``."""

    label_is_heading = False
    submit_text = "Apply filters"
    method = "get"

    @property
    def active_count(self) -> int:
        """How many filters narrow the list now."""
        return sum(1 for field in self.visible_fields() if field.name in self.changed_data)


def fields_without_own_error(form: Any) -> list[str]:
    """Names of required fields that would answer with Django's "This field is required".

    A test holds this empty for every form class; a form that makes its fields when it is built is given as an instance.
    """
    fields = form.fields if hasattr(form, "fields") else form.base_fields
    given = getattr(form, "required_errors", {})
    silent = [name for name, field in fields.items() if _needs_own_error(field) and _is_default(field, "required")]
    return [name for name in silent if name not in given]


def _needs_own_error(field: forms.Field) -> bool:
    return field.required and not field.disabled and not field.widget.is_hidden


def dress(field: forms.Field) -> None:
    """Give ``field`` the widget, attributes and messages of the Design System. Doing it twice changes nothing."""
    field.widget = _plain_widget(field)
    _set_attributes(field)
    _name_blank_choice(field)
    for code, message in _plain_messages(field).items():
        if code not in field.error_messages or _is_default(field, code):
            field.error_messages[code] = message


def _plain_widget(field: forms.Field) -> forms.Widget:
    """The widget to use in place of those that the Design System advises against: number spinners, file clearers."""
    widget: forms.Widget = field.widget
    if type(widget) is forms.NumberInput:
        mode = "numeric" if isinstance(field, forms.IntegerField) else "decimal"
        kept = {name: value for name, value in widget.attrs.items() if name not in {"min", "max", "step"}}
        return forms.TextInput({"inputmode": mode, "class": "govuk-input--width-5"} | kept)
    if type(widget) is forms.ClearableFileInput:
        return forms.FileInput(widget.attrs)
    return widget


def _set_attributes(field: forms.Field) -> None:
    attrs = field.widget.attrs
    for unwanted in ("placeholder", "maxlength", "minlength"):  # hints that vanish; limits that cut off what is pasted
        attrs.pop(unwanted, None)
    if isinstance(field, forms.EmailField):
        _set_defaults(attrs, type="email", autocomplete="email", spellcheck="false")
    elif isinstance(field.widget, forms.PasswordInput):
        _set_defaults(attrs, autocomplete="current-password", spellcheck="false", autocapitalize="none")
    elif isinstance(field.widget, forms.Textarea):
        attrs.pop("cols", None)
        if attrs.get("rows") == "10":  # Django's own number
            attrs["rows"] = "5"


def _set_defaults(attrs: dict[str, Any], **defaults: str) -> None:
    for name, value in defaults.items():
        attrs.setdefault(name, value)


def _name_blank_choice(field: Any) -> None:
    """A drop-down's blank line reads as words; radio buttons have no blank line, unless the form named one.

    Choices that come from the database or from a function are not read here: that could cost a query.
    """
    drop_down = isinstance(field.widget, forms.Select)
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DJANGO_BLANK:
            field.empty_label = SELECT_BLANK if drop_down else None
    elif isinstance(field, forms.ChoiceField) and not isinstance(field.choices, CallableChoiceIterator):
        choices = list(cast("Iterable[Any]", field.choices))
        if BLANK_CHOICE in choices:
            choices.remove(BLANK_CHOICE)
            field.choices = [("", SELECT_BLANK), *choices] if drop_down else choices


DJANGO_BLANK = "---------"
BLANK_CHOICE = ("", DJANGO_BLANK)
SELECT_BLANK = "Select an option"


def _plain_messages(field: forms.Field) -> dict[str, str]:
    """Our messages for this kind of field by code; those of the narrower kind win."""
    found: dict[str, str] = {}
    for kind, messages in PLAIN_MESSAGES.items():
        if isinstance(field, kind):
            found |= messages
    return found


def _is_default(field: forms.Field, code: str) -> bool:
    """Whether the message for ``code`` is still the one that Django gives every field of its kind."""
    for kind in type(field).__mro__:
        messages = vars(kind).get("default_error_messages", {})
        if code in messages:
            return bool(field.error_messages.get(code) == messages[code])
    return False
