"""The forms of signing in and of one's own account: allauth's rules, in the portal's markup and words.

``settings.ACCOUNT_FORMS`` and ``settings.MFA_FORMS`` name them.
"""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.text import format_lazy

from hscp.lib.forms import GovukFormMixin

EMAIL = "Email address"
ENTER_EMAIL = "Enter your email address"
PASSWORD_HINT = format_lazy("Three random words make a good password.{}", password_validators_help_text_html())


class Reworded(GovukFormMixin):
    """A form of allauth's with words of ours: labels and hints by field name."""

    labels: ClassVar[dict[str, str]] = {}
    hints: ClassVar[dict[str, Any]] = {}
    label_is_heading = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label
        for name, field in self.fields.items():
            field.help_text = self.hints.get(name, "")


class CodeForm(Reworded):
    """A form that asks for one short code."""

    required_errors: ClassVar = {"code": "Enter the code"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"class": "govuk-input--width-10", "spellcheck": "false"}


class NewPasswordForm(Reworded):
    """A form that sets a password, typed twice."""

    labels: ClassVar = {"password1": "New password", "password2": "New password again"}
    hints: ClassVar = {"password1": PASSWORD_HINT}
    required_errors: ClassVar = {"password1": "Enter a new password", "password2": "Enter the new password again"}


class LoginForm(Reworded, account.LoginForm):
    submit_text = "Sign in"
    labels: ClassVar = {"login": EMAIL, "password": "Password"}
    required_errors: ClassVar = {"login": ENTER_EMAIL, "password": "Enter your password"}


class RequestLoginCodeForm(Reworded, account.RequestLoginCodeForm):
    submit_text = "Email me a code"
    labels: ClassVar = {"email": EMAIL}
    required_errors: ClassVar = {"email": ENTER_EMAIL}


class ConfirmLoginCodeForm(CodeForm, account.ConfirmLoginCodeForm):
    submit_text = "Sign in"
    labels: ClassVar = {"code": "Sign-in code"}


class ResetPasswordForm(Reworded, account.ResetPasswordForm):
    submit_text = "Email me a link"
    labels: ClassVar = {"email": EMAIL}
    required_errors: ClassVar = {"email": ENTER_EMAIL}


class ResetPasswordKeyForm(NewPasswordForm, account.ResetPasswordKeyForm):
    submit_text = "Save new password"


class SetPasswordForm(NewPasswordForm, account.SetPasswordForm):
    submit_text = "Save password"


class ChangePasswordForm(NewPasswordForm, account.ChangePasswordForm):
    submit_text = "Save new password"
    labels: ClassVar = {"oldpassword": "Current password", **NewPasswordForm.labels}
    required_errors: ClassVar = {"oldpassword": "Enter your current password", **NewPasswordForm.required_errors}


class ReauthenticateForm(Reworded, account.ReauthenticateForm):
    labels: ClassVar = {"password": "Password"}
    required_errors: ClassVar = {"password": "Enter your password"}


class AddEmailForm(Reworded, account.AddEmailForm):
    submit_text = "Change email address"
    labels: ClassVar = {"email": "New email address"}
    hints: ClassVar = {"email": "We will send a message to it. Your address changes when you follow the link in it."}
    required_errors: ClassVar = {"email": "Enter your new email address"}


class AuthenticateForm(CodeForm, mfa.AuthenticateForm):
    submit_text = "Sign in"
    labels: ClassVar = {"code": "Code"}
    hints: ClassVar = {"code": "6 digits from your authenticator app, or one of your recovery codes"}


class ReauthenticateWithCodeForm(CodeForm, mfa.ReauthenticateForm):
    labels: ClassVar = {"code": "Code"}
    hints: ClassVar = AuthenticateForm.hints


class ActivateTOTPForm(CodeForm, AllauthActivateTOTPForm):
    submit_text = "Turn on"
    labels: ClassVar = {"code": "Code from the app"}
    hints: ClassVar = {"code": "6 digits. The app shows a new code every 30 seconds."}


class NamedKeyForm(Reworded):
    """A form that names a passkey or security key."""

    labels: ClassVar = {"name": "Name"}
    hints: ClassVar = {"name": "Something that you will recognise, like “work laptop” or “blue key”"}
    required_errors: ClassVar = {"name": "Enter a name for the key"}


class AddWebAuthnForm(NamedKeyForm, webauthn.AddWebAuthnForm):
    submit_text = "Add"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = "Sign in with this key alone, without a password"
        self.fields["passwordless"].help_text = "The device will ask for your fingerprint, face or PIN."


class EditWebAuthnForm(NamedKeyForm, webauthn.EditWebAuthnForm):
    submit_text = "Save"
