"""``manage.py load_questions``: what it loads, and what it says of a file that it cannot use."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from schools.models import QuestionSet

pytestmark = pytest.mark.django_db

SMALL = Path(__file__).parent / "small_return.yaml"
SHIPPED = settings.BASE_DIR / "schools" / "data" / "s175-2026-27.yaml"


def load(file, *options):
    """What the command prints."""
    out = StringIO()
    call_command("load_questions", str(file), *options, stdout=out, no_color=True)
    return out.getvalue()


@pytest.fixture
def file(tmp_path):
    """``file(old, new)`` is the small return with ``old`` replaced by ``new``."""

    def write(old="", new=""):
        text = SMALL.read_text(encoding="utf-8")
        assert old in text
        copy = tmp_path / "return.yaml"
        copy.write_text(text.replace(old, new, 1), encoding="utf-8")
        return copy

    return write


def test_a_file_becomes_a_draft_and_its_counts_are_printed():
    printed = load(SHIPPED)
    assert "2026-27.draft1 (draft)" in printed
    assert "12 sections, 77 questions" in printed
    assert "S10   10  Pupil voice" in printed
    assert QuestionSet.objects.get().is_draft


def test_publish_publishes_at_once_and_prints_what_should_be_looked_at():
    printed = load(SMALL, "--publish")
    assert "(published)" in printed
    assert "References still to be checked against the guidance: 2.1." in printed


def test_every_problem_of_a_file_is_told_by_its_line(file):
    broken = file("type: rating4\n        critical: true", "type: rating5\n        critical: perhaps")
    with pytest.raises(CommandError) as refused:
        load(broken)
    lines = SMALL.read_text(encoding="utf-8").splitlines()
    at = lines.index("        type: rating4") + 1
    assert f"Line {at}: Question 1.1: type “rating5” is not known. Did you mean “rating4”?" in str(refused.value)
    assert f"Line {at + 1}: “critical” must be true or false, not “perhaps”." in str(refused.value)
    assert not QuestionSet.objects.exists()


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match=r"nothing\.yaml cannot be read: No such file or directory"):
        load(tmp_path / "nothing.yaml")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        load(tmp_path)


def test_what_cannot_be_published_is_not_loaded_either(file):
    with pytest.raises(CommandError, match=r"nothing was loaded:\n  Question 2\.5 depends on"):
        load(file(", sets: lets_premises"), "--publish")
    assert not QuestionSet.objects.exists()


def test_a_draft_is_replaced_only_with_the_option_that_says_so(file):
    load(SMALL)
    with pytest.raises(CommandError, match=r"Replace it, or give .* \(--replace does that\)"):
        load(SMALL)
    load(file("title: Leadership", "title: Leading"), "--replace")
    assert QuestionSet.objects.get().sections.filter(title="Leading").exists()


def test_a_published_version_is_never_replaced():
    load(SMALL, "--publish")
    with pytest.raises(CommandError, match="It can never change: give the new one another version") as refused:
        load(SMALL, "--replace")
    assert "--replace" not in str(refused.value)
