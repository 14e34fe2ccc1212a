"""The demo's newsletters: readers, six issues that went out, a draft, and one that is approved. Readers and words are
invented; the answers, forums and briefings are those of the demo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain
from random import Random
from typing import Any, Final
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils import timezone

from hscp.lib.dates import add_working_days
from learninghubs import issues as reads
from learninghubs.choices import (
    BriefingStatus,
    DeliveryStatus,
    ForumStatus,
    IssueStatus,
    ItemKind,
    SubscriberSource,
    SubscriberStatus,
    SuggestionStatus,
)
from learninghubs.models import (
    Author,
    Briefing,
    Delivery,
    Forum,
    LearningHub,
    NewsletterIssue,
    NewsletterItem,
    Response,
    Subscriber,
    Suggestion,
    Theme,
)
from learninghubs.moves import APPROVE_ISSUE, FEED_BACK, FINISH_SENDING, START_SENDING
from learninghubs.services.issues import draft_issue
from partnership.demo import DOMAIN
from partnership.demo.people import FIRST_NAMES, LAST_NAMES
from partnership.engine.workflow import Move
from partnership.models import StatusChange, User

SEED: Final = 900
READERS: Final = 900
AGENCIES: Final = ("school", "health", "council", "police", "district", "voluntary")
AT_WORK: Final = slice(1, 3)  # the hubs with an issue at work: a draft, and one that is approved
LONG_BEFORE: Final = timedelta(days=400)  # those who were told by an issue had subscribed before
# Of every hundred readers; the rest are active.
PENDING, SUSPENDED, UNSUBSCRIBED = 4, 2, 3
GOES_OUT: Final = time(10, 0)
LASTS: Final = timedelta(minutes=5)  # from the first message of an issue to the last

# What the unit and the leads wrote in the issues, in their order.
WORDS: Final = (
    (
        "What you asked of the Board",
        "Thank you to everybody who came to our forums. This is what became of what you said.",
        "Training places",
        "There are places on the two-day course for new safeguarding leads. Book through the partnership.",
    ),
    (
        "Feedback after a referral: where it stands",
        "Three of the answers in this issue began with one sentence that somebody said at a forum.",
        "New leaflet for parents",
        "The leaflet on knife crime, written with parents, is ready. Ask the business unit for copies.",
    ),
    (
        "The new theme, and what the last one taught us",
        "We close one theme and open the next. The briefings below sum up what we learned, on one page each.",
        "The business unit in half-term",
        "It is open as usual, except on the Monday.",
    ),
    (
        "Answers from the Board, and forums to come",
        "Every answer has its reason beside it, also where it is no.",
        "Who is who",
        "The list of designated safeguarding leads is checked this month. Tell us if yours has changed.",
    ),
    (
        "What we heard from schools",
        "Schools presented at each of our last forums. Their ideas have gone to the Board.",
        "A day for supervisors",
        "Supervisors from all agencies are to meet for a day. The date will be in the next issue.",
    ),
    (
        "You said, and what has changed since",
        "Some of what the Board agreed is now in place.",
        "Thank you",
        "To the practitioners who read the drafts of the new neglect tool: it is much shorter because of you.",
    ),
)


def load(on: date) -> None:
    """The readers, and for each hub what has gone out by ``on`` and what is being made. The suggestions are there."""
    chance = Random(SEED)
    hubs = list(LearningHub.objects.select_related("group").order_by("group__order", "group__name"))
    sent = [_send_out(hub, day, words) for (hub, day), words in zip(_days(hubs, on), WORDS, strict=False)]
    readers = _make_readers(hubs, _authors_in(sent), on, chance)
    _deliver(sent, readers, chance)
    _tell(sent)
    _make_those_at_work(hubs, on)


def _days(hubs: list[LearningHub], on: date) -> list[tuple[LearningHub, date]]:
    """When the six went out, the oldest first. Of the hubs with an issue at work, the last day on which authors were
    told an answer; of the others, a fortnight after the Board answered last; and an earlier one of the first hub."""
    told = {hub: _days_of_telling(hub, on) for hub in hubs}
    recent = _after_the_last_answers(on)
    last = [(hub, told[hub][0] if hub in hubs[AT_WORK] or recent is None else recent) for hub in hubs]
    return sorted([*last, (hubs[0], _well_before(told[hubs[0]]))], key=lambda pair: pair[1])


def _after_the_last_answers(on: date) -> date | None:
    """A fortnight after the Board's last answers; None if that is still to come."""
    last = Response.objects.order_by("-answered_on").values_list("answered_on", flat=True).first()
    day = last + timedelta(days=14) if last else on
    return day if day < on else None


def _days_of_telling(hub: LearningHub, on: date) -> list[date]:
    """The days on which suggestions of ``hub`` were fed back, the newest first; a month ago if there was none."""
    told = Suggestion.objects.filter(hub=hub, fed_back_at__isnull=False).order_by("-fed_back_at")
    days = [timezone.localdate(at) for at in told.values_list("fed_back_at", flat=True) if at is not None]
    return days or [on - timedelta(days=30)]


def _well_before(days: list[date]) -> date:
    before = days[0] - timedelta(days=28)
    return next((day for day in days if day <= before), before)


def _at(day: date, hour: time = GOES_OUT) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


# --- What went out ----------------------------------------------------------------------------------------------------


def _send_out(hub: LearningHub, day: date, words: tuple[str, str, str, str]) -> NewsletterIssue:
    title, intro, *news = words
    at = _at(day)
    issue: NewsletterIssue = NewsletterIssue.objects.create(
        hub=hub,
        number=hub.issues.count() + 1,
        title=title,
        intro=intro,
        since=day - timedelta(days=28),
        until=day,
        status=IssueStatus.SENT,
        drafted_at=at - timedelta(days=6),
        send_at=at,
        approved_by=_unit(),
        approved_at=at - timedelta(days=1),
        sending_from=at,
        sent_at=at + LASTS,
    )
    _write_items(issue, news)
    _write_changes([issue], ((APPROVE_ISSUE, _unit(), issue.approved_at), (START_SENDING, None, at)))
    _write_changes([issue], ((FINISH_SENDING, None, issue.sent_at),))
    return issue


def _unit() -> User:
    return User.objects.get(email=f"unit@{DOMAIN}")


def _write_items(issue: NewsletterIssue, news: list[str]) -> None:
    items = [*_items_of(issue), NewsletterItem(kind=ItemKind.NEWS, title=news[0], text=news[1])]
    for place, item in enumerate(items, start=1):
        item.issue, item.order = issue, place
    NewsletterItem.objects.bulk_create(items)


def _items_of(issue: NewsletterIssue) -> Iterator[NewsletterItem]:
    """What a draft of that day held, from what is known today."""
    for response in reads.answers_to_tell(issue.hub).filter(_known_by(issue)):
        suggestion = response.suggestion
        yield _item(ItemKind.ANSWER, reads.title_of(suggestion), suggestion, response=response)
    forums = Forum.objects.filter(hub=issue.hub).exclude(status=ForumStatus.CANCELLED).select_related("theme")
    at = _at(issue.until)
    for briefing in _briefings_of(issue):
        yield _item(ItemKind.BRIEFING, briefing.title, briefing.forum, briefing=briefing, text=briefing.context[:600])
    for forum in forums.filter(status=ForumStatus.HELD, starts_at__range=(_at(issue.since), at)):
        yield _item(ItemKind.HELD, str(forum.theme), forum, forum=forum, text=forum.learned[:600])
    for forum in forums.filter(starts_at__range=(at, at + reads.COMING_WITHIN)):
        yield _item(ItemKind.COMING, str(forum.theme), forum, forum=forum, text=forum.about[:600])


def _known_by(issue: NewsletterIssue) -> Q:
    """Answers that had been told by then, and those that nobody has been told yet."""
    return Q(suggestion__fed_back_at__lte=issue.sent_at) | Q(suggestion__fed_back_at=None, answered_on__lte=issue.until)


def _briefings_of(issue: NewsletterIssue) -> Iterable[Briefing]:
    days = (_at(issue.since), _at(issue.until))
    found = Briefing.objects.filter(status=BriefingStatus.PUBLISHED, forum__hub=issue.hub, published_at__range=days)
    return found.select_related("forum")


def _item(kind: ItemKind, title: str, about: Suggestion | Forum, **fields: Any) -> NewsletterItem:
    return NewsletterItem(kind=kind, title=title[:200], theme_id=about.theme_id, **fields)


# --- Readers ----------------------------------------------------------------------------------------------------------


def _authors_in(issues: list[NewsletterIssue]) -> list[tuple[str, LearningHub]]:
    """The addresses of those whose suggestions the issues answer, each with its hub."""
    found: dict[str, LearningHub] = {}
    for issue in issues:
        for author in _authors_of(issue).exclude(email=""):
            found.setdefault(author.email.casefold(), issue.hub)
    return list(found.items())


def _authors_of(issue: NewsletterIssue) -> Any:
    answered = issue.items.exclude(response=None).values("response__suggestion")
    theirs = Q(suggestion__in=answered) | Q(suggestion__merged_into__in=answered)
    return Author.objects.filter(theirs, suggestion__hub=issue.hub, confirmed_at__isnull=False)


def _make_readers(
    hubs: list[LearningHub], authors: list[tuple[str, LearningHub]], on: date, chance: Random
) -> list[Subscriber]:
    """Those who made suggestions, and others until there are ``READERS``; each with the hubs and themes they chose."""
    made = [_reader(email, SubscriberStatus.ACTIVE, on - LONG_BEFORE, chance) for email, _ in authors[:READERS]]
    made += [_reader(email, _status(n), on, chance) for n, email in enumerate(_addresses(READERS - len(made), chance))]
    readers = Subscriber.objects.bulk_create(made)
    chosen = [[hub] for _, hub in authors[:READERS]]
    chosen += [chance.sample(hubs, min(len(hubs), chance.choice((1, 1, 1, 2)))) for _ in readers[len(chosen) :]]
    Subscriber.hubs.through.objects.bulk_create(
        Subscriber.hubs.through(subscriber=reader, learninghub=hub)
        for reader, its_hubs in zip(readers, chosen, strict=True)
        for hub in its_hubs
    )
    _choose_themes(readers[len(authors) :], chance)
    return readers


def _addresses(number: int, chance: Random) -> Iterator[str]:
    first, last = FIRST_NAMES.split(), LAST_NAMES.split()
    for n in range(number):
        name = f"{chance.choice(first)}.{chance.choice(last)}".lower()
        yield f"{name}{n}@{chance.choice(AGENCIES)}.{DOMAIN}"


def _status(n: int) -> SubscriberStatus:
    place = n % 100
    if place < PENDING:
        return SubscriberStatus.PENDING
    if place < PENDING + SUSPENDED:
        return SubscriberStatus.SUSPENDED
    if place < PENDING + SUSPENDED + UNSUBSCRIBED:
        return SubscriberStatus.UNSUBSCRIBED
    return SubscriberStatus.ACTIVE


def _reader(email: str, status: SubscriberStatus, on: date, chance: Random) -> Subscriber:
    is_new = status == SubscriberStatus.PENDING
    asked = _at(on) - timedelta(days=chance.randrange(6) if is_new else chance.randrange(90, 400))
    return Subscriber(
        email=email,
        status=status,
        source=SubscriberSource.SELF if is_new else chance.choice(SubscriberSource.values),
        asked_at=asked,
        confirmed_at=None if is_new else asked + timedelta(minutes=chance.randrange(2, 600)),
    )


def _choose_themes(readers: list[Subscriber], chance: Random) -> None:
    themes = list(Theme.objects.all())
    choosing = readers[::7] if themes else []
    Subscriber.themes.through.objects.bulk_create(
        Subscriber.themes.through(subscriber=reader, theme=chance.choice(themes)) for reader in choosing
    )


# --- What went to whom ------------------------------------------------------------------------------------------------


def _deliver(issues: list[NewsletterIssue], readers: list[Subscriber], chance: Random) -> None:
    by_hub: dict[int, list[Subscriber]] = {}
    there = {reader.pk: reader for reader in readers if reader.status != SubscriberStatus.PENDING}
    for chosen in Subscriber.hubs.through.objects.filter(subscriber__in=there):
        by_hub.setdefault(chosen.learninghub_id, []).append(there[chosen.subscriber_id])
    Delivery.objects.bulk_create(
        chain.from_iterable(
            (_delivery(issue, reader, chance) for reader in by_hub.get(issue.hub_id, ()) if _was_there(reader, issue))
            for issue in issues
        ),
        batch_size=1000,
    )


def _was_there(reader: Subscriber, issue: NewsletterIssue) -> bool:
    """Whether ``reader`` had confirmed their address when ``issue`` went out."""
    return (reader.confirmed_at or issue.drafted_at) < (issue.sending_from or issue.drafted_at)


def _delivery(issue: NewsletterIssue, reader: Subscriber, chance: Random) -> Delivery:
    """Sent, but for a few; those who are suspended had it come back."""
    number = UUID(int=chance.getrandbits(128))
    delivery = Delivery(issue=issue, subscriber=reader, message_id=f"<{number}@{DOMAIN}>", attempts=1)
    sent_at = (issue.sending_from or issue.drafted_at) + timedelta(seconds=chance.randrange(1, LASTS.seconds))
    delivery.next_attempt_at = sent_at
    if reader.status == SubscriberStatus.SUSPENDED:
        delivery.status, delivery.error = DeliveryStatus.BOUNCED, "5.1.1 The mailbox does not exist"
    elif reader.source == SubscriberSource.IMPORTED and chance.random() < 0.01:
        delivery.status, delivery.error, delivery.attempts = DeliveryStatus.FAILED, "4.2.2 The mailbox is full", 7
    else:
        delivery.status, delivery.sent_at = DeliveryStatus.SENT, sent_at
    return delivery


def _tell(issues: list[NewsletterIssue]) -> None:
    """Those whom nobody had told of the answers in an issue were told by it."""
    for issue in issues:
        told = Suggestion.objects.filter(response__items__issue=issue, status=SuggestionStatus.ANSWERED)
        _write_changes(list(told), ((FEED_BACK, None, issue.sent_at),))
        mains = list(told.values_list("pk", flat=True))
        _authors_of(issue).filter(told_at=None).update(told_at=issue.sent_at)
        Suggestion.objects.filter(pk__in=mains).update(status=SuggestionStatus.FED_BACK, fed_back_at=issue.sent_at)


def _write_changes(records: list[Any], steps: Iterable[tuple[Move, User | None, Any]]) -> None:
    """The moves of ``records`` as they are recorded, with the time of each."""
    if not records:
        return
    about = ContentType.objects.get_for_model(records[0])
    StatusChange.objects.bulk_create(
        StatusChange(
            about_type=about,
            about_id=record.pk,
            verb=move.verb,
            from_status=next(iter(move.sources)),
            to_status=move.target,
            by=by,
            at=at,
        )
        for record in records
        for move, by, at in steps
    )


# --- What is being made -----------------------------------------------------------------------------------------------


def _make_those_at_work(hubs: list[LearningHub], on: date) -> None:
    """A draft of the second hub, and the third's issue, which is approved and goes out on the next working day."""
    unit, now = _unit(), timezone.now()
    _, approved = (draft_issue(hub, on=on, by=unit) for hub in hubs[AT_WORK])
    if approved is None:  # never: none is at work yet
        return
    NewsletterIssue.objects.filter(pk=approved.pk).update(
        status=IssueStatus.APPROVED,
        title="Answers to what you asked",
        intro="Here is what the Board said to you, each time with its reason.",
        send_at=_at(add_working_days(on, 1)),
        approved_by=unit,
        approved_at=now,
    )
    _write_changes([approved], ((APPROVE_ISSUE, unit, now),))
