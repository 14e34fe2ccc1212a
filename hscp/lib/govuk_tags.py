"""Template tags and filters of the GOV.UK components. They are built in: no ``{% load %}`` is needed.

The field templates in ``templates/gds`` use the first half; pages use the second.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hscp.lib.fields import PARTS, DateParts
from hscp.lib.status import RAG, colour_of

register = template.Library()

# --- Form fields ----------------------------------------------------------------------------------------------------

WIDGET_CLASSES: list[tuple[type[forms.Widget], str]] = [
    (forms.Textarea, "govuk-textarea"),
    (forms.Select, "govuk-select"),
    (forms.FileInput, "govuk-file-upload"),
    (forms.CheckboxInput, "govuk-checkboxes__input"),
    (forms.Widget, "govuk-input"),
]


@register.filter
def field_kind(field: BoundField) -> str:
    """Which of the field templates draws ``field``: radios, checkboxes, date, checkbox, password or text."""
    kinds = [
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radios"),
        (DateParts, "date"),
        (forms.CheckboxInput, "checkbox"),
        (forms.PasswordInput, "password"),
    ]
    return next((kind for widget, kind in kinds if isinstance(field.field.widget, widget)), "text")


@register.simple_tag
def govuk_widget(field: BoundField, extra_class: str = "") -> SafeString:
    """The input of ``field`` with its GOV.UK classes; Django itself ties it to its hint and error."""
    names = [*_classes(field), *field.field.widget.attrs.get("class", "").split(), *extra_class.split()]
    if counted(field):
        names.append("govuk-js-character-count")
    attrs: dict[str, str | bool] = {"class": " ".join(names)}
    if counted(field):
        attrs["aria-describedby"] = f"{field.aria_describedby or ''} {field.auto_id}-info".strip()
    return field.as_widget(attrs=attrs)


@register.filter
def counted(field: BoundField) -> int | None:
    """The most characters that a text over several lines may have, shown as a running count; None if unlimited."""
    return getattr(field.field, "max_length", None) if isinstance(field.field.widget, forms.Textarea) else None


def _classes(field: BoundField) -> Iterator[str]:
    base = next(name for widget, name in WIDGET_CLASSES if isinstance(field.field.widget, widget))
    yield base
    if field.errors and base != "govuk-checkboxes__input":
        yield f"{base}--error"


@dataclass(frozen=True)
class Option:
    """One radio button or checkbox as the page shows it."""

    value: str
    label: str
    id: str
    checked: bool
    hint: str = ""
    divider: str = ""


@register.filter
def options(field: Any) -> list[Option]:
    """The choices of a radio or checkbox field. The first has the field's own id, so that an error can link to it."""
    given = field.value()
    chosen = {str(value) for value in (given if isinstance(given, (list, tuple, set)) else [given])}
    return [
        Option(
            value=str(choice[0]),
            label=choice[1],
            id=field.auto_id if number == 1 else f"{field.auto_id}_{number}",
            checked=str(choice[0]) in chosen,
            hint=getattr(choice, "hint", ""),
            divider=getattr(choice, "divider", ""),
        )
        for number, choice in enumerate(field.field.choices, start=1)
    ]


@register.filter
def revealed_in(value: str, revealed: dict[str, SafeString] | str) -> SafeString | str:
    """What the option ``value`` shows once chosen (see ``hscp.lib.forms.Reveal``); empty for most."""
    return revealed.get(value, "") if isinstance(revealed, dict) else ""


@dataclass(frozen=True)
class DatePart:
    """One of the three boxes of a date."""

    name: str
    label: str
    id: str
    value: Any
    width: int
    wrong: bool


@register.filter
def date_parts(field: BoundField) -> list[DatePart]:
    """Day, month and year as the page shows them: what was typed, and which of them the errors name."""
    given = field.value()
    values = given if isinstance(given, (list, tuple)) else field.field.widget.decompress(given)
    wrong = _wrong_parts(field)
    return [
        DatePart(
            name=f"{field.html_name}_{part}",
            label=part.capitalize(),
            id=f"{field.auto_id}_{part}",
            value="" if value is None else value,
            width=4 if part == "year" else 2,
            wrong=part in wrong,
        )
        for part, value in zip(PARTS, values, strict=True)
    ]


def _wrong_parts(field: BoundField) -> set[str]:
    """The boxes that the errors name; all three for an error that names none."""
    errors = field.errors.as_data()
    named = {part for error in errors for part in (error.params or {}).get("parts", ())}
    return named or (set(PARTS) if errors else set())


@register.filter
def summary_errors(form: BaseForm) -> list[tuple[str, str]]:
    """What the error summary lists: pairs of the id to go to and the message, in the order of the page.

    Errors of the whole form, and of hidden fields, lead to the first field that can be seen.
    """
    visible = form.visible_fields()
    first = error_target(visible[0]) if visible else ""
    general = [*form.non_field_errors(), *(error for field in form.hidden_fields() for error in field.errors)]
    own = [(error_target(field), str(error)) for field in visible for error in field.errors]
    return [(first, str(error)) for error in general] + own


def error_target(field: BoundField) -> str:
    """The id of the input that an error of ``field`` should bring the reader to."""
    if field_kind(field) != "date":
        return field.auto_id
    wrong = _wrong_parts(field)
    return f"{field.auto_id}_{next((part for part in PARTS if part in wrong), PARTS[0])}"


# --- Statuses and charts --------------------------------------------------------------------------------------------


@register.simple_tag
def status_tag(status: str, label: str = "") -> SafeString:
    """A coloured tag: ``{% status_tag action.status action.get_status_display %}``. Colours: ``hscp.lib.status``."""
    text = label or str(status).replace("_", " ").capitalize()
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour_of(str(status)), text)


@register.simple_tag
def rag_tag(rating: str) -> SafeString:
    """A red, amber, green or not applicable tag, always with its word."""
    colour = RAG.get(str(rating))
    if colour is None:
        return SafeString("")
    return format_html('<strong class="govuk-tag hscp-rag hscp-rag--{}">{}</strong>', colour.name, colour.label)


@dataclass(frozen=True)
class Bar:
    """One stretch of a stacked bar; ``left`` and ``width`` are percentages of the whole."""

    name: str
    label: str
    fill: str
    ink: str
    left: float
    width: float
    middle: float


@register.inclusion_tag("partials/stacked_bar.html")
def stacked_bar(segments: Iterable[tuple[str, float]], title: str = "") -> dict[str, Any]:
    """A drawn share of green, amber, red and not applicable, read out as words.

    ``segments`` are pairs of a rating and a percentage (0-100), for instance ``[("green", 62.5), ("red", 37.5)]``;
    unknown ratings raise ``KeyError``. Put the table with the same figures beside it.
    """
    bars, left = [], 0.0
    for rating, share in segments:
        colour, width = RAG[str(rating)], float(share)
        bars.append(Bar(colour.name, colour.label, colour.fill, colour.ink, left, width, left + width / 2))
        left += width
    return {"bars": bars, "title": title}


@register.inclusion_tag("partials/rag_key.html")
def rag_key() -> dict[str, Any]:
    """What the colours of the stacked bars mean."""
    return {"colours": list(RAG.values())}


# --- Lists ----------------------------------------------------------------------------------------------------------


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | str]:
    """The numbers to offer under a list, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.inclusion_tag("partials/sort_header.html", takes_context=True)
def sort_header(
    context: Context, field: str, label: str, numeric: bool = False, param: str = "sort", default: str = ""
) -> dict[str, Any]:
    """The heading of a column that the list can be sorted by: ``{% sort_header "name" "School" default="name" %}``.

    Its link asks for ``?<param>=<field>``, or ``-<field>`` when the list is already sorted upwards by it. ``default``
    is the order of the list when the address names none.
    """
    query = context["request"].GET.copy()
    order = {field: "ascending", f"-{field}": "descending"}.get(query.get(param) or default, "none")
    query[param] = f"-{field}" if order == "ascending" else field
    query.pop("page", None)
    return {"label": label, "numeric": numeric, "order": order, "query": query.urlencode()}


@register.simple_block_tag
def scrollable(content: str, label: str) -> str:
    """A frame in which a wide table scrolls sideways, by finger or by keyboard: ``{% scrollable "Schools" %}…``."""
    return render_to_string("partials/scrollable.html", {"content": content, "label": label})
