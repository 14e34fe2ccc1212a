"""Links in newsletters that need no account: each is signed for one reader, and works until that reader's key rises.

They open nothing but the reader's own choices. A link that asks a reader to confirm their address is for that one
request, and ends.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from learninghubs.models import Subscriber

CONFIRM_DAYS = 7  # how long a link that confirms an address works

_choices = signing.Signer(salt="learninghubs.links.choices", sep="~")
_confirmations = signing.TimestampSigner(salt="learninghubs.links.confirm", sep="~")


class LinkUnusable(Exception):
    """The link is not ours, is void or is over. The text is ready to show."""


class LinkExpired(LinkUnusable):
    """The link was ours, and its time is over."""


def preferences_path(subscriber: Subscriber) -> str:
    """The address, within the portal, of the page where ``subscriber`` chooses hubs and themes."""
    return reverse("learninghubs:preferences", args=[_choices.sign(_reader(subscriber))])


def unsubscribe_path(subscriber: Subscriber) -> str:
    """The address, within the portal, that stops the newsletters to ``subscriber``: a page with a button, and one click
    by POST (RFC 8058)."""
    return reverse("learninghubs:unsubscribe", args=[_choices.sign(_reader(subscriber))])


def preferences_url(subscriber: Subscriber) -> str:
    """``preferences_path`` for an e-mail: absolute."""
    return str(settings.PORTAL_ADDRESS) + preferences_path(subscriber)


def unsubscribe_url(subscriber: Subscriber) -> str:
    """``unsubscribe_path`` for an e-mail: absolute."""
    return str(settings.PORTAL_ADDRESS) + unsubscribe_path(subscriber)


def confirm_url(subscriber: Subscriber) -> str:
    """The absolute address of the page that confirms what ``subscriber`` has just asked for; for ``CONFIRM_DAYS``."""
    return absolute("learninghubs:confirm_subscription", _confirmations.sign(_request(subscriber)))


def absolute(name: str, *args: str | int) -> str:
    """The address of the page ``name``, for an e-mail."""
    return str(settings.PORTAL_ADDRESS) + reverse(name, args=args)


def reader_of(token: str) -> Subscriber:
    """Whose link it is that ``token`` stands in. Raises ``LinkUnusable``. One query."""
    return _found(_unsigned(_choices, token), _reader)


def request_of(token: str) -> Subscriber:
    """Who is asked to confirm by ``token``. Raises ``LinkUnusable``, ``LinkExpired`` if it is too old. One query."""
    return _found(_unsigned(_confirmations, token, max_age=timedelta(days=CONFIRM_DAYS)), _request)


def _reader(subscriber: Subscriber) -> str:
    return f"{subscriber.pk}.{subscriber.key}"


def _request(subscriber: Subscriber) -> str:
    """One request: asking again makes another."""
    return f"{subscriber.pk}.{subscriber.key}.{int(subscriber.asked_at.timestamp())}"


def _unsigned(signer: signing.Signer, token: str, **age: timedelta) -> str:
    try:
        return str(signer.unsign(token, **age))
    except signing.SignatureExpired as error:
        raise LinkExpired(f"This link worked for {CONFIRM_DAYS} days, which are over. Ask for a new one.") from error
    except signing.BadSignature as error:
        raise LinkUnusable("This link is not one that we sent. Check that you have copied the whole of it.") from error


def _found(signed: str, words: Callable[[Subscriber], str]) -> Subscriber:
    """The reader, if ``words`` of them are still what was signed."""
    found: Subscriber | None = Subscriber.objects.filter(pk=signed.partition(".")[0]).first()
    if found is None or words(found) != signed:
        raise LinkUnusable("This link no longer works: a newer one has been sent, or the address is no longer kept.")
    return found
