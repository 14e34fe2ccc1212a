"""The agenda of a meeting: built, added to, put in order; what members propose, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from partnership import meetings
from partnership.choices import ItemOrigin, ItemStatus, MeetingStatus
from partnership.engine import mail
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import TooLate, lock, take
from partnership.models import AgendaItem, Meeting, StandingItem, User
from partnership.models.meetings import TO_COME
from partnership.moves import ACCEPT_ITEM, DECLINE_ITEM
from partnership.permissions import Perm
from partnership.services.meetings.common import agenda_changed, open_meeting, why_not
from partnership.texts import refuse_identifying

CHANGE: Final = "change the agenda"
# What of an item can be edited.
EDITABLE: Final = frozenset({"title", "summary", "purpose", "minutes", "presenter", "serves"})
# The words of an item, which others read.
SCREENED: Final = frozenset({"title", "summary", "presenter"})


# --- Built ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def build_agenda(meeting: Meeting, *, by: User) -> int:
    """Put on the agenda what stands on every one and what the last meeting carried forward, and return how many items
    came on. What is there already stays, in its order, so that it can be built again.

    Raises ``PermissionDenied``, ``TooLate``.
    """
    locked = open_meeting(meeting, by=by, verb=CHANGE, statuses=TO_COME)
    items = list(locked.items.on_agenda().select_related("standing"))
    standing = [_from_standing(locked, one) for one in _missing_standing(locked)]
    carried = [_carried_over(locked, one) for one in _to_carry_over(locked)]
    new = [*standing, *carried]
    if new:
        openers = [item for item in standing if not _closes(item)]
        closers = [item for item in standing if _closes(item)]
        start, end = _after_openers(items), _before_closers(items)
        _put_in_order([*items[:start], *openers, *items[start:end], *carried, *items[end:], *closers])
        agenda_changed(locked)
    return len(new)


def _missing_standing(meeting: Meeting) -> Iterable[StandingItem]:
    there = AgendaItem.objects.filter(meeting=meeting).exclude(standing=None).values("standing")
    return meetings.standing_items_of(meeting.group, meeting.day).exclude(pk__in=there)


def _from_standing(meeting: Meeting, standing: StandingItem) -> AgendaItem:
    return AgendaItem(
        meeting=meeting,
        origin=ItemOrigin.STANDING,
        standing=standing,
        title=standing.title,
        purpose=standing.purpose,
        minutes=standing.minutes,
        presenter=standing.presenter,
    )


def _to_carry_over(meeting: Meeting) -> Iterable[AgendaItem]:
    """What the last meeting carried forward and no meeting that stands has taken up; nor has somebody put what it came
    from on this agenda in the meantime."""
    last = meetings.before(meeting)
    if last is None:
        return []
    taken = AgendaItem.objects.exclude(carried_from=None).exclude(meeting__status=MeetingStatus.CANCELLED)
    waiting = last.items.on_agenda().filter(carry_forward=True)
    there = set(meeting.items.on_agenda().exclude(source_id=None).values_list("source_type", "source_id"))
    not_taken = waiting.exclude(pk__in=taken.values("carried_from"))
    return [item for item in not_taken if (item.source_type_id, item.source_id) not in there]


def _carried_over(meeting: Meeting, item: AgendaItem) -> AgendaItem:
    return AgendaItem(
        meeting=meeting,
        origin=ItemOrigin.CARRIED_FORWARD,
        carried_from=item,
        title=item.title,
        summary=item.summary,
        purpose=item.purpose,
        minutes=item.minutes,
        presenter=item.presenter,
        serves_id=item.serves_id,
        source_type_id=item.source_type_id,
        source_id=item.source_id,
    )


def _closes(item: AgendaItem) -> bool:
    return item.standing is not None and item.standing.closes


def _after_openers(items: list[AgendaItem]) -> int:
    """The place behind the standing items that an agenda begins with."""
    is_opener = [item.standing is not None and not item.standing.closes for item in items]
    return is_opener.index(False) if False in is_opener else len(items)


def _before_closers(items: list[AgendaItem]) -> int:
    """The place before the standing items that an agenda ends with."""
    end = len(items)
    while end and _closes(items[end - 1]):
        end -= 1
    return end


def _put_in_order(items: list[AgendaItem]) -> None:
    """Number ``items`` from 1 as they come; new ones are saved. Two statements, whatever their number."""
    new = [item for item in items if item.pk is None]
    moved = []
    for place, item in enumerate(items, start=1):
        if item.pk is not None and item.order != place:
            moved.append(item)
        item.order = place
    AgendaItem.objects.bulk_update(moved, ["order"])
    AgendaItem.objects.bulk_create(new)


# --- Added and proposed -----------------------------------------------------------------------------------------------


@transaction.atomic
def add_item(
    meeting: Meeting,
    *,
    title: str,
    by: User | None,
    source: Any = None,
    origin: ItemOrigin = ItemOrigin.ADDED,
    **fields: Any,
) -> AgendaItem:
    """Put an item on the agenda, before those that close it. ``source`` is the record that it comes from, of any app;
    ``fields`` are those of ``EDITABLE``.

    Raises ``PermissionDenied`` unless ``by`` runs the group's meetings (None: the portal), ``TooLate``,
    ``ValidationError``.
    """
    locked = open_meeting(meeting, by=by, verb=CHANGE)
    _check_texts(title=title, **fields)
    item = AgendaItem(meeting=locked, title=title.strip(), origin=origin, source=source, **fields)
    items = list(locked.items.on_agenda().select_related("standing"))
    end = _before_closers(items)
    _put_in_order([*items[:end], item, *items[end:]])
    agenda_changed(locked)
    return item


@transaction.atomic
def propose_item(meeting: Meeting, *, by: User, title: str, **fields: Any) -> AgendaItem:
    """Propose an item for a meeting to come; those who run it accept or decline it. ``fields`` as for ``add_item``.

    Raises ``PermissionDenied`` unless ``by`` sits on the group, ``TooLate``, ``ValidationError``.
    """
    locked = lock(meeting)
    if not by.has_perm(Perm.PROPOSE_ITEM, locked):
        raise PermissionDenied(f"{by} may not propose an item")
    if locked.status not in TO_COME:
        raise TooLate(why_not(locked, "propose an item"))
    _check_texts(title=title, **fields)
    return AgendaItem.objects.create(
        meeting=locked,
        title=title.strip(),
        proposed_by=by,
        origin=ItemOrigin.PROPOSED,
        status=ItemStatus.PROPOSED,
        **fields,
    )


def _check_texts(**fields: Any) -> None:
    if not fields.get("title", "").strip():
        raise ValidationError({"title": "Enter what the item is about"})
    refuse_identifying(**{name: text for name, text in fields.items() if name in SCREENED})


@transaction.atomic
def accept_item(item: AgendaItem, *, by: User) -> AgendaItem:
    """Put a proposed item on the agenda and tell who proposed it. Raises ``MoveNotAllowed``, ``PermissionDenied``,
    ``TooLate``."""
    meeting = open_meeting(item.meeting, by=by, verb=CHANGE)
    items = list(meeting.items.on_agenda().select_related("standing"))
    accepted = take(ACCEPT_ITEM, item, by=by, order=len(items) + 1)
    end = _before_closers(items)
    _put_in_order([*items[:end], accepted, *items[end:]])
    agenda_changed(meeting)
    _tell_proposer(accepted, meeting, by)
    return accepted


@transaction.atomic
def decline_item(item: AgendaItem, *, by: User, note: str) -> AgendaItem:
    """Decline what a member proposed, also where it was accepted before, and tell them why.

    Raises ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``, ``TooLate``, ``ValidationError``.
    """
    refuse_identifying(note=note)
    meeting = open_meeting(item.meeting, by=by, verb=CHANGE)
    _check_removable(item)
    declined = take(DECLINE_ITEM, item, by=by, note=note, order=None, reason=note.strip())
    _close_gaps(meeting)
    agenda_changed(meeting)
    _tell_proposer(declined, meeting, by)
    return declined


def _tell_proposer(item: AgendaItem, meeting: Meeting, by: User) -> None:
    if item.proposed_by is not None and item.proposed_by.is_active and item.proposed_by != by:
        mail.queue("item_decided", to=[item.proposed_by], about=meeting, item=item, by=by)


# --- Changed ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def edit_item(item: AgendaItem, *, by: User, loaded: int, **fields: Any) -> AgendaItem:
    """Change an item; ``loaded`` is the version that its form showed, ``fields`` are those of ``EDITABLE``.

    Raises ``ChangedMeanwhile``, ``PermissionDenied``, ``TooLate``, ``ValidationError``.
    """
    meeting = open_meeting(item.meeting, by=by, verb=CHANGE)
    locked = lock(item)
    if locked.version != loaded:
        raise ChangedMeanwhile(locked, locked.version)
    _check_texts(**fields)
    for name in EDITABLE & fields.keys():
        setattr(locked, name, fields[name])
    locked.version += 1
    locked.save(update_fields=["version", *sorted(EDITABLE & fields.keys())])
    agenda_changed(meeting)
    return locked


@transaction.atomic
def move_item(item: AgendaItem, *, up: bool, by: User, loaded: int) -> None:
    """Change places with the item before it, or after it; at the end nothing happens. ``loaded`` is the version of the
    agenda that the page showed.

    Raises ``TooLate`` if somebody else has changed the agenda since, ``PermissionDenied``.
    """
    meeting = open_meeting(item.meeting, by=by, verb=CHANGE)
    if meeting.agenda_version != loaded:
        raise TooLate("Somebody else has changed the agenda since you opened it. Look at it again, then move the item.")
    items = list(meeting.items.on_agenda())
    place = next((n for n, one in enumerate(items) if one.pk == item.pk), None)
    if place is None:
        raise TooLate("The item is no longer on the agenda.")
    other = place + (-1 if up else 1)
    if 0 <= other < len(items):
        items[place], items[other] = items[other], items[place]
        _put_in_order(items)
        agenda_changed(meeting)


@transaction.atomic
def remove_item(item: AgendaItem, *, by: User) -> None:
    """Take an item off the agenda for good. Raises ``ValidationError`` where it has papers or anything was recorded
    about it, another part of the portal refers to it, or a member proposed it (then it is declined, with a reason);
    ``TooLate``, ``PermissionDenied``."""
    meeting = open_meeting(item.meeting, by=by, verb=CHANGE)
    locked = lock(item)
    if locked.origin == ItemOrigin.PROPOSED:
        raise ValidationError("A member proposed this item. Decline it, and say why.")
    _check_removable(locked)
    try:
        locked.delete()
    except ProtectedError as error:
        raise ValidationError("Something that came of this item refers to it, so it stays.") from error
    _close_gaps(meeting)
    agenda_changed(meeting)


def _check_removable(item: AgendaItem) -> None:
    if item.papers.exists():
        raise ValidationError("The item has papers. Remove them first.")
    if item.minute or item.decisions.exists():
        raise ValidationError("Something has been recorded about this item, so it stays.")


def _close_gaps(meeting: Meeting) -> None:
    _put_in_order(list(meeting.items.on_agenda()))
