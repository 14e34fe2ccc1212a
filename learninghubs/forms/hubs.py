"""Forms about hubs: made of a group, what is said of them, their districts, their leads, what a closed one leaves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from learninghubs import hubs as reads
from learninghubs.models import District, LearningHub
from partnership.choices import GroupKind
from partnership.forms.groups import NO_NAMES, PERSON_HELP
from partnership.forms.parts import LISTS, EditForm
from partnership.models import Group

# --- A hub ------------------------------------------------------------------------------------------------------------


class HubForm(EditForm):
    """What is said of a hub, and the Board that answers it."""

    reports_to = forms.ModelChoiceField(
        Group.objects.none(),
        label="Which Board answers its suggestions?",
        help_text="What waits for an answer waits for this group, and its chair can answer.",
        error_messages={"required": "Select the group that answers its suggestions"},
    )
    introduction = LongTextField(
        label="Introduction (optional)",
        help_text=f"It stands at the top of the hub’s page. {NO_NAMES} {LISTS}",
        max_length=2000,
        required=False,
    )

    def __init__(self, *args: Any, row: models.Model | None = None, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["reports_to"].queryset = boards_to_choose(row)


def boards_to_choose(hub: Any = None) -> models.QuerySet[Group]:
    """The groups that exist today and are no hubs, and the one to which ``hub`` reports."""
    there = Q(pk__in=Group.objects.on(timezone.localdate()).exclude(kind=GroupKind.HUB).values("pk"))
    kept = Q(pk=hub.reports_to_id) if hub is not None else Q()
    return Group.objects.filter(there | kept if hub is not None else there).order_by("name")


class AddHubForm(HubForm):
    """A hub of a group that is there."""

    submit_text = "Make the hub"

    group = forms.ModelChoiceField(
        Group.objects.none(),
        label="Of which group?",
        help_text="Groups of the kind “Learning hub” that are no hub yet. Its name is that of the group.",
        error_messages={"required": "Select the group that becomes a hub"},
    )

    field_order = ("group", "reports_to", "introduction")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = reads.groups_without_hub(timezone.localdate())


class AddLeadForm(GovukForm):
    """Who leads the hub, and from when until when."""

    title = "Add a lead"
    submit_text = "Give the role and tell them"

    person = forms.CharField(
        label="Who leads it?",
        help_text=PERSON_HELP,
        max_length=254,
        widget=forms.TextInput({"list": "people", "autocomplete": "off"}),
        error_messages={"required": "Enter who leads it"},
    )
    starts = GovukDateField(label="From", describe="day the role starts")
    ends = GovukDateField(
        label="No longer from (optional)",
        describe="first day without the role",
        required=False,
        help_text="The first day without the role",
    )


class HandOverForm(GovukForm):
    """To which hub everything open of a closed one goes, and why."""

    submit_text = "Hand them over"

    to = forms.ModelChoiceField(
        LearningHub.objects.none(),
        label="Which hub sees to them?",
        error_messages={"required": "Select the hub that sees to them"},
    )
    note = LongTextField(
        label="Why do they go there?",
        help_text="Its leads read this. No names, and nothing that points to a child or a family.",
        max_length=500,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={"required": "Enter why they go there"},
    )

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what = "the open suggestion" if number == 1 else f"the {number} open suggestions"
        self.title = f"Hand over {what} of a hub that has closed"
        self.fields["to"].queryset = reads.current_hubs(timezone.localdate())


# --- Districts --------------------------------------------------------------------------------------------------------


class DistrictForm(EditForm):
    """How a district is called."""

    name = forms.CharField(
        label="Name", max_length=100, error_messages={"required": "Enter the name of the district or borough"}
    )


class ServeForm(GovukForm):
    """Which hub serves a district, and from when on."""

    submit_text = "Save"

    hub = forms.ModelChoiceField(
        LearningHub.objects.none(),
        label="Which hub serves it?",
        empty_label="No hub",
        required=False,
    )
    from_day = GovukDateField(
        label="From which day?",
        describe="day from which it does",
        help_text="Until then, everything stays as it is. From that day the hub that serves it now no longer does.",
    )

    def __init__(self, *args: Any, district: District, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Which hub serves {district}?"
        self.fields["hub"].queryset = hubs_to_come()


def hubs_to_come() -> models.QuerySet[LearningHub]:
    """The hubs that have not closed by today."""
    today = timezone.localdate()
    going_on = Q(group__ends=None) | Q(group__ends__gt=today)
    found: models.QuerySet[LearningHub] = LearningHub.objects.filter(going_on).select_related("group")
    return found
