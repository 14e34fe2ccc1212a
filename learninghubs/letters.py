"""An issue as a letter: HTML with its styles inlined and plain text, written once, then put together for each reader.

The two templates hold every part that some reader may get, in order; a mark stands before each. Readers differ by what
they asked themselves (it comes first), by the themes that they chose, and by their links.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import wrap
from typing import Any, Final

from css_inline import CSSInliner
from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import escape

from learninghubs.choices import ItemKind
from learninghubs.issues import HEADINGS, Entry, entries_of, for_everybody, sections_of, summary_of
from learninghubs.links import preferences_url, unsubscribe_url
from learninghubs.models import NewsletterIssue, Subscriber

LINE: Final = 72  # characters of a line of plain text; addresses are never broken
FOLDER: Final = "learninghubs/newsletters/mail"
HTML, TEXT, STYLES = f"{FOLDER}/letter.html", f"{FOLDER}/letter.txt", f"{FOLDER}/letter.css"


@dataclass(frozen=True, slots=True)
class Words:
    """What one reader gets."""

    subject: str
    text: str
    html: str


class Letter:
    """One issue, to be sent to many readers. Making it costs one query and some milliseconds; ``to``, next to nothing.

    What is changed in the issue after it was made is not in it.
    """

    def __init__(self, issue: NewsletterIssue) -> None:
        self.issue = issue
        self.entries = entries_of(issue)
        self._token = secrets.token_hex(8)  # nothing that somebody typed can be taken for a mark or a link of ours
        context = self._context()
        self._html = self._parts(_inlined(_render(HTML, context, autoescape=True)))
        self._text = {
            name: _laid_out(part) for name, part in self._parts(_render(TEXT, context, autoescape=False)).items()
        }

    def to(self, subscriber: Subscriber, *, own: frozenset[int]) -> Words:
        """The letter to ``subscriber``, with ``own``, the ids of the responses to what they suggested themselves.

        Costs no query if ``themes`` are prefetched, and one otherwise.
        """
        themes = frozenset(theme.pk for theme in subscriber.themes.all())
        return self.compose(
            themes=themes, own=own, preferences=preferences_url(subscriber), unsubscribe=unsubscribe_url(subscriber)
        )

    def compose(self, *, themes: frozenset[int], own: frozenset[int], preferences: str, unsubscribe: str) -> Words:
        """The letter for a reader of ``themes`` (ids; none: everything) with these links. No query."""
        mine = [entry for entry in self.entries if entry.item.response_id in own]
        rest = [entry for entry in for_everybody(self.entries) if entry not in mine and _is_for(entry, themes)]
        is_limited = len(mine) + len(rest) < len(self.entries) and bool(themes)
        names = list(self._names(mine, rest, is_limited))
        html = "".join(self._html[name] for name in names)
        text = "\n\n".join(filter(None, (self._text[name] for name in names))) + "\n"
        for link, url in ((self._link("preferences"), preferences), (self._link("unsubscribe"), unsubscribe)):
            html, text = html.replace(link, escape(url)), text.replace(link, url)
        return Words(self._subject(len(mine)), text, html)

    def sample(self, *, own: frozenset[int] = frozenset()) -> Words:
        """The letter as a reader of everything gets it; its links lead to the page of newsletters."""
        page = settings.PORTAL_ADDRESS + reverse("learninghubs:newsletters")
        return self.compose(themes=frozenset(), own=own, preferences=page, unsubscribe=page)

    def _subject(self, answered: int) -> str:
        if not answered:
            return self.issue.title
        return f"The Board has answered your suggestion{'s' if answered > 1 else ''}: {self.issue.title}"

    def _names(self, mine: list[Entry], rest: list[Entry], is_limited: bool) -> Iterator[str]:
        """The parts that make the letter, in their order."""
        yield from ("start", "preheader-own" if mine else "preheader", "top")
        if mine:
            yield from ("own-heading", *(f"own-{entry.item.pk}" for entry in mine), "own-end")
        for section in sections_of(rest):
            yield f"heading-{section.kind}"
            yield from (f"item-{entry.item.pk}" for entry in section.entries)
        if is_limited:
            yield "limited"
        yield "end"

    def _parts(self, whole: str) -> dict[str, str]:
        """The parts of a rendered template by their names."""
        start, *rest = re.split(rf"<!--{self._token} ([\w-]+)-->", whole)
        return {"start": start, **dict(zip(rest[::2], rest[1::2], strict=True))}

    def _link(self, name: str) -> str:
        """What stands in the templates for a link that differs by reader."""
        return f"https://{self._token}.invalid/{name}"

    def _context(self) -> dict[str, Any]:
        issue = self.issue
        page = reverse("learninghubs:newsletter", args=[issue.hub.group.slug, issue.number])
        return {
            "issue": issue,
            "entries": self.entries,
            "answers": [entry for entry in self.entries if entry.kind == ItemKind.ANSWER],
            "headings": [(kind.value, HEADINGS[kind]) for kind in dict.fromkeys(entry.kind for entry in self.entries)],
            "summary": summary_of(for_everybody(self.entries)),
            "cut": self._token,
            "preferences": self._link("preferences"),
            "unsubscribe": self._link("unsubscribe"),
            "web": settings.PORTAL_ADDRESS + page,
            "portal": settings.PORTAL_NAME,
            "contact_email": settings.CONTACT_EMAIL,
            "address": settings.PORTAL_ADDRESS,
        }


def _is_for(entry: Entry, themes: frozenset[int]) -> bool:
    """Whether a reader of ``themes`` gets it: the Board's answers and what is on no theme go to all."""
    theme = entry.item.theme_id
    return not themes or entry.kind == ItemKind.ANSWER or theme is None or theme in themes


def _render(template: str, values: dict[str, Any], *, autoescape: bool) -> str:
    found: Any = get_template(template)
    return str(found.template.render(Context(values, autoescape=autoescape)))


def _inlined(html: str) -> str:
    """``html`` with its styles at the elements; what depends on the reader's screen stays in its head. Nothing is
    fetched."""
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, extra_css=_styles()).inline(html)


@cache
def _styles() -> str:
    return _render(STYLES, {}, autoescape=False)


def _laid_out(text: str) -> str:
    """Plain text in short lines, with no more than one empty line between two."""
    lines = "\n".join(_wrapped(text.splitlines()))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        indent = "  " if line.lstrip().startswith(("- ", "* ", "• ")) else ""
        yield from wrap(
            line.strip(), LINE, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        ) or [""]
