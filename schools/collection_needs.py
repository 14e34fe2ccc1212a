"""What collections need of the business unit: registered by ``schools.home``, each at a bounded number of queries."""

from __future__ import annotations

from datetime import date, timedelta

from django.urls import reverse
from django.utils.formats import date_format

from hscp.lib.dates import academic_year
from partnership.engine.home import Need
from partnership.models import User
from schools import figures
from schools.choices import CollectionStatus
from schools.models import Collection
from schools.permissions import Perm

SOON = timedelta(days=21)  # before a collection opens, so that its plan can still be put right


def to_open(user: User, on: date) -> list[Need]:
    """Planned collections that open soon, and those whose day has passed without it. One query."""
    if not user.has_perm(Perm.MANAGE_COLLECTION):
        return []
    planned = Collection.objects.allowed(user, Perm.MANAGE_COLLECTION).filter(status=CollectionStatus.DRAFT)
    return [_open(collection, on) for collection in planned.filter(opens_on__lte=on + SOON)]


def _open(collection: Collection, on: date) -> Need:
    url = reverse("schools:collection", args=[collection.pk])
    if collection.opens_on < on:
        return Need(
            f"{collection} has not opened", url, "Open it, or change its plan", collection.opens_on, urgent=True
        )
    day = date_format(collection.opens_on, "j F")
    return Need(f"{collection} opens on {day}", url, "It opens by itself: look at its plan", collection.opens_on)


def governance_overdue(user: User, on: date) -> list[Need]:
    """How many submitted returns of this year's and last year's collections wait for governance too long. Two
    queries."""
    if not user.has_perm(Perm.MANAGE_COLLECTION):
        return []
    begun = Collection.objects.allowed(user, Perm.MANAGE_COLLECTION).exclude(status=CollectionStatus.DRAFT)
    recent = list(begun.filter(academic_year__gte=academic_year(on) - 1))
    overdue = figures.overdue_by_collection(recent, on=on)
    return [_chase(collection, overdue[collection.pk]) for collection in recent if overdue[collection.pk]]


def _chase(collection: Collection, number: int) -> Need:
    title = "1 governance confirmation is overdue" if number == 1 else f"{number} governance confirmations are overdue"
    url = f"{reverse('schools:collection_returns', args=[collection.pk])}?attention=governance_overdue"
    return Need(title, url, str(collection))
