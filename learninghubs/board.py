"""Suggestions before the Board: what waits and for how long, what was answered, what became of it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final, cast

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from learninghubs.choices import MEETINGS_TO_ANSWER, SuggestionStatus
from learninghubs.models import ImpactCheck, LearningHub, Response, Suggestion, Theme
from learninghubs.models.suggestions import DECIDED, SuggestionQuerySet
from learninghubs.permissions import Perm
from partnership.choices import ItemStatus, MeetingStatus
from partnership.models import AgendaItem, Group, Meeting, User
from partnership.models.meetings import TO_COME, TOOK_PLACE

MEETINGS_OFFERED: Final = 2  # on whose agenda suggestions can be put by one click


# --- How long they wait -----------------------------------------------------------------------------------------------


def with_meetings_had(suggestions: QuerySet[Suggestion], on: date) -> SuggestionQuerySet:
    """``suggestions``, each with ``meetings_had``: how many meetings of the Board to which its hub reports took place
    after the day on which it was put to it, until the day on which it was answered, or until ``on``. No further
    query."""
    meetings = Meeting.objects.took_place().filter(
        group=OuterRef("hub__reports_to"),
        starts_at__date__gt=OuterRef("put_on"),
        starts_at__date__lte=OuterRef("until"),
    )
    counted = meetings.order_by().values("group").annotate(number=Count("pk")).values("number")
    dated = suggestions.alias(put_on=TruncDate("sent_up_at"), until=Coalesce("response__answered_on", on))
    return cast(SuggestionQuerySet, dated.annotate(meetings_had=Coalesce(Subquery(counted), 0)))


def meetings_had(suggestion: Suggestion, on: date) -> int:
    """How many meetings the Board has had since the suggestion was put to it: see ``with_meetings_had``. One query."""
    counted = with_meetings_had(Suggestion.objects.filter(pk=suggestion.pk), on)
    return int(counted.values_list("meetings_had", flat=True).first() or 0)


def overdue(suggestions: QuerySet[Suggestion], on: date) -> SuggestionQuerySet:
    """Those of ``suggestions`` that wait for the Board although it has met twice since, with ``meetings_had``."""
    waiting = with_meetings_had(suggestions.filter(status=SuggestionStatus.WITH_BOARD), on)
    return waiting.filter(meetings_had__gte=MEETINGS_TO_ANSWER)


# --- What waits -------------------------------------------------------------------------------------------------------


def waiting_for(board: Group, on: date) -> SuggestionQuerySet:
    """What waits for ``board``, longest first, each with ``meetings_had`` and ``said_by``: how many said it, the merged
    ones counted. One query."""
    waiting = Suggestion.objects.filter(status=SuggestionStatus.WITH_BOARD, hub__reports_to=board)
    counted = with_meetings_had(waiting, on).annotate(said_by=1 + Count("merged"))
    return cast(SuggestionQuerySet, counted.select_related("hub__group", "theme").order_by("sent_up_at", "pk"))


def boards_of(person: User) -> QuerySet[Group]:
    """The Boards of whose suggestions ``person`` sees any: all for the business unit and scrutineers, their own for who
    sits on one, that of their hub for a hub lead."""
    hubs = LearningHub.objects.allowed(person, Perm.VIEW_DASHBOARD)
    return Group.objects.filter(pk__in=hubs.order_by().values("reports_to")).order_by("order", "name")


def before_board(person: User, board: Group) -> SuggestionQuerySet:
    """The suggestions before ``board`` that ``person`` sees as more than their author."""
    hubs = LearningHub.objects.allowed(person, Perm.VIEW_DASHBOARD).filter(reports_to=board)
    found: SuggestionQuerySet = Suggestion.objects.visible_to(person).filter(hub__in=hubs.order_by().values("pk"))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A suggestion that waits, with the item of the newest agenda on which it stands, if on any, and whether that
    meeting of its Board is still to come."""

    suggestion: Any
    item: AgendaItem | None
    is_to_come_up: bool

    @property
    def is_overdue(self) -> bool:
        """Whether the Board has met as often as it may without an answer."""
        return bool(self.suggestion.meetings_had >= MEETINGS_TO_ANSWER)

    @property
    def meetings(self) -> str:
        """How many of those meetings it has had, in words: "1 of 2 meetings", "2 of 2: overdue"."""
        if self.is_overdue:
            return f"{MEETINGS_TO_ANSWER} of {MEETINGS_TO_ANSWER}: overdue"
        return f"{self.suggestion.meetings_had} of {MEETINGS_TO_ANSWER} meetings"


@dataclass(frozen=True, slots=True)
class OfHub:
    """What a hub has before the Board on one theme."""

    hub: LearningHub
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class OnTheme:
    """What is before the Board on one theme (None: on none), by hub."""

    theme: Theme | None
    hubs: list[OfHub]


def by_theme(suggestions: Iterable[Any], *, at: datetime) -> list[OnTheme]:
    """``suggestions`` of ``waiting_for`` as they stand at ``at``, grouped by theme, the newest first and those on none
    last, and by hub; each keeps their order. Two queries, whatever their number."""
    listed = sorted(suggestions, key=_place)
    items = items_of(listed)
    lines = [_line(one, items.get(one.pk), at) for one in listed]
    themes = groupby(lines, key=lambda line: line.suggestion.theme)
    return [OnTheme(theme, [OfHub(*hub) for hub in _by_hub(found)]) for theme, found in themes]


def _line(suggestion: Any, item: AgendaItem | None, at: datetime) -> Line:
    return Line(suggestion, item, item is not None and _is_to_come(item.meeting, suggestion.hub, at))


def _is_to_come(meeting: Meeting, hub: LearningHub, at: datetime) -> bool:
    return meeting.status in TO_COME and meeting.ends_at >= at and meeting.group_id == hub.reports_to_id


def _place(suggestion: Suggestion) -> tuple[Any, ...]:
    theme, group = suggestion.theme, suggestion.hub.group
    newest = (0, -theme.academic_year, -theme.number) if theme else (1, 0, 0)
    return (*newest, group.order, group.name, group.pk)


def _by_hub(lines: Iterable[Line]) -> Iterable[tuple[LearningHub, list[Line]]]:
    for hub, found in groupby(lines, key=lambda line: line.suggestion.hub):
        yield hub, list(found)


def agenda_items() -> QuerySet[AgendaItem]:
    """The items that suggestions have on agendas of meetings that were not cancelled."""
    kind = ContentType.objects.get_for_model(Suggestion)
    items = AgendaItem.objects.filter(source_type=kind, status=ItemStatus.ON_AGENDA)
    return items.exclude(meeting__status=MeetingStatus.CANCELLED)


def items_of(suggestions: Iterable[Suggestion]) -> dict[int, AgendaItem]:
    """The item that each suggestion has on the newest agenda, by the suggestion's id; none where it is on none. One
    query."""
    found = agenda_items().filter(source_id__in=[one.pk for one in suggestions])
    newest_last = found.select_related("meeting__group").order_by("meeting__starts_at", "pk")
    return {item.source_id: item for item in newest_last if item.source_id is not None}


def meetings_to_come(board: Group, at: datetime) -> list[Meeting]:
    """The next meetings of ``board``, on whose agenda something can be put. One query."""
    coming = Meeting.objects.to_come(at).filter(group=board).select_related("group").order_by("starts_at")
    return list(coming[:MEETINGS_OFFERED])


def meetings_to_answer_at(suggestion: Suggestion, on: date) -> QuerySet[Meeting]:
    """The meetings at which the Board can have answered, newest first: those that took place on or after the day on
    which the suggestion was put to it, and one that is called for ``on``. None for one that was never put to it."""
    if suggestion.sent_up_at is None:
        return Meeting.objects.none()
    since = timezone.localdate(suggestion.sent_up_at)
    had = Q(status__in=TOOK_PLACE, starts_at__date__lte=on) | Q(status=MeetingStatus.CALLED, starts_at__date=on)
    found = Meeting.objects.filter(had, group=suggestion.hub.reports_to_id, starts_at__date__gte=since)
    return found.select_related("group").order_by("-starts_at", "-pk")


# --- What was answered ------------------------------------------------------------------------------------------------


def whole(responses: QuerySet[Response]) -> QuerySet[Response]:
    """``responses`` with all that ``partials/answer.html`` shows of them. Two queries, whatever their number."""
    return responses.select_related(
        "meeting__group", "decision__item", "owner_group", "owner_organisation", "action"
    ).prefetch_related(Prefetch("checks", ImpactCheck.objects.order_by("months")))


def answer_of(suggestion: Suggestion) -> Response | None:
    """The Board’s answer to ``suggestion``, whole; of a merged one, that to what it was merged into. None where there
    is none yet. Two queries."""
    return whole(Response.objects.filter(suggestion=suggestion.merged_into_id or suggestion.pk)).first()


def answered(suggestions: QuerySet[Suggestion]) -> QuerySet[Response]:
    """The answers to ``suggestions``, newest first, with what a line of a list names. One query."""
    found = Response.objects.filter(suggestion__in=suggestions.filter(status__in=DECIDED).order_by().values("pk"))
    return found.select_related("suggestion__hub__group", "suggestion__theme", "meeting__group", "action").order_by(
        "-answered_on", "-pk"
    )


def checks_of(suggestions: QuerySet[Suggestion]) -> QuerySet[ImpactCheck]:
    """What is asked, or was said, of the impact of answers to ``suggestions``: what waits first, by its day; then what
    was said, newest first. One query."""
    found = ImpactCheck.objects.filter(response__suggestion__in=suggestions.order_by().values("pk"))
    return found.select_related("response__suggestion__hub__group", "response__action").order_by(
        F("checked_at").desc(nulls_first=True), "due", "pk"
    )
