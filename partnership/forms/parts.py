"""The base of forms over a row that two people may edit at once, and of pages that only ask "are you sure"."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from hscp.lib.forms import GovukForm
from partnership.models import Group
from partnership.services.parts import loaded_from

NO_CHILD = "Do not name or describe any child, family or member of staff."
LISTS = "Leave an empty line between paragraphs. Begin a line with a dash to make a list."


class ConfirmForm(GovukForm):
    """Nothing to fill in: a page that says what will happen, and a button."""

    def __init__(self, *args: Any, title: str, submit_text: str, submit_style: str = "", **kwargs: Any) -> None:
        self.title, self.submit_text, self.submit_style = title, submit_text, submit_style
        super().__init__(*args, **kwargs)


class EditForm(GovukForm):
    """A form over a row, or over nothing yet. ``loaded`` is the fingerprint of what it was filled from."""

    submit_text = "Save"
    label_is_heading = False

    loaded = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: models.Model | None = None, **kwargs: Any) -> None:
        self.row = row
        initial = {} if row is None or row.pk is None else {"loaded": loaded_from(row), **self.initial_of(row)}
        super().__init__(*args, initial=initial | (kwargs.pop("initial", None) or {}), **kwargs)

    def initial_of(self, row: models.Model) -> dict[str, Any]:
        """What the fields start with for ``row``, by their names."""
        return {name: getattr(row, name) for name in self.base_fields if name != "loaded"}

    def values(self) -> dict[str, Any]:
        """What was entered, by the names of the row's fields."""
        return {name: value for name, value in self.cleaned_data.items() if name != "loaded"}

    def compare(self, current: models.Model) -> list[tuple[str, str]]:
        """Where ``current`` differs from what was entered: pairs of a label and what is saved now, in words."""
        return [
            (str(self.fields[name].label), in_words(current, name))
            for name, value in self.values().items()
            if getattr(current, name) != value
        ]


def in_words(row: models.Model, name: str) -> str:
    """A field of ``row`` as people read it."""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return date_format(value, "j F Y") if isinstance(value, date) else str(value or "Nothing")


def groups_to_choose(*kept: Group | None) -> models.QuerySet[Group]:
    """The groups that exist today, and those that a row has already."""
    there = Q(pk__in=Group.objects.on(timezone.localdate()).values("pk"))
    return Group.objects.filter(there | Q(pk__in=[group.pk for group in kept if group])).order_by("name")
