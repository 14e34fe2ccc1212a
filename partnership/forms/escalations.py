"""Forms of professional differences: starting one, what follows, the procedure, contacts, good practice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import escape

from hscp.lib.forms import GovukForm, GovukModelForm, LongTextField
from partnership.choices import Answerer, OrganisationKind
from partnership.escalations import people_of
from partnership.models import EscalationContact, EscalationStage, EscalationTheme, Organisation, User
from partnership.services.escalations import agencies_of

NO_CHILD = "Do not name or describe a child, a family or a member of staff."
MOST_DAYS = 60  # working days that a stage may give


def _by_kind(organisations: Iterable[Organisation]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Organisations as choices: agencies first, schools after."""
    rows = list(organisations)
    agencies = [(row.pk, row.name) for row in rows if row.kind != OrganisationKind.SCHOOL]
    schools = [(row.pk, row.name) for row in rows if row.kind == OrganisationKind.SCHOOL]
    return [group for group in (("Agencies", agencies), ("Schools and colleges", schools)) if group[1]]


class OrganisationField(forms.ChoiceField):
    """An organisation, from a list that has agencies and schools apart. Cleans to the ``Organisation``."""

    _found: dict[int, Organisation] = {}

    def offer(self, organisations: Iterable[Organisation]) -> None:
        """Let these be chosen. One query for all."""
        self._found = {organisation.pk: organisation for organisation in organisations}
        self.choices = [("", "Select an organisation"), *_by_kind(self._found.values())]

    def only(self) -> Organisation | None:
        """The one that can be chosen, if it is the only one."""
        return next(iter(self._found.values())) if len(self._found) == 1 else None

    def clean(self, value: Any) -> Organisation | None:
        chosen = super().clean(value)
        return self._found[int(chosen)] if chosen else None


class StartForm(GovukForm):
    """A difference, in one form."""

    title = "Raise a professional difference"
    submit_text = "Send to the other agency"

    raising = OrganisationField(label="Your agency", error_messages={"required": "Select your agency"})
    other = OrganisationField(
        label="Which agency do you disagree with?", error_messages={"required": "Select the agency you disagree with"}
    )
    theme = forms.ModelChoiceField(
        queryset=EscalationTheme.objects.filter(in_use=True),
        label="What is it about?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select what it is about"},
    )
    difference = LongTextField(
        label="What do you disagree about?",
        help_text=f"In general words. {NO_CHILD} The case itself stays in your agency’s own record.",
        max_length=2000,
        error_messages={"required": "Enter what you disagree about"},
    )
    sought = LongTextField(
        label="What would settle it?",
        help_text=NO_CHILD,
        max_length=1000,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={"required": "Enter what would settle it"},
    )
    own_reference = forms.CharField(
        label="Your agency’s own case reference (optional)",
        help_text="So that both agencies can find the case in their own records. No NHS number, pupil number or name.",
        max_length=40,
        required=False,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
    )
    is_urgent = forms.BooleanField(
        label="This is urgent", required=False, help_text="It starts at a higher stage and has less time for an answer."
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today, fields = timezone.localdate(), dict[str, Any](self.fields)
        fields["raising"].offer(agencies_of(person, on=today))
        fields["other"].offer(Organisation.objects.existing_on(today))
        self.own_agency = fields["raising"].only()
        if self.own_agency:
            fields["raising"].widget = forms.HiddenInput()
            fields["raising"].initial = self.own_agency.pk


class AnswerForm(GovukForm):
    submit_text = "Send the answer"

    at = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": "Open the page again"})
    answer = LongTextField(
        label="What is your answer?",
        help_text=f"The agency that raised it sees it word for word. {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter your answer"},
    )


class MoveUpForm(GovukForm):
    submit_text = "Move it up"

    at = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": "Open the page again"})
    note = LongTextField(
        label="Why do you move it up?",
        help_text=f"Whoever answers next reads this. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter why you move it up"},
    )


class ResolveForm(GovukForm):
    title = "Record that it is settled"
    submit_text = "Record"

    outcome = LongTextField(
        label="How was it settled?",
        help_text=NO_CHILD,
        max_length=2000,
        error_messages={"required": "Enter how it was settled"},
    )
    learning = LongTextField(
        label="What can others learn from it? (optional)",
        help_text=f"The business unit gathers what was learned. {NO_CHILD}",
        max_length=2000,
        required=False,
    )


class WithdrawForm(GovukForm):
    submit_text = "Withdraw it"
    submit_style = "warning"

    note = LongTextField(
        label="Why do you withdraw it?",
        help_text=NO_CHILD,
        max_length=1000,
        error_messages={"required": "Enter why you withdraw it"},
    )


# --- The procedure ----------------------------------------------------------------------------------------------------


class ProcedureTextsForm(GovukForm):
    title = "What everyone reads before they start"
    submit_text = "Save"

    introduction = LongTextField(
        label="Before you start", max_length=4000, error_messages={"required": "Enter what to do before starting"}
    )
    emergency = LongTextField(
        label="If a child may be in danger now",
        max_length=2000,
        error_messages={"required": "Enter what to do where a child may be in danger"},
    )


class StageForm(GovukModelForm):
    """A stage of a draft."""

    submit_text = "Save"

    place = forms.TypedChoiceField(label="Place", coerce=int, error_messages={"required": "Select its place"})

    class Meta:
        model = EscalationStage
        fields = (
            "name",
            "who",
            "answerer",
            "days",
            "urgent_days",
            "moves_up",
            "tells_raising_agency",
            "tells_unit",
            "takes_urgent",
        )
        labels = {
            "name": "Name of the stage",
            "who": "Who answers, in words",
            "answerer": "Whose contacts answer?",
            "days": "Working days to answer",
            "urgent_days": "Working days to answer if it is urgent",
            "moves_up": "It moves up by itself if nobody answers in time",
            "tells_raising_agency": "The contacts of the agency that raised it are told",
            "tells_unit": "The business unit is told",
            "takes_urgent": "Urgent ones start here",
        }
        help_texts = {"who": "For example “The line manager of the professional in the other agency”."}
        widgets = {"answerer": forms.RadioSelect}

    field_order = ["place"]
    required_errors = {
        "name": "Enter the name of the stage",
        "who": "Enter who answers",
        "answerer": "Select whose contacts answer",
        "days": "Enter the number of working days",
        "urgent_days": "Enter the number of working days for urgent ones",
    }

    def __init__(self, *args: Any, places: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = dict[str, Any](self.fields)
        fields["place"].choices = [(number, f"Stage {number}") for number in range(1, places + 1)]
        fields["place"].initial = self.instance.order or places
        fields["answerer"].choices = Answerer.choices

    def clean_days(self) -> int:
        return self._days("days")

    def clean_urgent_days(self) -> int:
        return self._days("urgent_days")

    def _days(self, name: str) -> int:
        days: int = self.cleaned_data[name]
        if not 1 <= days <= MOST_DAYS:
            raise forms.ValidationError(f"Enter a number from 1 to {MOST_DAYS}")
        return days

    def values(self) -> dict[str, Any]:
        """What was entered, by the names of the stage's fields, and its place."""
        return dict(self.cleaned_data)


class ThemeForm(GovukModelForm):
    submit_text = "Save"

    class Meta:
        model = EscalationTheme
        fields = ("name", "order", "in_use")
        labels = {"name": "Name", "order": "Place in the list", "in_use": "In use"}
        help_texts = {"in_use": "One that is not in use is no longer offered; differences that used it keep it."}

    required_errors = {"name": "Enter the name of the theme", "order": "Enter its place in the list"}


class ContactsForm(GovukForm):
    """Who answers for an agency: a field for each stage, named by its number."""

    submit_text = "Save"
    label_is_heading = False

    def __init__(
        self, *args: Any, organisation: Organisation, stages: Iterable[EscalationStage], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        people = list(people_of(organisation, on=timezone.localdate()))
        self.people = {person.pk: person for person in people}
        named: dict[int, list[int]] = {}
        for level, pk in EscalationContact.objects.filter(organisation=organisation).values_list("level", "person"):
            named.setdefault(level, []).append(pk)
        for stage in stages:
            self.fields[f"stage_{stage.order}"] = forms.TypedMultipleChoiceField(
                label=str(stage),
                help_text=escape(stage.who),  # a hint is HTML
                coerce=int,
                choices=[(person.pk, _called(person)) for person in people],
                initial=named.get(stage.order, []),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def by_level(self) -> dict[int, list[User]]:
        """Who was chosen, by the number of the stage."""
        return {
            int(name.removeprefix("stage_")): [self.people[pk] for pk in chosen]
            for name, chosen in self.cleaned_data.items()
        }


def _called(person: User) -> str:
    return f"{person}, {person.job_title}" if person.job_title else str(person)


# --- Good practice ----------------------------------------------------------------------------------------------------


class RecogniseForm(GovukForm):
    title = "Recognise good practice"
    submit_text = "Send"

    organisation = OrganisationField(
        label="Which agency did well?", error_messages={"required": "Select the agency that did well"}
    )
    what = LongTextField(
        label="What was good?",
        help_text=f"Say what they did and what difference it made. {NO_CHILD} Say a role instead of a name.",
        max_length=2000,
        error_messages={"required": "Enter what was good"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation: Any = self.fields["organisation"]
        organisation.offer(Organisation.objects.existing_on(timezone.localdate()))
