import pytest

from hscp.lib.lined_yaml import ALREADY_TOLD, OWN_LINE, Problem, Unreadable, did_you_mean, load

TEXT = """\
name:  A   set
  of things
long: |
  One.

  Two.
open: yes
shut: no
size: 12
nothing: ~
one: a
many: [a, b]
things:
  - code: x
  - y
group:
  first: 1
"""


def test_values_are_taken_as_they_are_meant() -> None:
    problems: list[Problem] = []
    entry = load(TEXT, problems)
    assert entry.text("name") == "A set of things"
    assert entry.prose("long") == "One.\n\nTwo."
    assert (entry.truth("open"), entry.truth("shut"), entry.truth("missing", default=True)) == (True, False, True)
    assert (entry.number("size"), entry.number("missing")) == (12, None)
    assert (entry.text("nothing"), entry.words("nothing"), entry.entries("nothing")) == ("", (), ())
    assert (entry.words("one"), entry.words("many")) == (("a",), ("a", "b"))
    assert [thing.text("code") for thing in entry.entries("things", bare="code")] == ["x", "y"]
    assert entry.group("group").names() == ("first",)
    assert entry.group("missing") is None
    assert entry.close()[OWN_LINE] == 1
    assert problems == []


def test_line_breaks_of_any_system_are_line_breaks() -> None:
    assert load('a: "One.\\r\\nTwo.\\rThree."', []).prose("a") == "One.\nTwo.\nThree."


def test_a_wrong_value_is_noted_once_and_read_as_nothing() -> None:
    problems: list[Problem] = []
    entry = load("size: big\nopen: ajar\nname: [a]\nthings: 3\ngroup: 4\n", problems)
    assert (entry.number("size"), entry.truth("open"), entry.text("name")) == (None, False, "")
    assert (entry.entries("things"), entry.group("group")) == ((), None)
    assert problems == [
        Problem(1, "“size” must be a whole number, not “big”."),
        Problem(2, "“open” must be true or false, not “ajar”."),
        Problem(3, "“name” must be a text, not a list or a group of fields."),
        Problem(4, "“things” must be a list."),
        Problem(5, "“group” must be a group of named fields."),
    ]
    assert set(entry.close().values()) == {1, ALREADY_TOLD}


def test_a_field_that_nobody_took_is_noted_with_the_nearest_that_somebody_did() -> None:
    problems: list[Problem] = []
    entry = load("title: A\ntitel: B\n", problems)
    entry.text("title")
    entry.close()
    assert problems == [Problem(2, "“titel” is not a field known here. Did you mean “title”?")]


def test_without_a_near_match_all_that_is_allowed_is_told() -> None:
    assert did_you_mean("xyz", ["yes", "no"]) == "It can be yes, no."


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("", 1),
        ("a: 1\nb: [", 2),
        ("a: 1\nb: *a", 2),
        ("a: 1\nb: !!int 2", 2),
        (b"a: 1\nb: \xff", 2),
        ("a: 1\nb: \x07", 2),
        ("[1]", 1),
        ("a" * 200_001, 1),
    ],
)
def test_what_cannot_be_read_at_all_says_where(source: str | bytes, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        load(source, [])
    assert caught.value.problem.line == line
    assert str(caught.value).startswith(f"Line {line}: ")
