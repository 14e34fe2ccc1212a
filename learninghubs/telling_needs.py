"""What needs people where newsletters and letters did not arrive, and the way to the readers."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from learninghubs import telling
from learninghubs.models import Suggestion
from learninghubs.permissions import Perm
from partnership.engine import home
from partnership.models import User

MOST_NAMED = 5  # suggestions named one by one


def could_not_be_told(user: User, on: date) -> list[home.Need]:
    """Answered suggestions with authors whom no e-mail reached, for those at the hub. Two queries."""
    mains = Suggestion.objects.filter(pk__in=telling.not_reached().order_by().values("main"))
    found = mains.allowed(user, Perm.SCREEN_SUGGESTION).select_related("hub__group").order_by("pk")[:MOST_NAMED]
    return [
        home.Need(
            f"An author of {suggestion.reference} could not be told",
            reverse("learninghubs:suggestion_telling", args=[suggestion.pk]),
            "What we sent did not arrive: tell them in person",
            group=suggestion.hub.group_id,
        )
        for suggestion in found
    ]


def places(user: User) -> list[home.Link]:
    """The list of readers, for the business unit."""
    if not user.has_perm(Perm.VIEW_SUBSCRIBER):
        return []
    detail = "Who gets the newsletters; import a list"
    return [home.Link("Readers of the newsletters", reverse("learninghubs:subscribers"), detail, order=58)]
