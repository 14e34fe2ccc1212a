"""People: added, changed, given roles."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.choices import Choice
from django import forms
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm
from partnership.choices import EVERYWHERE_ROLES, SCHOOL_ROLES, GroupKind, Role
from partnership.forms.organisations import OrganisationField
from partnership.models import Group, RoleGrant, User

HINTS = {
    **dict.fromkeys(EVERYWHERE_ROLES, "For the whole partnership. They must use a second step to sign in"),
    **dict.fromkeys(SCHOOL_ROLES, "At a school"),
    Role.PARTNER: "For an organisation. The seats themselves are given on each group’s page",
    Role.HUB_LEAD: "For a learning hub. They see who made its suggestions",
}
ROLES = [Choice(role.value, role.label, hint=HINTS.get(role)) for role in Role]


class HubField(forms.ModelChoiceField):
    """A drop-down of the groups that are learning hubs today."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {"invalid_choice": "Select one of the learning hubs listed"}
        super().__init__(Group.objects.none(), required=False, empty_label="None", error_messages=errors, **kwargs)

    def offer(self) -> None:
        """Fill the list. To be called when the form is made."""
        self.queryset = Group.objects.on(timezone.localdate()).filter(kind=GroupKind.HUB)


class PersonForm(GovukForm):
    """What is known of a person."""

    submit_text = "Save"

    name = forms.CharField(
        label="Full name",
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Enter the person’s full name"},
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="Their own, not one that several people read: it is what they sign in with",
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": "Enter the person’s email address"},
    )
    job_title = forms.CharField(label="Job title (optional)", required=False, max_length=150)
    organisation = OrganisationField(
        label="Works for (optional)",
        required=False,
        empty_label="No organisation",
        error_messages={"invalid_choice": "Select one of the organisations listed"},
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Change {person}" if person else "Add a person"
        self.fields["organisation"].offer(person.organisation if person else None)


class AddPersonForm(PersonForm):
    """A new person and, if it is known, their first role."""

    submit_text = "Add"

    role = forms.ChoiceField(
        label="First role (optional)",
        required=False,
        choices=[("", "No role yet"), *Role.choices],
        help_text="With a role they get an invitation at once. A partner or group member, and the roles of a school, "
        "hold it for the organisation that they work for",
        error_messages={"invalid_choice": "Select one of the roles listed"},
    )
    group = HubField(label="For which learning hub?", help_text="Only for a hub lead")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].offer()

    def clean_role(self) -> Role | None:
        return Role(self.cleaned_data["role"]) if self.cleaned_data["role"] else None


class RoleForm(GovukForm):
    """A role for a person, where, and from when until when."""

    submit_text = "Give the role and tell them"

    role = forms.ChoiceField(
        label="Which role?",
        choices=ROLES,
        widget=forms.RadioSelect,
        error_messages={"required": "Select a role"},
    )
    organisation = OrganisationField(
        label="For which organisation?",
        required=False,
        empty_label="None",
        help_text="Only for a safeguarding partner or group member, and for the roles of a school",
        error_messages={"invalid_choice": "Select one of the organisations listed"},
    )
    group = HubField(label="For which learning hub?", help_text="Only for a hub lead")
    starts = GovukDateField(label="From", describe="day the role starts", initial=timezone.localdate)
    ends = GovukDateField(
        label="No longer from (optional)",
        describe="first day without the role",
        required=False,
        help_text="The first day without the role",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Give {person} a role"
        self.fields["organisation"].offer(person.organisation)
        self.fields["group"].offer()

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class EndRoleForm(GovukForm):
    """From which day a role is over."""

    submit_text = "End the role"
    submit_style = "warning"

    on = GovukDateField(
        label="From which day do they no longer hold it?",
        describe="first day without the role",
        initial=timezone.localdate,
        help_text="From this day on they see nothing that the role opened to them",
    )

    def __init__(self, *args: Any, grant: RoleGrant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"End {grant.user}’s role: {grant.role_and_place}"


class InviteForm(GovukForm):
    """A confirmation that names the person."""

    submit_text = "Send the invitation"

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Send {person} an invitation?"
