"""What people type about actions, and its wording."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from partnership import actions as reads
from partnership.actions import owner_key
from partnership.choices import ActionPriority
from partnership.models import Action, ActionReminders, Group, Organisation, Priority, User
from partnership.services.actions import Details

NO_CHILD = "Do not name or describe a child or a family."


class ActionForm(GovukForm):
    """What is to be done, by whom, by when, and what it is for."""

    submit_text = "Save"

    what = LongTextField(
        label="What is to be done?",
        help_text=NO_CHILD,
        max_length=500,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={"required": "Enter what is to be done"},
    )
    owner = forms.ChoiceField(
        label="Who must see to it?",
        help_text="The group or organisation that answers for it",
        error_messages={"required": "Select who must see to it"},
    )
    person = forms.ModelChoiceField(
        User.objects.none(),
        label="Who does it? (optional)",
        required=False,
        empty_label="Nobody in particular",
        help_text="They are reminded by e-mail. Without a name, the chair of the group or the organisation’s own "
        "people are.",
        error_messages={"invalid_choice": "This person has left, or has no part in this: select somebody else"},
    )
    who = forms.CharField(
        label="Role of who does it (optional)",
        required=False,
        max_length=150,
        help_text="Where the person has no account here, for example “head of audit”. No names.",
    )
    due = GovukDateField(label="When is it due?", describe="due date")
    priority = forms.ChoiceField(
        label="How pressing is it?",
        choices=ActionPriority.choices,
        widget=forms.RadioSelect,
        initial=ActionPriority.NORMAL,
        error_messages={"required": "Select how pressing it is"},
    )
    serves = forms.ModelChoiceField(
        Priority.objects.none(),
        label="Which priority of the plan does it serve? (optional)",
        required=False,
        empty_label="None",
    )

    def __init__(self, *args: Any, owners: list[Any], people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "Select a group or organisation"), *owners]
        self.fields["person"].queryset = people
        self.fields["serves"].queryset = Priority.objects.on(timezone.localdate())

    def clean_owner(self) -> Group | Organisation:
        owner = reads.owner_of(self.cleaned_data["owner"])
        if owner is None:
            raise forms.ValidationError("Select who must see to it")
        return owner


class NewActionForm(ActionForm):
    title = "Add an action"
    submit_text = "Give out the action"


class ChangeActionForm(ActionForm):
    title = "Change the action"

    reason = LongTextField(
        label="Why is the due date moved?",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": "3"}),
        help_text=f"Only needed for another date. Whoever holds the action is told. {NO_CHILD}",
    )
    loaded = forms.CharField(widget=forms.HiddenInput)

    field_order = ("what", "owner", "person", "who", "due", "reason", "priority", "serves", "loaded")

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        kwargs["initial"] = initial_of(action) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        serves = self.fields["serves"]
        serves.queryset = (serves.queryset | Priority.objects.filter(pk=action.serves_id)).distinct()

    def details(self) -> Details:
        """What was typed, as the service takes it."""
        return Details(**{name: self.cleaned_data[name] for name in Details.__dataclass_fields__})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "due" in self.changed_data and cleaned.get("due") and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Enter why the due date is moved")
        return cleaned


def initial_of(action: Action) -> dict[str, Any]:
    """An action as its form shows it."""
    return {
        "what": action.what,
        "owner": owner_key(action.owner),
        "person": action.person_id,
        "who": action.who,
        "due": action.due,
        "priority": action.priority,
        "serves": action.serves_id,
        "loaded": reads.fingerprint(action),
    }


class NoteForm(GovukForm):
    submit_text = "Add the note"

    text = LongTextField(
        label="How is it getting on?",
        help_text=f"Everybody who sees the action reads this. {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter how the action is getting on"},
    )


class StartForm(GovukForm):
    title = "Start this action"
    submit_text = "Say that work has begun"


class CompleteForm(GovukForm):
    submit_text = "Mark as done"

    evidence = LongTextField(
        label="What shows that it is done?",
        help_text=f"For example the minute of a meeting, a published document, the numbers of a training. {NO_CHILD}",
        max_length=4000,
        error_messages={"required": "Enter what shows that the action is done"},
    )


class CancelForm(GovukForm):
    submit_text = "Cancel the action"
    submit_style = "warning"

    note = LongTextField(
        label="Why is this action cancelled?",
        help_text=f"Whoever holds it is told. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter why the action is cancelled"},
    )


class ReopenForm(GovukForm):
    title = "Reopen this action"
    submit_text = "Reopen the action"

    note = LongTextField(
        label="Why is it reopened?",
        help_text=f"Whoever holds it is told. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter why the action is reopened"},
    )
    due = GovukDateField(label="When is it due now?", describe="new due date", earliest=timezone.localdate)


class RedateForm(GovukForm):
    title = "New due date"
    submit_text = "Move the due date"

    due = GovukDateField(label="New due date", describe="new due date", earliest=timezone.localdate)
    reason = LongTextField(
        label="Why is the due date moved?",
        help_text=f"Noted on each action. Whoever holds them is told once, of all of them. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter why the due date is moved"},
    )


def _days(label: str, wanted: str, most: int = 90) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=most, error_messages={"required": f"Enter the number of days {wanted}"}
    )


class RemindersForm(GovukForm):
    """When people are reminded of their actions."""

    title = "Reminders of actions"
    submit_text = "Save"

    first_before = _days("First reminder: how many days before an action is due?", "before the first reminder")
    last_before = _days("Last reminder: how many days before?", "before the last reminder")
    between_overdue = _days("Once overdue: how many days from one reminder to the next?", "between reminders", most=30)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = ActionReminders.current()
        for name, field in self.fields.items():
            field.initial = getattr(current, name)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first_before"), cleaned.get("last_before")
        if first and last and last >= first:
            self.add_error("last_before", "The last reminder must come after the first: enter fewer days")
        return cleaned
