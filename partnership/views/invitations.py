"""The page behind the link of an invitation: public, since whoever opens it has no account in use yet."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from partnership.forms.account import AcceptInvitationForm
from partnership.models import Invitation, User
from partnership.services import people


@method_decorator([login_not_required, never_cache, sensitive_post_parameters("password")], name="dispatch")
class AcceptInvitation(FormView):
    """Says who invites whom to what; opens the account and signs its person in, by allauth's own way."""

    template_name = "partnership/invitation.html"
    form_class = AcceptInvitationForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="accept_invitation")
        if limited is not None:
            return limited
        try:
            self.invitation: Invitation = people.find_invitation(kwargs["secret"])
            return super().dispatch(request, *args, **kwargs)
        except people.InvitationUnusable as error:
            return render(request, "partnership/invitation_unusable.html", {"sentence": str(error)}, status=404)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"person": self.invitation.user}

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.invitation.user.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.invitation.user
        grants = person.active_grants()
        return super().get_context_data(invitation=self.invitation, person=person, grants=grants, **kwargs)

    def form_valid(self, form: AcceptInvitationForm) -> HttpResponse:
        person = people.accept_invitation(self.kwargs["secret"], **form.cleaned_data)
        messages.success(self.request, "Your account is open")
        return self._sign_in(person)

    def _sign_in(self, person: User) -> HttpResponse:
        """Sign ``person`` in, and out whoever was signed in on this computer before."""
        if self.request.user == person:
            return redirect("home")
        logout(self.request)
        record_authentication(self.request, person, method="code", email=person.email)  # the link came by email
        response: HttpResponse = perform_login(self.request, person)
        return response
