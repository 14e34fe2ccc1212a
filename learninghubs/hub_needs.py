"""What hubs need of the business unit: a closed one's suggestions in other hands, every district served."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from learninghubs import hubs
from learninghubs.permissions import Perm
from partnership.engine import home
from partnership.models import User


def closed_with_open(user: User, on: date) -> list[home.Need]:
    """For the business unit: hubs that have ended with suggestions still open. One query."""
    if not user.has_perm(Perm.MANAGE_HUBS):
        return []
    return [
        home.Need(
            f"{hub.waiting} open suggestion{'' if hub.waiting == 1 else 's'} of a hub that has ended",
            reverse("learninghubs:hand_over_open", args=[hub.group.slug]),
            f"{hub} has closed: hand them to another hub",
            urgent=True,
        )
        for hub in hubs.closed_with_open(on)
    ]


def districts_without_hub(user: User, on: date) -> list[home.Need]:
    """For the business unit: districts that no hub serves. One query."""
    if not user.has_perm(Perm.MANAGE_HUBS):
        return []
    names = [district.name for district in hubs.districts_without(on)]
    if not names:
        return []
    title = f"{names[0]} is served by no learning hub" if len(names) == 1 else f"{len(names)} districts without a hub"
    return [home.Need(title, reverse("learninghubs:districts"), ", ".join(names) if len(names) > 1 else "")]


def without_lead(user: User, on: date) -> list[home.Need]:
    """For the business unit: hubs that nobody leads, so that nobody sees to their suggestions. One query."""
    if not user.has_perm(Perm.MANAGE_HUBS):
        return []
    return [
        home.Need(
            f"{hub} has no lead", reverse("learninghubs:add_hub_lead", args=[hub.group.slug]), "Name who leads it"
        )
        for hub in hubs.hubs_without_lead(on)
    ]


def places(user: User) -> list[home.Link]:
    """The hubs, which lead to their themes, for everybody who is signed in. No query."""
    return [
        home.Link("Learning hubs", reverse("learninghubs:hubs"), "What they look at, and what came of it", order=40)
    ]
