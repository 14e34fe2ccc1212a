"""The life of a return: sent to the head, confirmed, signed by governance, queried, accepted; more time.

Every rule about days binds here, whatever page or job calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from partnership.choices import ActionPriority, ActionStatus, HeldTextStatus, Role
from partnership.engine import documents, mail
from partnership.engine.workflow import Move, MoveNotAllowed, TooLate, lock, take
from partnership.models import UNFINISHED, Action, HeldText, Organisation, RoleGrant, User
from partnership.services import actions, screening
from partnership.texts import explain
from schools.choices import CollectionStatus, SignOffKind
from schools.models import SUBMITTED, Answer, Extension, Question, Return, ReturnQuery, SectionProgress, SignOff
from schools.moves import ACCEPT, QUERY, SEND_BACK, SEND_TO_HEAD, SUBMIT
from schools.permissions import Perm
from schools.services.sections import check_deadline, open_for_writing
from schools.sheets import Sheet
from schools.texts import find_in, refuse_identifying

SIGNED_RETURN = "signed_return"
SIGN_GOVERNANCE = Move(  # asked for, never taken: governance is beside the life of a return
    "sign the return for the governors", SUBMITTED, SUBMITTED[0], Perm.SIGN_GOVERNANCE
)

HEAD_STATEMENT = (
    "I have read this return. To the best of my knowledge it is a true account of safeguarding at this school, "
    "and the actions in it will be carried out by the dates given."
)
GOVERNANCE_STATEMENT = (
    "The governing body, trust board or proprietor has seen this return and holds the school to account "
    "for the actions in it."
)


def people_of(organisation: Organisation, *roles: Role) -> list[User]:
    """The active people who hold any of ``roles`` at ``organisation`` today, each once."""
    grants = RoleGrant.objects.active(timezone.localdate()).filter(organisation=organisation, role__in=roles)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True))


def leads_of(record: Return) -> list[User]:
    """Who fills the return: the designated safeguarding lead and deputies."""
    return people_of(record.organisation, Role.DSL, Role.DEPUTY_DSL)


def heads_of(record: Return) -> list[User]:
    """Who confirms the return."""
    return people_of(record.organisation, Role.HEADTEACHER)


def chairs_of(record: Return) -> list[User]:
    """Who signs the return for governance."""
    return people_of(record.organisation, Role.CHAIR_OF_GOVERNORS)


# --- The school and its head -----------------------------------------------------------------------------------------


def send_to_head(record: Return, *, by: User) -> Return:
    """Send a whole return to the head. Raises ``ValidationError`` with everything that is wanted still,
    ``DeadlinePassed``, ``MoveNotAllowed``, ``PermissionDenied``."""
    with transaction.atomic():
        locked = take(SEND_TO_HEAD, record, by=by)
        check_deadline(locked)
        heads = heads_of(locked)
        _check_whole(Sheet(locked), heads)
        mail.queue("return_with_head", to=heads, about=locked, by=by)
    return locked


def _check_whole(sheet: Sheet, heads: Sequence[User]) -> None:
    problems = [problem.sentence for problem in sheet.problems]
    if not heads:
        problems.append("No headteacher has an account here. Ask the business unit to add one.")
    if problems:
        raise ValidationError(problems)


def send_back(record: Return, *, by: User, note: str) -> Return:
    """The head sends the return back to the lead, with a note. Raises ``NoteRequired``, ``MoveNotAllowed``,
    ``DeadlinePassed``, ``PermissionDenied``, and ``ValidationError`` where the note may identify a child."""
    with transaction.atomic():
        locked = take(SEND_BACK, record, by=by, note=note)
        check_deadline(locked)
        refuse_identifying(locked, note=note)
        mail.queue("return_sent_back", to=leads_of(locked), about=locked, by=by, note=note.strip())
    return locked


def submit(record: Return, *, by: User) -> Return:
    """The head confirms and submits: the confirmation is recorded with its statement, weak answers become actions of
    the tracker, the signed PDF is asked for, everyone is told. Raises ``DeadlinePassed``, ``ValidationError``
    (something has become wanted since it was sent), ``MoveNotAllowed``, ``PermissionDenied``."""
    now = timezone.now()
    with transaction.atomic():
        locked = take(SUBMIT, record, by=by, submitted_at=now)
        check_deadline(locked)
        sheet = Sheet(locked)
        _check_whole(sheet, [by])
        locked.governance_due = timezone.localdate(now) + timedelta(days=locked.collection.governance_days)
        locked.save(update_fields=["governance_due"])
        _sign(locked, SignOffKind.HEAD, HEAD_STATEMENT, Role.HEADTEACHER, by, at=now)
        _record_results(sheet)
        _sync_actions(sheet, by=by)
        locked.drafts.all().delete()
        documents.want(SIGNED_RETURN, about=locked, by=by)
        chairs = chairs_of(locked)
        mail.queue("return_submitted", to=[*leads_of(locked), by], about=locked, by=by, chairs=chairs)
        mail.queue("governance_wanted", to=chairs, about=locked, by=by)
    return locked


def _sign(record: Return, kind: SignOffKind, statement: str, role: Role, by: User, *, at: datetime) -> SignOff:
    return SignOff.objects.create(
        return_record=record, kind=kind, signed_by=by, name=by.name, role=role.label, statement=statement, at=at
    )


def _record_results(sheet: Sheet) -> None:
    """Write each standard's result, and each answer's colour, as they are on the day of submission; none for answers to
    questions that no longer apply."""
    results = [
        SectionProgress(
            return_record=sheet.record,
            section=part.section,
            rag=part.result.rag or "",
            share_green=part.result.share_green,
            updated_by=None,
        )
        for part in sheet.standards
    ]
    SectionProgress.objects.bulk_create(
        results, update_conflicts=True, unique_fields=["return_record", "section"], update_fields=["rag", "share_green"]
    )
    rags = {line.question.pk: line.judgement.rag or "" for line in sheet.lines}
    stale = [answer for answer in sheet.answers.values() if answer.rag != rags.get(answer.question_id, "")]
    for answer in stale:
        answer.rag = rags.get(answer.question_id, "")
    Answer.objects.bulk_update(stale, ["rag"])


def _sync_actions(sheet: Sheet, *, by: User) -> None:
    """Bring the tracker in line with the weak answers: made, re-dated, or given up where an answer is weak no longer.

    Actions that are done stay as they are; the same action is not asked for twice.
    """
    weak = [(line.answer, line.judgement.urgent) for line in sheet.lines if line.answer and line.needs_action]
    unfinished = {action.source_id: action for action in sheet.actions if action.status in UNFINISHED}
    done = {(action.source_id, action.what) for action in sheet.actions if action.status == ActionStatus.DONE}
    for answer, urgent in weak:
        if action := unfinished.pop(answer.pk, None):
            _update_action(action, answer, urgent=urgent)
        elif (answer.pk, answer.action_what) not in done:
            _open_action(sheet.record, answer, urgent=urgent, by=by)
    for action in unfinished.values():
        actions.cancel_action(action, by=None, note="The answer that it came from is weak no longer.")


def _open_action(record: Return, answer: Answer, *, urgent: bool, by: User) -> Action:
    return actions.open_action(
        record.organisation,
        what=answer.action_what,
        who=answer.action_who,
        due=_due(answer),
        source=answer,
        priority=_priority(urgent),
        by=by,
    )


def _priority(urgent: bool) -> ActionPriority:
    return ActionPriority.HIGH if urgent else ActionPriority.NORMAL


def _update_action(action: Action, answer: Answer, *, urgent: bool) -> None:
    action.what, action.who, action.due = answer.action_what, answer.action_who, _due(answer)
    action.priority = _priority(urgent)
    action.save(update_fields=["what", "who", "due", "priority"])


def _due(answer: Answer) -> date:
    if answer.action_due is None:
        raise ValueError("A weak answer without a date: _check_whole lets none pass")
    return answer.action_due


# --- Governance ------------------------------------------------------------------------------------------------------


def sign_governance(record: Return, *, by: User, minute_date: date | None = None) -> SignOff:
    """The chair or proprietor confirms oversight of a submitted return; it may follow submission, and be late.

    Raises ``PermissionDenied``, ``MoveNotAllowed`` (not submitted), ``TooLate`` (signed already), ``ValidationError``
    (a minute in the future). A new signed PDF is asked for.
    """
    with transaction.atomic():
        locked = lock(record)
        _check_governance(locked, by, minute_date)
        locked.board_minute_date = minute_date
        locked.save(update_fields=["board_minute_date"])
        signed = _sign(
            locked, SignOffKind.GOVERNANCE, GOVERNANCE_STATEMENT, Role.CHAIR_OF_GOVERNORS, by, at=timezone.now()
        )
        documents.want(SIGNED_RETURN, about=locked, by=by)
        mail.queue("governance_signed", to=[*leads_of(locked), *heads_of(locked)], about=locked, by=by, signed=signed)
    return signed


def _check_governance(record: Return, by: User, minute_date: date | None) -> None:
    if not by.has_perm(Perm.SIGN_GOVERNANCE, record):
        raise PermissionDenied
    if not record.is_submitted:
        raise MoveNotAllowed(SIGN_GOVERNANCE, record)
    if signed := governance_sign_off(record):
        at = date_format(timezone.localtime(signed.at), "j F Y, H:i")
        raise TooLate(f"{signed.name} signed this return for the governors on {at}.")
    if minute_date and minute_date > timezone.localdate():
        raise ValidationError({"minute_date": "The date of the minute must be today or in the past"})


def governance_sign_off(record: Return) -> SignOff | None:
    """The governance confirmation of the present submission; one before a later submission does not count."""
    if record.submitted_at is None:
        return None
    signed = record.sign_offs.filter(kind=SignOffKind.GOVERNANCE, at__gte=record.submitted_at)
    return signed.order_by("-at").first()


# --- The business unit -----------------------------------------------------------------------------------------------


def query(record: Return, *, by: User, text: str, question: Question | None = None, reply_by: date) -> ReturnQuery:
    """Put a question to the school: the return is open again until ``reply_by`` at least, even if its collection is
    closed, and the query is shown at its place.

    Raises ``ValidationError`` (a day in the past, a text that may identify a child), ``NoteRequired``,
    ``MoveNotAllowed``, ``PermissionDenied``.
    """
    if reply_by < timezone.localdate():
        raise ValidationError({"reply_by": "Reply by must be today or in the future"})
    with transaction.atomic():
        locked = take(QUERY, record, by=by, note=text)
        refuse_identifying(locked, text=text)
        if not locked.is_open(on=reply_by):
            locked.extended_to = reply_by
            locked.save(update_fields=["extended_to"])
        asked = ReturnQuery.objects.create(
            return_record=locked, question=question, text=text.strip(), asked_by=by, reply_by=reply_by
        )
        to = [*leads_of(locked), *heads_of(locked)]
        mail.queue("return_queried", to=to, about=locked, by=by, query=asked)
    return asked


def reply_to_query(asked: ReturnQuery, *, by: User, reply: str, insists: bool = False) -> ReturnQuery:
    """The school's reply. One in which the screening finds something is held, if its writer ``insists``; until it has
    been looked at they may write it anew.

    Raises ``ValidationError`` (empty, or may identify a child), ``TooLate`` (replied to already), and as
    ``save_section`` does.
    """
    text = reply.strip()
    if not text:
        raise ValidationError({"reply": "Enter your reply"})
    with transaction.atomic():
        record = open_for_writing(asked.return_record, by=by)
        locked = lock(asked)
        if locked.replied_at and not _is_held_for(locked, by):
            raise TooLate("This query has been replied to already.")
        hits = find_in(record, text)
        if hits and not insists:
            raise ValidationError({"reply": [explain(hit) for hit in hits]})
        screening.withdraw(locked, "reply")
        locked.reply, locked.replied_by, locked.replied_at = "" if hits else text, by, timezone.now()
        locked.save(update_fields=["reply", "replied_by", "replied_at"])
        if hits:
            screening.hold(locked, "reply", text, hits=hits, by=by)
    return locked


def _is_held_for(asked: ReturnQuery, by: User) -> bool:
    """Whether the reply is one of ``by``'s that waits to be looked at."""
    return HeldText.objects.about(asked).filter(status=HeldTextStatus.WAITING, written_by=by).exists()


def accept(record: Return, *, by: User) -> Return:
    """The business unit accepts a submitted return. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    with transaction.atomic():
        locked = take(ACCEPT, record, by=by)
        mail.queue("return_accepted", to=[*leads_of(locked), *heads_of(locked)], about=locked, by=by)
    return locked


def extend(record: Return, *, by: User, until: date, reason: str) -> Extension:
    """Give one school more time, even if the collection is closed. Raises ``ValidationError`` (no reason, no later than
    the present last day, a submitted return, a collection that has not opened) or ``PermissionDenied``."""
    with transaction.atomic():
        locked = lock(record)
        if not by.has_perm(Perm.EXTEND_RETURN, locked):
            raise PermissionDenied
        _check_extension(locked, until, reason)
        locked.extended_to = until
        locked.save(update_fields=["extended_to"])
        given = Extension.objects.create(return_record=locked, until=until, reason=reason.strip(), granted_by=by)
        to = [*leads_of(locked), *heads_of(locked)]
        mail.queue("return_extended", to=to, about=locked, by=by, extension=given)
    return given


def _check_extension(record: Return, until: date, reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Enter why the school needs more time"})
    refuse_identifying(record, reason=reason)
    if record.is_submitted:
        raise ValidationError("This return has been submitted: there is nothing to extend.")
    if record.collection.status == CollectionStatus.DRAFT:
        raise ValidationError("This collection has not opened.")
    day = date_format(record.deadline, "j F Y")
    if record.is_open(on=until):
        raise ValidationError({"until": f"The new last day must be after {day}"})
    if until < timezone.localdate():
        raise ValidationError({"until": "The new last day must be today or in the future"})
