"""The page of one meeting, its minutes, and its pack."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from partnership import meetings
from partnership.choices import DocumentStatus, ItemStatus, MeetingStatus
from partnership.engine import documents
from partnership.groups import chair_on, quorum_on
from partnership.meeting_record import RecordItem, items_of, record_of
from partnership.models import Document, Meeting, MinuteCorrection, Paper, StatusChange, User
from partnership.models.meetings import MINUTES_OUT
from partnership.permissions import Perm
from partnership.services.meetings.calling import is_current, pack_of
from partnership.services.meetings.common import AT_WORK, MINUTING
from partnership.services.meetings.minutes import MINUTES
from partnership.services.meetings.papers import PACK
from partnership.views.base import Page
from partnership.views.meetings.base import MeetingGate, breadcrumbs


class MeetingPage(MeetingGate, Page):
    """Everything about one meeting: when and where, agenda and papers, and what has come of it."""

    template_name = "partnership/meetings/meeting.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meeting, may_manage = self.meeting, self.person.has_perm(Perm.MANAGE_MEETING, self.meeting)
        shows_record = meeting.took_place and (may_manage or meeting.minutes_are_out)
        return super().get_context_data(
            meeting=meeting,
            breadcrumbs=breadcrumbs(meeting),
            may_manage=may_manage,
            may_propose=meeting.is_to_come and self.person.has_perm(Perm.PROPOSE_ITEM, meeting),
            may_upload=may_manage and meeting.status in AT_WORK,
            chair=chair_on(meeting.group, meeting.day),
            quorum=quorum_on(meeting.group, meeting.day),
            items=(items := agenda_of(meeting, self.person)),
            minutes_allotted=sum(one.item.minutes for one, _ in items),
            proposals=list(meeting.items.exclude(status=ItemStatus.ON_AGENDA).select_related("proposed_by")),
            record=record_of(meeting) if shows_record else None,
            corrections=corrections_of(meeting, may_manage=may_manage),
            papers_out_on=meetings.papers_out_on(meeting),
            **pack_context(meeting),
            **self._whats_next(),
            **kwargs,
        )

    def _whats_next(self) -> dict[str, Any]:
        meeting, now = self.meeting, timezone.now()
        return {
            "has_begun": meeting.starts_at <= now,
            "is_today_or_past": meeting.day <= timezone.localdate(),
            "is_minuted": meeting.status in MINUTING,
            "changes": list(StatusChange.objects.about(meeting).select_related("by").order_by("-pk")),
        }


def corrections_of(meeting: Meeting, *, may_manage: bool) -> list[MinuteCorrection]:
    """What later meetings noted to be wrong in the minutes of ``meeting``: for members, as they read the rest of what
    those meetings wrote down, once it is circulated. One query."""
    noted = meeting.corrections.select_related("meeting__group")
    return list(noted if may_manage else noted.filter(meeting__status__in=MINUTES_OUT))


def agenda_of(meeting: Meeting, reader: User) -> list[tuple[RecordItem, list[Paper]]]:
    """The items of the agenda with what came of them and, as far as ``reader`` may see it, what they came from, each
    with its papers. Six queries, whatever their number, and two for each kind of source."""
    papers: dict[int, list[Paper]] = {}
    for paper in meetings.papers_of(meeting):
        papers.setdefault(paper.item_id, []).append(paper)
    return [(one, papers.get(one.item.pk, [])) for one in items_of(meeting, reader=reader)]


def ready_pack(meeting: Meeting) -> Document | None:
    """The newest pack that can be read. One query."""
    packs = Document.objects.about(meeting).filter(kind=PACK, status=DocumentStatus.READY)
    return packs.order_by("-wanted_at", "-pk").first()


def pack_context(meeting: Meeting) -> dict[str, Any]:
    """How the pack stands: the newest, in whatever state, and whether it shows the agenda as it is. One query."""
    pack = pack_of(meeting)
    return {"pack": pack, "pack_is_current": is_current(pack, meeting)}


class MeetingPack(MeetingGate, View):
    """The address of the pack in letters: it leads to the newest that is ready; to the meeting where none is yet."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        pack = ready_pack(self.meeting)
        address = reverse("document", args=[pack.pk]) if pack else f"{self.meeting.get_absolute_url()}#pack"
        return HttpResponseRedirect(address)


class MinutesPage(MeetingGate, Page):
    """The minutes, for everybody once they are circulated; before that for those who write them."""

    template_name = "partnership/meetings/minutes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meeting, may_manage = self.meeting, self.person.has_perm(Perm.MANAGE_MEETING, self.meeting)
        is_open = meeting.status in MINUTES_OUT or (may_manage and meeting.status in MINUTING)
        return super().get_context_data(
            meeting=meeting,
            breadcrumbs=breadcrumbs(meeting, ("Minutes", "")),
            may_manage=may_manage,
            may_write=may_manage and meeting.status in MINUTING,
            record=record_of(meeting, reader=self.person) if is_open else None,
            could_agree=may_manage
            and meeting.status == MeetingStatus.CIRCULATED
            and meetings.could_agree(meeting).exists(),
            corrections=corrections_of(meeting, may_manage=may_manage),
            document=documents.latest(MINUTES, about=meeting) if meeting.minutes_are_out else None,
            **kwargs,
        )
