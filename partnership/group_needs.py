"""What groups need of people: somebody in the chair, the next one named, the chair handed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format

from partnership import groups
from partnership.engine import home
from partnership.handover import WARNING_DAYS, ending_soon, took_over_from
from partnership.models import ChairTerm, User
from partnership.permissions import Perm

MOST_GAPS = 5  # named one by one; more than that are on the page of chairs


def empty_chairs(user: User, on: date) -> list[home.Need]:
    """For the business unit: groups that should have a chair and have none. Three queries."""
    if not user.has_perm(Perm.MANAGE_GROUP):
        return []
    gaps = groups.chairing(groups.without_chair(on), on)
    if len(gaps) > MOST_GAPS:
        return [home.Need(f"{len(gaps)} groups have nobody in the chair", reverse("chairs"), urgent=True)]
    return [
        home.Need(
            f"{gap.group} has nobody in the chair",
            reverse("group_chair", args=[gap.group.slug]),
            f"By the rota it is the turn of {gap.turn}" if gap.turn else "Name who takes the chair",
            urgent=True,
            group=gap.group.pk,
        )
        for gap in gaps
    ]


def chairs_to_hand_over(user: User, on: date) -> list[home.Need]:
    """Terms that end within ``WARNING_DAYS``, for whoever leaves the chair and whoever takes it; for the business unit
    all of them, as long as there is something to do. Two queries."""
    terms = ending_soon(on)
    everything = user.has_perm(Perm.MANAGE_GROUP)
    found = list(terms if everything else terms.filter(person=user))
    return [*_leaving(found, user), *_coming(user, on)]


def _leaving(terms: Iterable[Any], user: User) -> Iterator[home.Need]:
    for term in terms:
        if todo := to_do(term):
            own = term.person_id == user.pk
            title = f"Hand over the chair of {term.group}" if own else f"The chair of {term.group} is handed over"
            yield home.Need(title, term.get_absolute_url(), todo, due=term.last_day, group=term.group_id)


def to_do(term: Any) -> str:
    """What is left to do before ``term`` ends; ``term`` comes from ``ending_soon``. Empty if nothing is. No query."""
    left: int = term.steps_left
    steps = f"{left} step{'' if left == 1 else 's'} of the hand-over to do" if left else ""
    unnamed = "" if term.has_next else "Nobody is named to follow"
    return ". ".join(filter(None, [unnamed, steps]))


def _coming(user: User, on: date) -> Iterator[home.Need]:
    soon = on + timedelta(days=WARNING_DAYS)
    own = ChairTerm.objects.filter(person=user, starts__gt=on, starts__lte=soon).select_related("group")
    for term in took_over_from(own).order_by("starts"):
        page = reverse("chair_term", args=[term.before or term.pk])
        title = f"You take the chair of {term.group} on {date_format(term.starts, 'j F Y')}"
        yield home.Need(title, page, "See what is handed over", due=term.starts, group=term.group_id)
