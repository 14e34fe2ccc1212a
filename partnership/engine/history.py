"""Field history, readable: who changed what on a record, from what to what (written by database triggers).

An app's ``history.py`` registers the models whose history has a page, and for each the rows that belong to it.

An update is kept as the row was *before* it (``pghistory.Old`` in the models), an insert or a delete as the row was.
What a row became is its next event, or the row as it stands: so even the very first change shows both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from partnership.engine.access import view_permission
from partnership.models import User

MOST = 200  # changes shown on a page
NOBODY = "The portal"
EMPTY: tuple[Any, ...] = (None, "", [])


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one row, as it was and as it became: "" where it was empty, ``was`` None where the row was new."""

    field: str
    was: str | None
    became: str


@dataclass(frozen=True, slots=True)
class Event:
    """One write: when, by whom ("The portal" where no person acted), to what, and the fields that changed."""

    at: datetime
    by: str
    what: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """Rows of ``model`` whose changes belong on a page, also those that have been deleted since.

    ``where`` filters what was recorded of them; ``named_by`` are the fields that tell one such row from another.
    """

    model: type[models.Model]
    where: Mapping[str, Any]
    named_by: tuple[str, ...] = ()


Related = Callable[[Any], Iterable[Trail]]

_pages: dict[type[models.Model], Related] = {}
_perms: dict[type[models.Model], str] = {}


def register(model: type[models.Model], related: Related = lambda record: (), *, perm: str = "") -> None:
    """Give ``model`` a history page; ``related`` names further rows whose changes belong on it.

    ``perm`` is asked on the record where not everybody for whom it exists may read its history: all may see a group,
    but not who sits on it.
    """
    _pages[model] = related
    if perm:
        _perms[model] = perm


def has_page(model: type[models.Model]) -> bool:
    """Whether records of ``model`` have a history page."""
    return model in _pages


def permission_of(model: type[models.Model]) -> str:
    """The permission on a record of ``model`` that opens its history. Raises ``UnknownPermission`` if there is none."""
    return _perms.get(model) or view_permission(model)


def itself(record: models.Model) -> Trail:
    """The changes of one row."""
    return Trail(type(record), {"pgh_obj": record.pk})


def events_of(record: models.Model, *, most: int = MOST) -> list[Event]:
    """The newest changes to ``record`` and the rows that belong to it, newest first, at most ``most``.

    Two queries for each trail, and one for each model that a changed field points to.
    """
    trails = [itself(record), *_pages[type(record)](record)]
    writes = [write for trail in trails for write in _writes(trail, most)]
    # What one transaction wrote has one time: it stays in the order of the trails, each newest first.
    writes.sort(key=lambda write: write.row.pgh_created_at, reverse=True)
    names = _names(writes[:most])
    return [event for write in writes[:most] if (event := _event(write, names)) is not None]


@dataclass(frozen=True, slots=True)
class _Write:
    """One recorded event (``row``) with the row before and after it; None where there was none."""

    trail: Trail
    row: Any
    before: Any
    after: Any


Names = Mapping[type[models.Model], Mapping[Any, str]]


def _writes(trail: Trail, most: int) -> Iterator[_Write]:
    """The newest events of a trail, newest first, each with what came of it."""
    recorded: Any = trail.model._meta.get_field("events").related_model
    found = recorded.objects.filter(**trail.where).select_related("pgh_context").order_by("-pgh_id")[:most]
    later: dict[Any, Any] = trail.model._base_manager.in_bulk({row.pgh_obj_id for row in found})  # as it stands
    for row in found:
        before = None if row.pgh_label == "insert" else row
        after = {"insert": row, "update": later.get(row.pgh_obj_id)}.get(row.pgh_label)
        yield _Write(trail, row, before, after)
        later[row.pgh_obj_id] = row


def _event(write: _Write, names: Names) -> Event | None:
    changes = tuple(_changes(write, names))
    if write.row.pgh_label == "update" and not changes:
        return None
    by = names[User].get(_user_id(write.row), NOBODY)
    return Event(write.row.pgh_created_at, by, _title(write, names), changes)


_VERBS = {"insert": "added", "update": "changed", "delete": "removed"}


def _title(write: _Write, names: Names) -> str:
    meta = write.trail.model._meta
    title = f"{str(meta.verbose_name).capitalize()} {_VERBS[write.row.pgh_label]}"
    fields = [meta.get_field(name) for name in write.trail.named_by]
    called = ", ".join(filter(None, (_text(field, _value(field, write.row), names) for field in fields)))
    return f"{title}: {called}" if called else title


def _changes(write: _Write, names: Names) -> Iterator[Change]:
    for field, before, after in _differences(write):
        was = None if write.before is None else _text(field, before, names)
        yield Change(_sentence_case(field.verbose_name), was, _text(field, after, names))


def _differences(write: _Write) -> Iterator[tuple[Any, Any, Any]]:
    """The fields that differ, with both values; of a row that came or went, what it held."""
    for field in _fields(write):
        before, after = _value(field, write.before), _value(field, write.after)
        if before != after and not (before in EMPTY and after in EMPTY):
            yield field, before, after


def _fields(write: _Write) -> Iterator[Any]:
    """The recorded fields that say something: not the key, not what the page or the title says already."""
    said = {*write.trail.where, *write.trail.named_by}
    recorded = {field.name for field in write.row._meta.concrete_fields}
    is_whole_row = write.before is None or write.after is None
    for field in write.trail.model._meta.concrete_fields:
        when_written = is_whole_row and isinstance(field, models.DateTimeField)  # the event has the time
        if field.name in recorded and not field.primary_key and field.name not in said and not when_written:
            yield field


def _value(field: Any, row: Any) -> Any:
    return getattr(row, field.attname) if row is not None else None


def _user_id(row: Any) -> int | None:
    return row.pgh_context.metadata.get("user") if row.pgh_context else None


def _names(writes: list[_Write]) -> Names:
    """The names of the people who acted and of the rows that the events point to, by model and key."""
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for write in writes:
        wanted[User].add(_user_id(write.row))
        for field, key in _pointers(write):
            wanted[field.related_model].add(key)
    return {model: _names_of(model, keys - {None}) for model, keys in wanted.items()} or {User: {}}


def _pointers(write: _Write) -> Iterator[tuple[Any, Any]]:
    named = (write.trail.model._meta.get_field(name) for name in write.trail.named_by)
    yield from ((field, _value(field, write.row)) for field in named if field.is_relation)
    for field, before, after in _differences(write):
        if field.is_relation:
            yield from ((field, before), (field, after))


def _names_of(model: type[models.Model], keys: set[Any]) -> dict[Any, str]:
    return {key: str(row) for key, row in model._base_manager.in_bulk(keys).items()}


def _text(field: Any, value: Any, names: Names) -> str:
    """A value in words; "" if it is empty."""
    if value in EMPTY:
        return ""
    if field.is_relation:
        return names[field.related_model].get(value, f"No longer there ({value})")
    if isinstance(value, list):
        return ", ".join(filter(None, (_text(getattr(field, "base_field", field), item, names) for item in value)))
    if isinstance(value, dict):  # a JSON field's
        return ", ".join(f"{name}: {text}" for name, item in value.items() if (text := _text(field, item, names)))
    return _plain(value) if isinstance(value, (bool, date)) else str(dict(field.flatchoices).get(value, value))


def _plain(value: bool | date) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j F Y, H:i")
    return date_format(value, "j F Y")


def _sentence_case(name: Any) -> str:
    text = str(name)
    return text[:1].upper() + text[1:]
