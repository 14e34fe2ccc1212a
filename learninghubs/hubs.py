"""The hubs: which there are on a day, which districts each serves, who leads it. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from learninghubs.choices import SuggestionStatus
from learninghubs.models import District, HubDistrict, LearningHub, Suggestion
from learninghubs.models.suggestions import AT_THE_HUB
from partnership.choices import GroupKind, Role
from partnership.models import Group, RoleGrant

# What still needs the hub: to be confirmed, seen to, answered, or told to those who said it.
OPEN = (SuggestionStatus.UNCONFIRMED, *AT_THE_HUB, SuggestionStatus.WITH_BOARD, SuggestionStatus.ANSWERED)


def current_hubs(on: date) -> QuerySet[LearningHub]:
    """The hubs whose group exists on ``on``, in their order, with group and Board. One query."""
    return LearningHub.objects.filter(group__in=Group.objects.on(on)).select_related("group", "reports_to")


def closed_hubs(on: date) -> QuerySet[LearningHub]:
    """The hubs whose group has ended by ``on``, in their order, with what went on with its work. One query."""
    return LearningHub.objects.filter(group__ends__lte=on).select_related("group__merged_into")


def is_closed(hub: LearningHub, on: date) -> bool:
    """Whether the group of ``hub`` has ended by ``on``."""
    return hub.group.ends is not None and hub.group.ends <= on


def groups_without_hub(on: date) -> QuerySet[Group]:
    """The groups of kind learning hub of which no hub has been made, and that have not ended by ``on``. One query."""
    found: QuerySet[Group] = Group.objects.filter(Q(ends=None) | Q(ends__gt=on), kind=GroupKind.HUB, learning_hub=None)
    return found


# --- Districts --------------------------------------------------------------------------------------------------------


def hub_of(district: str, on: date) -> LearningHub | None:
    """The hub that serves the district of that name, in any case, on ``on``; None if none does, or it has closed. One
    query."""
    rows = HubDistrict.objects.on(on).filter(district__name__iexact=district.strip(), hub__in=current_hubs(on))
    row = rows.select_related("hub__group", "hub__reports_to").first()
    return row.hub if row else None


def districts_of(hub: LearningHub, on: date) -> list[District]:
    """The districts that ``hub`` serves on ``on``, by name. One query."""
    rows = HubDistrict.objects.on(on).filter(hub=hub).select_related("district").order_by("district__name")
    return [row.district for row in rows]


def districts_by_hub(on: date) -> dict[int, list[District]]:
    """The districts that each hub serves on ``on``, by name, by the id of the hub. One query."""
    found: dict[int, list[District]] = defaultdict(list)
    for row in HubDistrict.objects.on(on).select_related("district").order_by("district__name"):
        found[row.hub_id].append(row.district)
    return found


def districts_without(on: date) -> QuerySet[District]:
    """The districts that no hub serves on ``on``, or one that has closed, by name. One query."""
    served = HubDistrict.objects.on(on).filter(hub__in=current_hubs(on))
    return District.objects.exclude(pk__in=served.values("district"))


@dataclass(frozen=True, slots=True)
class Served:
    """A district: by which hub it is served, what is set for later, and what was."""

    district: District
    now: HubDistrict | None
    coming: HubDistrict | None
    former: list[HubDistrict]

    def is_without(self, on: date) -> bool:
        """Whether no hub that goes on serves it on ``on``."""
        return self.now is None or is_closed(self.now.hub, on)


def served(on: date) -> list[Served]:
    """Every district as it is served on ``on``, by name. Two queries."""
    rows: dict[int, list[HubDistrict]] = defaultdict(list)
    for row in HubDistrict.objects.select_related("hub__group").order_by("starts"):
        rows[row.district_id].append(row)
    return [_served(district, rows[district.pk], on) for district in District.objects.all()]


def served_by(district: District, on: date) -> Served:
    """``district`` as it is served on ``on``. One query."""
    return _served(district, list(district.hubs.select_related("hub__group").order_by("starts")), on)


def _served(district: District, rows: list[HubDistrict], on: date) -> Served:
    former = [row for row in rows if row.ends is not None and row.ends <= on]
    coming = [row for row in rows if row.starts is not None and row.starts > on]
    now = [row for row in rows if row not in former and row not in coming]
    return Served(district, now[0] if now else None, coming[0] if coming else None, former[::-1])


# --- Leads, and what is open ------------------------------------------------------------------------------------------


def leads_of(hub: LearningHub, on: date) -> list[RoleGrant]:
    """The roles of those who lead ``hub`` on ``on``, by name. One query."""
    grants = _leads(on).filter(group=hub.group_id)
    return list(grants.select_related("user__organisation").order_by("user__name", "user"))


def hubs_without_lead(on: date) -> QuerySet[LearningHub]:
    """The hubs that nobody leads on ``on``. One query."""
    return current_hubs(on).exclude(group__in=_leads(on).values("group"))


def _leads(on: date) -> QuerySet[RoleGrant]:
    found: QuerySet[RoleGrant] = RoleGrant.objects.active(on).filter(role=Role.HUB_LEAD, user__is_active=True)
    return found


def open_suggestions(hub: LearningHub) -> QuerySet[Suggestion]:
    """What still needs ``hub``; those that were merged into another are left out, and go where that goes."""
    found: QuerySet[Suggestion] = Suggestion.objects.filter(hub=hub, status__in=OPEN)
    return found


def closed_with_open(on: date) -> QuerySet[Any]:
    """The closed hubs that still have open suggestions, with how many as ``waiting``. One query."""
    waiting = Count("suggestions", filter=Q(suggestions__status__in=OPEN))
    return closed_hubs(on).annotate(waiting=waiting).filter(waiting__gt=0)
