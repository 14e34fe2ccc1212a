"""Writing what a register file says into the register: in few statements, and nothing but the register's own facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pgtrigger
from django.db import connection

from partnership.choices import OrganisationKind
from partnership.models import Organisation
from schools.choices import ChangeKind, SchoolStatus
from schools.models import LocalFacts, School
from schools.services.register_compare import Difference


def keep_register_still() -> None:
    """Let nobody else write schools until the transaction ends, so that what was compared is what is written.

    Reading goes on, and so does writing of all that only refers to a school.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {School._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def write(batch: Sequence[Difference]) -> None:
    """Write the schools of ``batch``, all from one file: five statements at most, whatever their number.

    Local facts, overrides and roles are never touched; a new school gets an empty row of local facts. Schools that the
    file does not have are left as they are.
    """
    _add([difference for difference in batch if difference.kind == ChangeKind.NEW])
    _change([difference for difference in batch if difference.facts and difference.school_id is not None])


def _add(new: Sequence[Difference]) -> None:
    organisations = Organisation.objects.bulk_create([_organisation(difference) for difference in new])
    schools = [
        School(organisation=organisation, urn=difference.urn, **difference.facts)
        for organisation, difference in zip(organisations, new, strict=True)
    ]
    School.objects.bulk_create(schools)
    with pgtrigger.ignore("schools.LocalFacts:insert_insert"):  # an empty row is nothing for the history to tell
        LocalFacts.objects.bulk_create([LocalFacts(school_id=organisation.pk) for organisation in organisations])


def _change(changed: Sequence[Difference]) -> None:
    if not changed:
        return
    Organisation.objects.bulk_create(
        [_organisation(difference) for difference in changed],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["name", "starts", "ends"],
    )
    School.objects.bulk_create(
        [School(pk=item.school_id, urn=item.urn, **item.facts) for item in changed],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=list(changed[0].facts),  # the same for all: the columns that their file has
    )


def _organisation(difference: Difference) -> Organisation:
    starts, ends = _life(difference.facts)
    return Organisation(
        pk=difference.school_id, name=difference.name, kind=OrganisationKind.SCHOOL, starts=starts, ends=ends
    )


def _life(facts: dict[str, Any]) -> tuple[date | None, date | None]:
    """The first day of the school, and the first day without it; the register's own days may contradict each other."""
    starts, closed_on = facts["open_date"], facts["close_date"]
    if facts["status"] != SchoolStatus.CLOSED or closed_on is None or closed_on == date.max:
        return starts, None
    ends = closed_on + timedelta(days=1)
    return (starts if starts is None or starts < ends else None), ends
