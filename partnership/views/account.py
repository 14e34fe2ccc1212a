"""A person's own account: who they are here, what they may do, how they sign in. Its other pages are allauth's."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.urls import reverse

from partnership.models import User
from partnership.permissions import Perm
from partnership.views.base import Page


class AccountPage(Page):
    """What the portal knows about the person who looks at it."""

    permission_required = Perm.USE_PORTAL
    template_name = "account/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        grants = [grant.role_and_place for grant in user.active_grants()]
        return super().get_context_data(about=_about(user), sign_in=_sign_in(user), grants=grants, **kwargs)


def _about(user: User) -> list[dict[str, str]]:
    return [
        {"key": "Name", "value": user.name},
        {"key": "Job title", "value": user.job_title},
        {"key": "Email address", "value": user.email, "url": reverse("account_email")},
    ]


def _sign_in(user: User) -> list[dict[str, str]]:
    """The ways to sign in, each with the page that changes it."""
    has_password = user.has_usable_password()
    password = reverse("account_change_password" if has_password else "account_set_password")
    second_step = "On" if is_mfa_enabled(user) else "Off"
    return [
        {"key": "Emailed code", "value": "Always possible"},
        {"key": "Password", "value": "Set" if has_password else "Not set", "url": password},
        {"key": "Second step", "value": second_step, "url": reverse("mfa_index")},
    ]
