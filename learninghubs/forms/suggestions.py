"""The forms by which practitioners make a suggestion and follow it. A text in which the screening finds something comes
back with a box to tick beside it; nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

from crispy_forms_gds.layout import Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hscp.lib.forms import GovukForm, LongTextField, Reveal
from learninghubs.models import Forum, HubDistrict, LearningHub, Theme
from learninghubs.models.suggestions import TEXTS
from learninghubs.services.suggestions import LONGEST_TEXT
from partnership.choices import OrganisationKind
from partnership.models import Group, Organisation, User
from partnership.texts import explain, find

NO_NAMES = "Do not name or describe a child, a family or a member of staff."
UNSURE = "unsure"
YES, NO = "yes", "no"
TRAP = "website"  # what a robot cannot leave empty


def with_notice(hint: str) -> SafeString:
    """``hint`` with what every box for free text says."""
    return format_html('{} <span class="hscp-no-names">{}</span>', hint, NO_NAMES)


def insists(name: str) -> str:
    """The name of the box by which somebody says that what was found in the text ``name`` identifies nobody."""
    return f"insists_{name}"


class ScreenedForm(GovukForm):
    """A form with free texts. Where something is found in one, an error says what, and a box appears beneath it to say
    that it identifies nobody: ``insisted`` are the names of the texts for which it was ticked."""

    screened: Sequence[str] = ()
    label_is_heading = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: set[str] = set()
        for name in self.screened:
            self.fields[insists(name)] = forms.BooleanField(
                label="This does not identify a child, a family or a member of staff",
                help_text="The business unit will look at this text before anyone else sees it.",
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.screened:
            self._screen(name, cleaned.get(name) or "")
        return cleaned

    def _screen(self, name: str, text: str) -> None:
        hits = find(text)
        if hits:
            self.found.add(name)
        if not self.cleaned_data.get(insists(name)):
            for hit in hits:
                self.add_error(name, explain(hit))

    @property
    def insisted(self) -> frozenset[str]:
        """The texts of which their writer says that they identify nobody."""
        return frozenset(name for name in self.found if self.cleaned_data.get(insists(name)))

    def text_and_box(self, name: str) -> Iterator[Any]:
        """The text for the layout and, where something was found in it, its box."""
        self.is_valid()
        yield Field(name)
        if name in self.found:
            yield Div(Field(insists(name)), css_class="hscp-question__insists")


def _text(label: str, hint: str, required: str) -> LongTextField:
    return LongTextField(
        label=label,
        help_text=with_notice(hint),
        max_length=LONGEST_TEXT,
        error_messages={
            "required": required,
            "max_length": f"{label}: use {LONGEST_TEXT:,} characters or fewer. This has %(show_value)d",
        },
    )


class TrappedForm(GovukForm):
    """A form with a box that people do not see, and that who hears the page read out is asked to leave empty. Whoever
    fills it in by mistake is shown it and told so; nobody is shut out.

    There is no puzzle and no shortest time: people paste what they have prepared, and what a robot sends is seen by
    nobody until an address has confirmed it. How much may be sent is limited by address and network (``views``).
    """

    label_is_heading = False

    website = forms.CharField(
        label="Leave this empty",
        help_text="It is there to keep out robots, which fill in everything.",
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_website(self) -> str:
        if self.cleaned_data[TRAP]:
            raise ValidationError("Leave this box empty")
        return ""

    def trap(self) -> Div:
        """The box for the layout: hidden from sight and from the keyboard until somebody must empty it."""
        if TRAP not in self.errors:
            return Div(Field(TRAP), css_class="hscp-trap")
        self.fields[TRAP].widget.attrs.pop("tabindex", None)
        return Div(Field(TRAP))


class SuggestionForm(ScreenedForm, TrappedForm):
    """What is happening now, what should change, what good would look like; to which hub; by whom.

    ``person`` is who is signed in, and is asked neither for a name nor for an address. ``forum`` is where it is made.
    """

    title = "Make a suggestion"
    submit_text = "Send suggestion"
    screened = TEXTS

    now = _text("What is happening now?", "What you see in your work, and how often.", "Say what is happening now")
    change = _text(
        "What should change?", "What the partnership or an agency should do differently.", "Say what should change"
    )
    good = _text(
        "What would good look like?",
        "How you and others would notice that it has changed.",
        "Say what good would look like",
    )
    hub = forms.ChoiceField(
        label="Which learning hub is it for?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a learning hub, or that you are not sure"},
    )
    district = forms.ChoiceField(
        label="Where do you work?",
        help_text="If you work in a town or village, choose the district or borough that it lies in. If you work "
        "across the county, choose the one where you see this most.",
        required=False,
    )
    theme = forms.ModelChoiceField(
        Theme.objects.none(),
        label="Is it about a theme of this year? (optional)",
        empty_label="No theme",
        required=False,
    )
    agency = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Which agency do you work for? (optional)",
        empty_label="None of these, or I would rather not say",
        required=False,
    )
    school = forms.CharField(
        label="If you work in a school or college: which? (optional)",
        help_text="Its full name, as it is registered.",
        max_length=200,
        required=False,
    )
    may_be_shared = forms.ChoiceField(
        label="May others read it, without your name?",
        help_text="Once it is answered, it can then stand in the newsletter and on the public page of answers.",
        choices=[(YES, "Yes"), (NO, "No, only the hub, the business unit and the Board")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether others may read it"},
    )
    email = forms.EmailField(
        label="Your work email address",
        help_text="We send it a link, by which you confirm the suggestion, and tell you there what became of it.",
        max_length=254,
        error_messages={"required": "Enter your work email address"},
    )
    name = forms.CharField(
        label="Your name (optional)",
        help_text="Only the hub and the business unit see it.",
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
    )
    forum = forms.ModelChoiceField(Forum.objects.all(), required=False, widget=forms.HiddenInput)
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User | None = None, forum: Forum | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.districts = self._districts()
        self._offer_places()
        self._offer_the_rest()
        self.fields["form_token"].initial = uuid4
        if forum is not None:
            self._start_from(forum)
        for name in ("email", "name", "school") if person else ():
            del self.fields[name]
        self.fields[TRAP] = self.fields.pop(TRAP)  # after what people see, also in the summary of errors

    # --- Building -----------------------------------------------------------------------------------------------------

    def _districts(self) -> dict[str, HubDistrict]:
        """By the number of a district, which hub serves it today. One query."""
        served = HubDistrict.objects.on(timezone.localdate()).filter(hub__in=current_hubs())
        return {
            str(one.district_id): one for one in served.select_related("district", "hub__group").order_by("district")
        }

    def _offer_places(self) -> None:
        self.hubs = {str(hub.pk): hub for hub in current_hubs().select_related("group")}
        hub, district = self.fields["hub"], self.fields["district"]
        choices = [(key, str(one)) for key, one in self.hubs.items()]
        hub.choices = [*choices, (UNSURE, "I am not sure")] if self.districts else choices  # type: ignore[attr-defined]
        names = [(key, str(one.district)) for key, one in self.districts.items()]
        district.choices = [("", "Select a district or borough"), *names]  # type: ignore[attr-defined]

    def _offer_the_rest(self) -> None:
        today = timezone.localdate()
        self.fields["theme"].queryset = Theme.objects.on(today)  # type: ignore[attr-defined]
        agencies = Organisation.objects.existing_on(today).other_than_schools()
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        employer = self.person.organisation if self.person else None
        if employer is not None:
            self.fields["agency"].queryset = agencies | Organisation.objects.filter(pk=employer.pk)  # type: ignore[attr-defined]
            self.fields["agency"].initial = employer.pk

    def _start_from(self, forum: Forum) -> None:
        """What a forum says already. Its theme may be over by now."""
        theme: Any = self.fields["theme"]
        theme.queryset = theme.queryset | Theme.objects.filter(pk=forum.theme_id)
        theme.initial = forum.theme_id
        self.fields["hub"].initial = str(forum.hub_id)
        self.fields["forum"].initial = forum.pk

    def layout(self) -> Layout:
        who = ["agency"] if self.person else ["agency", "school", "email", "name"]
        return Layout(
            *[part for name in TEXTS for part in self.text_and_box(name)],
            Reveal("hub", {UNSURE: ["district"]}),
            *["theme", "may_be_shared", *who],
            self.trap(),
            *["forum", "form_token"],
        )

    # --- Checking -----------------------------------------------------------------------------------------------------

    def clean_school(self) -> Organisation | None:
        typed = " ".join(self.cleaned_data["school"].split())
        return school_called(typed) if typed else None

    def clean_form_token(self) -> UUID:
        return self.cleaned_data["form_token"] or uuid4()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("hub") == UNSURE and not cleaned.get("district"):
            self.add_error("district", "Select the district or borough that you work in")
        return cleaned

    def suggestion(self) -> dict[str, Any]:
        """What was sent, as ``services.suggestions.submit`` takes it."""
        sent = self.cleaned_data
        asked = ("now", "change", "good", "theme", "forum", "form_token")
        sender = {"person": self.person} if self.person else {"email": sent["email"], "name": sent["name"]}
        return {
            **{name: sent[name] for name in asked},
            **sender,
            "hub": self._hub(),
            "agency": sent["agency"] or sent.get("school"),
            "may_be_shared": sent["may_be_shared"] == YES,
            "insists": self.insisted,
        }

    def _hub(self) -> LearningHub:
        chosen: str = self.cleaned_data["hub"]
        return self.districts[self.cleaned_data["district"]].hub if chosen == UNSURE else self.hubs[chosen]


def current_hubs() -> Any:
    """The hubs that there are today."""
    return LearningHub.objects.filter(group__in=Group.objects.on(timezone.localdate()))


def school_called(typed: str) -> Organisation:
    """The school of that name. Raises ``ValidationError`` where there is none, or more than one.

    Schools are too many to be listed for everybody.
    """
    schools = Organisation.objects.existing_on(timezone.localdate()).filter(kind=OrganisationKind.SCHOOL)
    found = list(schools.filter(name__iexact=typed)[:2])
    if not found:
        raise ValidationError("We know no school of this name. Check the spelling, or leave this empty")
    if len(found) > 1:
        raise ValidationError("Several schools have this name. Leave this empty: your hub will know")
    return found[0]


# --- Later ------------------------------------------------------------------------------------------------------------


class ReplyForm(ScreenedForm):
    """The author's reply to what the hub asked."""

    title = "Reply to the hub"
    submit_text = "Send reply"
    screened = ("reply",)

    reply = _text("Your reply", "The hub reads it word for word.", "Enter your reply")

    def layout(self) -> Layout:
        return Layout(*self.text_and_box("reply"))


class WithdrawForm(GovukForm):
    """Nothing but the button."""

    title = "Withdraw your suggestion?"
    submit_text = "Withdraw suggestion"
    submit_style = "warning"


class ForgetForm(GovukForm):
    """Nothing but the button."""

    title = "Do you want to be forgotten?"
    submit_text = "Forget me"
    submit_style = "warning"


class ConfirmForm(GovukForm):
    """Nothing but the button."""

    title = "Confirm your suggestion"
    submit_text = "Confirm suggestion"


class ConfirmAgainForm(GovukForm):
    """Nothing but the button."""

    title = "This link has expired"
    submit_text = "Send a new link"


class LinksForm(TrappedForm):
    """The address to which links are sent again."""

    title = "Send me my links"
    submit_text = "Send links"

    email = forms.EmailField(
        label="The email address that you used",
        max_length=254,
        error_messages={"required": "Enter the email address that you used"},
    )

    def layout(self) -> Layout:
        return Layout("email", self.trap())
