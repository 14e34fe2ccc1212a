"""Booking a place: with an account by one button, without one by a link; and what is behind that link."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView, View

from learninghubs import forums as reads
from learninghubs.choices import BookingStatus
from learninghubs.forms.bookings import BookByEmailForm, EvaluationForm
from learninghubs.forum_calendar import calendar_of
from learninghubs.links import absolute
from learninghubs.models import Booking, Forum
from learninghubs.permissions import Perm
from learninghubs.services import bookings as services
from learninghubs.services.evaluations import evaluate
from learninghubs.views.forums import calendar_response
from partnership.engine.workflow import TooLate
from partnership.forms.parts import ConfirmForm
from partnership.views.base import add_errors, stale
from partnership.views.parts import ConfirmPage

# --- With an account --------------------------------------------------------------------------------------------------


class AboutOwnBooking(ConfirmPage):
    """A button about one's own place at a forum; the forum's page has it too."""

    model = Forum
    permission_required = Perm.BOOK_FORUM
    lookup = {"pk": "pk"}
    style = ""
    back_label = "Back to the forum"

    def records(self) -> Any:
        return super().records().select_related("hub__group", "theme")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if sentence := reads.why_closed(self.record, timezone.now()):
            return stale(request, sentence, self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": str(self.record)} | kwargs)


class BookForum(AboutOwnBooking):
    """One button, and the place is booked."""

    question = "Book a place at this forum?"
    button = "Book a place"

    def perform(self, form: ConfirmForm) -> Booking:
        had = reads.own_booking(self.record, self.person)
        booking = services.book(self.record, by=self.person)
        self.done = "You have booked already: nothing has changed." if had else WHAT_IT_IS[booking.status]
        return booking


class CancelOwnBooking(AboutOwnBooking):
    question = "Cancel your booking?"
    button = "Cancel my booking"
    style = "warning"
    done = "Your booking is cancelled"

    def perform(self, form: ConfirmForm) -> Booking | None:
        booking = reads.own_booking(self.record, self.person)
        return services.cancel(booking, by=self.person) if booking else None


WHAT_IT_IS = {
    BookingStatus.BOOKED: "You have a place at this forum. We have sent you an e-mail.",
    BookingStatus.WAITING: "All places are taken. You are on the waiting list, and we tell you if one becomes free.",
    BookingStatus.CANCELLED: "This booking is cancelled.",
}

# --- Without an account -----------------------------------------------------------------------------------------------


@method_decorator(login_not_required, name="dispatch")
class BookByEmail(FormView):
    """Name, work address and agency; the place is booked once the link that is sent there has been opened."""

    template_name = "learninghubs/forums/book_by_email.html"
    form_class = BookByEmailForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = Forum.objects.select_related("hub__group", "theme")
        self.forum: Forum = get_object_or_404(found, pk=kwargs["pk"])
        if sentence := reads.why_closed(self.forum, timezone.now()):
            return stale(request, sentence, self.forum.get_absolute_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: BookByEmailForm) -> HttpResponse:
        values = form.cleaned_data
        limited: HttpResponse | None = ratelimit.consume_or_429(
            self.request, action="book_forum", key=values["email"].casefold()
        )
        if limited is not None:
            return limited
        try:
            services.ask_to_book(self.forum, **values)
        except TooLate as error:
            return stale(self.request, str(error), self.forum.get_absolute_url())
        return HttpResponseRedirect(reverse("learninghubs:booking_asked", args=[self.forum.pk]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            forum=self.forum,
            caption=str(self.forum),
            left=reads.places_left(self.forum),
            back_url=self.forum.get_absolute_url(),
            back_label="Back to the forum",
            **kwargs,
        )


class BookingAsked(TemplateView):
    """What to do now: look into the mailbox. The same whether or not the address had a place already."""

    template_name = "learninghubs/forums/booking_asked.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = Forum.objects.select_related("hub__group", "theme")
        return super().get_context_data(forum=get_object_or_404(found, pk=self.kwargs["pk"]), **kwargs)


# --- Behind the link --------------------------------------------------------------------------------------------------


class BehindLink(View):
    """A page behind the link of a booking. Looking at it changes nothing: mail programs open links by themselves."""

    booking: Booking

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="forum_link")
        if limited is not None:
            return limited
        found = reads.booking_of(kwargs["secret"])
        if found is None:
            return no_such_link(request)
        self.booking = found
        return super().dispatch(request, *args, **kwargs)


def no_such_link(request: HttpRequest) -> HttpResponse:
    """The page for a link that is not ours, or whose booking is no longer kept. Status 404."""
    return render(request, "learninghubs/forums/no_such_link.html", status=404)


@method_decorator([login_not_required, never_cache], name="dispatch")
class BookingPage(BehindLink, TemplateView):
    """A booking as it stands, with the button that confirms it or gives it up."""

    template_name = "learninghubs/forums/booking.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        booking, forum = self.booking, self.booking.forum
        return super().get_context_data(
            booking=booking,
            forum=forum,
            closed=reads.why_closed(forum, timezone.now()),
            reason=reads.why_cancelled(forum),
            left=reads.places_left(forum),
            place_in_line=reads.place_in_line(booking) if booking.status == BookingStatus.WAITING else None,
            may_evaluate=not reads.why_not_evaluated(booking, timezone.now()),
            days=services.FORGET_AFTER.days,
            **kwargs,
        )

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        actions = {"confirm": self._confirm, "cancel": self._cancel}
        action = actions.get(request.POST.get("action", ""))
        if action is None:
            return HttpResponseBadRequest("Press one of the buttons.")
        try:
            booking = action()
        except TooLate as error:
            return stale(request, str(error), self.booking.forum.get_absolute_url())
        own = secret if booking == self.booking else reads.secret_of(booking)
        return HttpResponseRedirect(reverse("learninghubs:booking", args=[own]))

    def _confirm(self) -> Booking:
        booking = services.confirm(self.booking)
        if booking != self.booking:
            messages.info(self.request, "This address has booked already. This is the booking that you have.")
        elif self.booking.status == BookingStatus.UNCONFIRMED:
            messages.success(self.request, WHAT_IT_IS[BookingStatus(booking.status)])
        return booking

    def _cancel(self) -> Booking:
        booking = services.cancel(self.booking)
        messages.success(self.request, "Your booking is cancelled")
        return booking


@method_decorator([login_not_required, never_cache], name="dispatch")
class BookingCalendar(BehindLink):
    """The forum as a calendar file, with what only those who booked are given."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        address = absolute("learninghubs:booking", secret)
        return calendar_response(calendar_of(self.booking.forum, self.booking, address=address), self.booking.forum)


@method_decorator([login_not_required, never_cache], name="dispatch")
class EvaluateForum(BehindLink, FormView):
    """Two minutes of questions for those who came. What they say is not tied to them."""

    template_name = "learninghubs/forums/evaluate.html"
    form_class = EvaluationForm

    def form_valid(self, form: EvaluationForm) -> HttpResponse:
        try:
            evaluate(self.booking, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        except TooLate as error:
            return stale(self.request, str(error), self.booking.forum.get_absolute_url())
        messages.success(self.request, "Thank you. What you said has been kept without your name.")
        return HttpResponseRedirect(self.booking.forum.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            forum=self.booking.forum,
            caption=str(self.booking.forum),
            sentence=reads.why_not_evaluated(self.booking, timezone.now()),
            **kwargs,
        )
