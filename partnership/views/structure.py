"""The structure of the partnership, drawn and listed, as it was on any day: a public page and its PDF."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from allauth.core import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import FormView, View

from hscp.lib import pdf
from hscp.lib.fingerprint import fingerprint
from partnership.forms.groups import EARLIEST, LATEST, StructureDayForm
from partnership.structure import draw, structure_on
from partnership.structure_pdf import FILENAME, context_of, html_of

KEPT = 24 * 60 * 60  # seconds, of today's
KEPT_OF_OTHER_DAYS = 10 * 60  # there are 40,000 days to ask for, and everybody may: they must not fill the cache


def day_asked_for(request: HttpRequest) -> date:
    """The day in ``?on=2019-04-01``; today where it names none that the page can show."""
    try:
        day = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()
    return day if EARLIEST <= day <= LATEST else timezone.localdate()


class StructurePage(FormView):
    """The picture and the list. The form of the day leads to an address with that day, which can be passed on."""

    template_name = "partnership/structure/page.html"
    form_class = StructureDayForm
    http_method_names: ClassVar = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_form()
        if form.is_bound and form.is_valid():
            return HttpResponseRedirect(f"{reverse('structure')}?on={form.cleaned_data['day']}")
        return self.render_to_response(self.get_context_data(form=form))

    def get_form_kwargs(self) -> dict[str, Any]:
        asked = any(name.startswith("day_") for name in self.request.GET)
        return {"data": self.request.GET if asked else None, "initial": {"day": day_asked_for(self.request)}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on, today = day_asked_for(self.request), timezone.localdate()
        structure = structure_on(on)
        return super().get_context_data(
            structure=structure, drawing=draw(structure), on=on, today=today, is_today=on == today, **kwargs
        )


class StructurePdf(View):
    """The same as a PDF. What has been made once for a day and not changed since is kept."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="structure_pdf")
        if limited is not None:
            return limited
        on = day_asked_for(request)
        response = HttpResponse(self._made(on), content_type="application/pdf")
        response["Content-Disposition"] = content_disposition_header(
            as_attachment=True, filename=FILENAME.format(on=on)
        )
        return response

    def _made(self, on: date) -> bytes:
        html = html_of(context_of(on), made_on=timezone.localdate())
        key = f"structure-{fingerprint([html])}"
        kept: bytes | None = cache.get(key)
        if kept is None:
            kept = pdf.from_html(html)
            cache.set(key, kept, KEPT if on == timezone.localdate() else KEPT_OF_OTHER_DAYS)
        return kept
