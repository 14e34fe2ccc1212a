"""Papers of a meeting: uploaded, replaced by newer versions, marked where they are late."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from hscp.lib.uploads import Accepted
from partnership import meetings
from partnership.choices import ItemStatus
from partnership.engine import documents
from partnership.engine.documents import Made
from partnership.engine.workflow import TooLate, lock
from partnership.models import AgendaItem, Meeting, Paper, PaperVersion, User
from partnership.services.meetings.common import agenda_changed, open_meeting
from partnership.texts import refuse_identifying

PAPER = "meeting_paper"  # the kinds of document, registered in partnership/documents.py
PACK = "meeting_pack"
CHANGE = "change the papers"


@transaction.atomic
def add_paper(item: AgendaItem, *, title: str, upload: Accepted, by: User) -> Paper:
    """A new paper of ``item``; late where the papers are out or should have been. A meeting that was called gets a new
    pack, and its members are told of late papers once a day (``tell_of_late_papers``).

    Raises ``PermissionDenied``, ``TooLate``, ``ValidationError``.
    """
    meeting = open_meeting(item.meeting, by=by, verb=CHANGE)
    if lock(item).status != ItemStatus.ON_AGENDA:
        raise TooLate("The item is no longer on the agenda.")
    if not title.strip():
        raise ValidationError({"title": "Enter the title of the paper"})
    refuse_identifying(title=title)
    last = item.papers.aggregate(last=Max("order"))["last"] or 0
    paper = Paper.objects.create(item=item, title=title.strip(), order=last + 1)
    _keep(paper, meeting, upload, number=1, by=by)
    return paper


@transaction.atomic
def add_version(paper: Paper, *, upload: Accepted, by: User) -> PaperVersion:
    """A newer file of ``paper``; older ones stay readable. Raises ``PermissionDenied``, ``TooLate``,
    ``ValidationError`` for a name of the file that may identify a child."""
    meeting = open_meeting(paper.item.meeting, by=by, verb=CHANGE)
    last = lock(paper).versions.aggregate(last=Max("number"))["last"] or 0
    return _keep(paper, meeting, upload, number=last + 1, by=by)


def _keep(paper: Paper, meeting: Meeting, upload: Accepted, *, number: int, by: User) -> PaperVersion:
    refuse_identifying(upload=upload.filename)  # whoever downloads it reads its name
    made = Made(upload.content, upload.filename, upload.content_type)
    version = PaperVersion.objects.create(
        paper=paper,
        number=number,
        document=documents.keep(PAPER, about=paper, upload=made, by=by),
        uploaded_by=by,
        is_late=meetings.is_late(meeting, on=timezone.localdate()),
    )
    _papers_changed(meeting, by)
    return version


def _papers_changed(meeting: Meeting, by: User) -> None:
    agenda_changed(meeting)
    if meeting.papers_are_out:
        documents.want(PACK, about=meeting, by=by)


@transaction.atomic
def remove_paper(paper: Paper, *, by: User) -> None:
    """Take a paper away with all its versions, as long as nobody was sent it, and the packs that it stands in.

    Raises ``ValidationError`` once the papers are out, ``PermissionDenied``, ``TooLate``.
    """
    meeting = open_meeting(paper.item.meeting, by=by, verb=CHANGE)
    if meeting.papers_are_out:
        raise ValidationError("Members have been sent this paper. Upload a newer version instead.")
    locked = lock(paper)
    locked.versions.all().delete()
    documents.discard(PAPER, about=locked)
    locked.delete()
    documents.discard(PACK, about=meeting)
    agenda_changed(meeting)
