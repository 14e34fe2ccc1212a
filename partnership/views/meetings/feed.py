"""The calendar of a person's meetings: the page that makes its secret address, and the address itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.generic import View

from hscp.lib.fingerprint import fingerprint
from partnership.calendar_feed import ASK_AGAIN, calendar_of
from partnership.forms.meetings.minutes import FeedForm
from partnership.models import CalendarFeed
from partnership.permissions import Perm
from partnership.services import meetings as services
from partnership.services.meetings.feeds import person_of
from partnership.views.base import ChangePage


class CalendarPage(ChangePage):
    """One's own calendar address: made, renewed or withdrawn. It is shown once, after it is made."""

    permission_required = Perm.USE_PORTAL
    template_name = "partnership/meetings/calendar.html"
    form_class = FeedForm
    back_label = "Your account"
    address = ""

    def form_valid(self, form: FeedForm) -> HttpResponse:
        """No redirect: the address must not be kept anywhere to be shown later."""
        if "withdraw" in self.request.POST:
            services.withdraw_feed(self.person)
        else:
            secret = services.make_feed(self.person)
            self.address = settings.PORTAL_ADDRESS + reverse("calendar", args=[secret])
        response = self.render_to_response(self.get_context_data(form=FeedForm()))
        response["Cache-Control"] = "private, no-store"
        return response

    def back_url(self) -> str:
        return reverse("your_account")

    def get_success_url(self) -> str:
        return reverse("calendar_feed")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        feed = CalendarFeed.objects.filter(person=self.person).first()
        return super().get_context_data(feed=feed, address=self.address, **kwargs)


class CalendarFile(View):
    """The calendar, for whoever knows its address: a calendar program cannot sign in."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, secret: str) -> HttpResponseBase:
        person = person_of(secret)
        if person is None:
            raise Http404
        content = calendar_of(person, at=timezone.now())
        etag = quote_etag(fingerprint([content.decode()]))
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="meetings.ics"'
        response["Cache-Control"] = f"private, max-age={int(ASK_AGAIN.total_seconds())}"
        response["X-Robots-Tag"] = "noindex"
        response["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response
