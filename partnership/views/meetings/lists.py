"""The list of meetings, and attendance by organisation over a year."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.generic import View

from hscp.lib.export import Column, csv_response
from partnership.choices import Presence
from partnership.figures import attendance_by_organisation, meetings_quorate
from partnership.filters.meetings import AttendanceFilter, MeetingFilter
from partnership.meetings import OrganisationAttendance
from partnership.models import Group, Meeting
from partnership.permissions import Perm
from partnership.views.base import Gate, Page

MEETINGS_ON_A_PAGE = 30


class MeetingList(Page):
    """The meetings that the person may see: their own groups' to come, without a word."""

    permission_required = Perm.USE_PORTAL
    template_name = "partnership/meetings/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meetings = Meeting.objects.visible_to(self.request.user)
        found = MeetingFilter(self.request.GET, meetings, person=self.person)
        order = ("-starts_at", "-pk") if found.newest_first else ("starts_at", "pk")
        rows = found.qs.select_related("group").order_by(*order)
        page = Paginator(rows, MEETINGS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            filter=found,
            page_obj=page,
            chosen=self._chosen(found),
            plannable=list(Group.objects.allowed(self.person, Perm.PLAN_MEETINGS).on(timezone.localdate())),
            none_at_all=not page.paginator.count and not meetings.exists(),
            **kwargs,
        )

    def _chosen(self, found: MeetingFilter) -> Group | None:
        """The group that the list is narrowed to."""
        return found.form.cleaned_data.get("group") if found.form.is_valid() else None


class AboutAttendance(Gate):
    """The meetings that were held, of a year and perhaps a group, among those that the person may see."""

    permission_required = Perm.USE_PORTAL

    def filtered(self) -> AttendanceFilter:
        return AttendanceFilter(self.request.GET, Meeting.objects.visible_to(self.request.user).took_place())


class AttendancePage(AboutAttendance, Page):
    """How the organisations came to the meetings of a year."""

    template_name = "partnership/meetings/attendance_by_organisation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.filtered()
        held = found.qs
        return super().get_context_data(
            filter=found,
            rows=attendance_by_organisation(held),
            number=held.count(),
            quorate=meetings_quorate(held),
            presences=Presence.labels,
            **kwargs,
        )


class ExportAttendance(AboutAttendance, View):
    """The same as a file."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        found = self.filtered()
        return csv_response(COLUMNS, attendance_by_organisation(found.qs), filename=f"attendance-{found.data['year']}")


def _counted(presence: Presence) -> Column:
    return Column(presence.label, lambda row: row.counts[presence])


def _rate(row: OrganisationAttendance) -> Any:
    return row.rate


COLUMNS = [
    Column("Organisation", lambda row: row.organisation.name, width=45),
    Column("Expected", lambda row: row.expected),
    *[_counted(presence) for presence in Presence],
    Column("Attendance (%)", _rate),
]
