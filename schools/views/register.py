"""The register as a list, and as a file."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.generic import View

from hscp.lib.export import Column, csv_response, xlsx_response
from partnership.views.base import Gate, Page
from schools import facts
from schools.choices import ReturnStatus
from schools.filters.register import SchoolFilter, current_collection
from schools.models import Collection, School
from schools.permissions import Perm

SCHOOLS_ON_A_PAGE = 50
ROWS_AT_A_TIME = 2_000  # read from the database for a file


class Register(Gate):
    """The schools that the person may see, as the filters of the address ask for them."""

    permission_required = Perm.VIEW_REGISTER

    def filtered(self, schools: QuerySet[School], collection: Collection | None) -> SchoolFilter:
        return SchoolFilter(self.request.GET, schools, collection=collection)


class RegisterPage(Register, Page):
    """The list of schools: filtered, sorted, fifty at a time."""

    template_name = "schools/register.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        collection = current_collection()
        schools = School.objects.visible_to(self.request.user)
        found = self.filtered(schools.select_related("organisation"), collection)
        page = Paginator(found.qs, SCHOOLS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        for school in page:
            school.return_words = return_words(school.return_status)
        is_empty = not page.paginator.count and not schools.exists()
        return super().get_context_data(
            filter=found, page_obj=page, collection=collection, register_is_empty=is_empty, **kwargs
        )


class ExportRegister(Register, View):
    """What the list shows with these filters, all of it, as CSV or XLSX."""

    def get(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        collection = current_collection()
        schools = School.objects.visible_to(request.user).with_facts()
        rows = self.filtered(schools, collection).qs.iterator(chunk_size=ROWS_AT_A_TIME)
        filename = f"schools-{timezone.localdate()}"
        if file_format == "xlsx":
            return xlsx_response(columns(collection), rows, filename=filename, title="Schools")
        return csv_response(columns(collection), rows, filename=filename)


def columns(collection: Collection | None) -> list[Column]:
    """The columns of the exported register; the return's is there if returns are being collected."""
    if collection is None:
        return COLUMNS
    return [*COLUMNS, Column(f"Return {collection.year_label}", lambda school: return_words(school.return_status))]


def return_words(status: str | None) -> str:
    """The status of a school's return in words; None is that of a school that was not asked."""
    return str(ReturnStatus(status).label) if status else "Not asked"


def _hub_district(school: School) -> str:
    return getattr(school.local, "hub_district", "") if hasattr(school, "local") else ""


COLUMNS = [
    Column("URN", lambda school: school.urn, width=9),
    Column("School", lambda school: school.name, width=45),
    Column("Status in the register", lambda school: school.get_status_display(), width=14),
    Column("Closed on", lambda school: school.close_date, width=12),
    Column("Type", lambda school: school.type_name, width=28),
    Column("Type group", lambda school: school.type_group_name, width=28),
    Column("Phase", lambda school: school.phase, width=16),
    Column("Lowest age", lambda school: school.low_age, width=8),
    Column("Highest age", lambda school: school.high_age, width=8),
    Column("Pupils", lambda school: school.pupils, width=8),
    Column("Safeguarding duty", lambda school: facts.duty(school).label, width=40),
    Column("District", lambda school: school.district_name, width=20),
    Column("Hub district", _hub_district, width=20),
    Column("Trust", lambda school: school.trust_name, width=32),
    Column("Head", lambda school: school.head_name, width=24),
    Column("Address", lambda school: ", ".join(school.address_lines), width=48),
    Column("Telephone", lambda school: school.telephone, width=14),
    Column("Website", lambda school: school.website, width=32),
]
