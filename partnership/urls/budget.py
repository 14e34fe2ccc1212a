"""Contributions and spend."""

from django.urls import path

from partnership.views import budget

YEAR = "budget/<int:start>/"

urlpatterns = [
    path("budget/", budget.BudgetList.as_view(), name="budget"),
    path("budget/add/", budget.AddYear.as_view(), name="add_budget_year"),
    path("budget/headings/", budget.HeadingList.as_view(), name="budget_headings"),
    path("budget/headings/add/", budget.SaveHeading.as_view(), name="add_budget_heading"),
    path("budget/headings/<int:pk>/", budget.SaveHeading.as_view(), name="edit_budget_heading"),
    path(YEAR, budget.BudgetYearPage.as_view(), name="budget_year"),
    path(f"{YEAR}carried-in/", budget.ChangeCarriedIn.as_view(), name="budget_carried_in"),
    path(f"{YEAR}close/", budget.CloseYear.as_view(), name="close_budget_year"),
    path(f"{YEAR}reopen/", budget.ReopenYear.as_view(), name="reopen_budget_year"),
    path(f"{YEAR}plan/", budget.ChangePlan.as_view(), name="budget_plan"),
    path(f"{YEAR}contributions/add/", budget.AddContribution.as_view(), name="add_contribution"),
    path(f"{YEAR}contributions/<int:pk>/", budget.ChangeContribution.as_view(), name="edit_contribution"),
    path(f"{YEAR}contributions/<int:pk>/remove/", budget.RemoveContribution.as_view(), name="remove_contribution"),
    path(f"{YEAR}spend/", budget.SpendList.as_view(), name="budget_spend"),
    path(f"{YEAR}spend/add/", budget.RecordSpend.as_view(), name="record_spend"),
    path(f"{YEAR}spend/<int:pk>/correct/", budget.CorrectSpend.as_view(), name="correct_spend"),
    path(f"{YEAR}<slug:table>.<slug:file_format>", budget.ExportBudget.as_view(), name="budget_export"),
]
