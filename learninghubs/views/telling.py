"""Whether those who made a suggestion have been told what the Board answered, and telling those who have not."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from learninghubs import telling as reads
from learninghubs.forms.sending import TellInPersonForm, TellNowForm
from learninghubs.models import Author, Suggestion
from learninghubs.models.suggestions import DECIDED
from learninghubs.permissions import Perm
from learninghubs.services import telling
from partnership.views.base import ChangePage, Gate, Page


class OneAnswered(Gate):
    """An answered suggestion, for those at its hub who may see who made it."""

    permission_required = Perm.SCREEN_SUGGESTION
    model = Suggestion
    lookup: ClassVar = {"pk": "pk"}

    def records(self) -> QuerySet[Suggestion]:
        found: QuerySet[Suggestion] = super().records()
        return found.filter(status__in=DECIDED).select_related("hub__group", "response")

    def back_url(self) -> str:
        return reverse("learninghubs:suggestion_telling", args=[self.record.pk])


class SuggestionTelling(OneAnswered, Page):
    """Everybody who made it, with how far telling them has come, and what can be done."""

    template_name = "learninghubs/sending/telling.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = reads.how_far(self.record)
        return super().get_context_data(
            record=self.record,
            told=told,
            may_write=any(one.state in ("waiting", "failed") for one in told),
            back_url=self.record.get_absolute_url(),
            back_label=self.record.reference,
            **kwargs,
        )


class ChangeTelling(OneAnswered, ChangePage):
    def get_success_url(self) -> str:
        return self.back_url()


class TellNow(ChangeTelling):
    """Write to all who have not been told, without waiting for the newsletter."""

    form_class = TellNowForm
    template_name = "learninghubs/sending/tell_now.html"

    def perform(self, form: TellNowForm) -> int:
        number = telling.tell_now(self.record, by=self.person)
        done = "1 letter is on its way" if number == 1 else f"{number} letters are on their way"
        messages.success(self.request, done)
        return number


class TellInPerson(ChangeTelling):
    """Record that an author was told whom no e-mail reached."""

    form_class = TellInPersonForm
    done = "Recorded"

    def check(self) -> None:
        super().check()
        made = Q(suggestion=self.record) | Q(suggestion__merged_into=self.record)
        authors = Author.objects.select_related("suggestion__merged_into", "person")
        found = authors.filter(made, pk=self.kwargs["author"]).first()
        if found is None:
            raise Http404
        self.author: Author = found

    def perform(self, form: TellInPersonForm) -> Author:
        return telling.tell_in_person(self.author, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(caption=f"{self.author}, {self.author.suggestion.reference}", **kwargs)
