"""Suggestions on the Board's agenda, its answers with their actions, and what became of those. Nobody who made a
suggestion is told of an answer here: the newsletter or a letter does that (``services.telling``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator

from hscp.lib.dates import add_months
from learninghubs import board, hubs
from learninghubs.choices import IMPACT_MONTHS, Answer, Impact, IssueStatus, SuggestionStatus
from learninghubs.models import Author, ImpactCheck, LearningHub, NewsletterIssue, NewsletterItem, Response, Suggestion
from learninghubs.moves import ANSWER, CORRECT
from learninghubs.permissions import Perm
from partnership import actions as action_reads
from partnership import texts
from partnership.choices import ItemPurpose
from partnership.engine import mail
from partnership.engine.workflow import TooLate, lock, take
from partnership.models import Action, AgendaItem, Decision, Group, Meeting, Organisation, User
from partnership.models.meetings import TO_COME
from partnership.services import actions, meetings
from partnership.services.meetings.common import MINUTING

Owner = Group | Organisation

MINUTES_EACH: Final = 5  # allotted to a suggestion on an agenda
MOST_OF_TEXT: Final = 600  # characters of each of its texts that the agenda shows; its page has all
DONE_ABOUT_IT: Final = (Answer.ACCEPTED, Answer.IN_PART)  # never without somebody who does something
READ_IT: Final = "Read it on the suggestion’s page."


# --- On the agenda ----------------------------------------------------------------------------------------------------


@transaction.atomic
def put_on_agenda(suggestions: Iterable[Suggestion], *, meeting: Meeting, by: User) -> list[AgendaItem]:
    """Put each of ``suggestions`` on the agenda of ``meeting`` as an item of its own, and return the new items.

    One each, because the Board answers each with a decision and a reason; like ones were merged by the hub. What stands
    on the agenda of a meeting to come stays there and is not put on twice. Raises ``PermissionDenied``, ``TooLate``
    (all of them are on it, one is no longer with the Board, the meeting is over), ``ValidationError`` (none is chosen,
    or one is another Board's).
    """
    chosen = _locked(suggestions)
    if not chosen:
        raise ValidationError("Select at least one suggestion")
    for suggestion in chosen:
        _check_may_go(suggestion, meeting, by)
    on_already = _on_an_agenda(chosen, meeting)
    new = [one for one in chosen if one.pk not in on_already]
    if not new:
        raise TooLate("What you selected is on an agenda already.")
    return [_add_to(meeting, suggestion, by) for suggestion in new]


def _locked(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """``suggestions`` re-read and locked, in the one order in which everybody locks them."""
    ids = [one.pk for one in suggestions]
    rows = Suggestion.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return list(rows.select_related("hub__group", "hub__reports_to", "theme__serves"))


def _check_may_go(suggestion: Suggestion, meeting: Meeting, by: User) -> None:
    if not by.has_perm(Perm.PUT_ON_AGENDA, suggestion):
        raise PermissionDenied(f"{by} may not put {suggestion} on an agenda")
    if suggestion.status != SuggestionStatus.WITH_BOARD:
        status = suggestion.get_status_display().lower()
        raise TooLate(f"{suggestion.reference} is no longer waiting for the Board: its status is “{status}”.")
    if suggestion.hub.reports_to_id != meeting.group_id:
        raise ValidationError(f"{suggestion.reference} waits for the {suggestion.hub.reports_to}, not for this group")


def _on_an_agenda(suggestions: list[Suggestion], meeting: Meeting) -> set[int | None]:
    """Those that stand on the agenda of ``meeting``, or of another one of its group to come."""
    ids = [one.pk for one in suggestions]
    items = board.agenda_items().filter(source_id__in=ids, meeting__group=meeting.group_id)
    there = items.filter(Q(meeting=meeting) | Q(meeting__status__in=TO_COME, meeting__ends_at__gte=timezone.now()))
    return set(there.values_list("source_id", flat=True))


def _add_to(meeting: Meeting, suggestion: Suggestion, by: User) -> AgendaItem:
    return meetings.add_item(
        meeting,
        title=_title(suggestion),
        summary=_summary(suggestion),
        purpose=ItemPurpose.DECISION,
        minutes=MINUTES_EACH,
        serves=suggestion.theme.serves if suggestion.theme else None,
        source=suggestion,
        by=by,
    )


def _title(suggestion: Suggestion) -> str:
    title = _readable(suggestion.title, instead="")
    return f"Suggestion {suggestion.reference}: {title}" if title else f"Suggestion {suggestion.reference}"


def _summary(suggestion: Suggestion) -> str:
    number = 1 + suggestion.merged.count()
    said = f"{suggestion.hub}. Said by {number}." if number > 1 else f"{suggestion.hub}."
    on_theme = f" Theme: {suggestion.theme}." if suggestion.theme else ""
    texts_of_it = [
        ("What is happening now", suggestion.now),
        ("What should change", suggestion.change),
        ("What good would look like", suggestion.good),
    ]
    shown = [f"{label}: {_readable(text)}" for label, text in texts_of_it if text]
    return "\n\n".join([said + on_theme, *shown])


def _readable(text: str, instead: str = READ_IT) -> str:
    """``text`` as an agenda may show it. What a person has looked at and released may still look like a number or an
    address of a child, which no agenda or decision takes: there ``instead`` stands for it."""
    return instead if texts.find(text) else Truncator(text).chars(MOST_OF_TEXT)


# --- Answered ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Words:
    """What was typed of an answer, trimmed."""

    answer: Answer
    reason: str
    owner: Owner | None
    what: str
    due: date | None
    who: str

    @property
    def has_action(self) -> bool:
        return bool(self.what or self.due)


@transaction.atomic
def answer(
    suggestion: Suggestion,
    *,
    answer: str,
    reason: str,
    meeting: Meeting,
    by: User,
    owner: Owner | None = None,
    action_what: str = "",
    action_due: date | None = None,
    action_who: str = "",
) -> Response:
    """Record what the Board answered at ``meeting``, and why; the hub's leads are told.

    What is accepted, also in part, needs ``owner`` and an action in the tracker (what, and due when); other answers may
    have them. Its impact is then asked after 3 and 12 months. While the minutes are being written the answer becomes a
    decision in them; else it stands by itself, and ``Response.decision`` is None. Raises ``MoveNotAllowed``,
    ``PermissionDenied``, ``ValidationError`` by field.
    """
    answered = take(ANSWER, suggestion, by=by, note=Answer(answer).label)
    words = _Words(Answer(answer), reason.strip(), owner, action_what.strip(), action_due, action_who.strip())
    _check_words(words)
    held_at = _check_meeting(answered, meeting)
    item, decision = _into_the_minutes(held_at, answered, words, by)
    response = Response.objects.create(
        suggestion=answered,
        answer=words.answer,
        reason=words.reason,
        meeting=held_at,
        item=item,
        decision=decision,
        owner_group=owner if isinstance(owner, Group) else None,
        owner_organisation=owner if isinstance(owner, Organisation) else None,
        action=_open_action(answered, words, by),
        answered_on=held_at.day,
        recorded_by=by,
    )
    _ask_of_impact(response)
    _tell_leads("suggestion_answered", answered, by=by, response=response)
    return response


def _check_words(words: _Words) -> None:
    """Raise ``ValidationError``, by field, where something is missing or the words may identify a child."""
    missing = {} if words.reason else {"reason": "Enter why the Board answers so"}
    missing |= _missing_of_action(words)
    if words.due is not None and words.due < timezone.localdate():
        missing["action_due"] = "The due date must be today or later"
    if missing:
        raise ValidationError(missing)
    if words.owner is not None:
        actions.check_owner(words.owner)
    texts.refuse_identifying(reason=words.reason, action_what=words.what, action_who=words.who)


def _missing_of_action(words: _Words) -> dict[str, str]:
    if words.answer not in DONE_ABOUT_IT and not words.has_action:
        return {}
    wanted = {
        "owner": (words.owner, "Select who sees to it"),
        "action_what": (words.what, "Enter what is to be done"),
        "action_due": (words.due, "Enter the day by which it is to be done"),
    }
    return {name: sentence for name, (value, sentence) in wanted.items() if not value}


def _check_meeting(suggestion: Suggestion, meeting: Meeting) -> Meeting:
    """``meeting`` locked. Raises ``ValidationError`` unless the Board can have answered there."""
    locked = lock(meeting)
    if not board.meetings_to_answer_at(suggestion, timezone.localdate()).filter(pk=locked.pk).exists():
        raise ValidationError(
            {"meeting": "Select a meeting of the Board that has taken place since the suggestion was put to it"}
        )
    return locked


def _into_the_minutes(
    meeting: Meeting, suggestion: Suggestion, words: _Words, by: User
) -> tuple[AgendaItem | None, Decision | None]:
    """The item of the agenda that the answer belongs to and, while the minutes are being written, the decision about
    it. What was raised at the meeting becomes an item of it then."""
    item = board.agenda_items().filter(meeting=meeting, source_id=suggestion.pk).first()
    if meeting.status not in MINUTING:
        return item, None
    item = item or _add_to(meeting, suggestion, by)
    serves = suggestion.theme.serves if suggestion.theme else None
    text = _decision_text(suggestion, words)
    return item, meetings.record_decision(item, by=by, text=text, reason=words.reason, serves=serves)


def _decision_text(suggestion: Suggestion, words: _Words) -> str:
    sentences = [f"{_title(suggestion)}. {words.answer.label}."]
    if words.has_action and words.due is not None:
        sentences.append(f"Action: {words.what} ({words.owner}, by {date_format(words.due, 'j F Y')}).")
    return " ".join(sentences)


def _open_action(suggestion: Suggestion, words: _Words, by: User) -> Action | None:
    if not words.has_action or words.owner is None or words.due is None:
        return None
    return actions.open_action(
        words.owner,
        what=words.what,
        due=words.due,
        who=words.who,
        source=suggestion,
        serves=suggestion.theme.serves if suggestion.theme else None,
        by=by,
    )


def _ask_of_impact(response: Response) -> None:
    if response.action is not None:
        ImpactCheck.objects.bulk_create(
            ImpactCheck(response=response, months=months, due=add_months(response.answered_on, months))
            for months in IMPACT_MONTHS
        )


def leads_of(hub: LearningHub, on: date) -> list[User]:
    """The people who lead ``hub`` on ``on``, by name. One query."""
    return [grant.user for grant in hubs.leads_of(hub, on)]


def _tell_leads(name: str, suggestion: Suggestion, *, by: User, **context: Any) -> None:
    leads = [lead for lead in leads_of(suggestion.hub, timezone.localdate()) if lead != by]
    mail.queue(name, to=leads, about=suggestion, by=by, **context)


# --- Taken back -------------------------------------------------------------------------------------------------------


@transaction.atomic
def correct(suggestion: Suggestion, *, note: str, by: User) -> Suggestion:
    """Take a wrong answer back, as long as nobody was told of it: the suggestion waits for the Board again.

    The answer goes (its history stays), and so do its place in drafts of newsletters and its decision, where the
    minutes are still being written. Its action, if it is not finished, is cancelled, and who held it is told. Raises
    ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError``, and ``TooLate`` once somebody was
    told of it or has said what became of it.
    """
    texts.refuse_identifying(note=note)
    corrected = take(CORRECT, suggestion, by=by, note=note)
    # Locked, so that no draft of a newsletter takes it in while it goes.
    response = Response.objects.select_for_update(of=("self",)).get(suggestion=corrected)
    _refuse_once_known(corrected, response)
    NewsletterItem.objects.filter(response=response).delete()
    decision, action = response.decision, response.action
    response.delete()
    if decision is not None and lock(response.meeting).status in MINUTING:
        meetings.remove_decision(decision, by=by)
    if action is not None and action.is_unfinished:
        _cancel(action, note, by)
    _tell_leads("answer_taken_back", corrected, by=by, note=note)
    return corrected


def _refuse_once_known(suggestion: Suggestion, response: Response) -> None:
    """Raise ``TooLate`` where somebody was told of the answer or is about to be, or its impact was looked at."""
    told = Author.objects.of(suggestion).filter(Q(told_at__isnull=False) | Q(letter__isnull=False))
    if told.exists():
        raise TooLate("Somebody who made this suggestion has been told the answer, so it stays.")
    if issue := _issue_on_its_way(response):
        status = issue.get_status_display().lower()
        raise TooLate(
            f"The answer stands in “{issue}”, which is {status}. Take that back to draft first, if you still can."
        )
    if response.checks.exclude(outcome="").exists():
        raise TooLate("It has been said what became of this answer, so it stays.")


def _issue_on_its_way(response: Response) -> NewsletterIssue | None:
    """An issue that carries the answer to its readers and is no longer a draft; those that carry it are locked."""
    carrying = NewsletterItem.objects.filter(response=response, left_out_because="").values("issue")
    issues = NewsletterIssue.objects.select_for_update(of=("self",)).filter(pk__in=carrying).order_by("pk")
    return next((issue for issue in issues if issue.status != IssueStatus.DRAFT), None)


def _cancel(action: Action, note: str, by: User) -> None:
    """Cancelled by the portal, because whoever corrects an answer need not run the actions of its owner; told as from
    the person."""
    reason = f"The Board’s answer was taken back: {note.strip()}"
    holders = action_reads.holders([action], on=timezone.localdate())[action.pk]
    cancelled = actions.cancel_action(action, by=None, note=reason)
    others = [person for person in holders if person != by]
    mail.queue("action_cancelled", to=others, about=cancelled, by=by, reason=reason)


# --- What became of it ------------------------------------------------------------------------------------------------


@transaction.atomic
def check_impact(check: ImpactCheck, *, outcome: str, text: str, by: User) -> ImpactCheck:
    """Say what became of an answer's action, once its day has come. Everybody reads it.

    Raises ``PermissionDenied``, ``TooLate`` (it has been said, or is asked later), ``ValidationError`` by field.
    """
    locked = lock(check)
    if not by.has_perm(Perm.CHECK_IMPACT, locked.response.suggestion):
        raise PermissionDenied(f"{by} may not say what became of {locked.response.suggestion}")
    if why := why_not_now(locked, timezone.localdate()):
        raise TooLate(why)
    if not text.strip():
        raise ValidationError({"text": "Enter what became of it"})
    texts.refuse_identifying(text=text)
    locked.outcome, locked.text = Impact(outcome), text.strip()
    locked.checked_by, locked.checked_at = by, timezone.now()
    locked.save(update_fields=["outcome", "text", "checked_by", "checked_at"])
    return locked


def why_not_now(check: ImpactCheck, on: date) -> str:
    """Why it cannot be said on ``on`` what became of it, in a sentence; empty if it can."""
    if check.outcome:
        return f"{check.checked_by or 'Somebody'} has said already what became of it: {check.get_outcome_display()}."
    if check.due > on:
        return f"What became of it is asked on {date_format(check.due, 'j F Y')}."
    return ""
