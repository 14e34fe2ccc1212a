"""People who leave: what ends, on which day, and who takes over what they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from partnership import leavers as reads
from partnership.engine.workflow import TooLate
from partnership.forms.leavers import HandOverForm, LeavingForm, OpenAgainForm, SettleForm, TakeBackForm
from partnership.models import LeaverItem, User
from partnership.permissions import Perm
from partnership.services import leavers
from partnership.views.base import Page, stale
from partnership.views.people import AboutPerson, ChangePerson


class ChangeLeaver(ChangePerson):
    """A change that somebody else may have made already: then the page says what has happened, before it is drawn."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except TooLate as error:
            return stale(request, str(error), self.back_url())


class Leaving(ChangeLeaver):
    """Say that somebody leaves: what ends is listed, the day asked for, all of it done in one step."""

    form_class = LeavingForm
    template_name = "partnership/people/leaving.html"

    def check(self) -> None:
        super().check()
        leavers.check_is_there(self.record)

    def get_initial(self) -> dict[str, Any]:
        return {"day": self.record.leaves_on or timezone.localdate()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(ending=reads.ending(self.record, on=timezone.localdate()), **kwargs)

    def get_success_url(self) -> str:
        return reverse("leaver_hand_over", args=[self.record.pk])

    def back_url(self) -> str:
        return str(self.record.get_absolute_url())

    def perform(self, form: LeavingForm) -> User:
        gone = leavers.record_leaving(self.record, on=form.cleaned_data["day"], by=self.person)
        self.done = f"{gone} leaves on that day" if gone.is_active else f"{gone} has left. Their access has ended"
        return gone


class TakeBackLeaving(ChangeLeaver):
    """Somebody who was about to leave stays."""

    form_class = TakeBackForm
    template_name = "partnership/people/take_back.html"

    def check(self) -> None:
        super().check()
        leavers.check_is_leaving(self.record)

    def perform(self, form: TakeBackForm) -> User:
        self.done = f"{self.record} stays"
        return leavers.take_back_leaving(self.record, by=self.person)


class OpenAgain(ChangeLeaver):
    """Open the account of somebody who comes back."""

    form_class = OpenAgainForm
    template_name = "partnership/people/open_again.html"

    def check(self) -> None:
        super().check()
        leavers.check_is_closed(self.record)

    def perform(self, form: OpenAgainForm) -> User:
        self.done = f"The account of {self.record} is open. Give them a role, so that they can see something"
        return leavers.open_again(self.record, by=self.person)


# --- Hand-over --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to hand over, and whether it still waits for somebody."""

    item: LeaverItem
    is_open: bool
    what_happened: str


def lines_of(person: User, *, on: date) -> list[Line]:
    """Everything that ``person`` left to others. Two queries."""
    still_open = set(person.left_to_others.open_on(on).values_list("pk", flat=True))
    return [
        Line(item, item.pk in still_open, "" if item.pk in still_open else leavers.what_happened(item))
        for item in reads.items_of(person)
    ]


class HandOverPage(AboutPerson, Page):
    """What somebody who leaves leaves to others: what is still open, what became of the rest."""

    permission_required = Perm.MANAGE_USERS
    template_name = "partnership/people/hand_over.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, today = self.record, timezone.localdate()
        lines = lines_of(person, on=today)
        return super().get_context_data(
            person=person,
            breadcrumbs=[
                ("Home", reverse("home")),
                ("People", reverse("people")),
                (str(person), person.get_absolute_url()),
                ("Hand-over", ""),
            ],
            waiting=[line for line in lines if line.is_open],
            settled=[line for line in lines if not line.is_open],
            today=today,
            **kwargs,
        )


class SettleItem(ChangeLeaver):
    """What becomes of one thing that somebody left."""

    def check(self) -> None:
        """Find the thing. Raises ``Http404``, and ``TooLate`` for one that is settled."""
        super().check()
        found = next((item for item in reads.items_of(self.record) if item.pk == self.kwargs["item"]), None)
        if found is None:
            raise Http404
        leavers.check_is_open(found)
        self.item = found

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"item": self.item}
        del kwargs["person"]
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(item=self.item, **kwargs)

    def get_success_url(self) -> str:
        return reverse("leaver_hand_over", args=[self.record.pk])


class HandOn(SettleItem):
    """Hand one thing to somebody else."""

    form_class = HandOverForm
    template_name = "partnership/people/hand_on.html"

    def check(self) -> None:
        super().check()
        self.candidates = reads.candidates(self.item, on=timezone.localdate())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"candidates": self.candidates}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        return super().get_context_data(
            from_day=reads.needed_from(self.item, on=today),
            organisation=reads.body_of(self.item, on=today),
            nobody=not self.candidates.exists(),
            **kwargs,
        )

    def perform(self, form: HandOverForm) -> LeaverItem:
        settled = leavers.hand_over(self.item, by=self.person, **form.cleaned_data)
        self.done = f"Handed over to {settled.handed_to}. We have emailed them"
        return settled


class SettleWithout(SettleItem):
    """Say why nobody takes one thing over."""

    form_class = SettleForm
    template_name = "partnership/people/settle_without.html"
    done = "Settled"

    def perform(self, form: SettleForm) -> LeaverItem:
        return leavers.settle_without(self.item, by=self.person, **form.cleaned_data)
