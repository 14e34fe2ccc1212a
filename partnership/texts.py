"""Free texts: screened before anybody else reads them, for what could identify a child or a family. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.utils import timezone

from hscp.lib.screening import Hit, screen


def find(text: str, *, allowed: Iterable[str] = ()) -> tuple[Hit, ...]:
    """What in ``text`` could identify a child or a family today; ``allowed`` are words that may stand in it."""
    return screen(text, on=timezone.localdate(), allowed=list(allowed))


def explain(hit: Hit) -> str:
    """What was found and what to do about it, for the person who wrote it."""
    return f"“{hit.text.strip()}”: {hit.kind.explanation}"


def refuse(found: Mapping[str, Iterable[Hit]]) -> None:
    """Raise ``ValidationError``, by field, if anything was found in any of the fields."""
    if errors := {name: sentences for name, hits in found.items() if (sentences := [explain(hit) for hit in hits])}:
        raise ValidationError(errors)


def refuse_identifying(**texts: str) -> None:
    """Raise ``ValidationError``, by field, where the screening finds something in ``texts``.

    For texts that become part of a record at once (a note, a reason, minutes) and so cannot be held back.
    """
    refuse({name: find(text) for name, text in texts.items()})
