"""Texts that may hold child-identifying data: kept back until a person has looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from hscp.lib.screening import Hit, redact, screen
from partnership.choices import HeldTextStatus
from partnership.engine.workflow import lock, take
from partnership.models import HeldText, User
from partnership.moves import REDACT_TEXT, RELEASE_TEXT


@transaction.atomic
def hold(record: Any, field: str, text: str, *, hits: Sequence[Hit], by: User | None, noticed: str = "") -> HeldText:
    """Keep ``text`` from everyone but its writer (``by``; None without an account) until the business unit has looked.
    ``noticed`` says what a person saw in it, where it is not the screening that holds it back.

    A newer text takes the place of an older as a row of its own: whoever was looking at the older cannot release the
    newer unseen.
    """
    lock(record)
    withdraw(record, field)
    kinds = ", ".join([*sorted({hit.kind for hit in hits}), *filter(None, [noticed])])
    held: HeldText = HeldText.objects.create(about=record, field=field, text=text, kinds=kinds, written_by=by)
    return held


def withdraw(record: Any, field: str) -> None:
    """Forget what waits to be looked at for ``field``: its writer has written something else."""
    HeldText.objects.about(record).filter(field=field, status=HeldTextStatus.WAITING).delete()


@transaction.atomic
def release(held: HeldText, *, by: User) -> HeldText:
    """It is no child's data: the text goes where it belongs. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    locked = take(RELEASE_TEXT, held, by=by, decided_by=by, decided_at=timezone.now())
    _write(locked, locked.text)
    return locked


@transaction.atomic
def redact_text(held: HeldText, *, by: User, cleaned: str | None = None) -> HeldText:
    """Take out what identifies: the cleaned text goes where it belongs, the original is forgotten; the log stays.

    ``cleaned`` is the text as a person has rewritten it (a name, say, is found by no machine); without it, what was
    found is taken out. Raises ``ValidationError`` if ``cleaned`` still holds what identifies, ``MoveNotAllowed``,
    ``PermissionDenied``.
    """
    passed_on = (
        redacted(held) if cleaned is None else cleaned
    )  # a held text never changes: what was seen is what is there
    _check_clean(passed_on)
    locked = take(REDACT_TEXT, held, by=by, decided_by=by, decided_at=timezone.now(), text="")
    _write(locked, passed_on)
    return locked


def hits_of(held: HeldText) -> Sequence[Hit]:
    """What in a held text looks like something that identifies a child, by the day on which it was written."""
    return screen(held.text, on=timezone.localdate(held.written_at))


def redacted(held: HeldText) -> str:
    """The text of ``held`` with "[removed]" in place of what was found."""
    return redact(held.text, hits_of(held))


def _check_clean(text: str) -> None:
    kinds = dict.fromkeys(hit.kind for hit in screen(text, on=timezone.localdate()))
    if kinds:
        raise ValidationError({"cleaned": [kind.explanation for kind in kinds]})


def _write(held: HeldText, text: str) -> None:
    """Put the text into its field; the record it was for may be gone by now."""
    record: Any = held.about
    if record is not None:
        setattr(record, held.field, text)
        record.save(update_fields=[held.field])
