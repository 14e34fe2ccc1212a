"""How sign-in behaves here: there is no public sign-up, since an account begins with an invitation; and what it says
when something is wrong."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from partnership.engine import mail
from partnership.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by invitation only (``partnership.services.people``)."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed",
        "duplicate_email": "This is already the address of your account",
        "email_password_mismatch": "Check the email address and the password, or sign in with a code instead",
        "enter_current_password": "Enter your current password. The one that you entered is not right",
        "incorrect_code": "Enter the code that we sent. Check it, or ask for a new one",
        "incorrect_password": "Enter your password. The one that you entered is not right",
        "invalid_password_reset": "This link no longer works. Ask for a new one",
        "rate_limited": "Too many attempts. Wait a minute and try again",
        "same_as_current": "Enter an address that is not the one you use now",
        "too_many_login_attempts": "Too many attempts. Wait 5 minutes and try again, or use a code instead",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As every message of the portal: a row first. Its text, which may hold a code, is forgotten once sent."""
        message = self.render_mail(
            template_prefix, email, {"request": allauth_context.request, "email": email} | context
        )
        name = template_prefix.rpartition("/")[2]
        mail.queue_text(name, to=email, subject=message.subject, body=message.body, secret=True)

    def login(self, request: HttpRequest, user: User) -> None:
        know_address(user)
        super().login(request, user)


@transaction.atomic
def know_address(user: User) -> None:
    """Tell allauth, which keeps its own list, that the account's address is proven: by the invitation sent to it, or by
    the link that changed it. Without that it would refuse a second factor."""
    known = EmailAddress.objects.filter(user=user)
    if not known.filter(email=user.email, verified=True, primary=True).exists():
        known.delete()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What the second step says when something is wrong."""

    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "You cannot turn this off",
        "cannot_generate_recovery_codes": "Set up an app or a passkey first",
        "incorrect_code": "Enter the code that your app shows now. The one that you entered is not right",
        "unverified_email": "Confirm your email address first",
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return f"Passkey {number}"
