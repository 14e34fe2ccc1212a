"""A hub's forums: the public list and page; planned, changed, cancelled, presented at, recorded by those who run it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.views.generic import TemplateView, View

from learninghubs import forums as reads
from learninghubs.choices import BookingStatus, BriefingStatus, ForumStatus
from learninghubs.filters.forums import ForumFilter
from learninghubs.forms.forums import (
    AttendanceForm,
    CancelForumForm,
    FindOrganisationForm,
    ForumForm,
    PresenterForm,
    RecordForm,
)
from learninghubs.forum_calendar import calendar_of
from learninghubs.models import Briefing, Forum, ForumPresenter, LearningHub
from learninghubs.models.forums import HOLDING
from learninghubs.moves import CANCEL_FORUM
from learninghubs.permissions import Perm
from learninghubs.services import forums as services
from partnership.engine.workflow import MoveNotAllowed, TooLate
from partnership.forms.parts import ConfirmForm
from partnership.models import Organisation
from partnership.views.base import EditPage, Gate, Page, stale
from partnership.views.parts import ConfirmPage

FORUMS_ON_A_PAGE = 20
MOST_FOUND = 20  # organisations shown at once; more than that, and the words are too few

# --- Public -----------------------------------------------------------------------------------------------------------


class ForumList(TemplateView):
    """The forums to come, for everybody."""

    template_name = "learninghubs/forums/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = ForumFilter(self.request.GET, Forum.objects.all())
        page = Paginator(reads.for_lists(found.qs), FORUMS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        for forum in page:
            forum.left = reads.places_left(forum)  # type: ignore[attr-defined]
        return super().get_context_data(filter=found, page_obj=page, plannable=_plannable(self.request.user), **kwargs)


def _plannable(user: Any) -> list[LearningHub]:
    """The hubs whose forums ``user`` plans, that exist today."""
    if not user.is_authenticated:
        return []
    hubs = LearningHub.objects.allowed(user, Perm.PLAN_FORUM).select_related("group")
    today = timezone.localdate()
    return [hub for hub in hubs if hub.group.exists_on(today)]


class ForumPage(TemplateView):
    """One forum, for everybody: no person is named. Those who run it find here what is to be done."""

    template_name = "learninghubs/forums/forum.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        forum = get_object_or_404(Forum.objects.select_related("hub__group", "theme"), pk=self.kwargs["pk"])
        now = timezone.now()
        context = {
            "forum": forum,
            "presenters": list(forum.presenters.select_related("organisation")),
            "closed": reads.why_closed(forum, now),
            "reason": reads.why_cancelled(forum),
            "left": reads.places_left(forum),
            "has_begun": forum.starts_at <= now,
            "learned": reads.lines_of(forum.learned),
            "breadcrumbs": [("Forums", reverse("learninghubs:forums")), (str(forum), "")],
        }
        return super().get_context_data(**context | _for_person(forum, self.request.user) | _briefing(self), **kwargs)


def _for_person(forum: Forum, user: Any) -> dict[str, Any]:
    """What somebody who is signed in finds on the page of ``forum``: their booking, and what they may do."""
    if not user.is_authenticated:
        return {}
    own = reads.own_booking(forum, user)
    may_manage = user.has_perm(Perm.MANAGE_FORUM, forum)
    return {
        "own": own,
        "place_in_line": reads.place_in_line(own) if own and own.status == BookingStatus.WAITING else None,
        "may_manage": may_manage,
        "may_see_evaluations": user.has_perm(Perm.VIEW_EVALUATIONS, forum),
        "counts": _counts(forum) if may_manage else None,
    }


def _counts(forum: Forum) -> dict[str, Any]:
    listed = reads.expected_at(forum)
    booked = sum(one.status == BookingStatus.BOOKED for one in listed)
    return {
        "booked": booked,
        "waiting": len(listed) - booked,
        "came": sum(bool(one.came) for one in listed) + forum.others_came,
        "is_attendance_taken": reads.is_attendance_taken(listed),
        "is_its_day": forum.day <= timezone.localdate(),
    }


def _briefing(page: ForumPage) -> dict[str, Any]:
    """The briefing of the page's forum, as far as the visitor may read it."""
    briefing = Briefing.objects.filter(forum=page.kwargs["pk"]).first()
    user = page.request.user
    if briefing is None or briefing.status == BriefingStatus.PUBLISHED:
        return {"briefing": briefing}
    may_see = user.is_authenticated and user.has_perm(Perm.VIEW_BRIEFING, briefing)
    return {"briefing": briefing if may_see else None}


class ForumCalendar(View):
    """The forum as a calendar file, without the link to join."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        forum = get_object_or_404(Forum.objects.select_related("hub__group", "theme"), pk=pk)
        return calendar_response(calendar_of(forum), forum)


def calendar_response(content: bytes, forum: Forum) -> HttpResponse:
    """A calendar file to save or to open."""
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    name = f"forum-{forum.day:%Y-%m-%d}.ics"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


# --- For those who run it ---------------------------------------------------------------------------------------------


class ForumGate(Gate):
    """A page about one forum, for those who run it."""

    model = Forum
    permission_required = Perm.MANAGE_FORUM
    lookup = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("hub__group", "theme")


class ForumForms(EditPage):
    """A form about a forum; afterwards its page. If the click comes too late, what was typed stays on the page, under a
    sentence that says what has happened. ``change`` calls the service."""

    back_label = "Back to the forum"
    not_now: frozenset[str] = frozenset()  # statuses of a forum in which the page has no sense any more
    record: Any

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status in self.not_now:
            status = self.record.get_status_display().lower()
            return stale(request, f"You cannot do this now: the status is “{status}”.", self.back_url())
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> Any:
        try:
            return self.change(form)
        except TooLate as error:
            raise ValidationError(str(error)) from error

    def change(self, form: Any) -> Any:
        """Call the service. May raise as ``ChangePage.perform``, and ``ChangedMeanwhile``."""
        raise NotImplementedError(type(self).__name__)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": str(self.record), "forum": self.record} | kwargs)


class PlanForum(EditPage):
    """A new forum of a hub."""

    model = LearningHub
    permission_required = Perm.PLAN_FORUM
    lookup = {"slug": "group__slug"}
    form_class = ForumForm
    done = "Forum planned. Now say who presents."
    back_label = "Forums"

    def records(self) -> Any:
        return super().records().select_related("group")

    def get_initial(self) -> dict[str, Any]:
        today = timezone.localdate()
        on = [theme for theme in reads.themes_to_choose() if theme.is_on(today)]
        return {"theme": on[0]} if on else {}

    def perform(self, form: ForumForm) -> Forum:
        return services.plan_forum(self.record, form.plan, by=self.person)

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url()) if hasattr(self, "outcome") else reverse("learninghubs:forums")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": str(self.record)} | kwargs)


class ChangeForum(ForumGate, ForumForms):
    """When, where and what for; those who booked are told."""

    form_class = ForumForm
    done = "Forum changed. If it is at another time or place, those who booked are told."
    not_now = frozenset({ForumStatus.HELD, ForumStatus.CANCELLED})

    def get_initial(self) -> dict[str, Any]:
        return ForumForm.initial_of_forum(self.record)

    def change(self, form: ForumForm) -> Forum:
        return services.change_forum(self.record, form.plan, by=self.person, loaded=form.cleaned_data["loaded"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"heading": "Change the forum"} | kwargs)


class CancelForum(ForumGate, ForumForms):
    form_class = CancelForumForm
    done = "Forum cancelled. Those who booked are told."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in CANCEL_FORUM.sources:
            return stale(request, str(MoveNotAllowed(CANCEL_FORUM, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def change(self, form: CancelForumForm) -> Forum:
        return services.cancel_forum(self.record, by=self.person, **form.cleaned_data)


class Presenters(ForumGate, ForumForms):
    """Who presents; others are found by words, which the address keeps, and then added."""

    template_name = "learninghubs/forums/presenters.html"
    form_class = PresenterForm
    done = "Presenter added"
    not_now = frozenset({ForumStatus.CANCELLED})

    @cached_property
    def search(self) -> FindOrganisationForm:
        return FindOrganisationForm(self.request.GET if "find" in self.request.GET else None)

    @cached_property
    def found(self) -> list[Organisation]:
        """The organisations with these words in their names; one more than are shown, if there are more."""
        if not self.search.is_valid():
            return []
        existing = Organisation.objects.existing_on(timezone.localdate())
        for word in self.search.cleaned_data["find"].split():
            existing = existing.filter(name__icontains=word)
        return list(existing[: MOST_FOUND + 1])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"found": self.found[:MOST_FOUND]}

    def change(self, form: PresenterForm) -> ForumPresenter:
        return services.add_presenter(self.record, by=self.person, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("learninghubs:forum_presenters", args=[self.record.pk])

    def back_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {
            "presenters": list(self.record.presenters.select_related("organisation")),
            "search": self.search,
            "found": self.found[:MOST_FOUND],
            "has_more": len(self.found) > MOST_FOUND,
            "cancel_url": "",  # two forms and the link at the top are enough
        }
        return super().get_context_data(**shown | kwargs)


class RemovePresenter(ForumGate, ConfirmPage):
    """Take back that an organisation presents."""

    question = "Remove this presenter?"
    button = "Remove"
    done = "Presenter removed"
    back_label = "Back to the presenters"

    @cached_property
    def presenter(self) -> ForumPresenter:
        found = self.record.presenters.select_related("organisation", "forum").filter(pk=self.kwargs["presenter"])
        presenter: ForumPresenter | None = found.first()
        if presenter is None:
            raise Http404
        return presenter

    def perform(self, form: ConfirmForm) -> None:
        services.remove_presenter(self.presenter, by=self.person)

    def get_success_url(self) -> str:
        return reverse("learninghubs:forum_presenters", args=[self.record.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"sentences": [str(self.presenter)], "caption": str(self.record)} | kwargs)


class ForumBookings(ForumGate, Page):
    """Who has booked and who waits, by name: for those who run the forum alone."""

    template_name = "learninghubs/forums/bookings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        listed = self.record.bookings.select_related("agency").filter(status__in=HOLDING)
        rows = list(listed.order_by("status", "booked_at", "pk"))
        return super().get_context_data(
            forum=self.record,
            booked=[row for row in rows if row.status == BookingStatus.BOOKED],
            waiting=[row for row in rows if row.status == BookingStatus.WAITING],
            unconfirmed=self.record.bookings.filter(status=BookingStatus.UNCONFIRMED).count(),
            left=reads.places_left(self.record),
            breadcrumbs=_crumbs(self.record, "Who has booked"),
            **kwargs,
        )


def _crumbs(forum: Forum, here: str) -> list[tuple[str, str]]:
    return [("Forums", reverse("learninghubs:forums")), (str(forum), forum.get_absolute_url()), (here, "")]


class TakeAttendance(ForumGate, ForumForms):
    """Everybody who booked, on one page, made for a phone at the door."""

    template_name = "learninghubs/forums/attendance.html"
    form_class = AttendanceForm
    done = "Attendance saved"
    not_now = frozenset({ForumStatus.CANCELLED})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.day > timezone.localdate():
            sentence = "The forum has not begun: attendance is taken on its day."
            return stale(request, sentence, self.back_url())
        return super().get(request, *args, **kwargs)

    @cached_property
    def listed(self) -> list[Any]:
        return reads.expected_at(self.record)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"forum": self.record, "bookings": self.listed}

    def change(self, form: AttendanceForm) -> Forum:
        values = form.cleaned_data
        return services.take_attendance(
            self.record,
            form.came(),
            by=self.person,
            loaded=values["loaded"],
            others_came=values["others_came"] or 0,
            walk_in=form.added,
        )

    def get_success_url(self) -> str:
        if "another" in self.request.POST:
            return f"{reverse('learninghubs:forum_attendance', args=[self.record.pk])}#add"
        return str(self.record.get_absolute_url())

    def back_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"listed": self.listed} | kwargs)


class RecordForum(ForumGate, ForumForms):
    """What was discussed and learned; the forum counts as held from then on."""

    form_class = RecordForm
    template_name = "learninghubs/forums/record.html"
    done = "What happened is recorded"
    not_now = frozenset({ForumStatus.CANCELLED})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.starts_at > timezone.now():
            sentence = "The forum has not begun: what happened is recorded afterwards."
            return stale(request, sentence, self.back_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"forum": self.record}

    def change(self, form: RecordForm) -> Forum:
        return services.record_forum(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


class ForumEvaluations(ForumGate, Page):
    """What those who came thought: averages and words, from three replies on."""

    permission_required = Perm.VIEW_EVALUATIONS
    template_name = "learninghubs/forums/evaluations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            forum=self.record,
            results=reads.results_of(self.record),
            fewest=reads.FEWEST_REPLIES,
            breadcrumbs=_crumbs(self.record, "What people thought"),
            **kwargs,
        )
