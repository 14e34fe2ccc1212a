"""The front-end files: what is fetched, what is copied, and that nothing of GOV.UK's own identity is."""

import json
import os
import re
import stat
from pathlib import Path

import pytest

from hscp import frontend

ROOT = frontend.ROOT


@pytest.fixture(scope="module", autouse=True)
def _files():
    frontend.update()


def vendored(name):
    return (frontend.VENDOR / name).read_text(encoding="utf-8")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The module with a folder of its own to copy into, and no packages yet."""
    monkeypatch.setattr(frontend, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(frontend, "STAMP", tmp_path / "vendor" / ".stamp")
    return tmp_path


def program(folder, name, script):
    """Put a program into ``folder`` and return the folder, to stand on the PATH."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return folder


# --- What is copied --------------------------------------------------------------------------------------------------


def test_the_styles_have_neither_the_font_nor_the_crown_nor_the_blue_of_govuk():
    css = vendored("govuk-frontend.min.css")
    assert "GDS Transport" not in css
    assert "@font-face" not in css
    assert "/assets/" not in css
    assert "#1d70b8" not in css
    assert frontend.FONT_STACK in css


def test_the_styles_are_otherwise_whole():
    css = vendored("govuk-frontend.min.css")
    assert css.count("{") == css.count("}") > 1000
    assert ".govuk-service-navigation" in css


def test_nothing_points_to_a_source_map():
    for path in frontend.VENDOR.glob("*.*s"):
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path.name


def test_every_font_that_is_declared_is_there_with_its_licence():
    declared = re.findall(r'url\("([^"]+)"\)', vendored("fonts.css"))
    assert len(declared) == 6
    for name in declared:
        assert (frontend.VENDOR / name).read_bytes().startswith(b"wOF2")
    assert "SIL OPEN FONT LICENSE" in vendored("fonts/LICENSE").upper()


def test_the_two_subsets_of_the_font_are_two_families():
    rules = vendored("fonts.css").splitlines()
    families = {re.search(r'font-family:"([^"]+)"', rule)[1]: "latin-ext" in rule for rule in rules}
    assert families == {"Atkinson Hyperlegible Next": False, "Atkinson Hyperlegible Next Extended": True}


def test_the_scripts_are_those_that_the_pages_name():
    assert "initAll" in vendored("govuk-frontend.min.js")
    assert "htmx" in vendored("htmx.min.js")
    assert frontend.AXE.exists()


def test_every_colour_that_is_replaced_still_occurs_in_the_package():
    original = (frontend.PACKAGES / "govuk-frontend/dist/govuk/govuk-frontend.min.css").read_text()
    for colour in frontend.PALETTE:
        assert colour in original


# --- What is locked --------------------------------------------------------------------------------------------------


def test_the_lock_names_packages_and_hashes_but_no_place_to_fetch_them_from():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package


def test_the_versions_are_exact():
    package = json.loads((ROOT / "package.json").read_text())
    for version in {**package["dependencies"], **package["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_govuk_frontend_is_the_version_that_the_form_library_is_written_for():
    package = json.loads((ROOT / "package.json").read_text())
    assert package["dependencies"]["govuk-frontend"] == "5.8.0"


# --- When there is something to do -----------------------------------------------------------------------------------


def test_a_second_run_does_nothing(monkeypatch):
    monkeypatch.setattr(frontend, "run_npm", lambda *_: pytest.fail("npm was started"))
    assert frontend.update() is False


def test_a_changed_lock_means_work(elsewhere):
    frontend.VENDOR.mkdir()
    frontend.STAMP.write_text("of another lock")
    assert not frontend.is_up_to_date()


def test_an_interrupted_copy_is_done_again(elsewhere):
    frontend.copy_files()
    assert not frontend.is_up_to_date()


def test_the_systems_npm_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(program(tmp_path, "npm", "exit 0")))
    assert frontend.npm_command() == [str(tmp_path / "npm")]


def test_without_one_the_wheel_has_one_that_works(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PATH", str(tmp_path))
    node, npm = frontend.npm_command()
    assert Path(node).name == "node"
    assert Path(npm).exists()
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    frontend.run_npm("--version")
    assert re.search(r"^\d+\.\d+\.\d+$", capfd.readouterr().out, re.MULTILINE)


def test_a_failing_npm_stops_with_a_sentence_and_leaves_no_stamp(elsewhere, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(program(elsewhere, "npm", "exit 7")))
    assert frontend.main() == 1
    assert "npm could not install the front-end packages" in capsys.readouterr().err
    assert not frontend.STAMP.exists()
