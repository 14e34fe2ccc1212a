"""The tracker of actions: the list, the table by owner, one action, giving out, carrying on and changing actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.generic import View

from hscp.lib.export import Column, csv_response, xlsx_response
from partnership import actions as reads
from partnership import figures
from partnership.choices import OrganisationKind
from partnership.engine.history import Change
from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.filters.actions import ActionFilter
from partnership.forms.actions import (
    CancelForm,
    ChangeActionForm,
    CompleteForm,
    NewActionForm,
    NoteForm,
    RedateForm,
    RemindersForm,
    ReopenForm,
    StartForm,
)
from partnership.models import UNFINISHED, Action, ActionNote, Group, Organisation, StatusChange
from partnership.moves import CANCEL_ACTION, COMPLETE_ACTION, REOPEN_ACTION, START_ACTION
from partnership.permissions import Perm
from partnership.services import action_reminders
from partnership.services import actions as services
from partnership.sources import came_from, kind_of
from partnership.views.base import ChangePage, EditPage, Gate, Page, TypedPage, stale

ACTIONS_ON_A_PAGE = 50  # and the most that can be ticked
OWNERS_ON_A_PAGE = 100
NARROWING = ("q", "status", "group", "organisation", "person", "priority", "serves", "source")  # filters
ROWS_AT_A_TIME = 2_000  # read from the database for a file
VIEWS = {
    "mine": "Mine",
    "groups": "My groups’",
    "partnership": "The partnership’s",
    "overdue": "Overdue",
    "partnership_overdue": "The partnership’s overdue",
    "schools_overdue": "Schools’ overdue",
    "all": "All",
}


# --- The list ---------------------------------------------------------------------------------------------------------


class Actions(Gate):
    """The actions that the person may see, as the tab and the filters of the address ask for them."""

    permission_required = Perm.VIEW_ACTION

    @cached_property
    def visible(self) -> QuerySet[Action]:
        return Action.objects.visible_to(self.person)

    @cached_property
    def in_view(self) -> dict[str, Q]:
        """Which actions each tab shows. "My groups’" is for those who sit on one; "the partnership’s", all but those of
        schools, which are many, for those who see everybody’s: their overdue ones are counted apart as well."""
        groups = self.person.groups_sat_on()
        overdue = Q(status__in=UNFINISHED, due__lt=timezone.localdate())
        of_schools = Q(organisation__kind=OrganisationKind.SCHOOL)
        found = {
            "mine": Q(pk__in=Action.objects.held_by(self.person).values("pk")),
            "groups": Q(group__in=groups),
            "partnership": ~of_schools,
            "overdue": overdue,
            "partnership_overdue": overdue & ~of_schools,
            "schools_overdue": overdue & of_schools,
            "all": Q(),
        }
        sees_all = self.person.has_perm(Perm.VIEW_FIGURES)
        shown = {"groups": bool(groups), "overdue": not sees_all}
        shown |= dict.fromkeys(("partnership", "partnership_overdue", "schools_overdue"), sees_all)
        return {name: q for name, q in found.items() if shown.get(name, True)}

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many unfinished actions each tab has. One query."""
        wanted = {name: Count("pk", filter=q) if q else Count("pk") for name, q in self.in_view.items()}
        return self.visible.filter(status__in=UNFINISHED).aggregate(**wanted)

    @cached_property
    def view_name(self) -> str:
        """The tab of the address. Without one: all, if a filter of the address says which; the partnership’s, for those
        who see everybody’s; else what is the person's own to do, if anything is."""
        asked = self.request.GET.get("view", "")
        if asked in self.in_view:
            return asked
        if any(self.request.GET.get(name) for name in NARROWING):
            return "all"
        if "partnership" in self.in_view:
            return "partnership"
        return "mine" if self.counts["mine"] else "all"

    def filtered(self) -> ActionFilter:
        data = self.request.GET.copy()
        data["view"] = self.view_name
        return ActionFilter(data, self.visible.filter(self.in_view[self.view_name]).with_names())


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the links above the list."""

    label: str
    url: str
    number: int
    is_chosen: bool


class ActionList(Actions, Page):
    """The list, fifty at a time; those who may move due dates tick actions and move several at once."""

    template_name = "partnership/actions/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.filtered()
        page = Paginator(found.qs, ACTIONS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        manageable = self._manageable(page.object_list)
        return super().get_context_data(
            filter=found,
            page_obj=page,
            tabs=self._tabs(),
            view_name=self.view_name,
            manageable=manageable,
            all_ticked=self.request.GET.get("tick") == "all",
            back=self._back(),
            there_are_none=not page.paginator.count and not self.visible.exists(),
            organisation=self._school(),
            today=timezone.localdate(),
            **kwargs,
        )

    def _tabs(self) -> list[Tab]:
        return [Tab(VIEWS[name], f"?view={name}", self.counts[name], name == self.view_name) for name in self.in_view]

    def _manageable(self, actions: Any) -> set[int]:
        """Those on the page whose due date the person may move."""
        ids = [action.pk for action in actions if action.is_unfinished]
        if not ids or not self.person.has_perm(Perm.MANAGE_ACTION):
            return set()
        allowed = Action.objects.filter(pk__in=ids).allowed(self.person, Perm.MANAGE_ACTION)
        return set(allowed.values_list("pk", flat=True))

    def _back(self) -> str:
        """The address of this list, without what is ticked: what leads back to it from the new due date."""
        query = self.request.GET.copy()
        query.pop("tick", None)
        return str(query.urlencode())

    def _school(self) -> Organisation | None:
        """The school whose actions are listed, if it is one: where an action of a school is begun from."""
        asked = self.request.GET.get("organisation", "")
        if not asked.isdecimal() or len(asked) > 18 or not self.person.has_perm(Perm.OPEN_ACTION):
            return None
        return Organisation.objects.filter(pk=asked, kind=OrganisationKind.SCHOOL).first()


def _person_in_words(action: Action) -> str:
    if action.person is None:
        return ""
    return f"{action.person} (has left)" if not action.person.is_active else str(action.person)


def _kind_of_source(action: Action) -> str:
    model = action.source_type.model_class() if action.source_type else None
    return kind_of(model) if model else ""


EXPORT_COLUMNS = [
    Column("Number", lambda action: action.pk, width=9),
    Column("Action", lambda action: action.what, width=60),
    Column("Owner", lambda action: str(action.owner), width=40),
    Column("Person", _person_in_words, width=24),
    Column("Role", lambda action: action.who, width=24),
    Column("Due", lambda action: action.due, width=12),
    Column("Overdue", lambda action: action.is_overdue(on=timezone.localdate()), width=9),
    Column("How pressing", lambda action: action.get_priority_display(), width=12),
    Column("Priority of the plan", lambda action: str(action.serves or ""), width=30),
    Column("Status", lambda action: action.get_status_display(), width=14),
    Column("Finished on", lambda action: action.finished_on, width=12),
    Column("What shows that it is done", lambda action: action.evidence, width=40),
    Column("Latest note", lambda action: action.latest_note, width=40),
    Column("Came from", _kind_of_source, width=20),
    Column("Given out on", lambda action: timezone.localdate(action.created_at), width=12),
]


class ExportActions(Actions, View):
    """What the list shows with this tab and these filters, all of it, as CSV or XLSX."""

    def get(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        notes = ActionNote.objects.filter(action=OuterRef("pk")).order_by("-at", "-pk")
        found = self.filtered().qs.select_related("organisation", "group", "person", "serves", "source_type")
        rows = found.annotate(latest_note=Subquery(notes.values("text")[:1])).iterator(chunk_size=ROWS_AT_A_TIME)
        filename = f"actions-{timezone.localdate()}"
        if file_format == "xlsx":
            return xlsx_response(EXPORT_COLUMNS, rows, filename=filename, title="Actions")
        return csv_response(EXPORT_COLUMNS, rows, filename=filename)


class ActionsByOwner(Actions, Page):
    """How each group, organisation or school stands with its actions."""

    template_name = "partnership/actions/by_owner.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        by = self.request.GET.get("by", "")
        by = by if by in figures.OWNERS else "organisation"
        today = timezone.localdate()
        rows = figures.actions_by_owner(self.visible, by, on=today)
        return super().get_context_data(
            by=by,
            kinds=figures.OWNERS,
            page_obj=Paginator(rows, OWNERS_ON_A_PAGE).get_page(self.request.GET.get("page")),
            total=figures.Tally("All", *(sum(getattr(row, name) for row in rows) for name in figures.TALLIED)),
            breadcrumbs=[("Actions", reverse("actions")), ("By owner", "")],
            **kwargs,
        )


# --- One action -------------------------------------------------------------------------------------------------------


class ActionGate(Gate):
    """A page about one action."""

    model = Action
    permission_required = Perm.VIEW_ACTION
    lookup = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().with_names().select_related("created_by")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to an action, for its timeline."""

    at: datetime
    by: str
    what: str
    text: str = ""
    changes: tuple[Change, ...] = ()
    anchor: str = ""


# What each move is called once it was taken.
TAKEN = {
    START_ACTION.verb: "Work has begun",
    COMPLETE_ACTION.verb: "Done",
    CANCEL_ACTION.verb: "Cancelled",
    REOPEN_ACTION.verb: "Reopened",
}


def timeline(action: Action) -> list[Entry]:
    """Its notes and the changes of its status, newest first. Two queries."""
    notes = [_note_entry(note) for note in action.notes.select_related("by")]
    moves = [
        Entry(change.at, change.by_name, TAKEN.get(change.verb, change.verb), change.note)
        for change in StatusChange.objects.about(action).select_related("by")
    ]
    return sorted([*notes, *moves], key=lambda entry: entry.at, reverse=True)


def _note_entry(note: ActionNote) -> Entry:
    anchor = f"note-{note.pk}"
    if note.due_was is None or note.due_became is None:
        return Entry(note.at, str(note.by), "Note", note.text, anchor=anchor)
    was, became = (date_format(day, "j F Y") for day in (note.due_was, note.due_became))
    return Entry(note.at, str(note.by), "New due date", note.text, (Change("Due", was, became),), anchor)


class ActionPage(ActionGate, Page):
    """One action: what, who, by when, how it is getting on, and what can be done with it."""

    template_name = "partnership/actions/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        action, today = self.record, timezone.localdate()
        return super().get_context_data(
            action=action,
            is_overdue=action.is_overdue(on=today),
            held_by=[] if action.person else reads.holders([action], on=today)[action.pk],
            came_from=came_from(action, self.person),
            decisions=reads.decided_with(action, self.person),
            entries=timeline(action),
            may=self._may(),
            breadcrumbs=[("Actions", reverse("actions")), (f"Action {action.pk}", "")],
            **kwargs,
        )

    def _may(self) -> dict[str, bool]:
        """What the person may do with it as it stands."""
        moves = {"start": START_ACTION, "complete": COMPLETE_ACTION, "cancel": CANCEL_ACTION, "reopen": REOPEN_ACTION}
        found = {name: self._may_take(move) for name, move in moves.items()}
        found["note"] = found["complete"]
        found["change"] = self.record.is_unfinished and self.person.has_perm(Perm.MANAGE_ACTION, self.record)
        return found

    def _may_take(self, move: Move) -> bool:
        return self.record.status in move.sources and self.person.has_perm(str(move.perm), self.record)


# --- Carrying on ------------------------------------------------------------------------------------------------------


class ActionChange(ActionGate, TypedPage):
    """A form about one action; one that is too late says at once what has happened."""

    permission_required = Perm.PROGRESS_ACTION
    move: Move | None = None
    back_label = "Back to the action"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.move is not None and self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        if self.move is None and not self.record.is_unfinished:
            status = self.record.get_status_display().lower()
            return stale(request, f"This action is {status}: it has to be reopened first.", self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(caption=self.record.what, **kwargs)


class AddNote(ActionChange):
    form_class = NoteForm
    done = "Note added"

    def perform(self, form: NoteForm) -> ActionNote:
        return services.add_note(self.record, by=self.person, **form.cleaned_data)


class StartAction(ActionChange):
    form_class = StartForm
    move = START_ACTION
    done = "Work has begun"

    def perform(self, form: StartForm) -> Action:
        return services.start_action(self.record, by=self.person)


class CompleteAction(ActionChange):
    form_class = CompleteForm
    move = COMPLETE_ACTION
    done = "The action is done"

    def perform(self, form: CompleteForm) -> Action:
        return services.complete_action(self.record, by=self.person, **form.cleaned_data)


class CancelAction(ActionChange):
    permission_required = Perm.CANCEL_ACTION
    form_class = CancelForm
    move = CANCEL_ACTION
    done = "The action is cancelled"

    def perform(self, form: CancelForm) -> Action:
        return services.cancel_action(self.record, by=self.person, **form.cleaned_data)


class ReopenAction(ActionChange):
    permission_required = Perm.MANAGE_ACTION
    form_class = ReopenForm
    move = REOPEN_ACTION
    done = "The action is open again"

    def perform(self, form: ReopenForm) -> Action:
        return services.reopen_action(self.record, by=self.person, **form.cleaned_data)


# --- Given out and changed --------------------------------------------------------------------------------------------


class NewAction(TypedPage):
    """A new action of any group or organisation; ``?owner=`` names one that the list does not have, a school."""

    permission_required = Perm.OPEN_ACTION
    form_class = NewActionForm
    done = "The action has been given out"
    back_label = "Actions"

    @cached_property
    def owner(self) -> Group | Organisation | None:
        return reads.owner_of(self.request.GET.get("owner", ""))

    def owners(self) -> list[Any]:
        return with_owner(reads.owners_to_name(), self.owner)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"owners": self.owners(), "people": reads.people_to_name(self.owner)}

    def get_initial(self) -> dict[str, Any]:
        return {"owner": reads.owner_key(self.owner)} if self.owner else {}

    def perform(self, form: NewActionForm) -> Action:
        return services.begin_action(by=self.person, **form.cleaned_data)

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("actions")


class NewGroupAction(NewAction):
    """A new action of a group, as its chair gives it out."""

    model = Group
    permission_required = Perm.OPEN_GROUP_ACTION
    lookup = {"slug": "slug"}

    @cached_property
    def owner(self) -> Group:
        return self.record

    def owners(self) -> list[Any]:
        return [(reads.owner_key(self.record), str(self.record))]


def with_owner(owners: list[Any], owner: Group | Organisation | None) -> list[Any]:
    """``owners`` as choices, with ``owner`` among them."""
    if owner is None or any(key == reads.owner_key(owner) for _, group in owners for key, _ in group):
        return owners
    return [("As it is", [(reads.owner_key(owner), str(owner))]), *owners]


class ChangeAction(ActionChange, EditPage):
    """Correct, hand over or re-date an action. Whoever saves second is shown what is saved now."""

    permission_required = Perm.MANAGE_ACTION
    form_class = ChangeActionForm
    done = "Action changed"

    def get_form_kwargs(self) -> dict[str, Any]:
        people = reads.people_to_name(self.record.owner)
        return super().get_form_kwargs() | {"action": self.record, "owners": self._owners(), "people": people}

    def _owners(self) -> list[Any]:
        """Those to whom the person may hand it over: anybody, or the groups that they chair."""
        owners = reads.owners_to_name()
        if not self.person.has_perm(Perm.OPEN_ACTION):
            groups = Group.objects.allowed(self.person, Perm.OPEN_GROUP_ACTION)
            owners = [("Groups", [(reads.owner_key(group), str(group)) for group in groups])]
        return with_owner(owners, self.record.owner)

    def perform(self, form: ChangeActionForm) -> Action:
        given = {"loaded": form.cleaned_data["loaded"], "reason": form.cleaned_data["reason"]}
        return services.change_action(self.record, form.details(), by=self.person, **given)

    def compare(self, form: ChangeActionForm, current: Action) -> list[tuple[str, str]]:
        return in_words(current)


def in_words(action: Action) -> list[tuple[str, str]]:
    """An action as it is saved, for whoever typed something else meanwhile."""
    return [
        ("What", action.what),
        ("Who must see to it", str(action.owner)),
        ("Who does it", str(action.person or action.who or "Nobody in particular")),
        ("Due", date_format(action.due, "j F Y")),
        ("How pressing", action.get_priority_display()),
        ("Priority of the plan", str(action.serves or "None")),
    ]


class RedateActions(TypedPage):
    """One new due date for the actions that were ticked, as far as the person may move them. The ticks stand in the
    address, so no error loses them."""

    permission_required = Perm.VIEW_ACTION
    form_class = RedateForm
    template_name = "partnership/actions/redate.html"

    @cached_property
    def chosen(self) -> list[Action]:
        """The actions that were ticked and are the person's to move."""
        ticked = self.request.GET.getlist("chosen")[:ACTIONS_ON_A_PAGE]
        ids = [value for value in ticked if value.isdecimal() and len(value) < 18]
        return list(Action.objects.filter(pk__in=ids).allowed(self.person, Perm.MANAGE_ACTION).with_names())

    def perform(self, form: RedateForm) -> services.Redated:
        if not any(action.is_unfinished for action in self.chosen):
            raise ValidationError("Go back to the list and tick the actions that you mean")
        outcome = services.redate_actions(self.chosen, by=self.person, **form.cleaned_data)
        for action, why in outcome.refused:
            messages.info(self.request, f"Not moved: {action}. {why}")
        number = len(outcome.done)
        if number:
            messages.success(self.request, f"{number} action{'' if number == 1 else 's'} given a new due date")
        return outcome

    def get_success_url(self) -> str:
        back = QueryDict(self.request.GET.get("back", "")).urlencode()
        return f"{reverse('actions')}?{back}" if back else reverse("actions")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            heading=self.form_class.title,
            fitting=[action for action in self.chosen if action.is_unfinished],
            unfit=[action for action in self.chosen if not action.is_unfinished],
            **kwargs,
        )


class ChangeReminders(ChangePage):
    """When people are reminded of their actions."""

    permission_required = Perm.MANAGE_ACTION_REMINDERS
    form_class = RemindersForm
    template_name = "partnership/actions/reminders.html"
    done = "Reminders saved"
    back_label = "Actions"

    def perform(self, form: RemindersForm) -> Any:
        return action_reminders.change_reminders(**form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("actions")
