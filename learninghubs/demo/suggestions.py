"""The demo's suggestions: some 120 in every state, from the form to what became of the action after a year.

The Board is the demo's, with its meetings; what is suggested, answered and done is invented, and so are the authors.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count, cycle, pairwise
from random import Random
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from hscp.lib.dates import add_months
from learninghubs.choices import IMPACT_MONTHS, Answer, Impact, SuggestionStatus
from learninghubs.demo import suggestion_words as words
from learninghubs.demo.hubs import BOARD
from learninghubs.models import (
    Author,
    Forum,
    ImpactCheck,
    LearningHub,
    Question,
    ReferenceYear,
    Response,
    Suggestion,
    Theme,
)
from learninghubs.moves import (
    ANSWER,
    ASK_BACK,
    CONFIRM,
    FEED_BACK,
    MERGE,
    REPLY,
    SCREEN,
    SEND_UP,
    SET_ASIDE,
    WITHDRAW,
)
from partnership.choices import ActionStatus, ItemOrigin, ItemPurpose, MeetingStatus, Role
from partnership.demo import DOMAIN
from partnership.engine.workflow import Move
from partnership.models import Action, AgendaItem, Group, HeldText, Meeting, Organisation, RoleGrant, StatusChange, User
from partnership.services.people import hash_secret

SEED: Final = 417
S = SuggestionStatus
PRACTITIONER: Final = f"practitioner@{DOMAIN}"

# How many there are of each, beside those that the Board has answered.
WAITING: Final = {S.UNCONFIRMED: 4, S.SUBMITTED: 10, S.ASKED: 5, S.AT_HUB: 16, S.SET_ASIDE: 7, S.WITHDRAWN: 4}
IN_TIME, OVERDUE = 8, 6  # of those with the Board: it has met once since, or twice
ANSWERED, FED_BACK, MERGED = 10, 38, 12
DAYS_AGO: Final = {  # since a suggestion in this state was written
    S.UNCONFIRMED: (1, 9),
    S.SUBMITTED: (1, 18),
    S.ASKED: (12, 40),
    S.AT_HUB: (15, 70),
    S.SET_ASIDE: (60, 300),
    S.WITHDRAWN: (30, 250),
}
ANSWERS: Final = (
    Answer.ACCEPTED,
    Answer.IN_PART,
    Answer.ACCEPTED,
    Answer.ALREADY,
    Answer.ACCEPTED,
    Answer.NOT_NOW,
    Answer.NO,
)
PRACTITIONERS_OWN: Final = {S.SUBMITTED: 1, S.ASKED: 1, S.AT_HUB: 1, S.WITH_BOARD: 1, S.ANSWERED: 1, S.FED_BACK: 2}


@dataclass(slots=True)
class Draft:
    """One suggestion that is to be: its topic, hub, state, and the days of its life."""

    topic: words.Topic
    hub: LearningHub
    status: S
    written: date
    sent_up: date | None = None
    meeting: Meeting | None = None
    told: date | None = None
    into: Draft | None = None
    suggestion: Suggestion = field(default_factory=Suggestion)


class Story:
    """All that is made, written in as few statements as there are tables."""

    def __init__(self, on: date) -> None:
        self.on, self.chance = on, Random(SEED)
        self.hubs = list(LearningHub.objects.select_related("group", "reports_to"))
        self.unit = User.objects.get(email=f"unit@{DOMAIN}")
        self.practitioner = User.objects.get(email=PRACTITIONER)
        self.leads = {grant.group_id: grant.user for grant in self._grants()}
        self.agencies = list(Organisation.objects.existing_on(on).other_than_schools())
        self.themes = list(Theme.objects.all())
        self.topics = {slug: cycle(_topics_of(slug)) for slug in ("", *(theme.slug for theme in self.themes))}
        self.turn = cycle(self.hubs)
        self.about = ContentType.objects.get_for_model(Suggestion)
        self.changes: list[StatusChange] = []
        self.answers = cycle(ANSWERS)
        self.names = zip(cycle(words.FIRST_NAMES.split()), cycle(words.LAST_NAMES.split()), strict=False)
        self.board = Group.objects.get(slug=BOARD)

    def _grants(self) -> Any:
        return RoleGrant.objects.active(self.on).filter(role=Role.HUB_LEAD).select_related("user")

    # --- What there is to be ------------------------------------------------------------------------------------------

    def drafts(self, past: list[Meeting]) -> list[Draft]:
        """Every suggestion that leads its own life. Those that were merged come after (``merged``)."""
        made = [self._waiting(status) for status, number in WAITING.items() for _ in range(number)]
        made += [self._with_board(past[-2].day, past[-1].day) for _ in range(IN_TIME)]
        made += [self._with_board(past[-3].day, past[-2].day) for _ in range(OVERDUE)]
        made += [self._answered(past[-1], told=False) for _ in range(ANSWERED)]
        earlier = cycle(past[:-1])
        made += [self._answered(next(earlier), told=True) for _ in range(FED_BACK)]
        return made

    def _draft(self, status: S, written: date, **more: Any) -> Draft:
        """Half of what is written while there is a theme is about it."""
        theme = self._theme_on(written)
        topics = self.topics[theme.slug if theme and self.chance.random() < 0.5 else ""]
        return Draft(next(topics), next(self.turn), status, written, **more)

    def _theme_on(self, day: date) -> Theme | None:
        return next((theme for theme in self.themes if theme.is_on(day)), None)

    def _waiting(self, status: S) -> Draft:
        return self._draft(status, self.on - timedelta(days=self.chance.randint(*DAYS_AGO[status])))

    def _with_board(self, after: date, before: date) -> Draft:
        """One that was put to the Board between two of its meetings."""
        sent_up = after + (before - after) * self.chance.uniform(0.3, 0.7)
        return self._draft(S.WITH_BOARD, self._before(sent_up), sent_up=sent_up)

    def _answered(self, meeting: Meeting, *, told: bool) -> Draft:
        sent_up = meeting.day - timedelta(days=self.chance.randint(9, 35))
        told_on = min(meeting.day + timedelta(days=self.chance.randint(9, 24)), self.on) if told else None
        status = S.FED_BACK if told else S.ANSWERED
        return self._draft(status, self._before(sent_up), sent_up=sent_up, meeting=meeting, told=told_on)

    def _before(self, day: date) -> date:
        return day - timedelta(days=self.chance.randint(12, 45))

    def merged(self, drafts: list[Draft]) -> list[Draft]:
        """Others on the same matter, which were brought together with it."""
        leading = [one for one in drafts if one.status in {S.AT_HUB, S.WITH_BOARD, S.FED_BACK}]
        chosen = self.chance.sample(leading, MERGED - 3)
        return [
            Draft(one.topic, one.hub, S.MERGED, one.written + timedelta(days=self.chance.randint(0, 6)), into=one)
            for one in [*chosen, *chosen[:3]]
        ]

    # --- Suggestions and authors --------------------------------------------------------------------------------------

    def write(self, drafts: list[Draft]) -> None:
        """Suggestions in the order in which they were written, with their references."""
        drafts.sort(key=lambda draft: draft.written)
        numbers: dict[int, Iterator[int]] = defaultdict(lambda: count(1))
        forums = list(Forum.objects.all())
        for draft in drafts:
            year = draft.written.year
            draft.suggestion = self._suggestion(draft, f"S-{year}-{next(numbers[year]):04d}", forums)
        Suggestion.objects.bulk_create(draft.suggestion for draft in drafts if draft.into is None)
        for draft in drafts:
            if draft.into is not None:
                draft.suggestion.merged_into = draft.into.suggestion
        Suggestion.objects.bulk_create(draft.suggestion for draft in drafts if draft.into is not None)
        ReferenceYear.objects.bulk_create(
            ReferenceYear(year=year, last=next(number) - 1) for year, number in numbers.items()
        )

    def _suggestion(self, draft: Draft, reference: str, forums: list[Forum]) -> Suggestion:
        forum = next((one for one in forums if one.hub_id == draft.hub.pk and _soon_after(one, draft.written)), None)
        theme = self._theme_on(draft.written)
        is_new = draft.status in {S.UNCONFIRMED, S.SUBMITTED}
        now = f"{self.chance.choice(words.WHERE)} {draft.topic.now}{self.chance.choice(words.ALSO)}"
        return Suggestion(
            reference=reference,
            hub=draft.hub,
            theme=theme if theme and (forum or theme.slug == draft.topic.theme) else None,
            forum=forum,
            agency=self.chance.choice(self.agencies) if self.chance.random() < 0.85 else None,
            title="" if is_new else draft.topic.title,
            now=now,
            change=draft.topic.change,
            good=draft.topic.good,
            may_be_shared=self.chance.random() < 0.85,
            status=draft.status,
            received_at=_at(draft.written, 11),
            sent_up_at=_at(draft.sent_up, 15) if draft.sent_up else None,
            fed_back_at=_at(draft.told, 10) if draft.told else None,
        )

    def add_authors(self, drafts: list[Draft]) -> None:
        """Most without an account; a few are the practitioner's who can sign in."""
        own, places = Counter[str](), count()
        authors = []
        for draft in drafts:
            is_own = own[draft.status] < PRACTITIONERS_OWN.get(draft.status, 0)
            own[draft.status] += is_own
            authors.append(self._author(draft, next(places), is_own=is_own))
        Author.objects.bulk_create(authors)

    def _author(self, draft: Draft, place: int, *, is_own: bool) -> Author:
        first, last = next(self.names)
        told = draft.into.told if draft.into else draft.told
        sent_at = _at(draft.written, 11)
        return Author(
            suggestion=draft.suggestion,
            person=self.practitioner if is_own else None,
            name=self.practitioner.name if is_own else f"{first} {last}" if place % 4 else "",
            email=PRACTITIONER if is_own else f"{first}.{last}{place}@{DOMAIN}".lower(),
            secret_hash=hash_secret(secrets.token_urlsafe(32)),
            link_sent_at=sent_at,
            confirmed_at=None if draft.status == S.UNCONFIRMED else sent_at + timedelta(minutes=20),
            told_at=_at(told, 10) if told else None,
        )

    # --- At the hub ---------------------------------------------------------------------------------------------------

    def see_to(self, draft: Draft) -> None:
        """How it came to be where it is, as the rows of its history say."""
        if draft.status == S.UNCONFIRMED:
            return
        day, lead = draft.written, self.leads[draft.hub.group_id]
        self._change(draft, CONFIRM, S.UNCONFIRMED, day, None)
        if draft.status in {S.SUBMITTED, S.WITHDRAWN}:
            self._end(draft, S.SUBMITTED, lead)
            return
        self._change(draft, SCREEN, S.SUBMITTED, day + timedelta(days=2), lead)
        self._end(draft, S.AT_HUB, lead)

    def _end(self, draft: Draft, before: S, lead: User) -> None:
        later = draft.written + timedelta(days=6)
        if draft.status == S.WITHDRAWN:
            self._change(draft, WITHDRAW, before, later, None)
        elif draft.status == S.SET_ASIDE:
            self._change(draft, SET_ASIDE, before, later, lead, self.chance.choice(words.NOT_TAKEN))
        elif draft.status == S.MERGED:
            self._change(draft, MERGE, before, later, lead)
        elif draft.sent_up:
            self._change(draft, SEND_UP, before, draft.sent_up, lead)
            self._answer_and_tell(draft)

    def _answer_and_tell(self, draft: Draft) -> None:
        if draft.meeting:
            self._change(draft, ANSWER, S.WITH_BOARD, draft.meeting.day, self.unit)
        if draft.told:
            self._change(draft, FEED_BACK, S.ANSWERED, draft.told, None)

    def _change(self, draft: Draft, move: Move, before: S, day: date, by: User | None, note: str = "") -> None:
        self.changes.append(
            StatusChange(
                about_type=self.about,
                about_id=draft.suggestion.pk,
                verb=move.verb,
                from_status=before,
                to_status=move.target,
                by=by,
                at=_at(day, 16 if move in {ANSWER, SEND_UP} else 12),
                note=note,
            )
        )

    def ask(self, drafts: list[Draft]) -> None:
        """Questions: one that waits for each that was asked, and some that were answered."""
        asked = [draft for draft in drafts if draft.status == S.ASKED]
        replied = [draft for draft in drafts if draft.status in {S.AT_HUB, S.FED_BACK}][::4]
        questions = zip([*asked, *replied], cycle(words.QUESTIONS), strict=False)
        Question.objects.bulk_create(self._question(draft, *pair) for draft, pair in questions)

    def _question(self, draft: Draft, text: str, reply: str) -> Question:
        lead, is_open = self.leads[draft.hub.group_id], draft.status == S.ASKED
        day = draft.written + timedelta(days=4)
        self._change(draft, ASK_BACK, S.AT_HUB, day, lead)
        if not is_open:
            self._change(draft, REPLY, S.ASKED, day + timedelta(days=1), None)
        return Question(
            suggestion=draft.suggestion,
            text=text,
            asked_by=lead,
            asked_at=_at(day, 13),
            reply="" if is_open else reply,
            replied_at=None if is_open else _at(day + timedelta(days=1), 9),
        )

    def hold(self, drafts: list[Draft]) -> None:
        """Texts that wait for the business unit; their fields are empty meanwhile."""
        new = [draft.suggestion for draft in drafts if draft.status == S.SUBMITTED]
        held = new[-len(words.HELD) :]
        for suggestion, text in zip(held, words.HELD, strict=True):
            suggestion.now = ""
            HeldText.objects.create(
                about=suggestion,
                field="now",
                text=f"In our team {text}",
                kinds="phone",
                written_at=suggestion.received_at,
            )
        Suggestion.objects.bulk_update(held, ["now"])

    # --- The Board ----------------------------------------------------------------------------------------------------

    def answer(self, drafts: list[Draft]) -> None:
        """The Board's answers with their actions, and what became of them."""
        answered = [draft for draft in drafts if draft.meeting]
        responses = [self._response(draft) for draft in answered]
        Action.objects.bulk_create(response.action for response in responses if response.action)
        Response.objects.bulk_create(responses)
        due = [(response, months) for response in responses if response.action for months in IMPACT_MONTHS]
        ImpactCheck.objects.bulk_create(self._check(response, months) for response, months in due)

    def _response(self, draft: Draft) -> Response:
        meeting: Any = draft.meeting
        answer = next(self.answers)
        is_done = answer in {Answer.ACCEPTED, Answer.IN_PART}
        owner = self.chance.choice(self.agencies) if is_done and self.chance.random() < 0.7 else None
        return Response(
            suggestion=draft.suggestion,
            answer=answer,
            reason=draft.topic.reason if is_done else self.chance.choice(words.REASONS[answer]),
            meeting=meeting,
            owner_organisation=owner,
            owner_group=self.board if is_done and owner is None else None,
            action=self._action(draft, meeting, owner) if is_done else None,
            answered_on=meeting.day,
            recorded_by=self.unit,
            recorded_at=_at(meeting.day, 16),
        )

    def _action(self, draft: Draft, meeting: Meeting, owner: Organisation | None) -> Action:
        """One that was given long ago is done; newer ones are under way, and some of them late."""
        due = meeting.day + timedelta(days=self.chance.choice((45, 70, 100)))
        is_done = due + timedelta(days=20) < self.on and self.chance.random() < 0.85
        theme = draft.suggestion.theme
        return Action(
            organisation=owner,
            group=None if owner else self.board,
            what=draft.topic.action,
            due=due,
            serves_id=theme.serves_id if theme else None,
            status=ActionStatus.DONE if is_done else self.chance.choice((ActionStatus.OPEN, ActionStatus.IN_PROGRESS)),
            evidence=self.chance.choice(words.EVIDENCE) if is_done else "",
            finished_on=due - timedelta(days=self.chance.randint(0, 15)) if is_done else None,
            source_type=self.about,
            source_id=draft.suggestion.pk,
            created_by=self.unit,
            created_at=_at(meeting.day, 16),
            given_on=meeting.day,
        )

    def _check(self, response: Response, months: int) -> ImpactCheck:
        """Most that are due have been answered; some are late."""
        due = add_months(response.answered_on, months)
        check = ImpactCheck(response=response, months=months, due=due)
        if due < self.on and self.chance.random() < 0.8:
            check.outcome, check.text = self.chance.choice(
                (
                    (Impact.SHOWN, self.chance.choice(words.SHOWN)),
                    (Impact.SHOWN, self.chance.choice(words.SHOWN)),
                    (Impact.NOT_SHOWN, self.chance.choice(words.NOT_SHOWN)),
                    (Impact.TOO_EARLY, "The action was finished late. It is looked at again next time."),
                )
            )
            check.checked_by = self.leads[response.suggestion.hub.group_id]
            check.checked_at = _at(min(due + timedelta(days=5), self.on), 9)
        return check

    def put_on_agenda(self, drafts: list[Draft]) -> None:
        """Half of what waits for the Board stands on the agenda of its next meeting."""
        to_come = Meeting.objects.filter(group=self.board, starts_at__date__gt=self.on)
        meeting = to_come.order_by("starts_at").first()
        if meeting is None:
            return
        waiting = [draft.suggestion for draft in drafts if draft.status == S.WITH_BOARD][::2]
        first = max(meeting.items.on_agenda().values_list("order", flat=True), default=0) + 1
        AgendaItem.objects.bulk_create(
            AgendaItem(
                meeting=meeting,
                order=order,
                title=f"{suggestion.reference}: {suggestion.title}",
                summary=f"{suggestion.now}\n\n{suggestion.change}\n\n{suggestion.good}",
                purpose=ItemPurpose.DECISION,
                origin=ItemOrigin.ADDED,
                source_type=self.about,
                source_id=suggestion.pk,
            )
            for order, suggestion in enumerate(waiting, start=first)
        )


def load(on: date) -> None:
    """Suggestions as they are on ``on``. The hubs, themes, forums and the Board's meetings are there already."""
    story = Story(on)
    drafts = story.drafts(_meetings(story.board, on))
    drafts += story.merged(drafts)
    story.write(drafts)
    story.add_authors(drafts)
    for draft in drafts:
        story.see_to(draft)
    story.ask(drafts)
    story.hold(drafts)
    story.answer(drafts)
    story.put_on_agenda(drafts)
    StatusChange.objects.bulk_create(sorted(story.changes, key=lambda change: change.at))


def _meetings(board: Group, on: date) -> list[Meeting]:
    """The meetings that the Board has had, the oldest first: those of the last year, and two before them, so that some
    answers are more than a year old."""
    past = list(Meeting.objects.took_place().filter(group=board, starts_at__date__lt=on).order_by("starts_at"))
    first = past[0]
    earlier = Meeting.objects.bulk_create(
        Meeting(
            group=board,
            starts_at=first.starts_at - timedelta(weeks=weeks),
            ends_at=first.ends_at - timedelta(weeks=weeks),
            place=first.place,
            status=MeetingStatus.HELD,
            called_at=first.starts_at - timedelta(weeks=weeks + 1),
        )
        for weeks in (16, 8)
    )
    for meeting, following in pairwise([*earlier, first]):
        Meeting.objects.filter(pk=meeting.pk).update(
            status=MeetingStatus.AGREED, agreed_at=following, agreed_on=following.day
        )
    return [*earlier, *past]


def _topics_of(slug: str) -> list[words.Topic]:
    """The topics of a theme; for none, those that belong to none. For a theme without any, all."""
    return [topic for topic in words.TOPICS if topic.theme == slug] or list(words.TOPICS)


def _soon_after(forum: Forum, day: date) -> bool:
    """Whether somebody who writes on ``day`` may have been at ``forum``."""
    return forum.day <= day <= forum.day + timedelta(days=6)


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 5)))
