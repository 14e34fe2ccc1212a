"""The life of an issue until it is sent: drafted, kept up to date, edited, approved.

Every change locks the issue's row, so that edits of one draft come one after the other and none slips in beside its
approval. All raise ``PermissionDenied``; ``TooLate`` where the issue is a draft no longer or the row is gone;
``ValidationError`` with what is wrong by field, also where a text may identify a child.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from learninghubs import issues as reads
from learninghubs.choices import IssueStatus, ItemKind
from learninghubs.models import LearningHub, NewsletterIssue, NewsletterItem, Response
from learninghubs.moves import APPROVE_ISSUE, BACK_TO_DRAFT
from learninghubs.permissions import Perm
from partnership.engine import documents
from partnership.engine.workflow import Move, MoveNotAllowed, TooLate, lock, take
from partnership.models import Document, Group, User
from partnership.services import parts
from partnership.texts import refuse_identifying

NEWSLETTER_PDF: Final = "newsletter"  # kinds of document: the issue as it went out; as it would be now
NEWSLETTER_PREVIEW: Final = "newsletter_preview"
MOST_DAYS_AHEAD = 60
LEFT_OUT = "Left out"  # what stands as the reason where none need be given

EDIT = Move("change the issue", {IssueStatus.DRAFT}, IssueStatus.DRAFT, Perm.EDIT_ISSUE)  # asked for, never taken

parts.EDITABLE[NewsletterIssue] = ("title", "intro")
parts.EDITABLE[NewsletterItem] = ("title", "text", "url", "theme")


class AnswersAdded(TooLate):
    """The Board has answered suggestions since the issue was looked at; their answers are in it now."""

    def __init__(self, number: int) -> None:
        self.number = number
        what = "The Board has given an answer" if number == 1 else f"The Board has given {number} answers"
        super().__init__(f"{what} since this issue was drafted. It has been added: look at it, then approve the issue.")


# --- Drafts -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_issue(hub: LearningHub, *, on: date, by: User | None = None) -> NewsletterIssue | None:
    """Draft the next issue of ``hub`` from what has happened up to ``on``, and return it.

    None, and nothing is written, where one is at work; and, unless a person asks (``by``), where nothing has happened.
    """
    if by is not None and not by.has_perm(Perm.DRAFT_ISSUE, hub):
        raise PermissionDenied(f"{by} may not draft an issue of {hub}")
    hub = lock(hub)
    if reads.at_work(hub) is not None:
        return None
    issue = _new_issue(hub, on)
    items = _new_items(issue, timezone.now())
    if by is None and not items:
        return None
    issue.save()
    _write(issue, items)
    return issue


def _new_issue(hub: LearningHub, on: date) -> NewsletterIssue:
    last = NewsletterIssue.objects.filter(hub=hub).aggregate(number=Max("number"))["number"] or 0
    return NewsletterIssue(
        hub=hub,
        number=last + 1,
        title=reads.usual_title(hub, on=on),
        since=reads.first_day(hub, on=on),
        until=on,
    )


def _new_items(issue: NewsletterIssue, at: datetime) -> list[NewsletterItem]:
    """What ``reads.new_items`` finds, without answers that are being taken back at this moment."""
    found = reads.new_items(issue, at=at)
    answers = [item.response_id for item in found if item.response_id]
    there = set(Response.objects.select_for_update().filter(pk__in=answers).order_by("pk").values_list("pk", flat=True))
    return [item for item in found if item.response_id is None or item.response_id in there]


def _write(issue: NewsletterIssue, new: Sequence[NewsletterItem]) -> None:
    """Save ``new``, each after the last of its kind; at the end where there is none."""
    items = list(issue.items.order_by("order", "pk"))
    for item in new:
        item.issue = issue
        same = [place for place, other in enumerate(items, start=1) if other.kind == item.kind]
        items.insert(same[-1] if same else len(items), item)
    _number(items)
    NewsletterItem.objects.bulk_create(new)


def _number(items: Sequence[NewsletterItem]) -> None:
    """Give ``items`` the places 1, 2, 3 … in their order; those that are saved and change are written."""
    changed = [(item, place) for place, item in enumerate(items, start=1) if item.order != place]
    for item, place in changed:
        item.order = place
    NewsletterItem.objects.bulk_update([item for item, _ in changed if item.pk], ["order"])


def draft_due(*, on: date) -> list[NewsletterIssue]:
    """Draft the next issue of every hub that exists on ``on`` and whose time has come; return them."""
    there = LearningHub.objects.filter(group__in=Group.objects.on(on))
    drafted = [draft_issue(hub, on=on) for hub in there if reads.is_due(hub, on=on)]
    return [issue for issue in drafted if issue is not None]


def bring_up_to_date(*, at: datetime) -> None:
    """Take what is new into every draft, and out of it what is no longer so."""
    for draft in NewsletterIssue.objects.filter(status=IssueStatus.DRAFT).order_by("pk"):
        _take_in_by_the_clock(draft, at)


@transaction.atomic
def _take_in_by_the_clock(draft: NewsletterIssue, at: datetime) -> None:
    locked = lock(draft)
    if locked.status == IssueStatus.DRAFT:  # it may have been approved a moment ago
        _take_in(locked, at)


@transaction.atomic
def take_in(issue: NewsletterIssue, *, by: User) -> int:
    """Add to a draft what has happened since, take out what is no longer so, and return how many items are new."""
    return len(_take_in(_open_draft(issue, by=by), timezone.now()))


def _take_in(draft: NewsletterIssue, at: datetime) -> list[NewsletterItem]:
    reads.no_longer_so(draft, at=at).delete()
    found = _new_items(draft, at)
    _write(draft, found)
    draft.until = max(draft.until, timezone.localdate(at))
    draft.save(update_fields=["until"])
    return found


# --- Edits ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def edit_issue(issue: NewsletterIssue, *, by: User, loaded: str, **fields: Any) -> NewsletterIssue:
    """Change the title and opening words of a draft. Raises ``ChangedMeanwhile``."""
    return parts.fill(_open_draft(issue, by=by), fields, loaded=loaded)


@transaction.atomic
def add_news(issue: NewsletterIssue, *, by: User, **fields: Any) -> NewsletterItem:
    """Put news at the end of a draft: title, text and, if there is more to read, its address; the theme it is on."""
    draft = _open_draft(issue, by=by)
    last = draft.items.aggregate(last=Max("order"))["last"] or 0
    return parts.fill(NewsletterItem(issue=draft, kind=ItemKind.NEWS, order=last + 1), fields)


@transaction.atomic
def edit_item(item: NewsletterItem, *, by: User, loaded: str, **fields: Any) -> NewsletterItem:
    """Change the words of an item of a draft, never what the Board answered. Raises ``ChangedMeanwhile``."""
    return parts.fill(_lock_item(item, by=by), fields, loaded=loaded)


@transaction.atomic
def leave_out(item: NewsletterItem, *, by: User, because: str) -> NewsletterItem:
    """Leave an item out of this issue. An answer of the Board needs a reason, and comes again in the next draft."""
    locked = _lock_item(item, by=by)
    if locked.kind == ItemKind.ANSWER and not because.strip():
        raise ValidationError({"because": "Enter why this answer is left out"})
    refuse_identifying(because=because)
    return _save_left_out(locked, because.strip() or LEFT_OUT)


@transaction.atomic
def put_back(item: NewsletterItem, *, by: User) -> NewsletterItem:
    """Take an item that was left out in again, where it stood."""
    return _save_left_out(_lock_item(item, by=by), "")


def _save_left_out(item: NewsletterItem, because: str) -> NewsletterItem:
    item.left_out_because = because
    item.save(update_fields=["left_out_because"])
    return item


@transaction.atomic
def remove_news(item: NewsletterItem, *, by: User) -> None:
    """Delete news from a draft; what the portal put there can only be left out."""
    locked = _lock_item(item, by=by)
    if locked.kind != ItemKind.NEWS:
        raise ValidationError("Only news can be removed. Leave the item out instead.")
    locked.delete()


@transaction.atomic
def move_item(item: NewsletterItem, *, by: User, up: bool) -> bool:
    """Move an item of a draft by one place among those that readers see, and return whether it could move further that
    way; at an end it stays."""
    locked = _lock_item(item, by=by)
    seen = list(locked.issue.items.included())
    place = next((n for n, other in enumerate(seen) if other.pk == locked.pk), 0)
    wanted = min(max(place + (-1 if up else 1), 0), len(seen) - 1)
    seen.insert(wanted, seen.pop(place))
    _number([*seen, *locked.issue.items.exclude(left_out_because="")])
    return wanted > 0 if up else wanted < len(seen) - 1


def _open_draft(issue: NewsletterIssue, *, by: User) -> NewsletterIssue:
    """``issue`` re-read and locked, a draft that ``by`` may edit. In a transaction only."""
    locked = lock(issue)
    if not by.has_perm(Perm.EDIT_ISSUE, locked):
        raise PermissionDenied(f"{by} may not {EDIT.verb}")
    if locked.status not in EDIT.sources:
        raise MoveNotAllowed(EDIT, locked)
    return locked


def _lock_item(item: NewsletterItem, *, by: User) -> NewsletterItem:
    _open_draft(item.issue, by=by)
    return lock(item)


# --- Approval ---------------------------------------------------------------------------------------------------------


def approve(issue: NewsletterIssue, *, send_at: datetime, by: User) -> NewsletterIssue:
    """Let a draft go out at ``send_at``; the sending takes over then.

    Raises ``AnswersAdded``, having added them, where the Board has answered since; ``ValidationError`` where nothing
    stands in the issue or the time is past or more than ``MOST_DAYS_AHEAD`` days ahead; ``MoveNotAllowed``.
    """
    if added := _add_missing_answers(issue, by=by):
        raise AnswersAdded(added)
    return _approve(issue, send_at=send_at, by=by)


@transaction.atomic
def _add_missing_answers(issue: NewsletterIssue, *, by: User) -> int:
    draft = lock(issue)
    if not by.has_perm(Perm.SEND_ISSUE, draft):
        raise PermissionDenied(f"{by} may not {APPROVE_ISSUE.verb}")
    if draft.status not in APPROVE_ISSUE.sources or not reads.missing_answers(draft).exists():
        return 0
    return sum(item.kind == ItemKind.ANSWER for item in _take_in(draft, timezone.now()))


@transaction.atomic
def _approve(issue: NewsletterIssue, *, send_at: datetime, by: User) -> NewsletterIssue:
    now = timezone.now()
    approved = take(APPROVE_ISSUE, issue, by=by, send_at=send_at, approved_by=by, approved_at=now)
    reads.no_longer_so(approved, at=now).delete()
    if not approved.items.included().exists():
        raise ValidationError("Nothing stands in this issue. Add news, or wait until there is something to tell.")
    _check_time(send_at, now)
    return approved


def _check_time(send_at: datetime, now: datetime) -> None:
    if send_at < now - timedelta(minutes=1):
        raise ValidationError({"day": "The time must be in the future"})
    if send_at > now + timedelta(days=MOST_DAYS_AHEAD):
        raise ValidationError({"day": f"The day must be within the next {MOST_DAYS_AHEAD} days"})


def back_to_draft(issue: NewsletterIssue, *, by: User) -> NewsletterIssue:
    """Make an approved issue that has not begun to go out a draft again. Raises ``MoveNotAllowed``."""
    return take(BACK_TO_DRAFT, issue, by=by, send_at=None, approved_by=None, approved_at=None)


# --- PDFs -------------------------------------------------------------------------------------------------------------


def make_preview(issue: NewsletterIssue, *, by: User) -> Document:
    """Have the PDF made as the issue stands now."""
    if not by.has_perm(Perm.VIEW_ISSUE, issue):
        raise PermissionDenied(f"{by} may not read this issue")
    return documents.want(NEWSLETTER_PREVIEW, about=issue, by=by)


def want_pdfs() -> list[Document]:
    """Have the PDF made of every issue that has begun to go out and for which none was wanted; return those."""
    return [documents.want(NEWSLETTER_PDF, about=issue, by=None) for issue in reads.without_pdf(NEWSLETTER_PDF)]
