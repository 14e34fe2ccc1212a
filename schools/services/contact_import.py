"""Contacts from a spreadsheet: each row is checked and shown first, then applied by a worker, school by school.

Nobody is removed because a list does not name them. What was shown is what is applied: where somebody has changed a
school's contacts in the meantime, the row is left out and says why.
"""

from __future__ import annotations

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from hscp.lib import later
from hscp.lib.spreadsheet import Row
from partnership.choices import Role
from partnership.engine.workflow import MoveNotAllowed, TooLate, take
from partnership.models import User
from schools.choices import ContactImportStatus, ContactOutcome
from schools.contact_plan import plan
from schools.models import ContactImport, ContactImportRow, School
from schools.moves import DISCARD_CONTACTS, FINISH_APPLYING_CONTACTS, START_APPLYING_CONTACTS
from schools.permissions import Perm
from schools.services import contacts


@transaction.atomic
def receive(rows: list[Row], *, filename: str, by: User) -> ContactImport:
    """Keep the rows of an uploaded list, each with what would come of it. Nothing else is written.

    Seven queries, whatever the number of rows up to a thousand. Raises ``PermissionDenied``.
    """
    if not by.has_perm(Perm.IMPORT_CONTACTS):
        raise PermissionDenied(f"{by} may not import contacts")
    received = ContactImport.objects.create(filename=filename[-200:], uploaded_by=by)
    planned = plan(rows, by=by, at=timezone.now())
    for row in planned:
        row.contact_import = received
    ContactImportRow.objects.bulk_create(planned, batch_size=1000)
    return received


@transaction.atomic
def start_applying(received: ContactImport, *, by: User) -> ContactImport:
    """Have a worker name the people on the list. Raises ``ValidationError`` if no row changes anything,
    ``MoveNotAllowed``, ``PermissionDenied``."""
    if received.status == ContactImportStatus.CHECKED and not received.rows.to_apply().exists():
        raise ValidationError("No row of this list changes anything.")
    started = take(START_APPLYING_CONTACTS, received, by=by, applied_by=by)
    later.do("schools.jobs.apply_contact_import", started.pk)
    return started


@transaction.atomic
def discard(received: ContactImport, *, by: User) -> ContactImport:
    """Put a list away unapplied and delete its rows. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    discarded = take(DISCARD_CONTACTS, received, by=by)
    discarded.rows.all().delete()
    return discarded


def work_on_waiting() -> None:
    """Apply the lists whose task was lost."""
    for pk in ContactImport.objects.filter(status=ContactImportStatus.APPLYING).values_list("pk", flat=True):
        apply(pk)


def apply(import_id: int) -> None:
    """Apply what is left of a list that is being applied; nothing happens to any other.

    Each school is a transaction of its own, so a worker that is killed leaves whole schools and may begin again; two at
    once do no row twice.
    """
    started = ContactImport.objects.select_related("applied_by").filter(pk=import_id).first()
    if started is None or started.status != ContactImportStatus.APPLYING or started.applied_by is None:
        return
    with pghistory.context(user=started.applied_by.pk):
        for school_id in started.rows.to_apply().order_by().values_list("school", flat=True).distinct():
            _apply_school(started, school_id, started.applied_by)
        _finish(started)


@transaction.atomic
def _apply_school(started: ContactImport, school_id: int, by: User) -> None:
    School.objects.select_for_update().get(pk=school_id)
    rows = started.rows.to_apply().filter(school=school_id).select_related("school", "replaces")
    for row in sorted(rows, key=_order):
        _apply_row(row, by)


def _order(row: ContactImportRow) -> tuple[bool, int]:
    """Deputies last: somebody may step down from lead to deputy, or up."""
    return row.role == Role.DEPUTY_DSL, row.number


def _apply_row(row: ContactImportRow, by: User) -> None:
    try:
        _name(row, by)
    except ValidationError as error:
        row.error = " ".join(error.messages)
    except (TooLate, PermissionDenied) as error:
        row.error = str(error)
    row.done_at = timezone.now()
    row.save(update_fields=["done_at", "error"])


def _name(row: ContactImportRow, by: User) -> None:
    person = {"name": row.name, "email": row.email, "job_title": row.job_title}
    if row.outcome == ContactOutcome.REPLACE:
        if row.replaces is None:
            raise TooLate("The person to be replaced is no longer there.")
        contacts.replace(row.replaces, by=by, **person)
    elif row.school is not None:
        contacts.appoint(row.school, role=Role(row.role), by=by, **person)


def _finish(started: ContactImport) -> None:
    try:
        take(FINISH_APPLYING_CONTACTS, started, by=None, applied_at=timezone.now())
    except MoveNotAllowed:
        return  # another worker was as quick
