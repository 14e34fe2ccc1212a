"""What happened: attendance, what was said, decisions and actions; the minutes until they are agreed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from partnership import actions as action_reads
from partnership import meetings
from partnership.choices import ItemStatus, MeetingStatus
from partnership.forms.actions import NewActionForm
from partnership.forms.meetings.minutes import (
    AgreeForm,
    AttendanceForm,
    CirculateForm,
    CorrectionForm,
    DecisionForm,
    DraftForm,
    MinuteForm,
    RemoveDecisionForm,
    ReopenForm,
)
from partnership.models import Action, AgendaItem, Attendance, Decision, Meeting
from partnership.permissions import Perm
from partnership.services import meetings as services
from partnership.services.meetings.common import MINUTING, why_not
from partnership.views.base import stale
from partnership.views.meetings.base import ItemChange, MeetingChange, MeetingForm


class RecordAttendance(MeetingChange):
    """Everybody expected, on one page, made for a phone."""

    form_class = AttendanceForm
    template_name = "partnership/meetings/attendance.html"
    done = "Attendance recorded"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.meeting.status not in (MeetingStatus.CALLED, *MINUTING):
            return stale(request, why_not(self.meeting, "record attendance"), self.back_url())
        return super().get(request, *args, **kwargs)

    @cached_property
    def rows(self) -> list[Attendance]:
        return meetings.attendance_of(self.meeting)

    def get_form_kwargs(self) -> dict[str, Any]:
        shown = {"seats": meetings.expected(self.meeting), "rows": self.rows}
        return super().get_form_kwargs() | shown | {"also_present": self.meeting.also_present}

    def change(self, form: AttendanceForm) -> Meeting:
        values = form.cleaned_data
        return services.record_attendance(
            self.meeting, form.came(), by=self.person, loaded=values["loaded"], also_present=values["also_present"]
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        quorum = meetings.quorum_of(self.meeting, self.rows)
        return super().get_context_data(quorum=quorum, recorded=bool(self.rows), **kwargs)


class MinutingItem(ItemChange):
    """A form about one item while the meeting is minuted; afterwards the minutes."""

    back_label = "Back to the minutes"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.meeting.status not in MINUTING or self.record.status != ItemStatus.ON_AGENDA:
            return stale(request, why_not(self.meeting, "change the minutes"), self.meeting.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return f"{reverse('minutes', args=[self.meeting.pk])}#item-{self.record.pk}"


class WriteMinute(MinutingItem):
    """What was said about one item; from it to the next."""

    form_class = MinuteForm
    template_name = "partnership/meetings/minute.html"
    done = "Minute saved"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"item": self.record}

    def change(self, form: MinuteForm) -> AgendaItem:
        return services.write_minute(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())

    @cached_property
    def next_item(self) -> AgendaItem | None:
        """The item after this one on the agenda."""
        return self.meeting.items.on_agenda().filter(order__gt=self.record.order).first()

    def get_success_url(self) -> str:
        if "next" in self.request.POST and self.next_item is not None:
            return reverse("write_minute", args=[self.next_item.pk])
        return super().get_success_url()

    def back_url(self) -> str:
        return super().get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heading = f"{self.record.order}. {self.record.title}"
        return super().get_context_data(next_item=self.next_item, heading=heading, **kwargs)


class RecordDecision(MinutingItem):
    form_class = DecisionForm
    template_name = "partnership/meetings/about_item.html"

    def get_initial(self) -> dict[str, Any]:
        return {"serves": self.record.serves_id}

    def change(self, form: DecisionForm) -> Decision:
        return services.record_decision(self.record, by=self.person, **form.values())

    @property
    def done(self) -> str:  # type: ignore[override]
        return f"Decision recorded as {self.outcome.reference}"


class RecordAction(MinutingItem):
    """An action that the meeting asked for: it goes into the tracker."""

    form_class = NewActionForm
    template_name = "partnership/meetings/about_item.html"
    done = "The action has been given out"

    def get_form_kwargs(self) -> dict[str, Any]:
        choices = {"owners": action_reads.owners_to_name(), "people": action_reads.people_to_name()}
        return super().get_form_kwargs() | choices

    def get_initial(self) -> dict[str, Any]:
        return {"owner": action_reads.owner_key(self.meeting.group), "serves": self.record.serves_id}

    def change(self, form: NewActionForm) -> Action:
        values = dict(form.cleaned_data)
        return services.record_action(self.record, values.pop("owner"), by=self.person, **values)


class DecisionChange(MeetingForm):
    """A change to a recorded decision before the minutes are circulated."""

    model = Decision
    permission_required = Perm.MANAGE_DECISION
    lookup = {"pk": "pk"}
    back_label = "Back to the minutes"

    def records(self) -> Any:
        return super().records().select_related("item__meeting__group", "serves")

    @property
    def meeting(self) -> Meeting:  # type: ignore[override]
        return self.record.item.meeting  # type: ignore[no-any-return]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.meeting.status not in MINUTING:
            return stale(request, why_not(self.meeting, "change the minutes"), self.meeting.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return f"{reverse('minutes', args=[self.meeting.pk])}#item-{self.record.item_id}"


class EditDecision(DecisionChange):
    form_class = DecisionForm
    done = "Decision changed"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"decision": self.record}

    def change(self, form: DecisionForm) -> Decision:
        loaded = form.cleaned_data["loaded"] or 0
        return services.edit_decision(self.record, by=self.person, loaded=loaded, **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading=f"Change decision {self.record.reference}", **kwargs)


class RemoveDecision(DecisionChange):
    form_class = RemoveDecisionForm
    template_name = "partnership/meetings/remove_decision.html"
    done = "Decision taken back"

    def change(self, form: RemoveDecisionForm) -> None:
        services.remove_decision(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(decision=self.record, **kwargs)


# --- The minutes as a whole -------------------------------------------------------------------------------------------


class MinutesChange(MeetingChange):
    """A move of the minutes; afterwards the minutes."""

    back_label = "Back to the minutes"

    def get_success_url(self) -> str:
        return reverse("minutes", args=[self.meeting.pk])


class DraftMinutes(MinutesChange):
    form_class = DraftForm
    done = "The draft is finished. The chair can look at it."

    def change(self, form: DraftForm) -> Meeting:
        return services.draft_minutes(self.meeting, by=self.person)


class CirculateMinutes(MinutesChange):
    form_class = CirculateForm
    template_name = "partnership/meetings/circulate.html"
    done = "The minutes are circulated. Members are being told."

    def change(self, form: CirculateForm) -> Meeting:
        return services.circulate_minutes(self.meeting, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(people=meetings.people_to_tell(self.meeting), **kwargs)


class ReopenMinutes(MinutesChange):
    form_class = ReopenForm
    done = "The minutes can be changed again"

    def change(self, form: ReopenForm) -> Meeting:
        return services.reopen_minutes(self.meeting, by=self.person, **form.cleaned_data)


class AgreeMinutes(MinutesChange):
    """Agreed at a later meeting that was held; from then on locked."""

    form_class = AgreeForm
    template_name = "partnership/meetings/agree.html"
    done = "The minutes are agreed. They never change again."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"meetings": meetings.could_agree(self.meeting).select_related("group")}

    def change(self, form: AgreeForm) -> Meeting:
        return services.agree_minutes(self.meeting, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(any_meeting=meetings.could_agree(self.meeting).exists(), **kwargs)


class NoteCorrection(MinutesChange):
    """What was wrong in agreed minutes is noted at a later meeting."""

    form_class = CorrectionForm
    done = "Correction noted"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.meeting.status not in MINUTING:
            return stale(request, why_not(self.meeting, "note a correction"), self.meeting.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        agreed = Meeting.objects.filter(group=self.meeting.group_id, status=MeetingStatus.AGREED)
        earlier = agreed.filter(starts_at__lt=self.meeting.starts_at).select_related("group").order_by("-starts_at")
        return super().get_form_kwargs() | {"meetings": earlier}

    def change(self, form: CorrectionForm) -> Any:
        return services.note_correction(self.meeting, by=self.person, **form.cleaned_data)
