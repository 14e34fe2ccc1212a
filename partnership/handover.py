"""Handing the chair over: which terms end soon, who follows, and what is left to do. Reads only."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from partnership.models import ChairTerm
from partnership.models.groups import ONE_DAY

# How long before the end of a term those whom it concerns are told: days.
WARNING_DAYS = 90


def a_year_from(starts: date) -> date:
    """The last day of a term of a year that begins on ``starts``: the chair rolls yearly."""
    is_leap_day = (starts.month, starts.day) == (2, 29)
    return (
        starts.replace(year=starts.year + 1, day=28) if is_leap_day else starts.replace(year=starts.year + 1) - ONE_DAY
    )


def following(term: ChairTerm) -> ChairTerm | None:
    """The term that follows ``term`` in its group; None while it is not known. One query."""
    later = term.group.chair_terms.filter(starts__gte=term.ends).select_related("person", "organisation")
    return later.order_by("starts").first()


def ending_soon(on: date) -> QuerySet[Any]:
    """The terms that end within ``WARNING_DAYS`` of ``on`` in groups that go on, the next to end first.

    Each has ``steps_left``, what of its hand-over is not done, and ``has_next``, whether a next term is known.
    """
    last = on + timedelta(days=WARNING_DAYS)
    later = ChairTerm.objects.filter(group=OuterRef("group"), starts__gte=OuterRef("ends"))
    goes_on = Q(group__ends=None) | Q(group__ends__gt=last)
    found: QuerySet[ChairTerm] = ChairTerm.objects.on(on).filter(goes_on, ends__lte=last)
    counted = found.annotate(steps_left=Count("handover", filter=Q(handover__done_at=None)), has_next=Exists(later))
    return counted.select_related("group", "person", "organisation").order_by("ends", "pk")


def took_over_from(terms: QuerySet[ChairTerm]) -> QuerySet[Any]:
    """``terms``, each with the id of the term that came before it in its group as ``before``; None for the first."""
    earlier = ChairTerm.objects.filter(group=OuterRef("group"), ends__lte=OuterRef("starts")).order_by("-ends")
    return terms.annotate(before=Subquery(earlier.values("pk")[:1]))
