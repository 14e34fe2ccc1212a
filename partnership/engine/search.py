"""Search: each app registers, in its ``search.py``, which records can be found and in which of their words."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record that search finds, through ``visible_to`` alone: what a person may not see is not found.

    ``title`` and ``texts`` are fields (paths over foreign keys) with the words; the title counts most. A record is
    linked by its ``get_absolute_url``. ``when`` is the field with its day, if it has one. ``related`` are foreign keys
    that the title or the address needs.
    """

    kind: str
    model: type[models.Model]
    title: str
    texts: tuple[str, ...] = ()
    when: str = ""
    related: tuple[str, ...] = ()


_sources: list[Source] = []


def register(*sources: Source) -> None:
    """Declare kinds of records that can be found."""
    _sources.extend(sources)


def sources() -> list[Source]:
    """Every kind registered, in order."""
    return list(_sources)
