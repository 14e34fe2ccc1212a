"""Small groups: what must be hidden so that no figure about a few schools can be worked out from the tables shown."""

from collections import Counter
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.small_groups import SMALLEST, hidden_groups, thin_cut


def one_table(sizes: dict[str, int]) -> set[str]:
    return set(hidden_groups({(group,): number for group, number in sizes.items()})[0])


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"a": 9, "b": 5}, set()),
        ({"a": 9, "b": 4}, {"a", "b"}),
        ({"a": 9, "b": 7, "c": 4}, {"b", "c"}),
        ({"a": 9, "b": 4, "c": 3}, {"b", "c"}),
        ({"a": 9, "b": 7, "c": 2, "d": 1}, {"b", "c", "d"}),
        ({"a": 9, "b": 3, "c": 2}, {"b", "c"}),
        ({"a": 9, "b": 0}, set()),
        ({"a": 4}, {"a"}),
    ],
)
def test_what_one_table_hides_is_together_at_least_five_schools(sizes, hidden):
    assert one_table(sizes) == hidden


def test_of_two_groups_of_a_size_the_first_by_name_is_hidden_with_a_small_one():
    assert one_table({"a": 4, "c": 6, "b": 6, "d": 7}) == {"a", "b"}


def test_no_schools_hide_nothing():
    assert hidden_groups({}) == ()


def test_a_group_that_is_another_table_s_but_for_a_few_schools_is_hidden():
    """All 60 independent schools are of no phase, and so are 3 others: the one less the other gives those 3."""
    schools = {
        ("Not applicable", "Independent schools"): 60,
        ("Not applicable", "Local authority maintained schools"): 3,
        ("Primary", "Local authority maintained schools"): 200,
    }
    assert can_be_worked_out(schools, [set(), set()])
    hidden = hidden_groups(schools)
    assert hidden == (frozenset({"Not applicable", "Primary"}), frozenset())
    assert not can_be_worked_out(schools, hidden)


def test_tables_that_lie_across_each_other_hide_nothing():
    schools = {(district, phase): 3 for district in "ABCD" for phase in ("Primary", "Secondary")}
    assert hidden_groups(schools) == (frozenset(), frozenset())


def test_groups_that_are_hidden_already_stay_so_and_count():
    schools = {("a",): 9, ("b",): 8, ("c",): 2}
    assert hidden_groups(schools, [frozenset({"a"})]) == (frozenset({"a", "c"}),)


def test_a_group_hidden_already_that_has_no_schools_here_makes_nothing_else_hidden():
    assert hidden_groups({("a",): 9, ("b",): 8}, [frozenset({"c"})]) == (frozenset({"c"}),)


def test_a_cut_of_four_is_thin_and_one_of_five_is_not():
    def two_halves(between: int):
        a, b, c, d = ((0, True, "a"), (1, True, "b"), (0, True, "c"), (1, True, "d"))
        return {(a, b): 9, (c, d): 9, (a, d): between}

    assert len(thin_cut(two_halves(4))) == 2
    assert thin_cut(two_halves(5)) == set()
    assert thin_cut({line: n for line, n in two_halves(1).items() if n > 1}) == set()  # two that are apart: no cut


# --- Against somebody who solves the equations ------------------------------------------------------------------------


def can_be_worked_out(schools, hidden) -> bool:
    """Whether adding and taking away what is shown gives a figure about some, but fewer than five, schools.

    Each group shown is an equation over the cells; so is the total. A figure about the cells S alone can be had exactly
    if the equations have a lower rank without S.
    """
    cells = [cell for cell, number in schools.items() if number]
    shown = [(table, group) for table, hides in enumerate(hidden) for group in {cell[table] for cell in cells} - hides]
    equations = [[Fraction(1)] * len(cells)]
    equations += [[Fraction(cell[table] == group) for cell in cells] for table, group in shown]
    few = [number for number, cell in enumerate(cells) if schools[cell] < SMALLEST]
    whole = rank(equations)
    return any(
        rank([[value for n, value in enumerate(row) if n not in some] for row in equations]) < whole
        for size in range(1, SMALLEST)
        for some in combinations(few, size)
        if sum(schools[cells[n]] for n in some) < SMALLEST
    )


def rank(rows) -> int:
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        found += 1
        rows = [
            [a - b * row[column] / pivot[column] for a, b in zip(row, pivot, strict=True)] if row[column] else row
            for row in rows
        ]
    return found


CELLS = list(product("abcd", "wxyz"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 6, 20]), min_size=len(CELLS), max_size=len(CELLS)))
def test_from_two_tables_no_figure_about_fewer_than_five_schools_can_be_worked_out(numbers):
    schools = {cell: number for cell, number in zip(CELLS, numbers, strict=True) if number}
    hidden = hidden_groups(schools)
    if sum(schools.values()) >= SMALLEST:
        assert not can_be_worked_out(schools, hidden)
    sizes = [Counter(), Counter()]
    for cell, number in schools.items():
        for table in (0, 1):
            sizes[table][cell[table]] += number
    for size, hides in zip(sizes, hidden, strict=False):
        assert all(group in hides for group, number in size.items() if number < SMALLEST)


@given(st.permutations([(cell, number) for number, cell in enumerate(CELLS)]))
def test_what_is_hidden_does_not_depend_on_the_order_of_the_rows(rows):
    assert hidden_groups(dict(rows)) == hidden_groups({cell: number for number, cell in enumerate(CELLS)})
