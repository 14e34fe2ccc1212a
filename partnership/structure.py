"""The structure of the partnership on a day: which group stands under which, and how it is drawn. Reads only.

``structure_on`` gives the tree; ``draw`` lays it out. The first level under the top stands in rows, and what stands
deeper hangs under its parent, so that the picture grows downwards and not out of the page; where many stand under one
(the learning hubs), they have a row of their own below. Lengths are in the units of the picture, which on a wide screen
are pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from partnership.choices import GroupKind
from partnership.groups import name_on, place_on
from partnership.models import Group

# --- The tree --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Node:
    """A group as it was called on the day, and the groups under it."""

    group: Group
    name: str
    children: list[Node] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.group.get_absolute_url()

    @property
    def kind_label(self) -> str:
        """What kind of group it is; empty where its name or its place among the linked boards says so."""
        label = str(self.group.get_kind_display())
        is_said = label.lower() in self.name.lower() or self.group.kind == GroupKind.LINKED_BOARD
        return "" if is_said else label

    def count(self) -> int:
        """This group and all under it."""
        return 1 + sum(child.count() for child in self.children)


@dataclass(frozen=True, slots=True)
class Structure:
    """The groups on a day: the trees from the top, and the boards beside them."""

    on: date
    roots: list[Node]
    linked: list[Node]

    @property
    def is_empty(self) -> bool:
        return not self.roots and not self.linked

    def count(self) -> int:
        """How many groups and linked boards there are."""
        return sum(node.count() for node in [*self.roots, *self.linked])


def structure_on(on: date) -> Structure:
    """The groups that existed on ``on`` and are drawn, under the names and in the places that they had then.

    A group whose parent did not exist, or is not drawn, stands under the nearest one above that was. Three queries.
    """
    everything = {
        group.pk: group for group in Group.objects.order_by("order", "name", "pk").prefetch_related(*_PAST_OF_A_GROUP)
    }
    drawn = {pk: Node(group, name_on(group, on)) for pk, group in everything.items() if _is_drawn(group, on)}
    linked = [node for node in drawn.values() if node.group.kind == GroupKind.LINKED_BOARD]
    roots: list[Node] = []
    for pk, node in drawn.items():
        if node.group.kind == GroupKind.LINKED_BOARD:
            continue
        above = drawn.get(_nearest_drawn(pk, everything, drawn, on) or 0)
        (above.children if above else roots).append(node)
    return Structure(on, roots, linked)


_PAST_OF_A_GROUP = ("former_names", "former_places")


def _is_drawn(group: Group, on: date) -> bool:
    return group.on_structure and group.exists_on(on)


def _nearest_drawn(pk: int, everything: dict[int, Group], drawn: dict[int, Node], on: date) -> int | None:
    """The nearest group above that is in the tree. Where places of different times make a circle, the top."""
    seen, above = {pk}, place_on(everything[pk], on).parent_id
    while above is not None and above not in seen:
        node = drawn.get(above)
        if node is not None and node.group.kind != GroupKind.LINKED_BOARD:
            return None if _leads_back(above, pk, everything, on) else above
        seen.add(above)
        above = place_on(everything[above], on).parent_id
    return None


def _leads_back(start: int, pk: int, everything: dict[int, Group], on: date) -> bool:
    """Whether the way up from ``start`` comes to ``pk``."""
    seen: set[int] = set()
    above: int | None = start
    while above is not None and above not in seen:
        if above == pk:
            return True
        seen.add(above)
        above = place_on(everything[above], on).parent_id
    return False


# --- The picture -----------------------------------------------------------------------------------------------------

WIDTH, MARGIN = 1100, 24
MOST_IN_A_ROW, WIDEST, NARROWEST = 5, 240, 130
GAP, ROW_GAP, HANG_GAP, INDENT = 20, 46, 12, 26
TOP_WIDTH = 320
PAD_X, PAD_Y = 14, 12
NAME_SIZE, KIND_SIZE, LINE, KIND_LINE = 16, 13, 20, 17
MANY = 4  # stand in a row of their own, not one below the other
BAND_GAP = 30

# The colours of the mark, one for each of five hubs. They decorate; the words say what a box is.
HUB_COLOURS = ("#f2b134", "#ef7d6b", "#b49be0", "#6cbcec", "#4fc3b0")
STRIPES = {
    GroupKind.BOARD: "#0d3b4a",
    GroupKind.EXECUTIVE: "#0d3b4a",
    GroupKind.STAKEHOLDERS: "#0b5a70",
    GroupKind.SUBGROUP: "#0b5a70",
    GroupKind.TASK_AND_FINISH: "#6f777b",
    GroupKind.LINKED_BOARD: "#6f777b",
}


@dataclass(frozen=True, slots=True)
class Box:
    """One group in the picture. ``look`` is "top", "main", "deep" or "linked"."""

    node: Node
    x: int
    y: int
    width: int
    height: int
    lines: list[str]
    look: str
    stripe: str

    @property
    def text_x(self) -> int:
        """Where the words begin; in the box on top, their middle."""
        return self.middle_x if self.look == "top" else self.x + PAD_X + 2

    @property
    def kind_y(self) -> int:
        """Where the letters of the kind stand; the words as a whole are in the middle of the box."""
        return self.y + (self.height - _words_height(self.node, self.lines)) // 2 + KIND_SIZE - 1

    @property
    def texts(self) -> list[tuple[int, str]]:
        """The lines of the name, each with where its letters stand."""
        first = self.kind_y + LINE - (0 if self.node.kind_label else KIND_LINE)
        return [(first + LINE * number, line) for number, line in enumerate(self.lines)]

    @property
    def middle_x(self) -> int:
        return self.x + self.width // 2

    @property
    def middle_y(self) -> int:
        return self.y + self.height // 2

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(slots=True)
class Drawing:
    """The picture: boxes, the lines between them, dashed to linked boards, and where those begin."""

    width: int = WIDTH
    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    dashed: list[str] = field(default_factory=list)
    band_y: int | None = None


def draw(structure: Structure) -> Drawing:
    """The picture of ``structure``. No query."""
    drawing = Drawing()
    y = 4
    for tree in _trees(structure.roots):
        y = _draw_tree(drawing, tree, y) + ROW_GAP
    y -= ROW_GAP if structure.roots else 0
    if structure.linked:
        y = _draw_linked(drawing, structure.linked, y)
    drawing.height = y + 4
    return drawing


def _trees(roots: list[Node]) -> Iterator[list[Node]]:
    """What is drawn one below the other: each group with others under it; then those without, side by side."""
    yield from ([root] for root in roots if root.children)
    alone = [root for root in roots if not root.children]
    if alone:
        yield alone


def _draw_tree(drawing: Drawing, tree: list[Node], y: int) -> int:
    """One group on top and those under it; or groups side by side. Returns where it ends."""
    if len(tree) > 1:
        return _draw_rows(drawing, tree, y, look="main")[1]
    top = _box(tree[0], (WIDTH - TOP_WIDTH) // 2, y, TOP_WIDTH, look="top")
    drawing.boxes.append(top)
    if not tree[0].children:
        return top.bottom
    apart = _with_row_of_its_own(tree[0].children)
    rows, end = _draw_rows(drawing, tree[0].children, top.bottom + ROW_GAP, look="main", apart=apart)
    _join_rows(drawing.lines, rows, start=(top.middle_x, top.bottom), track=MARGIN // 2)
    if apart is None:
        return end
    above = next(box for box in rows[0] if box.node is apart)
    rows, end = _draw_rows(drawing, apart.children, end + ROW_GAP, look="deep")
    _join_rows(drawing.lines, rows, start=(above.x + INDENT // 2, above.bottom), track=MARGIN // 2)
    return end


def _with_row_of_its_own(nodes: list[Node]) -> Node | None:
    """The one of ``nodes``, which stand side by side, whose many groups stand in a row below all else; None if none has
    many, they have groups under them, or ``nodes`` themselves take several rows."""
    fit = [node for node in nodes if len(node.children) >= MANY and not any(child.children for child in node.children)]
    return max(fit, key=lambda node: len(node.children)) if fit and len(nodes) <= MOST_IN_A_ROW else None


def _draw_linked(drawing: Drawing, linked: list[Node], y: int) -> int:
    drawing.band_y = y + BAND_GAP if drawing.boxes else y
    top = drawing.boxes[0] if drawing.boxes else None
    rows, end = _draw_rows(drawing, linked, drawing.band_y + 2 * ROW_GAP - 12, look="linked")
    if top is not None:
        track = WIDTH - MARGIN // 2
        drawing.dashed.append(f"M{top.right} {top.middle_y}H{track}V{rows[-1][0].y - ROW_GAP // 2}")
        for row in rows:
            _join_row(drawing.dashed, row, until=track)
    return end


Rows = list[list[Box]]


def _draw_rows(
    drawing: Drawing, nodes: list[Node], y: int, *, look: str, apart: Node | None = None
) -> tuple[Rows, int]:
    """``nodes`` side by side in rows of equal length, with all that hangs under them, but for what stands under
    ``apart``. Returns the rows and the end."""
    rows: Rows = []
    columns = math.ceil(len(nodes) / math.ceil(len(nodes) / MOST_IN_A_ROW))
    width = min(WIDEST, (WIDTH - 2 * MARGIN - GAP * (columns - 1)) // columns)
    end = y
    for start in range(0, len(nodes), columns):
        row, end = _draw_row(drawing, nodes[start : start + columns], y, width, look, apart)
        rows.append(row)
        y = end + ROW_GAP
    return rows, end


def _draw_row(
    drawing: Drawing, nodes: list[Node], y: int, width: int, look: str, apart: Node | None
) -> tuple[list[Box], int]:
    whole = width * len(nodes) + GAP * (len(nodes) - 1)
    left = (WIDTH - whole) // 2
    height = max(_height(node, width) for node in nodes)
    row, end = [], y
    for number, node in enumerate(nodes):
        box = _box(node, left + number * (width + GAP), y, width, look=look, height=height, number=number)
        row.append(box)
        drawing.boxes.append(box)
        end = max(end, box.bottom if node is apart else _hang(drawing, box))
    return row, end


def _hang(drawing: Drawing, above: Box) -> int:
    """Draw what stands under ``above``, one below the other and a step to the right. Returns where it ends."""
    end = above.bottom
    spine = above.x + INDENT // 2
    for number, node in enumerate(above.node.children):
        x = min(above.x + INDENT, above.right - NARROWEST)  # deep down there is no room for a step
        box = _box(node, x, end + HANG_GAP, above.right - x, look="deep", number=number)
        drawing.boxes.append(box)
        drawing.lines.append(f"M{spine} {above.bottom}V{box.middle_y}H{box.x}")
        end = _hang(drawing, box)
    return end


def _join_rows(lines: list[str], rows: Rows, *, start: tuple[int, int], track: int) -> None:
    """Lines from ``start`` down to the first row, and along the left edge to the rows below it."""
    x, y = start
    lines.append(f"M{x} {y}V{rows[0][0].y - ROW_GAP // 2}")
    if len(rows) > 1:
        lines.append(f"M{x} {rows[0][0].y - ROW_GAP // 2}H{track}V{rows[-1][0].y - ROW_GAP // 2}")
    for number, row in enumerate(rows):
        _join_row(lines, row, until=track if number else x)


def _join_row(lines: list[str], row: list[Box], *, until: int) -> None:
    """A line above the boxes of a row, as far as ``until``, and down to each."""
    bus = row[0].y - ROW_GAP // 2
    ends = [until, *(box.middle_x for box in row)]
    lines.append(f"M{min(ends)} {bus}H{max(ends)}")
    lines.extend(f"M{box.middle_x} {bus}V{box.y}" for box in row)


def _box(node: Node, x: int, y: int, width: int, *, look: str, height: int = 0, number: int = 0) -> Box:
    is_hub = node.group.kind == GroupKind.HUB
    stripe = HUB_COLOURS[number % len(HUB_COLOURS)] if is_hub else STRIPES[GroupKind(node.group.kind)]
    lines = wrap(node.name, width - 2 * PAD_X - 2)
    return Box(node, x, y, width, height or _height(node, width), lines, look, stripe)


def _height(node: Node, width: int) -> int:
    return 2 * PAD_Y + _words_height(node, wrap(node.name, width - 2 * PAD_X - 2))


def _words_height(node: Node, lines: list[str]) -> int:
    return LINE * len(lines) + (KIND_LINE if node.kind_label else 0)


# --- Words -----------------------------------------------------------------------------------------------------------

# How wide letters of the portal's bold type are, as shares of its size; a little more than measured, so that a name
# always fits.
SHARES = {"narrow": 0.32, "middling": 0.43, "wide": 0.92, "capital": 0.70, "other": 0.60}
NARROW, MIDDLING, WIDE = frozenset("iljI.,:;'’|! "), frozenset("frt-()/"), frozenset("mwMW@%&")


def wrap(name: str, width: int) -> list[str]:
    """``name`` in lines that are at most ``width`` wide, set in the bold type of the picture. A word that is wider than
    a line is broken."""
    lines = [""]
    for word in _words(name, width):
        longer = f"{lines[-1]} {word}".strip()
        if _length(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def _words(name: str, width: int) -> Iterator[str]:
    for word in name.split():
        piece = ""
        for letter in word:
            if piece and _length(piece + letter) > width:
                yield piece
                piece = ""
            piece += letter
        yield piece


def _length(text: Iterable[str]) -> float:
    return sum(NAME_SIZE * SHARES[_kind_of(letter)] for letter in text)


def _kind_of(letter: str) -> str:
    if letter in NARROW:
        return "narrow"
    if letter in MIDDLING:
        return "middling"
    if letter in WIDE:
        return "wide"
    return "capital" if letter.isupper() else "other"
