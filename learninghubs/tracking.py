"""The story of a suggestion in plain steps, for its author, its hub and the Board: what has happened, what is next and
by when. Reads only; no person is named in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from learninghubs.choices import MEETINGS_TO_ANSWER, SuggestionStatus
from learninghubs.models import Author, ImpactCheck, Question, Response, Suggestion
from learninghubs.models.suggestions import AT_THE_HUB, DECIDED, SENT_UP, TEXTS
from learninghubs.moves import (
    CONFIRM,
    CORRECT,
    GO_ON,
    MERGE,
    SCREEN,
    SEPARATE,
    SET_ASIDE,
    TAKE_BACK,
    TAKE_UP_AGAIN,
    WITHDRAW,
)
from partnership.choices import HeldTextStatus, MeetingStatus
from partnership.models import Action, AgendaItem, HeldText, Meeting, StatusChange
from partnership.services.people import hash_secret

S = SuggestionStatus

# What its own moves are called in the story. The others are told from what they left behind: questions, the answer.
OWN_MOVES = {
    CONFIRM.verb: "Confirmed by its author",
    SCREEN.verb: "Taken on by the hub",
    GO_ON.verb: "The hub went on without a reply",
    SEPARATE.verb: "Seen to by itself again",
    SET_ASIDE.verb: "Not taken further",
    TAKE_UP_AGAIN.verb: "Taken up again by the hub",
    WITHDRAW.verb: "Withdrawn by its author",
    "hand to another hub": "Handed to another hub",  # no move: its status stays
}
# Those of the suggestion that it was merged into, where it was.
LEADING_MOVES = {
    TAKE_BACK.verb: "Taken back from the Board by the hub",
    CORRECT.verb: "The answer was taken back, to be put right",
}
WITH_REASON = {SET_ASIDE.verb}  # whose note is for the author too


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what, when; ``text`` are somebody's words, ``lines`` ours. One to come has ``by``, or no date."""

    what: str
    at: datetime | None = None
    text: str = ""
    lines: Sequence[str] = ()
    by: date | None = None
    is_late: bool = False

    @property
    def is_next(self) -> bool:
        """Whether it is still to come."""
        return self.at is None


def author_of(secret: str) -> Author | None:
    """Whose private link has ``secret``; None where it opens nothing (any more). One query."""
    found = Author.objects.select_related("suggestion__hub__group", "suggestion__merged_into", "person")
    return found.filter(secret_hash=hash_secret(secret)).first()


def open_question(suggestion: Suggestion) -> Question | None:
    """What the hub has asked and nobody has answered. At most one query."""
    if suggestion.status != S.ASKED:
        return None
    return suggestion.questions.filter(replied_at=None).first()


def may_withdraw(suggestion: Suggestion) -> bool:
    """Whether its author may still take it back: it is at the hub, and no other was merged into it. One query."""
    return suggestion.status in AT_THE_HUB and not suggestion.merged.exists()


@dataclass(frozen=True, slots=True)
class Said:
    """One of the three texts: what it is about, the words, and whether they wait to be looked at."""

    label: str
    text: str
    is_held: bool


def said(suggestion: Suggestion) -> list[Said]:
    """The three texts as others than their writer may see them. One query."""
    rows = HeldText.objects.about(suggestion).filter(status=HeldTextStatus.WAITING)
    waiting = set(rows.values_list("field", flat=True))
    return [Said(label_of(field), getattr(suggestion, field), field in waiting) for field in TEXTS]


def label_of(field: str) -> str:
    """What one of the three texts is about, as a heading: "What is happening now"."""
    return capfirst(Suggestion.label_of(field))


# --- The story --------------------------------------------------------------------------------------------------------


def story_of(suggestion: Suggestion, on: date) -> list[Step]:
    """What has happened to ``suggestion`` by ``on``, the oldest first, then what is to come.

    One that was merged into another shares that one's story from then on. At most ten queries, however long it is.
    """
    leading = suggestion.merged_into or suggestion
    response = _response(leading)
    done = [
        Step(f"Sent to {suggestion.hub}", suggestion.received_at),
        *_moves(suggestion, leading),
        *_questions(suggestion),
        *_sent_up(leading),
        *_meetings_past(leading, on),
        *_answer(response),
        *_told(suggestion),
        *_checked(response),
    ]
    done.sort(key=lambda step: step.at or suggestion.received_at)
    return [*done, *_to_come(suggestion, leading, response, on)]


def _moves(suggestion: Suggestion, leading: Suggestion) -> Iterator[Step]:
    changes = _changes([suggestion, leading])
    for change in changes:
        names = OWN_MOVES if change.about_id == suggestion.pk else {}
        names = names | (LEADING_MOVES if change.about_id == leading.pk else {})
        if change.verb in names:
            yield Step(names[change.verb], change.at, text=change.note if change.verb in WITH_REASON else "")
    yield from _merged(suggestion, leading)


def _changes(suggestions: Sequence[Suggestion]) -> list[StatusChange]:
    about = StatusChange.objects.filter(about_type=ContentType.objects.get_for_model(Suggestion))
    return list(about.filter(about_id__in={one.pk for one in suggestions}).order_by("at", "pk"))


def _merged(suggestion: Suggestion, leading: Suggestion) -> Iterator[Step]:
    """That others ask for the same. Whose words they are is nobody's business; how many there are, everybody's."""
    keys = list(leading.merged.order_by().values_list("pk", flat=True))
    if not keys:
        return
    merges = StatusChange.objects.filter(about_type=ContentType.objects.get_for_model(Suggestion), verb=MERGE.verb)
    last = merges.filter(about_id__in=keys).order_by("-at", "-pk").first()
    number = f"{len(keys)} others" if len(keys) > 1 else "another"
    lines = [f"Together they are {leading}."] if leading != suggestion else []
    at = last.at if last else leading.received_at
    yield Step(f"Brought together with {number} on the same matter", at, lines=lines)


def _questions(suggestion: Suggestion) -> Iterator[Step]:
    held = HeldText.objects.filter(
        about_type=ContentType.objects.get_for_model(Question), status=HeldTextStatus.WAITING
    ).values("about_id")
    questions = list(suggestion.questions.all())
    waiting = set(held.filter(about_id__in=[one.pk for one in questions]).values_list("about_id", flat=True))
    for question in questions:
        yield Step("The hub asked its author", question.asked_at, question.text)
        if question.replied_at and question.pk in waiting:
            yield Step(
                "The author replied", question.replied_at, "", ["The reply waits for the business unit to look."]
            )
        elif question.replied_at and question.reply:
            yield Step("The author replied", question.replied_at, question.reply)


def _sent_up(leading: Suggestion) -> Iterator[Step]:
    if leading.status in SENT_UP and leading.sent_up_at:
        yield Step(f"Put to the {leading.hub.reports_to}", leading.sent_up_at)


# --- The Board --------------------------------------------------------------------------------------------------------


def _meetings_past(leading: Suggestion, on: date) -> Iterator[Step]:
    for meeting in _agenda(leading):
        if meeting.day < on and meeting.took_place:
            yield Step(f"On the agenda of the {meeting.group}", meeting.starts_at)


def _agenda(leading: Suggestion) -> list[Meeting]:
    """The meetings on whose agenda it is or was. One query."""
    items = AgendaItem.objects.on_agenda().filter(
        source_type=ContentType.objects.get_for_model(Suggestion), source_id=leading.pk
    )
    meetings = Meeting.objects.filter(pk__in=items.order_by().values("meeting")).select_related("group")
    return list(meetings.exclude(status=MeetingStatus.CANCELLED))


def _response(leading: Suggestion) -> Response | None:
    if leading.status not in DECIDED:
        return None
    found = Response.objects.filter(suggestion=leading).prefetch_related("checks")
    return found.select_related(
        "meeting__group", "owner_group", "owner_organisation", "action__group", "action__organisation"
    ).first()


def _answer(response: Response | None) -> Iterator[Step]:
    if response is None:
        return
    meeting = response.meeting
    lines = [f"Decided by the {meeting.group} at its meeting on {_words(meeting.day)}."]
    if response.owner:
        lines.append(f"Seen to by {response.owner}.")
    at = max(meeting.ends_at, _evening(response))
    yield Step(f"Answered: {response.get_answer_display()}", at, response.reason, lines)
    if response.action:
        yield _action(response.action, at)


def _evening(response: Response) -> datetime:
    """A time by which the answer stands after all that happened on the day of the meeting."""
    return timezone.make_aware(datetime.combine(response.answered_on, time(18)))


def _action(action: Action, at: datetime) -> Step:
    if action.is_unfinished:
        state = f"{action.get_status_display()}, due on {_words(action.due)}."
    else:
        state = f"{action.get_status_display()} on {_words(action.finished_on or action.due)}."
    return Step(f"Action: {action.what}", at, "", [f"Owner: {action.owner}. {state}"])


def _told(suggestion: Suggestion) -> Iterator[Step]:
    author = getattr(suggestion, "author", None)
    told_at = author.told_at if author else None
    if told_at:
        yield Step("Its author was told the answer", told_at)
    if suggestion.fed_back_at and suggestion.fed_back_at != told_at:
        yield Step("Everybody who asked for it was told", suggestion.fed_back_at)


def _checked(response: Response | None) -> Iterator[Step]:
    for check in response.checks.all() if response else []:
        if check.checked_at:
            yield Step(
                f"What became of it after {check.months} months: {check.get_outcome_display()}",
                check.checked_at,
                check.text,
            )


# --- What is to come --------------------------------------------------------------------------------------------------


def _to_come(suggestion: Suggestion, leading: Suggestion, response: Response | None, on: date) -> Iterator[Step]:
    plain = NEXT.get(S(leading.status))
    if leading.status in AT_THE_HUB and leading.hub.group.ends and leading.hub.group.ends <= on:
        yield Step(f"{leading.hub} has closed: the business unit hands it to another hub")
    elif plain:
        yield Step(plain.format(hub=leading.hub))
    elif leading.status == S.WITH_BOARD:
        yield from _before_the_board(leading, on)
    for check in response.checks.all() if response else []:
        if not check.checked_at:
            yield _to_be_checked(check, on)


NEXT = {
    S.UNCONFIRMED: "Its author confirms the e-mail address",
    S.SUBMITTED: "{hub} reads it, and takes it on or asks back",
    S.ASKED: "Its author replies to the hub",
    S.AT_HUB: "{hub} brings it together with others like it and puts it to the Board, or says why not",
    S.ANSWERED: "Everybody who asked for it is told, by the hub’s newsletter or by letter",
}


def _before_the_board(leading: Suggestion, on: date) -> Iterator[Step]:
    for meeting in _agenda(leading):
        if meeting.is_to_come and meeting.day >= on:
            yield Step(f"On the agenda of the {meeting.group}", by=meeting.day)
    meetings = _meetings_since(leading)
    last = meetings[-1] if len(meetings) == MEETINGS_TO_ANSWER else None
    if last is not None and last.took_place:
        late = f"The Board has met {MEETINGS_TO_ANSWER} times since, and should have answered by {_words(last.day)}."
        yield Step("The Board answers, and gives its reason", lines=[late], by=last.day, is_late=True)
    else:
        within = f"It answers within {MEETINGS_TO_ANSWER} meetings."
        yield Step("The Board answers, and gives its reason", lines=[within], by=last.day if last else None)


def _meetings_since(leading: Suggestion) -> list[Meeting]:
    """The meetings of the Board since it was put to it, as many as it may take to answer. One query."""
    since = timezone.localdate(leading.sent_up_at)
    meetings = Meeting.objects.filter(group=leading.hub.reports_to_id, starts_at__date__gt=since)
    return list(meetings.exclude(status=MeetingStatus.CANCELLED).order_by("starts_at")[:MEETINGS_TO_ANSWER])


def _to_be_checked(check: ImpactCheck, on: date) -> Step:
    return Step(f"After {check.months} months: what became of it", by=check.due, is_late=check.due < on)


def _words(day: date) -> str:
    return date_format(day, "j F Y")
