"""What the hub does with a suggestion: reads it, asks back, merges like ones, sets aside, puts it to the Board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from learninghubs import board
from learninghubs import inbox as reads
from learninghubs.models import Author, LearningHub, Question, Suggestion
from learninghubs.models.suggestions import AT_THE_HUB, SENT_UP, TEXTS
from learninghubs.moves import (
    ASK_BACK,
    GO_ON,
    MERGE,
    SCREEN,
    SEND_UP,
    SEPARATE,
    SET_ASIDE,
    TAKE_BACK,
    TAKE_UP_AGAIN,
)
from learninghubs.permissions import Perm
from learninghubs.services.answers import leads_of
from learninghubs.services.authors import write_to_authors, write_to_authors_of
from partnership.engine import mail
from partnership.engine.workflow import NoteRequired, TooLate, lock, take
from partnership.groups import chair_on
from partnership.models import AgendaItem, HeldText, StatusChange, User
from partnership.models.meetings import TO_COME
from partnership.services import screening
from partnership.texts import find, refuse_identifying

HAND_OVER = "hand to another hub"  # not a move, as the status stays: but told in its story
NOTICED = "something that the hub noticed"  # what a text looks like in which no machine finds anything


# --- Read, named, asked back ------------------------------------------------------------------------------------------


@transaction.atomic
def take_on(suggestion: Suggestion, *, by: User, title: str) -> Suggestion:
    """Say that it has been read and names no child, and give it a short title.

    Raises ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError`` (``title``).
    """
    taken = take(SCREEN, suggestion, by=by, title=title.strip())
    _check_title(taken.title)
    return taken


@transaction.atomic
def retitle(suggestion: Suggestion, *, by: User, title: str) -> Suggestion:
    """Give it another title while it is at the hub. Raises ``TooLate``, ``PermissionDenied``, ``ValidationError``."""
    locked = _at_the_hub(suggestion, by=by)
    locked.title = title.strip()
    _check_title(locked.title)
    locked.save(update_fields=["title"])
    return locked


def _check_title(title: str) -> None:
    if not title:
        raise ValidationError({"title": "Enter a short title"})
    refuse_identifying(title=title)


@transaction.atomic
def hold_text(suggestion: Suggestion, *, field: str, by: User) -> HeldText:
    """Keep one of the three texts from everybody until the business unit has looked: somebody has seen in it what may
    identify a child, though no machine did.

    Raises ``PermissionDenied``, ``ValidationError`` (``field``) where there is no such text.
    """
    locked = lock(suggestion)
    _check_may_screen(locked, by=by)
    text = getattr(locked, field) if field in TEXTS else ""
    if not text:
        raise ValidationError({"field": "This text waits for the business unit already, or is empty"})
    author = Author.objects.filter(suggestion=locked).select_related("person").first()
    written_by = author.person if author else None
    held = screening.hold(locked, field, text, hits=find(text), by=written_by, noticed=NOTICED)
    setattr(locked, field, "")
    locked.save(update_fields=[field])
    return held


@transaction.atomic
def ask_back(suggestion: Suggestion, *, by: User, text: str) -> Question:
    """Ask its author something: the question goes to them with their link, by which they reply.

    Raises ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError`` (no words, words that may identify a child, or
    nobody left to ask).
    """
    asked = take(ASK_BACK, suggestion, by=by)
    if not text.strip():
        raise ValidationError({"text": "Enter what you want to ask"})
    refuse_identifying(text=text)
    if not Author.objects.filter(suggestion=asked).exclude(email="").exists():
        raise ValidationError("Its author has asked to be forgotten, so there is nobody to ask")
    question = Question.objects.create(suggestion=asked, text=text.strip(), asked_by=by)
    _tell_makers_of([asked], "suggestion_question", question=question.text)
    return question


@transaction.atomic
def go_on(suggestion: Suggestion, *, by: User) -> Suggestion:
    """Stop waiting for the author's reply. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    taken = take(GO_ON, suggestion, by=by)
    _close_questions([taken])
    return taken


def _close_questions(suggestions: Iterable[Suggestion]) -> None:
    """Nobody waits for a reply any more: it stays empty."""
    Question.objects.filter(suggestion__in=suggestions, replied_at=None).update(replied_at=timezone.now())


# --- Like ones --------------------------------------------------------------------------------------------------------


@transaction.atomic
def merge(suggestions: Iterable[Suggestion], *, into: Suggestion, by: User) -> Suggestion:
    """Put suggestions into a like one, which goes on for them all, and return it. Their authors stay on it
    (``Author.objects.of``) and are told once; what was merged into one of them moves along.

    All of them or none. Raises ``MoveNotAllowed``, ``TooLate`` (it has left the hub), ``PermissionDenied``,
    ``ValidationError`` where none is given.
    """
    ids = {suggestion.pk for suggestion in suggestions} - {into.pk}
    if not ids:
        raise ValidationError("Tick the suggestions that belong together")
    rows = _lock_in_order(Q(pk__in={*ids, into.pk}) | Q(merged_into__in=ids))
    main = _at_the_hub(into, by=by)
    Suggestion.objects.filter(merged_into__in=ids).update(merged_into=main)
    note = f"Put together with {main.reference}"
    merged = [take(MERGE, rows[pk], by=by, note=note, merged_into=main) for pk in sorted(ids & rows.keys())]
    _close_questions(merged)
    _tell_makers_of(merged, "suggestion_merged", main=main)
    return main


@transaction.atomic
def separate(suggestion: Suggestion, *, by: User) -> Suggestion:
    """Let a merged one go its own way again, back at the hub; its author is told.

    Raises ``TooLate`` where the one that it is part of is with the Board, ``MoveNotAllowed``, ``PermissionDenied``.
    """
    rows = _lock_in_order(Q(pk__in=[suggestion.pk, suggestion.merged_into_id]))
    main = rows[suggestion.pk].merged_into if suggestion.pk in rows else None
    taken = take(SEPARATE, suggestion, by=by, merged_into=None)
    if main is not None and main.status in SENT_UP:
        raise TooLate(f"It has been put to the Board as part of {main.reference}, and is answered with it.")
    _tell_makers_of([taken], "suggestion_separated")
    return taken


def _lock_in_order(which: Q) -> dict[int, Suggestion]:
    """Several suggestions, locked by their numbers, so that two who lock the same ones wait and do not block."""
    found = Suggestion.objects.select_for_update(of=("self",)).filter(which).order_by("pk")
    return {suggestion.pk: suggestion for suggestion in found}


# --- Not taken further ------------------------------------------------------------------------------------------------


@transaction.atomic
def set_aside(suggestion: Suggestion, *, by: User, note: str) -> Suggestion:
    """Take it no further; all its authors are told why.

    Raises ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError`` (``note``).
    """
    taken = take(SET_ASIDE, suggestion, by=by, note=note)
    refuse_identifying(note=note)
    _close_questions([taken])
    write_to_authors_of(taken, "suggestion_set_aside", reason=note.strip())
    return taken


@transaction.atomic
def take_up_again(suggestion: Suggestion, *, by: User) -> Suggestion:
    """Take it further after all; all its authors are told. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    taken = take(TAKE_UP_AGAIN, suggestion, by=by)
    write_to_authors_of(taken, "suggestion_taken_up")
    return taken


# --- To the Board and back --------------------------------------------------------------------------------------------


@transaction.atomic
def send_up(suggestion: Suggestion, *, by: User, title: str | None = None) -> Suggestion:
    """Put it to the Board to which its hub reports, under ``title`` or the title that it has.

    Raises ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError``: no title, or one of its texts waits for the
    business unit, so that the Board would read half of it.
    """
    words = lock(suggestion).title if title is None else title.strip()
    sent = take(SEND_UP, suggestion, by=by, title=words, sent_up_at=timezone.now())
    _check_title(words)
    parts = Suggestion.objects.filter(Q(pk=sent.pk) | Q(merged_into=sent))
    if any(reads.held_fields(parts).values()):
        raise ValidationError("One of its texts waits for the business unit. It can go to the Board after that")
    return sent


@transaction.atomic
def send_up_all(titles: Mapping[Suggestion, str], *, by: User) -> list[Suggestion]:
    """Put several to the Board, each under its title: all of them or none.

    Raises what ``send_up`` raises; a ``ValidationError`` names ``title_<number>``, one for each that is wrong.
    """
    sent, errors = [], {}
    for suggestion in sorted(titles, key=lambda one: one.pk):
        try:
            sent.append(send_up(suggestion, by=by, title=titles[suggestion]))
        except ValidationError as error:
            errors[f"title_{suggestion.pk}"] = error.messages
    if errors:
        raise ValidationError(errors)
    return sent


@transaction.atomic
def take_back(suggestion: Suggestion, *, by: User, note: str) -> Suggestion:
    """Take it back from the Board, with the reason. Where it stands on the agenda of a meeting to come, who chairs the
    Board is told, so that nobody waits for it there.

    Raises ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError`` (``note``).
    """
    taken = take(TAKE_BACK, suggestion, by=by, note=note)
    refuse_identifying(note=note)
    items, term = list(items_to_come(taken)), chair_on(taken.hub.reports_to, timezone.localdate())
    if items and term is not None and term.person != by:
        mail.queue("suggestion_taken_back", to=[term.person], about=taken, items=items, by=by, reason=note.strip())
    return taken


def items_to_come(suggestion: Suggestion) -> QuerySet[AgendaItem]:
    """The items about it on agendas of meetings to come, the next first."""
    found = board.agenda_items().filter(source_id=suggestion.pk, meeting__status__in=TO_COME)
    return found.select_related("meeting__group").order_by("meeting__starts_at")


# --- To another hub ---------------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over(suggestion: Suggestion, *, to: LearningHub, by: User, note: str) -> Suggestion:
    """Hand it, with what was merged into it, to another hub, whose leads are told.

    Raises ``TooLate``, ``PermissionDenied``, ``NoteRequired``, ``ValidationError`` (``to``: the same hub, or one that
    has closed; ``note``).
    """
    locked = _at_the_hub(suggestion, by=by)
    _check_hub(locked, to)
    if not note.strip():
        raise NoteRequired("Enter why another hub should see to it")
    refuse_identifying(note=note)
    before = locked.hub
    Suggestion.objects.filter(Q(pk=locked.pk) | Q(merged_into=locked)).update(hub=to)
    locked.hub = to
    StatusChange.objects.create(
        about=locked, verb=HAND_OVER, from_status=locked.status, to_status=locked.status, by=by, note=note.strip()
    )
    leads = [lead for lead in leads_of(to, timezone.localdate()) if lead != by]
    mail.queue("suggestion_handed_over", to=leads, about=locked, by=by, before=before, reason=note.strip())
    return locked


def _check_hub(suggestion: Suggestion, to: LearningHub) -> None:
    if to.pk == suggestion.hub_id:
        raise ValidationError({"to": "It is with this hub already: select another one"})
    if to.group.ends is not None and to.group.ends <= timezone.localdate():
        raise ValidationError({"to": f"{to} has closed: select another one"})


# --- What they share --------------------------------------------------------------------------------------------------


def _at_the_hub(suggestion: Suggestion, *, by: User) -> Suggestion:
    """The suggestion, locked, which is the hub's to see to. Raises ``TooLate``, ``PermissionDenied``."""
    locked = lock(suggestion)
    _check_may_screen(locked, by=by)
    if locked.status not in AT_THE_HUB:
        raise TooLate(f"{locked.reference} is not at the hub any more: its status is “{locked.get_status_display()}”.")
    return locked


def _check_may_screen(suggestion: Suggestion, *, by: User) -> None:
    if not by.has_perm(Perm.SCREEN_SUGGESTION, suggestion):
        raise PermissionDenied(f"{by} may not see to {suggestion}")


def _tell_makers_of(suggestions: Iterable[Suggestion], name: str, **words: Any) -> None:
    """Write to whoever made each of ``suggestions``, but not to those of what was merged into it."""
    authors = Author.objects.filter(suggestion__in=suggestions)
    write_to_authors(authors.select_related("suggestion", "person"), name, **words)
