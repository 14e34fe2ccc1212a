"""What an action or an item of an agenda came from, which may be a record of any app, as far as a reader may see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, prefetch_related_objects

from partnership.engine import access
from partnership.models import Action, AgendaItem, User


@dataclass(frozen=True, slots=True)
class CameFrom:
    """What something came from: the kind in words; its title and address where the reader may see it."""

    kind: str
    title: str = ""
    url: str = ""


def came_from(record: Action | AgendaItem, reader: User) -> CameFrom | None:
    """Where ``record`` came from, as far as ``reader`` may see it; None where that is not known, or is no longer there.

    A source that has no permissions of its own says by ``part_of`` whose they are: an answer, its return's.
    """
    return sources_of([record], reader).get(record.pk)


def sources_of(records: Iterable[Action | AgendaItem], reader: User) -> dict[int, CameFrom]:
    """``came_from`` of each of ``records`` that came from anything, by its id. Two queries for each kind of source,
    whatever their number, beside what the titles of those that the reader sees may cost."""
    sources = _sources(records)
    seen = _seen([_whole(source) for source in sources.values()], reader)
    return {pk: _told(source, seen) for pk, source in sources.items()}


def for_any_reader(records: Iterable[Action | AgendaItem]) -> dict[int, CameFrom]:
    """The same for a document that several people read: the kind and the address, which asks whoever opens it; no
    title. One query for each kind of source."""
    return {
        pk: CameFrom(kind_of(type(source)), url=_whole(source).get_absolute_url() if _has_page(_whole(source)) else "")
        for pk, source in _sources(records).items()
    }


def _sources(records: Iterable[Action | AgendaItem]) -> dict[int, Any]:
    listed = [record for record in records if record.source_id is not None]
    prefetch_related_objects(listed, "source")
    return {record.pk: record.source for record in listed if record.source is not None}


def _told(source: Any, seen: set[tuple[type, Any]]) -> CameFrom:
    kind, whole = kind_of(type(source)), _whole(source)
    if (type(whole), whole.pk) not in seen:
        return CameFrom(kind)
    return CameFrom(kind, str(source), whole.get_absolute_url())


def _whole(source: Any) -> Any:
    return getattr(source, "part_of", source)


def _seen(wholes: Iterable[Any], reader: User) -> set[tuple[type, Any]]:
    """Those of ``wholes`` that have a page which ``reader`` may open."""
    ids: dict[Any, set[Any]] = defaultdict(set)
    for whole in filter(_has_page, wholes):
        ids[type(whole)].add(whole.pk)
    return {(model, pk) for model, wanted in ids.items() for pk in _open_to(reader, model, wanted)}


def _has_page(whole: Any) -> bool:
    """Whether it has a page: what no table of permissions knows has none."""
    try:
        return bool(access.view_permission(type(whole))) and hasattr(whole, "get_absolute_url")
    except access.UnknownPermission:
        return False


def _open_to(reader: User, model: Any, ids: set[Any]) -> Iterable[Any]:
    """Those of ``ids`` that ``reader`` may see."""
    scope = access.scope_of(reader, access.view_permission(model))
    if scope is None or scope == Q():
        return () if scope is None else ids
    found: Iterable[Any] = model._default_manager.filter(scope, pk__in=ids).values_list("pk", flat=True)
    return found


def kind_of(model: Any) -> str:
    """What the records of ``model`` are called as the source of something: "School return" for its answers."""
    named = getattr(model, "named_as_source", "") or str(model._meta.verbose_name)
    return named[:1].upper() + named[1:]
