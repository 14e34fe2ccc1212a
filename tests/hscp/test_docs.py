"""The documents keep their word: every dependency is explained, every link leads somewhere, every file is there."""

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMED_FILE = re.compile(r"`((?:hscp|partnership|schools|tests|templates)/[\w/.]+\.\w+)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def direct_dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [re.match(r"[\w-]+", each)[0] for each in asked]


@pytest.mark.parametrize("name", direct_dependencies())
def test_each_dependency_says_what_it_is_for(name):
    assert f"`{name}`" in (ROOT / "docs" / "dependencies.md").read_text()


@pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))
def test_each_link_leads_somewhere(document):
    broken = [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))
def test_each_file_that_is_named_is_there(document):
    missing = [name for name in NAMED_FILE.findall(document.read_text()) if not (ROOT / name).exists()]
    assert missing == []


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
