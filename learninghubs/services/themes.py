"""Themes: at most three in an academic year, one after the other; what is read about them; sessions for schools."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from hscp.lib.dates import academic_year, academic_year_label
from learninghubs import themes as reads
from learninghubs.choices import MOST_THEMES_A_YEAR
from learninghubs.models import SchoolSession, Theme, ThemeResource
from learninghubs.permissions import Perm
from partnership.engine.workflow import TooLate, lock
from partnership.models import User
from partnership.services import parts
from partnership.services.groups import in_words

Row = TypeVar("Row", ThemeResource, SchoolSession)

TAKEN_ADDRESSES = frozenset({"add"})  # what would stand in the place of a theme's page
LONGEST_SLUG = 70

parts.register(Theme, "title", "number", "starts", "ends", "purpose", "lead", "serves")
parts.register(ThemeResource, "title", "url", "about")
parts.register(SchoolSession, "title", "starts_at", "ends_at", "place", "link", "about")


# --- Themes -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_theme(*, by: User, **fields: Any) -> Theme:
    """A new theme of the academic year in which it starts, under an address made from its title.

    ``fields``: title, number (in the year), starts, ends, purpose, lead, serves. Raises ``PermissionDenied``, or
    ``ValidationError`` by field: the year has its three already, the place is taken, it ends after the year, or another
    theme is on at the time.
    """
    _check_may_manage(by)
    theme = Theme(slug=_new_slug(fields["title"]), academic_year=academic_year(fields["starts"]))
    _check_room(theme)
    return _save(theme, fields)


@transaction.atomic
def edit_theme(theme: Theme, *, by: User, loaded: str, **fields: Any) -> Theme:
    """Change a theme; its address stays. Raises as ``add_theme``, and ``ChangedMeanwhile``."""
    _check_may_manage(by, theme)
    locked = lock(theme)
    locked.academic_year = academic_year(fields["starts"])
    _check_room(locked)
    return _save(locked, fields, loaded=loaded)


def _save(theme: Theme, fields: dict[str, Any], *, loaded: str | None = None) -> Theme:
    _check_days(theme, fields["starts"], fields["ends"])
    _check_place(theme, fields["number"])
    try:
        with transaction.atomic():
            return parts.fill(theme, fields, loaded=loaded)
    except IntegrityError as error:  # somebody else has just taken the place, or the address
        raise ValidationError(
            "Somebody has just added a theme to this year. Look at the list of themes again"
        ) from error


def _check_room(theme: Theme) -> None:
    if not reads.free_places(theme.academic_year, besides=theme):
        raise ValidationError(
            {
                "starts": f"{academic_year_label(theme.academic_year)} has its {MOST_THEMES_A_YEAR} themes already, "
                "which is the most. Enter days of another year, or change one of those"
            }
        )


def _check_place(theme: Theme, number: int) -> None:
    others = Theme.objects.filter(academic_year=theme.academic_year, number=number).exclude(pk=theme.pk)
    if other := others.first():
        place = reads.PLACES[number - 1].lower()
        raise ValidationError({"number": f"“{other}” is the {place} theme of {other.year_label}. Select another place"})


def _check_days(theme: Theme, starts: date, ends: date) -> None:
    """The hubs are at one theme at a time, so that what is said at a forum belongs to it."""
    parts.refuse_backwards("ends", starts, ends, "The last day must be after the first day")
    if ends > (last := reads.last_day_of(theme.academic_year)):
        raise ValidationError({"ends": f"A theme ends within its academic year: enter a day up to {in_words(last)}"})
    other = Theme.objects.filter(starts__lte=ends, ends__gte=starts).exclude(pk=theme.pk).first()
    if other is not None:
        raise ValidationError(
            {
                "starts": f"“{other}” is on from {in_words(other.starts)} to {in_words(other.ends)}, and the hubs are "
                "at one theme at a time. Enter days before or after"
            }
        )


def _new_slug(title: str) -> str:
    stem = slugify(title)[:LONGEST_SLUG].strip("-") or "theme"
    used = TAKEN_ADDRESSES | set(Theme.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, len(used) + 3))) if slug not in used)


# --- What is read, and sessions for schools ---------------------------------------------------------------------------


@transaction.atomic
def add_resource(theme: Theme, *, by: User, **fields: Any) -> ThemeResource:
    """Something to read or watch, after what is there. ``fields``: title, url, about. Raises ``PermissionDenied``, or
    ``ValidationError`` by field."""
    _check_may_manage(by, theme)
    last = lock(theme).resources.aggregate(last=Max("order"))["last"] or 0
    return parts.fill(ThemeResource(theme=theme, order=last + 1), fields)


@transaction.atomic
def add_session(theme: Theme, *, by: User, **fields: Any) -> SchoolSession:
    """A session for schools. ``fields``: title, starts_at, ends_at, place, link, about. Raises ``PermissionDenied``, or
    ``ValidationError`` by field."""
    _check_may_manage(by, theme)
    _check_session(fields)
    return parts.fill(SchoolSession(theme=theme), fields)


@transaction.atomic
def edit_part(row: Row, *, by: User, loaded: str, **fields: Any) -> Row:
    """Change a resource or a session. Raises ``ChangedMeanwhile``, ``TooLate`` if it is removed, ``PermissionDenied``,
    or ``ValidationError`` by field."""
    _check_may_manage(by, row.theme)
    if isinstance(row, SchoolSession):
        _check_session(fields)
    return parts.fill(_lock_part(row), fields, loaded=loaded)


@transaction.atomic
def remove_part(row: Row, *, by: User) -> None:
    """Take a resource or a session away; where a newsletter has told of a session, it keeps its words. Raises
    ``TooLate`` if somebody has done so already, ``PermissionDenied``."""
    _check_may_manage(by, row.theme)
    _lock_part(row).delete()


def _lock_part(row: Row) -> Row:
    found: Row | None = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if found is None:
        raise TooLate("Somebody has removed this in the meantime.")
    return found


def _check_session(fields: dict[str, Any]) -> None:
    starts, ends = fields["starts_at"], fields["ends_at"]
    if ends <= starts:
        raise ValidationError({"ends": "The end must be after the start"})
    if not fields["place"].strip() and not fields["link"].strip():
        raise ValidationError({"place": "Enter a place, or a link to join or book"})


def _check_may_manage(by: User, theme: Theme | None = None) -> None:
    if not by.has_perm(Perm.MANAGE_THEME, theme):
        raise PermissionDenied(f"{by} may not change themes")
