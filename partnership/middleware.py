"""What happens around every request: sign-in, second factor, who is behind a change, keeping typed text."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from pghistory.middleware import HistoryMiddleware as PghistoryMiddleware

from partnership.models import UnsavedForm

log = logging.getLogger(__name__)

KEEP_FOR = timedelta(days=1)
MOST_CHARACTERS = 400_000  # of one form: several times the longest section
MOST_KEPT_PER_HOUR = 30  # from one address, which may be that of a whole school


class KeepTypedTextMiddleware(LoginRequiredMiddleware):
    """Login is required everywhere but on listed pages; and where a session ended while somebody typed, what they
    typed is kept and given back after they sign in again.

    Only for views with ``keeps_typed_text``, which read it back with ``take_back``. What can be kept is bounded: nobody
    is signed in yet.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseBase:  # type: ignore[override]
        response = self._keep(request) if self._is_worth_keeping(request, view_func) else None
        if response is None:
            response = super().handle_no_permission(request, view_func)
        return _whole_page(request, response)

    def _is_worth_keeping(self, request: HttpRequest, view_func: Any) -> bool:
        view_class = getattr(view_func, "view_class", None)
        return request.method == "POST" and getattr(view_class, "keeps_typed_text", False)

    def _keep(self, request: HttpRequest) -> HttpResponseBase | None:
        """Keep what was typed and lead to sign-in; None where it is too much to keep."""
        fields = _typed(request)
        characters = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
        longest_path = UnsavedForm._meta.get_field("path").max_length or 0
        if characters > MOST_CHARACTERS or len(request.path) > longest_path or not _may_keep_more(request):
            messages.warning(request, "You were signed out, and what you typed could not be kept.")
            return None
        token = secrets.token_urlsafe(32)
        UnsavedForm.objects.create(token=token, path=request.path, fields=fields)
        messages.info(request, "You were signed out. Sign in again: what you typed has been kept.")
        back = f"{request.path}?{urlencode({'kept': token})}"
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}")


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    """The posted fields, without the characters that PostgreSQL cannot hold."""
    typed = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    return {name.replace("\0", ""): [value.replace("\0", "") for value in values] for name, values in typed.items()}


def _may_keep_more(request: HttpRequest) -> bool:
    """Count this form for the address that it came from. While the cache is down, nothing is counted."""
    key = f"kept-forms:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, timeout=60 * 60)  # seconds
    try:
        return int(cache.incr(key)) <= MOST_KEPT_PER_HOUR
    except ValueError:  # the hour ended between the two calls
        return True


def _whole_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """``response``, or for htmx the same as a move of the whole page: sign-in must not appear inside another page."""
    if request.headers.get("HX-Request") and "Location" in response:
        return HttpResponseClientRedirect(response["Location"])
    return response


def take_back(request: HttpRequest) -> dict[str, list[str]] | None:
    """What was typed into this page's form before the session ended, by field name; None if nothing was kept.

    Ask only once the gate has let the person in: who may not open the page must not read what was typed there.
    """
    token = request.GET.get("kept", "").replace("\0", "")
    recent = UnsavedForm.objects.filter(kept_at__gt=timezone.now() - KEEP_FOR)
    kept = recent.filter(token=token, path=request.path).first() if token else None
    return kept.fields if kept else None


class SecondFactorMiddleware:
    """Sends people who must have a second factor, and have none, to set one up; logs what the break-glass account does.

    That a factor, once set up, is asked for at sign-in is allauth's part (``allauth.mfa.stages``).
    """

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        return response

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        user: Any = request.user
        if not user.is_authenticated:
            return None
        if user.is_superuser:
            _log_break_glass(request)
        if not settings.REQUIRE_SECOND_FACTOR or _is_open_without(request, view_func):
            return None
        if not user.needs_second_factor() or has_second_factor(user):
            return None
        messages.info(request, "Your role needs a second step when you sign in. Set one up to go on.")
        return _whole_page(request, redirect("mfa_index"))


def has_second_factor(user: Any) -> bool:
    """Whether the person has set up an app or a passkey. Recovery codes alone are no factor. One query."""
    return bool(is_mfa_enabled(user, types=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))


def _is_open_without(request: HttpRequest, view_func: Any) -> bool:
    """Pages of the account itself stay open, or nobody could ever enrol; so do the public ones."""
    match: Any = request.resolver_match
    return match.route.startswith("account/") or not getattr(view_func, "login_required", True)


def _log_break_glass(request: HttpRequest) -> None:
    """Which page, and which record by its number. Never the path: it may hold a secret, as an invitation link does."""
    match: Any = request.resolver_match
    numbers = {name: value for name, value in match.kwargs.items() if isinstance(value, int)}
    log.warning("Break-glass account %s: %s %s %s", request.user.pk, request.method, match.view_name, numbers)


class HistoryMiddleware(PghistoryMiddleware):
    """Puts the person behind a request on every field change that it makes. The path is left out: ids are enough.

    Only for methods that change something (``PGHISTORY_MIDDLEWARE_METHODS``). No query: the person is known by now.
    """

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user.pk}
