"""What returns need of people: registered by ``schools.home``. Each costs a bounded number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Q
from django.urls import reverse

from partnership.engine.home import Need
from partnership.models import StatusChange, User
from schools.choices import CollectionStatus, ReturnStatus
from schools.models import Collection, Return, ReturnQuery
from schools.models.returns import ReturnQuerySet
from schools.moves import SEND_BACK
from schools.permissions import Perm

SOON = 7  # days before the last day from which a return is urgent


def of(user: User, perm: str) -> ReturnQuerySet:
    """The returns of collections that are or were open, on which ``user`` holds ``perm``."""
    allowed: ReturnQuerySet = Return.objects.allowed(user, perm)
    begun = allowed.exclude(collection__status=CollectionStatus.DRAFT)
    return begun.select_related("organisation", "collection")


def to_fill(user: User, on: date) -> list[Need]:
    """Of a lead or deputy: returns to fill in, sent back by the head, queried. Three queries."""
    if not user.has_perm(Perm.EDIT_RETURN):
        return []
    at_work = of(user, Perm.EDIT_RETURN).filter(status__in=[ReturnStatus.NOT_STARTED, ReturnStatus.IN_PROGRESS])
    returns = [record for record in at_work if record.is_open(on=on)]
    queries = list(ReturnQuery.objects.filter(return_record__in=returns, replied_at=None).select_related("question"))
    sent_back = _sent_back(returns)
    return [_fill(record, queries, record.pk in sent_back, on) for record in returns]


def _sent_back(returns: Sequence[Return]) -> set[int]:
    """The ids of those ``returns`` that the head sent back last. One query, and none if nothing is in progress."""
    ids = [record.pk for record in returns if record.status == ReturnStatus.IN_PROGRESS]
    if not ids:
        return set()
    about = StatusChange(about=returns[0]).about_type
    changes = StatusChange.objects.filter(about_type=about, about_id__in=ids).order_by("about_id", "-pk")
    return {change.about_id for change in changes.distinct("about_id") if change.verb == SEND_BACK.verb}


def _fill(record: Return, queries: Sequence[ReturnQuery], is_sent_back: bool, on: date) -> Need:
    own = [query for query in queries if query.return_record_id == record.pk]
    year, url = record.collection.year_label, record.get_absolute_url()
    if own:
        number = "a query" if len(own) == 1 else f"{len(own)} queries"
        due = min((query.reply_by for query in own if query.reply_by), default=record.deadline)
        return Need(f"Reply to {number} about the return {year}", url, str(record.organisation), due, urgent=True)
    if is_sent_back:
        title = f"The head has sent the return {year} back to you"
        return Need(title, url, str(record.organisation), record.due(on=on), urgent=True)
    verb = "Start" if record.status == ReturnStatus.NOT_STARTED else "Finish"
    left = record.days_left(on=on)
    detail = f"{record.organisation}: {left} {'day' if left == 1 else 'days'} left until the final deadline"
    return Need(f"{verb} the return {year}", url, detail, record.due(on=on), urgent=left <= SOON)


def to_confirm(user: User, on: date) -> list[Need]:
    """Of a head: returns that wait to be confirmed. One query."""
    if not user.has_perm(Perm.CONFIRM_RETURN):
        return []
    waiting = of(user, Perm.CONFIRM_RETURN).filter(status=ReturnStatus.WITH_HEAD)
    return [
        Need(
            f"Confirm the return {record.collection.year_label}",
            reverse("schools:summary", args=[record.pk]),
            str(record.organisation),
            record.due(on=on),
            urgent=record.days_left(on=on) <= SOON,
        )
        for record in waiting
        if record.is_open(on=on)
    ]


def to_sign(user: User, on: date) -> list[Need]:
    """Of a chair or proprietor: submitted returns that they have not signed. One query."""
    if not user.has_perm(Perm.SIGN_GOVERNANCE):
        return []
    pending = of(user, Perm.SIGN_GOVERNANCE).submitted().with_governance().filter(governance_signed=False)
    return [
        Need(
            f"Sign the return {record.collection.year_label} for the governors",
            reverse("schools:governance", args=[record.pk]),
            str(record.organisation),
            record.governance_due,
            urgent=record.governance_due is not None and record.governance_due <= on,
        )
        for record in pending
    ]


def to_accept(user: User, on: date) -> list[Need]:
    """Of the business unit: how many returns of each collection wait to be accepted. One query."""
    if not user.has_perm(Perm.ACCEPT_RETURN):
        return []
    submitted = Count("returns", filter=Q(returns__status=ReturnStatus.SUBMITTED))
    collections = Collection.objects.allowed(user, Perm.VIEW_COLLECTION).annotate(submitted=submitted)
    return [
        Need(
            "1 return to accept" if collection.submitted == 1 else f"{collection.submitted} returns to accept",
            f"{reverse('schools:collection_returns', args=[collection.pk])}?status={ReturnStatus.SUBMITTED}",
            str(collection),
        )
        for collection in collections.filter(submitted__gt=0)
    ]
