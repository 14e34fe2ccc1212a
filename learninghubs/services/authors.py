"""The authors of suggestions: their private links, and what is written to them.

A link's secret is made from the portal's key, so that every letter to an author can carry the same one while the
database keeps no more than its hash. A new link (``renew_link``) is another one, and the old stops working.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.crypto import salted_hmac

from learninghubs.choices import SuggestionStatus
from learninghubs.links import absolute
from learninghubs.models import Author, Suggestion
from partnership.engine import mail
from partnership.services.people import hash_secret


def secret_of(author: Author) -> str:
    """The secret of the author's link, 256 bits in 43 characters: the same until a new link is made.

    Where the row has another hash (the portal's key has changed since), it is given this one.
    """
    value = f"{author.pk}.{author.link_sent_at.timestamp()}"
    digest = salted_hmac("learninghubs.authors", value, algorithm="sha256").digest()
    secret = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if author.secret_hash != hash_secret(secret):
        author.secret_hash = hash_secret(secret)
        author.save(update_fields=["secret_hash"])
    return secret


def renew_link(author: Author) -> None:
    """Make the author's link another one, which counts as sent now."""
    author.link_sent_at = timezone.now()
    author.save(update_fields=["link_sent_at"])
    secret_of(author)


def spoil_link(author: Author) -> None:
    """Make the author's link open nothing any more. The row is not saved."""
    author.secret_hash = hash_secret(secrets.token_urlsafe(32))


def link_for(author: Author) -> str:
    """The absolute address at which the author follows the suggestion: by signing in, or by their private link.

    One that is not confirmed yet leads to the page that confirms it.
    """
    if author.person_id is not None:
        return absolute("learninghubs:my_suggestion", author.suggestion_id)
    return private_link(author)


def private_link(author: Author) -> str:
    """The absolute address that opens without an account, also for who has one."""
    is_confirmed = author.suggestion.status != SuggestionStatus.UNCONFIRMED
    return absolute(f"learninghubs:{'track' if is_confirmed else 'confirm_suggestion'}", secret_of(author))


def write_to_authors(authors: Iterable[Author], name: str, **context: Any) -> None:
    """Queue the e-mail ``name`` to each author who can be written to, each with the link of their own.

    The templates have ``author``, ``suggestion`` (the author's own, also where it was merged into another) and
    ``link``. Asks the database for what is not selected: pass them with ``suggestion`` and ``person``.
    """
    for author in authors:
        if author.email:
            to = [author.person or author.email]
            details = {"author": author, "suggestion": author.suggestion, "link": link_for(author)} | context
            mail.queue(name, to=to, about=author.suggestion, secret=author.person_id is None, **details)


def write_to_authors_of(suggestion: Suggestion, name: str, **context: Any) -> None:
    """``write_to_authors`` of ``suggestion`` and of those that were merged into it, if they have confirmed."""
    authors = Author.objects.of(suggestion).filter(confirmed_at__isnull=False)
    write_to_authors(authors.select_related("suggestion", "person"), name, **context)
