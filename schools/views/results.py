"""Results of a collection: every standard and question across the schools that have submitted, each from a figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.generic import View

from hscp.lib.export import Column, csv_response
from partnership.views.base import Page
from schools import figures
from schools.choices import SectionKind
from schools.models import Collection, Question, Section
from schools.permissions import Perm
from schools.results import DIMENSIONS, EVERYONE, HIDDEN, Group, Results, Spread
from schools.small_groups import SMALLEST
from schools.views.collections import CollectionGate, chosen_dimension, dimensions


@dataclass(frozen=True, slots=True)
class TwoYears:
    """A registered figure for a collection, and for that of the year before if there was one."""

    now: Results
    before: Results | None

    def spread(self, item: str, group: Group) -> tuple[Spread, Spread | None]:
        """How a standard or question stands in ``group``, and how it stood; None if it was not asked."""
        was_asked = self.before is not None and item in self.before.items
        return self.now.spread(item, group), self.before.spread(item, group) if self.before and was_asked else None

    def by_group(self, item: str, dimension: str) -> list[tuple[Group, Spread, Spread | None]]:
        """The same for each district, phase or type of which a school has submitted this year."""
        was = dict(self.before.by_group(item, dimension)) if self.before and item in self.before.items else {}
        nothing = HIDDEN if was else None  # no school of the group had submitted
        return [(group, spread, was.get(group, nothing)) for group, spread in self.now.by_group(item, dimension)]


class ResultsGate(CollectionGate):
    """Results of all schools, or of the one district, phase or type that the address names (``group=phase:Nursery``).

    Never of what two of them have in common: that is how small groups come about.
    """

    permission_required = Perm.VIEW_RESULTS

    @cached_property
    def group(self) -> Group:
        dimension, _, value = self.request.GET.get("group", "").partition(":")
        return Group(dimension, value) if dimension in DIMENSIONS and value else EVERYONE

    @cached_property
    def year_before(self) -> Collection | None:
        return figures.year_before(self.record)

    def figure(self, compute: Callable[..., Results], *args: Any) -> TwoYears:
        """A registered figure for the two years."""
        before = compute(self.year_before, *args) if self.year_before else None
        return TwoYears(compute(self.record, *args), before)


class ResultsPage(ResultsGate, Page):
    """What the pages of results have in common: whose results they show, and those of the year before."""

    def about(self, results: Results) -> dict[str, Any]:
        """Whose results the page shows, as its templates want to know it."""
        return {
            "collection": self.record,
            "group": self.group,
            "total": results.submitted(self.group),
            "too_few": results.is_hidden(self.group),
            "smallest": SMALLEST,
            "choices": [(key, dimension.label, results.groups(key)) for key, dimension in DIMENSIONS.items()],
            "year_before": self.year_before,
            "carried": self.carried(),
        }

    def carried(self) -> str:
        """What a link to another page of results carries on: the group, and what the tables are by."""
        known = {name: self.request.GET[name] for name in ("group", "by") if self.request.GET.get(name)}
        return f"?{urlencode(known)}" if known else ""

    def by_group(self, found: TwoYears, item: str) -> dict[str, Any]:
        """The table of ``item`` by district, phase or type."""
        by = chosen_dimension(self.request)
        return {"groups": found.by_group(item, by), **dimensions(by)}

    def crumbs(self, *further: tuple[str, str]) -> list[tuple[str, str]]:
        """From the list of collections over the results down to this page."""
        results = reverse("schools:results", args=[self.record.pk]) + self.carried()
        return self.breadcrumbs(("Results", results), *further)


class StandardsPage(ResultsPage):
    """Every standard, for all schools or one group of them."""

    template_name = "schools/results/standards.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.figure(figures.standards)
        rows = [(section, *found.spread(section.code, self.group)) for section in standards_of(self.record)]
        return super().get_context_data(
            rows=rows, breadcrumbs=self.breadcrumbs(("Results", "")), **self.about(found.now), **kwargs
        )


class StandardPage(ResultsPage):
    """One standard: its questions, for all schools or one group of them, and the standard by group."""

    template_name = "schools/results/standard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        section = get_object_or_404(standards_of(self.record), code=self.kwargs["code"])
        questions = list(section.questions.filter(scored=True))
        standard = self.figure(figures.standards)
        answers = self.figure(figures.questions, [question.key for question in questions])
        return super().get_context_data(
            section=section,
            rows=[(question, *answers.spread(question.key, self.group)) for question in questions],
            breadcrumbs=self.crumbs((section.title, "")),
            **self.by_group(standard, section.code),
            **self.about(standard.now),
            **kwargs,
        )


class QuestionPage(ResultsPage):
    """One question, for all schools or one group of them, and by group."""

    template_name = "schools/results/question.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        question = get_object_or_404(questions_of(self.record), code=self.kwargs["code"])
        found = self.figure(figures.questions, [question.key])
        standard = reverse("schools:standard_results", args=[self.record.pk, question.section.code]) + self.carried()
        return super().get_context_data(
            question=question,
            rows=[(question, *found.spread(question.key, self.group))],
            breadcrumbs=self.crumbs((question.section.title, standard), (f"Question {question.code}", "")),
            **self.by_group(found, question.key),
            **self.about(found.now),
            **kwargs,
        )


def standards_of(collection: Collection) -> QuerySet[Section]:
    """The standards that a collection asks about, in order."""
    return collection.question_set.sections.filter(kind=SectionKind.STANDARD)


def questions_of(collection: Collection) -> QuerySet[Question]:
    """The questions of a collection whose answers are results, in order."""
    scored = collection.question_set.questions.filter(scored=True, section__kind=SectionKind.STANDARD)
    return scored.select_related("section")


# --- As a file --------------------------------------------------------------------------------------------------------

NOT_SHOWN = "c"  # confidential, as the Department for Education's own tables have it


def _number(name: str) -> Callable[[tuple[Question, Spread, Spread | None]], Any]:
    """The number ``name`` of a spread, or that it is not shown."""
    return lambda row: NOT_SHOWN if row[1].hidden else getattr(row[1], name)


def _green_before(row: tuple[Question, Spread, Spread | None]) -> Any:
    before = row[2]
    return before and (NOT_SHOWN if before.hidden else before.green_share)


RESULT_COLUMNS = [
    Column("Standard", lambda row: row[0].section.title),
    Column("Question", lambda row: row[0].code),
    Column("Wording", lambda row: row[0].text, width=80),
    Column("Green", _number("green")),
    Column("Amber", _number("amber")),
    Column("Red", _number("red")),
    Column("Not applicable", _number("not_applicable")),
    Column("Green, % of those it applies to", _number("green_share")),
    Column("The same a year before", _green_before),
]


class ExportResults(ResultsGate, View):
    """Every question's result for the schools of the page, as a CSV file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = self.figure(figures.questions)
        if found.now.is_hidden(self.group):
            raise Http404
        rows = [(question, *found.spread(question.key, self.group)) for question in questions_of(self.record)]
        whose = f"-{slugify(self.group.value)}" if self.group.dimension else ""
        return csv_response(RESULT_COLUMNS, rows, filename=f"results-{self.record.year_label}{whose}")
