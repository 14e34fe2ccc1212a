"""The hub's inbox: the list of suggestions, one suggestion, and what the hub does with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.generic import View

from hscp.lib.export import Column, csv_response, xlsx_response
from learninghubs import board, moves, tracking
from learninghubs import inbox as reads
from learninghubs.choices import MEETINGS_TO_ANSWER, SuggestionStatus
from learninghubs.filters.suggestions import ANY_STATUS, MOST_WORDS, SHOWN, TO_SEE_TO, SuggestionFilter
from learninghubs.forms.inbox import (
    AskForm,
    HandOverForm,
    HoldForm,
    MergeForm,
    MergeTickedForm,
    RetitleForm,
    SendUpForm,
    SetAsideForm,
    TakeBackForm,
    TakeOnForm,
    label_of,
)
from learninghubs.models import Author, Question, Response, Suggestion
from learninghubs.models.suggestions import AT_THE_HUB, DECIDED, SENT_UP, TEXTS
from learninghubs.permissions import Perm
from learninghubs.services import inbox as services
from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.forms.parts import ConfirmForm
from partnership.models import StatusChange
from partnership.permissions import Perm as PartnershipPerm
from partnership.views.base import Gate, Page, TypedPage, stale

ON_A_PAGE = 50  # and the most that can be ticked
ROWS_AT_A_TIME = 1_000  # read from the database for a file
LONGEST_NUMBER = 18  # digits of a number that the database can look for


# --- The list ---------------------------------------------------------------------------------------------------------


class Inbox(Gate):
    """The suggestions of the hubs whose inbox the person may read, as the address asks for them."""

    permission_required = Perm.VIEW_INBOX

    @cached_property
    def visible(self) -> QuerySet[Suggestion]:
        return reads.in_inbox(self.person)

    def filtered(self) -> SuggestionFilter:
        return SuggestionFilter(self.request.GET, self.visible)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the links above the list."""

    label: str
    status: str
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    """One suggestion of the list: for how many working days it has waited, and whether it can be ticked."""

    suggestion: Any
    days: int | None
    can_be_ticked: bool


class InboxList(Inbox, Page):
    """The list, fifty at a time. Whoever may see to them ticks several, to merge them or put them to the Board."""

    template_name = "learninghubs/inbox/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.filtered()
        page = Paginator(reads.with_facts(found.qs), ON_A_PAGE).get_page(self.request.GET.get("page"))
        lines = self._lines(list(page.object_list))
        return super().get_context_data(
            filter=found,
            page_obj=page,
            lines=lines,
            tabs=[tab for tab in self._tabs() if tab.number or tab.status in (TO_SEE_TO, found.status_shown)],
            status=found.status_shown,
            can_tick=any(line.can_be_ticked for line in lines),
            all_ticked=self.request.GET.get("tick") == "all",
            there_are_none=not page.paginator.count and not self.visible.exists(),
            several_hubs=len(found.filters["hub"].extra["choices"]) > 1,
            **kwargs,
        )

    def _tabs(self) -> list[Tab]:
        """One for each state, with how many there are; those that the hub sees to first, and all of them last."""
        counted = self.visible.order_by().values_list("status").annotate(Count("pk"))
        numbers: dict[str, int] = dict(counted)
        to_see_to = sum(numbers.get(status, 0) for status in AT_THE_HUB)
        each = [Tab(label, status, numbers.get(status, 0)) for status, label in SHOWN]
        first, last = Tab("To see to", TO_SEE_TO, to_see_to), Tab("All", ANY_STATUS, sum(numbers.values()))
        return [first, *each, last]

    def _lines(self, suggestions: list[Suggestion]) -> list[Line]:
        today, ours = timezone.localdate(), self._to_tick(suggestions)
        return [Line(one, reads.days_waiting(one, on=today), one.pk in ours) for one in suggestions]

    def _to_tick(self, suggestions: list[Suggestion]) -> set[int]:
        if not self.person.has_perm(Perm.SCREEN_SUGGESTION):
            return set()
        ids = [suggestion.pk for suggestion in suggestions]
        return set(reads.mergeable(self.person).filter(pk__in=ids).values_list("pk", flat=True))


def _columns(with_authors: set[int]) -> list[Column]:
    """The columns of the file; ``with_authors`` are the suggestions whose author the person may know."""
    today = timezone.localdate()
    columns = [
        Column("Reference", lambda one: one.reference),
        Column("Title", lambda one: one.title, width=40),
        Column("Hub", lambda one: str(one.hub), width=40),
        Column("Theme", lambda one: str(one.theme or ""), width=30),
        Column("Agency", lambda one: str(one.agency or ""), width=30),
        Column("State", lambda one: one.get_status_display()),
        Column("Received on", lambda one: timezone.localdate(one.received_at), width=12),
        Column("Working days waiting", lambda one: reads.days_waiting(one, on=today), width=12),
        *[Column(label_of(name), lambda one, name=name: getattr(one, name), width=60) for name in TEXTS],
        Column("Merged into", lambda one: one.merged_into.reference if one.merged_into else ""),
        Column("Answer", lambda one: _of_answer(one, "get_answer_display"), width=20),
        Column("Why", lambda one: _of_answer(one, "reason"), width=60),
        Column("Answered on", lambda one: _of_answer(one, "answered_on"), width=12),
    ]
    return [*columns, *_author_columns(with_authors)] if with_authors else columns


def _of_answer(suggestion: Suggestion, name: str) -> Any:
    response: Response | None = getattr(suggestion, "response", None)
    value = getattr(response, name, "")
    return value() if callable(value) else value


def _author_columns(allowed: set[int]) -> list[Column]:
    def of_author(name: str) -> Any:
        return lambda one: getattr(getattr(one, "author", None), name, "") if one.pk in allowed else ""

    return [Column("Author", of_author("name"), width=24), Column("Author’s address", of_author("email"), width=30)]


class ExportInbox(Inbox, View):
    """What the list shows with these filters, all of it, as CSV or XLSX. Authors only for those who may know them."""

    def get(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        found = self.filtered().qs
        known = found.allowed(self.person, Perm.SEE_AUTHORS).order_by().values_list("pk", flat=True)
        rows = found.select_related("hub__group", "theme", "agency", "merged_into", "response", "author")
        columns, filename = _columns(set(known)), f"suggestions-{timezone.localdate()}"
        each = rows.iterator(chunk_size=ROWS_AT_A_TIME)
        if file_format == "xlsx":
            return xlsx_response(columns, each, filename=filename, title="Suggestions")
        return csv_response(columns, each, filename=filename)


# --- One suggestion ---------------------------------------------------------------------------------------------------


class SuggestionGate(Gate):
    """A page about one suggestion."""

    model = Suggestion
    permission_required: str = Perm.VIEW_SUGGESTION
    lookup = {"pk": "pk"}

    def records(self) -> Any:
        related = ("hub__group", "hub__reports_to", "theme", "forum__theme", "agency", "merged_into")
        return super().records().select_related(*related)


@dataclass(frozen=True, slots=True)
class Text:
    """One of the three texts: what it is headed by, what it says, and whether it waits for the business unit."""

    label: str
    words: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A suggestion beside the one of the page: all that was written in it and, for those who may know, who wrote it."""

    suggestion: Suggestion
    texts: list[Text]
    author: Author | None = None


def texts_of(suggestion: Suggestion, held: set[str]) -> list[Text]:
    return [Text(label_of(name), getattr(suggestion, name), name in held) for name in TEXTS]


def parts_of(suggestions: list[Suggestion]) -> list[Part]:
    """All that was written in each, without who wrote it. One query."""
    held = reads.held_fields(suggestions)
    return [Part(one, texts_of(one, held[one.pk])) for one in suggestions]


@dataclass(frozen=True, slots=True)
class Entry:
    """One move of a suggestion: when, by whom, what, and why."""

    at: datetime
    by: str
    what: str
    text: str


def _by_whom(change: StatusChange) -> str:
    """Who took a move: authors are not named, and the portal took what nobody did."""
    return "Its author" if change.verb in OF_ITS_AUTHOR else change.by_name


OF_ITS_AUTHOR = frozenset({moves.CONFIRM.verb, moves.REPLY.verb, moves.WITHDRAW.verb})
# The moves that a person takes, by the name of what leads to each on the page.
MOVES = {
    "take_on": moves.SCREEN,
    "ask": moves.ASK_BACK,
    "go_on": moves.GO_ON,
    "merge": moves.MERGE,
    "separate": moves.SEPARATE,
    "set_aside": moves.SET_ASIDE,
    "take_up": moves.TAKE_UP_AGAIN,
    "send_up": moves.SEND_UP,
    "take_back": moves.TAKE_BACK,
}


class SuggestionPage(SuggestionGate, Page):
    """What was said, how it stands, what has happened, and what the person may do with it now."""

    template_name = "learninghubs/inbox/suggestion.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        suggestion, today = self.record, timezone.localdate()
        merged = list(self._merged())
        held = reads.held_fields([suggestion, *merged])
        authors = self._authors(merged)
        return super().get_context_data(
            suggestion=suggestion,
            texts=texts_of(suggestion, held[suggestion.pk]),
            is_held=any(held.values()),
            parts=[Part(one, texts_of(one, held[one.pk]), authors.get(one.pk)) for one in merged],
            author=authors.get(suggestion.pk),
            days=reads.days_waiting(suggestion, on=today),
            **self._before_the_board(),
            **self._questions(),
            story=tracking.story_of(suggestion, today),
            entries=self._who_did_what(),
            reads_all=self.reads_all,
            response=board.answer_of(suggestion),
            may=self._may(),
            breadcrumbs=self._breadcrumbs(),
            **kwargs,
        )

    @cached_property
    def reads_all(self) -> bool:
        """Whether the person reads it at the hub or on the Board, and not only as its author."""
        is_up = self.record.status in SENT_UP
        return self.reads_inbox or (is_up and self.person.has_perm(Perm.VIEW_DASHBOARD, self.record.hub))

    @cached_property
    def reads_inbox(self) -> bool:
        """Whether the person reads everything that the hub has."""
        return self.person.has_perm(Perm.VIEW_INBOX, self.record.hub)

    @cached_property
    def knows_authors(self) -> bool:
        return self.person.has_perm(Perm.SEE_AUTHORS, self.record)

    def _merged(self) -> QuerySet[Suggestion]:
        """What was merged into it, for those who are not only its author."""
        merged = (
            self.record.merged.select_related("agency", "hub__group") if self.reads_all else Suggestion.objects.none()
        )
        found: QuerySet[Suggestion] = merged.order_by("received_at", "pk")
        return found

    def _authors(self, parts: list[Suggestion]) -> dict[int, Author]:
        """Who made each, for those who may know."""
        if not self.knows_authors:
            return {}
        authors = Author.objects.filter(suggestion__in=[self.record, *parts]).select_related("person")
        return {author.suggestion_id: author for author in authors}

    def _questions(self) -> dict[str, Any]:
        questions = list(self.record.questions.select_related("asked_by"))
        return {"questions": questions, "held_replies": reads.held_replies(questions)}

    def _who_did_what(self) -> list[Entry]:
        """Each move with who took it and why, newest first, for those who read the hub’s inbox."""
        if not self.reads_inbox:
            return []
        changes = StatusChange.objects.about(self.record).select_related("by").order_by("-at", "-pk")
        return [Entry(each.at, _by_whom(each), capfirst(each.verb), each.note) for each in changes]

    def _before_the_board(self) -> dict[str, Any]:
        """How often the Board has met since it was put to it, while it waits there."""
        if self.record.status != SuggestionStatus.WITH_BOARD:
            return {}
        had = board.meetings_had(self.record, timezone.localdate())
        return {
            "meetings_had": had,
            "is_overdue": had >= MEETINGS_TO_ANSWER,
            "items": [
                item
                for item in services.items_to_come(self.record)
                if self.person.has_perm(PartnershipPerm.VIEW_AGENDA_ITEM, item)
            ],
        }

    def _may(self) -> dict[str, bool]:
        """What the person may do with it as it stands."""
        screens = self.person.has_perm(Perm.SCREEN_SUGGESTION, self.record)
        status = self.record.status
        may = {name: screens and status in move.sources for name, move in MOVES.items()}
        may["hand_over"] = may["retitle"] = may["merge"]
        may["hold"] = screens and any(getattr(self.record, name) for name in TEXTS)
        may["tell"] = screens and status in DECIDED
        may |= self._may_at_the_board()
        may["read_inbox"] = self.reads_inbox
        may["read_main"] = self._sees_main()
        may["follow"] = self._made_it()
        may["read_history"] = self.knows_authors
        return may

    def _may_at_the_board(self) -> dict[str, bool]:
        """What who answers for the Board may do with it."""
        status = self.record.status
        if status not in moves.ANSWER.sources | moves.CORRECT.sources:
            return {}
        answers = self.person.has_perm(Perm.ANSWER_SUGGESTION, self.record)
        before = status in moves.ANSWER.sources
        return {"answer": answers and before, "correct": answers and not before}

    def _made_it(self) -> bool:
        return Author.objects.filter(suggestion=self.record, person=self.person).exists()

    def _sees_main(self) -> bool:
        main = self.record.merged_into
        return main is not None and self.person.has_perm(Perm.VIEW_SUGGESTION, main)

    def _breadcrumbs(self) -> list[tuple[str, str]]:
        above = [("Suggestions", reverse("learninghubs:inbox"))] if self.person.has_perm(Perm.VIEW_INBOX) else []
        return [*above, (self.record.reference, "")]


# --- What the hub does with one ---------------------------------------------------------------------------------------


class SuggestionChange(SuggestionGate, TypedPage):
    """A form about one suggestion; one that comes too late says at once what has happened."""

    permission_required = Perm.SCREEN_SUGGESTION
    move: Move | None = None
    sources = frozenset(AT_THE_HUB)  # where it can be done, if it is no move
    back_label = "Back to the suggestion"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.move is not None and self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        if self.move is None and self.record.status not in self.sources:
            status = self.record.get_status_display().lower()
            return stale(request, f"You cannot do this now: the status is “{status}”.", self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(caption=str(self.record), **kwargs)


class TakeOn(SuggestionChange):
    """Read it for what could identify somebody, then take it on under a short title."""

    form_class = TakeOnForm
    template_name = "learninghubs/inbox/take_on.html"
    move = moves.SCREEN
    done = "The suggestion is at the hub"

    def perform(self, form: TakeOnForm) -> Suggestion:
        return services.take_on(self.record, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = reads.held_fields([self.record])[self.record.pk]
        return super().get_context_data(texts=texts_of(self.record, held), **kwargs)


class Retitle(SuggestionChange):
    form_class = RetitleForm
    done = "Title saved"

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.record.title}

    def perform(self, form: RetitleForm) -> Suggestion:
        return services.retitle(self.record, by=self.person, **form.cleaned_data)


class HoldText(SuggestionChange):
    """Send a text to the business unit, whatever has become of the suggestion."""

    form_class = HoldForm
    sources = frozenset(SuggestionStatus)
    done = "The text has been sent to the business unit. Nobody reads it here until they have looked"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"suggestion": self.record}

    def perform(self, form: HoldForm) -> Any:
        return services.hold_text(self.record, by=self.person, **form.cleaned_data)


class AskBack(SuggestionChange):
    form_class = AskForm
    move = moves.ASK_BACK
    done = "The question has been sent to its author"

    def perform(self, form: AskForm) -> Question:
        return services.ask_back(self.record, by=self.person, **form.cleaned_data)


class SetAside(SuggestionChange):
    form_class = SetAsideForm
    move = moves.SET_ASIDE
    done = "The suggestion is taken no further, and its author is told why"

    def perform(self, form: SetAsideForm) -> Suggestion:
        return services.set_aside(self.record, by=self.person, **form.cleaned_data)


class TakeBack(SuggestionChange):
    form_class = TakeBackForm
    template_name = "learninghubs/inbox/take_back.html"
    move = moves.TAKE_BACK
    done = "The suggestion is at the hub again"

    def perform(self, form: TakeBackForm) -> Suggestion:
        return services.take_back(self.record, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(items=services.items_to_come(self.record), **kwargs)


class HandOver(SuggestionChange):
    """Hand it to another hub; whoever leads only this one does not see it any more."""

    form_class = HandOverForm
    done = "The suggestion has been handed over, and the leads of the other hub are told"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"suggestion": self.record}

    def perform(self, form: HandOverForm) -> Suggestion:
        return services.hand_over(self.record, by=self.person, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("learninghubs:inbox")

    def back_url(self) -> str:
        return str(self.record.get_absolute_url())


class ConfirmMove(SuggestionChange):
    """A page that says what will happen, and a button."""

    form_class = ConfirmForm
    template_name = "partnership/parts/confirm.html"
    title = ""
    submit_text = ""
    sentences: tuple[str, ...] = ()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"title": self.title, "submit_text": self.submit_text}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sentences=self.sentences, **kwargs)


class GoOn(ConfirmMove):
    move = moves.GO_ON
    title = "Go on without a reply"
    submit_text = "Go on without a reply"
    sentences = ("The question stays in the story of the suggestion. Its author can no longer reply to it.",)
    done = "The suggestion is at the hub"

    def perform(self, form: ConfirmForm) -> Suggestion:
        return services.go_on(self.record, by=self.person)


class Separate(ConfirmMove):
    move = moves.SEPARATE
    title = "Separate it again"
    submit_text = "Separate it again"
    sentences = ("It goes its own way again and is back at the hub. Its author is told.",)
    done = "The suggestion goes its own way again"

    def perform(self, form: ConfirmForm) -> Suggestion:
        return services.separate(self.record, by=self.person)


class TakeUpAgain(ConfirmMove):
    move = moves.TAKE_UP_AGAIN
    title = "Take it up again"
    submit_text = "Take it up again"
    sentences = ("It is back at the hub. Everybody who made it is told.",)
    done = "The suggestion has been taken up again"

    def perform(self, form: ConfirmForm) -> Suggestion:
        return services.take_up_again(self.record, by=self.person)


# --- Like ones --------------------------------------------------------------------------------------------------------


class MergeInto(SuggestionChange):
    """Put like ones into this one: those that share words with it are offered, or those that a search finds."""

    form_class = MergeForm
    template_name = "learninghubs/inbox/merge_into.html"
    move = moves.MERGE
    done = "They have been put together, and the authors of those that were put into this one are told"

    @cached_property
    def words(self) -> list[str]:
        return self.request.GET.get("q", "").replace("\0", " ").split()[:MOST_WORDS]

    @cached_property
    def found(self) -> QuerySet[Suggestion]:
        """What is offered, the likest first; of what a search finds, the oldest first."""
        among = reads.mergeable(self.person).exclude(pk=self.record.pk).select_related("hub__group", "agency")
        if self.words:
            return reads.with_words(among, self.words).order_by("received_at", "pk")
        return reads.like(self.record, among)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"found": self.found}

    def perform(self, form: MergeForm) -> Suggestion:
        return services.merge(form.cleaned_data["chosen"], into=self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.setdefault("form", self.get_form())
        parts, words = parts_of([self.record, *form.offered]), " ".join(self.words)
        return super().get_context_data(texts=parts[0].texts, parts=parts[1:], words=words, **kwargs)


class Ticked(TypedPage):
    """Something done with several that were ticked in the list. The ticks stand in the address, so no error loses
    them."""

    permission_required = Perm.SCREEN_SUGGESTION
    back_label = "Suggestions"

    @cached_property
    def ticked(self) -> list[Suggestion]:
        """Those that were ticked and are the person's to see to, the oldest first."""
        values = self.request.GET.getlist("chosen")[:ON_A_PAGE]
        ids = [value for value in values if value.isdecimal() and len(value) < LONGEST_NUMBER]
        seen = Suggestion.objects.filter(pk__in=ids).visible_to(self.person)
        allowed = seen.allowed(self.person, Perm.SCREEN_SUGGESTION)
        return list(allowed.select_related("hub__group", "agency").order_by("received_at", "pk"))

    def get_success_url(self) -> str:
        return reverse("learninghubs:inbox")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading=self.form_class.title, **kwargs)


class MergeTicked(Ticked):
    """Several are put together: one of them goes on for all."""

    form_class = MergeTickedForm
    template_name = "learninghubs/inbox/merge_ticked.html"

    @cached_property
    def fitting(self) -> list[Suggestion]:
        return [one for one in self.ticked if one.status in AT_THE_HUB]

    def get_form_kwargs(self) -> dict[str, Any]:
        allowed = Suggestion.objects.allowed(self.person, Perm.SCREEN_SUGGESTION)
        return super().get_form_kwargs() | {"fitting": self.fitting, "allowed": allowed}

    def perform(self, form: MergeTickedForm) -> Suggestion:
        into = form.cleaned_data["into"]
        merged = services.merge(form.cleaned_data["ticked"], into=into, by=self.person)
        messages.success(self.request, f"They have been put together as {into.reference}, and their authors are told")
        return merged

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("learninghubs:inbox")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        unfit = [one for one in self.ticked if one.status not in AT_THE_HUB]
        can_merge, parts = len(self.fitting) > 1, parts_of(self.fitting)
        return super().get_context_data(can_merge=can_merge, parts=parts, unfit=unfit, **kwargs)


# --- To the Board -----------------------------------------------------------------------------------------------------


class SendUp(SuggestionChange):
    """Put one to the Board, under a title."""

    form_class = SendUpForm
    move = moves.SEND_UP
    done = "The suggestion is with the Board"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"suggestions": [self.record]}

    def perform(self, form: SendUpForm) -> Any:
        return services.send_up_all(form.titles(), by=self.person)


class SendUpTicked(Ticked):
    """Put several to the Board, each under a title; those that are not at the hub are left out."""

    form_class = SendUpForm
    template_name = "learninghubs/inbox/send_up_ticked.html"

    @cached_property
    def fitting(self) -> list[Suggestion]:
        """Those that can go; once the form is sent, those whose title it has, whatever has become of them since."""
        if self.request.method == "POST":
            return [one for one in self.ticked if f"title_{one.pk}" in self.request.POST]
        return [one for one in self.ticked if one.status in moves.SEND_UP.sources]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"suggestions": self.fitting}

    def perform(self, form: SendUpForm) -> Any:
        if not self.fitting:
            raise ValidationError("Go back to the list and tick the suggestions that you mean")
        sent = services.send_up_all(form.titles(), by=self.person)
        number = "1 suggestion is" if len(sent) == 1 else f"{len(sent)} suggestions are"
        messages.success(self.request, f"{number} with the Board")
        return sent

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        unfit = [one for one in self.ticked if one not in self.fitting]
        return super().get_context_data(fitting=self.fitting, unfit=unfit, **kwargs)
