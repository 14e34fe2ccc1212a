"""The secret address of a person's meetings for their calendar program: made, renewed, withdrawn."""

from __future__ import annotations

import secrets

from django.utils import timezone

from partnership.models import CalendarFeed, User
from partnership.services.people import hash_secret


def make_feed(person: User) -> str:
    """A new secret for the person's calendar, which is shown once: only its hash is kept. The one before it stops
    working."""
    secret = secrets.token_urlsafe(32)
    made = {"secret_hash": hash_secret(secret), "made_at": timezone.now()}
    CalendarFeed.objects.update_or_create(person=person, defaults=made)
    return secret


def withdraw_feed(person: User) -> None:
    """Have the person's secret address stop working."""
    CalendarFeed.objects.filter(person=person).delete()


def person_of(secret: str) -> User | None:
    """Whose calendar ``secret`` opens; None if it opens none, or they have left. One query."""
    found = CalendarFeed.objects.select_related("person").filter(secret_hash=hash_secret(secret)).first()
    return found.person if found is not None and found.person.is_active else None
