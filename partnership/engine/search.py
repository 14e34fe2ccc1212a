"""Search: each app registers, in its ``search.py``, which records can be found and in which of their words.

PostgreSQL's full text search, over each kind of record through ``visible_to`` alone: what a person may not see is not
found. Words are found in all their forms (English stems), by how they begin, and, in titles, also where English leaves
them out ("Will", "Over"); ``"…"``, ``or`` and ``-`` work as people know them. References are found as they are written.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from django.contrib.postgres.search import (
    SearchHeadline,
    SearchQuery,
    SearchRank,
    SearchVector,
    SearchVectorCombinable,
    SearchVectorField,
)
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Case, Count, F, FloatField, Func, Q, QuerySet, TextField, Value, When, Window
from django.db.models.functions import NullIf
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from partnership.models import HeldText, User

LONGEST = 200  # characters of what is looked for
MOST_WORDS = 10
MOST = 200  # records of one kind that can be leafed through; all of them are counted
LARGEST_NUMBER = 2**31 - 1
EXACT = 10.0  # the rank of a record that is looked for by its reference; words alone come nowhere near
# Around a word that was found, in what PostgreSQL gives back: no text that people type holds these.
FOUND, END = "\x02", "\x03"
GAP = " … "
# Typographic marks as those of a typewriter: whether PostgreSQL takes them for letters depends on its locale.
TYPOGRAPHIC, TYPEWRITTEN = "’‘“”–—…•\u00a0", "''\"\"--.. "
STARTS_WITH_SIGN = re.compile(r'"|(^|\s)-\w|\bor\b', re.IGNORECASE)  # quotes, "not", "or"
WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record that search finds, through ``visible_to`` alone: what a person may not see is not found.

    ``title`` and ``texts`` are fields (paths over foreign keys) with the words; the title counts most. ``exact`` are
    fields that are found by their whole value: a reference, a URN. A record is linked by its ``get_absolute_url``.
    ``when`` is the field with its day, if it has one. ``related`` are foreign keys that the title or the address needs.
    ``only`` are the rows that are found; all of them unless it is said. Where the title is that of something else,
    which is found by itself (a note's is its action's), or only the reference counts, ``by_title`` is False.
    """

    kind: str
    model: type[models.Model]
    title: str
    texts: tuple[str, ...] = ()
    when: str = ""
    related: tuple[str, ...] = ()
    only: Q | None = None
    exact: tuple[str, ...] = ()
    by_title: bool = True


_sources: list[Source] = []


def register(*sources: Source) -> None:
    """Declare kinds of records that can be found. Raises ``ValueError`` for texts held back, which nobody may find, and
    for a kind that is there already."""
    for source in sources:
        if issubclass(source.model, HeldText):
            raise ValueError(  # noqa: TRY004 - of the right type, and still wrong
                "What waits to be looked at must never be found"
            )
        if source.kind in {known.kind for known in _sources}:
            raise ValueError(f"{source.kind} is declared twice")
        _sources.append(source)


def sources() -> list[Source]:
    """Every kind registered, in order."""
    return list(_sources)


# --- What is looked for -----------------------------------------------------------------------------------------------


def tidy(typed: str) -> str:
    """What somebody typed, as it is looked for: without what no text holds, and not endless."""
    return " ".join(typed.replace("\0", " ").split())[:LONGEST].strip()


def query_of(wanted: str) -> SearchQuery:
    """The words of ``wanted`` in all their forms; where it holds no signs, also by how they begin."""
    wanted = wanted.translate(str.maketrans(TYPOGRAPHIC, TYPEWRITTEN))
    exact = SearchQuery(wanted, config="english", search_type="websearch")
    words = WORDS.findall(wanted)[:MOST_WORDS]
    if STARTS_WITH_SIGN.search(wanted) or not words:
        return exact
    begins = " & ".join(f"'{word}':*" for word in words)
    found: SearchQuery = (
        exact
        | SearchQuery(begins, config="english", search_type="raw")
        | SearchQuery(begins, config="simple", search_type="raw")
    )
    return found


class _Unplaced(SearchVectorCombinable, Func):
    """The words of a vector without their places: a phrase cannot reach into it."""

    function = "strip"
    output_field = SearchVectorField()


def _vector(source: Source) -> Any:
    """The words of a record; None for what is found by its reference alone. The title also as it is written, for names
    that English takes for fillers."""
    texts: Any = SearchVector(_text(*source.texts), config="english", weight="C") if source.texts else None
    if not source.by_title:
        return texts
    title = SearchVector(_text(source.title), config="english", weight="A")
    as_written = _Unplaced(SearchVector(_text(source.title), config="simple"))
    return title + texts + as_written if texts else title + as_written


def _words_or(named: Q | None, query: SearchQuery) -> tuple[Q, Any]:
    """That a record has the words, or is named; and how well it fits."""
    words, rank = Q(vector=query), SearchRank(F("vector"), query)
    if named is None:
        return words, rank
    return words | named, Case(When(named, then=Value(EXACT)), default=rank, output_field=FloatField())


def _is_named(source: Source, wanted: str) -> Q | None:
    """That ``wanted`` is the whole reference of a record; None if it cannot be one."""
    if " " in wanted:
        return None
    named = [q for name in source.exact if (q := _equals(source.model, name, wanted))]
    return reduce(operator.or_, named) if named else None


def _equals(model: type[models.Model], name: str, wanted: str) -> Q | None:
    if not isinstance(_field(model, name), models.IntegerField):
        return Q(**{f"{name}__in": {wanted, wanted.upper(), wanted.lower()}})
    is_number = wanted.isascii() and wanted.isdecimal() and len(wanted) <= 10 and int(wanted) <= LARGEST_NUMBER
    return Q(**{name: int(wanted)}) if is_number else None


def _field(model: type[models.Model], path: str) -> Any:
    """The field at the end of a path over foreign keys."""
    *way, last = path.split("__")
    for name in way:
        related: Any = model._meta.get_field(name).related_model
        model = related
    try:
        return model._meta.get_field("id" if last == "pk" else last)
    except FieldDoesNotExist:
        return model._meta.pk


# --- What is found ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found: its kind, title and address, the words around what was found (marked), and its day."""

    kind: str
    title: SafeString
    url: str
    excerpt: SafeString
    when: date | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one record stands among all that were found."""

    rank: float
    source: Source
    pk: int


class Search:
    """What ``user`` can find by ``typed``, of all kinds or of one (by its name). One query for each kind registered,
    and one more for each kind among the hits that are shown."""

    def __init__(self, typed: str, user: User, *, kind: str = "") -> None:
        self.wanted = tidy(typed)
        self.user = user
        self.kind = kind
        self.query = query_of(self.wanted)
        self.counts: dict[str, int] = {}
        self.places = self._find() if self.wanted else []

    @property
    def number(self) -> int:
        """How many records were found: of all kinds, or of the one asked for."""
        return self.counts.get(self.kind, 0) if self.kind else sum(self.counts.values())

    def _find(self) -> list[_Place]:
        """The best of each kind, best first. Fills ``counts`` for every kind of which there is any."""
        found: list[_Place] = []
        for source in _sources:
            rows = list(self._matches(source))
            if rows:
                self.counts[source.kind] = rows[0][2]
            if self.kind in {"", source.kind}:
                found += [_Place(rank, source, pk) for pk, rank, _ in rows]
        return sorted(found, key=lambda place: place.rank, reverse=True)  # equal ranks: in the order of their kind

    def _matches(self, source: Source) -> Any:
        """The best matches of one kind: id, rank, and how many there are in all."""
        named, vector = _is_named(source, self.wanted), _vector(source)
        found, rank = named, Value(EXACT, output_field=FloatField())
        matching = self._visible(source)
        if vector is not None:
            matching = matching.annotate(vector=vector)
            found, rank = _words_or(named, self.query)
        if found is None:
            return []
        newest = [F(source.when).desc(nulls_last=True)] if source.when else []
        ranked = matching.filter(found).annotate(rank=rank, found_in_all=Window(Count("pk")))
        return ranked.order_by("-rank", *newest, "-pk").values_list("pk", "rank", "found_in_all")[:MOST]

    def _visible(self, source: Source) -> QuerySet[Any]:
        manager: Any = source.model._default_manager
        visible: QuerySet[Any] = manager.visible_to(self.user)
        return visible.filter(source.only) if source.only is not None else visible

    def hits(self, places: Iterable[_Place]) -> list[Hit]:
        """The records at ``places`` in their order, with where the words were found."""
        wanted: dict[str, list[_Place]] = {}
        listed = list(places)
        for place in listed:
            wanted.setdefault(place.source.kind, []).append(place)
        found = {kind: self._records(some[0].source, [place.pk for place in some]) for kind, some in wanted.items()}
        rows = [(place, found[place.source.kind].get(place.pk)) for place in listed]
        return [_hit(place.source, record) for place, record in rows if record is not None]

    def _records(self, source: Source, ids: list[int]) -> dict[int, Any]:
        """Records of one kind by their id, with ``title_found`` and ``text_found``. One query."""
        marks: dict[str, Any] = {"config": "english", "start_sel": FOUND, "stop_sel": END}
        title = SearchHeadline(_text(source.title), self.query, highlight_all=True, **marks)
        around: dict[str, Any] = {"max_fragments": 2, "max_words": 30, "min_words": 12, "fragment_delimiter": GAP}
        gap_and_texts = [_written(GAP), _written(""), *map(_text_or_nothing, source.texts)]
        words = Func(*gap_and_texts, function="concat_ws", output_field=TextField())
        text = SearchHeadline(words, self.query, **around, **marks)
        shown = self._visible(source).filter(pk__in=ids).select_related(*source.related)
        day = {"day_found": F(source.when)} if source.when else {"day_found": Value(None, models.DateField())}
        records: dict[int, Any] = shown.annotate(title_found=title, text_found=text, **day).in_bulk()
        return records


def _text(*paths: str) -> Any:
    """The words of some fields, typewritten; empty where there are none."""
    together = Func(_written(" "), *map(F, paths), function="concat_ws", output_field=TextField())
    return Func(together, _written(TYPOGRAPHIC), _written(TYPEWRITTEN), function="translate", output_field=TextField())


def _text_or_nothing(path: str) -> Any:
    return NullIf(_text(path), _written(""))


def _written(text: str) -> Value:
    return Value(text, output_field=TextField())


def _hit(source: Source, record: Any) -> Hit:
    when = record.day_found
    return Hit(
        source.kind,
        marked(record.title_found),
        record.get_absolute_url(),
        marked(record.text_found.strip(" …")),
        when.date() if hasattr(when, "date") else when,
    )


def marked(text: str) -> SafeString:
    """``text`` as HTML, with what was found in ``mark`` elements: all else in it is only text."""
    safe = re.sub(f"{FOUND}([^{FOUND}{END}]*){END}", r"<mark>\1</mark>", str(escape(text)))
    return mark_safe(re.sub(f"[{FOUND}{END}]", "", safe))  # escaped above
