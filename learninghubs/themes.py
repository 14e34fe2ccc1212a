"""Themes: which the hubs are at on a day, and which there were. Reads only."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from django.db.models import QuerySet

from hscp.lib.dates import academic_year_label
from learninghubs.choices import MOST_THEMES_A_YEAR
from learninghubs.models import Theme

PLACES = ("First", "Second", "Third")


def themes_on(day: date) -> QuerySet[Theme]:
    """The themes that the hubs are at on ``day``; as a rule one, or none between two. One query."""
    found: QuerySet[Theme] = Theme.objects.on(day).order_by("starts", "pk")
    return found


def by_year() -> list[tuple[str, list[Theme]]]:
    """Every theme by academic year ("2026-27"), the newest year and theme first. One query."""
    themes = Theme.objects.select_related("serves").order_by("-academic_year", "-starts")
    return [(academic_year_label(year), list(those)) for year, those in groupby(themes, lambda one: one.academic_year)]


def free_places(year: int, *, besides: Theme | None = None) -> list[int]:
    """The numbers that no theme of the academic year has, ``besides`` left out. Empty: the year is full. One query."""
    others = Theme.objects.filter(academic_year=year).exclude(pk=besides.pk if besides else None)
    taken = set(others.values_list("number", flat=True))
    return [number for number in range(1, MOST_THEMES_A_YEAR + 1) if number not in taken]


def last_day_of(year: int) -> date:
    """The last day of an academic year."""
    return date(year + 1, 8, 31)
