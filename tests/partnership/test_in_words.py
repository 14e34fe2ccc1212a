"""The pages of ``docs/`` that are written from the tables: up to date, and in words."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from partnership.choices import Role
from partnership.engine import access, figures, in_words, workflow


def test_the_pages_are_up_to_date():
    call_command("document_tables", check=True)


def test_a_page_that_is_out_of_date_or_missing_is_named(tmp_path: Path):
    call_command("document_tables", folder=tmp_path)
    call_command("document_tables", folder=tmp_path, check=True)
    (tmp_path / "lives.md").write_text("Nothing ever happens")
    (tmp_path / "figures.md").unlink()
    with pytest.raises(CommandError, match=r"Out of date: lives.md, figures.md. Run: manage.py document_tables"):
        call_command("document_tables", folder=tmp_path, check=True)
    assert (tmp_path / "lives.md").read_text() == "Nothing ever happens"
    call_command("document_tables", folder=tmp_path)
    call_command("document_tables", folder=tmp_path, check=True)


def test_every_permission_is_on_the_page_in_words():
    page = in_words.permissions()
    for table in access.tables():
        for perm in table.rules:
            assert f"| {perm.rpartition('.')[2].replace('_', ' ')}" in page
    assert "| edit return | – | Designated safeguarding lead, Deputy designated safeguarding lead |" in page


def test_every_move_is_on_the_page_with_who_takes_it():
    page = in_words.lives()
    for life in workflow.lives():
        for move in life.moves:
            assert f"| {move.verb} |" in page
    assert "| submit the return | With the head | Submitted | Headteacher or principal (own organisation) | – |" in page
    assert "    with_head --> submitted: submit the return" in page


def test_every_figure_is_on_the_page_with_its_definition():
    page = in_words.all_figures()
    for figure in figures.all_figures():
        assert f"## {figure.label}\n\n`{figure.code}`" in page
        assert figure.definition in page


def test_the_pages_speak_of_roles_by_their_names():
    page = in_words.permissions() + in_words.lives()
    for role in (Role.BUSINESS_UNIT, Role.SCRUTINEER, Role.DSL, Role.HEADTEACHER):
        assert role.label in page
    assert "business_unit" not in page
