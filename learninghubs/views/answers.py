"""The Board's side of suggestions: what waits for it, put on an agenda, answered, corrected; and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.views.generic import View

from learninghubs import board as reads
from learninghubs.choices import Impact
from learninghubs.forms.answers import AnswerForm, CorrectForm, ImpactForm
from learninghubs.models import ImpactCheck, Response, Suggestion
from learninghubs.models.suggestions import SuggestionQuerySet
from learninghubs.moves import ANSWER, CORRECT
from learninghubs.permissions import Perm
from learninghubs.services import answers as services
from learninghubs.services.answers import why_not_now
from partnership import actions as action_reads
from partnership.engine.workflow import MoveNotAllowed, TooLate
from partnership.models import AgendaItem, Group, Meeting
from partnership.models.meetings import MINUTES_OUT
from partnership.permissions import Perm as PartnershipPerm
from partnership.views.base import Gate, Page, TypedPage, stale

ON_A_PAGE: Final = 25
MOST_TICKED: Final = 200
NOTHING_ASKED: Final = "Nothing is asked here: the suggestion has no answer with an action."
VIEWS: Final = {"waiting": "Waiting", "answered": "Answered", "impact": "What became of it"}


# --- Before the Board -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the links above the list."""

    label: str
    url: str
    is_chosen: bool


class BoardSuggestions(Page):
    """What waits for a Board, what it answered, what became of that: as far as the person sees it."""

    permission_required = Perm.VIEW_SUGGESTION
    template_name = "learninghubs/answers/board.html"

    @cached_property
    def boards(self) -> list[Group]:
        return list(reads.boards_of(self.person))

    @cached_property
    def board(self) -> Group | None:
        """The Board that the address names, else the first."""
        asked = self.request.GET.get("board", "")
        return next((one for one in self.boards if one.slug == asked), next(iter(self.boards), None))

    @cached_property
    def view_name(self) -> str:
        asked = self.request.GET.get("view", "")
        return asked if asked in VIEWS else "waiting"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.board is None:
            return super().get_context_data(**kwargs)
        shown = {"waiting": self._waiting, "answered": self._answered, "impact": self._impact}[self.view_name]
        seen = reads.before_board(self.person, self.board)
        return super().get_context_data(
            board=self.board,
            boards=self._board_tabs(),
            tabs=[Tab(label, self._address(view=name), name == self.view_name) for name, label in VIEWS.items()],
            view_name=self.view_name,
            today=timezone.localdate(),
            **shown(self.board, seen),
            **kwargs,
        )

    def _board_tabs(self) -> list[Tab]:
        """A link for each Board, where there are several."""
        if len(self.boards) < 2:
            return []
        return [Tab(one.name, self._address(board=one.slug), one == self.board) for one in self.boards]

    def _address(self, **query: str) -> str:
        shown = {"board": self.board.slug if self.board else "", "view": self.view_name} | query
        return f"?{urlencode(shown)}"

    def _waiting(self, board: Group, seen: SuggestionQuerySet) -> dict[str, Any]:
        waiting = reads.waiting_for(board, timezone.localdate()).filter(pk__in=seen.order_by().values("pk"))
        coming = reads.meetings_to_come(board, timezone.now())
        runs = bool(coming) and self.person.has_perm(PartnershipPerm.MANAGE_MEETING, coming[0])
        themes = reads.by_theme(waiting, at=timezone.now())
        lines = [line for theme in themes for hub in theme.hubs for line in hub.lines]
        return {
            "themes": themes,
            "number": len(lines),
            "number_overdue": sum(line.is_overdue for line in lines),
            "coming": coming,
            "may_put": runs and any(not line.is_to_come_up for line in lines),
            "all_ticked": self.request.GET.get("tick") == "all",
            "may_answer": self._may_answer(lines),
            "sees_meetings": Meeting.objects.visible_to(self.person).filter(group=board).exists(),
        }

    def _may_answer(self, lines: list[reads.Line]) -> set[int]:
        """The ids of those of them that the person may answer. One query."""
        listed = Suggestion.objects.filter(pk__in=[line.suggestion.pk for line in lines])
        return set(listed.allowed(self.person, Perm.ANSWER_SUGGESTION).values_list("pk", flat=True))

    def _answered(self, board: Group, seen: SuggestionQuerySet) -> dict[str, Any]:
        return {"page_obj": self._page(reads.answered(seen))}

    def _impact(self, board: Group, seen: SuggestionQuerySet) -> dict[str, Any]:
        page = self._page(reads.checks_of(seen))
        asked = Suggestion.objects.filter(pk__in=[check.response.suggestion_id for check in page])
        may = asked.allowed(self.person, Perm.CHECK_IMPACT).values_list("pk", flat=True)
        return {"page_obj": page, "may_check": set(may)}

    def _page(self, found: Any) -> Any:
        return Paginator(found, ON_A_PAGE).get_page(self.request.GET.get("page"))


class PutOnAgenda(Gate, View):
    """The suggestions that are ticked, on the agenda of the meeting. Only by a button."""

    model = Meeting
    permission_required = PartnershipPerm.MANAGE_MEETING
    lookup = {"pk": "pk"}
    http_method_names = ["post", "options"]

    def records(self) -> Any:
        return super().records().select_related("group")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        back = f"{reverse('learninghubs:board_suggestions')}?{urlencode({'board': self.record.group.slug})}"
        try:
            items = services.put_on_agenda(self._ticked(), meeting=self.record, by=self.person)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(back)
        except TooLate as error:
            return stale(request, str(error), back)
        messages.success(request, _put_on(items, self.record))
        return HttpResponseRedirect(back)

    def _ticked(self) -> Any:
        """Those that are ticked and exist for the person."""
        typed = self.request.POST.getlist("chosen")[:MOST_TICKED]
        ids = [int(number) for number in typed if number.isdecimal() and len(number) <= 18]
        return Suggestion.objects.visible_to(self.person).filter(pk__in=ids)


def _put_on(items: list[AgendaItem], meeting: Meeting) -> str:
    number = "1 suggestion is" if len(items) == 1 else f"{len(items)} suggestions are"
    late = " Its papers are out already: call attention to it." if meeting.papers_are_out else ""
    return f"{number} on the agenda: {meeting}.{late}"


# --- Answered ---------------------------------------------------------------------------------------------------------


class SuggestionForm(TypedPage):
    """A form about one suggestion; whoever opens it too late is told what has happened, and what was typed when
    somebody else was faster stays on the page."""

    model = Suggestion
    lookup = {"pk": "pk"}
    back_label = "Back to the suggestion"

    def records(self) -> Any:
        return super().records().select_related("hub__group", "hub__reports_to", "theme__serves")

    def perform(self, form: Any) -> Any:
        try:
            return self.change(form)
        except TooLate as error:
            raise ValidationError(str(error)) from error

    def change(self, form: Any) -> Any:
        """Call the service. May raise as ``ChangePage.perform``."""
        raise NotImplementedError(type(self).__name__)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(suggestion=self.record, caption=str(self.record), **kwargs)


class AnswerSuggestion(SuggestionForm):
    """The Board's answer to one suggestion; from it to the next one that waits."""

    permission_required = Perm.ANSWER_SUGGESTION
    form_class = AnswerForm
    template_name = "learninghubs/answers/answer.html"
    back_label = "Suggestions before the Board"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in ANSWER.sources:
            return stale(request, str(MoveNotAllowed(ANSWER, self.record)), self.record.get_absolute_url())
        return super().get(request, *args, **kwargs)

    @cached_property
    def meetings(self) -> Any:
        return reads.meetings_to_answer_at(self.record, timezone.localdate())

    def get_form_kwargs(self) -> dict[str, Any]:
        owners = action_reads.owners_to_name()
        return super().get_form_kwargs() | {"meetings": self.meetings, "owners": owners}

    def get_initial(self) -> dict[str, Any]:
        """The meeting that the last answer was given at; else the newest on whose agenda the suggestion stands."""
        asked = self.request.GET.get("meeting", "")
        if asked.isdecimal() and len(asked) <= 18:
            return {"meeting": int(asked)}
        item = reads.items_of([self.record]).get(self.record.pk)
        return {"meeting": item.meeting_id if item else None}

    def change(self, form: AnswerForm) -> Response:
        return services.answer(self.record, by=self.person, **form.cleaned_data)

    @property
    def done(self) -> str:  # type: ignore[override]
        """That the answer is recorded, and how it stands to the minutes."""
        response = self.outcome
        if response.decision is not None:
            return f"Answer recorded. The minutes have it as decision {response.decision.reference}."
        if response.meeting.status in MINUTES_OUT:
            return "Answer recorded. The minutes of the meeting are out already, so it stands by itself."
        return "Answer recorded. Attendance is not recorded yet, so the minutes do not have it: it stands by itself."

    @cached_property
    def next_one(self) -> Suggestion | None:
        """The next suggestion that the person may answer: who waits longest first. One query."""
        waiting = reads.waiting_for(self.record.hub.reports_to, timezone.localdate())
        found: Suggestion | None = (
            waiting.allowed(self.person, Perm.ANSWER_SUGGESTION).exclude(pk=self.record.pk).first()
        )
        return found

    def get_success_url(self) -> str:
        if "next" in self.request.POST and self.next_one is not None:
            address = reverse("learninghubs:answer_suggestion", args=[self.next_one.pk])
            return f"{address}?{urlencode({'meeting': self.outcome.meeting_id})}"
        return super().get_success_url()

    def back_url(self) -> str:
        query = urlencode({"board": self.record.hub.reports_to.slug})
        return f"{reverse('learninghubs:board_suggestions')}?{query}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        merged = self.record.merged.count()
        return super().get_context_data(
            next_one=self.next_one,
            can_be_answered=self.meetings.exists(),
            said_by=1 + merged,
            **kwargs,
        )


class CorrectAnswer(SuggestionForm):
    """Takes a wrong answer back while nobody has been told of it."""

    permission_required = Perm.ANSWER_SUGGESTION
    form_class = CorrectForm
    template_name = "learninghubs/answers/correct.html"
    done = "The answer is taken back. The suggestion waits for the Board again."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in CORRECT.sources:
            return stale(request, str(MoveNotAllowed(CORRECT, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def change(self, form: CorrectForm) -> Suggestion:
        return services.correct(self.record, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(response=reads.answer_of(self.record), **kwargs)


# --- What became of it ------------------------------------------------------------------------------------------------


class CheckImpact(SuggestionForm):
    """What became of an answer's action, once it is asked."""

    permission_required = Perm.CHECK_IMPACT
    form_class = ImpactForm
    template_name = "learninghubs/answers/impact.html"
    done = "Saved. Those who read the suggestion see what became of it."

    @cached_property
    def impact(self) -> ImpactCheck | None:
        checks = ImpactCheck.objects.select_related("response__action", "checked_by")
        return checks.filter(response__suggestion=self.record, months=self.kwargs["months"]).first()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        why = why_not_now(self.impact, timezone.localdate()) if self.impact else NOTHING_ASKED
        if why:
            return stale(request, why, self.back_url())
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """That it is too early to say, while the action is not done."""
        return {"outcome": Impact.TOO_EARLY} if self._is_unfinished() else {}

    def _is_unfinished(self) -> bool:
        action = self.impact.response.action if self.impact else None
        return action is not None and action.is_unfinished

    def change(self, form: ImpactForm) -> ImpactCheck:
        if self.impact is None:
            raise TooLate(NOTHING_ASKED)
        return services.check_impact(self.impact, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            check=self.impact,
            response=reads.answer_of(self.record),
            is_unfinished=self._is_unfinished(),
            heading=f"What became of it after {self.kwargs['months']} months",
            **kwargs,
        )
