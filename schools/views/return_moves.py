"""The pages on which a return moves on: sent, sent back, submitted, signed, queried, replied to, accepted, extended."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone

from partnership.choices import DocumentStatus
from partnership.engine import documents
from partnership.engine.workflow import TooLate
from partnership.middleware import take_back
from partnership.views.base import ChangePage
from schools.forms.returns import (
    AcceptForm,
    ExtendForm,
    GovernanceForm,
    MakeDocumentForm,
    QueryForm,
    ReplyForm,
    SendBackForm,
    SendToHeadForm,
    SubmitForm,
)
from schools.models import Question, ReturnQuery
from schools.permissions import Perm
from schools.services import returns
from schools.services.returns import GOVERNANCE_STATEMENT, HEAD_STATEMENT, SIGNED_RETURN
from schools.views.returns import ReturnGate, linked, signed_pdf


class ReturnChange(ReturnGate, ChangePage):
    """A form that changes something about a return."""

    back_label = "Back to the return"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(caption=str(self.record), today=timezone.localdate(), **kwargs)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())


class TextChange(ReturnChange):
    """A change with a text that somebody has thought about: it stays on the page if the click comes too late, and is
    given back if the session had ended."""

    keeps_typed_text = True

    def get_initial(self) -> dict[str, Any]:
        kept = take_back(self.request) or {}
        return super().get_initial() | {name: values[0] for name, values in kept.items() if values}

    def perform(self, form: Any) -> None:
        try:
            self.change(form)
        except TooLate as error:
            raise ValidationError(str(error)) from error

    def change(self, form: Any) -> None:
        """Call the service. May raise as ``ChangePage.perform``."""
        raise NotImplementedError(type(self).__name__)


class SendToHead(ReturnChange):
    permission_required = Perm.EDIT_RETURN
    form_class = SendToHeadForm
    template_name = "schools/returns/send_to_head.html"
    done = "The return has been sent to the head"

    def perform(self, form: SendToHeadForm) -> None:
        returns.send_to_head(self.record, by=self.person)

    def back_url(self) -> str:
        return self.url("check")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heads = returns.heads_of(self.record)
        return super().get_context_data(heads=heads, problems=linked(self.sheet.problems, self), **kwargs)


class SendBack(TextChange):
    permission_required = Perm.CONFIRM_RETURN
    form_class = SendBackForm
    done = "The return has been sent back"

    def change(self, form: SendBackForm) -> None:
        returns.send_back(self.record, by=self.person, note=form.cleaned_data["note"])

    def back_url(self) -> str:
        return self.url("summary")


class Submit(ReturnChange):
    permission_required = Perm.CONFIRM_RETURN
    form_class = SubmitForm
    template_name = "schools/returns/sign.html"

    def perform(self, form: SubmitForm) -> None:
        returns.submit(self.record, by=self.person)

    def back_url(self) -> str:
        return self.url("summary")

    def get_success_url(self) -> str:
        return self.url("submitted")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(statement=HEAD_STATEMENT, **kwargs)


class SignGovernance(ReturnChange):
    permission_required = Perm.SIGN_GOVERNANCE
    form_class = GovernanceForm
    template_name = "schools/returns/sign.html"
    done = "The return has been signed for the governors"

    def perform(self, form: GovernanceForm) -> None:
        returns.sign_governance(self.record, by=self.person, minute_date=form.cleaned_data["minute_date"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(statement=GOVERNANCE_STATEMENT, is_governance=True, **kwargs)


class Accept(ReturnChange):
    permission_required = Perm.ACCEPT_RETURN
    form_class = AcceptForm
    template_name = "schools/returns/accept.html"
    done = "The return has been accepted"

    def perform(self, form: AcceptForm) -> None:
        returns.accept(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sheet=self.sheet, overall=self.sheet.overall, **kwargs)


class Query(TextChange):
    """Ask the school about the whole return or, with ``?question=``, about one question of it."""

    permission_required = Perm.QUERY_RETURN
    form_class = QueryForm
    done = "The query has been sent to the school"

    @cached_property
    def questions(self) -> dict[int, Question]:
        """The questions that the school was asked, by id."""
        return {line.question.pk: line.question for line in self.sheet.lines}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"questions": list(self.questions.values())}

    def get_initial(self) -> dict[str, Any]:
        return {"about": self.request.GET.get("question")} | super().get_initial()

    def change(self, form: QueryForm) -> None:
        sent = form.cleaned_data
        question = self.questions.get(sent["about"])
        returns.query(self.record, by=self.person, text=sent["text"], question=question, reply_by=sent["reply_by"])


class Reply(TextChange):
    permission_required = Perm.EDIT_RETURN
    form_class = ReplyForm
    template_name = "schools/returns/reply.html"
    done = "Your reply has been saved"

    @cached_property
    def query(self) -> ReturnQuery:
        """The query that the address names. Raises ``Http404``."""
        found = [query for query in self.sheet.queries if query.pk == self.kwargs["query"]]
        if not found:
            raise Http404
        return found[0]

    def change(self, form: ReplyForm) -> None:
        sent = form.cleaned_data
        try:
            returns.reply_to_query(self.query, by=self.person, reply=sent["reply"], insists=sent["insists"])
        except ValidationError:
            form.ask_whether_it_is_meant()
            raise

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.query
        line = next((line for line in self.sheet.lines if line.question == query.question), None)
        return super().get_context_data(query=query, line=line, **kwargs)


class Extend(TextChange):
    permission_required = Perm.EXTEND_RETURN
    form_class = ExtendForm
    template_name = "schools/returns/extend.html"
    done = "The school has more time"

    def change(self, form: ExtendForm) -> None:
        sent = form.cleaned_data
        returns.extend(self.record, by=self.person, until=sent["until"], reason=sent["reason"])


class MakeDocument(ReturnChange):
    """Ask for the signed PDF once more, where it could not be made."""

    permission_required = Perm.VIEW_RETURN
    form_class = MakeDocumentForm
    done = "The signed PDF is being made"

    def perform(self, form: MakeDocumentForm) -> None:
        wanted = signed_pdf(self.record)["pdf_wanted"]
        if wanted is None or wanted.status != DocumentStatus.FAILED:
            raise ValidationError("The signed PDF is there, or is being made.")
        documents.want(SIGNED_RETURN, about=self.record, by=self.person)
