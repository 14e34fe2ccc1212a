"""Checks the portal's tables (who may do what, which move leads where) against tables written out by hand in a test."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from partnership.choices import GROUP_ROLES, SCHOOL_ROLES, Role
from partnership.engine import access, workflow
from partnership.models import StatusChange, User
from tests.factories import GroupFactory, UserFactory, grant

# Who may do what


NOBODY = "nobody"  # signed in, without any role
REACHES = {"all", "own"}


def read_permissions(text: str) -> dict[str, dict[str, str]]:
    """Lines like ``schools.edit_return: dsl own, deputy_dsl own`` as reach by role, by permission.

    ``all`` is every record; ``own`` those of one's own organisation, or, for people, oneself. ``everyone`` stands for
    every role, and for having none; ``nobody`` for having none. A line that ends with a comma goes on in the next.
    """
    table = {}
    for line in filter(None, map(str.strip, text.replace(",\n", ",").splitlines())):
        perm, _, holders = line.partition(":")
        table[perm] = dict(sorted(_read_holders(holders), key=lambda holder: holder[1], reverse=True))  # "all" wins
    return table


def _read_holders(text: str):
    for holder in filter(None, map(str.strip, text.split(","))):
        role, reach = holder.split()
        assert reach in REACHES
        assert role in {"everyone", NOBODY, *Role.values}
        yield from ((each, reach) for each in ([*Role.values, NOBODY] if role == "everyone" else [role]))


def declared_permissions(app: str) -> set[str]:
    """Every permission that the table of ``app`` declares."""
    return {perm for table in access.tables() for perm in table.rules if perm.startswith(f"{app}.")}


def check_permission(perm: str, holders: dict[str, str], organisation, own=None, other=None) -> None:
    """Ask for ``perm`` as a person of each role, on a record of their own and on another's, in every way there is.

    ``own`` and ``other`` give a record for a person; without them the permission is about no record.
    """
    found = {role: _reach_of(perm, _person(role, organisation), own, other) for role in [*Role.values, NOBODY]}
    expected = {role: _as_asked(holders.get(role), own) for role in found}
    assert found == expected


def _person(role: str, organisation) -> User:
    person = UserFactory()
    if role != NOBODY:
        group = GroupFactory() if role in GROUP_ROLES else None
        grant(person, Role(role), organisation if role in SCHOOL_ROLES else None, group=group)
    return person


@dataclass(frozen=True)
class Answers:
    """What a person is told: at all, on a record of their own, on another's."""

    at_all: bool
    own: bool = False
    other: bool = False


def _as_asked(reach: str | None, own) -> Answers:
    if own is None:
        return Answers(reach is not None)
    return Answers(reach is not None, reach is not None, reach == "all")


def _reach_of(perm: str, person: User, own, other) -> Answers:
    if own is None:
        return Answers(person.has_perm(perm))
    records = [own(person), other(person)]
    asked = [person.has_perm(perm, record) for record in records]
    listed = list(type(records[0]).objects.allowed(person, perm))
    assert [record in listed for record in records] == asked, "the list and the page disagree"
    return Answers(person.has_perm(perm), *asked)


def check_visible(model, organisation, own, other) -> None:
    """``visible_to`` shows a person of each role exactly the records on which they hold the view permission."""
    view = access.view_permission(model)
    for role in [*Role.values, NOBODY]:
        person = _person(role, organisation)
        records = [own(person), other(person)]
        visible = set(model.objects.visible_to(person))
        assert {record for record in records if person.has_perm(view, record)} == visible & set(records), role
    assert not model.objects.visible_to(AnonymousUser()).exists()


# Which move leads where


def read_moves(text: str) -> list[dict[str, str]]:
    """A table with ``|`` between its columns (``move``, ``who``, ``note``, then a column per status) as rows by column.

    In the column of a status stands the status that the move leads to; nothing where the move cannot start.
    """
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def check_life(model, rows: list[dict[str, str]]) -> None:
    """The written table has every move of ``model`` and every status, each once."""
    life = next(life for life in workflow.lives() if life.model is model)
    assert [row["move"] for row in rows] == [move.verb for move in life.moves]
    assert list(rows[0])[3:] == [value for value, _ in model._meta.get_field("status").flatchoices]


def move_named(model, verb: str) -> workflow.Move:
    """The move of ``model`` with that verb."""
    life = next(life for life in workflow.lives() if life.model is model)
    return next(move for move in life.moves if move.verb == verb)


def cells(rows: list[dict[str, str]]) -> list:
    """Every move × status of a written table, as parameters of a test: move, who, status, target."""
    return [
        pytest.param(row["move"], row["who"], status, target, id=f"{row['move']}, {status}")
        for row in rows
        for status, target in list(row.items())[3:]
    ]


def check_cell(record, verb: str, by: User | None, target: str, **fields) -> None:
    """Taken now, the move leads to ``target`` and leaves a row that says so; or it is refused and nothing changes."""
    move, before = move_named(type(record), verb), record.status
    if not target:
        with pytest.raises(workflow.MoveNotAllowed):
            workflow.take(move, record, by=by, note="Because")
        record.refresh_from_db()
        assert record.status == before
        assert not StatusChange.objects.about(record).exists()
        return
    taken = workflow.take(move, record, by=by, note=" Because ", **fields)
    record.refresh_from_db()
    change = StatusChange.objects.about(record).get()
    assert taken.status == record.status == target
    assert (change.verb, change.from_status, change.to_status) == (verb, before, target)
    assert (change.by, change.note) == (by, "Because")
    assert (timezone.now() - change.at).total_seconds() < 60


def check_who(record, verb: str, who: set[str], people: dict[str, User]) -> None:
    """Of ``people`` by name, only ``who`` may take the move from where ``record`` stands; the others change nothing."""
    move, before = move_named(type(record), verb), record.status
    for name, person in people.items():
        if name in who:
            workflow._check(move, record, person, "Because")
            continue
        with pytest.raises(PermissionDenied):
            workflow.take(move, record, by=person, note="Because")
        record.refresh_from_db()
        assert record.status == before, name


def check_note(record, verb: str, by: User | None, required: bool) -> None:
    """The move wants a reason, or it does not; spaces are none."""
    move = move_named(type(record), verb)
    if not required:
        workflow.take(move, record, by=by)
        return
    with pytest.raises(workflow.NoteRequired):
        workflow.take(move, record, by=by, note="  ")
    assert not StatusChange.objects.about(record).exists()
