"""The checklist of what published arrangements must contain: loaded from a file, then kept by the business unit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import slugify

from partnership.engine.workflow import lock
from partnership.models import ArrangementItem, User
from partnership.permissions import Perm
from partnership.services import parts

ARRANGEMENTS = Path(__file__).parent.parent / "data" / "arrangements.yaml"


@transaction.atomic
def load(*, by: User | None) -> int:
    """Add the items of the file that comes with the portal and are not on the list yet; how many came. What somebody
    has reworded stays as it is. ``by`` is None where the system acts. Raises ``PermissionDenied``."""
    if by is not None:
        _check(by)
    read = yaml.safe_load(ARRANGEMENTS.read_text(encoding="utf-8"))
    known = set(ArrangementItem.objects.values_list("code", flat=True))
    first = parts.next_position(ArrangementItem.objects.all())
    new = [item for item in read["items"] if item["code"] not in known]
    made = [
        ArrangementItem(
            code=item["code"],
            text=item["text"],
            source=item.get("source", read["source"]),
            to_check=item.get("to_check", False),
            position=position,
        )
        for position, item in enumerate(new, start=first)
    ]
    return len(ArrangementItem.objects.bulk_create(made))


@transaction.atomic
def add_item(*, by: User, **fields: Any) -> ArrangementItem:
    """A new item at the end. ``fields``: text, source, to_check. Raises ``ValidationError``, ``PermissionDenied``."""
    _check(by)
    items = ArrangementItem.objects.all()
    used = set(items.values_list("code", flat=True))
    stem = slugify(fields["text"])[:50].strip("-") or "item"
    code = next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, len(used) + 3))) if code not in used)
    return parts.fill(ArrangementItem(code=code, position=parts.next_position(items)), fields)


@transaction.atomic
def edit_item(item: ArrangementItem, *, by: User, loaded: str, **fields: Any) -> ArrangementItem:
    """Change an item. Raises ``ChangedMeanwhile``, ``TooLate``, ``ValidationError`` by field, ``PermissionDenied``."""
    _check(by)
    return parts.fill(lock(item), fields, loaded=loaded)


@transaction.atomic
def remove_item(item: ArrangementItem, *, by: User) -> None:
    """Take an item off the list. Raises ``TooLate``, ``PermissionDenied``."""
    _check(by)
    lock(item).delete()


@transaction.atomic
def move_item(item: ArrangementItem, *, by: User, up: bool) -> bool:
    """Move an item by one place and return whether it could move further that way. Raises ``TooLate``,
    ``PermissionDenied``."""
    _check(by)
    return parts.shift(lock(item), ArrangementItem.objects.select_for_update(), up=up)


def _check(by: User) -> None:
    if not by.has_perm(Perm.MANAGE_CHECKLIST):
        raise PermissionDenied(f"{by} may not change the checklist")
