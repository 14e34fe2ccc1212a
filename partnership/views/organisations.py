"""Organisations: the list, the file, the page of one, adding and changing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.generic import View

from hscp.lib.export import Column, csv_response
from partnership.choices import Capacity, OrganisationKind
from partnership.filters.organisations import OrganisationFilter
from partnership.forms.organisations import OrganisationForm
from partnership.models import Action, Group, Membership, Organisation, User
from partnership.organisations import current_body, people_left_behind
from partnership.permissions import Perm
from partnership.services import organisations
from partnership.views.base import ChangePage, Gate, Page

ORGANISATIONS_ON_A_PAGE = 50
CAPACITIES = list(Capacity.values)  # members first
MOST_PEOPLE = 50  # named on an organisation's page; all are in the list of people


class Organisations(Gate):
    """The organisations that the person may see, as the filters of the address ask for them."""

    permission_required = Perm.VIEW_ORGANISATION

    def filtered(self) -> OrganisationFilter:
        return OrganisationFilter(self.request.GET, with_seats(self.visible(), on=timezone.localdate()))

    def visible(self) -> QuerySet[Organisation]:
        found: QuerySet[Organisation] = Organisation.objects.visible_to(self.request.user)
        return found.select_related("successor").order_by(Lower("name"), "pk")


def with_seats(organisations: QuerySet[Organisation], *, on: date) -> QuerySet[Organisation]:
    """``organisations``, each with ``groups``: on how many groups its people sit on ``on``."""
    sitting = Membership.objects.on(on).filter(organisation=OuterRef("pk")).order_by().values("organisation")
    counted = sitting.annotate(number=Count("group", distinct=True)).values("number")
    return organisations.annotate(groups=Coalesce(Subquery(counted), 0))


class OrganisationList(Organisations, Page):
    """The list: fifty at a time."""

    template_name = "partnership/organisations/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.filtered()
        page = Paginator(found.qs, ORGANISATIONS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(filter=found, page_obj=page, today=timezone.localdate(), **kwargs)


class ExportOrganisations(Organisations, View):
    """What the list shows with these filters, all of it, as CSV."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return csv_response(COLUMNS, self.filtered().qs.iterator(), filename=f"organisations-{timezone.localdate()}")


COLUMNS = [
    Column("Organisation", lambda one: one.name),
    Column("Kind", lambda one: one.get_kind_display()),
    Column("Statutory partner", lambda one: one.is_statutory_partner),
    Column("Exists from", lambda one: one.starts),
    Column("No longer exists from", lambda one: one.ends),
    Column("Succeeded by", lambda one: one.successor),
    Column("Groups", lambda one: one.groups),
]


class OrganisationPage(Page):
    """One organisation: what it is, who came before and after it, its people, seats and actions."""

    permission_required = Perm.VIEW_ORGANISATION
    model = Organisation
    lookup: ClassVar = {"pk": "pk"}
    template_name = "partnership/organisations/organisation.html"

    def records(self) -> QuerySet[Any]:
        return super().records().select_related("successor")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organisation, today = self.record, timezone.localdate()
        unfinished = Action.objects.visible_to(self.person).unfinished().filter(organisation=organisation)
        return super().get_context_data(
            organisation=organisation,
            breadcrumbs=breadcrumbs(organisation),
            has_ended=organisation.has_ended(on=today),
            is_school=organisation.kind == OrganisationKind.SCHOOL,
            today_it_is=current_body(organisation, on=today),
            rows=fact_rows(organisation),
            predecessors=list(organisation.predecessors.order_by("ends", "name")),
            people=self._people(organisation),
            left_behind=list(people_left_behind(organisation, on=today)),
            seats=seats_of(organisation, self.person, on=today),
            unfinished=unfinished.count(),
            overdue=unfinished.overdue(on=today).count(),
            most=MOST_PEOPLE,
            **kwargs,
        )

    def _people(self, organisation: Organisation) -> QuerySet[User]:
        """Who works there, for those who run the portal; nobody for all others."""
        people = User.objects.allowed(self.person, Perm.MANAGE_USERS).filter(organisation=organisation, is_active=True)
        return people.order_by(Lower("name"), "pk")[:MOST_PEOPLE]


def breadcrumbs(organisation: Organisation) -> list[tuple[str, str]]:
    return [("Home", reverse("home")), ("Organisations", reverse("organisations")), (str(organisation), "")]


def fact_rows(organisation: Organisation) -> list[dict[str, Any]]:
    """What is known of an organisation, for a summary list."""
    dates = {"Exists from": organisation.starts, "No longer exists from": organisation.ends}
    return [
        {"key": "Kind", "value": organisation.get_kind_display()},
        {"key": "Statutory safeguarding partner", "value": "Yes" if organisation.is_statutory_partner else "No"},
        *({"key": key, "value": date_format(day, "j F Y")} for key, day in dates.items() if day),
    ]


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of an organisation on a group, with who has it if the reader may know."""

    membership: Membership
    is_named: bool


def seats_of(organisation: Organisation, reader: User, *, on: date) -> list[Seat]:
    """The seats that an organisation has on groups on ``on``: by group, members first. Two queries."""
    seats = Membership.objects.on(on).filter(organisation=organisation).select_related("group", "person")
    named = set(Group.objects.allowed(reader, Perm.VIEW_MEMBERS).values_list("pk", flat=True))
    by_name = seats.order_by("group__order", "group__name", "group", "person__name", "pk")
    ordered = sorted(by_name, key=lambda seat: (seat.group.order, seat.group.name, CAPACITIES.index(seat.capacity)))
    return [Seat(seat, seat.group_id in named) for seat in ordered]


class AddOrganisation(ChangePage):
    """A new organisation; afterwards its page."""

    permission_required = Perm.MANAGE_ORGANISATIONS
    form_class = OrganisationForm
    outcome: Organisation

    def back_url(self) -> str:
        return reverse("organisations")

    def get_success_url(self) -> str:
        return self.outcome.get_absolute_url()

    def perform(self, form: OrganisationForm) -> Organisation:
        made = organisations.add_organisation(by=self.person, **form.cleaned_data)
        self.done = f"{made} added"
        return made


class EditOrganisation(ChangePage):
    """What is known of one organisation, changed. Schools have a register of their own, and are not found here."""

    permission_required = Perm.MANAGE_ORGANISATIONS
    model = Organisation
    lookup: ClassVar = {"pk": "pk"}
    form_class = OrganisationForm
    done = "Organisation changed"

    def records(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().records().other_than_schools()  # type: ignore[attr-defined]
        return found

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organisation": self.record}

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.record, name) for name in OrganisationForm.base_fields}

    def perform(self, form: OrganisationForm) -> Organisation:
        changed = organisations.change_organisation(self.record, by=self.person, **form.cleaned_data)
        self._warn(people_left_behind(changed, on=timezone.localdate()).count())
        return changed

    def _warn(self, number: int) -> None:
        """That people work for a body that has ended is allowed: they may not have moved on yet. It is said."""
        if number:
            people = "1 person still works" if number == 1 else f"{number} people still work"
            messages.warning(self.request, f"It has ended, but {people} there. They are listed below.")
