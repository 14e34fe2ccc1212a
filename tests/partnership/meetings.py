"""Meetings for tests: put into a status without their story, and the files that people upload."""

import io
from datetime import datetime, time, timedelta

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from hscp.lib.uploads import Accepted, accept
from partnership.choices import ItemStatus, MeetingStatus
from partnership.models import AgendaItem, Decision, Document, Meeting, Paper, PaperVersion
from tests.factories import GroupFactory, UserFactory

CALLED_OR_LATER = set(MeetingStatus) - {MeetingStatus.PLANNED, MeetingStatus.CANCELLED}


def at(days: int, hour: int = 10) -> datetime:
    """That hour of the clock, so many days from today."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour)))


def make_meeting(group=None, *, days: int = 14, status: str = MeetingStatus.PLANNED, **fields) -> Meeting:
    """A meeting of two hours, so many days from today. An agreed one was agreed at a later one, made with it."""
    group = group or GroupFactory()
    if status in CALLED_OR_LATER:
        fields.setdefault("called_at", timezone.now())
    if status == MeetingStatus.AGREED and "agreed_at" not in fields:
        later = make_meeting(group, days=days + 1, status=MeetingStatus.HELD)
        fields |= {"agreed_at": later, "agreed_on": later.day}
    return Meeting.objects.create(group=group, starts_at=at(days), ends_at=at(days, 12), status=status, **fields)


def make_item(meeting, title: str = "Audit of neglect", **fields) -> AgendaItem:
    """The next item on the agenda."""
    if fields.get("status", ItemStatus.ON_AGENDA) == ItemStatus.ON_AGENDA:
        fields.setdefault("order", meeting.items.on_agenda().count() + 1)
    return AgendaItem.objects.create(meeting=meeting, title=title, **fields)


def make_paper(item, title: str = "Report") -> Paper:
    """A paper whose file nobody opens."""
    paper = Paper.objects.create(item=item, title=title)
    document = Document.objects.create(about=paper, kind="meeting_paper", title=title, status="ready")
    PaperVersion.objects.create(paper=paper, number=1, document=document)
    return paper


def make_decision(item, reference: str = "PAG/2026/01", **fields) -> Decision:
    words = {"text": "Look again in a year.", "reason": "The sample was small."}
    return Decision.objects.create(item=item, reference=reference, **words | fields)


def make_full_meeting(group, **fields) -> Meeting:
    """With an item, a proposal, a paper and a decision."""
    meeting = make_meeting(group, **fields)
    item = make_item(meeting)
    make_item(meeting, "Something else", status=ItemStatus.PROPOSED, proposed_by=UserFactory())
    make_paper(item)
    make_decision(item, f"TEST/2026/{meeting.pk}")
    return meeting


def pdf_bytes(pages: int = 1) -> bytes:
    """A PDF of empty pages."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        content = io.BytesIO()
        pdf.save(content)
        return content.getvalue()


def upload(name: str = "report.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, pdf_bytes() if content is None else content)


def accepted(pages: int = 1, name: str = "report.pdf") -> Accepted:
    """A PDF that has been looked into."""
    return accept(upload(name, pdf_bytes(pages)), most_bytes=10_000_000)
