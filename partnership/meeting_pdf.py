"""The pack and the minutes of a meeting as PDFs, made by the worker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from hscp.lib import pdf
from hscp.lib.pdf_merge import Bookmark, Insert, count_pages, merge
from partnership import meetings
from partnership.choices import DocumentStatus
from partnership.engine.documents import Made
from partnership.groups import chair_on, quorum_on
from partnership.meeting_record import Record, record_of
from partnership.models import AgendaItem, Meeting, Paper, PaperVersion
from partnership.sources import CameFrom, for_any_reader

PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class Part:
    """A paper as the pack has it: its number ("3.2" is the second of item 3), its newest version, and for a PDF its
    bytes and how many pages it has."""

    number: str
    paper: Paper
    version: PaperVersion
    content: bytes = b""
    pages: int = 0

    @property
    def anchor(self) -> str:
        """The id of its separator page in the HTML."""
        return f"paper-{self.paper.pk}"

    @property
    def pages_anchor(self) -> str:
        """The id of the first page that is exchanged for its own."""
        return f"{self.anchor}-pages"

    @property
    def title(self) -> str:
        return f"Paper {self.number}: {self.paper.title}"

    @property
    def further_pages(self) -> range:
        """For the template: one for each page after the first."""
        return range(1, self.pages)

    @property
    def address(self) -> str:
        """Where it can be downloaded."""
        return f"{settings.PORTAL_ADDRESS}{reverse('document', args=[self.version.document_id])}"


@dataclass(frozen=True, slots=True)
class PackItem:
    """An item of the agenda with its papers, and what it came from."""

    item: AgendaItem
    parts: list[Part]
    came_from: CameFrom | None = None

    @property
    def anchor(self) -> str:
        return f"item-{self.item.pk}"

    @property
    def title(self) -> str:
        return f"{self.item.order}. {self.item.title}"

    @property
    def source_address(self) -> str:
        """Where what it came from can be read by those who may; empty if it has no page."""
        return f"{settings.PORTAL_ADDRESS}{self.came_from.url}" if self.came_from and self.came_from.url else ""


# --- The pack ---------------------------------------------------------------------------------------------------------


def pack(meeting: Meeting) -> Made:
    """Everything for a meeting in one PDF: cover, contents, agenda, the last minutes, each paper behind a page with its
    title. Papers that are no PDFs are named there, with where to download them."""
    context = pack_context(meeting)
    parts = [part for one in context["items"] for part in one.parts]
    base = pdf.render("partnership/meetings/pdf/pack.html", context, made_on=timezone.localdate())
    inserts = [Insert(part.pages_anchor, part.content) for part in parts if part.pages]
    content = merge(base, inserts, list(_bookmarks(context["items"], context["last"])))
    return Made(content, f"pack-{_name_of(meeting)}.pdf")


def pack_context(meeting: Meeting) -> dict[str, Any]:
    """What the template of the pack shows. A dozen queries, whatever the number of items and papers; each PDF is
    read."""
    last = meetings.before(meeting)
    items = list(_pack_items(meeting))
    return {
        "meeting": meeting,
        "items": items,
        "parts": [part for one in items for part in one.parts],
        "minutes": sum(one.item.minutes for one in items),
        "quorum": quorum_on(meeting.group, meeting.day),
        "chair": chair_on(meeting.group, meeting.day),
        "last": record_of(last) if last is not None and last.minutes_are_out else None,
    }


def _pack_items(meeting: Meeting) -> Iterator[PackItem]:
    papers: dict[int, list[Paper]] = {}
    for paper in meetings.papers_of(meeting):
        papers.setdefault(paper.item_id, []).append(paper)
    items = list(meeting.items.on_agenda())
    sources = for_any_reader(items)
    for item in items:
        numbered = enumerate(papers.get(item.pk, []), start=1)
        parts = [_part(f"{item.order}.{number}", paper) for number, paper in numbered]
        yield PackItem(item, parts, sources.get(item.pk))


def _part(number: str, paper: Paper) -> Part:
    version = paper.newest
    document = version.document
    if document.content_type != PDF or document.status != DocumentStatus.READY:
        return Part(number, paper, version)
    with document.file.open("rb") as file:
        content = file.read()
    return Part(number, paper, version, content, count_pages(content))


def _bookmarks(items: Iterable[PackItem], last: Record | None) -> Iterator[Bookmark]:
    yield Bookmark("Cover", "cover")
    yield Bookmark("Contents", "contents")
    yield Bookmark("Agenda", "agenda", [_bookmark(one) for one in items])
    if last is not None:
        yield Bookmark("Minutes of the last meeting", "last-minutes")


def _bookmark(one: PackItem) -> Bookmark:
    return Bookmark(one.title, one.anchor, [Bookmark(part.title, part.anchor) for part in one.parts])


# --- The minutes ------------------------------------------------------------------------------------------------------


class NotCirculated(Exception):
    """The minutes are still being written, and only those who write them may read them."""


def minutes(meeting: Meeting) -> Made:
    """The minutes as a PDF, as they stand: circulated or agreed. Raises ``NotCirculated``."""
    if not meeting.minutes_are_out:
        raise NotCirculated(f"The minutes of {meeting} are not circulated")
    context = {"meeting": meeting, "record": record_of(meeting)}
    content = pdf.render("partnership/meetings/pdf/minutes.html", context, made_on=timezone.localdate())
    return Made(content, f"minutes-{_name_of(meeting)}.pdf")


def _name_of(meeting: Meeting) -> str:
    return f"{slugify(meeting.group.name)[:80] or 'group'}-{meeting.day:%Y-%m-%d}"
