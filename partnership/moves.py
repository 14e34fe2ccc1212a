"""The lives of the partnership's own records. ``docs/lives.md`` is written from these tables."""

from partnership.choices import ActionStatus as A
from partnership.choices import HeldTextStatus as H
from partnership.engine.workflow import Move, life
from partnership.models import Action, HeldText
from partnership.permissions import Perm

START_ACTION = Move("start the action", {A.OPEN}, A.IN_PROGRESS, Perm.PROGRESS_ACTION)
COMPLETE_ACTION = Move("complete the action", {A.OPEN, A.IN_PROGRESS}, A.DONE, Perm.PROGRESS_ACTION)
CANCEL_ACTION = Move(
    "cancel the action", {A.OPEN, A.IN_PROGRESS}, A.CANCELLED, Perm.PROGRESS_ACTION, note_required=True
)

life(Action, START_ACTION, COMPLETE_ACTION, CANCEL_ACTION)

RELEASE_TEXT = Move("release the text", {H.WAITING}, H.RELEASED, Perm.DECIDE_HELD_TEXT)
REDACT_TEXT = Move("redact the text", {H.WAITING}, H.REDACTED, Perm.DECIDE_HELD_TEXT)

life(HeldText, RELEASE_TEXT, REDACT_TEXT)
