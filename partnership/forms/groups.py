"""Forms about groups: what they are, where they stand, their terms of reference, members and chairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Fieldset, Layout, Submit
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField, Reveal
from partnership.choices import Capacity, GroupKind
from partnership.models import Group, HandoverItem, Membership, Organisation, TermsOfReference
from partnership.services.groups import SeatNamed

NO_NAMES = "The public reads this: no names, and nothing that points to a child or a family."
EARLIEST, LATEST = date(1989, 11, 16), date(2099, 12, 31)  # the Children Act became law on the first
MOST_MEETINGS, MOST_SEATS, MOST_ROWS = 60, 50, 60
MORE_ROWS = 3
PERSON_HELP = "Their name, or the email address of their account."


def a_date(label: str, **kwargs: Any) -> GovukDateField:
    """A day between the Children Act 1989 and the end of this century."""
    return GovukDateField(label=label, earliest=EARLIEST, latest=LATEST, **kwargs)


def groups_to_choose(*, but: Group | None = None) -> QuerySet[Group]:
    """The groups that exist today, without ``but``."""
    found: QuerySet[Group] = Group.objects.on(timezone.localdate()).order_by("name")
    return found.exclude(pk=but.pk) if but else found


def organisations_to_choose(*also: int | None) -> QuerySet[Organisation]:
    """The organisations that exist today and are no schools, and those with the ids ``also``."""
    today = Organisation.objects.existing_on(timezone.localdate()).other_than_schools()
    found: QuerySet[Organisation] = Organisation.objects.filter(Q(pk__in=today.values("pk")) | Q(pk__in=also))
    return found.order_by("name")


# --- A group ---------------------------------------------------------------------------------------------------------


class GroupForm(GovukForm):
    """What is said of a group."""

    submit_text = "Save"

    kind = forms.ChoiceField(
        label="Kind of group",
        choices=[("", "Select an option"), *GroupKind.choices],
        error_messages={"required": "Select the kind of group"},
    )
    purpose = LongTextField(
        label="What is its role?",
        help_text=NO_NAMES,
        max_length=2000,
        error_messages={"required": "Enter the role of the group"},
    )
    footprint = forms.CharField(
        label="The area it covers (optional)",
        help_text="If that is not the whole county.",
        max_length=150,
        required=False,
    )
    meetings_a_year = forms.IntegerField(
        label="How many times a year does it mean to meet? (optional)",
        min_value=1,
        max_value=MOST_MEETINGS,
        required=False,
    )
    starts = a_date("First day (optional)", describe="first day", required=False)
    on_structure = forms.TypedChoiceField(
        label="Is it drawn in the structure?",
        choices=[("yes", "Yes"), ("no", "No")],
        initial="yes",
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
        error_messages={"required": "Select whether it is drawn in the structure"},
    )
    order = forms.IntegerField(
        label="Its place among the groups beside it",
        help_text="In the structure, groups with lower numbers come first.",
        min_value=0,
        max_value=9999,
        initial=0,
        error_messages={"required": "Enter its place, or 0"},
    )
    slug = forms.SlugField(
        label="The last part of its address",
        help_text="Small letters, numbers and hyphens, for example executive-group.",
        max_length=80,
        error_messages={
            "required": "Enter the last part of its address",
            "invalid": "Use small letters, numbers and hyphens only",
        },
    )

    def clean_slug(self) -> str:
        return self.cleaned_data["slug"].lower()


class AddGroupForm(GroupForm):
    """A new group: also its name and where it stands."""

    title = "Add a group"
    submit_text = "Add the group"

    name = forms.CharField(label="Name", max_length=150, error_messages={"required": "Enter the name of the group"})
    parent = forms.ModelChoiceField(
        label="Which group does it stand under? (optional)",
        queryset=Group.objects.none(),
        empty_label="None: it stands at the top, or beside the others",
        required=False,
    )

    field_order = ("name", "kind", "parent", "purpose")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = groups_to_choose()
        self.fields["slug"].required = False
        self.fields["slug"].label = "The last part of its address (optional)"
        self.fields["slug"].help_text += " Made from the name if you leave it empty."


class RenameForm(GovukForm):
    """The next name, and whether the old one was a name or a mistake."""

    title = "Rename this group"
    submit_text = "Rename"

    name = forms.CharField(label="New name", max_length=150, error_messages={"required": "Enter the new name"})
    why = forms.ChoiceField(
        label="Why does the name change?",
        choices=[
            ("renamed", "The group has been renamed: keep the old name as a former name"),
            ("mistake", "The old name was a mistake: do not keep it"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select why the name changes"},
    )
    from_day = a_date("First day under the new name", describe="first day under the new name", required=False)

    def layout(self) -> Layout:
        return Layout(Field("name"), Reveal("why", {"renamed": [Field("from_day")]}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("why") == "mistake":
            cleaned["from_day"] = None
            self.errors.pop("from_day", None)
        elif cleaned.get("why") and not cleaned.get("from_day") and "from_day" not in self.errors:
            self.add_error("from_day", "Enter the first day under the new name")
        return cleaned


class MoveForm(GovukForm):
    """Where a group stands from a day on."""

    title = "Move this group"
    submit_text = "Move"

    parent = forms.ModelChoiceField(
        label="Which group does it stand under?",
        queryset=Group.objects.none(),
        empty_label="None: it stands at the top, or beside the others",
        required=False,
    )
    from_day = a_date(
        "From which day?",
        describe="day from which it stands there",
        help_text="The structure of earlier days stays as it was.",
    )

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = groups_to_choose(but=group)


class EndGroupForm(GovukForm):
    title = "End this group"
    submit_text = "End the group"
    submit_style = "warning"

    last_day = a_date("Last day", describe="last day of the group")


class LetGoOnForm(GovukForm):
    title = "Let this group go on"
    submit_text = "Let the group go on"


class MergeForm(GovukForm):
    """Into which group, after which day, and who of the members goes along."""

    title = "Merge this group into another"
    submit_text = "Merge"
    submit_style = "warning"

    into = forms.ModelChoiceField(
        label="Which group goes on with its work?",
        queryset=Group.objects.none(),
        error_messages={"required": "Select the group that goes on with its work"},
    )
    last_day = a_date("Last day of this group", describe="last day of this group")
    carried = forms.ModelMultipleChoiceField(
        label="Who goes on in the other group?",
        help_text="Those who sit there already stay as they are. Whoever is not ticked leaves with this group.",
        queryset=Membership.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = groups_to_choose(but=group)
        if group.kind == GroupKind.HUB:
            self.fields["into"].help_text = "Leads of this hub lose their role. Give it to them anew for the other hub."
        carried = self.fields["carried"]
        sitting = group.memberships.on(timezone.localdate()).select_related("person", "organisation")
        carried.queryset = sitting.order_by("organisation__name", "person__name")
        carried.label_from_instance = lambda row: (
            f"{row.person}, {row.get_capacity_display().lower()} ({row.organisation})"
        )
        if not sitting:
            del self.fields["carried"]


# --- Terms of reference ----------------------------------------------------------------------------------------------


class TermsForm(GovukForm):
    """The next version of the terms of reference, with rows for the seats that it names.

    ``rows`` is how many seats it has room for; "Name more seats" asks for the page again with more room.
    """

    title = "Write new terms of reference"
    submit_text = "Save this version"

    based_on = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    rows = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = LongTextField(
        label="Terms of reference",
        help_text=NO_NAMES,
        max_length=20_000,
        widget=forms.Textarea({"rows": 18}),
        error_messages={"required": "Enter the terms of reference"},
    )
    in_force_from = a_date("In force from", describe="day from which they are in force")
    quorum = forms.IntegerField(
        label="Quorum (optional)",
        help_text="How many must be present.",
        min_value=0,
        max_value=MOST_SEATS,
        required=False,
    )
    agreed_at = forms.CharField(
        label="Where were they agreed? (optional)",
        help_text="For example, the Executive Group of 4 March.",
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room = min(max(rows, 1), MOST_ROWS)
        self.initial["rows"] = self.room
        self.bodies = {body.pk: body for body in organisations_to_choose(*self._named_before())}
        choices = [("", "Nobody"), *((str(body.pk), body.name) for body in self.bodies.values())]
        for row in range(self.room):
            self.fields |= {f"seat_{row}_{name}": field for name, field in _seat_fields(choices).items()}

    def _named_before(self) -> Iterator[int]:
        """The organisations of the version before, which may have ended since."""
        values = (str(value) for name, value in self.initial.items() if name.endswith("_organisation"))
        return (int(value) for value in values if value.isdecimal() and len(value) <= 18)  # typed ones too

    def layout(self) -> Layout:
        plain = [name for name in self.fields if not name.startswith("seat_")]
        seats = [
            Fieldset(
                *[Field(f"seat_{row}_{name}") for name in SEAT_FIELDS], legend=f"Seat {row + 1}", css_class="hscp-seat"
            )
            for row in range(self.room)
        ]
        return Layout(*map(Field, plain), *seats)

    @cached_property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.add_input(Submit("more", "Name more seats", css_class="govuk-button--secondary"))
        return helper

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for row in range(self.room):
            given = [cleaned.get(f"seat_{row}_{name}") for name in ("number", "note")]
            if any(given[1:]) and not cleaned.get(f"seat_{row}_organisation"):
                self.add_error(f"seat_{row}_organisation", f"Select the organisation of seat {row + 1}")
        return cleaned

    def seats(self) -> list[SeatNamed]:
        """The seats that were entered; rows without an organisation are left out."""
        rows = [[self.cleaned_data[f"seat_{row}_{name}"] for name in SEAT_FIELDS] for row in range(self.room)]
        return [SeatNamed(self.bodies[int(body)], number or 1, note) for body, number, note in rows if body]


SEAT_FIELDS = ("organisation", "number", "note")


def _seat_fields(choices: list[tuple[str, str]]) -> dict[str, forms.Field]:
    return {
        "organisation": forms.ChoiceField(label="Organisation", choices=choices, required=False),
        "number": forms.IntegerField(label="Seats", min_value=1, max_value=MOST_SEATS, required=False),
        "note": forms.CharField(label="Which post (optional)", max_length=150, required=False),
    }


def seats_as_initial(terms: TermsOfReference | None) -> dict[str, Any]:
    """The seats of ``terms`` as the start of the next version's form."""
    initial: dict[str, Any] = {}
    for row, seat in enumerate(terms.seats.all() if terms else []):
        initial |= {
            f"seat_{row}_organisation": seat.organisation_id,
            f"seat_{row}_number": seat.number,
            f"seat_{row}_note": seat.note,
        }
    return initial


def typed_as_initial(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed into a form of terms, as the start of the same form with more rows. Nothing is checked."""
    typed = {name: value for name, value in data.items() if name not in {"csrfmiddlewaretoken", "more", "rows"}}
    return typed | {"in_force_from": [typed.pop(f"in_force_from_{part}", "") for part in ("day", "month", "year")]}


# --- Members ---------------------------------------------------------------------------------------------------------


class PersonField(forms.CharField):
    """Somebody with an account, by name or address; the page offers names in a list that the browser shows."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"list": "people", "autocomplete": "off"})
        super().__init__(max_length=254, widget=widget, **kwargs)


class AddMemberForm(GovukForm):
    title = "Add a member"
    submit_text = "Add"

    person = PersonField(
        label="Who?",
        help_text=PERSON_HELP,
        error_messages={"required": "Enter the name or email address of the person"},
    )
    organisation = forms.ModelChoiceField(
        label="For which organisation? (optional)",
        queryset=Organisation.objects.none(),
        empty_label="The one they work for",
        required=False,
    )
    capacity = forms.ChoiceField(
        label="As what?",
        choices=[
            Choice(Capacity.MEMBER, "Member"),
            Choice(Capacity.DEPUTY, "Deputy", hint="Comes where a member of the same organisation cannot"),
            Choice(Capacity.ADVISER, "Adviser", hint="Fills a seat for what they know, such as a designated doctor"),
            Choice(Capacity.OBSERVER, "Observer"),
        ],
        initial=Capacity.MEMBER,
        widget=forms.RadioSelect,
        error_messages={"required": "Select as what the person sits on the group"},
    )
    starts = a_date("First day", describe="first day")
    last_day = a_date("Last day (optional)", describe="last day", required=False)

    def __init__(self, *args: Any, also: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations_to_choose(also)


class ChangeMemberForm(AddMemberForm):
    title = "Change a membership"
    submit_text = "Save"
    person = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = self.fields["organisation"]
        organisation.label, organisation.empty_label, organisation.required = "For which organisation?", None, True
        organisation.error_messages["required"] = "Select the organisation"


class EndMemberForm(GovukForm):
    submit_text = "End the membership"

    last_day = a_date("What is the last day?", describe="last day")


# --- The chair -------------------------------------------------------------------------------------------------------


class ChairTermForm(GovukForm):
    """Who chairs a group, for whom, from when until when."""

    submit_text = "Save"

    person = PersonField(
        label="Who?", help_text=PERSON_HELP, error_messages={"required": "Enter the name or email address of the chair"}
    )
    organisation = forms.ModelChoiceField(
        label="For which organisation? (optional)",
        queryset=Organisation.objects.none(),
        empty_label="The one they work for",
        required=False,
    )
    deputy = PersonField(label="Deputy chair (optional)", help_text=PERSON_HELP, required=False)
    starts = a_date("First day in the chair", describe="first day in the chair")
    last_day = a_date("Last day in the chair", describe="last day in the chair")

    def __init__(self, *args: Any, also: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations_to_choose(also)


class EndEarlyForm(GovukForm):
    title = "End this term early"
    submit_text = "End the term"
    submit_style = "warning"

    last_day = a_date("Last day in the chair", describe="last day in the chair")
    reason = forms.CharField(
        label="Why does it end early?",
        help_text="No names, and nothing that points to a child or a family.",
        max_length=300,
        error_messages={"required": "Enter why the term ends early"},
    )


class RemoveTermForm(GovukForm):
    title = "Remove this term"
    submit_text = "Remove the term"
    submit_style = "warning"


class RotaForm(GovukForm):
    submit_text = "Add to the rota"

    organisation = forms.ModelChoiceField(
        label="Which organisation takes the chair in turn?",
        queryset=Organisation.objects.none(),
        error_messages={"required": "Select an organisation"},
    )

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = group.chair_rota.values("organisation")
        self.fields["organisation"].queryset = organisations_to_choose().exclude(pk__in=taken)


class HandoverItemForm(GovukForm):
    submit_text = "Save"

    text = forms.CharField(
        label="What is to be done when a chair hands over?",
        max_length=200,
        error_messages={"required": "Enter what is to be done"},
    )

    def __init__(self, *args: Any, item: HandoverItem | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if item is not None:
            self.initial["text"] = item.text


# --- The structure ---------------------------------------------------------------------------------------------------


class StructureDayForm(GovukForm):
    """The day on which the structure is asked for."""

    method = "get"
    label_is_heading = False
    submit_text = "Show"
    submit_style = "secondary"

    day = a_date("As it was on", describe="day")
