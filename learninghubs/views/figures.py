"""How well the loop closes: the dashboard of the hubs, and what the public reads of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from hscp.lib.export import Column, csv_response
from learninghubs import figures
from learninghubs.choices import Answer, SuggestionStatus
from learninghubs.figures import Fact, Tally
from learninghubs.filters.figures import AnswerFilter, LoopFilter, agencies_in, hubs_in, themes_in
from learninghubs.models import LearningHub, Suggestion
from learninghubs.permissions import Perm
from partnership.charts import Chart, Value, chart
from partnership.engine.figures import Figure, all_figures
from partnership.views.base import Gate, Page

ON_A_PAGE = 20
ALL = "All of these"
NONE = "–"  # where there is nothing to count

# The figures that are one number: the field of a ``Tally``, what it is called in a table, its unit.
LOOP = (
    ("received", "Made", ""),
    ("answered", "Answered", ""),
    ("overdue", "Overdue", ""),
    ("days_to_answer", "Working days to the answer", ""),
    ("days_to_tell", "Working days until told", ""),
    ("answered_in_time", "Answered within two meetings", "%"),
    ("accepted", "Taken up", "%"),
    ("actions_done", "Actions done", "%"),
    ("impact_shown", "Made a difference", "%"),
)


def shown(tally: Tally) -> list[tuple[str, str]]:
    """The figures of ``tally`` as they are shown: what each is called, and its number with its unit."""
    return [(label, _number(getattr(tally, name), unit)) for name, label, unit in LOOP]


def _number(value: Decimal | int | None, unit: str) -> str:
    return NONE if value is None else f"{floatformat(value)}{unit}"


def definitions() -> list[Figure]:
    """What each figure of the loop counts."""
    return [figure for figure in all_figures() if figure.code.startswith("learninghubs.")]


class OfTheHubs(Gate):
    """Pages with the figures of the hubs whose figures the person may see."""

    model = LearningHub
    permission_required = Perm.VIEW_DASHBOARD
    request: HttpRequest

    def found(self) -> LoopFilter:
        """The suggestions asked for, of those hubs."""
        hubs = LearningHub.objects.allowed(self.person, Perm.VIEW_DASHBOARD)
        return LoopFilter(self.request.GET, Suggestion.objects.confirmed().filter(hub__in=hubs))


class Dashboard(OfTheHubs, Page):
    """Every figure of the loop, by hub, theme and agency; of all that the person may see, or of those asked for."""

    template_name = "learninghubs/figures/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.found()
        facts = figures.facts_of(found.qs, on=timezone.localdate())
        return super().get_context_data(
            filter=found,
            number=figures.received(facts),
            whole=shown(figures.tally(ALL, facts)),
            headings=[label for _, label, _ in LOOP],
            definitions=definitions(),
            by_state=in_words(SuggestionStatus, figures.by_state(facts)),
            by_answer=in_words(Answer, figures.by_answer(facts)),
            state_chart=counted("Suggestions by state", SuggestionStatus, figures.by_state(facts)),
            answer_chart=counted("Answers of the Board", Answer, figures.by_answer(facts)),
            tables=[(what, [(row.label, shown(row)) for row in rows]) for what, rows in tables(found, facts)],
            breadcrumbs=[("Learning hubs", reverse("learninghubs:hubs")), ("How the loop closes", "")],
            **kwargs,
        )


def tables(found: LoopFilter, facts: list[Fact]) -> list[tuple[str, list[Tally]]]:
    """The figures by hub, theme and agency. Three queries, for their names."""
    suggestions = found.qs
    return [
        ("Hub", figures.tallies(facts, lambda fact: fact.hub, dict(hubs_in(suggestions)))),
        ("Theme", figures.tallies(facts, lambda fact: fact.theme, {**dict(themes_in(suggestions)), None: "No theme"})),
        (
            "Agency",
            figures.tallies(facts, lambda fact: fact.agency, {**dict(agencies_in(suggestions)), None: "Not said"}),
        ),
    ]


def in_words(kinds: Any, counts: dict[str, int]) -> list[tuple[str, int]]:
    """``counts`` with the words for what is counted."""
    return [(kinds(value).label, number) for value, number in counts.items()]


def counted(title: str, kinds: Any, counts: dict[str, int]) -> Chart:
    """A chart of ``counts``."""
    return chart(title, [Value(label, Decimal(number), str(number)) for label, number in in_words(kinds, counts)])


COLUMNS = [
    Column("By", lambda row: row[0], width=10),
    Column("Of", lambda row: row[1].label, width=40),
    *(
        Column(f"{label} ({unit})" if unit else label, lambda row, name=name: getattr(row[1], name))
        for name, label, unit in LOOP
    ),
]


class DashboardExport(OfTheHubs, View):
    """The figures of the page as a file."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        found = self.found()
        facts = figures.facts_of(found.qs, on=timezone.localdate())
        rows = [(what, row) for what, table in tables(found, facts) for row in table]
        return csv_response(COLUMNS, [("All", figures.tally(ALL, facts)), *rows], filename="learning-loop")


class YouSaid(TemplateView):
    """What practitioners suggested and what the Board did, for everybody: without names, and only what its author lets
    others read. The figures count every suggestion."""

    template_name = "learninghubs/figures/you_said.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shared = Suggestion.objects.for_everybody()
        found = AnswerFilter(self.request.GET, shared)
        answered = found.qs.select_related(
            "hub__group",
            "theme",
            "response__meeting__group",
            "response__owner_group",
            "response__owner_organisation",
            "response__action",
        ).prefetch_related("response__checks")
        newest_first = answered.order_by("-response__answered_on", "-pk")
        page = Paginator(newest_first, ON_A_PAGE).get_page(self.request.GET.get("page"))
        facts = figures.facts_of(Suggestion.objects.all(), on=timezone.localdate())
        return super().get_context_data(
            filter=found if page.paginator.count or self.request.GET else None,
            page_obj=page,
            is_empty=not page.paginator.count and not shared.exists(),
            whole=shown(figures.tally("All hubs", facts)),
            **kwargs,
        )
