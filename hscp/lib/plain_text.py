"""Plain text as people type it: paragraphs and simple lists. Nothing in it is ever markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

BULLET = re.compile(r"\s*[-*•]\s+(?P<words>\S.*)")
NUMBER = re.compile(r"\s*(?P<number>\d{1,3})[.)]\s+(?P<words>\S.*)")

TAGS = {
    "bullets": '<ul class="govuk-list govuk-list--bullet">{}</ul>',
    "numbers": '<ol class="govuk-list govuk-list--number"{}>{}</ol>',
    "paragraph": '<p class="govuk-body">{}</p>',
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: which kind of block it belongs to ("" if it is empty), its words, the number that it begins with."""

    kind: str
    words: str = ""
    number: int = 1


def as_html(text: str) -> SafeString:
    """``text`` as HTML: lines that begin with a dash or star as a list, with a number and a dot as a numbered one.

    An empty line ends a paragraph; a line break within one is kept. A numbered list goes on with the number typed.
    """
    runs = groupby(map(_read, text.splitlines()), key=lambda line: line.kind)
    return mark_safe("".join(_block(kind, list(lines)) for kind, lines in runs if kind))


def _read(line: str) -> Line:
    if found := BULLET.fullmatch(line):
        return Line("bullets", found["words"].strip())
    if found := NUMBER.fullmatch(line):
        return Line("numbers", found["words"].strip(), int(found["number"]))
    return Line("paragraph", line.strip()) if line.strip() else Line("")


def _block(kind: str, lines: list[Line]) -> SafeString:
    if kind == "paragraph":
        return format_html(TAGS[kind], format_html_join(mark_safe("<br>"), "{}", _words(lines)))
    items = format_html_join("", "<li>{}</li>", _words(lines))
    if kind == "bullets":
        return format_html(TAGS[kind], items)
    first = lines[0].number
    return format_html(TAGS[kind], format_html(' start="{}"', first) if first != 1 else "", items)


def _words(lines: list[Line]) -> Iterator[tuple[str]]:
    return ((line.words,) for line in lines)
