"""Hubs: made of a group, what is said of them, which districts they serve, and where the suggestions of a closed one
go."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from learninghubs import hubs as reads
from learninghubs.models import District, HubDistrict, LearningHub, Suggestion
from learninghubs.permissions import Perm
from learninghubs.services.inbox import HAND_OVER
from partnership.choices import GroupKind
from partnership.engine import mail
from partnership.engine.workflow import NoteRequired, TooLate, lock
from partnership.models import Group, StatusChange, User
from partnership.services import parts
from partnership.services.groups import in_words
from partnership.texts import refuse_identifying

parts.register(LearningHub, "reports_to", "introduction")
parts.register(District, "name")


# --- Made and changed -------------------------------------------------------------------------------------------------


@transaction.atomic
def make_hub(group: Group, *, reports_to: Group, introduction: str = "", by: User) -> LearningHub:
    """Make a learning hub of a group of that kind. Raises ``PermissionDenied``, or ``ValidationError`` by field."""
    _check_may_manage(by)
    locked = lock(group)
    if locked.kind != GroupKind.HUB:
        raise ValidationError({"group": f"{locked} is no group of the kind “{GroupKind.HUB.label}”. Select another"})
    if locked.ends is not None and locked.ends <= timezone.localdate():
        raise ValidationError({"group": f"{locked} ended on {in_words(locked.last_day)}. Select another"})
    if LearningHub.objects.filter(group=locked).exists():
        raise ValidationError({"group": f"{locked} is a hub already. Select another"})
    hub = LearningHub(group=locked)
    _check_board(hub, reports_to)
    return parts.fill(hub, {"reports_to": reports_to, "introduction": introduction.strip()})


@transaction.atomic
def edit_hub(hub: LearningHub, *, reports_to: Group, introduction: str, loaded: str, by: User) -> LearningHub:
    """Change what is said of a hub and the Board that answers it: what waits for an answer then waits for that Board.

    Raises ``ChangedMeanwhile``, ``PermissionDenied``, or ``ValidationError`` by field.
    """
    _check_may_manage(by, hub)
    locked = lock(hub)
    _check_board(locked, reports_to)
    return parts.fill(locked, {"reports_to": reports_to, "introduction": introduction.strip()}, loaded=loaded)


def _check_board(hub: LearningHub, board: Group) -> None:
    """A Board that has ended answers nobody; one that the hub had before it ended can be left as it is."""
    if board.pk == hub.group_id:
        raise ValidationError({"reports_to": "A hub cannot report to itself. Select another group"})
    if board.pk != hub.reports_to_id and not board.exists_on(timezone.localdate()):
        raise ValidationError({"reports_to": f"{board} does not exist today. Select another group"})


# --- Districts --------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_district(*, name: str, by: User) -> District:
    """A new district, which no hub serves yet. Raises ``PermissionDenied``, or ``ValidationError`` (``name``)."""
    _check_may_manage(by)
    return _name_district(District(), name)


@transaction.atomic
def rename_district(district: District, *, name: str, loaded: str, by: User) -> District:
    """Put right how a district is called. Raises as ``add_district``, and ``ChangedMeanwhile``."""
    _check_may_manage(by)
    return _name_district(lock(district), name, loaded=loaded)


def _name_district(district: District, name: str, *, loaded: str | None = None) -> District:
    if District.objects.filter(name__iexact=name.strip()).exclude(pk=district.pk).exists():
        raise ValidationError({"name": "There is a district of this name already"})
    try:
        with transaction.atomic():
            return parts.fill(district, {"name": name.strip()}, loaded=loaded)
    except IntegrityError as error:  # somebody else has just added it
        raise ValidationError({"name": "There is a district of this name already"}) from error


@transaction.atomic
def serve(district: District, *, hub: LearningHub | None, from_day: date, by: User) -> HubDistrict | None:
    """Let ``hub`` (None: no hub) serve ``district`` from ``from_day`` on: what held until then ends, in one step.

    Returns the new row, or None. Raises ``PermissionDenied``, or ``ValidationError`` by field: that hub serves it then
    already, a later change is set, or the hub does not exist on that day.
    """
    _check_may_manage(by)
    locked = lock(district)
    _check_nothing_later(locked, from_day)
    now = HubDistrict.objects.on(from_day).filter(district=locked).select_related("hub__group").first()
    _check_is_change(locked, now, hub, from_day)
    if hub is not None and not hub.group.exists_on(from_day):
        raise ValidationError({"hub": f"{hub} does not exist on {in_words(from_day)}. Select another"})
    _end(now, from_day)
    return HubDistrict.objects.create(hub=hub, district=locked, starts=from_day) if hub is not None else None


def _check_nothing_later(district: District, from_day: date) -> None:
    later = district.hubs.filter(starts__gt=from_day).select_related("hub__group").order_by("starts").first()
    if later is not None:
        raise ValidationError(
            {
                "from_day": f"{later.hub} serves {district} from {in_words(later.starts)}. Enter that day or a later "
                "one, or take that change back first"
            }
        )


def _check_is_change(district: District, now: HubDistrict | None, hub: LearningHub | None, from_day: date) -> None:
    if hub is not None and now is not None and now.hub_id == hub.pk:
        raise ValidationError({"hub": f"{hub} serves {district} on {in_words(from_day)} already. Select another"})
    if hub is None and now is None:
        raise ValidationError({"hub": f"No hub serves {district} on {in_words(from_day)}. Select one"})


def _end(row: HubDistrict | None, day: date) -> None:
    """End ``row`` on ``day``; one that began on that very day has served on none, and goes."""
    if row is not None and row.starts == day:
        row.delete()
    elif row is not None:
        row.ends = day
        row.save(update_fields=["ends"])


@transaction.atomic
def take_back_change(row: HubDistrict, *, by: User) -> None:
    """Take back that a hub is to serve a district from a day to come: what holds until then goes on.

    Raises ``PermissionDenied``, or ``TooLate`` if it is taken back already, or the day has come.
    """
    _check_may_manage(by)
    lock(row.district)
    there = HubDistrict.objects.filter(pk=row.pk, starts__gt=timezone.localdate()).first()
    if there is None:
        raise TooLate("This change has been taken back already, or its day has come.")
    before = HubDistrict.objects.filter(district=row.district_id, ends=there.starts).first()
    there.delete()
    if before is not None:
        before.ends = there.ends
        before.save(update_fields=["ends"])


# --- A hub that has closed --------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over_open(hub: LearningHub, *, to: LearningHub, note: str, by: User) -> int:
    """Hand everything open of a hub that has closed to another, in one step, with what was merged into it. What waits
    for an answer then waits for the Board of that hub. Its leads are told; ``note`` says why, and stands in the story
    of each suggestion.

    Returns how many. Raises ``TooLate`` if nothing is open (any more), ``PermissionDenied``, ``NoteRequired``, or
    ``ValidationError`` by field.
    """
    _check_may_manage(by, hub)
    if not note.strip():
        raise NoteRequired("Enter why they go there")
    refuse_identifying(note=note)
    locked = lock(hub)
    _check_takes_over(locked, to)
    found = list(reads.open_suggestions(locked).select_for_update(of=("self",), no_key=True).order_by("pk"))
    if not found:
        raise TooLate("Nothing is open at this hub any more.")
    Suggestion.objects.filter(pk__in=[one.pk for one in found]).update(hub=to)
    Suggestion.objects.filter(merged_into__in=found).update(hub=to)
    _record(found, note.strip(), by)
    _tell_leads(locked, to, len(found), note.strip(), by)
    return len(found)


def _check_takes_over(hub: LearningHub, to: LearningHub) -> None:
    today = timezone.localdate()
    if not reads.is_closed(hub, today):
        raise TooLate(f"{hub} has not closed: its suggestions stay with it.")
    if to.pk == hub.pk or not to.group.exists_on(today):
        raise ValidationError({"to": f"{to} is no hub that goes on. Select another"})


def _record(suggestions: list[Suggestion], note: str, by: User) -> None:
    StatusChange.objects.bulk_create(
        StatusChange(about=one, verb=HAND_OVER, from_status=one.status, to_status=one.status, by=by, note=note)
        for one in suggestions
    )


def _tell_leads(hub: LearningHub, to: LearningHub, number: int, note: str, by: User) -> None:
    leads = [grant.user for grant in reads.leads_of(to, timezone.localdate())]
    mail.queue("suggestions_of_closed_hub", to=leads, about=to, hub=to, closed=hub, number=number, note=note, by=by)


def _check_may_manage(by: User, hub: LearningHub | None = None) -> None:
    if not by.has_perm(Perm.MANAGE_HUBS, hub):
        raise PermissionDenied(f"{by} may not manage learning hubs")
