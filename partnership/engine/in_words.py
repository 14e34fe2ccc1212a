"""The registered tables in words: who may do what, the lives of records, the figures. As Markdown, for ``docs/``.

Written by ``manage.py document_tables``, for people who do not read code: a safeguarding manager checks these pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from django.apps import apps
from django.db import models

from partnership.choices import Role
from partnership.engine import access, figures, workflow

T = TypeVar("T")

WRITTEN = "*Written from the tables in the code by `manage.py document_tables`. To change a line, change its table.*"
ABOUT_NO_RECORD = "Not about one record"
EVERYONE = "Everyone who is signed in"
THE_PORTAL = "the portal itself"


def permissions() -> str:
    """``docs/permissions.md``: every permission, by app and kind of record."""
    return _page(
        "Who may do what",
        "A person may do something if they hold, today, one of the roles named beside it. **Own organisation** means "
        "that the role was given for the organisation (the school) that the record belongs to. What a person may not "
        "even see does not exist for them (404); what they see but may not do is refused (403). `S` marks what makes a "
        "record exist for a person.",
        "A role that has ended is gone the same day. One account, for emergencies, may do everything; each of its "
        "clicks is logged.",
        *_by_app(access.tables(), _app_of_table, _permission_table),
    )


def _app_of_table(table: access.Table) -> str:
    return next(iter(table.rules)).partition(".")[0]


def _permission_table(table: access.Table) -> str:
    scopes = list(dict.fromkeys(_scope(rule) for rules in table.rules.values() for rule in rules))
    rows = [
        [f"{_perm(perm)}{' `S`' if perm == table.view else ''}", *(_roles_at(rules, scope) for scope in scopes)]
        for perm, rules in table.rules.items()
    ]
    columns = scopes if table.model else ["Who"]
    return f"### {_kind(table.model)}\n\n{_table(['To …', *columns], rows)}{_notes(table)}"


def _notes(table: access.Table) -> str:
    notes = [f"{_perm(perm)}: {rule.note}." for perm, rules in table.rules.items() for rule in rules if rule.note]
    return "".join(f"\n\n{note}" for note in notes)


def _roles_at(rules: list[access.Rule], scope: str) -> str:
    return "; ".join(_holders(rule) for rule in rules if _scope(rule) == scope) or "–"


def _holders(rule: access.Rule) -> str:
    return ", ".join(role.label for role in Role if role in rule.roles) or EVERYONE


def _scope(rule: access.Rule) -> str:
    return (rule.scope.__doc__ or "").strip().rstrip(".")


def _perm(perm: str) -> str:
    """ "schools.edit_return" as "edit return"."""
    return str(perm).rpartition(".")[2].replace("_", " ")


def lives() -> str:
    """``docs/lives.md``: for each kind of record its statuses and the moves between them."""
    return _page(
        "The lives of records",
        "Each kind of record goes through the statuses below, by these moves and no others. Whoever makes a move is on "
        "record, with the time and (where one is needed) the reason; that record can be neither changed nor deleted.",
        *_by_app(workflow.lives(), lambda life: life.model._meta.app_label, _life),
    )


def _life(life: workflow.Life) -> str:
    labels: dict[str, str] = dict(_status_field(life.model).flatchoices)
    rows = [
        [move.verb, _froms(move, labels), labels[move.target], _who(move), "yes" if move.note_required else "–"]
        for move in life.moves
    ]
    table = _table(["Move", "From", "To", "Who", "Reason needed"], rows)
    return f"### {_kind(life.model)}\n\n{table}\n\n{_diagram(life, labels)}"


def _froms(move: workflow.Move, labels: dict[str, str]) -> str:
    return ", ".join(label for status, label in labels.items() if status in move.sources)


def _who(move: workflow.Move) -> str:
    if move.perm is None:
        return THE_PORTAL
    return "; ".join(_holders_and_scope(rule) for rule in access.rules_of(move.perm))


def _holders_and_scope(rule: access.Rule) -> str:
    return _holders(rule) if rule.scope is access.everywhere else f"{_holders(rule)} ({_scope(rule).lower()})"


def _diagram(life: workflow.Life, labels: dict[str, str]) -> str:
    start = _status_field(life.model).get_default()
    lines = [f'    state "{label}" as {status}' for status, label in labels.items()]
    lines += [f"    [*] --> {start}"]
    lines += [
        f"    {source} --> {move.target}: {move.verb}"
        for move in life.moves
        for source in labels
        if source in move.sources
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _status_field(model: type[models.Model]) -> Any:
    return model._meta.get_field("status")


def all_figures() -> str:
    """``docs/figures.md``: each figure with its unit and its definition."""
    return _page(
        "Figures",
        "Each figure is worked out in one place. Wherever it is shown, on a page or in an export, it is the same.",
        *(f"## {each.label}\n\n`{each.code}`, in {each.unit}\n\n{each.definition}" for each in figures.all_figures()),
    )


def _by_app(declared: Iterable[T], app_of: Callable[[T], str], in_words: Callable[[T], str]) -> Iterator[str]:
    """What was declared, under a heading for each app, in the order of declaration."""
    by_app: dict[str, list[str]] = {}
    for each in declared:
        by_app.setdefault(app_of(each), []).append(in_words(each))
    for app, parts in by_app.items():
        yield f"## {apps.get_app_config(app).verbose_name}"
        yield from parts


def _kind(model: type[models.Model] | None) -> str:
    if model is None:
        return ABOUT_NO_RECORD
    name = str(model._meta.verbose_name)
    return name[:1].upper() + name[1:]


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", WRITTEN, *parts]) + "\n"
