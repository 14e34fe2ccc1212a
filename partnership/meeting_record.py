"""The record of a meeting: who came, what was said, decided and undertaken. One source for page, minutes and pack."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType

from partnership import meetings
from partnership.choices import Presence
from partnership.models import Action, AgendaItem, Attendance, Decision, Meeting, MinuteCorrection, User
from partnership.sources import CameFrom, sources_of


@dataclass(frozen=True, slots=True)
class RecordItem:
    """An item of the agenda with what came of it; ``came_from`` is told where there is a reader."""

    item: AgendaItem
    decisions: list[Decision]
    actions: list[Action]
    came_from: CameFrom | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether anything is written down about it."""
        return bool(self.item.minute or self.decisions or self.actions)


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that the minutes of a meeting say."""

    meeting: Meeting
    attendance: list[Attendance]
    quorum: meetings.Quorum
    items: list[RecordItem]
    corrections: list[MinuteCorrection]
    agreed_here: list[Meeting]

    def _who(self, *presences: str) -> list[Attendance]:
        return [row for row in self.attendance if row.presence in presences]

    @property
    def present(self) -> list[Attendance]:
        """Who came, and for whom a deputy did."""
        return self._who(Presence.PRESENT, Presence.DEPUTY)

    @property
    def apologies(self) -> list[Attendance]:
        return self._who(Presence.APOLOGIES)

    @property
    def absent(self) -> list[Attendance]:
        return self._who(Presence.ABSENT)

    @property
    def actions(self) -> list[Action]:
        """Every action that the meeting asked for, in the order of the agenda."""
        return [action for one in self.items for action in one.actions]

    @property
    def decisions(self) -> list[Decision]:
        """Every decision of the meeting, in the order of the agenda."""
        return [decision for one in self.items for decision in one.decisions]


def record_of(meeting: Meeting, *, reader: User | None = None) -> Record:
    """The record of ``meeting``. Eight queries, whatever its size; with a ``reader`` two more for each kind of source
    of its items."""
    attendance = meetings.attendance_of(meeting)
    return Record(
        meeting,
        attendance,
        meetings.quorum_of(meeting, attendance),
        items_of(meeting, reader=reader),
        list(meeting.noted_corrections.select_related("corrects__group")),
        list(meeting.agreed.select_related("group").order_by("starts_at")),
    )


def items_of(meeting: Meeting, *, reader: User | None = None) -> list[RecordItem]:
    """The items of the agenda in order, with decisions and actions, and with what they came from as far as ``reader``
    may see it. Three queries, whatever their number, and two for each kind of source."""
    items = list(meeting.items.on_agenda().select_related("serves", "proposed_by", "carried_from__meeting"))
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for decision in Decision.objects.filter(item__meeting=meeting).select_related("serves").order_by("pk"):
        decisions[decision.item_id].append(decision)
    actions = _actions_by_item(items, [decision for found in decisions.values() for decision in found])
    sources = sources_of(items, reader) if reader is not None else {}
    return [RecordItem(item, decisions[item.pk], actions[item.pk], sources.get(item.pk)) for item in items]


def _actions_by_item(items: list[AgendaItem], decisions: list[Decision]) -> dict[int, list[Action]]:
    """The actions that came from the items, or from decisions about them, by the id of the item."""
    item_type = ContentType.objects.get_for_model(AgendaItem)
    decision_type = ContentType.objects.get_for_model(Decision)
    item_of = {(item_type.pk, item.pk): item.pk for item in items}
    item_of |= {(decision_type.pk, decision.pk): decision.item_id for decision in decisions}
    sources = Action.objects.filter(source_type=item_type, source_id__in=[item.pk for item in items])
    if decisions:
        sources |= Action.objects.filter(source_type=decision_type, source_id__in=[one.pk for one in decisions])
    found: dict[int, list[Action]] = defaultdict(list)
    for action in sources.select_related("organisation", "group", "person").order_by("due", "pk"):
        if action.source_type_id is not None and action.source_id is not None:
            found[item_of[action.source_type_id, action.source_id]].append(action)
    return found
