"""A hub's forums: planned, changed, cancelled; who presents; who came; what was discussed and learned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from learninghubs import forums as reads
from learninghubs.choices import BookingStatus, ForumStatus
from learninghubs.models import Booking, Forum, ForumPresenter, LearningHub, Theme
from learninghubs.moves import CANCEL_FORUM, HOLD_FORUM
from learninghubs.permissions import Perm
from learninghubs.services import bookings
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import TooLate, lock, take
from partnership.meetings import Slot
from partnership.models import Organisation, User
from partnership.texts import refuse_identifying

LONGEST: Final = timedelta(hours=24)
ONE_A_TIME: Final = "forum_one_at_a_time"  # the constraint of the model
MOST_PRESENTERS: Final = 20


# --- Planned ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said of a forum before it takes place. ``places`` None: no limit."""

    theme: Theme
    slot: Slot
    place: str = ""
    link: str = ""
    places: int | None = None
    about: str = ""

    def fields(self) -> dict[str, Any]:
        """The same, by the names of the forum's fields."""
        return {
            "theme": self.theme,
            "starts_at": self.slot.starts_at,
            "ends_at": self.slot.ends_at,
            "place": self.place.strip(),
            "link": self.link.strip(),
            "places": self.places,
            "about": self.about.strip(),
        }


def plan_forum(hub: LearningHub, plan: Plan, *, by: User) -> Forum:
    """A new forum of ``hub``. Raises ``PermissionDenied``, ``ValidationError`` by field."""
    if not by.has_perm(Perm.PLAN_FORUM, hub):
        raise PermissionDenied(f"{by} may not plan forums of {hub}")
    _check(hub, plan)
    return _save(Forum(hub=hub, created_by=by, **plan.fields()))


def _check(hub: LearningHub, plan: Plan) -> None:
    refuse_identifying(place=plan.place, about=plan.about)
    if not hub.group.exists_on(plan.slot.day):
        raise ValidationError({"day": f"{hub} does not exist on {date_format(plan.slot.day, 'j F Y')}"})
    if plan.slot.ends_at <= plan.slot.starts_at:
        raise ValidationError({"ends": "The end must be after the start"})
    if plan.slot.ends_at - plan.slot.starts_at > LONGEST:
        raise ValidationError({"ends": "A forum cannot last longer than a day"})
    if not plan.place.strip() and not plan.link.strip():
        raise ValidationError({"place": "Enter a place, or a link to join online"})


def _save(forum: Forum) -> Forum:
    try:
        with transaction.atomic():
            forum.save()
    except IntegrityError as error:
        if ONE_A_TIME not in str(error):
            raise
        raise ValidationError({"starts": "The hub has another forum that starts at this time"}) from error
    return forum


def open_forum(forum: Forum, *, by: User, verb: str, statuses: Collection[str]) -> Forum:
    """``forum`` locked, for a change that ``verb`` names. Raises ``PermissionDenied`` unless ``by`` runs the hub's
    forums, ``TooLate`` unless it is in one of ``statuses``."""
    locked = lock(forum)
    if not by.has_perm(Perm.MANAGE_FORUM, locked):
        raise PermissionDenied(f"{by} may not {verb}")
    if locked.status not in statuses:
        raise TooLate(f"You cannot {verb} now: the status is “{locked.get_status_display().lower()}”.")
    return locked


# --- Changed and cancelled --------------------------------------------------------------------------------------------

WHEN_AND_WHERE: Final = ("theme_id", "starts_at", "ends_at", "place", "link")


@transaction.atomic
def change_forum(forum: Forum, plan: Plan, *, by: User, loaded: str) -> Forum:
    """Change a planned forum. Those who booked are told if it changes when, where or on what it is; more places go to
    the first on the waiting list.

    ``loaded`` is ``reads.loaded_plan`` of what the form was filled from. Raises ``ChangedMeanwhile``,
    ``PermissionDenied``, ``TooLate``, ``ValidationError`` by field.
    """
    locked = open_forum(forum, by=by, verb="change the forum", statuses={ForumStatus.PLANNED})
    if loaded != (now := reads.loaded_plan(locked)):
        raise ChangedMeanwhile(locked, now)
    _check(locked.hub, plan)
    _check_against_bookings(locked, plan)
    before = [getattr(locked, name) for name in WHEN_AND_WHERE]
    was = locked.starts_at
    for name, value in plan.fields().items():
        setattr(locked, name, value)
    if is_moved := before != [getattr(locked, name) for name in WHEN_AND_WHERE]:
        _calendar_changed(locked)
    _save(locked)
    if is_moved:
        bookings.tell_all("forum_changed", locked, was=was)
    bookings.fill_places(locked)
    return locked


def _check_against_bookings(forum: Forum, plan: Plan) -> None:
    number = forum.bookings.booked().count()
    if plan.places is not None and plan.places < number:
        raise ValidationError({"places": f"{number} people have a place already: enter {number} or more"})
    if number and plan.slot != Slot(forum.starts_at, forum.ends_at) and plan.slot.starts_at < timezone.now():
        raise ValidationError({"day": "People have booked: the forum can only be moved to a time to come"})


def _calendar_changed(forum: Forum) -> None:
    forum.sequence += 1
    forum.changed_at = timezone.now()


@transaction.atomic
def cancel_forum(forum: Forum, *, by: User, note: str) -> Forum:
    """Cancel a forum to come and tell those who booked why. Raises ``NoteRequired``, ``MoveNotAllowed``,
    ``PermissionDenied``, ``ValidationError``."""
    refuse_identifying(note=note)
    cancelled = take(CANCEL_FORUM, forum, by=by, note=note)
    _calendar_changed(cancelled)
    cancelled.save(update_fields=["sequence", "changed_at"])
    if cancelled.ends_at > timezone.now():
        bookings.tell_all("forum_cancelled", cancelled, reason=note.strip())
    return cancelled


# --- Who presents -----------------------------------------------------------------------------------------------------


@transaction.atomic
def add_presenter(forum: Forum, organisation: Organisation, *, by: User, topic: str = "") -> ForumPresenter:
    """Say that an organisation presents at a forum, and on what. Said again, it stands once.

    Raises ``PermissionDenied``, ``TooLate`` (cancelled), ``ValidationError``.
    """
    refuse_identifying(topic=topic)
    locked = open_forum(forum, by=by, verb="add a presenter", statuses={ForumStatus.PLANNED, ForumStatus.HELD})
    if locked.presenters.count() >= MOST_PRESENTERS:
        raise ValidationError(f"A forum can have {MOST_PRESENTERS} presenters at most.")
    return locked.presenters.get_or_create(organisation=organisation, topic=topic.strip())[0]


@transaction.atomic
def remove_presenter(presenter: ForumPresenter, *, by: User) -> None:
    """Take back that an organisation presents. Raises ``PermissionDenied``, ``TooLate``."""
    allowed = {ForumStatus.PLANNED, ForumStatus.HELD}
    open_forum(presenter.forum, by=by, verb="remove a presenter", statuses=allowed)
    lock(presenter).delete()


# --- What happened ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WalkIn:
    """Somebody who came without having booked. ``email``, if they gave it, gets the questions after the forum."""

    name: str
    agency: Organisation | None = None
    email: str = ""


@transaction.atomic
def take_attendance(
    forum: Forum, came: Collection[int], *, by: User, loaded: str, others_came: int, walk_in: WalkIn | None = None
) -> Forum:
    """Record who of those who booked came (``came``: ids of bookings; the others did not), how many came beyond them,
    and perhaps somebody who came without having booked.

    ``loaded`` is ``reads.loaded_attendance`` of what the form showed. Raises ``ChangedMeanwhile`` (``current`` is the
    forum), ``PermissionDenied``, ``TooLate`` (not begun, cancelled).
    """
    locked = open_forum(forum, by=by, verb="take attendance", statuses={ForumStatus.PLANNED, ForumStatus.HELD})
    if locked.day > timezone.localdate():
        raise TooLate("The forum has not begun: attendance is taken on its day.")
    listed = reads.expected_at(locked)
    if loaded != (now := reads.loaded_attendance(locked, listed)):
        raise ChangedMeanwhile(locked, now)
    _write_attendance(listed, came)
    if walk_in is not None:
        bookings.add_walk_in(locked, walk_in.name, agency=walk_in.agency, email=walk_in.email)
    locked.others_came = others_came
    locked.save(update_fields=["others_came"])
    return locked


def _write_attendance(listed: list[Booking], came: Collection[int]) -> None:
    """Who waited for a place and did not come was not expected to."""
    for one in listed:
        one.came = one.pk in came or (None if one.status == BookingStatus.WAITING else False)
    Booking.objects.bulk_update(listed, ["came"])


@transaction.atomic
def record_forum(forum: Forum, *, by: User, loaded: str, discussed: str, learned: str) -> Forum:
    """Record what was discussed and learned. A planned forum counts as held from then on; later it can be corrected.

    ``loaded`` is ``reads.loaded_record``. Raises ``ChangedMeanwhile``, ``PermissionDenied``, ``TooLate`` (not begun,
    cancelled), ``ValidationError`` by field, also where a text may identify a child.
    """
    refuse_identifying(discussed=discussed, learned=learned)
    verb, statuses = "record what happened", {ForumStatus.PLANNED, ForumStatus.HELD}
    locked = open_forum(forum, by=by, verb=verb, statuses=statuses)
    if locked.starts_at > timezone.now():
        raise TooLate("The forum has not begun: what happened is recorded afterwards.")
    if loaded != (now := reads.loaded_record(locked)):
        raise ChangedMeanwhile(locked, now)
    if locked.status == ForumStatus.PLANNED:
        locked = take(HOLD_FORUM, locked, by=by)
    locked.discussed, locked.learned = discussed.strip(), learned.strip()
    locked.save(update_fields=["discussed", "learned"])
    return locked
