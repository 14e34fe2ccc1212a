"""The base of pages that edit rows which several people may edit at once, move them up and down, or ask "are you
sure"."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.views.generic import View

from partnership.engine.workflow import TooLate
from partnership.forms.parts import ConfirmForm
from partnership.views.base import ChangePage, EditPage, Gate, stale


class PartPage(EditPage):
    """A form over a row of a plan or a review."""

    heading = ""

    def row(self) -> Any:
        """The row that is edited; None where the page makes a new one."""
        return None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"row": self.row()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"heading": self.heading} | kwargs)


class ConfirmPage(ChangePage):
    """A page that says what will happen, and a button."""

    template_name = "partnership/parts/confirm.html"
    form_class = ConfirmForm
    question = ""
    button = ""
    style = "warning"
    sentences: list[str] = []

    def get_form_kwargs(self) -> dict[str, Any]:
        words = {"title": self.question, "submit_text": self.button, "submit_style": self.style}
        return super().get_form_kwargs() | words

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"sentences": self.sentences} | kwargs)


class MoveButton(Gate, View):
    """One place up or down, by a button. Comes back to the button that was pressed, so that it can be pressed again;
    or to its opposite, at an end."""

    http_method_names = ["post"]
    name = ""  # what the ids of the row's buttons end with, e.g. "section-12"

    def move(self, *, up: bool) -> bool:
        """Call the service; whether there is further to go that way."""
        raise NotImplementedError(type(self).__name__)

    def page(self) -> str:
        """The page that the button is on."""
        raise NotImplementedError(type(self).__name__)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        direction = request.POST.get("direction")
        if direction not in ("up", "down"):
            return HttpResponseBadRequest("Press one of the buttons.")
        try:
            can_go_on = self.move(up=direction == "up")
        except TooLate as error:
            return stale(request, str(error), self.page())
        messages.info(request, f"Moved {direction}")  # a banner of success would take the focus from the button
        button = direction if can_go_on else {"up": "down", "down": "up"}[direction]
        return HttpResponseRedirect(f"{self.page()}#{button}-{self.name}")
