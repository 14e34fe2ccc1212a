"""The list of professional differences, the register with its figures, and good practice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, View

from hscp.lib.export import Column, csv_response, xlsx_response
from partnership import figures
from partnership.charts import Chart, Value, chart
from partnership.escalations import clock, published_procedure
from partnership.figures import Differences
from partnership.filters.escalations import EscalationFilter, years
from partnership.forms.escalations import RecogniseForm
from partnership.forms.parts import ConfirmForm
from partnership.models import Escalation, FinancialYear, GoodPractice
from partnership.permissions import Perm
from partnership.services import escalations as services
from partnership.views.base import ChangePage, Gate, Page, TypedPage

ON_A_PAGE = 25
ROWS_AT_A_TIME = 2_000  # read from the database for a file
LATEST = 3  # of good practice, shown beside the list


class EscalationList(Page):
    """The differences that the person may see, the newest first, and the ways to begin."""

    model = Escalation
    permission_required = Perm.USE_PORTAL
    template_name = "partnership/escalations/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        visible = Escalation.objects.visible_to(self.request.user)
        found = EscalationFilter(self.request.GET, visible)
        page = Paginator(found.qs.in_words(), ON_A_PAGE).get_page(self.request.GET.get("page"))
        today = timezone.localdate()
        rows = [(row, clock(row, on=today), row.is_overdue(on=today)) for row in page]
        return super().get_context_data(
            filter=found if page.paginator.count or self.request.GET else None,
            page_obj=page,
            rows=rows,
            is_empty=not page.paginator.count and not visible.exists(),
            procedure=published_procedure(),
            practice=latest_practice(),
            **kwargs,
        )


def latest_practice() -> list[GoodPractice]:
    """What was recognised last."""
    return list(GoodPractice.objects.select_related("organisation", "recognised_by", "by_organisation")[:LATEST])


# --- The register -----------------------------------------------------------------------------------------------------


class EscalationRegister(Page):
    """How many, at which stage, of which agency, about what, and how long they took: of one year or of all."""

    permission_required = Perm.VIEW_ESCALATION_REGISTER
    template_name = "partnership/escalations/register.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        year, today = self._year(), timezone.localdate()
        chosen = raised_in(year)
        by_stage, by_theme = figures.escalations_by_stage(chosen), figures.escalations_by_theme(chosen)
        return super().get_context_data(
            year=year,
            years=years(),
            counts=counts_of(chosen, on=today, year=year),
            days=figures.escalation_days_to_resolve(chosen),
            by_stage=by_stage,
            by_theme=by_theme,
            by_agency=figures.escalations_by_agency(chosen),
            stage_chart=differences_chart("Differences by stage reached", by_stage),
            theme_chart=differences_chart("Differences by theme", by_theme),
            learned=learned(chosen),
            breadcrumbs=[("Professional differences", reverse("escalations")), ("Register", "")],
            **kwargs,
        )

    def _year(self) -> FinancialYear | None:
        """The financial year that the address asks for; None for all."""
        asked = self.request.GET.get("year", "")
        return next((FinancialYear(start=start) for start, _ in years() if str(start) == asked), None)


def raised_in(year: FinancialYear | None) -> QuerySet[Escalation]:
    """The differences raised in ``year``; all of them, for None."""
    found: QuerySet[Escalation] = Escalation.objects.all()
    return found.filter(raised_at__date__range=(year.first_day, year.last_day)) if year else found


def counts_of(escalations: Any, *, on: Any, year: FinancialYear | None) -> list[dict[str, Any]]:
    """The numbers at the head of the register, each leading to its differences."""
    within = f"&year={year.start}" if year else ""
    list_url = reverse("escalations")
    parts = [
        ("Raised", escalations, ""),
        ("Not settled", escalations.unsettled(), "unsettled"),
        ("Overdue", escalations.overdue(on=on), "overdue"),
        ("Resolved", escalations.filter(status="resolved"), "resolved"),
        ("Withdrawn", escalations.filter(status="withdrawn"), "withdrawn"),
    ]
    return [
        {"label": label, "number": rows.count(), "key": key or "all", "url": f"{list_url}?status={key}{within}"}
        for label, rows, key in parts
    ]


def differences_chart(title: str, rows: list[Differences]) -> Chart:
    values = [
        Value(row.label, Decimal(row.raised), f"{row.raised} raised, {row.unsettled} not settled") for row in rows
    ]
    return chart(title, values)


def learned(escalations: QuerySet[Escalation]) -> list[Escalation]:
    """The newest learning points, at most 20."""
    found = escalations.exclude(learning="").select_related("theme").order_by("-settled_on", "-pk")
    return list(found[:20])


COLUMNS = [
    Column("Reference", lambda row: row.reference, width=14),
    Column("Raised on", lambda row: row.raised_on, width=12),
    Column("Raised by", lambda row: row.raising_organisation, width=36),
    Column("With", lambda row: row.other_organisation, width=36),
    Column("Theme", lambda row: row.theme, width=28),
    Column("Urgent", lambda row: row.is_urgent, width=8),
    Column("Stage", lambda row: row.stage.order, width=8),
    Column("Status", lambda row: row.get_status_display(), width=22),
    Column("Answer due", lambda row: row.due, width=12),
    Column("Settled on", lambda row: row.settled_on, width=12),
    Column("Working days taken", lambda row: row.days_taken, width=12),
    Column("Outcome", lambda row: row.outcome, width=48),
    Column("Learning point", lambda row: row.learning, width=48),
]


class ExportEscalations(Gate, View):
    """What the list shows with these filters, all of it, as CSV or XLSX; without the words of the differences."""

    permission_required = Perm.VIEW_ESCALATION_REGISTER

    def get(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        visible = Escalation.objects.visible_to(request.user)
        rows = EscalationFilter(request.GET, visible).qs.in_words().iterator(chunk_size=ROWS_AT_A_TIME)
        filename = f"professional-differences-{timezone.localdate()}"
        if file_format == "xlsx":
            return xlsx_response(COLUMNS, rows, filename=filename, title="Professional differences")
        return csv_response(COLUMNS, rows, filename=filename)


# --- Good practice ----------------------------------------------------------------------------------------------------


class GoodPracticeList(Gate, ListView):
    """What was recognised, the newest first."""

    model = GoodPractice
    permission_required = Perm.VIEW_GOOD_PRACTICE
    template_name = "partnership/escalations/good_practice.html"
    paginate_by = ON_A_PAGE

    def get_queryset(self) -> QuerySet[GoodPractice]:
        return self.records().select_related("organisation", "recognised_by", "by_organisation")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        trail = [("Professional differences", reverse("escalations")), ("Good practice", "")]
        return super().get_context_data(breadcrumbs=trail, **kwargs)


class RecogniseGoodPractice(TypedPage):
    permission_required = Perm.RECOGNISE_GOOD_PRACTICE
    form_class = RecogniseForm
    done = "Thank you. The agency has been told."

    def perform(self, form: RecogniseForm) -> GoodPractice:
        return services.recognise(by=self.person, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("good_practice")


class RemoveGoodPractice(ChangePage):
    """Take an entry away that names somebody, say."""

    model = GoodPractice
    permission_required = Perm.REMOVE_GOOD_PRACTICE
    lookup = {"pk": "pk"}
    form_class = ConfirmForm
    template_name = "partnership/escalations/remove_practice.html"
    done = "Removed"

    def get_form_kwargs(self) -> dict[str, Any]:
        words = {"title": "Remove this entry?", "submit_text": "Remove", "submit_style": "warning"}
        return super().get_form_kwargs() | words

    def perform(self, form: ConfirmForm) -> None:
        services.remove_good_practice(self.record, by=self.person)

    def get_success_url(self) -> str:
        return reverse("good_practice")
