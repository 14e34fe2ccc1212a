"""Reads YAML that people write: every value with its line, and everything that is wrong, not the first thing only.

``load`` gives the outermost ``Entry``. A reader takes each field by name; what has the wrong shape is noted as a
``Problem`` with its line and read as nothing, so that the reading goes on. ``Entry.close`` notes the fields that nobody
took.

A value is taken as it is written: ``yes``, ``1.10`` and ``2026`` are the words that they look like, not a truth value,
a number that loses its nought and a year. Anchors, aliases and tags are refused, and size and depth are limited: a
file sent by somebody else can neither run anything nor swell.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import IO

import yaml

MAX_SIZE = 200_000  # characters or bytes; the partnership's question set has some 40,000
MAX_DEPTH = 10

OWN_LINE = ""
ALREADY_TOLD = -1

Lines = Mapping[str, int]
"""The line of each field of an entry (``OWN_LINE``: of the entry itself); ``ALREADY_TOLD`` if a problem is noted."""


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong, and the line to look at, counted from 1; 0 where there is no file."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


class Unreadable(ValueError):
    """Nothing can be read at all; ``problem`` says why."""

    def __init__(self, line: int, message: str) -> None:
        self.problem = Problem(line, message)
        super().__init__(str(self.problem))


def load(source: str | bytes | IO[str] | IO[bytes], problems: list[Problem]) -> "Entry":
    """The fields of the file. Problems met while taking them are added to ``problems``.

    Raises ``Unreadable`` if the source is empty, too big, not UTF-8, not YAML or not a list of named fields.
    """
    node = _compose(_text(source))
    if node is None:
        raise Unreadable(1, "The file is empty.")
    if not isinstance(node, yaml.MappingNode):
        raise Unreadable(_line(node), "The file must start with named fields, such as “title: …”.")
    return Entry(node, problems)


def did_you_mean(word: str, allowed: Collection[str]) -> str:
    """The end of a message about a word that is not among those allowed."""
    for match in get_close_matches(word, allowed, n=1):
        return f"Did you mean “{match}”?"
    return f"It can be {', '.join(allowed)}."


class Entry:
    """One group of named fields."""

    def __init__(self, node: yaml.MappingNode, problems: list[Problem]) -> None:
        self._problems = problems
        self._lines = {OWN_LINE: _line(node)}
        self._fields = dict(self._named_fields(node))
        self._taken: set[str] = set()

    def text(self, name: str) -> str:
        """The field as one line, its spaces tidied; empty if it is missing."""
        return " ".join(self._scalar(name).split())

    def prose(self, name: str) -> str:
        """The field as it is written, with its line breaks as "\\n"; empty if it is missing."""
        return self._scalar(name).replace("\r\n", "\n").replace("\r", "\n").strip()

    def truth(self, name: str, *, default: bool = False) -> bool:
        """Whether the field says true (or yes)."""
        word = self.text(name).lower()
        if word in {"true", "yes"}:
            return True
        if word and word not in {"false", "no"}:
            self._tell(name, f"“{name}” must be true or false, not “{word}”.")
        return False if word else default

    def number(self, name: str) -> int | None:
        """The field as a whole number; None if it is missing."""
        word = self.text(name)
        if re.fullmatch(r"[0-9]{1,9}", word):
            return int(word)
        if word:
            self._tell(name, f"“{name}” must be a whole number, not “{word}”.")
        return None

    def words(self, name: str) -> tuple[str, ...]:
        """The field as a list of words; a single word counts as a list of one."""
        node = self._take(name)
        if isinstance(node, yaml.ScalarNode):
            return tuple(filter(None, [self.text(name)]))
        return tuple(self._word(name, item) for item in self._items(name, node))

    def entries(self, name: str, *, bare: str = "") -> tuple["Entry", ...]:
        """The field as a list of entries. With ``bare``, a word in it stands for an entry with that field alone."""
        return tuple(self._entries(name, self._take(name), bare))

    def group(self, name: str) -> "Entry | None":
        """The field as a group of fields of its own; None if it is missing."""
        node = self._take(name)
        if isinstance(node, yaml.MappingNode):
            return Entry(node, self._problems)
        if node is not None:
            self._tell(name, f"“{name}” must be a group of named fields.")
        return None

    def names(self) -> tuple[str, ...]:
        """The names of all fields, in the order of the file."""
        return tuple(self._fields)

    def close(self) -> Lines:
        """Note every field that was not taken; returns the lines of those that were."""
        for name, node in self._fields.items():
            if name not in self._taken:
                message = f"“{name}” is not a field known here. {did_you_mean(name, sorted(self._taken))}"
                self._problems.append(Problem(_line(node), message))
        return self._lines

    def _named_fields(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not key.value:
                self._problems.append(Problem(_line(key), "The name of a field must be a word."))
            elif key.value in self._lines:
                self._problems.append(Problem(_line(key), f"“{key.value}” is given twice."))
            else:
                self._lines[key.value] = _line(key)
                yield key.value, value

    def _take(self, name: str) -> yaml.Node | None:
        """The field's node; None if it is missing or has no value."""
        self._taken.add(name)
        node = self._fields.get(name)
        return None if node is None or _is_nothing(node) else node

    def _scalar(self, name: str) -> str:
        node = self._take(name)
        return "" if node is None else self._word(name, node)

    def _word(self, name: str, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self._tell(name, f"“{name}” must be a text, not a list or a group of fields.", node)
            return ""
        bad = next((character for character in node.value if _cannot_be_shown(character)), None)
        if bad is not None:
            self._tell(name, f"“{name}” has a character that cannot be shown (U+{ord(bad):04X}).", node)
            return ""
        return str(node.value)

    def _items(self, name: str, node: yaml.Node | None) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._tell(name, f"“{name}” must be a list.")
            return []
        items: list[yaml.Node] = node.value
        return items

    def _entries(self, name: str, node: yaml.Node | None, bare: str) -> Iterator["Entry"]:
        for item in self._items(name, node):
            if isinstance(item, yaml.MappingNode):
                yield Entry(item, self._problems)
            elif bare and isinstance(item, yaml.ScalarNode):
                yield Entry(_with_one_field(bare, item), self._problems)
            else:
                self._tell(name, f"Each of “{name}” must be a group of named fields.", item)

    def _tell(self, name: str, message: str, node: yaml.Node | None = None) -> None:
        self._problems.append(Problem(_line(node) if node else self._lines[name], message))
        self._lines[name] = ALREADY_TOLD


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _is_nothing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _with_one_field(name: str, node: yaml.ScalarNode) -> yaml.MappingNode:
    key = yaml.ScalarNode("tag:yaml.org,2002:str", name, node.start_mark, node.start_mark)
    return yaml.MappingNode("tag:yaml.org,2002:map", [(key, node)], node.start_mark, node.end_mark)


def _cannot_be_shown(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in "\r\n\t"


class _Loader(yaml.SafeLoader):
    """The safe loader without anchors, aliases and tags, and with a limit to depth."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        refused = self._why_refused(event)
        if refused:
            raise yaml.MarkedYAMLError(problem=refused, problem_mark=event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _why_refused(self, event: yaml.Event) -> str:
        if getattr(event, "anchor", None):  # an alias has one too: the name it points to
            return "anchors (&) and aliases (*) cannot be used"
        if getattr(event, "tag", None):
            return "tags (!) cannot be used"
        return "too many lists inside lists" if self._depth == MAX_DEPTH else ""


def _compose(text: str) -> yaml.Node | None:
    try:
        loader = _Loader(text)
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise Unreadable(*_what_is_wrong(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(line, "There is a character here that cannot stand in a text file.") from error
    except (ValueError, OverflowError) as error:  # from "\UFFFFFFFF" and the like, which the library does not expect
        raise Unreadable(loader.get_mark().line + 1, "There is a code for a character that does not exist.") from error


def _what_is_wrong(error: yaml.MarkedYAMLError) -> tuple[int, str]:
    mark = error.problem_mark or error.context_mark
    reason = ", ".join(filter(None, [error.context, error.problem]))
    message = f"This cannot be read as YAML: {reason}. Look at quotes, colons and indents here and on the line above."
    return (mark.line + 1 if mark else 1), message


def _text(source: str | bytes | IO[str] | IO[bytes]) -> str:
    content = source if isinstance(source, (str, bytes)) else source.read(MAX_SIZE + 1)
    if len(content) > MAX_SIZE:
        raise Unreadable(1, f"The file is too big: it can have {MAX_SIZE:,} characters.")
    return content if isinstance(content, str) else _decoded(content)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "This is not UTF-8 text. Save the file as UTF-8.") from error
