"""Groups as they are on a day: what they are called, where they stand, who sits on them and who chairs. Reads only.

``on`` is always the day that is asked about. A seat, a place in the rota and a membership of an organisation that has
ended count for the body that followed it; where none did, for itself, but it takes no more turns in the chair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from partnership.choices import Capacity
from partnership.models import (
    ChairRota,
    ChairTerm,
    FormerPlace,
    Group,
    Membership,
    NamedSeat,
    Organisation,
    TermsOfReference,
)
from partnership.organisations import current_body

# As what a person fills a seat that the terms of reference name. A deputy stands in for somebody; an observer listens.
FILLS_A_SEAT = frozenset({Capacity.MEMBER, Capacity.ADVISER})


def body_of(organisation: Organisation, on: date) -> Organisation:
    """The body that ``organisation`` counts for: that which followed it, or itself where none did."""
    return current_body(organisation, on=on) or organisation


# --- What it is ------------------------------------------------------------------------------------------------------


def name_on(group: Group, on: date) -> str:
    """What the group was called. No query if ``former_names`` are prefetched."""
    earlier = [former for former in group.former_names.all() if former.until > on]
    return min(earlier, key=lambda former: former.until).name if earlier else group.name


def place_on(group: Group, on: date) -> Group | FormerPlace:
    """What says where the group stood: its ``parent`` is the group above. No query if ``former_places`` are
    prefetched."""
    earlier = [former for former in group.former_places.all() if former.until > on]
    return min(earlier, key=lambda former: former.until) if earlier else group


def subgroups_on(group: Group, on: date) -> list[Group]:
    """The groups that stood under it, in their order. Two queries."""
    ever = Q(parent=group) | Q(former_places__parent=group)
    found = Group.objects.on(on).filter(ever).distinct().prefetch_related("former_places")
    return [one for one in found if place_on(one, on).parent_id == group.pk]


def terms_on(group: Group, on: date) -> TermsOfReference | None:
    """The terms of reference in force: the newest version whose day has come. One query."""
    return group.terms.filter(in_force_from__lte=on).order_by("-version").first()


def quorum_on(group: Group, on: date) -> int:
    """How many must be present by the terms in force; 0 if they do not say, or there are none. One query."""
    terms = terms_on(group, on)
    return terms.quorum if terms else 0


# --- Who sits on it --------------------------------------------------------------------------------------------------


def members_on(group: Group, on: date) -> list[Membership]:
    """Who sits on the group, by organisation and name, with their organisations. One query."""
    sitting = group.memberships.on(on).select_related("person", "organisation__successor")
    return list(sitting.order_by("organisation__name", "person__name", "pk"))


@dataclass(slots=True)
class Seats:
    """The seats of one organisation by the terms of reference, and how many of them are filled."""

    organisation: Organisation
    named: int = 0
    filled: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def vacant(self) -> int:
        """Seats that nobody fills."""
        return max(0, self.named - self.filled)

    @property
    def is_missing(self) -> bool:
        """Whether the organisation is named and nobody sits for it."""
        return self.filled == 0


def seats_of(group: Group, on: date) -> list[Seats]:
    """The seats that the terms in force name, by organisation, in the order of its name. See ``seats_by_group``."""
    return seats_by_group([group], on).get(group.pk, [])


def seats_by_group(groups: Iterable[Group], on: date) -> dict[int, list[Seats]]:
    """The seats of each group (by id) that exists and has terms in force. Three queries, whatever the number of groups;
    two more for each step that a body has been succeeded by another."""
    existing = [group.pk for group in groups if group.exists_on(on)]
    found: dict[int, dict[int, Seats]] = {pk: {} for pk in existing}
    for seat in _named_seats(existing, on):
        body = body_of(seat.organisation, on)
        seats = found[seat.terms.group_id].setdefault(body.pk, Seats(body))
        seats.named += seat.number
        seats.notes += [seat.note] if seat.note else []
    for group_id, organisation in _bodies_sitting(existing, on):
        body = body_of(organisation, on)
        if body.pk in found[group_id]:
            found[group_id][body.pk].filled += 1
    return {pk: sorted(seats.values(), key=lambda one: one.organisation.name) for pk, seats in found.items()}


def _named_seats(group_ids: list[int], on: date) -> QuerySet[NamedSeat]:
    in_force = TermsOfReference.objects.filter(group__in=group_ids, in_force_from__lte=on)
    newest = in_force.order_by("group_id", "-version").distinct("group_id")
    seats = NamedSeat.objects.filter(terms__in=newest.values("pk"))
    return seats.select_related("terms", "organisation__successor").order_by("pk")


def _bodies_sitting(group_ids: list[int], on: date) -> Iterable[tuple[int, Organisation]]:
    sitting = Membership.objects.on(on).filter(group__in=group_ids, capacity__in=FILLS_A_SEAT)
    for membership in sitting.select_related("organisation__successor").order_by("pk"):
        yield membership.group_id, membership.organisation


def organisations_on(members: Iterable[Membership], on: date) -> list[Organisation]:
    """The bodies that the members sit for, each once, by name."""
    bodies = {body.pk: body for body in (body_of(member.organisation, on) for member in members)}
    return sorted(bodies.values(), key=lambda body: body.name)


# --- Who chairs it ---------------------------------------------------------------------------------------------------


def chair_on(group: Group, on: date) -> ChairTerm | None:
    """Who is in the chair; None if nobody is. One query."""
    return group.chair_terms.on(on).select_related("person", "organisation", "deputy").first()


def next_term(group: Group, on: date) -> ChairTerm | None:
    """The first term that starts after ``on``; None if none is known. One query."""
    coming = group.chair_terms.filter(starts__gt=on).select_related("person", "organisation")
    return coming.order_by("starts").first()


def chaired_by_rota(on: date) -> QuerySet[Group]:
    """The groups that should have a chair: those that exist and have a rota, or have had a term in the chair.

    Linked boards and others that choose their chair elsewhere have neither, and are never said to be without one.
    """
    rota = ChairRota.objects.filter(group=OuterRef("pk"))
    begun = ChairTerm.objects.filter(group=OuterRef("pk"), starts__lte=on)
    return Group.objects.on(on).filter(Q(Exists(rota)) | Q(Exists(begun)))


def without_chair(on: date) -> QuerySet[Group]:
    """The groups that should have a chair and have none."""
    now = ChairTerm.objects.on(on).filter(group=OuterRef("pk"))
    return chaired_by_rota(on).filter(~Exists(now))


def rota_of(group: Group, on: date) -> list[Organisation]:
    """The bodies that take the chair in turn, in order, each once. One query."""
    return _bodies(group.chair_rota.select_related("organisation__successor"), on)


def next_in_rota(rota: list[Organisation], last: ChairTerm | None, on: date) -> Organisation | None:
    """Whose turn it is after ``last``, the last term that is known: the next in the rota, the first after the last one,
    and the first too where the rota does not have that organisation. None without a rota."""
    if not rota:
        return None
    keys = [body.pk for body in rota]
    body = body_of(last.organisation, on) if last else None
    place = keys.index(body.pk) if body and body.pk in keys else -1
    return rota[(place + 1) % len(rota)]


def _bodies(places: Iterable[ChairRota], on: date) -> list[Organisation]:
    bodies = (current_body(place.organisation, on=on) for place in places)
    return list({body.pk: body for body in bodies if body}.values())


@dataclass(frozen=True, slots=True)
class Chairing:
    """How the chair of one group stands: the term now, the one after it, whose turn it is after the last one known."""

    group: Group
    now: ChairTerm | None
    coming: ChairTerm | None
    turn: Organisation | None
    terms: tuple[ChairTerm, ...]

    @property
    def is_gap(self) -> bool:
        """Whether nobody is in the chair."""
        return self.now is None


def chairing(groups: Iterable[Group], on: date) -> list[Chairing]:
    """How the chair of each of ``groups`` stands, in their order. Two queries, whatever their number."""
    chosen = list(groups)
    terms, rotas = _terms_by_group(chosen), _rotas_by_group(chosen)
    return [_chairing(group, terms[group.pk], _bodies(rotas[group.pk], on), on) for group in chosen]


def _chairing(group: Group, terms: list[ChairTerm], rota: list[Organisation], on: date) -> Chairing:
    return Chairing(
        group,
        now=next((term for term in terms if term.is_on(on)), None),
        coming=next((term for term in terms if term.starts > on), None),
        turn=next_in_rota(rota, terms[-1] if terms else None, on),
        terms=tuple(terms),
    )


def _terms_by_group(groups: list[Group]) -> dict[int, list[ChairTerm]]:
    found: dict[int, list[ChairTerm]] = defaultdict(list)
    terms = ChairTerm.objects.filter(group__in=groups).order_by("starts")
    for term in terms.select_related("person", "organisation__successor"):
        found[term.group_id].append(term)
    return found


def _rotas_by_group(groups: list[Group]) -> dict[int, list[ChairRota]]:
    found: dict[int, list[ChairRota]] = defaultdict(list)
    for place in ChairRota.objects.filter(group__in=groups).select_related("organisation__successor").order_by("order"):
        found[place.group_id].append(place)
    return found
