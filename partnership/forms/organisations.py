"""Adding and changing organisations; and the drop-down of organisations that other forms use."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Q
from django.forms.models import ModelChoiceIterator
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm
from partnership.choices import OrganisationKind
from partnership.models import Organisation

KINDS = [(value, label) for value, label in OrganisationKind.choices if value != OrganisationKind.SCHOOL]
KIND_ORDER = list(OrganisationKind.values)


class ByKind(ModelChoiceIterator):
    """The organisations under the name of their kind, schools (of which there are many) last."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        found = sorted(self.queryset, key=lambda one: _place(one.kind))
        for kind, organisations in groupby(found, key=lambda one: one.kind):
            yield (OrganisationKind(kind).label, [self.choice(one) for one in organisations])


def _place(kind: str) -> tuple[bool, int]:
    return (kind == OrganisationKind.SCHOOL, KIND_ORDER.index(kind))


class OrganisationField(forms.ModelChoiceField):
    """A drop-down of the organisations that exist today, grouped by kind; with the one that was chosen before."""

    iterator = ByKind

    def __init__(self, *, schools: bool = True, **kwargs: Any) -> None:
        self.schools = schools
        super().__init__(Organisation.objects.none(), **kwargs)

    def offer(self, chosen: Organisation | None = None, *, ended: bool = False) -> None:
        """Read the organisations to offer: those that exist today and ``chosen``, or with ``ended`` all there were."""
        found = Organisation.objects.all() if self.schools else Organisation.objects.other_than_schools()
        if not ended:
            today = timezone.localdate()
            found = found.filter(
                Q(pk=chosen.pk if chosen else None) | Q(pk__in=Organisation.objects.existing_on(today).values("pk"))
            )
        self.queryset = found.order_by("name", "pk")


class OrganisationForm(GovukForm):
    """What is known of an organisation. ``organisation`` is the one that is changed; None for a new one."""

    submit_text = "Save"

    name = forms.CharField(
        label="Name", max_length=200, error_messages={"required": "Enter the name of the organisation"}
    )
    kind = forms.ChoiceField(
        label="What kind of organisation is it?",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what kind of organisation it is"},
    )
    is_statutory_partner = forms.BooleanField(label="It is a statutory safeguarding partner", required=False)
    starts = GovukDateField(
        label="Exists from (optional)",
        describe="day it exists from",
        required=False,
        help_text="Leave this empty if it has been there for as long as the partnership",
    )
    ends = GovukDateField(
        label="No longer exists from (optional)",
        describe="day it no longer exists from",
        required=False,
        help_text="The first day without it, for example 1 7 2022",
    )
    successor = OrganisationField(
        label="Succeeded by (optional)",
        required=False,
        schools=False,
        empty_label="No other organisation",
        help_text="Who takes its place from that day. Add that organisation first if it is not listed",
        error_messages={"invalid_choice": "Select one of the organisations listed"},
    )

    def __init__(self, *args: Any, organisation: Organisation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Change {organisation}" if organisation else "Add an organisation"
        self.fields["successor"].offer(ended=True)
