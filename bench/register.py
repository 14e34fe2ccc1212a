"""Rows per second of a register import, beside a bare COPY of the same file in the same run.

Run on a database that has the tables; whatever is written is rolled back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from django.core.files import File
from django.db import connection, transaction
from django.test.utils import override_settings

from schools import gias
from schools.gias import Row
from schools.models import School
from schools.services import register

SCHOOLS = 24_000  # about as many as are open in England
FIRST_URN = 10_000_000  # above every real one
AUTHORITY = "Bench County"

Measure = tuple[str, float, str, float | None]  # label, value, unit, ratio to the bare COPY


def run(schools: int = SCHOOLS) -> list[Measure]:
    """The measures: of COPY, of comparing, of applying to an empty register, and of applying where a tenth changed."""
    with TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=Path(folder) / "documents"):
        first, second = Path(folder) / "first.csv", Path(folder) / "second.csv"
        _write(first, schools, changed=False)
        _write(second, schools, changed=True)
        with transaction.atomic():
            seconds = [
                _seconds(lambda: _copy(first)),
                _seconds(lambda: _compare(first)),
                _seconds(lambda: _import(first)),
                _seconds(lambda: _import(second)),
            ]
            transaction.set_rollback(True)
    labels = [
        "bare COPY of the file",
        "register file compared, all schools new",
        "register file compared and applied, all schools new",
        "register file compared and applied, a tenth of the schools changed",
    ]
    bare = schools / seconds[0]
    rates = [schools / taken for taken in seconds]
    return [
        (label, rate, "rows/s", None if number == 0 else rate / bare)
        for number, (label, rate) in enumerate(zip(labels, rates, strict=True))
    ]


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _write(path: Path, schools: int, *, changed: bool) -> None:
    with path.open("wb") as stream:
        gias.write((_row(n, changed=changed and n % 10 == 0) for n in range(schools)), stream)


def _row(number: int, *, changed: bool) -> Row:
    return Row(
        urn=FIRST_URN + number,
        name=f"St Osyth’s Church of England Primary School {number}",
        ukprn=str(10_000_000 + number),
        la_code="999",
        la_name=AUTHORITY,
        establishment_number=f"{number % 10_000:04}",
        type_code="02",
        type_name="Voluntary aided school",
        type_group_code="4",
        type_group_name="Local authority maintained schools",
        status_code="1",
        status_name="Open",
        open_date=date(1965, 9, 1),
        phase_code="2",
        phase="Primary",
        low_age=3,
        high_age=11,
        boarders="No boarders",
        nursery_provision="Has Nursery Classes",
        sixth_form="Does not have a sixth form",
        gender="Mixed",
        religious_character="Church of England",
        district_code="E07000999",
        district_name=f"District {number % 10}",
        pupils=211 if changed else 210,
        capacity=240,
        census_date=date(2026, 1, 15),
        street=f"{number} School Lane",
        town="Oakford",
        county=AUTHORITY,
        postcode="ZZ1 1ZZ",
        website="https://school.example/",
        telephone="01632000000",
        head_title="Mrs",
        head_first_name="Ann",
        head_last_name="Brown" if changed else "Green",
        head_job_title="Headteacher",
        last_changed=date(2026, 9, 1 + changed),
    )


def _copy(path: Path) -> None:
    """The file into a table of text columns, by PostgreSQL alone."""
    with path.open("rb") as file:
        header = next(csv.reader(io.TextIOWrapper(io.BytesIO(file.readline()), encoding="cp1252")))
        file.seek(0)
        columns = ", ".join(f"c{number} text" for number in range(len(header)))
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE bench_register ({columns}) ON COMMIT DROP")
            cursor.copy_expert("COPY bench_register FROM STDIN WITH (FORMAT csv, HEADER, ENCODING 'WIN1252')", file)


def _compare(path: Path) -> None:
    with path.open("rb") as file:
        register.compare_now(File(file, name=path.name), local_authority=AUTHORITY)


def _import(path: Path) -> None:
    with path.open("rb") as file:
        register.import_now(File(file, name=path.name), local_authority=AUTHORITY)
    assert School.objects.filter(la_name=AUTHORITY).exists()  # noqa: S101 - a bench of nothing would be fast
