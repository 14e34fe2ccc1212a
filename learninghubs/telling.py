"""Who made an answered suggestion and is to be told, by what, and how far that has come. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Lower

from learninghubs.choices import DeliveryStatus, IssueStatus
from learninghubs.models import Author, Delivery, NewsletterIssue, NewsletterItem, Suggestion
from learninghubs.models.suggestions import DECIDED
from partnership.choices import MessageStatus

NOT_ARRIVED = (DeliveryStatus.FAILED, DeliveryStatus.BOUNCED)
GOES_OUT = (IssueStatus.SENDING, IssueStatus.SENT)


@dataclass(frozen=True, slots=True)
class Own:
    """What in an issue answers a reader's own suggestions: the ids of the responses, and of the reader as author."""

    responses: frozenset[int] = frozenset()
    authors: frozenset[int] = frozenset()


NOTHING = Own()


def own_answers(issue: NewsletterIssue) -> dict[str, Own]:
    """By address, in small letters, of everybody whose suggestion is answered in ``issue``. Two queries."""
    carried = issue.items.included().exclude(response=None).values_list("response__suggestion", "response")
    responses: dict[int, int] = dict(carried)
    made = Author.objects.filter(confirmed_at__isnull=False).exclude(email="").alias(main=MAIN)
    found: dict[str, Own] = {}
    for pk, email, main in made.filter(main__in=responses).values_list("pk", "email", MAIN):
        known = found.get(email.lower(), NOTHING)
        found[email.lower()] = Own(known.responses | {responses[main]}, known.authors | {pk})
    return found


MAIN = Coalesce("suggestion__merged_into", "suggestion")  # the suggestion that is answered, of an author's own


def to_tell() -> QuerySet[Any]:
    """The authors who can be told of an answer and have not been, with ``main``, the id of the suggestion answered."""
    decided = Q(suggestion__status__in=DECIDED) | Q(suggestion__merged_into__status__in=DECIDED)
    found: QuerySet[Any] = Author.objects.to_be_told().filter(decided).annotate(main=MAIN).order_by("pk")
    return found


def carried_to(*statuses: DeliveryStatus) -> Exists:
    """That a newsletter with the answer goes, or went, to an author of ``to_tell``, by a delivery in ``statuses``."""
    theirs = Delivery.objects.alias(address=Lower("subscriber__email")).filter(
        address=Lower(OuterRef("email")),
        issue__items__response__suggestion=OuterRef("main"),
        issue__items__left_out_because="",
        status__in=statuses,
    )
    return Exists(theirs)


def without_letter(*, although_newsletter_failed: bool = False) -> QuerySet[Any]:
    """Those of ``to_tell`` to whom no letter goes, nor a newsletter that carries the answer. One that went before they
    were an author of it (their suggestion was merged later) told them nothing; one that failed needs a person."""
    failed = () if although_newsletter_failed else NOT_ARRIVED
    return to_tell().filter(letter=None).exclude(carried_to(DeliveryStatus.QUEUED, *failed))


def went_out() -> Exists:
    """That a newsletter with the answer to an author of ``to_tell`` is being sent, or was."""
    return Exists(
        NewsletterItem.objects.filter(
            response__suggestion=OuterRef("main"), left_out_because="", issue__status__in=GOES_OUT
        )
    )


def not_reached() -> QuerySet[Any]:
    """Those of ``to_tell`` whose letter, or newsletter with the answer, did not arrive, and to whom none is on its way:
    somebody must tell them in person."""
    failed = Q(letter__status=MessageStatus.FAILED) | Q(letter=None) & carried_to(*NOT_ARRIVED)
    on_its_way = carried_to(DeliveryStatus.QUEUED)
    return to_tell().filter(failed).exclude(on_its_way).select_related("suggestion__hub__group", "letter")


def not_reached_of(suggestion: Suggestion) -> QuerySet[Any]:
    """Those of ``not_reached`` who made ``suggestion``."""
    return not_reached().filter(main=suggestion.pk)


@dataclass(frozen=True, slots=True)
class Told:
    """An author of an answered suggestion, and whether they have been told, in a word and a sentence."""

    author: Author
    state: str  # "told", "waiting", "sending", "failed" or "forgotten"
    words: str


def how_far(suggestion: Suggestion) -> list[Told]:
    """Everybody who made ``suggestion``, or one that was merged into it, with how far telling them has come.
    Two queries."""
    rows = Author.objects.of(suggestion).filter(confirmed_at__isnull=False).annotate(main=MAIN)
    rows = rows.annotate(
        is_carried=carried_to(DeliveryStatus.QUEUED), did_not_arrive=carried_to(*NOT_ARRIVED)
    ).select_related("suggestion", "letter", "told_by", "person")
    return [_how_far(author) for author in rows.order_by("pk")]


def _how_far(author: Author) -> Told:
    state = _state(author)
    return Told(author, state, _words(author)[state])


def _state(author: Author) -> str:
    rows: Any = author
    if author.told_at is not None:
        return "told"
    if not author.email:
        return "forgotten"
    if rows.is_carried or (author.letter is not None and author.letter.status == MessageStatus.QUEUED):
        return "sending"
    if rows.did_not_arrive or (author.letter is not None and author.letter.status == MessageStatus.FAILED):
        return "failed"
    return "waiting"


def _words(author: Author) -> dict[str, str]:
    if author.told_how:
        told = f"Told in person by {author.told_by}: {author.told_how}"
    else:
        told = "By a letter of their own" if author.letter is not None else "By the newsletter"
    return {
        "told": told,
        "forgotten": "Asked to be forgotten, so there is nobody to tell",
        "sending": "On its way",
        "failed": "What we sent did not arrive: tell them in person",
        "waiting": "With the next newsletter, or by a letter now",
    }
