"""Reminders of a collection: each goes to a school once, on a working day, and not after it has submitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from hscp.lib.dates import is_working_day
from partnership.choices import Role
from partnership.engine import mail
from partnership.models import User
from schools.choices import CollectionStatus, ReturnStatus
from schools.models import SUBMITTED, Collection, Reminder, Return
from schools.services.returns import people_of

# A reminder that cannot go on its day (a holiday, the worker was down) still goes within so many days: more than any
# holiday is long. After that the next one is near.
LATE_BY = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reminder that is due: what it is called, the deadline that it is about, and whether that has passed."""

    name: str
    deadline: date
    late: bool = False


def send_reminders(*, on: date) -> int:
    """Send what is due on ``on``, and say how many schools were reminded; none on a weekend or bank holiday.

    Five queries or so for each school that is reminded.
    """
    if not is_working_day(on):
        return 0
    return sum(_remind(record.pk, occasion) for occasion, returns in _due(on) for record in returns)


def _due(on: date) -> Iterator[tuple[Occasion, QuerySet[Return]]]:
    """Each occasion of ``on`` with the returns that were not reminded of it yet.

    A school with more time of its own is reminded of its own last day, also when the collection has closed.
    """
    waiting = Return.objects.exclude(status__in=SUBMITTED).filter(submitted_at=None)  # one queried since has its query
    for collection in Collection.objects.filter(status=CollectionStatus.OPEN):
        if occasion := occasion_on(collection, on):
            returns = waiting.filter(collection=collection, extended_to=None)
            yield occasion, returns.exclude(reminders__occasion=occasion.name)
    begun = waiting.exclude(collection__status=CollectionStatus.DRAFT)
    for collection, last_day in _extended(begun, on):
        if occasion := _latest(_before(collection, last_day), on):
            returns = begun.filter(collection=collection, extended_to=last_day)
            yield occasion, returns.exclude(reminders__occasion=occasion.name)


def _extended(returns: QuerySet[Return], on: date) -> list[tuple[Collection, date]]:
    """The last days that were given to single schools and have not passed, each once for its collection."""
    pairs = returns.filter(extended_to__gte=on).order_by().values_list("collection", "extended_to").distinct()
    collections = Collection.objects.in_bulk({pk for pk, _ in pairs})
    return [(collections[pk], day) for pk, day in pairs if day]


def occasion_on(collection: Collection, on: date) -> Occasion | None:
    """The latest reminder of the first deadline that is due on ``on``; None if none is, or it comes too late.

    One that falls before the opening day, or on it, does not go: schools are told of the opening itself.
    """
    before = {
        day: found for day, found in _before(collection, collection.first_deadline).items() if on <= found.deadline
    }
    due = before | _after(collection)
    return _latest({day: found for day, found in due.items() if day > collection.opens_on}, on)


def _before(collection: Collection, deadline: date) -> dict[date, Occasion]:
    """The reminders before ``deadline`` by their day. Their names hold the deadline: once moved, it is another."""
    return {
        deadline - timedelta(days=days): Occasion(f"{days} days before {deadline}", deadline)
        for days in collection.reminder_days
    }


def _after(collection: Collection) -> dict[date, Occasion]:
    deadline = collection.first_deadline
    return {
        deadline + timedelta(days=days): Occasion(f"{days} days after {deadline}", deadline, late=True)
        for days in collection.chase_days
        if deadline + timedelta(days=days) <= collection.final_deadline
    }


def _latest(due: dict[date, Occasion], on: date) -> Occasion | None:
    days = [day for day in due if on - LATE_BY <= day <= on]
    return due[max(days)] if days else None


@transaction.atomic
def _remind(pk: int, occasion: Occasion) -> bool:
    """Remind one school; False where it has just submitted, another worker was quicker, or nobody can be reached."""
    waiting = Return.objects.select_for_update(of=("self",)).exclude(status__in=SUBMITTED)
    record = waiting.select_related("organisation", "collection").filter(pk=pk).first()
    if record is None:
        return False
    people = _people_to_remind(record)
    if not people or not Reminder.objects.get_or_create(return_record=record, occasion=occasion.name)[1]:
        return False
    mail.queue("return_reminder", to=people, about=record, deadline=occasion.deadline, late=occasion.late)
    return True


def _people_to_remind(record: Return) -> list[User]:
    """Those who hold the return: its leads, or the head; where there are none, the others."""
    leads, heads = (Role.DSL, Role.DEPUTY_DSL), (Role.HEADTEACHER,)
    first, then = (heads, leads) if record.status == ReturnStatus.WITH_HEAD else (leads, heads)
    return people_of(record.organisation, *first) or people_of(record.organisation, *then)
