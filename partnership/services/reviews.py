"""Reviews of the arrangements: planned, begun, their scope decided item by item, reported, closed.

All raise ``PermissionDenied``, ``TooLate`` where the review has moved on or the row is gone, and ``ValidationError``
with what is wrong by field.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from partnership.choices import ActionPriority, ReviewStatus, Verdict
from partnership.engine import documents
from partnership.engine.workflow import Move, MoveNotAllowed, TooLate, lock, take
from partnership.models import Action, Document, GovernanceReview, Group, Organisation, ReviewItem, User
from partnership.moves import CLOSE_REVIEW, REPORT_REVIEW, START_REVIEW
from partnership.permissions import Perm
from partnership.reviews import actions_of
from partnership.services import parts
from partnership.services.actions import open_action
from partnership.texts import refuse_identifying

REVIEW_PDF = "governance_review"  # the kind of document

PLANNED, UNDER_WAY, REPORTED = ReviewStatus.PLANNED, ReviewStatus.UNDER_WAY, ReviewStatus.REPORTED
# Asked for, never taken: they change no status.
WRITE = Move("change the review", {PLANNED, UNDER_WAY}, UNDER_WAY, Perm.WRITE_GOVERNANCE_REVIEW)
FOLLOW_UP = Move("record what became of it", {UNDER_WAY, REPORTED}, REPORTED, Perm.WRITE_GOVERNANCE_REVIEW)
MAKE_PDF = Move("have the report made", {REPORTED, ReviewStatus.CLOSED}, REPORTED, Perm.WRITE_GOVERNANCE_REVIEW)


@transaction.atomic
def plan_review(*, by: User, **fields: Any) -> GovernanceReview:
    """A new review, planned. ``fields``: title, terms_of_reference, group, starts, target_end."""
    if not by.has_perm(Perm.MANAGE_GOVERNANCE_REVIEW):
        raise PermissionDenied(f"{by} may not plan a review")
    _check_days(fields)
    return parts.fill(GovernanceReview(created_by=by), fields)


@transaction.atomic
def edit_review(review: GovernanceReview, *, by: User, loaded: str, **fields: Any) -> GovernanceReview:
    """Change the review's title, terms of reference, group or days, until it has reported.

    Which group writes it is for the business unit to say. Raises ``ChangedMeanwhile``.
    """
    locked = _open(review, WRITE, by=by)
    _check_days(fields)
    if fields.get("group", locked.group) != locked.group and not by.has_perm(Perm.MANAGE_GOVERNANCE_REVIEW, locked):
        raise ValidationError({"group": "Only the business unit can give the review to another group"})
    return parts.fill(locked, fields, loaded=loaded)


def _check_days(fields: dict[str, Any]) -> None:
    sentence = "The day to report by must be after the first day"
    parts.refuse_backwards("target_end", fields.get("starts"), fields.get("target_end"), sentence)


# --- Its scope --------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_item(review: GovernanceReview, *, by: User, **fields: Any) -> ReviewItem:
    """A new item at the end of the scope. ``fields``: subject, verdict, reason."""
    locked = _open(review, WRITE, by=by)
    _check_reason(fields)
    return parts.fill(ReviewItem(review=locked, position=parts.next_position(locked.items.all())), fields)


@transaction.atomic
def edit_item(item: ReviewItem, *, by: User, loaded: str, **fields: Any) -> ReviewItem:
    """Change what is looked at, its verdict and its reason, until the review has reported.

    Raises ``ChangedMeanwhile``.
    """
    locked = _open_item(item, WRITE, by=by)
    _check_reason(fields)
    return parts.fill(locked, fields, loaded=loaded)


@transaction.atomic
def follow_up(item: ReviewItem, *, by: User, loaded: str, **fields: Any) -> ReviewItem:
    """Record what became of an item, until the review is closed. ``fields``: outcome, merged_group, new_group. Raises
    ``ChangedMeanwhile``."""
    return parts.fill(_open_item(item, FOLLOW_UP, by=by), fields, loaded=loaded)


@transaction.atomic
def open_item_action(
    item: ReviewItem, *, by: User, owner: Organisation | Group, what: str, due: date, priority: ActionPriority
) -> Action:
    """Open an action that comes of an item, in the tracker."""
    locked = _open_item(item, FOLLOW_UP, by=by)
    refuse_identifying(what=what)
    return open_action(owner, what=what.strip(), due=due, source=locked, by=by, priority=priority)


@transaction.atomic
def remove_item(item: ReviewItem, *, by: User) -> None:
    """Take an item out of the scope. One that actions came of stays."""
    locked = _open_item(item, WRITE, by=by)
    if actions_of(locked).exists():
        raise ValidationError("Actions came of this item, so it stays.")
    locked.delete()


@transaction.atomic
def move_item(item: ReviewItem, *, by: User, up: bool) -> bool:
    """Move an item by one place and return whether it could move further that way; at an end it stays."""
    locked = _open_item(item, WRITE, by=by)
    return parts.shift(locked, locked.review.items.all(), up=up)


def _check_reason(fields: dict[str, Any]) -> None:
    if fields["verdict"] != Verdict.UNDECIDED and not fields["reason"].strip():
        raise ValidationError({"reason": "Enter the reason for the verdict"})


def _open(review: GovernanceReview, to: Move, *, by: User) -> GovernanceReview:
    """The review re-read and locked, where ``by`` may do so and it has not moved on. In a transaction only."""
    locked = lock(review)
    if not by.has_perm(str(to.perm), locked):
        raise PermissionDenied(f"{by} may not {to.verb}")
    if locked.status not in to.sources:
        raise MoveNotAllowed(to, locked)
    return locked


def _open_item(item: ReviewItem, to: Move, *, by: User) -> ReviewItem:
    _open(item.review, to, by=by)
    found: ReviewItem | None = ReviewItem.objects.select_related("review").filter(pk=item.pk).first()
    if found is None:
        raise TooLate("Somebody has removed this item in the meantime.")
    return found


# --- Its life ---------------------------------------------------------------------------------------------------------


def start_review(review: GovernanceReview, *, by: User) -> GovernanceReview:
    """Begin it. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    return take(START_REVIEW, review, by=by)


@transaction.atomic
def report_review(review: GovernanceReview, *, by: User) -> GovernanceReview:
    """Report what was decided, and have the report made. Raises ``ValidationError`` while an item has no verdict."""
    locked = lock(review)
    open_items = locked.items.filter(verdict=Verdict.UNDECIDED).count()
    if locked.status in REPORT_REVIEW.sources and (open_items or not locked.items.exists()):
        raise ValidationError(_not_ready(open_items))
    reported = take(REPORT_REVIEW, locked, by=by, reported_on=timezone.localdate())
    documents.want(REVIEW_PDF, about=reported, by=by)
    return reported


def _not_ready(open_items: int) -> str:
    if not open_items:
        return "There is nothing to report: the review has no items."
    number = "1 item has" if open_items == 1 else f"{open_items} items have"
    return f"{number} no verdict yet. Decide on stop, start or continue first."


def close_review(review: GovernanceReview, *, by: User) -> GovernanceReview:
    """Close it: what became of each item is final. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    return take(CLOSE_REVIEW, review, by=by)


def make_report(review: GovernanceReview, *, by: User) -> Document:
    """Have the report made again, with what has become of the items since."""
    with transaction.atomic():
        return documents.want(REVIEW_PDF, about=_open(review, MAKE_PDF, by=by), by=by)
