"""What suggestions need of those who see to them at the hubs: registered by ``learninghubs.home``."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils import timezone

from hscp.lib.dates import add_working_days, working_days_between
from learninghubs.choices import SuggestionStatus
from learninghubs.inbox import READ_WITHIN, replied_to
from learninghubs.models import Suggestion
from learninghubs.permissions import Perm
from partnership.choices import Role
from partnership.engine.home import Link, Need
from partnership.models import User


def to_read(user: User, on: date) -> list[Need]:
    """For a hub's lead, what has come in; for the business unit, what the hubs have left unread for too long. One
    query."""
    if not user.has_perm(Perm.SCREEN_SUGGESTION):
        return []
    new = Suggestion.objects.allowed(user, Perm.SCREEN_SUGGESTION).filter(status=SuggestionStatus.SUBMITTED)
    received = [timezone.localdate(at) for at in new.order_by("received_at").values_list("received_at", flat=True)]
    if Role.BUSINESS_UNIT in user.roles():
        received = [day for day in received if add_working_days(day, READ_WITHIN) < on]
    return [_unread(received, on)] if received else []


def _unread(received: list[date], on: date) -> Need:
    """``received`` are the days on which they came in, the first one first."""
    number, due = len(received), add_working_days(received[0], READ_WITHIN)
    title = "1 suggestion to read" if number == 1 else f"{number} suggestions to read"
    days = working_days_between(received[0], on)
    waited = f"{days} working day{'' if days == 1 else 's'}"
    detail = f"It has waited {waited}" if number == 1 else f"The oldest has waited {waited}"
    return Need(title, _inbox(SuggestionStatus.SUBMITTED), detail, due, urgent=due < on)


def replies(user: User, on: date) -> list[Need]:
    """For a hub's lead, what its author has replied to and nobody has gone on with. One query."""
    if Role.HUB_LEAD not in user.roles() or not user.has_perm(Perm.SCREEN_SUGGESTION):
        return []
    found = list(replied_to(Suggestion.objects.allowed(user, Perm.SCREEN_SUGGESTION))[:2])
    if len(found) == 1:
        return [Need(f"Reply received: {found[0]}", found[0].get_absolute_url(), "Its author has answered you")]
    return [Need("Replies received", _inbox(SuggestionStatus.AT_HUB), "Authors have answered you")] if found else []


def places(user: User) -> list[Link]:
    """The inbox, for those who have one. No query beyond the person's grants."""
    if not user.has_perm(Perm.VIEW_INBOX):
        return []
    return [Link("Suggestions", reverse("learninghubs:inbox"), "What practitioners have asked for", order=47)]


def _inbox(status: SuggestionStatus) -> str:
    return f"{reverse('learninghubs:inbox')}?status={status}"
