"""Saving a section of a return: several people at once, nothing overwritten unseen, no child's data let through."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from hscp.lib.screening import Hit
from partnership.engine.workflow import Move, MoveNotAllowed, TooLate, lock, take
from partnership.models import User
from partnership.services import screening
from partnership.texts import explain, find
from schools import facts, texts
from schools.answers import EMPTY, judge
from schools.choices import AnswerType, ReturnStatus
from schools.models import Answer, Question, Return, School, Section, SectionDraft, SectionProgress
from schools.moves import START
from schools.permissions import Perm

TEXTS = ("reason", "evidence", "action_what", "action_who")
WRITTEN = ("value", *TEXTS, "action_due", "rag", "version", "updated_by", "updated_at")
AT_WORK = {ReturnStatus.NOT_STARTED, ReturnStatus.IN_PROGRESS}
EDIT = Move("change the return", AT_WORK, ReturnStatus.IN_PROGRESS, Perm.EDIT_RETURN)  # asked for, never taken
MOST_CHARACTERS = 400_000  # of a draft; a full section of long texts has a tenth


class DeadlinePassed(TooLate):
    """The return can no longer be changed. The text is ready to show."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one answer says: the value and the texts beside it."""

    value: Any = None
    reason: str = ""
    evidence: str = ""
    action_what: str = ""
    action_who: str = ""
    action_due: date | None = None

    @property
    def fingerprint(self) -> str:
        """A short hash of the content: the same for the same content. It is what a form was loaded with."""
        values = [self.value, self.reason, self.evidence, self.action_what, self.action_who, str(self.action_due or "")]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def is_empty(self) -> bool:
        return self.value in EMPTY and not any(
            (self.reason, self.evidence, self.action_what, self.action_who, self.action_due)
        )


NOTHING = Content()
Held = dict[str, tuple[str, Sequence[Hit]]]  # the texts of one answer that must be held, by field, with what was found


def content_of(answer: Answer | None) -> Content:
    """What ``answer`` says; empty where there is none."""
    if answer is None:
        return NOTHING
    return Content(
        answer.value, answer.reason, answer.evidence, answer.action_what, answer.action_who, answer.action_due
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One question as a person sends it.

    ``content`` is what they wrote, or None where they keep what stands there; ``loaded`` is the fingerprint of what
    they were shown. ``insists`` means that they say that what the screening found is no child's data; ``takes_back``,
    that they withdraw their text that waits to be looked at.
    """

    question: Question
    content: Content | None
    loaded: str
    insists: bool = False
    takes_back: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved the question since the form was loaded, and differently."""

    question: Question
    theirs: Answer | None
    mine: Content | None


@dataclass(slots=True)
class Saved:
    """What came of saving a section: how many answers were written, which texts wait, and what must be chosen."""

    written: int = 0
    held: int = 0
    conflicts: list[Conflict] = field(default_factory=list)


@transaction.atomic
def save_section(
    record: Return, section: Section, entries: Sequence[Entry], *, by: User, complete: bool = False
) -> Saved:
    """Write the answers of one section and say whether it is complete; the return is started if it was not.

    An entry that its writer did not change is left as it is in the database. One that somebody else has changed since
    is not written but given back as a ``Conflict``; the section is then not marked complete. Whoever says "complete"
    vouches for the whole section, so they are shown what has changed even where they changed nothing themselves. Texts
    in which the screening finds something are held, if their writer insists, until a person has looked.

    Raises ``PermissionDenied``, ``MoveNotAllowed`` (not being worked on), ``DeadlinePassed``, and ``ValidationError``
    for a text in which the screening finds something and whose writer does not insist. Some twenty queries, whatever
    the number of answers; a held text costs a few more.
    """
    locked = open_for_writing(record, by=by)
    known = _answers(locked, section)
    conflicts = [
        Conflict(entry.question, known.get(entry.question.pk), entry.content)
        for entry in entries
        if _clashes(entry, content_of(known.get(entry.question.pk)), complete=complete)
    ]
    in_conflict = {conflict.question.pk for conflict in conflicts}
    written, held = _write_all(locked, [e for e in entries if e.question.pk not in in_conflict], known, by=by)
    _refresh_flags(locked)
    _mark(locked, section, complete=complete and not conflicts, by=by)
    if not conflicts:  # or what they wrote would live in their browser alone
        discard_draft(locked, section, by=by)
    return Saved(written, held, conflicts)


def _answers(record: Return, section: Section) -> dict[int, Answer]:
    answers = record.answers.filter(question__section=section).select_related("updated_by").order_by()
    return {answer.question_id: answer for answer in answers}


def _clashes(entry: Entry, before: Content, *, complete: bool) -> bool:
    """Whether somebody else has changed the answer since ``entry``'s writer was shown it, so that they must look."""
    if entry.loaded == before.fingerprint:
        return False
    if entry.content is None:  # what they chose to keep has changed once more
        return True
    if entry.content.fingerprint == before.fingerprint:  # both wrote the same
        return False
    return complete or entry.content.fingerprint != entry.loaded


def open_for_writing(record: Return, *, by: User) -> Return:
    """``record`` locked, begun and open today for ``by``. Raises as ``save_section`` does. Call it in a transaction."""
    locked = lock(record)
    if not by.has_perm(Perm.EDIT_RETURN, locked):
        raise PermissionDenied
    check_can_be_changed(locked)
    if locked.status == ReturnStatus.NOT_STARTED:
        return take(START, locked, by=by, started_at=timezone.now(), flags=_flags(locked))
    return locked


def check_can_be_changed(record: Return) -> None:
    """Raise ``MoveNotAllowed`` unless its leads are at work on it, ``DeadlinePassed`` unless it is open today."""
    if record.status not in AT_WORK:
        raise MoveNotAllowed(EDIT, record)
    check_deadline(record)


def check_deadline(record: Return) -> None:
    """Raise ``DeadlinePassed`` unless the collection is open and the return's last day has not passed."""
    if record.is_open(on=timezone.localdate()):
        return
    if timezone.localdate() > record.deadline:
        day = date_format(record.deadline, "j F Y")
        raise DeadlinePassed(f"The final deadline was {day}. Ask the business unit if you need more time.")
    raise DeadlinePassed("This collection is not open. Ask the business unit if you need more time.")


# --- Writing ---------------------------------------------------------------------------------------------------------


def _write_all(record: Return, entries: Sequence[Entry], known: Mapping[int, Answer], *, by: User) -> tuple[int, int]:
    """Write what the entries change; say how many answers were written and how many texts are held."""
    changed = [(entry, content_of(known.get(entry.question.pk))) for entry in entries if _is_changed(entry, known)]
    allowed = texts.allowed_words(School.objects.filter(organisation=record.organisation_id).first()) if changed else []
    held = {entry.question.pk: _screened(entry, before, allowed) for entry, before in changed}
    answers = [_filled(record, entry, known, held[entry.question.pk], by=by) for entry, _ in changed]
    Answer.objects.bulk_create([answer for answer in answers if answer.pk is None])
    Answer.objects.bulk_update([answer for answer in answers if answer.version > 1], WRITTEN)
    _take_back(record, entries, known, changed, by=by)
    for answer in answers:
        for name, (text, hits) in held[answer.question_id].items():
            screening.hold(answer, name, text, hits=hits, by=by)
    return len(answers), sum(map(len, held.values()))


def _is_changed(entry: Entry, known: Mapping[int, Answer]) -> bool:
    """Whether the writer changed the answer; not, if both they and somebody else wrote what stands there now."""
    before = content_of(known.get(entry.question.pk)).fingerprint
    return entry.content is not None and entry.content.fingerprint not in (entry.loaded, before)


def _filled(record: Return, entry: Entry, known: Mapping[int, Answer], held: Held, *, by: User) -> Answer:
    """The answer with what the entry says, but for the texts that are held."""
    answer = known.get(entry.question.pk) or Answer(return_record=record, question=entry.question, version=0)
    for name in ("value", *TEXTS, "action_due"):
        if name not in held:
            setattr(answer, name, getattr(entry.content, name))
    answer.rag = judge(entry.question, answer.value, on=timezone.localdate()).rag or ""
    answer.version += 1
    answer.updated_by, answer.updated_at = by, timezone.now()
    return answer


def _screened(entry: Entry, before: Content, allowed: Sequence[str]) -> Held:
    """The texts of ``entry`` that must be held, with what was found. Those that stand there have been looked at.

    Raises ``ValidationError`` if there are any and the writer does not insist.
    """
    names = ("value", *TEXTS) if entry.question.answer_type == AnswerType.TEXT else TEXTS
    written = {name: getattr(entry.content, name) or "" for name in names}
    new = {name: text for name, text in written.items() if text != getattr(before, name)}
    found: Held = {name: (text, hits) for name, text in new.items() if (hits := find(text, allowed=allowed))}
    if found and not entry.insists:
        explained = [explain(hit) for _, hits in found.values() for hit in hits]
        raise ValidationError([f"{entry.question.code}: {sentence}" for sentence in explained])
    return found


def _take_back(
    record: Return,
    entries: Sequence[Entry],
    known: Mapping[int, Answer],
    changed: Sequence[tuple[Entry, Content]],
    *,
    by: User,
) -> None:
    """Withdraw the writer's own waiting texts: those they take back, and those they have written anew."""
    rewritten = {
        (known[entry.question.pk].pk, name)
        for entry, before in changed
        for name in ("value", *TEXTS)
        if entry.question.pk in known and getattr(entry.content, name) != getattr(before, name)
    }
    taken_back = {known[entry.question.pk].pk for entry in entries if entry.takes_back and entry.question.pk in known}
    for text in texts.waiting_texts(record) if rewritten or taken_back else []:
        is_meant = text.about_id in taken_back or (text.about_id, text.field) in rewritten
        if is_meant and text.written_by == by and text.about_type.model_class() is Answer:
            text.delete()


def _flags(record: Return) -> list[str]:
    """The flags that hold for the return now: those of the school, and those that its own answers set."""
    school = School.objects.with_facts().filter(organisation=record.organisation_id).first()
    derived = {str(flag) for flag in facts.flags(school)} if school else set()
    said = record.answers.exclude(question__sets_flag="").filter(value="yes")
    return sorted(derived | set(said.values_list("question__sets_flag", flat=True)))


def _refresh_flags(record: Return) -> None:
    flags = _flags(record)
    if flags != record.flags:
        record.flags = flags
        record.save(update_fields=["flags"])


def _mark(record: Return, section: Section, *, complete: bool, by: User) -> None:
    SectionProgress.objects.update_or_create(
        return_record=record,
        section=section,
        defaults={"is_complete": complete, "updated_by": by, "updated_at": timezone.now()},
    )


# --- Drafts ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_draft(record: Return, section: Section, fields: Mapping[str, Sequence[str]], *, by: User) -> SectionDraft:
    """Keep what ``by`` has typed so far; it is theirs alone until they save.

    Raises as ``save_section`` does, and ``ValidationError`` for more than ``MOST_CHARACTERS``.
    """
    if not by.has_perm(Perm.EDIT_RETURN, record):
        raise PermissionDenied
    check_can_be_changed(record)
    if sum(len(name) + sum(map(len, values)) for name, values in fields.items()) > MOST_CHARACTERS:
        raise ValidationError("This is too much to keep as a draft.")
    kept = {name: list(values) for name, values in fields.items()}
    draft, _ = SectionDraft.objects.update_or_create(
        return_record=record, section=section, user=by, defaults={"fields": kept, "kept_at": timezone.now()}
    )
    return draft


def discard_draft(record: Return, section: Section, *, by: User) -> None:
    """Forget what ``by`` has typed and not saved."""
    SectionDraft.objects.filter(return_record=record, section=section, user=by).delete()
