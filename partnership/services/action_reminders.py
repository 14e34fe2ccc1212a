"""Reminders of actions: one message a person and day with all that they hold, never one for each action."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Q

from hscp.lib.dates import is_working_day
from partnership.actions import holders
from partnership.engine import mail
from partnership.models import Action, ActionDigest, ActionReminders, User

# A reminder that cannot go on its day (a holiday, the worker was down) still goes within so many days: more than any
# holiday is long.
LATE_BY = timedelta(days=5)
ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Digest:
    """What one person holds, and the latest day on which one of these actions was to be brought to their mind."""

    person: User
    overdue: list[Action] = field(default_factory=list)
    coming: list[Action] = field(default_factory=list)
    occasion: date = date.min

    def add(self, action: Action, occasion: date | None, *, on: date) -> None:
        """Take in one more action."""
        (self.overdue if action.is_overdue(on=on) else self.coming).append(action)
        self.occasion = max(self.occasion, occasion or date.min)

    @property
    def number(self) -> int:
        """How many actions it lists."""
        return len(self.overdue) + len(self.coming)


def send_digests(*, on: date) -> int:
    """Remind everybody who is to be reminded on ``on`` and was not yet, and say how many were.

    None on a weekend or bank holiday. Six queries, and four for each person reminded.
    """
    if not is_working_day(on):
        return 0
    return sum(_send(digest, on=on) for digest in _wanted(on))


def _wanted(on: date) -> Iterator[Digest]:
    """The digests of those who have had none since one of their actions was to be brought to their mind."""
    digests = _digests(on)
    told = dict(
        ActionDigest.objects.filter(person__in=digests, day__gte=on - LATE_BY)
        .order_by()
        .values_list("person")
        .annotate(last=Max("day"))
    )
    for pk, digest in digests.items():
        if digest.occasion > max(on - LATE_BY - ONE_DAY, told.get(pk, date.min)):
            yield digest


def _digests(on: date) -> dict[int, Digest]:
    """What each person holds that is overdue, due soon or newly given, by their id."""
    reminders = ActionReminders.current()
    near = Q(due__lte=on + reminders.horizon) | Q(person__isnull=False, given_on__gte=on - LATE_BY)
    actions = list(Action.objects.unfinished().filter(near).with_names())
    people = holders(actions, on=on)
    found: dict[int, Digest] = {}
    for action in actions:
        occasion = occasion_of(action, reminders, on=on)
        for person in people[action.pk]:
            found.setdefault(person.pk, Digest(person)).add(action, occasion, on=on)
    return found


def occasion_of(action: Action, reminders: ActionReminders, *, on: date) -> date | None:
    """The latest day up to ``on`` on which whoever holds ``action`` was to be reminded of it; None if there was none.

    That is: the day after it was given to a person by somebody else, so many days before it is due, the day after that,
    and from then on every so many days. What fell before it was given does not count.
    """
    days = [action.due - timedelta(days=ahead) for ahead in (reminders.first_before, reminders.last_before)]
    if action.is_overdue(on=on):
        days.append(on - (on - action.due - ONE_DAY) % timedelta(days=reminders.between_overdue))
    if action.person_id is not None and action.person_id != action.created_by_id:
        days.append(action.given_on + ONE_DAY)
    return max((day for day in days if action.given_on < day <= on), default=None)


@transaction.atomic
def _send(digest: Digest, *, on: date) -> bool:
    """Send one person theirs; False where another worker was quicker."""
    row = {"person": digest.person, "day": on}
    if not ActionDigest.objects.get_or_create(**row, defaults={"actions": digest.number})[1]:
        return False
    mail.queue("action_digest", to=[digest.person], digest=digest, today=on)
    return True


@transaction.atomic
def change_reminders(*, first_before: int, last_before: int, between_overdue: int) -> ActionReminders:
    """Say anew when people are reminded, in days. The page asks for the permission and for sensible numbers."""
    row, _ = ActionReminders.objects.update_or_create(
        pk=ActionReminders.ONLY,
        defaults={"first_before": first_before, "last_before": last_before, "between_overdue": between_overdue},
    )
    return row
