"""What stands in an issue of a newsletter, in words; and what has happened since the last. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator

from learninghubs.choices import Answer, BriefingStatus, ForumStatus, IssueStatus, ItemKind
from learninghubs.models import (
    Briefing,
    Forum,
    LearningHub,
    NewsletterIssue,
    NewsletterItem,
    Response,
    SchoolSession,
    Suggestion,
)
from learninghubs.models.suggestions import DECIDED
from partnership.models import Document

AT_WORK = (IssueStatus.DRAFT, IssueStatus.APPROVED)
WENT_OUT = (IssueStatus.SENDING, IssueStatus.SENT)
TOLD_LATE = timedelta(days=60)  # a forum or briefing that was recorded late is still told of
COMING_WITHIN = timedelta(days=92)  # forums and sessions further ahead are for a later issue
MOST_ASKED = 60  # words of a suggestion; the whole of it is on the page of answers
MOST_TEXT = 600  # characters of what a draft takes from a forum or briefing, whose page has the whole

# --- Issues and their rhythm ------------------------------------------------------------------------------------------


def at_work(hub: LearningHub) -> NewsletterIssue | None:
    """The issue of ``hub`` that is being made or waits to be sent; None if there is none."""
    return NewsletterIssue.objects.filter(hub=hub, status__in=AT_WORK).first()


def newest(hub: LearningHub) -> NewsletterIssue | None:
    """The issue of ``hub`` with the highest number."""
    return NewsletterIssue.objects.filter(hub=hub).order_by("-number").first()


def is_due(hub: LearningHub, *, on: date) -> bool:
    """Whether the clock makes the next draft for ``hub`` on ``on``: none is at work, and the last day that the newest
    tells of is ``NEWSLETTER_EVERY_WEEKS`` ago, or there was none. Two queries."""
    if at_work(hub) is not None:
        return False
    last = newest(hub)
    return last is None or on >= last.until + timedelta(weeks=settings.NEWSLETTER_EVERY_WEEKS)


def first_day(hub: LearningHub, *, on: date) -> date:
    """The first day that an issue drafted on ``on`` tells of: the day after the newest issue's last, but not after
    ``on``."""
    last = newest(hub)
    if last is None:
        return on - timedelta(weeks=settings.NEWSLETTER_EVERY_WEEKS)
    return min(last.until + timedelta(days=1), on)


def without_pdf(kind: str) -> list[NewsletterIssue]:
    """The issues that have begun to go out and have no document of ``kind``, in whatever state. One query."""
    about = ContentType.objects.get_for_model(NewsletterIssue)
    wanted = Document.objects.filter(kind=kind, about_type=about).values("about_id")
    return list(NewsletterIssue.objects.published().exclude(pk__in=wanted))


def usual_title(hub: LearningHub, *, on: date) -> str:
    """What an issue is called until somebody gives it a better title."""
    return Truncator(f"{hub}: news of {date_format(on, 'F Y')}").chars(150)


# --- What has happened ------------------------------------------------------------------------------------------------


def answers_to_tell(hub: LearningHub) -> QuerySet[Response]:
    """The Board's answers that readers of ``hub`` have not had: to its own suggestions, and to those of another hub
    into which one of its own was merged. An answer that was left out of every issue so far is still among them."""
    own = Q(suggestion__hub=hub) | Q(suggestion__in=Suggestion.objects.filter(merged__hub=hub).values("pk"))
    gone_out = NewsletterItem.objects.filter(issue__hub=hub, issue__status__in=WENT_OUT, left_out_because="")
    told = gone_out.exclude(response=None).values("response")
    answers = Response.objects.filter(own, suggestion__status__in=DECIDED).exclude(pk__in=told)
    return answers.select_related("suggestion").order_by("answered_on", "pk")


def missing_answers(issue: NewsletterIssue) -> QuerySet[Response]:
    """Those of ``answers_to_tell`` that are no items of ``issue``, not even ones left out."""
    return answers_to_tell(issue.hub).exclude(pk__in=_standing(_of_issue(issue), "response"))


def new_items(issue: NewsletterIssue, *, at: datetime) -> list[NewsletterItem]:
    """Unsaved items for what has happened and is not in ``issue`` yet, in the order of a draft. Five queries."""
    return [item for find in FINDERS for item in find(issue, at)]


def _answers(issue: NewsletterIssue, at: datetime) -> Iterator[NewsletterItem]:
    for response in missing_answers(issue):
        yield _item(ItemKind.ANSWER, title_of(response.suggestion), response.suggestion, response=response)


def title_of(suggestion: Suggestion) -> str:
    """What a suggestion is called in a newsletter: the hub lead's words, or the first of its author's."""
    return suggestion.title or Truncator(suggestion.change).words(12) or f"Suggestion {suggestion.reference}"


def _briefings(issue: NewsletterIssue, at: datetime) -> Iterator[NewsletterItem]:
    since = issue.since - TOLD_LATE
    found = Briefing.objects.published().filter(forum__hub=issue.hub, published_at__date__gte=since)
    for briefing in found.exclude(pk__in=_standing(_of_hub(issue), "briefing")).select_related("forum").reverse():
        yield _item(ItemKind.BRIEFING, briefing.title, briefing.forum, briefing=briefing, text=_short(briefing.context))


def _held(issue: NewsletterIssue, at: datetime) -> Iterator[NewsletterItem]:
    found = Forum.objects.held().filter(hub=issue.hub, starts_at__date__gte=issue.since - TOLD_LATE)
    told = _standing(_of_hub(issue).filter(kind=ItemKind.HELD), "forum")
    for forum in found.exclude(pk__in=told).select_related("theme").reverse():
        text = _short(forum.learned or forum.discussed)
        yield _item(ItemKind.HELD, str(forum.theme), forum, forum=forum, text=text)


def _coming(issue: NewsletterIssue, at: datetime) -> Iterator[NewsletterItem]:
    found = Forum.objects.to_come(at).filter(hub=issue.hub, starts_at__range=(at, at + COMING_WITHIN))
    told = _standing(_of_issue(issue).filter(kind=ItemKind.COMING), "forum")
    for forum in found.exclude(pk__in=told).select_related("theme"):
        yield _item(ItemKind.COMING, str(forum.theme), forum, forum=forum, text=_short(forum.about))


def _sessions(issue: NewsletterIssue, at: datetime) -> Iterator[NewsletterItem]:
    found = SchoolSession.objects.filter(starts_at__range=(at, at + COMING_WITHIN))
    for session in found.exclude(pk__in=_standing(_of_issue(issue), "session")):
        yield _item(ItemKind.SESSION, session.title, session, session=session, text=_short(session.about))


FINDERS: tuple[Callable[[NewsletterIssue, datetime], Iterator[NewsletterItem]], ...] = (
    _answers,
    _briefings,
    _held,
    _coming,
    _sessions,
)


def _item(kind: ItemKind, title: str, about: Any, **fields: Any) -> NewsletterItem:
    return NewsletterItem(kind=kind, title=Truncator(title).chars(200), theme_id=about.theme_id, **fields)


def _short(text: str) -> str:
    return Truncator(text).chars(MOST_TEXT)


def _of_issue(issue: NewsletterIssue) -> QuerySet[NewsletterItem]:
    """The items of ``issue``, which need not be saved yet."""
    return NewsletterItem.objects.filter(issue=issue.pk)


def _of_hub(issue: NewsletterIssue) -> QuerySet[NewsletterItem]:
    """The items of every issue of the hub, this one too: what was left out of one does not come in the next."""
    return NewsletterItem.objects.filter(issue__hub=issue.hub)


def _standing(items: Any, source: str) -> Any:
    """The ids of the answers, forums, … that ``items`` are about."""
    return items.exclude(**{source: None}).values(source)


def no_longer_so(issue: NewsletterIssue, *, at: datetime) -> QuerySet[NewsletterItem]:
    """Items of a draft whose reason is gone: an answer taken back, a forum cancelled or over, a briefing taken back, a
    session over or removed."""
    gone = (
        Q(kind=ItemKind.ANSWER) & ~Q(response__suggestion__status__in=DECIDED),
        Q(kind=ItemKind.HELD) & ~Q(forum__status=ForumStatus.HELD),
        Q(kind=ItemKind.COMING) & (~Q(forum__status=ForumStatus.PLANNED) | Q(forum__starts_at__lt=at)),
        Q(kind=ItemKind.BRIEFING) & ~Q(briefing__status=BriefingStatus.PUBLISHED),
        Q(kind=ItemKind.SESSION) & (Q(session=None) | Q(session__starts_at__lt=at)),
    )
    answer, held, coming, briefing, session = gone
    found: QuerySet[NewsletterItem] = issue.items.filter(answer | held | coming | briefing | session)
    return found


# --- Items in words: the same on the page, in the e-mail and in the PDF -----------------------------------------------

HEADINGS = {
    ItemKind.ANSWER: "You asked, the Board answered",
    ItemKind.BRIEFING: "Learning briefings",
    ItemKind.HELD: "Forums held",
    ItemKind.COMING: "Forums to come",
    ItemKind.SESSION: "Sessions for schools",
    ItemKind.NEWS: "News",
}
COUNTED = {  # one, several
    ItemKind.ANSWER: ("answer of the Board", "answers of the Board"),
    ItemKind.BRIEFING: ("learning briefing", "learning briefings"),
    ItemKind.HELD: ("forum held", "forums held"),
    ItemKind.COMING: ("forum to come", "forums to come"),
    ItemKind.SESSION: ("session for schools", "sessions for schools"),
    ItemKind.NEWS: ("piece of news", "pieces of news"),
}
SOURCES = (
    "theme",
    "response__suggestion",
    "response__meeting__group",
    "response__owner_group",
    "response__owner_organisation",
    "forum__theme",
    "briefing__forum",
    "session",
)


@dataclass(frozen=True, slots=True)
class Link:
    """Where more is to be found: the words and the absolute address."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as readers have it. What the Board answered, when and where a forum is: always as the records have it.

    ``is_private``: the author of the suggestion does not want others to read it, so that only its authors do.
    """

    item: NewsletterItem
    asked: str = ""
    answer: Answer | None = None
    reason: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    is_private: bool = False

    @property
    def kind(self) -> ItemKind:
        return ItemKind(self.item.kind)


@dataclass(frozen=True, slots=True)
class Section:
    """Entries of one kind that stand one after the other, under their heading."""

    kind: ItemKind
    entries: tuple[Entry, ...]

    @property
    def heading(self) -> str:
        return HEADINGS[self.kind]


def entries_of(issue: NewsletterIssue) -> list[Entry]:
    """The entries of ``issue`` in their order, those for their authors alone among them. One query."""
    return [entry_of(item) for item in issue.items.included().select_related(*SOURCES)]


def entry_of(item: NewsletterItem) -> Entry:
    """``item``, with ``SOURCES`` selected, as readers have it."""
    return _ABOUT[ItemKind(item.kind)](item)


def for_everybody(entries: Iterable[Entry]) -> list[Entry]:
    """Those of ``entries`` that stand in the archive and go to all."""
    return [entry for entry in entries if not entry.is_private]


def sections_of(entries: Iterable[Entry]) -> list[Section]:
    """``entries`` under their headings, in their order."""
    return [Section(kind, tuple(group)) for kind, group in groupby(entries, key=lambda entry: entry.kind)]


def summary_of(entries: Iterable[Entry]) -> str:
    """What is in it, counted: "2 answers of the Board, 1 forum to come"; "" for nothing."""
    return counted(entry.kind for entry in entries)


def counted(kinds: Iterable[str]) -> str:
    """How many of each kind, in words."""
    counts = Counter(kinds)
    return ", ".join(f"{counts[kind]} {COUNTED[kind][counts[kind] > 1]}" for kind in ItemKind if counts[kind])


def with_shown_items(issues: QuerySet[NewsletterIssue]) -> QuerySet[NewsletterIssue]:
    """``issues``, each with ``shown``: the items of it that everybody reads. One query more."""
    shared = Q(response=None) | Q(response__suggestion__may_be_shared=True)
    items = NewsletterItem.objects.included().filter(shared)
    return issues.prefetch_related(Prefetch("items", queryset=items, to_attr="shown"))


def page_of(issue: NewsletterIssue) -> dict[str, Any]:
    """What the page and the PDF of ``issue`` show. One query."""
    entries = entries_of(issue)
    shown = for_everybody(entries)
    return {
        "issue": issue,
        "sections": sections_of(shown),
        "summary": summary_of(shown),
        "private": len(entries) - len(shown),
    }


def _about_answer(item: NewsletterItem) -> Entry:
    response: Any = item.response
    meeting = response.meeting
    facts = [("Decided by", f"{meeting.group}, {date_format(response.answered_on, 'j F Y')}")]
    if response.owner:
        facts.append(("Seen to by", str(response.owner)))
    return Entry(
        item,
        asked=Truncator(response.suggestion.change).words(MOST_ASKED),
        answer=Answer(response.answer),
        reason=response.reason,
        facts=tuple(facts),
        links=_own_link(item),
        is_private=not response.suggestion.may_be_shared,
    )


def _about_briefing(item: NewsletterItem) -> Entry:
    briefing: Any = item.briefing
    is_out = briefing.status == BriefingStatus.PUBLISHED
    link = Link("Read the briefing", absolute(briefing)) if is_out else None
    return Entry(item, links=_own_link(item, link))


def _about_held(item: NewsletterItem) -> Entry:
    forum: Any = item.forum
    link = Link("What the forum learned", absolute(forum))
    return Entry(item, facts=(("Held on", date_format(forum.day, "l j F Y")),), links=_own_link(item, link))


def _about_coming(item: NewsletterItem) -> Entry:
    forum: Any = item.forum
    if forum.status == ForumStatus.CANCELLED:
        return Entry(item, facts=(("When", "This forum has been cancelled"),), links=_own_link(item))
    link = Link("Book a place", absolute(forum))
    return Entry(item, facts=_when_and_where(forum), links=_own_link(item, link))


def _about_session(item: NewsletterItem) -> Entry:
    session = item.session
    if session is None:
        return Entry(item, links=_own_link(item))
    link = Link("Join or book", session.link) if session.link else None
    return Entry(item, facts=_when_and_where(session), links=_own_link(item, link))


def _about_news(item: NewsletterItem) -> Entry:
    return Entry(item, links=_own_link(item))


_ABOUT: dict[ItemKind, Callable[[NewsletterItem], Entry]] = {
    ItemKind.ANSWER: _about_answer,
    ItemKind.BRIEFING: _about_briefing,
    ItemKind.HELD: _about_held,
    ItemKind.COMING: _about_coming,
    ItemKind.SESSION: _about_session,
    ItemKind.NEWS: _about_news,
}


def _own_link(item: NewsletterItem, usual: Link | None = None) -> tuple[Link, ...]:
    """The link to the record, then the one that the editor gave."""
    given = Link("Read more", item.url) if item.url else None
    return tuple(link for link in (usual, given) if link)


def when(event: Forum | SchoolSession) -> str:
    """Day and hours in local time: "Thursday 4 December 2026, 10:00 to 12:00"."""
    starts, ends = timezone.localtime(event.starts_at), timezone.localtime(event.ends_at)
    last = date_format(ends, "H:i" if starts.date() == ends.date() else "l j F Y, H:i")
    return f"{date_format(starts, 'l j F Y, H:i')} to {last}"


def _when_and_where(event: Forum | SchoolSession) -> tuple[tuple[str, str], ...]:
    place = event.place or ("Online" if event.link else "")
    return (("When", when(event)), *((("Where", place),) if place else ()))


def absolute(record: Any) -> str:
    """The address of a record's page, for whoever reads it outside the portal."""
    return f"{settings.PORTAL_ADDRESS}{record.get_absolute_url()}"
