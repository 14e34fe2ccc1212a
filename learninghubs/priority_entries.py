"""What the hubs do about a priority."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils import timezone

from learninghubs.models import Suggestion, Theme
from partnership.engine.priorities import Entry, Kind, register
from partnership.models import Priority, User


def _themes(priority: Priority, user: User | None) -> list[Entry]:
    """The themes of the learning hubs that serve it, the newest first: for everybody. One query."""
    today = timezone.localdate()
    themes = Theme.objects.filter(serves=priority).order_by("-starts")
    return [
        Entry(theme.title, theme.get_absolute_url(), theme.year_label, *_standing(theme, today)) for theme in themes
    ]


def _standing(theme: Theme, on: date) -> tuple[str, str, date]:
    if theme.starts > on:
        return "planned", "To come", theme.starts
    return ("in_progress", "Now", theme.ends) if theme.is_on(on) else ("done", "Ended", theme.ends)


def _suggestions(priority: Priority, user: User | None) -> list[Entry]:
    """Suggestions on those themes that the person may open, and the answers that everybody may read; the newest first.
    Two queries, one for the public."""
    about = Suggestion.objects.filter(theme__serves=priority).select_related("hub__group", "response")
    own = list(about.visible_to(user).itself()) if user else []
    shared = about.for_everybody().filter(response__isnull=False).exclude(pk__in=[one.pk for one in own])
    return [*map(_to_open, own), *map(_to_read, shared)]


def _to_open(suggestion: Suggestion) -> Entry:
    return _entry(suggestion, suggestion.get_absolute_url(), suggestion.status, suggestion.get_status_display())


def _to_read(suggestion: Suggestion) -> Entry:
    answer = suggestion.response
    return _entry(suggestion, reverse("learninghubs:you_said"), answer.answer, answer.get_answer_display())


def _entry(suggestion: Suggestion, url: str, status: str, label: str) -> Entry:
    day = timezone.localdate(suggestion.received_at)
    return Entry(suggestion.title or suggestion.reference, url, str(suggestion.hub), status, label, day)


register(Kind("Themes of the learning hubs", 30, _themes))
register(Kind("Suggestions of practitioners", 35, _suggestions))
