"""What the pages of meetings share: the gate to a meeting, and forms whose typed text is never lost."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse

from partnership.engine.workflow import TooLate
from partnership.models import AgendaItem, Meeting
from partnership.permissions import Perm
from partnership.views.base import EditPage, Gate


class MeetingGate(Gate):
    """A page about one meeting."""

    model = Meeting
    permission_required = Perm.VIEW_MEETING
    lookup = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("group__meeting_pattern", "agreed_at__group")

    @property
    def meeting(self) -> Meeting:
        """The meeting that the page is about."""
        return self.record  # type: ignore[no-any-return]


class ItemGate(Gate):
    """A page about one item of an agenda."""

    model = AgendaItem
    permission_required = Perm.MANAGE_AGENDA_ITEM
    lookup = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("meeting__group__meeting_pattern", "serves", "proposed_by")

    @property
    def meeting(self) -> Meeting:
        return self.record.meeting  # type: ignore[no-any-return]


class MeetingForm(EditPage):
    """A form about a meeting, or about something of it: afterwards its page. If the click comes too late, what was
    typed stays on the page, under a sentence that says what has happened. ``change`` calls the service."""

    back_label = "Back to the meeting"
    meeting: Any

    def perform(self, form: Any) -> Any:
        try:
            return self.change(form)
        except TooLate as error:
            raise ValidationError(str(error)) from error

    def change(self, form: Any) -> Any:
        """Call the service. May raise as ``ChangePage.perform``, and ``ChangedMeanwhile``."""
        raise NotImplementedError(type(self).__name__)

    def get_success_url(self) -> str:
        return str(self.meeting.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"caption": str(self.meeting), "meeting": self.meeting}
        return super().get_context_data(**shown | kwargs)


class MeetingChange(MeetingGate, MeetingForm):
    """A change to one meeting by those who run it."""

    permission_required = Perm.MANAGE_MEETING


class ItemChange(ItemGate, MeetingForm):
    """A change to one item of an agenda by those who run the meeting; afterwards the agenda."""

    back_label = "Back to the agenda"

    def get_success_url(self) -> str:
        return reverse("agenda", args=[self.meeting.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"item": self.record} | kwargs)


def breadcrumbs(meeting: Meeting, *further: tuple[str, str]) -> list[tuple[str, str]]:
    """From the list of meetings down to a page of ``meeting``; the last has no address."""
    of_group = (str(meeting.group), f"{reverse('meetings')}?group={meeting.group_id}")
    here = (f"{meeting.day.day} {meeting.day:%B %Y}", meeting.get_absolute_url() if further else "")
    return [("Meetings", reverse("meetings")), of_group, here, *further]
