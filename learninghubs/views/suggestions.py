"""How practitioners make a suggestion and follow it: public pages, pages behind a private link, one's own pages.

The pages behind a private link are kept by nobody on the way and found by no search engine. Their address stays within
the portal: the policy for referrers is "same-origin" on every page (a stricter one would keep forms from being sent).
"""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, ListView, TemplateView

from learninghubs import tracking
from learninghubs.choices import SuggestionStatus
from learninghubs.forms.suggestions import (
    ConfirmAgainForm,
    ConfirmForm,
    ForgetForm,
    LinksForm,
    ReplyForm,
    SuggestionForm,
    WithdrawForm,
)
from learninghubs.models import Author, Forum, LearningHub, Suggestion
from learninghubs.permissions import Perm
from learninghubs.services import suggestions as services
from partnership.engine.workflow import MoveNotAllowed, TooLate
from partnership.models import User
from partnership.views.base import Gate, add_errors, stale

TOO_MANY = "Too many were sent from here in the last hour. What you typed is below: send it again a little later."


def person_of(request: HttpRequest) -> User | None:
    """Who is signed in on a public page, if anybody is."""
    return request.user if isinstance(request.user, User) else None


# --- Make one ---------------------------------------------------------------------------------------------------------


@method_decorator([login_not_required, never_cache], name="dispatch")
class Suggest(FormView):
    """The form for everybody: ``?forum=`` is the forum where it is made, ``?hub=`` the hub that it was opened from."""

    template_name = "learninghubs/suggestions/suggest.html"
    form_class = SuggestionForm

    def get_initial(self) -> dict[str, Any]:
        slug = self.request.GET.get("hub", "").replace("\0", "")
        hub = LearningHub.objects.filter(group__slug=slug).first() if slug else None
        return {"hub": str(hub.pk)} if hub else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"person": person_of(self.request), "forum": self.forum}

    @property
    def forum(self) -> Forum | None:
        """The forum that the page was opened from; None where the address names none that there is."""
        number = self.request.GET.get("forum", "")
        if not (number.isascii() and number.isdecimal() and len(number) < 19):  # as the database counts
            return None
        return Forum.objects.select_related("hub__group", "theme").filter(pk=number).first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(forum=self.forum, person=person_of(self.request), **kwargs)

    def form_valid(self, form: SuggestionForm) -> HttpResponse:
        sent = form.suggestion()
        if not self._may_send(sent):
            return self._refused(form)
        try:
            suggestion = services.submit(**sent)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        return redirect("learninghubs:suggestion_sent", suggestion.form_token)

    def _may_send(self, sent: dict[str, Any]) -> bool:
        """Count it for the network and the address. A whole county council may share a network, so that is generous; an
        address gets few, since each sends it a message. While the cache is down, nothing is counted."""
        if "person" in sent:
            return bool(ratelimit.consume(self.request, action="suggestion_signed_in", user=sent["person"]))
        return bool(ratelimit.consume(self.request, action="suggestion", key=sent["email"].casefold()))

    def _refused(self, form: SuggestionForm) -> HttpResponse:
        form.add_error(None, TOO_MANY)
        response = self.form_invalid(form)
        response.status_code = 429
        return response


@method_decorator([login_not_required, never_cache], name="dispatch")
class SuggestionSent(TemplateView):
    """The receipt: the reference and what happens next. Its address is the form's token, which only who sent it has."""

    template_name = "learninghubs/suggestions/sent.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = Suggestion.objects.select_related("hub__group", "author")
        suggestion = found.filter(form_token=self.kwargs["token"]).first()
        if suggestion is None:
            raise Http404
        person = person_of(self.request)
        return super().get_context_data(
            suggestion=suggestion,
            is_own=person is not None and suggestion.author.person_id == person.pk,
            is_unconfirmed=suggestion.status == SuggestionStatus.UNCONFIRMED,
            is_held=bool(services.waiting_texts(suggestion)),
            days=services.CONFIRM_DAYS,
            **kwargs,
        )


@method_decorator([login_not_required, never_cache], name="dispatch")
class SendLinks(FormView):
    """Asks for the links again. The answer is the same whether an address is known or not."""

    template_name = "learninghubs/suggestions/links.html"
    form_class = LinksForm

    def form_valid(self, form: LinksForm) -> HttpResponse:
        address = form.cleaned_data["email"]
        if not ratelimit.consume(self.request, action="suggestion_links", key=address.casefold()):
            return ratelimit.respond_429(self.request)
        services.send_links(address)
        return redirect("learninghubs:suggestion_links_sent")


@method_decorator(login_not_required, name="dispatch")
class LinksSent(TemplateView):
    """What to do now, known or not."""

    template_name = "learninghubs/suggestions/links_sent.html"


@method_decorator(login_not_required, name="dispatch")
class Forgotten(TemplateView):
    """After an author was forgotten: the link by which they came is no more."""

    template_name = "learninghubs/suggestions/forgotten.html"


# --- Behind a private link --------------------------------------------------------------------------------------------


@method_decorator([login_not_required, never_cache], name="dispatch")
class _PrivateLink:
    """A page behind a link's secret. One that opens nothing gets a page that says what to do: 404."""

    author: Author
    request: HttpRequest
    kwargs: dict[str, Any]
    is_private = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = tracking.author_of(kwargs["secret"])
        if found is None:
            response: HttpResponseBase = render(request, "learninghubs/suggestions/link_unknown.html", status=404)
        else:
            self.author = found
            response = self.answer(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page for a link that opens something."""
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    @property
    def suggestion(self) -> Suggestion:
        return self.author.suggestion

    def address_of(self, name: str) -> str:
        """The address of another page behind the same link."""
        return reverse(f"learninghubs:{name}", args=[self.kwargs["secret"]])


class ConfirmSuggestion(_PrivateLink, FormView):
    """Shows a button, since mail scanners open links; pressing it confirms. What is confirmed leads to its story."""

    template_name = "learninghubs/suggestions/confirm.html"
    form_class = ConfirmForm

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.suggestion.status != SuggestionStatus.UNCONFIRMED:
            return self._confirmed_already()
        if services.has_expired(self.author, at=timezone.now()):
            return self._expired()
        return super().answer(request, *args, **kwargs)

    def _confirmed_already(self) -> HttpResponse:
        context = {"suggestion": self.suggestion, "track_url": self.address_of("track")}
        return render(self.request, "learninghubs/suggestions/confirmed_already.html", context)

    def _expired(self) -> HttpResponse:
        context = {
            "form": ConfirmAgainForm(),
            "suggestion": self.suggestion,
            "again_url": self.address_of("confirm_again"),
            "days": services.CONFIRM_DAYS,
        }
        return render(self.request, "learninghubs/suggestions/expired.html", context, status=410)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        texts = services.words_of(self.suggestion)
        said = [tracking.Said(tracking.label_of(field), text, is_held=False) for field, text in texts.items()]
        return super().get_context_data(suggestion=self.suggestion, said=said, **kwargs)

    def form_valid(self, form: ConfirmForm) -> HttpResponse:
        try:
            services.confirm(self.author)
        except MoveNotAllowed:  # two presses: the other was first
            return self._confirmed_already()
        except services.LinkExpired:
            return self._expired()
        messages.success(self.request, "Your suggestion is confirmed. Keep this page’s address: it is private to you")
        return HttpResponseRedirect(self.address_of("track"))


class ConfirmAgain(_PrivateLink, FormView):
    """Sends a new link that confirms, to the address that the old one went to."""

    form_class = ConfirmAgainForm
    http_method_names: ClassVar = ["post", "options"]

    def form_valid(self, form: ConfirmAgainForm) -> HttpResponse:
        if not ratelimit.consume(self.request, action="suggestion_links", key=self.author.email.casefold()):
            return ratelimit.respond_429(self.request)
        services.send_new_confirmation(self.author)
        return redirect("learninghubs:suggestion_links_sent")


# --- What an author sees and does, by link or signed in ---------------------------------------------------------------


class _ByLink(_PrivateLink):
    """The author, by their private link. What is not confirmed yet must be first."""

    names: ClassVar = {
        "story": "track",
        "reply": "reply_by_link",
        "withdraw": "withdraw_by_link",
        "forget": "forget_by_link",
    }

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.suggestion.status == SuggestionStatus.UNCONFIRMED:
            return redirect(self.address_of("confirm_suggestion"))
        return super().answer(request, *args, **kwargs)

    def after_forgetting(self) -> str:
        return reverse("learninghubs:author_forgotten")


class _SignedIn(Gate):
    """The author, signed in. Others who see the suggestion are led to its page for them."""

    permission_required = Perm.VIEW_SUGGESTION
    model = Suggestion
    lookup: ClassVar = {"pk": "pk"}
    author: Author
    is_private = False
    names: ClassVar = {
        "story": "my_suggestion",
        "reply": "my_reply",
        "withdraw": "my_withdraw",
        "forget": "my_forget",
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.check()
        found = Author.objects.select_related("suggestion__hub__group", "suggestion__merged_into")
        author = found.filter(suggestion=self.record, person=self.person).first()
        if author is None:
            return redirect(self.record)
        self.author = author
        response: HttpResponseBase = super(Gate, self).dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    @property
    def suggestion(self) -> Suggestion:
        return self.author.suggestion

    def address_of(self, name: str) -> str:
        """The address of another page about the same suggestion."""
        return reverse(f"learninghubs:{name}", args=[self.record.pk])

    def after_forgetting(self) -> str:
        return reverse("learninghubs:my_suggestions")


class _OfAuthor:
    """What the pages of both kinds share."""

    def address(self, page: str) -> str:
        """The address of the page (story, reply, withdraw, forget) by the way that the author came."""
        name: str = self.names[page]  # type: ignore[attr-defined]
        return str(self.address_of(name))  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        pages = {f"{page}_url": self.address(page) for page in ("story", "reply", "withdraw", "forget")}
        return context | pages | {"suggestion": self.suggestion, "author": self.author}  # type: ignore[attr-defined]


class _Story(_OfAuthor):
    """The suggestion as it was written, and its story."""

    template_name = "learninghubs/suggestions/track.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        suggestion: Suggestion = self.suggestion  # type: ignore[attr-defined]
        steps = tracking.story_of(suggestion, timezone.localdate())
        return super().get_context_data(
            is_private=self.is_private,  # type: ignore[attr-defined]
            said=tracking.said(suggestion),
            done=[step for step in steps if not step.is_next],
            to_come=[step for step in steps if step.is_next],
            question=tracking.open_question(suggestion),
            may_withdraw=tracking.may_withdraw(suggestion),
            **kwargs,
        )


class _Change(_OfAuthor, FormView):
    """A form of the author's that calls one service."""

    template_name = "form_page.html"
    done = ""

    def perform(self, form: Any) -> None:
        raise NotImplementedError(type(self).__name__)

    def get_success_url(self) -> str:
        return self.address("story")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        caption = self.suggestion.reference  # type: ignore[attr-defined]
        return super().get_context_data(
            caption=caption, back_url=self.address("story"), back_label="Your suggestion", **kwargs
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.perform(form)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        except MoveNotAllowed as error:  # its own sentence names the person who was first
            status = error.record.get_status_display().lower()
            return stale(self.request, f"This can no longer be done: the status is “{status}”.", self.address("story"))
        except TooLate as error:
            return stale(self.request, str(error), self.address("story"))
        messages.success(self.request, self.done)
        return HttpResponseRedirect(self.get_success_url())


class _Reply(_Change):
    """Answers what the hub asked."""

    template_name = "learninghubs/suggestions/reply.html"
    form_class = ReplyForm
    done = "Your reply has been sent to the hub"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(question=self._question(), **kwargs)

    def _question(self) -> Any:
        return tracking.open_question(self.suggestion)  # type: ignore[attr-defined]

    def perform(self, form: ReplyForm) -> None:
        question = self._question()
        if question is None:
            raise TooLate("There is no question to reply to: it has been answered, or the hub went on without a reply.")
        services.reply(question, form.cleaned_data["reply"], insists="reply" in form.insisted)


class _Withdraw(_Change):
    """Takes the suggestion back."""

    template_name = "learninghubs/suggestions/withdraw.html"
    form_class = WithdrawForm
    done = "Your suggestion has been withdrawn"

    def perform(self, form: WithdrawForm) -> None:
        services.withdraw(self.suggestion)  # type: ignore[attr-defined]


class _Forget(_Change):
    """Removes who made it."""

    template_name = "learninghubs/suggestions/forget.html"
    form_class = ForgetForm
    done = "Your name and address have been removed"

    def get_success_url(self) -> str:
        return str(self.after_forgetting())  # type: ignore[attr-defined]

    def perform(self, form: ForgetForm) -> None:
        services.forget(self.author)  # type: ignore[attr-defined]


class Track(_ByLink, _Story, TemplateView):
    """The story, by private link."""


class ReplyByLink(_ByLink, _Reply):
    """The reply, by private link."""


class WithdrawByLink(_ByLink, _Withdraw):
    """Withdrawing, by private link."""


class ForgetByLink(_ByLink, _Forget):
    """Being forgotten, by private link."""


class MySuggestion(_SignedIn, _Story, TemplateView):
    """The story, signed in."""


class MyReply(_SignedIn, _Reply):
    """The reply, signed in."""


class MyWithdraw(_SignedIn, _Withdraw):
    """Withdrawing, signed in."""


class MyForget(_SignedIn, _Forget):
    """Being forgotten, signed in."""


class MySuggestions(Gate, ListView):
    """One's own suggestions, the newest first, and where each is."""

    permission_required = Perm.MAKE_SUGGESTION
    template_name = "learninghubs/suggestions/mine.html"
    paginate_by = 50

    def get_queryset(self) -> Any:
        own = Suggestion.objects.filter(author__person=self.person)
        return own.select_related("hub__group", "theme", "response", "merged_into__response")
