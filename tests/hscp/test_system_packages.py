"""What Debian must bring: found, or named with the command to type. Nothing is installed here."""

import pytest

from hscp import system_packages
from hscp.system_packages import Need


@pytest.fixture
def needs(monkeypatch):
    """One need that is met and one that is not, on a machine where we may install nothing."""
    met = Need("read", lambda: True, ("spectacles",))
    unmet = Need("make tea", lambda: False, ("kettle", "teapot"))
    monkeypatch.setattr(system_packages, "NEEDS", {"met": met, "unmet": unmet})
    monkeypatch.setattr(system_packages, "rights", lambda: None)


def test_what_is_there_is_passed_over_in_silence(needs, capsys):
    assert system_packages.main(["met"]) == 0
    assert capsys.readouterr() == ("", "")


def test_what_is_missing_is_named_with_its_purpose_and_the_command_to_type(needs, capsys):
    assert system_packages.main(["met", "unmet"]) == 1
    said = capsys.readouterr()
    assert said.out == "Missing on this machine: kettle teapot (to make tea).\n"
    assert said.err.endswith("sudo apt-get install kettle teapot\n")


def test_libraries_and_programs_are_looked_for_where_they_would_be_used():
    assert system_packages.has_library("libc.so.6")
    assert not system_packages.has_library("libc.so.6", "libteapot.so.1")
    assert system_packages.has_program("teapot", "sh")
    assert not system_packages.has_program("teapot")


def test_this_python_can_make_an_environment_and_the_machine_can_make_pdfs():
    assert system_packages.has_venv()
    assert system_packages.NEEDS["pango"].is_there()
