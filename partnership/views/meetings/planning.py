"""Planning: a year of a group, one meeting, moving and cancelling it; what is usual for a group."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from partnership import meetings
from partnership.engine.workflow import MoveNotAllowed
from partnership.forms.meetings.planning import (
    CalendarForm,
    CancelForm,
    ChangeMeetingForm,
    PatternForm,
    RemoveStandingItemForm,
    StandingItemForm,
    WhenAndWhereForm,
    YearForm,
)
from partnership.models import Group, Meeting, MeetingPattern, StandingItem
from partnership.moves import CANCEL_MEETING
from partnership.permissions import Perm
from partnership.services import meetings as services
from partnership.services.meetings.common import why_not
from partnership.views.base import Gate, Page, stale
from partnership.views.meetings.base import MeetingChange, MeetingForm


class OfGroup(Gate):
    """A page on which the meetings of one group are planned."""

    model = Group
    permission_required = Perm.PLAN_MEETINGS
    lookup = {"slug": "slug"}

    def records(self) -> Any:
        return super().records().select_related("meeting_pattern")

    @property
    def meeting(self) -> Group:
        """What a form about the group's meetings is captioned with."""
        return self.record  # type: ignore[no-any-return]

    def list_url(self) -> str:
        """The list of the group's meetings."""
        return f"{reverse('meetings')}?group={self.record.pk}"


class GroupForm(OfGroup, MeetingForm):
    """A form about a group's meetings; afterwards their list."""

    back_label = "Meetings of the group"

    def get_success_url(self) -> str:
        return self.list_url()


class PlanYear(GroupForm):
    """First the year, number and weekday; then the dates that come of them, to adjust before they are saved."""

    template_name = "partnership/meetings/plan_year.html"
    form_class = CalendarForm

    @cached_property
    def year_form(self) -> YearForm:
        pattern = meetings.pattern_of(self.record)
        usual = {"year": timezone.localdate().year + 1, "number": pattern.number, "weekday": pattern.weekday}
        asked = self.request.GET if "year" in self.request.GET else None
        return YearForm(asked, initial=usual)

    def get_form(self, form_class: Any = None) -> Any:
        """The dates, once the year is given; else the question for it."""
        return super().get_form(form_class) if self.year_form.is_valid() else self.year_form

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"group": self.record, "pattern": meetings.pattern_of(self.record)}
        return super().get_form_kwargs() | given | {"days": CalendarForm.days_of(self.year_form)}

    def post(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.year_form.is_valid():
            return self.get(*args, **kwargs)
        return super().post(*args, **kwargs)

    def change(self, form: CalendarForm) -> list[Meeting]:
        values = form.cleaned_data
        return services.plan_meetings(
            self.record, form.slots, by=self.person, place=values["place"], link=values["link"]
        )

    @property
    def done(self) -> str:  # type: ignore[override]
        number = len(self.outcome)
        return "1 meeting planned" if number == 1 else f"{number} meetings planned"

    def get_success_url(self) -> str:
        return f"{self.list_url()}&when=all" if hasattr(self, "outcome") else self.list_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.get_form()
        warnings = form.warnings_shown() if isinstance(form, CalendarForm) else []
        shown = {"form": form, "heading": "Plan the meetings of a year", "warnings": warnings}
        return super().get_context_data(**kwargs | shown | {"is_proposed": form is not self.year_form})


class AddMeeting(GroupForm):
    """One meeting more."""

    form_class = WhenAndWhereForm
    done = "Meeting planned"

    def get_initial(self) -> dict[str, Any]:
        pattern = meetings.pattern_of(self.record)
        return {"starts": pattern.starts_at, "place": pattern.place, "link": pattern.link}

    def change(self, form: WhenAndWhereForm) -> Meeting:
        values = form.cleaned_data
        return services.add_meeting(self.record, form.slot, by=self.person, place=values["place"], link=values["link"])

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url()) if hasattr(self, "outcome") else self.list_url()


class EditPattern(GroupForm):
    form_class = PatternForm
    done = "Saved: the next year is proposed from this"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": meetings.pattern_of(self.record)}

    def change(self, form: PatternForm) -> MeetingPattern:
        return services.save_pattern(self.record, by=self.person, **form.cleaned_data)


class ChangeMeeting(MeetingChange):
    """Move a meeting; once its papers are out, with a reason that everybody is told."""

    form_class = ChangeMeetingForm
    done = "Meeting changed"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"papers_are_out": self.meeting.papers_are_out}

    def get_initial(self) -> dict[str, Any]:
        return ChangeMeetingForm.initial_of(self.meeting)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.meeting.is_to_come:
            return stale(request, why_not(self.meeting, "change the meeting"), self.back_url())
        return super().get(request, *args, **kwargs)

    def change(self, form: ChangeMeetingForm) -> Meeting:
        values = form.cleaned_data
        where = {"place": values["place"], "link": values["link"], "reason": values.get("reason", "")}
        return services.change_meeting(self.meeting, form.slot, by=self.person, **where)


class CancelMeeting(MeetingChange):
    form_class = CancelForm
    done = "Meeting cancelled. Its members are told."

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.meeting.status not in CANCEL_MEETING.sources:
            return stale(request, str(MoveNotAllowed(CANCEL_MEETING, self.meeting)), self.back_url())
        return super().get(request, *args, **kwargs)

    def change(self, form: CancelForm) -> Meeting:
        return services.cancel_meeting(self.meeting, by=self.person, **form.cleaned_data)


# --- Standing items ---------------------------------------------------------------------------------------------------


class StandingItems(OfGroup, Page):
    """What stands on every agenda of the group."""

    template_name = "partnership/meetings/standing_items.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [("Meetings", reverse("meetings")), (str(self.record), self.list_url()), ("Standing items", "")]
        items = list(meetings.standing_items_of(self.record, timezone.localdate()))
        return super().get_context_data(group=self.record, breadcrumbs=crumbs, items=items, **kwargs)


class StandingItemPage(GroupForm):
    """A form about one standing item; afterwards their list."""

    form_class = StandingItemForm
    back_label = "Standing items"

    @cached_property
    def item(self) -> StandingItem | None:
        """The one that the address names. Raises ``Http404`` if the group has none such."""
        if "item" not in self.kwargs:
            return None
        today = timezone.localdate()
        found = meetings.standing_items_of(self.record, today).filter(pk=self.kwargs["item"]).first()
        if found is None:
            raise Http404
        return found

    def get_success_url(self) -> str:
        return reverse("standing_items", args=[self.record.slug])

    def back_url(self) -> str:
        return self.get_success_url()


class AddStandingItem(StandingItemPage):
    done = "Standing item added"

    def get_initial(self) -> dict[str, Any]:
        return {"order": meetings.standing_items_of(self.record, timezone.localdate()).count() + 1}

    def change(self, form: StandingItemForm) -> StandingItem:
        return services.save_standing_item(self.record, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading="Add a standing item", **kwargs)


class EditStandingItem(StandingItemPage):
    done = "Standing item changed. Agendas that have it already keep it as it was."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.item}

    def change(self, form: StandingItemForm) -> StandingItem:
        return services.save_standing_item(self.record, self.item, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading="Change a standing item", **kwargs)


class RemoveStandingItem(StandingItemPage):
    form_class = RemoveStandingItemForm
    template_name = "partnership/meetings/remove_standing_item.html"
    done = "Standing item removed. Agendas that have it already keep it."

    def change(self, form: RemoveStandingItemForm) -> None:
        assert self.item is not None  # noqa: S101 - the address has one
        services.remove_standing_item(self.item, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(item=self.item, **kwargs)
