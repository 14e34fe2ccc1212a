"""The agenda: built, put in order, proposals decided; papers; the pack; calling the meeting."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.generic import View

from partnership import meetings
from partnership.engine.workflow import TooLate
from partnership.forms.meetings.agenda import (
    AcceptForm,
    BuildForm,
    CallForm,
    DeclineForm,
    ItemForm,
    MakePackForm,
    PaperForm,
    RemoveItemForm,
    RemovePaperForm,
    VersionForm,
)
from partnership.models import AgendaItem, Meeting, Paper
from partnership.permissions import Perm
from partnership.services import meetings as services
from partnership.services.meetings.common import AT_WORK, why_not
from partnership.views.base import Page, stale
from partnership.views.meetings.base import ItemChange, ItemGate, MeetingChange, MeetingForm, MeetingGate, breadcrumbs
from partnership.views.meetings.page import agenda_of, pack_context


class AgendaPage(MeetingGate, Page):
    """Where those who run the meeting put its agenda together."""

    permission_required = Perm.MANAGE_MEETING
    template_name = "partnership/meetings/agenda.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.meeting.status not in AT_WORK:
            return stale(request, why_not(self.meeting, "change the agenda"), self.meeting.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meeting = self.meeting
        items = agenda_of(meeting, self.person)
        return super().get_context_data(
            meeting=meeting,
            breadcrumbs=breadcrumbs(meeting, ("Agenda", "")),
            items=items,
            minutes_allotted=sum(one.item.minutes for one, _ in items),
            minutes_there=int((meeting.ends_at - meeting.starts_at).total_seconds() // 60),
            proposals=list(meeting.items.proposals().select_related("proposed_by", "serves")),
            papers_out_on=meetings.papers_out_on(meeting),
            **pack_context(meeting),
            **kwargs,
        )


class AgendaChange(MeetingChange):
    """A change to the agenda of a meeting; afterwards the agenda."""

    back_label = "Back to the agenda"

    def get_success_url(self) -> str:
        return reverse("agenda", args=[self.meeting.pk])


class BuildAgenda(AgendaChange):
    form_class = BuildForm
    template_name = "partnership/meetings/build.html"

    def change(self, form: BuildForm) -> int:
        return services.build_agenda(self.meeting, by=self.person)

    @property
    def done(self) -> str:  # type: ignore[override]
        number = self.outcome
        return "Nothing was missing" if not number else f"{number} item{'' if number == 1 else 's'} put on the agenda"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(last=meetings.before(self.meeting), **kwargs)


class AddItem(AgendaChange):
    form_class = ItemForm
    done = "Item added"

    def change(self, form: ItemForm) -> AgendaItem:
        return services.add_item(self.meeting, by=self.person, **form.values())


class ProposeItem(MeetingGate, MeetingForm):
    """A member proposes an item."""

    permission_required = Perm.PROPOSE_ITEM
    form_class = ItemForm
    done = "Item proposed. You are told what becomes of it."

    def change(self, form: ItemForm) -> AgendaItem:
        return services.propose_item(self.meeting, by=self.person, **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading="Propose an item", **kwargs)


class EditItem(ItemChange):
    """Whoever saves second is shown what is saved now beside what they typed, which stays in the form."""

    form_class = ItemForm
    done = "Item changed"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"item": self.record}

    def change(self, form: ItemForm) -> AgendaItem:
        loaded = form.cleaned_data["loaded"] or 0
        return services.edit_item(self.record, by=self.person, loaded=loaded, **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading="Change an item", **kwargs)


class MoveItem(ItemGate, View):
    """One place up or down. Only by a button."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        agenda = reverse("agenda", args=[self.meeting.pk])
        typed = request.POST.get("loaded", "")
        loaded = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
        try:
            services.move_item(self.record, up=request.POST.get("way") == "up", by=self.person, loaded=loaded)
        except TooLate as error:
            return stale(request, str(error), agenda)
        return HttpResponseRedirect(f"{agenda}#item-{pk}")


class RemoveItem(ItemChange):
    form_class = RemoveItemForm
    template_name = "partnership/meetings/about_item.html"
    done = "Item removed"

    def change(self, form: RemoveItemForm) -> None:
        services.remove_item(self.record, by=self.person)


class AcceptItem(ItemChange):
    form_class = AcceptForm
    template_name = "partnership/meetings/about_item.html"
    done = "Item put on the agenda. Who proposed it is told."

    def change(self, form: AcceptForm) -> AgendaItem:
        return services.accept_item(self.record, by=self.person)


class DeclineItem(ItemChange):
    form_class = DeclineForm
    done = "Item declined. Who proposed it is told why."

    def change(self, form: DeclineForm) -> AgendaItem:
        return services.decline_item(self.record, by=self.person, **form.cleaned_data)


# --- Papers -----------------------------------------------------------------------------------------------------------


class AddPaper(ItemChange):
    """A file of a paper cannot be kept between two pages: if something is wrong, it is selected again."""

    form_class = PaperForm
    done = "Paper added"

    def change(self, form: PaperForm) -> Paper:
        return services.add_paper(self.record, by=self.person, **form.cleaned_data)


class PaperChange(MeetingForm):
    """A change to one paper by those who run the meeting; afterwards the agenda."""

    model = Paper
    permission_required = Perm.MANAGE_PAPER
    lookup = {"pk": "pk"}
    template_name = "partnership/meetings/about_paper.html"
    back_label = "Back to the agenda"

    def records(self) -> Any:
        return super().records().select_related("item__meeting__group__meeting_pattern")

    @property
    def meeting(self) -> Meeting:  # type: ignore[override]
        return self.record.item.meeting  # type: ignore[no-any-return]

    def get_success_url(self) -> str:
        return reverse("agenda", args=[self.meeting.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(paper=self.record, **kwargs)


class AddVersion(PaperChange):
    form_class = VersionForm
    done = "New version uploaded"

    def change(self, form: VersionForm) -> Any:
        return services.add_version(self.record, by=self.person, **form.cleaned_data)


class RemovePaper(PaperChange):
    form_class = RemovePaperForm
    done = "Paper removed"

    def change(self, form: RemovePaperForm) -> None:
        services.remove_paper(self.record, by=self.person)


# --- The pack and the call --------------------------------------------------------------------------------------------


class MakePack(AgendaChange):
    form_class = MakePackForm
    template_name = "partnership/meetings/make_pack.html"
    done = "The pack is being made. This takes some seconds."

    def change(self, form: MakePackForm) -> Any:
        return services.make_pack(self.meeting, by=self.person)


class CallMeeting(MeetingChange):
    """Sends the link to the pack to everybody expected, once."""

    form_class = CallForm
    template_name = "partnership/meetings/call.html"
    done = "The meeting is called. Its members are being told."

    def change(self, form: CallForm) -> Meeting:
        return services.call_meeting(self.meeting, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = meetings.people_to_tell(self.meeting)
        return super().get_context_data(people=people, **pack_context(self.meeting), **kwargs)
