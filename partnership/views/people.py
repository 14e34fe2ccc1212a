"""People: the list, the file, the page of one; adding, changing, inviting; their roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from hscp.lib.export import Column, csv_response
from partnership.filters.people import PersonFilter
from partnership.forms.people import AddPersonForm, EndRoleForm, InviteForm, PersonForm, RoleForm
from partnership.models import RoleGrant, User
from partnership.people import listed, state_of
from partnership.permissions import Perm
from partnership.services import people, roles
from partnership.views.base import ChangePage, Gate, Page

PEOPLE_ON_A_PAGE = 50


class People(Gate):
    """Everybody with an account, as the filters of the address ask for them."""

    permission_required = Perm.MANAGE_USERS

    def filtered(self) -> PersonFilter:
        found = User.objects.allowed(self.person, Perm.MANAGE_USERS)
        return PersonFilter(self.request.GET, listed(found, on=timezone.localdate()))


class PeopleList(People, Page):
    """The list: fifty at a time, by name."""

    template_name = "partnership/people/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.filtered()
        page = Paginator(found.qs, PEOPLE_ON_A_PAGE).get_page(self.request.GET.get("page"))
        for person in page:
            person.state = state_of(person)
        return super().get_context_data(filter=found, page_obj=page, **kwargs)


class ExportPeople(People, View):
    """What the list shows with these filters, all of it, as CSV."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rows = self.filtered().qs.iterator(chunk_size=1_000)
        return csv_response(COLUMNS, rows, filename=f"people-{timezone.localdate()}")


COLUMNS = [
    Column("Name", lambda person: person.name),
    Column("Email", lambda person: person.email),
    Column("Job title", lambda person: person.job_title),
    Column("Works for", lambda person: person.organisation),
    Column("Roles", lambda person: "; ".join(grant.role_and_place for grant in person.held)),
    Column("State", lambda person: state_of(person).label),
    Column("Leaves on", lambda person: person.leaves_on),
    Column("Last signed in", lambda person: person.last_login),
]


class AboutPerson(Gate):
    """A page about one person."""

    model = User
    lookup: ClassVar = {"pk": "pk"}

    def records(self) -> QuerySet[Any]:
        return super().records().select_related("organisation")


class ChangePerson(AboutPerson, ChangePage):
    """A change to one person, by those who run the portal; afterwards their page."""

    permission_required = Perm.MANAGE_USERS

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"person": self.record}


class PersonPage(AboutPerson, Page):
    """Who somebody is, their roles, seats, terms in the chair and actions: for those who run the portal and for
    themselves."""

    permission_required = Perm.VIEW_USER
    template_name = "partnership/people/person.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, today = self.record, timezone.localdate()
        may_manage = self.person.has_perm(Perm.MANAGE_USERS, person)
        return super().get_context_data(
            person=person,
            breadcrumbs=breadcrumbs(person, self.person),
            state=state_of(person),
            may_manage=may_manage,
            is_self=person == self.person,
            invitation=person.invitations.first(),
            grants=list(person.grants.select_related("organisation", "group").order_by("-starts", "-pk")),
            seats=list(person.memberships.select_related("group", "organisation").order_by("-starts", "-pk")),
            terms=list(person.chair_terms.select_related("group", "organisation").order_by("-starts", "-pk")),
            actions=list(person.actions.unfinished().select_related("organisation", "group")),
            to_hand_over=person.left_to_others.open_on(today).count() if may_manage else 0,
            today=today,
            **kwargs,
        )


def breadcrumbs(person: User, reader: User) -> list[tuple[str, str]]:
    """The way to the page of ``person``: through the list for those who see it."""
    in_list = [("People", reverse("people"))] if reader.has_perm(Perm.MANAGE_USERS) else []
    return [("Home", reverse("home")), *in_list, (str(person), "")]


class AddPerson(ChangePage):
    """A new person, with a first role if it is known; afterwards their page."""

    permission_required = Perm.MANAGE_USERS
    form_class = AddPersonForm
    outcome: User

    def back_url(self) -> str:
        return reverse("people")

    def get_success_url(self) -> str:
        return self.outcome.get_absolute_url()

    def perform(self, form: AddPersonForm) -> User:
        made = roles.add_person(by=self.person, **form.cleaned_data)
        invited = f" We have emailed {made.email}" if form.cleaned_data["role"] else ""
        self.done = f"{made} added.{invited}"
        return made


class EditPerson(ChangePerson):
    """Name, address, job title and organisation."""

    form_class = PersonForm
    done = "Changed"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.record, name) for name in PersonForm.base_fields}

    def perform(self, form: PersonForm) -> User:
        return people.change_person(self.record, by=self.person, **form.cleaned_data)


class InvitePerson(ChangePerson):
    """Send a link to somebody who has never signed in."""

    form_class = InviteForm
    template_name = "partnership/people/invite.html"

    def perform(self, form: InviteForm) -> None:
        people.invite_again(self.record, by=self.person)
        self.done = f"We have emailed {self.record.email}"


class GiveRole(ChangePerson):
    """A role, where, and from when until when."""

    form_class = RoleForm

    def get_initial(self) -> dict[str, Any]:
        return {"starts": timezone.localdate()}

    def perform(self, form: RoleForm) -> RoleGrant:
        made = roles.give(self.record, by=self.person, **form.cleaned_data)
        self.done = f"{self.record} is {made.get_role_display().lower()}. We have emailed {self.record.email}"
        return made


class EndRole(ChangePerson):
    """The end of one of their roles."""

    form_class = EndRoleForm

    def check(self) -> None:
        super().check()
        grants = RoleGrant.objects.filter(user=self.record).select_related("user", "organisation", "group")
        found = grants.filter(pk=self.kwargs["grant"]).first()
        if found is None:
            raise Http404
        self.grant = found

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"grant": self.grant}
        del kwargs["person"]
        return kwargs

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def perform(self, form: EndRoleForm) -> RoleGrant:
        ended = roles.end(self.grant, by=self.person, **form.cleaned_data)
        self.done = f"The role ends. We have emailed {self.record.email}"
        return ended
