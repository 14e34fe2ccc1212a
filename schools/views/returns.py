"""The pages on which a return is read: the list, the task list, the answers, the head's summary, the confirmation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from partnership.choices import SCHOOL_ROLES, DocumentStatus
from partnership.engine import documents
from partnership.models import Action, Document
from partnership.views.base import Gate, Page
from schools import facts, steps
from schools.choices import ReturnStatus, SectionKind
from schools.forms.answers import field_id
from schools.models import Return, SectionDraft, SectionProgress
from schools.permissions import Perm
from schools.services.returns import SIGNED_RETURN, chairs_of, governance_sign_off, heads_of, leads_of
from schools.services.sections import AT_WORK
from schools.sheets import Part, Problem, Sheet, at_work


class ReturnList(Page):
    """The returns of one's own school or schools, newest first."""

    permission_required = Perm.VIEW_OWN_RETURNS
    template_name = "schools/returns/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        returns = list(self.returns())
        user: Any = self.request.user
        may = steps.permitted(user, returns)
        rows = [(record, steps.next_step(record, may[record.pk], on=today)) for record in returns]
        own = {record.organisation_id for record in returns}
        return super().get_context_data(rows=rows, has_several_schools=len(own) > 1, **kwargs)

    def returns(self) -> QuerySet[Return]:
        user: Any = self.request.user
        schools = {grant.organisation_id for grant in user.active_grants() if grant.role in SCHOOL_ROLES}
        own = Return.objects.visible_to(user).filter(organisation__in=schools)
        return steps.with_all(own).order_by("-collection__academic_year", "organisation__name", "-pk")


class ReturnGate(Gate):
    """A page about one return, with its sheet."""

    permission_required = Perm.VIEW_RETURN
    model = Return
    lookup = {"pk": "pk"}

    def records(self) -> Any:
        visible: Any = super().records()
        return visible.select_related("organisation", "collection__question_set").with_governance()

    @cached_property
    def sheet(self) -> Sheet:
        return Sheet(self.record)

    @property
    def part(self) -> Part:
        """The section that the address names. Raises ``Http404`` if the school is asked nothing there."""
        part = self.sheet.part(self.kwargs["code"])
        if part is None:
            raise Http404
        return part

    def url(self, name: str, *args: Any) -> str:
        """The address of another page of this return."""
        return reverse(f"schools:{name}", args=[self.record.pk, *args])

    @property
    def person(self) -> Any:
        """Who looks at the page: signed in, or they would not have come so far."""
        return self.request.user

    def may(self, perm: str) -> bool:
        return bool(self.person.has_perm(perm, self.record))

    @cached_property
    def can_edit(self) -> bool:
        """Whether the person may change answers today: the same three questions as the service asks."""
        return (
            self.record.status in AT_WORK
            and self.record.is_open(on=timezone.localdate())
            and self.may(Perm.EDIT_RETURN)
        )

    @property
    def is_reader(self) -> bool:
        """Whether the person reads the returns of many schools: their way back is to the collection."""
        return bool(self.person.has_perm(Perm.VIEW_COLLECTION))

    def breadcrumbs(self, *more: tuple[str, str]) -> list[tuple[str, str]]:
        """The way here; the last one has no address."""
        collection = self.record.collection
        if self.is_reader:
            start = [
                ("Collections", reverse("schools:collections")),
                (str(collection), reverse("schools:collection", args=[collection.pk])),
            ]
        else:
            start = [("Returns", reverse("schools:returns"))]
        name = str(self.record.organisation) if self.is_reader else f"Return {collection.year_label}"
        return [*start, (name, self.record.get_absolute_url() if more else ""), *more]


class ReturnPageBase(ReturnGate, Page):
    """A page that shows something of a return."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(record=self.record, sheet=self.sheet, today=timezone.localdate(), **kwargs)


@dataclass(frozen=True, slots=True)
class Task:
    """One section on the task list, as ``partials/task_list.html`` shows it."""

    title: str
    url: str
    hint: str
    status: str
    colour: str


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Some of the tasks, under a heading."""

    id: str
    title: str
    parts: list[Part]
    tasks: list[Task]


GROUPS = (
    (SectionKind.CONTEXT, "Details of the school"),
    (SectionKind.STANDARD, "Standards"),
    (SectionKind.CLOSING, "To close"),
)


class ReturnPage(ReturnPageBase):
    """The task list of those who fill the return; for everyone else how it stands, and what they may do with it."""

    template_name = "schools/returns/return.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = steps.permitted(self.person, [self.record])[self.record.pk]
        parts = self.sheet.parts
        return super().get_context_data(
            breadcrumbs=self.breadcrumbs(),
            step=steps.next_step(self.record, may, on=timezone.localdate()),
            can_edit=self.can_edit,
            may_edit=Perm.EDIT_RETURN in may,
            groups=list(self.groups()),
            completed=sum(part.is_complete for part in parts),
            others=at_work(self.record, at=timezone.now(), but=self.person),
            note=steps.note_of_head(self.record),
            story=steps.story(self.record),
            duty=facts.duty(self.sheet.school) if self.sheet.school else None,
            days_left=self.record.days_left(on=timezone.localdate()),
            people=self.people(),
            signed=governance_sign_off(self.record),
            **signed_pdf(self.record),
            **kwargs,
        )

    def groups(self) -> Iterable[TaskGroup]:
        for kind, title in GROUPS:
            parts = [part for part in self.sheet.parts if part.section.kind == kind]
            if parts:
                yield TaskGroup(kind, title, parts, [self.task(part) for part in parts])

    def task(self, part: Part) -> Task:
        status, colour = status_of(part)
        name = "section" if self.can_edit else "check_section"
        return Task(part.section.title, self.url(name, part.section.code), saved_by(part.progress), status, colour)

    def people(self) -> list[tuple[str, str]]:
        """Who does what for this return, by name."""
        roles = [
            ("Fill it in", leads_of(self.record)),
            ("Confirms it", heads_of(self.record)),
            ("Signs it for the governors", chairs_of(self.record)),
        ]
        return [(role, ", ".join(str(person) for person in people)) for role, people in roles]


def status_of(part: Part) -> tuple[str, str]:
    """The status of a task and the colour of its tag; none for "Completed", as the GOV.UK pattern has it."""
    if part.has_open_query:
        return "Query to answer", "orange"
    if part.is_complete:
        return "Completed", ""
    return ("In progress", "light-blue") if part.is_begun or part.progress else ("Not yet started", "grey")


def saved_by(progress: SectionProgress | None) -> str:
    """Who saved a section last, and when, in words."""
    if progress is None or progress.updated_by is None:
        return ""
    at = timezone.localtime(progress.updated_at)
    return f"Saved by {progress.updated_by}, {at.day} {at:%B} at {steps.clock(at)}"


def signed_pdf(record: Return) -> dict[str, Document | None]:
    """The signed PDF to download, and the one that is being made or could not be. Two queries at most."""
    latest = documents.latest(SIGNED_RETURN, about=record)
    if latest is None or latest.status == DocumentStatus.READY:
        return {"pdf": latest, "pdf_wanted": None}
    ready = Document.objects.about(record).filter(kind=SIGNED_RETURN, status=DocumentStatus.READY)
    return {"pdf": ready.order_by("-wanted_at", "-pk").first(), "pdf_wanted": latest}


class CheckSection(ReturnPageBase):
    """The answers of one section, to be read; with links to change them for those who may."""

    template_name = "schools/returns/check_section.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        part, parts = self.part, self.sheet.parts
        place = parts.index(part)
        return super().get_context_data(
            part=part,
            breadcrumbs=self.breadcrumbs((part.section.title, "")),
            problems=linked([problem for problem in self.sheet.problems if problem.part == part], self),
            following=parts[place + 1] if place + 1 < len(parts) else None,
            can_edit=self.can_edit,
            can_query=can_query(self),
            **kwargs,
        )


class CheckReturn(ReturnPageBase):
    """All answers on one page, what is missing first; from here the return is sent to the head."""

    template_name = "schools/returns/check.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            breadcrumbs=self.breadcrumbs(("All answers", "")),
            problems=linked(self.sheet.problems, self) if self.can_edit else [],
            can_edit=self.can_edit,
            can_query=can_query(self),
            heads=heads_of(self.record),
            **kwargs,
        )


def can_query(page: ReturnGate) -> bool:
    """Whether the answers are shown with a link to query each."""
    return bool(page.record.is_submitted and page.may(Perm.QUERY_RETURN))


def linked(problems: Iterable[Problem], page: ReturnGate) -> list[tuple[str, str]]:
    """Each problem with the address of the place where it is put right."""
    return [(problem.sentence, _place(problem, page)) for problem in problems]


def _place(problem: Problem, page: ReturnGate) -> str:
    if problem.query is not None:
        return page.url("reply", problem.query.pk)
    section = page.url("section", problem.part.section.code) if problem.part else ""
    place = field_id(problem.question, problem.field) if problem.question else problem.field and f"id_{problem.field}"
    return f"{section}#{place}" if place else section


@dataclass(frozen=True, slots=True)
class Compared:
    """A standard beside last year's; ``change`` is that of the share of green, in words."""

    part: Part
    last: SectionProgress | None
    change: str


class Summary(ReturnPageBase):
    """What a head must know before confirming, on one page: reds, ambers, what is overdue, the standards."""

    template_name = "schools/returns/summary.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        worst, mean = self.sheet.overall
        overdue = Action.objects.filter(organisation=self.record.organisation).overdue(on=timezone.localdate())
        return super().get_context_data(
            breadcrumbs=self.breadcrumbs(("Summary", "")),
            worst=worst,
            mean=mean,
            reds=[line for line in self.sheet.weak_lines if line.judgement.rag == "red"],
            ambers=[line for line in self.sheet.weak_lines if line.judgement.rag == "amber"],
            overdue=list(overdue),
            standards=[self.compared(part) for part in self.sheet.standards],
            can_confirm=self.can_confirm(),
            **kwargs,
        )

    def compared(self, part: Part) -> Compared:
        last = self.sheet.last_results.get(part.section.code)
        return Compared(part, last, _change(last.share_green if last else None, part.result.share_green))

    def can_confirm(self) -> bool:
        is_there = self.record.status == ReturnStatus.WITH_HEAD and self.record.is_open(on=timezone.localdate())
        return is_there and self.may(Perm.CONFIRM_RETURN)


def _change(before: int | None, now: int | None) -> str:
    """The change between two percentages in words: "up 4", "down 16", "same"; a dash where one is not known."""
    if before is None or now is None:
        return "–"
    return f"up {now - before}" if now > before else f"down {before - now}" if now < before else "same"


class Submitted(ReturnPageBase):
    """That the return has been submitted: its reference, what happens next and when. It can be come back to."""

    template_name = "schools/returns/submitted.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not self.record.is_submitted:
            raise Http404
        return super().get_context_data(
            breadcrumbs=self.breadcrumbs(("Submitted", "")),
            signed=governance_sign_off(self.record),
            chairs=chairs_of(self.record),
            **signed_pdf(self.record),
            **kwargs,
        )


class ReturnDocument(ReturnPageBase):
    """The part of a page that says whether the signed PDF is ready; the page asks for it again until it is."""

    template_name = "schools/returns/document.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**signed_pdf(self.record), **kwargs)


def drafts_of_others(page: ReturnGate, part: Part) -> list[SectionDraft]:
    """Who else is at work on a section now."""
    found = at_work(page.record, at=timezone.now(), but=page.person)
    return [draft for draft in found if draft.section_id == part.section.pk]
