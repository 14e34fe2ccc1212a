"""Results: how the answers of submitted returns are spread over the colours, for all schools and for groups of them.

Every page and file takes its figures from ``Results``, so a figure shown twice is the same figure, and one that is
hidden in one place is hidden in all. Which groups are hidden, and why: ``schools.small_groups``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property

from schools.choices import Rag
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
    """What the submitted returns of one collection say of some standards or questions.

    ``schools`` are the returns submitted, by kind of school; ``rated``, for each standard or question, how many of them
    have which colour. The rest are not applicable.
    """

    def __init__(self, schools: Mapping[Cell, int], rated: Mapping[str, Mapping[Cell, Mapping[str, int]]]) -> None:
        self.schools, self.rated = schools, rated
        self._colours = cache(self._count)
        self._hidden_for = cache(self._work_out)

    def submitted(self, group: Group = EVERYONE) -> int:
        """How many schools of ``group`` have submitted."""
        return self._submitted_by(group.dimension)[group.value]

    def groups(self, dimension: str) -> list[Group]:
        """The groups of which a school has submitted, by name. Raises ``KeyError`` for an unknown dimension."""
        return [Group(dimension, value) for value in sorted(self._submitted_by(dimension))]

    def is_hidden(self, group: Group = EVERYONE) -> bool:
        """Whether nothing is shown of ``group``: it is too small, or would give away one that is."""
        return self.submitted(group) < SMALLEST or _is_in(group, self._always_hidden)

    def spread(self, item: str, group: Group = EVERYONE) -> Spread:
        """How the standard or question ``item`` stands in ``group``. Raises ``KeyError`` if it is not among them.

        Hidden where the group is, and where the item applies to too few of its schools, or such a number could be
        worked out.
        """
        found = self._colours(item, group.dimension).get(group.value, Counter())
        if self.is_hidden(group) or 0 < found.total() < SMALLEST or self._is_hidden_for(item, group):
            return HIDDEN
        rest = self.submitted(group) - found.total()
        return Spread(found[Rag.GREEN], found[Rag.AMBER], found[Rag.RED], rest)

    def by_group(self, item: str, dimension: str) -> list[tuple[Group, Spread]]:
        """How ``item`` stands in each district, phase or type of which a school has submitted, by name."""
        return [(group, self.spread(item, group)) for group in self.groups(dimension)]

    @cached_property
    def _always_hidden(self) -> Hidden:
        return hidden_groups(self.schools)

    def _is_hidden_for(self, item: str, group: Group) -> bool:
        return bool(group.dimension) and _is_in(group, self._hidden_for(item))

    def _work_out(self, item: str) -> Hidden:
        """What each table hides of ``item``: groups in which few schools are rated, and what would give those away."""
        schools = {cell: sum(colours.values()) for cell, colours in self.rated[item].items()}
        return self._always_hidden if schools == self.schools else hidden_groups(schools, self._always_hidden)

    def _submitted_by(self, dimension: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for cell, number in self.schools.items():
            found[_value(cell, dimension)] += number
        return found

    def _count(self, item: str, dimension: str) -> dict[str, Counter[str]]:
        """The colours of ``item`` in each group of a dimension."""
        found: dict[str, Counter[str]] = {}
        for cell, colours in self.rated[item].items():
            found.setdefault(_value(cell, dimension), Counter()).update(colours)
        return found


def _value(cell: Cell, dimension: str) -> str:
    return cell[TABLES[dimension]] if dimension else ""


def _is_in(group: Group, hidden: Hidden) -> bool:
    return bool(group.dimension and hidden) and group.value in hidden[TABLES[group.dimension]]
