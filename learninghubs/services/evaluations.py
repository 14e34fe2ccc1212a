"""What somebody who came thought of a forum: kept apart from who they are."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from learninghubs import forums as reads
from learninghubs.models import Booking, Evaluation
from partnership.engine.workflow import TooLate, lock
from partnership.texts import refuse_identifying


@transaction.atomic
def evaluate(booking: Booking, *, useful: int, confident: int, will_change: str = "", improve: str = "") -> None:
    """Keep what somebody thought, and that they have said it: two rows that nothing ties together.

    Raises ``TooLate`` if they have answered already, did not come, or it is too long ago; ``ValidationError`` by field
    where a text may identify a child.
    """
    refuse_identifying(will_change=will_change, improve=improve)
    locked = lock(booking)
    if sentence := reads.why_not_evaluated(locked, timezone.now()):
        raise TooLate(sentence)
    locked.has_evaluated = True
    locked.save(update_fields=["has_evaluated"])
    Evaluation.objects.create(
        forum_id=locked.forum_id,
        useful=useful,
        confident=confident,
        will_change=will_change.strip(),
        improve=improve.strip(),
    )
