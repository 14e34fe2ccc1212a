"""What actions need of people: registered by ``partnership.home``. Each costs a bounded number of queries."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from partnership.engine.home import Need
from partnership.models import Action, ActionReminders, User
from partnership.permissions import Perm

MOST_NAMED = 5  # one by one; more than that in one line


def to_do(user: User, on: date) -> list[Need]:
    """What the person holds that is overdue, or due soon. At most three queries beyond the person's groups."""
    held = Action.objects.unfinished().held_by(user)
    near = held.filter(due__lte=on + ActionReminders.current().horizon).select_related("organisation", "group")
    actions = list(near.order_by("due", "pk")[: MOST_NAMED + 1])
    if len(actions) <= MOST_NAMED:
        return [
            Need(action.what, action.get_absolute_url(), str(action.owner), action.due, group=action.group_id)
            for action in actions
        ]
    return [_all_at_once(near.count(), actions[0].due)]


def _all_at_once(number: int, first: date) -> Need:
    address = f"{reverse('actions')}?view=mine"
    return Need(f"{number} actions are due soon or overdue", address, "The first of them", first)


def left_behind(user: User, on: date) -> list[Need]:
    """For the business unit: unfinished actions whose person has left. One query."""
    if not user.has_perm(Perm.OPEN_ACTION):
        return []
    number = Action.objects.left_behind().count()
    title = (
        "1 action is with somebody who has left" if number == 1 else f"{number} actions are with people who have left"
    )
    address = f"{reverse('actions')}?view=all&person=left"
    return [Need(title, address, "Name somebody else")] if number else []
