"""Forums, worked out: places, who has booked, what stands in the way of booking, what people thought. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.crypto import salted_hmac

from hscp.lib.fingerprint import fingerprint
from learninghubs.choices import BookingStatus, ForumStatus
from learninghubs.models import Booking, Evaluation, Forum, LearningHub, Theme
from learninghubs.models.forums import HOLDING, BookingQuerySet, ForumQuerySet
from partnership.models import Organisation, StatusChange, User
from partnership.services.people import hash_secret

FEWEST_REPLIES: Final = 3  # below it averages and words could point to a person
EVALUATE_WITHIN: Final = timedelta(days=28)  # after a forum: people remember no longer, and answers come in no more

# What can be changed of a forum, and so what a form's fingerprint is made of.
PLANNED_FIELDS: Final = ("theme_id", "starts_at", "ends_at", "place", "link", "places", "about")
RECORD_FIELDS: Final = ("discussed", "learned")


# --- Forums and their places ------------------------------------------------------------------------------------------


def for_lists(forums: ForumQuerySet) -> ForumQuerySet:
    """``forums`` with what a list shows of them: hub, theme, and ``booked``, how many have a place. One query."""
    has_place = Q(bookings__status=BookingStatus.BOOKED)
    found: ForumQuerySet = forums.select_related("hub__group", "theme").annotate(
        booked=Count("bookings", filter=has_place)
    )
    return found


def places_left(forum: Forum) -> int | None:
    """How many can still book; None where there is no limit. No query for a forum of ``for_lists``, else one."""
    if forum.places is None:
        return None
    booked: int | None = getattr(forum, "booked", None)
    return max(forum.places - (forum.bookings.booked().count() if booked is None else booked), 0)


def why_closed(forum: Forum, at: datetime) -> str:
    """Why nobody can book or cancel at ``at``, in a sentence; "" if they can."""
    if forum.status == ForumStatus.CANCELLED:
        return "This forum has been cancelled."
    if forum.status == ForumStatus.HELD or forum.ends_at <= at:
        return "This forum is over."
    return "This forum has begun." if forum.starts_at <= at else ""


def why_cancelled(forum: Forum) -> str:
    """The reason that was given when ``forum`` was cancelled; "" for any other. One query for a cancelled one."""
    if forum.status != ForumStatus.CANCELLED:
        return ""
    change = StatusChange.objects.about(forum).filter(to_status=ForumStatus.CANCELLED).order_by("-pk").first()
    return change.note if change else ""


def hubs_to_choose() -> QuerySet[LearningHub]:
    """Every hub, for a filter."""
    return LearningHub.objects.select_related("group").order_by("group__name")


def themes_to_choose() -> QuerySet[Theme]:
    """Every theme, the newest first."""
    return Theme.objects.all()


def loaded_plan(forum: Forum) -> str:
    """The fingerprint of what can be changed of a planned forum: what its form was filled from."""
    return fingerprint(getattr(forum, name) for name in PLANNED_FIELDS)


def loaded_record(forum: Forum) -> str:
    """The fingerprint of what is recorded of a forum."""
    return fingerprint(getattr(forum, name) for name in RECORD_FIELDS)


# --- Bookings ---------------------------------------------------------------------------------------------------------


def secret_of(booking: Booking) -> str:
    """The secret of the link in a booking's e-mails: 256 bits that follow from the portal's key and the booking, so
    that each e-mail can hold it again although the database keeps no more than its hash."""
    return salted_hmac("learninghubs.booking", str(booking.pk), algorithm="sha256").hexdigest()


def booking_of(secret: str) -> Booking | None:
    """The booking whose link holds ``secret``, with forum, hub and theme. One query."""
    found = Booking.objects.select_related("forum__hub__group", "forum__theme", "agency")
    return found.filter(secret_hash=hash_secret(secret)).first()


def held_by(forum: Forum, email: str) -> Booking | None:
    """The booking by which ``email`` has a place at ``forum`` or waits for one. One query."""
    return forum.bookings.filter(status__in=HOLDING, email__iexact=email.strip()).first()


def own_booking(forum: Forum, person: User) -> Booking | None:
    """The booking of somebody with an account, by it or by their address. One query."""
    theirs = Q(person=person) | Q(email__iexact=person.email)
    return forum.bookings.filter(theirs, status__in=HOLDING).first()


def bookings_to_come(person: User, at: datetime) -> BookingQuerySet:
    """The bookings of ``person`` for forums that are still to be, the next first."""
    coming = Booking.objects.filter(person=person, status__in=HOLDING, forum__status=ForumStatus.PLANNED)
    return (
        coming.filter(forum__ends_at__gt=at)
        .select_related("forum__theme", "forum__hub__group")
        .order_by("forum__starts_at")
    )


def place_in_line(booking: Booking) -> int:
    """Which on the waiting list ``booking`` is: 1 is the next to move up. One query."""
    ahead = Q(booked_at__lt=booking.booked_at) | Q(booked_at=booking.booked_at, pk__lt=booking.pk)
    return booking.forum.bookings.waiting().filter(ahead).count() + 1


def agencies_on(day: date) -> list[tuple[str, list[Organisation]]]:
    """Every organisation that exists on ``day``, agencies before schools, as groups with a heading. One query."""
    groups: dict[str, list[Organisation]] = {"Agencies": [], "Schools": []}
    for organisation in Organisation.objects.existing_on(day):
        groups["Schools" if organisation.kind == "school" else "Agencies"].append(organisation)
    return [(heading, rows) for heading, rows in groups.items() if rows]


# --- Attendance -------------------------------------------------------------------------------------------------------


def expected_at(forum: Forum) -> list[Booking]:
    """Who is on the list of those who may come, by name: who has a place, then who waits for one. One query."""
    listed = forum.bookings.filter(status__in=HOLDING).select_related("agency")
    return sorted(listed, key=lambda one: (one.status == BookingStatus.WAITING, one.name.casefold(), one.pk))


def loaded_attendance(forum: Forum, bookings: Iterable[Booking]) -> str:
    """The fingerprint of what is known of attendance: what the form was filled from."""
    return fingerprint([forum.others_came, *sorted([one.pk, one.came] for one in bookings)])


def is_attendance_taken(bookings: Iterable[Booking]) -> bool:
    """Whether it was recorded who of those with a place came; nobody with a place, nothing to record."""
    return all(one.came is not None for one in bookings if one.status == BookingStatus.BOOKED)


def came_to(forum: Forum) -> int:
    """How many came: those on the list, and the others who were counted. One query."""
    return forum.bookings.filter(came=True).count() + forum.others_came


# --- What people thought ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Results:
    """What those who came thought of a forum. ``useful`` and ``confident`` are averages from 1 to 5, to one decimal
    place; they and the texts are empty below ``FEWEST_REPLIES``."""

    asked: int
    replies: int
    useful: Decimal | None = None
    confident: Decimal | None = None
    will_change: tuple[str, ...] = ()
    improve: tuple[str, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether there are enough replies for nobody to be told from them."""
        return self.replies >= FEWEST_REPLIES


def results_of(forum: Forum) -> Results:
    """What people thought of ``forum``, as far as it can be shown. Two or three queries."""
    asked = forum.bookings.filter(came=True).exclude(asked_at=None).count()
    given = Evaluation.objects.filter(forum=forum)
    sums = given.aggregate(number=Count("pk"), useful=Sum("useful"), confident=Sum("confident"))
    number = sums["number"]
    if number < FEWEST_REPLIES:
        return Results(asked, number)
    rows = list(given.values_list("will_change", "improve"))
    return Results(
        asked,
        number,
        _average(sums["useful"], number),
        _average(sums["confident"], number),
        _texts(row[0] for row in rows),
        _texts(row[1] for row in rows),
    )


def _average(total: int, number: int) -> Decimal:
    return (Decimal(total) / number).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    """In the order of the alphabet: neither who was first nor which two texts belong together is to be seen."""
    return tuple(sorted((text for text in given if text), key=str.casefold))


def why_not_evaluated(booking: Booking, at: datetime) -> str:
    """Why nobody can say by this booking's link what they thought, in a sentence; "" if they can."""
    if booking.has_evaluated:
        return "You have told us already what you thought of this forum. Thank you."
    if booking.forum.status != ForumStatus.HELD or not booking.came:
        return "These questions are for those who came to the forum."
    if booking.forum.ends_at + EVALUATE_WITHIN <= at:
        return "It is too long ago: these questions were open for four weeks after the forum."
    return ""


# --- Briefings --------------------------------------------------------------------------------------------------------


def lines_of(text: str) -> list[str]:
    """The lines of ``text`` that say something, without the dashes that people begin them with."""
    return [words for line in text.splitlines() if (words := line.strip().lstrip("-*•–").strip())]


def held_waiting_for_record(forums: ForumQuerySet, at: datetime) -> ForumQuerySet:
    """Those that are over by the clock and of which nobody has recorded what happened."""
    return forums.filter(status=ForumStatus.PLANNED, ends_at__lte=at)
