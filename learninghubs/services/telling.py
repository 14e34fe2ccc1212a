"""Telling those who made a suggestion what the Board answered. A suggestion is fed back only when what carried the
answer, a newsletter or a letter of their own, has gone to each of them who can be told.

Everybody who tells locks the answered suggestion first, so that of two who tell the last two authors at once, the
second sees that nobody is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from learninghubs import telling
from learninghubs.choices import IssueStatus, SuggestionStatus
from learninghubs.models import Author, Delivery, NewsletterIssue, NewsletterItem, Response, Suggestion
from learninghubs.models.suggestions import DECIDED
from learninghubs.moves import FEED_BACK
from learninghubs.permissions import Perm
from learninghubs.services.authors import link_for
from partnership.choices import MessageStatus
from partnership.engine import mail
from partnership.engine.workflow import TooLate, lock, take
from partnership.models import OutgoingMessage, User
from partnership.texts import refuse_identifying

# --- By the newsletter ------------------------------------------------------------------------------------------------


def record_told(authors: Collection[int], *, at: datetime) -> None:
    """Record, in the transaction of a delivery, that what it carried has gone to these authors."""
    found = Author.objects.filter(pk__in=authors, told_at=None).alias(main=telling.MAIN)
    for main in _locked(found.values_list(telling.MAIN, flat=True)):
        Author.objects.of(main).filter(pk__in=authors, told_at=None).update(told_at=at)
        _feed_back(main)


def _locked(ids: Iterable[int]) -> list[Suggestion]:
    """Suggestions that are answered, locked in the one order in which everybody locks them."""
    rows = Suggestion.objects.select_for_update(of=("self",)).filter(pk__in=list(ids), status__in=DECIDED)
    return list(rows.order_by("pk"))


def was_not_told(delivery: Delivery) -> None:
    """Take back, in the transaction in which a delivery is found not to have arrived, that it told its reader."""
    own = telling.own_answers(delivery.issue).get(delivery.subscriber.email.lower(), telling.NOTHING)
    if delivery.sent_at is not None:
        Author.objects.filter(pk__in=own.authors, told_at=delivery.sent_at).update(told_at=None)


# --- By letter --------------------------------------------------------------------------------------------------------


def write_letters(issue: NewsletterIssue) -> int:
    """Write to the authors of what ``issue`` answers who do not get the issue, and return to how many. In the
    transaction in which its deliveries are made."""
    answered = issue.items.included().exclude(response=None).values("response__suggestion")
    mains = telling.without_letter().filter(main__in=answered).values_list("main", flat=True)
    return sum(_write_to(main) for main in _locked(mains))


def write_missing_letters() -> None:
    """Write to those whom the newsletter with their answer passed by: they unsubscribed while it was sent, or their
    suggestion was merged into an answered one."""
    for main in set(telling.without_letter().filter(telling.went_out()).values_list("main", flat=True)):
        with transaction.atomic():
            for suggestion in _locked([main]):
                _write_to(suggestion)


@transaction.atomic
def tell_now(suggestion: Suggestion, *, by: User) -> int:
    """Write to everybody who made ``suggestion`` and has not been told, without waiting for a newsletter; return to how
    many. Those whose letter did not arrive get another. Raises ``PermissionDenied``, and ``TooLate`` where it is not
    answered or nobody is left to write to."""
    locked = lock(suggestion)
    if not by.has_perm(Perm.SCREEN_SUGGESTION, locked):
        raise PermissionDenied(f"{by} may not tell the authors of {locked}")
    if locked.status not in DECIDED:
        raise TooLate(f"There is nothing to tell: the status is “{locked.get_status_display().lower()}”.")
    Author.objects.of(locked).to_be_told().filter(letter__status=MessageStatus.FAILED).update(letter=None)
    number = _write_to(locked, although_newsletter_failed=True)
    if not number:
        raise TooLate("Everybody who can be told has been, or a letter or newsletter is on its way to them.")
    return number


def _write_to(main: Suggestion, *, although_newsletter_failed: bool = False) -> int:
    """Write to the authors of ``main``, which is locked, to whom nothing goes. Returns to how many."""
    authors = telling.without_letter(although_newsletter_failed=although_newsletter_failed).filter(main=main.pk)
    response = Response.objects.select_related(
        "meeting__group", "owner_group", "owner_organisation", "action", "suggestion"
    ).get(suggestion=main)
    waiting = list(authors.select_for_update(of=("self",)).select_related("suggestion", "person"))
    for author in waiting:
        _write(author, response)
    return len(waiting)


def _write(author: Author, response: Response) -> None:
    letters = mail.queue(
        "your_suggestion_answered",
        to=[author.person or author.email],
        about=author.suggestion,
        secret=author.person_id is None,
        author=author,
        suggestion=author.suggestion,
        response=response,
        link=link_for(author),
    )
    author.letter = letters[0]
    author.save(update_fields=["letter"])


def note_sent_letters() -> None:
    """Record that those are told whose letter has gone by now."""
    gone = Author.objects.filter(told_at=None, letter__status=MessageStatus.SENT)
    for main in set(gone.values_list(telling.MAIN, flat=True)):
        with transaction.atomic():
            for suggestion in _locked([main]):
                _note_letters_of(suggestion)


def _note_letters_of(main: Suggestion) -> None:
    gone = Author.objects.of(main).filter(told_at=None, letter__status=MessageStatus.SENT)
    sent_at = OutgoingMessage.objects.filter(pk=OuterRef("letter")).values("sent_at")
    Author.objects.filter(pk__in=gone.values("pk")).update(told_at=Subquery(sent_at))
    _feed_back(main)


# --- In person --------------------------------------------------------------------------------------------------------


@transaction.atomic
def tell_in_person(author: Author, *, how: str, by: User) -> Author:
    """Record that ``by`` has told ``author`` what the Board answered, and how. Raises ``PermissionDenied``, ``TooLate``
    (told already, forgotten, not answered), ``ValidationError`` (``how``)."""
    if not how.strip():
        raise ValidationError({"how": "Enter how you told them"})
    refuse_identifying(how=how)
    main = lock(author.suggestion.merged_into or author.suggestion)
    if not by.has_perm(Perm.SCREEN_SUGGESTION, main):
        raise PermissionDenied(f"{by} may not tell the authors of {main}")
    locked = lock(author)
    if not telling.to_tell().filter(pk=locked.pk).exists():
        raise TooLate("They have been told meanwhile, or there is nobody to tell any more.")
    locked.told_at, locked.told_by, locked.told_how = timezone.now(), by, how.strip()
    locked.save(update_fields=["told_at", "told_by", "told_how"])
    _feed_back(main)
    return locked


# --- Fed back ---------------------------------------------------------------------------------------------------------


def _feed_back(main: Suggestion) -> None:
    """Take the move, once nobody is left to be told. ``main`` is locked."""
    told_at = None if Author.objects.of(main).to_be_told().exists() else _told_at(main)
    if main.status == SuggestionStatus.ANSWERED and told_at is not None:
        take(FEED_BACK, main, by=None, fed_back_at=told_at)


def _told_at(main: Suggestion) -> datetime | None:
    """When the last of its authors was told; where all were forgotten before, when the answer was in everybody's
    newsletter. None before that."""
    last: datetime | None = Author.objects.of(main).aggregate(last=Max("told_at"))["last"]
    return last or _sent_with(main.pk).aggregate(first=Min("issue__sent_at"))["first"]


def _sent_with(main: int | OuterRef) -> QuerySet[NewsletterItem]:
    """The items that carried the answer in newsletters that have gone to everybody."""
    return NewsletterItem.objects.filter(response__suggestion=main, left_out_because="", issue__status=IssueStatus.SENT)


def feed_back_rest() -> None:
    """Feed back the suggestions whose last author who was still to be told has asked to be forgotten."""
    made = Author.objects.filter(Q(suggestion=OuterRef("pk")) | Q(suggestion__merged_into=OuterRef("pk")))
    told = Exists(made.filter(told_at__isnull=False)) | Exists(_sent_with(OuterRef("pk")))
    left = Suggestion.objects.filter(told, status=SuggestionStatus.ANSWERED).exclude(Exists(made.to_be_told()))
    for pk in left.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            for suggestion in _locked([pk]):
                _feed_back(suggestion)
