"""``manage.py import_register`` shows what would change, changes it with ``--apply``, and refuses bad files clearly."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from partnership.models import Organisation
from schools.choices import ImportStatus
from schools.models import RegisterImport, School, SchoolLink
from schools.services import register
from tests.schools.gias_files import links_bytes, register_bytes, row, rows

CONVERSION = (900201, 900101, "Oak Lane School", "Predecessor", "01-09-2026")

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    """``run(bytes, links=bytes, apply=True)`` runs the command on files of these bytes and gives what it says."""

    def run_command(data: bytes, *, links: bytes | None = None, authority: str = "Hertfordshire", apply: bool = False):
        file, out = tmp_path / "edubasealldata.csv", io.StringIO()
        file.write_bytes(data)
        arguments = [str(file), "--local-authority", authority]
        if links is not None:
            (tmp_path / "links.csv").write_bytes(links)
            arguments += ["--links", str(tmp_path / "links.csv")]
        call_command("import_register", *arguments, *(["--apply"] if apply else []), stdout=out)
        return out.getvalue()

    return run_command


def nothing_is_kept(settings) -> bool:
    models = (RegisterImport, School, Organisation, SchoolLink)
    return not any(model.objects.exists() for model in models) and not list(Path(settings.MEDIA_ROOT).rglob("*.csv"))


def test_without_apply_it_shows_and_keeps_nothing(run, settings):
    told = run(register_bytes(row(), row(urn=900201, name="Oak Lane Academy")), links=links_bytes(CONVERSION))
    assert "  900101 Oak Lane School\n      Status: Open\n      Type: Community school\n" in told
    assert "New: 2, Changed: 0, Closed: 0, Reopened: 0, Not in the file: 0\n" in told
    assert "New links: 1\n" in told
    assert "Nothing has been written." in told
    assert nothing_is_kept(settings)


def test_with_apply_it_changes_the_register_and_records_the_import(run):
    told = run(register_bytes(row(), row(urn=900201)), links=links_bytes(CONVERSION), apply=True)
    done = RegisterImport.objects.get()
    assert f"Applied as import {done.pk}." in told
    assert (done.status, done.uploaded_by, done.applied_by) == (ImportStatus.APPLIED, None, None)
    assert (done.filename, done.links_filename) == ("edubasealldata.csv", "links.csv")
    assert School.objects.count() == done.changes.count() == 2
    assert SchoolLink.objects.count() == done.new_links == 1


def test_each_kind_of_change_is_told_field_by_field(run):
    first, second, third = rows(3)
    run(register_bytes(first, second, third), apply=True)
    closed = row(urn=first.urn, name=first.name, status_name="Closed", close_date=date(2026, 8, 31))
    renamed = row(urn=second.urn, name="Ash School", head_title="")
    for apply in (False, True):
        told = run(register_bytes(closed, renamed, row()), apply=apply)
        assert "Changed\n  950002 Ash School\n      Name: School 950002 -> Ash School\n" in told
        assert "      Head’s title: Mrs -> (empty)\n" in told
        assert "Closed\n  950001 School 950001\n      Closed on: (empty) -> 31 August 2026\n" in told
        assert "Not in the file\n  950003 School 950003\n" in told
        assert "New: 1, Changed: 1, Closed: 1, Reopened: 0, Not in the file: 1\n" in told
    assert "New: 0, Changed: 0, Closed: 0" in run(register_bytes(closed, renamed, row()))


BAD_FILES = [
    (b"", "The file is empty."),
    (b"%PDF-1.7", "it looks like a PDF document"),
    (b"PK\x03\x04 [Content_Types] xl/workbook.xml", "it looks like an Excel workbook"),
    (b"URN,EstablishmentName\r\n900101,Oak Lane", "this file does not have: UKPRN"),
    (register_bytes(), "The file names its columns but has no schools."),
    (register_bytes(row(), row(urn=900102), row()), "Line 4: URN 900101 is already on line 2."),
    (register_bytes(row(), row(urn=900102))[:-40], "Line 3: "),
    (register_bytes(row(), row(status_name="Gone", urn=900102)), "Line 3: EstablishmentStatus (name) is “Gone”"),
    (register_bytes(row(la_name="Essex")), "no school of the local authority “Hertfordshire”"),
]


@pytest.mark.parametrize("apply", [False, True])
@pytest.mark.parametrize(("data", "sentence"), BAD_FILES)
def test_a_bad_file_is_refused_and_nothing_is_kept(run, settings, data, sentence, apply):
    with pytest.raises(CommandError) as caught:
        run(data, apply=apply)
    assert sentence in str(caught.value)
    assert nothing_is_kept(settings)


@pytest.mark.parametrize("apply", [False, True])
def test_a_bad_links_file_is_refused_and_nothing_is_kept(run, settings, apply):
    with pytest.raises(CommandError, match="In the links file: Line 2: "):
        run(register_bytes(row()), links=links_bytes((900101, 900001, "Old", "Predecessor", "soon")), apply=apply)
    assert nothing_is_kept(settings)


@pytest.mark.parametrize("authority", ["", "  ", "H" * 81])
def test_an_authority_without_a_proper_name_is_refused(run, authority):
    with pytest.raises(CommandError, match="Enter the name of the local authority"):
        run(register_bytes(row()), authority=authority)


def test_a_file_that_is_not_there_or_is_a_folder_is_said_to_be_so(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(CommandError, match="cannot be opened: "):
            call_command("import_register", str(path), "--local-authority", "Hertfordshire")


def test_the_authority_must_be_named(tmp_path):
    with pytest.raises(CommandError, match="--local-authority"):
        call_command("import_register", str(tmp_path / "file.csv"))


@pytest.mark.django_db(transaction=True)
def test_a_fault_while_applying_undoes_all_of_it_on_the_disk_too(run, settings, monkeypatch):
    def fail(*args):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(register, "apply_links", fail)
    with pytest.raises(RuntimeError):
        run(register_bytes(row()), links=links_bytes(CONVERSION), apply=True)
    assert nothing_is_kept(settings)
