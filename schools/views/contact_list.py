"""The contacts of all schools, as a list and as a file: who is missing, who has never signed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from hscp.lib.export import Column, csv_response, xlsx_response
from partnership.choices import Role
from partnership.models import RoleGrant
from partnership.views.base import Gate, Page
from schools import contacts, figures
from schools.choices import ContactState
from schools.filters.contacts import NEVER_SIGNED_IN, ContactFilter
from schools.models import School
from schools.permissions import Perm

SCHOOLS_ON_A_PAGE = 50


class Contacts(Gate):
    """The open schools that the person may see, as the filters of the address ask for them."""

    permission_required = Perm.VIEW_REGISTER

    def open_schools(self) -> QuerySet[School]:
        schools: QuerySet[School] = School.objects.visible_to(self.request.user).open()
        return schools.select_related("organisation").order_by("organisation__name", "urn")

    def filtered(self) -> ContactFilter:
        return ContactFilter(self.request.GET, self.open_schools())


@dataclass(frozen=True, slots=True)
class Line:
    """One school of the list with its people: one list for each of ``contacts.ROLES``."""

    school: School
    posts: list[tuple[Role, list[RoleGrant]]]


class ContactsPage(Contacts, Page):
    """The list: fifty schools at a time, each with who is in which role."""

    template_name = "schools/contacts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.filtered()
        page = Paginator(found.qs, SCHOOLS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            filter=found,
            page_obj=page,
            lines=list(lines_of(page)),
            roles=contacts.ROLES,
            gaps=list(gaps_of(figures.contact_gaps(at=timezone.now()))),
            **kwargs,
        )


def lines_of(schools: Iterable[School]) -> Iterator[Line]:
    """The schools with their people. One query."""
    listed = list(schools)
    people = contacts.of_schools(listed, at=timezone.now())
    for school in listed:
        found = people[school.pk]
        yield Line(school, [(role, [one for one in found if one.role == role]) for role in contacts.ROLES])


def gaps_of(gaps: figures.ContactGaps) -> Iterator[dict[str, Any]]:
    """What is missing, as tiles that lead to the schools."""
    page = reverse("schools:contacts")
    for key, label, number in [
        (f"missing={Role.DSL}", "without a safeguarding lead", gaps.without_dsl),
        (f"missing={Role.HEADTEACHER}", "without a head", gaps.without_head),
        (f"missing={Role.CHAIR_OF_GOVERNORS}", "without a chair", gaps.without_chair),
        (f"state={NEVER_SIGNED_IN}", "people have never signed in", gaps.never_signed_in),
        (f"state={ContactState.NEVER_INVITED}", "people were never invited", gaps.never_invited),
    ]:
        yield {"key": key, "label": label, "number": number, "url": f"{page}?{key}"}


class ExportContacts(Contacts, View):
    """The people of the listed schools, one row for each role, as CSV or XLSX. A vacant role is a row without a name,
    so that the file can be filled in and imported again."""

    def get(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        filename = f"contacts-{timezone.localdate()}"
        rows = posts_of(self.filtered().qs)
        if file_format == "xlsx":
            return xlsx_response(COLUMNS, rows, filename=filename, title="Contacts")
        return csv_response(COLUMNS, rows, filename=filename)


@dataclass(frozen=True, slots=True)
class Post:
    """One row of the file: a role at a school, and who is in it."""

    school: School
    role: Role
    contact: Any = None  # a RoleGrant as schools.contacts.current() gives it

    def of_user(self, field: str) -> Any:
        return getattr(self.contact.user, field) if self.contact else ""

    def of_contact(self, field: str) -> Any:
        return getattr(self.contact, field) if self.contact else ""


def posts_of(schools: Iterable[School]) -> Iterator[Post]:
    """Every contact of the schools, and every role that should be filled and is not. One query for all contacts."""
    for line in lines_of(schools):
        for role, people in line.posts:
            yield from (Post(line.school, role, contact) for contact in people)
            if not people and role in contacts.NEEDED_ROLES:
                yield Post(line.school, role)


def state_in_words(post: Post) -> str:
    return str(ContactState(post.contact.state).label) if post.contact else "Nobody named"


COLUMNS = [
    Column("URN", lambda post: post.school.urn, width=9),
    Column("School", lambda post: post.school.name, width=45),
    Column("Role", lambda post: post.role.label, width=34),
    Column("Name", lambda post: post.of_user("name"), width=24),
    Column("Email", lambda post: post.of_user("email"), width=34),
    Column("Job title", lambda post: post.of_user("job_title"), width=24),
    Column("District", lambda post: post.school.district_name, width=20),
    Column("Phase", lambda post: post.school.phase, width=16),
    Column("State", state_in_words, width=16),
    Column("Invited", lambda post: post.of_contact("invited_at"), width=16),
    Column("Last signed in", lambda post: post.of_user("last_login"), width=16),
]
