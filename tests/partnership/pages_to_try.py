"""The portal's URL map with three pages more, to try what happens around every page."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.generic import View

from hscp.urls import handler400, handler403, handler404, urlpatterns
from partnership.middleware import take_back
from partnership.permissions import Perm as PartnershipPerm
from partnership.views.base import Gate
from schools.models import School
from schools.permissions import Perm

__all__ = ["handler400", "handler403", "handler404", "urlpatterns"]


class NotesPage(Gate, View):
    """A form in which much is typed, about a school; it saves the trust's name."""

    permission_required = Perm.MANAGE_CONTACTS
    model = School
    lookup = {"urn": "urn"}
    keeps_typed_text = True

    def get(self, request: HttpRequest, urn: int, part: str = "") -> HttpResponse:
        return JsonResponse({"given back": take_back(request)})

    def post(self, request: HttpRequest, urn: int, part: str = "") -> HttpResponse:
        self.record.trust_name = request.POST["trust"]
        self.record.save(update_fields=["trust_name"])
        return HttpResponse("saved")


class PlainPage(Gate, View):
    permission_required = PartnershipPerm.USE_PORTAL

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("plain")

    def post(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("saved")


urlpatterns = [
    *urlpatterns,
    path("try/notes/<int:urn>/", NotesPage.as_view()),
    path("try/notes/<int:urn>/<str:part>/", NotesPage.as_view()),
    path("try/plain/", PlainPage.as_view()),
]
