"""Opening an account, and texts held back. Signing in has its own: ``partnership.account_forms``."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.validators import MaxLengthValidator

from hscp.lib.forms import GovukForm, LongTextField
from partnership.models import User


class AcceptInvitationForm(GovukForm):
    """A person's first words to the portal: their name and, if they want one, a password."""

    title = "Open your account"
    submit_text = "Open my account"

    name = forms.CharField(
        label="Your name",
        max_length=150,
        help_text="As colleagues and the partnership should see it",
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Enter your name"},
    )
    password = forms.CharField(
        label="Password (optional)",
        required=False,
        strip=False,
        help_text="Three random words make a good password; use 12 characters or more. Leave this empty to sign in "
        "with a code that we email you each time.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password"):
            self._check_password(cleaned["password"], cleaned.get("name", ""))
        return cleaned

    def _check_password(self, password: str, name: str) -> None:
        """A password must not resemble the person's address or the name as they have just typed it."""
        try:
            password_validation.validate_password(password, User(email=self.person.email, name=name))
        except forms.ValidationError as error:
            self.add_error("password", error)


class ReleaseForm(GovukForm):
    title = "Does this text identify nobody?"
    submit_text = "It identifies nobody: pass it on"


MOST_CHARACTERS = 20_000


class RedactForm(GovukForm):
    """The text as it will stand, once what identifies somebody has been taken out."""

    submit_text = "Redact and pass on"
    submit_style = "warning"

    cleaned = LongTextField(
        label="What should the text say?",
        help_text="What was found has been taken out. Take out the rest, such as names, then pass the text on. "
        "The text as it was written is deleted.",
        widget=forms.Textarea({"rows": "8"}),
        error_messages={"required": "Enter what the text should say, for example “[removed]”"},
    )

    def __init__(self, *args: Any, room: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cleaned"]
        field.max_length = min(room or MOST_CHARACTERS, MOST_CHARACTERS)
        field.validators.append(MaxLengthValidator(field.max_length))
