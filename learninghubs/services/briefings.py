"""The one-page learning briefing of a forum: drafted from what was recorded, edited, published, taken back."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator

from hscp.lib.fingerprint import fingerprint
from learninghubs.choices import BriefingStatus, ForumStatus
from learninghubs.forums import lines_of
from learninghubs.models import Briefing, Forum
from learninghubs.moves import PUBLISH_BRIEFING, WITHDRAW_BRIEFING
from learninghubs.permissions import Perm
from learninghubs.services.forums import open_forum
from partnership.engine import documents
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import TooLate, lock, take
from partnership.models import User
from partnership.texts import refuse_identifying

BRIEFING_PDF: Final = "learning_briefing"  # the kind of document, registered in learninghubs/documents.py

# What goes on one page of A4 (tests hold it): characters of the whole, or of each line; and how many lines.
MOST_CONTEXT: Final = 500
MOST_TITLE: Final = 90
MOST_LINE: Final = 160
MOST_LINES: Final = {"messages": 5, "practice": 5, "questions": 3}
EDITABLE: Final = ("title", "context", "messages", "practice", "questions")
NEEDED: Final = {
    "context": "Enter why this matters",
    "messages": "Enter what we learned",
    "practice": "Enter what to do differently",
}


@transaction.atomic
def draft_briefing(forum: Forum, *, by: User) -> Briefing:
    """The draft of a briefing, made from what was recorded; the one that is there, if there is one.

    Raises ``PermissionDenied``, ``TooLate`` unless it is recorded what happened at the forum.
    """
    locked = open_forum(forum, by=by, verb="draft a briefing", statuses={ForumStatus.HELD})
    learned = [Truncator(line).chars(MOST_LINE) for line in lines_of(locked.learned)]
    drafted = {
        "title": Truncator(str(locked.theme)).chars(MOST_TITLE),
        "context": Truncator(" ".join(locked.discussed.split())).chars(MOST_CONTEXT),
        "messages": "\n".join(learned[: MOST_LINES["messages"]]),
    }
    return Briefing.objects.get_or_create(forum=locked, defaults=drafted)[0]


def loaded_from(briefing: Briefing) -> str:
    """The fingerprint of what can be edited: what a form was filled from."""
    return fingerprint(getattr(briefing, name) for name in EDITABLE)


@transaction.atomic
def edit_briefing(briefing: Briefing, *, by: User, loaded: str, **texts: str) -> Briefing:
    """Change a draft. ``texts`` are those of ``EDITABLE``. Raises ``ChangedMeanwhile``, ``PermissionDenied``,
    ``TooLate`` (published), ``ValidationError`` by field: too long for one page, or what may identify a child."""
    refuse_identifying(**texts)
    _check_fits(texts)
    locked = lock(briefing)
    if not by.has_perm(Perm.MANAGE_BRIEFING, locked):
        raise PermissionDenied(f"{by} may not change the briefing")
    if locked.status != BriefingStatus.DRAFT:
        raise TooLate("This briefing is published. Take it back to draft to change it.")
    if loaded != (now := loaded_from(locked)):
        raise ChangedMeanwhile(locked, now)
    for name in EDITABLE:
        setattr(locked, name, texts[name].strip())
    locked.context = " ".join(locked.context.split())  # lines of its own would take the room of others
    locked.save(update_fields=EDITABLE)
    return locked


def _check_fits(texts: dict[str, str]) -> None:
    """Raise ``ValidationError``, by field, where a briefing would not fit on one page."""
    errors = {name: problem for name in MOST_LINES if (problem := _too_much(texts[name], MOST_LINES[name]))}
    for name, most in (("title", MOST_TITLE), ("context", MOST_CONTEXT)):
        if len(texts[name]) > most:
            errors[name] = f"Must be {most} characters or fewer. It has {len(texts[name])}"
    if errors:
        raise ValidationError(errors)


def _too_much(text: str, most: int) -> str:
    """What is wrong with the lines of ``text``, in a sentence; "" if they fit."""
    lines = lines_of(text)
    if len(lines) > most:
        return f"There is room for {most} lines on one page. You have {len(lines)}"
    long = next((number for number, line in enumerate(lines, start=1) if len(line) > MOST_LINE), 0)
    return f"Line {long} must be {MOST_LINE} characters or fewer. It has {len(lines[long - 1])}" if long else ""


@transaction.atomic
def publish_briefing(briefing: Briefing, *, by: User) -> Briefing:
    """Publish a draft: everybody can read it, and the worker makes its PDF. Raises ``MoveNotAllowed``,
    ``PermissionDenied``, ``ValidationError`` if something is missing or it would not fit on one page."""
    published = take(PUBLISH_BRIEFING, briefing, by=by, published_at=timezone.now())
    missing = [sentence for name, sentence in NEEDED.items() if not getattr(published, name)]
    if missing:
        raise ValidationError([f"{sentence} before you publish it." for sentence in missing])
    _check_fits({name: getattr(published, name) for name in EDITABLE})
    documents.want(BRIEFING_PDF, about=published, by=by)
    return published


@transaction.atomic
def withdraw_briefing(briefing: Briefing, *, by: User, note: str) -> Briefing:
    """Take a published briefing back to draft: its page and its PDF are gone for the public.

    Raises ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError``.
    """
    refuse_identifying(note=note)
    withdrawn = take(WITHDRAW_BRIEFING, briefing, by=by, note=note)
    documents.discard(BRIEFING_PDF, about=withdrawn)
    return withdrawn
