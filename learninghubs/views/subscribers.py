"""How people get the newsletters, choose and stop, without an account: public pages, most of them behind a signed link.

A GET changes nothing (mail scanners follow links); a link opens a page with a button. What the form for everybody
answers is the same whether the address is known or not.
"""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, TemplateView

from learninghubs import links
from learninghubs.choices import SubscriberStatus
from learninghubs.forms.subscribers import (
    AccountSubscribeForm,
    AskAgainForm,
    ChoicesForm,
    ConfirmSubscriptionForm,
    PreferencesForm,
    SubscribeForm,
    UnsubscribeForm,
)
from learninghubs.models import LearningHub, Subscriber
from learninghubs.services import subscribers
from partnership.models import User
from partnership.views.base import add_errors

PUBLIC = [login_not_required, never_cache]


def person_of(request: HttpRequest) -> User | None:
    """Who is signed in on a public page, if anybody is."""
    return request.user if isinstance(request.user, User) else None


@method_decorator(PUBLIC, name="dispatch")
class Subscribe(FormView):
    """The form for everybody; who is signed in need not type an address. ``?hub=`` is the hub it was opened from."""

    template_name = "learninghubs/subscribers/subscribe.html"

    def get_form_class(self) -> type[ChoicesForm]:
        return AccountSubscribeForm if person_of(self.request) else SubscribeForm

    @cached_property
    def reader(self) -> Subscriber | None:
        """Who is signed in, as a reader, if they are one."""
        person = person_of(self.request)
        return Subscriber.objects.with_address(person.email).first() if person else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"reader": self.reader}

    def get_initial(self) -> dict[str, Any]:
        hubs = list(LearningHub.objects.filter(group__slug=self.request.GET.get("hub", "")))
        return {"hubs": hubs}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = person_of(self.request)
        if self.reader is not None and self.reader.status == SubscriberStatus.ACTIVE:
            kwargs["preferences"] = links.preferences_path(self.reader)
        return super().get_context_data(person=person, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="subscribe")
        return limited if limited is not None else super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        person, at = person_of(self.request), timezone.now()
        if person is None:
            subscribers.ask(email=form.cleaned_data["email"], at=at, **form.choices())
            return redirect("learninghubs:subscription_asked")
        reader = subscribers.subscribe_account(person, at=at, **form.choices())
        messages.success(self.request, f"The newsletters will come to {reader.email}")
        return redirect(links.preferences_path(reader))


@method_decorator(PUBLIC, name="dispatch")
class SubscriptionAsked(TemplateView):
    """What happens next, whoever asked and for whatever address."""

    template_name = "learninghubs/subscribers/asked.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(days=links.CONFIRM_DAYS, **kwargs)


class LinkPage(FormView):
    """A page behind a signed link. One that does not work says why, and leads on."""

    reader: Subscriber

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        limited = self.limit(request)
        if limited is not None:
            return limited
        try:
            self.reader = self.find(kwargs["token"])
            return super().dispatch(request, *args, **kwargs)
        except links.LinkUnusable as error:
            context = {"sentence": str(error)}
            return render(request, "learninghubs/subscribers/link_unusable.html", context, status=404)

    def limit(self, request: HttpRequest) -> HttpResponse | None:
        """An answer to who asks too often; None for all others."""
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="newsletter_link")
        return limited

    def find(self, token: str) -> Subscriber:
        """Whose link it is. Raises ``LinkUnusable``."""
        return links.reader_of(token)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(reader=self.reader, **kwargs)


@method_decorator(PUBLIC, name="dispatch")
class ConfirmSubscription(LinkPage):
    """Behind the link that was sent to an address: a button that starts the newsletters."""

    template_name = "learninghubs/subscribers/confirm.html"
    form_class = ConfirmSubscriptionForm

    def find(self, token: str) -> Subscriber:
        return subscribers.check_request(token)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(hubs=self.reader.hubs.select_related("group"), **kwargs)

    def form_valid(self, form: ConfirmSubscriptionForm) -> HttpResponse:
        reader = subscribers.confirm(self.kwargs["token"], at=timezone.now())
        messages.success(self.request, f"The newsletters will come to {reader.email}")
        return redirect(links.preferences_path(reader))


@method_decorator(PUBLIC, name="dispatch")
class Preferences(LinkPage):
    """What a reader gets, to change; for one who has stopped, the way to start again."""

    template_name = "learninghubs/subscribers/preferences.html"

    @property
    def is_active(self) -> bool:
        return self.reader.status == SubscriberStatus.ACTIVE

    def get_form_class(self) -> Any:
        return PreferencesForm if self.is_active else AskAgainForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | ({"reader": self.reader} if self.is_active else {})

    def get_initial(self) -> dict[str, Any]:
        return {"hubs": self.reader.hubs.all(), "themes": self.reader.themes.all()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            is_active=self.is_active, unsubscribe=links.unsubscribe_path(self.reader), **kwargs
        )

    def form_valid(self, form: Any) -> HttpResponse:
        if not self.is_active:
            subscribers.ask_again(self.reader, at=timezone.now())
            return redirect("learninghubs:subscription_asked")
        try:
            subscribers.choose(self.reader, **form.choices())
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, "Your choices have been saved")
        return redirect(self.request.path)


@method_decorator([*PUBLIC, csrf_exempt], name="dispatch")
class Unsubscribe(LinkPage):
    """A button that stops the newsletters; and, at the same address, the POST of a mail program’s button (RFC 8058).

    That has no session, no token of ours, and follows no redirect: the link itself is the proof. It is not limited: one
    mail provider's servers post for all its customers, and nobody is to be kept from stopping.
    """

    template_name = "learninghubs/subscribers/unsubscribe.html"
    form_class = UnsubscribeForm

    def limit(self, request: HttpRequest) -> None:
        return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            is_done=self.reader.status == SubscriberStatus.UNSUBSCRIBED,
            preferences=links.preferences_path(self.reader),
            **kwargs,
        )

    def form_valid(self, form: UnsubscribeForm) -> HttpResponse:
        self.reader = subscribers.unsubscribe(self.reader)
        return self.render_to_response(self.get_context_data(form=form))
