"""Readers from a list, for which somebody says that the people on it agreed. A report says what became of each row.

Who has unsubscribed stays out, whatever the list says; who is known keeps their own choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from hscp.lib.spreadsheet import Column, Row
from learninghubs.choices import SubscriberSource, SubscriberStatus
from learninghubs.hubs import current_hubs
from learninghubs.models import LearningHub, Subscriber, SubscriberImport
from learninghubs.permissions import Perm
from partnership.models import User

MOST_ROWS = 5_000
MOST_ADDRESS = 254  # characters
COLUMNS = (
    Column("email", ("Email", "Email address", "Address")),
    Column("hubs", ("Hub", "Hubs", "Newsletter", "Newsletters"), required=False),
)
ADDED, KNOWN, REFUSED = "added", "known", "refused"
TRIES = 3  # where somebody subscribes at the same moment

WHY_KNOWN = {
    SubscriberStatus.ACTIVE: "Subscribed already. Their own choices stay.",
    SubscriberStatus.PENDING: "They have been asked to confirm their address, and have not yet.",
    SubscriberStatus.SUSPENDED: "Suspended: newsletters to this address came back, or the business unit stopped them.",
}
UNSUBSCRIBED = "They have unsubscribed. Only they themselves can ask for the newsletter again."


@dataclass(slots=True)
class Line:
    """One row of the list: what comes of it and why. ``email`` is empty where it was refused for what it is."""

    number: int
    email: str
    hubs: list[LearningHub]
    outcome: str = ADDED
    why: str = ""

    def refuse(self, why: str, *, forget: bool = False) -> None:
        """Leave the row out; its address too, where it is none."""
        self.outcome, self.why = REFUSED, why
        if forget:
            self.email = ""

    def as_json(self) -> dict[str, object]:
        """The row as the report keeps it."""
        return {"line": self.number, "email": self.email, "outcome": self.outcome, "why": self.why}


def import_list(
    rows: list[Row], *, filename: str, hubs: Iterable[LearningHub], agreed: bool, by: User
) -> SubscriberImport:
    """Add the people on a list to the readers of the hubs that their rows name, or of ``hubs`` where they name none.

    ``agreed`` is what ``by`` states: that the people on the list agreed to get the newsletter. Raises
    ``PermissionDenied``, ``ValidationError`` (``agreed``). A bounded number of queries for a thousand rows.
    """
    if not by.has_perm(Perm.MANAGE_SUBSCRIBERS):
        raise PermissionDenied(f"{by} may not import readers")
    if not agreed:
        raise ValidationError({"agreed": "Confirm that the people on the list agreed to get the newsletter"})
    for _ in range(TRIES - 1):
        try:
            return _import(rows, filename, list(hubs), by)
        except IntegrityError:
            continue  # somebody on the list has just subscribed; the list is read again, and knows them
    return _import(rows, filename, list(hubs), by)


@transaction.atomic
def _import(rows: list[Row], filename: str, hubs: list[LearningHub], by: User) -> SubscriberImport:
    lines = _read(rows, hubs, timezone.localdate())
    _add([line for line in lines if line.outcome == ADDED])
    count = Counter(line.outcome for line in lines)
    return SubscriberImport.objects.create(
        filename=filename[-200:],
        rows=[line.as_json() for line in lines],
        added=count[ADDED],
        refused=count[REFUSED],
        known=count[KNOWN],
        imported_by=by,
    )


def _read(rows: list[Row], hubs: list[LearningHub], on: date) -> list[Line]:
    """What comes of each row. Two queries."""
    by_name = _hubs_by_name(on)
    lines = [_line(row, hubs, by_name) for row in rows]
    good = {line.email for line in lines if line.outcome == ADDED}
    known = dict(Subscriber.objects.with_addresses(good).values_list("lowered", "status"))
    first: dict[str, int] = {}
    for line in lines:
        if line.outcome == ADDED:
            _compare(line, known.get(line.email), first.setdefault(line.email, line.number))
    return lines


def _hubs_by_name(on: date) -> dict[str, LearningHub]:
    """The hubs by what a list may call them: the name, what follows "Learning Hub:" in it, the word in its address."""
    found: dict[str, LearningHub] = {}
    for hub in current_hubs(on):
        name = hub.group.name.casefold()
        found |= dict.fromkeys((name, name.partition(":")[2].strip() or name, hub.group.slug.casefold()), hub)
    return found


def _line(row: Row, hubs: list[LearningHub], by_name: Mapping[str, LearningHub]) -> Line:
    line = Line(row.number, row.cells.get("email", "").strip().lower(), hubs)
    names = [name.strip() for name in row.cells.get("hubs", "").replace("\n", ";").split(";") if name.strip()]
    unknown = [name for name in names if name.casefold() not in by_name]
    if names:
        line.hubs = list(dict.fromkeys(by_name[name.casefold()] for name in names if name not in unknown))
    if problem := _problem(row, line.email):
        line.refuse(problem, forget=True)
    elif unknown:
        line.refuse(f"There is no hub “{unknown[0][:100]}”. Names are as on the page of hubs; part several by “;”.")
    elif not line.hubs:
        line.refuse("The row names no hub, and none was chosen for such rows.")
    return line


def _problem(row: Row, email: str) -> str:
    """What is wrong with a row's address, in a sentence; empty if nothing is."""
    if row.problems:
        return ". ".join(problem.rstrip(".") for problem in row.problems) + "."
    if not email:
        return "The email address is missing."
    try:
        validate_email(email)
    except ValidationError:
        return "This is not an email address."
    return f"The address has more than {MOST_ADDRESS} characters." if len(email) > MOST_ADDRESS else ""


def _compare(line: Line, status: str | None, first: int) -> None:
    if first != line.number:
        line.refuse(f"The same address as in row {first}.")
    elif status == SubscriberStatus.UNSUBSCRIBED:
        line.refuse(UNSUBSCRIBED)
    elif status is not None:
        line.outcome, line.why = KNOWN, WHY_KNOWN[SubscriberStatus(status)]


def _add(lines: list[Line]) -> None:
    """Add the readers and their hubs. Raises ``IntegrityError`` where one has subscribed meanwhile."""
    now = timezone.now()
    added = Subscriber.objects.bulk_create(
        [
            Subscriber(
                email=line.email,
                status=SubscriberStatus.ACTIVE,
                source=SubscriberSource.IMPORTED,
                asked_at=now,
                confirmed_at=now,
            )
            for line in lines
        ],
        batch_size=1000,
    )
    chosen = Subscriber.hubs.through
    chosen.objects.bulk_create(
        [
            chosen(subscriber_id=reader.pk, learninghub_id=hub.pk)
            for reader, line in zip(added, lines, strict=True)
            for hub in line.hubs
        ],
        batch_size=2000,
    )
