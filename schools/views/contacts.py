"""Pages that change the contacts of one school."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from partnership.choices import Role
from partnership.engine.workflow import TooLate
from partnership.models import RoleGrant
from partnership.views.base import stale
from schools import contacts as reads
from schools.forms.contacts import ContactForm, InviteAgainForm, RemoveContactForm
from schools.permissions import Perm
from schools.services import contacts
from schools.views.school import ChangeSchool


class ChangeContacts(ChangeSchool):
    """A change to the contacts of a school. Who may deal with deputies sees these pages; each role asks for its own
    permission besides."""

    permission_required = Perm.MANAGE_DEPUTIES
    role: Role

    def check(self) -> None:
        super().check()
        self.role = self.find_role()
        if not self.request.user.has_perm(reads.permission_for(self.role), self.record):
            raise PermissionDenied

    def find_role(self) -> Role:
        """The role that the page is about. Raises ``Http404``."""
        raise NotImplementedError(type(self).__name__)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"title": self.title()}

    def title(self) -> str:
        raise NotImplementedError(type(self).__name__)


class AppointContact(ChangeContacts):
    """Name somebody for a role that nobody holds, or one more deputy."""

    form_class = ContactForm
    template_name = "schools/appoint_contact.html"

    def find_role(self) -> Role:
        if self.kwargs["role"] not in reads.ROLES:
            raise Http404
        return Role(self.kwargs["role"])

    def title(self) -> str:
        return f"Who is the {self.role.label.lower()}?" if self.role != Role.DEPUTY_DSL else "Who is the deputy?"

    def perform(self, form: ContactForm) -> Any:
        made = contacts.appoint(self.record, role=self.role, by=self.person, **form.cleaned_data)
        self.done = f"{made.user} is {self.role.label.lower()}. We have emailed {made.user.email}"


class ChangeContact(ChangeContacts):
    """A change to one contact that the school has now."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except TooLate as error:
            return stale(request, str(error), self.back_url())

    def find_role(self) -> Role:
        """The role of the contact. Raises ``Http404``, and ``TooLate`` for somebody who is no contact any more."""
        grants = RoleGrant.objects.filter(organisation=self.record.pk, role__in=reads.ROLES).select_related("user")
        contact = grants.filter(pk=self.kwargs["contact"]).first()
        if contact is None:
            raise Http404
        if not contact.is_active(on=timezone.localdate()):
            raise TooLate(contacts.what_happened(contact, self.record))
        self.contact = contact
        return Role(contact.role)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_self = self.contact.user_id == self.request.user.pk
        return super().get_context_data(contact=self.contact, is_self=is_self, **kwargs)


class ReplaceContact(ChangeContact):
    """Name somebody else; the one before loses access today."""

    form_class = ContactForm
    template_name = "schools/replace_contact.html"

    def title(self) -> str:
        return f"Who follows {self.contact.user}?"

    def perform(self, form: ContactForm) -> Any:
        made = contacts.replace(self.contact, by=self.person, **form.cleaned_data)
        self.done = f"{made.user} follows {self.contact.user}. We have emailed both"


class RemoveContact(ChangeContact):
    """End somebody's role without a successor, after a page that says what it means."""

    form_class = RemoveContactForm
    template_name = "schools/remove_contact.html"

    def title(self) -> str:
        if self.contact.user == self.request.user:
            return f"Give up your own role as {self.role.label.lower()}?"
        return f"Remove {self.contact.user}?"

    def get_form_kwargs(self) -> dict[str, Any]:
        is_self = self.contact.user == self.request.user
        return super().get_form_kwargs() | {"submit_text": "Give up the role" if is_self else "Remove"}

    def get_success_url(self) -> str:
        """The school's page, unless the person has just given up what let them see it."""
        sees_it = self.request.user.has_perm(Perm.VIEW_SCHOOL, self.record)
        return super().get_success_url() if sees_it else reverse("home")

    def perform(self, form: RemoveContactForm) -> Any:
        contacts.remove(self.contact, by=self.person)
        self.done = (
            f"{self.contact.user} is no longer {self.role.label.lower()}. We have emailed {self.contact.user.email}"
        )


class InviteContactAgain(ChangeContact):
    """Send a new link to somebody who has never signed in."""

    form_class = InviteAgainForm
    template_name = "schools/invite_contact.html"

    def title(self) -> str:
        return f"Send {self.contact.user} a new invitation?"

    def perform(self, form: InviteAgainForm) -> Any:
        contacts.invite_again(self.contact, by=self.person)
        self.done = f"We have emailed {self.contact.user.email}"
