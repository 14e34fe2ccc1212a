"""Texts held back because they may identify a child: the business unit looks, then lets each pass or redacts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.views.generic import ListView

from hscp.lib.screening import Kind
from partnership.choices import HeldTextStatus
from partnership.forms.account import RedactForm, ReleaseForm
from partnership.models import HeldText
from partnership.permissions import Perm
from partnership.services import screening
from partnership.views.base import ChangePage, Gate, Page


def kinds_in_words(held: HeldText) -> str:
    """What a held text looked like, for people: "NHS number, postcode"."""
    return ", ".join(KIND_NAMES.get(kind, kind) for kind in held.kinds.split(", "))


KIND_NAMES: dict[str, str] = {
    Kind.NHS_NUMBER: "NHS number",
    Kind.PUPIL_NUMBER: "unique pupil number",
    Kind.DATE_OF_BIRTH: "date of birth",
    Kind.POSTCODE: "postcode",
    Kind.PHONE: "telephone number",
    Kind.EMAIL: "e-mail address",
}


class HeldTextList(Gate, ListView):
    """What waits to be looked at, oldest first; ``?show=decided`` lists what has been decided, newest first."""

    permission_required = Perm.VIEW_HELD_TEXT
    template_name = "partnership/held_texts.html"
    paginate_by = 50

    @property
    def shows_decided(self) -> bool:
        return self.request.GET.get("show") == "decided"

    def get_queryset(self) -> models.QuerySet[HeldText]:
        visible = HeldText.objects.visible_to(self.request.user).select_related("written_by", "decided_by")
        waiting = models.Q(status=HeldTextStatus.WAITING)
        return visible.exclude(waiting).order_by("-decided_at") if self.shows_decided else visible.filter(waiting)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(shows_decided=self.shows_decided, **kwargs)
        records = records_of(context["page_obj"])
        context["rows"] = [
            (held, kinds_in_words(held), place_of(held, records.get((held.about_type_id, held.about_id))))
            for held in context["page_obj"]
        ]
        return context


GONE = "A record that is no longer there"


def place_of(held: HeldText, record: Any) -> str:
    """In what the text was written: the record, or what it calls that text (``name_of_text``) where it has several."""
    if record is None:
        return GONE
    return str(record.name_of_text(held.field) if hasattr(record, "name_of_text") else record)


def records_of(texts: Iterable[HeldText]) -> dict[tuple[int, int], Any]:
    """The records that held texts are about, by content type and key. Two queries for each kind of record.

    A model with ``objects.in_words()`` says there what its ``str`` needs.
    """
    keys: dict[int, set[int]] = defaultdict(set)
    for held in texts:
        keys[held.about_type_id].add(held.about_id)
    return {
        (type_id, pk): record for type_id, wanted in keys.items() for pk, record in _in_bulk(type_id, wanted).items()
    }


def _in_bulk(type_id: int, keys: set[int]) -> dict[int, Any]:
    model: Any = ContentType.objects.get_for_id(type_id).model_class()
    in_words = getattr(model._default_manager, "in_words", model._default_manager.all)
    found: dict[int, Any] = in_words().in_bulk(keys)
    return found


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: ``kind`` says what it looks like, or is empty."""

    text: str
    kind: str = ""


def pieces_of(held: HeldText) -> Iterator[Piece]:
    """The text cut at what was found, to be shown with the finds marked."""
    end = 0
    for hit in screening.hits_of(held):
        yield Piece(held.text[end : hit.start])
        yield Piece(hit.text, KIND_NAMES[hit.kind])
        end = hit.end
    yield Piece(held.text[end:])


class _AboutText(Gate):
    model = HeldText
    lookup = {"pk": "pk"}


class HeldTextPage(_AboutText, Page):
    """One text with what was found in it, and the two ways on."""

    permission_required = Perm.VIEW_HELD_TEXT
    template_name = "partnership/held_text.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = self.record
        return super().get_context_data(
            held=held,
            pieces=[piece for piece in pieces_of(held) if piece.text],
            kinds=kinds_in_words(held),
            where=place_of(held, held.about),
            is_waiting=held.status == HeldTextStatus.WAITING,
            back_url=reverse("held_texts"),
            back_label="Texts to look at",
            **kwargs,
        )


class _DecideText(_AboutText, ChangePage):
    permission_required = Perm.DECIDE_HELD_TEXT
    back_label = "Back to the text"

    def back_url(self) -> str:
        return reverse("held_text", args=[self.record.pk])

    def get_success_url(self) -> str:
        return reverse("held_texts")


class ReleaseText(_DecideText):
    """Let a text pass as it was written."""

    form_class = ReleaseForm
    template_name = "partnership/release_text.html"
    done = "The text has been passed on as it was written"

    def perform(self, form: ReleaseForm) -> HeldText:
        return screening.release(self.record, by=self.person)


class RedactText(_DecideText):
    """Take out what identifies somebody and let the rest pass."""

    form_class = RedactForm
    done = "The text has been redacted and passed on. What was taken out has been deleted"

    def get_initial(self) -> dict[str, str]:
        return {"cleaned": screening.redacted(self.record)}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"room": _room(self.record)}

    def perform(self, form: RedactForm) -> HeldText:
        return screening.redact_text(self.record, by=self.person, cleaned=form.cleaned_data["cleaned"])


def _room(held: HeldText) -> int | None:
    """How many characters fit where the text belongs; None if any number does."""
    record: Any = held.about
    return record._meta.get_field(held.field).max_length if record is not None else None
