"""Which groups of schools must not be shown, so that no figure about a few schools can be read or worked out.

Results stand in tables by district, by phase and by type of school, under a total. Whoever holds them all can add and
take away: the total less the districts that are shown gives those that are not; all independent schools may be of one
phase, and that phase less the independent schools gives the few others in it. So a table hides more than its small
groups:

1. a group of fewer than ``SMALLEST`` schools is hidden;
2. the groups that a table hides are together at least ``SMALLEST`` schools: the next smallest is hidden with them;
3. no two tables, with the total, may give by adding and taking away a figure about fewer than ``SMALLEST`` schools.

For the third, draw two tables as a graph: a point for each group that is shown and one for all that are hidden, and
between two points a line as thick as the number of schools that are in both. What can be worked out from the two tables
are then exactly the figures about the lines that part the graph in two (its cuts): a figure about few schools is a thin
cut. It is found as Stoer and Wagner (1997) and Nagamochi and Ibaraki (1992) do, and closed by hiding two groups of one
table, one on each side of it.

Three tables are looked at two by two. What a school can work out with its own answers in hand is not prevented.
Source: the question set's rule for comparison (no group of fewer than five schools).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

SMALLEST = 5  # schools

Cell = tuple[str, ...]  # a school's group in each table, such as its district, phase and type
Hidden = tuple[frozenset[str], ...]  # the groups that each table hides
Point = str  # "1=Nursery" is a group that table 1 shows; "1" is all that it hides
Lines = Counter[tuple[Point, Point]]  # how many schools are in both


def hidden_groups(schools: Mapping[Cell, int], hidden: Sequence[frozenset[str]] = ()) -> Hidden:
    """The groups that each table must hide, where ``schools`` says how many schools there are in each cell.

    ``hidden`` are groups that each table hides already, for a reason of their own. No cells give no tables.
    """
    sizes = _sizes(schools)
    found = [set(groups) for groups in hidden] or [set() for _ in sizes]
    for groups, size in zip(found, sizes, strict=False):
        _hide_small(groups, size)
    if sum(schools.values()) >= SMALLEST:  # or all is hidden, and there are no figures to work with
        while further := _to_close_a_thin_cut(schools, sizes, found):
            for table, group in further:
                found[table].add(group)
    return tuple(frozenset(groups) for groups in found)


def _sizes(schools: Mapping[Cell, int]) -> list[Counter[str]]:
    """For each table, how many schools there are in each of its groups."""
    sizes: list[Counter[str]] = [Counter() for _ in next(iter(schools), ())]
    for cell, number in schools.items():
        for size, group in zip(sizes, cell, strict=True):
            size[group] += number
    return sizes


def _hide_small(groups: set[str], size: Counter[str]) -> None:
    """Add the small groups of a table to ``groups``, then the next smallest, until together they are large enough."""
    groups |= {group for group, number in size.items() if 0 < number < SMALLEST}
    together = sum(size[group] for group in groups)
    for number, group in sorted((number, group) for group, number in size.items() if group not in groups):
        if together == 0 or together >= SMALLEST:
            return
        groups.add(group)
        together += number


def _to_close_a_thin_cut(
    schools: Mapping[Cell, int], sizes: Sequence[Counter[str]], hidden: Sequence[set[str]]
) -> list[tuple[int, str]]:
    """The groups to hide, each with its table, so that the first thin cut of two tables is there no more; or none."""
    for first, second in combinations(range(len(sizes)), 2):
        lines = _lines(schools, hidden, first, second)
        if side := thin_cut(lines):
            pairs = _pairs_across(lines, side)
            groups = [_groups(pair) for pair in pairs]
            return min(groups, key=lambda found: (sum(sizes[table][group] for table, group in found), found))
    return []


def _groups(pair: tuple[Point, Point]) -> list[tuple[int, str]]:
    """Those of the two points that are groups shown, each with its table."""
    parts = [point.partition("=") for point in pair]
    return [(int(table), group) for table, is_shown, group in parts if is_shown]


def _pairs_across(lines: Lines, side: set[Point]) -> Iterator[tuple[Point, Point]]:
    """Pairs of points of one table, one on each side of the cut: hidden together they are one point, and no cut."""
    near = _near(lines)
    for line in lines:
        if len(side.intersection(line)) == 1:
            inner, outer = sorted(line, key=lambda point: point not in side)
            yield from ((inner, point) for point in near[outer] if point not in side)
            yield from ((outer, point) for point in near[inner] if point in side)


def _lines(schools: Mapping[Cell, int], hidden: Sequence[set[str]], first: int, second: int) -> Lines:
    ones, others = _points(schools, hidden, first), _points(schools, hidden, second)
    lines: Lines = Counter()
    for cell, number in schools.items():
        if number:
            lines[ones[cell[first]], others[cell[second]]] += number
    return lines


def _points(schools: Mapping[Cell, int], hidden: Sequence[set[str]], table: int) -> dict[str, Point]:
    """The point of each group of a table."""
    groups = {cell[table] for cell in schools}
    return {group: str(table) if group in hidden[table] else f"{table}={group}" for group in groups}


# --- Thin cuts of a graph ---------------------------------------------------------------------------------------------

Near = dict[Point, Counter[Point]]  # for each point, the points that a line leads to, and how thick it is


def thin_cut(lines: Mapping[tuple[Point, Point], int]) -> set[Point]:
    """The points on one side of a cut that has lines, but is thinner than ``SMALLEST`` schools; empty if there is none.

    Points that no thin cut can part are merged, until there are no lines left.
    """
    members = {point: {point} for line in lines for point in line}
    while near := _near(lines):
        order = _order(near)
        last, cut = order[-1]
        if cut < SMALLEST:
            return members[last]
        home = _homes(order)
        for point in home.keys() - home.values():
            members[home[point]] |= members[point]
        lines = _between_homes(lines, home)
    return set()


def _near(lines: Mapping[tuple[Point, Point], int]) -> Near:
    near: Near = {point: Counter() for point in sorted({point for line in lines for point in line})}
    for (one, other), number in lines.items():
        near[one][other] += number
        near[other][one] += number
    return near


def _order(near: Near) -> list[tuple[Point, int]]:
    """The points, each time the one tied most closely to those before it, with the thickness of that tie.

    No cut between two neighbours in this order is thinner than the tie of the second; around the last, the tie is one.
    """
    point = next(iter(near))
    order, ties = [(point, 0)], dict.fromkeys(near, 0)
    while True:
        del ties[point]
        if not ties:
            return order
        for other, number in near[point].items():
            if other in ties:
                ties[other] += number
        point = max(ties, key=ties.__getitem__)
        order.append((point, ties[point]))


def _homes(order: list[tuple[Point, int]]) -> dict[Point, Point]:
    """For each point, the one that it is merged into: no thin cut parts it from its neighbour in ``order``."""
    homes: dict[Point, Point] = {}
    home = order[0][0]
    for point, tie in order:
        home = home if tie >= SMALLEST else point
        homes[point] = home
    return homes


def _between_homes(lines: Mapping[tuple[Point, Point], int], home: Mapping[Point, Point]) -> Lines:
    found: Lines = Counter()
    for (one, other), number in lines.items():
        if home[one] != home[other]:
            found[home[one], home[other]] += number
    return found
