"""The budget: the years, one year, and what the business unit writes into it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet, Sum
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, View

from hscp.lib.export import Column, csv_response, xlsx_response
from hscp.lib.money import pounds
from partnership import figures
from partnership.budget import Giver, HeadingSpend, change_of, givers_of, spend_of, totals_of
from partnership.charts import Chart, Value, chart
from partnership.choices import BudgetYearStatus
from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.forms.budget import (
    AddContributionForm,
    AddYearForm,
    CarriedInForm,
    CloseYearForm,
    ContributionForm,
    CorrectSpendForm,
    HeadingForm,
    PlanForm,
    RemoveContributionForm,
    ReopenYearForm,
    SpendForm,
)
from partnership.models import BudgetHeading, Contribution, FinancialYear, SpendEntry
from partnership.moves import CLOSE_YEAR, REOPEN_YEAR
from partnership.permissions import Perm
from partnership.services import budget as services
from partnership.services.budget import CHANGE_YEAR
from partnership.views.base import ChangePage, EditPage, Gate, Page, stale

ENTRIES_ON_A_PAGE = 50


class BudgetList(Page):
    """Every year that the person may see, the newest first, with its totals."""

    model = FinancialYear
    permission_required = Perm.VIEW_BUDGET
    template_name = "partnership/budget/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        years = list(self.records())
        totals = totals_of(years)
        return super().get_context_data(rows=[(year, totals[year.pk]) for year in years], **kwargs)


class YearGate(Gate):
    """A page about one year."""

    model = FinancialYear
    permission_required = Perm.VIEW_BUDGET
    lookup = {"start": "start"}

    def trail(self, *further: tuple[str, str]) -> list[tuple[str, str]]:
        """From the list of years down to this page; the last has no address."""
        return [("Budget", reverse("budget")), *further]

    @property
    def here(self) -> tuple[str, str]:
        return (self.record.label, self.record.get_absolute_url())


class BudgetYearPage(YearGate, Page):
    """One year: whether the money covers the plan, who gives what, what is spent."""

    template_name = "partnership/budget/year.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        givers, spend = givers_of(self.record), spend_of(self.record)
        return super().get_context_data(
            year=self.record,
            breadcrumbs=self.trail((self.record.label, "")),
            totals=totals_of([self.record])[self.record.pk],
            givers=givers,
            change=change_of(givers),
            giving=giving_chart(givers),
            spend=spend,
            spending=spending_chart(spend),
            is_open=self.record.status == BudgetYearStatus.OPEN,
            follows_a_closed_year=services.follows_a_closed_year(self.record),
            **kwargs,
        )


def giving_chart(givers: list[Giver]) -> Chart:
    """What each body agreed to give."""
    rows = [giver for giver in givers if giver.agreed]
    values = [Value(str(row.organisation), row.agreed, f"{pounds(row.agreed)} ({row.share}%)") for row in rows]
    return chart("Money agreed", values)


def spending_chart(spend: list[HeadingSpend]) -> Chart:
    """What is spent of what is planned."""
    values = [Value(row.name, row.spent, f"{pounds(row.spent)} of {pounds(row.budget)}", row.budget) for row in spend]
    return chart("Spent of the budget", values)


# --- Files ------------------------------------------------------------------------------------------------------------


CONTRIBUTION_COLUMNS = [
    Column("Organisation", lambda giver: giver.organisation, width=45),
    Column("Agreed (£)", lambda giver: giver.agreed),
    Column("Share of the total (%)", lambda giver: giver.share),
    Column("Agreed the year before (£)", lambda giver: giver.before),
    Column("Change (£)", lambda giver: giver.change),
    Column("Invoiced (£)", lambda giver: giver.invoiced),
    Column("Received (£)", lambda giver: giver.received),
    Column("In kind (£)", lambda giver: giver.in_kind),
    Column("What in kind", lambda giver: giver.in_kind_what, width=40),
]
SPEND_COLUMNS = [
    Column("Date", lambda entry: entry.spent_on, width=12),
    Column("Heading", lambda entry: entry.line.heading, width=28),
    Column("What", lambda entry: entry.what, width=45),
    Column("Amount (£)", lambda entry: entry.amount),
    Column("Why money was taken off", lambda entry: entry.reason, width=40),
    Column("Recorded by", lambda entry: entry.recorded_by, width=24),
]
HEADING_COLUMNS = [
    Column("Heading", lambda row: row.name, width=30),
    Column("Budget (£)", lambda row: row.budget),
    Column("Spent (£)", lambda row: row.spent),
    Column("Left (£)", lambda row: row.variance),
    Column("Spent (%)", lambda row: row.used),
]


class ExportBudget(YearGate, View):
    """A table of the year as CSV or XLSX: contributions, headings or spend."""

    def get(self, request: HttpRequest, start: int, table: str, file_format: str) -> HttpResponseBase:
        columns, rows = self._table(table)
        filename = f"{table}-{self.record.label}"
        if file_format == "xlsx":
            return xlsx_response(columns, rows, filename=filename, title=table.capitalize())
        return csv_response(columns, rows, filename=filename)

    def _table(self, table: str) -> tuple[list[Column], Iterable[Any]]:
        if table == "contributions":
            return CONTRIBUTION_COLUMNS, givers_of(self.record)
        if table == "headings":
            return HEADING_COLUMNS, spend_of(self.record)
        if table == "spend":
            return SPEND_COLUMNS, entries_of(self.record)
        raise Http404


def entries_of(year: FinancialYear) -> QuerySet[SpendEntry]:
    """The spend of a year, newest first, with what a list says of each and the corrections of each."""
    entries = SpendEntry.objects.filter(line__year=year).select_related("line__heading", "recorded_by", "corrects")
    return entries.prefetch_related(Prefetch("corrections", SpendEntry.objects.only("corrects_id", "amount")))


class SpendList(YearGate, ListView):
    """Everything spent in a year, newest first; ``?heading=`` narrows it to one heading."""

    template_name = "partnership/budget/spend.html"
    paginate_by = ENTRIES_ON_A_PAGE

    def get_queryset(self) -> QuerySet[SpendEntry]:
        found = entries_of(self.record)
        return found.filter(line__heading=self.heading) if self.heading else found

    @property
    def heading(self) -> BudgetHeading | None:
        asked = self.request.GET.get("heading", "")
        is_key = asked.isdecimal() and len(asked) < 10
        return BudgetHeading.objects.filter(pk=int(asked)).first() if is_key else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heading = self.heading
        return super().get_context_data(
            year=self.record,
            headings=BudgetHeading.objects.filter(lines__year=self.record),
            chosen=heading,
            total=self.get_queryset().aggregate(total=Sum("amount"))["total"] or Decimal(0),
            breadcrumbs=self.trail(self.here, ("Spend", "")),
            is_open=self.record.status == BudgetYearStatus.OPEN,
            **kwargs,
        )


# --- Changes to a year ------------------------------------------------------------------------------------------------


class AddYear(ChangePage):
    """A new financial year."""

    model = FinancialYear
    permission_required = Perm.MANAGE_BUDGET
    form_class = AddYearForm
    done = "Financial year added"

    def perform(self, form: AddYearForm) -> FinancialYear:
        return services.add_year(by=self.person, **form.cleaned_data)

    def back_url(self) -> str:
        return reverse("budget")

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())


class YearChange(YearGate, EditPage):
    """A change to one year, which leads back to its page. Where it cannot be made any more, the page says so.

    Whoever saves second is shown what is saved now beside what they typed, which stays in the form.
    """

    permission_required = Perm.MANAGE_BUDGET
    template_name = "partnership/budget/edit.html"
    move: Move = CHANGE_YEAR

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("caption", str(self.record))
        return super().get_context_data(year=self.record, **kwargs)


class ChangeCarriedIn(YearChange):
    form_class = CarriedInForm
    done = "Saved"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"current": {"amount": self.record.carried_in}}

    def perform(self, form: CarriedInForm) -> FinancialYear:
        return services.set_carried_in(self.record, by=self.person, **form.cleaned_data)


class CloseYear(YearChange):
    """Closing carries the balance into the next year, so the page says how much before."""

    move = CLOSE_YEAR
    form_class = CloseYearForm
    template_name = "partnership/budget/close.html"
    done = "Year closed. Its balance is carried into the next."

    def perform(self, form: CloseYearForm) -> FinancialYear:
        return services.close_year(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heading = f"Close {self.record.label}"
        totals = totals_of([self.record])[self.record.pk]
        balance = figures.budget_balance(self.record)
        return super().get_context_data(
            heading=heading, totals=totals, balance=balance, today=timezone.localdate(), **kwargs
        )


class ReopenYear(YearChange):
    move = REOPEN_YEAR
    form_class = ReopenYearForm
    done = "Year reopened"

    def perform(self, form: ReopenYearForm) -> FinancialYear:
        return services.reopen_year(self.record, by=self.person, **form.cleaned_data)


class ChangePlan(YearChange):
    """What is planned, every heading on one page."""

    form_class = PlanForm
    done = "Budget saved"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"current": services.plan_of(self.record)}

    def perform(self, form: PlanForm) -> None:
        services.set_plan(self.record, by=self.person, loaded=form.cleaned_data["loaded"], planned=form.planned())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(headings_url=reverse("budget_headings"), **kwargs)


class RecordSpend(YearChange):
    form_class = SpendForm
    done = "Spend recorded"

    def get_initial(self) -> dict[str, Any]:
        today = timezone.localdate()
        return {"spent_on": today} if self.record.contains(today) else {}

    def perform(self, form: SpendForm) -> SpendEntry:
        entered = dict(form.cleaned_data)
        return services.record_spend(self.record, entered.pop("under"), by=self.person, **entered)

    def get_success_url(self) -> str:
        return reverse("budget_spend", args=[self.record.start])


# --- Contributions ----------------------------------------------------------------------------------------------------


class AddContribution(YearChange):
    form_class = AddContributionForm
    done = "Contribution added"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"year": self.record}

    def perform(self, form: AddContributionForm) -> Contribution:
        organisation = form.cleaned_data["organisation"]
        return services.add_contribution(self.record, organisation, by=self.person, **form.values())


class ContributionChange(YearChange):
    """A change to one contribution of the year."""

    def check(self) -> None:
        super().check()
        rows = Contribution.objects.filter(year=self.record).select_related("organisation", "year")
        self.contribution = get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(contribution=self.contribution, **kwargs)


class ChangeContribution(ContributionChange):
    form_class = ContributionForm
    done = "Contribution saved"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"current": services.values_of(self.contribution)}

    def perform(self, form: ContributionForm) -> Contribution:
        loaded = form.cleaned_data["loaded"]
        return services.change_contribution(self.contribution, by=self.person, loaded=loaded, **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        url = reverse("remove_contribution", args=[self.record.start, self.contribution.pk])
        return super().get_context_data(heading=str(self.contribution.organisation), remove_url=url, **kwargs)


class RemoveContribution(ContributionChange):
    form_class = RemoveContributionForm
    done = "Contribution removed"

    def perform(self, form: RemoveContributionForm) -> None:
        services.remove_contribution(self.contribution, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heading = f"Remove the contribution of {self.contribution.organisation}"
        return super().get_context_data(heading=heading, **kwargs)


class CorrectSpend(YearChange):
    """A correction of an entry; one of a correction is one of the entry that it corrects."""

    form_class = CorrectSpendForm
    template_name = "partnership/budget/correct.html"
    done = "Correction recorded"

    def check(self) -> None:
        super().check()
        entries = SpendEntry.objects.select_related("line__heading", "line__year", "corrects__line__heading")
        found = get_object_or_404(entries, pk=self.kwargs["pk"], line__year=self.record)
        self.entry = found.corrects or found

    def get_initial(self) -> dict[str, Any]:
        return {"seen": services.amount_now(self.entry)}

    def perform(self, form: CorrectSpendForm) -> SpendEntry:
        return services.correct_spend(self.entry, by=self.person, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("budget_spend", args=[self.record.start])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(entry=self.entry, amount_now=services.amount_now(self.entry), **kwargs)


# --- Headings ---------------------------------------------------------------------------------------------------------


class HeadingList(Page):
    """The headings that money is spent under."""

    model = FinancialYear
    permission_required = Perm.MANAGE_BUDGET
    template_name = "partnership/budget/headings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        trail = [("Budget", reverse("budget")), ("Headings", "")]
        return super().get_context_data(headings=BudgetHeading.objects.all(), breadcrumbs=trail, **kwargs)


class SaveHeading(ChangePage):
    """Add a heading, or change the one in the address."""

    model = FinancialYear
    permission_required = Perm.MANAGE_BUDGET
    form_class = HeadingForm
    done = "Heading saved"
    heading: BudgetHeading | None = None

    def check(self) -> None:
        super().check()
        if "pk" in self.kwargs:
            self.heading = get_object_or_404(BudgetHeading, pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.heading}

    def perform(self, form: HeadingForm) -> BudgetHeading:
        saved: BudgetHeading = form.save()
        return saved

    def get_success_url(self) -> str:
        return reverse("budget_headings")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heading = "Change a heading" if self.heading else "Add a heading"
        return super().get_context_data(heading=heading, **kwargs)
