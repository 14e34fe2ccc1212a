"""Results: how the answers of submitted returns are spread over the colours, for all schools and for groups of them.

Counted in the database when they are asked for, no finer than what is asked for: a county's answers are many.

Every page and file takes its figures from ``Results``, so a figure shown twice is the same figure, and one that is
hidden in one place is hidden in all. Which groups are hidden, and why: ``schools.small_groups``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from schools.choices import Rag
from schools.models import SUBMITTED, Collection, Return
from schools.small_groups import SMALLEST, Cell, Hidden, hidden_groups

RATED = (Rag.GREEN, Rag.AMBER, Rag.RED)


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something that schools are grouped by: what it is called, and the field of a school."""

    label: str
    field: str


# By the word in an address. A ``Cell`` has a group for each, in this order.
DIMENSIONS = {
    "district": Dimension("District", "district_name"),
    "phase": Dimension("Phase", "phase"),
    "type": Dimension("Type of school", "type_group_name"),
}
TABLES = {dimension: number for number, dimension in enumerate(DIMENSIONS)}  # the place of each in a ``Cell``
PATHS = {name: f"organisation__school__{dimension.field}" for name, dimension in DIMENSIONS.items()}  # from a return
ROW_PATHS = {name: f"return_record__{path}" for name, path in PATHS.items()}  # from an answer, or a standard's result


def share(part: int, whole: int) -> Decimal | None:
    """``part`` of ``whole``: a percentage, 0-100, to one decimal place (half up); None of nothing."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Group:
    """The schools that a result is about: all of them, or those of one district, phase or type."""

    dimension: str = ""
    value: str = ""

    @property
    def label(self) -> str:
        return self.value or ("Not known" if self.dimension else "All schools")

    def q(self, paths: Mapping[str, str]) -> Q:
        """Its schools as a filter, where ``paths`` lead to each of the dimensions."""
        if not self.dimension:
            return Q()
        path = paths[self.dimension]
        return Q(**{path: self.value}) if self.value else Q(**{path: ""}) | Q(**{f"{path}__isnull": True})


EVERYONE = Group()


@dataclass(frozen=True, slots=True)
class Spread:
    """How one standard or question stands in a group: numbers of schools. ``hidden``: too few schools to say."""

    green: int = 0
    amber: int = 0
    red: int = 0
    not_applicable: int = 0
    hidden: bool = False

    @property
    def rated(self) -> int:
        """The schools to which it applies."""
        return self.green + self.amber + self.red

    @property
    def schools(self) -> int:
        """Every school of the group that has submitted."""
        return self.rated + self.not_applicable

    @property
    def green_share(self) -> Decimal | None:
        """Green as a share of the schools to which it applies: see ``share``."""
        return share(self.green, self.rated)

    def shares(self) -> list[tuple[str, Decimal]]:
        """Green, amber, red, not applicable as percentages of the schools, in that order; none of no schools."""
        counts = (self.green, self.amber, self.red, self.not_applicable)
        shares = [(rag.value, share(count, self.schools)) for rag, count in zip((*RATED, Rag.NA), counts, strict=True)]
        return [(rag, part) for rag, part in shares if part is not None]


HIDDEN = Spread(hidden=True)


class Results:
    """What the submitted returns of one collection say of some standards or questions (``items``, by name).

    ``rows`` are the rows that hold a colour for an item: ``field`` leads to the item, whose name is in ``items``.
    """

    def __init__(self, collection: Collection, rows: QuerySet[Any], field: str, items: Mapping[int, str]) -> None:
        self.items = frozenset(items.values())
        self._returns = Return.objects.filter(collection=collection).submitted().order_by()
        self._rows = rows.filter(
            return_record__collection=collection,
            return_record__status__in=SUBMITTED,
            rag__in=RATED,
            **{f"{field}__in": list(items)},
        ).order_by()
        self._field, self._names = field, items
        self._colours_of = cache(self._count_group)
        self._hidden_for = cache(self._work_out)
        self._submitted_by = cache(self._count_submitted)

    # What is shown

    def submitted(self, group: Group = EVERYONE) -> int:
        """How many schools of ``group`` have submitted."""
        return self._submitted_by(group.dimension)[group.value]

    def groups(self, dimension: str) -> list[Group]:
        """The groups of which a school has submitted, by name. Raises ``KeyError`` for an unknown dimension."""
        return [Group(dimension, value) for value in sorted(self._submitted_by(dimension))]

    def is_hidden(self, group: Group = EVERYONE) -> bool:
        """Whether nothing is shown of ``group``: it is too small, or would give away one that is."""
        is_small = self.submitted(group) < SMALLEST
        return is_small or (bool(group.dimension) and group.value in self._always_hidden[TABLES[group.dimension]])

    def spread(self, item: str, group: Group = EVERYONE) -> Spread:
        """How the standard or question ``item`` stands in ``group``. Raises ``KeyError`` if it is not among them.

        Hidden where the group is, and where the item applies to too few of its schools, or such a number could be
        worked out.
        """
        if item not in self.items:
            raise KeyError(item)
        return HIDDEN if self.is_hidden(group) else self._spread(item, group, self._colours_of(group)[item])

    def by_group(self, item: str, dimension: str) -> list[tuple[Group, Spread]]:
        """How ``item`` stands in each district, phase or type of which a school has submitted, by name."""
        found = self._count_by(item, dimension)
        return [(group, self._spread(item, group, found[group.value])) for group in self.groups(dimension)]

    def _spread(self, item: str, group: Group, found: Counter[str]) -> Spread:
        if self.is_hidden(group) or 0 < found.total() < SMALLEST:
            return HIDDEN
        if group.dimension and group.value in self._hidden_for(item)[TABLES[group.dimension]]:
            return HIDDEN
        rest = self.submitted(group) - found.total()
        return Spread(found[Rag.GREEN], found[Rag.AMBER], found[Rag.RED], rest)

    # What is hidden

    @cached_property
    def _always_hidden(self) -> Hidden:
        return hidden_groups(self._schools)

    def _work_out(self, item: str) -> Hidden:
        """What each table hides of ``item``: groups in which few schools are rated, and what would give those away."""
        if self._colours_of(EVERYONE)[item].total() == self.submitted():  # it applies to every school
            return self._always_hidden
        return hidden_groups(self._rated[item], self._always_hidden)

    # Counting: one query for each of these

    @cached_property
    def _schools(self) -> dict[Cell, int]:
        """The returns submitted, by kind of school."""
        rows = self._returns.values_list(*PATHS.values()).annotate(number=Count("pk"))
        return {_cell(row[:-1]): row[-1] for row in rows}

    @cached_property
    def _rated(self) -> dict[str, Counter[Cell]]:
        """The returns with a colour for each of the items that do not apply to every school, by kind of school."""
        found: dict[str, Counter[Cell]] = {name: Counter() for name in self.items}
        everyone = self._colours_of(EVERYONE)
        some = [pk for pk, name in self._names.items() if everyone[name].total() < self.submitted()]
        rows = self._rows.filter(**{f"{self._field}__in": some})
        for pk, *cell, number in rows.values_list(self._field, *ROW_PATHS.values()).annotate(number=Count("pk")):
            found[self._names[pk]][_cell(cell)] += number
        return found

    def _count_group(self, group: Group) -> dict[str, Counter[str]]:
        """How many returns of ``group`` have which colour for each item."""
        found: dict[str, Counter[str]] = {name: Counter() for name in self.items}
        where = group.q(ROW_PATHS)
        for pk, rag, number in self._rows.filter(where).values_list(self._field, "rag").annotate(number=Count("pk")):
            found[self._names[pk]][rag] += number
        return found

    def _count_by(self, item: str, dimension: str) -> defaultdict[str, Counter[str]]:
        """How many returns of each group of ``dimension`` have which colour for ``item``."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        rows = self._rows.filter(**{f"{self._field}__in": [pk for pk, name in self._names.items() if name == item]})
        for value, rag, number in rows.values_list(ROW_PATHS[dimension], "rag").annotate(number=Count("pk")):
            found[value or ""][rag] += number
        return found

    def _count_submitted(self, dimension: str) -> Counter[str]:
        """How many of each group of ``dimension`` have submitted; no query of its own."""
        found: Counter[str] = Counter()
        place = TABLES[dimension] if dimension else None
        for cell, number in self._schools.items():
            found["" if place is None else cell[place]] += number
        return found


def _cell(row: Sequence[str | None]) -> Cell:
    """The kind of school that the columns of ``row`` name; an organisation that is no school is of none."""
    return tuple(group or "" for group in row)
