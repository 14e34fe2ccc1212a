"""Work on an import by one worker at a time, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic
from types import TracebackType
from typing import Self

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from schools.choices import ImportStatus
from schools.gias import Row
from schools.models import RegisterImport

SECONDS_BETWEEN_REPORTS = 1.0


def claim(import_id: int, status: ImportStatus) -> RegisterImport | None:
    """The import, kept from other workers until the transaction ends; None if it has another status or is in other
    hands.

    The lock is an advisory one and not the row's own, because ``Progress`` writes to the row meanwhile. It goes with
    the worker's connection, however the worker ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"register import {import_id}"])
        (is_ours,) = cursor.fetchone() or (False,)
    return RegisterImport.objects.filter(pk=import_id, status=status).first() if is_ours else None


class Progress:
    """How far the file of an import has been read; give it to ``gias.read``.

    Written at most once a second, over a connection of its own: it is seen while the work's transaction is still open,
    and stays where the work is undone.
    """

    def __init__(self, import_id: int) -> None:
        self.rows = 0
        self._import_id = import_id
        self._next_report = monotonic() + SECONDS_BETWEEN_REPORTS
        self._connection: BaseDatabaseWrapper | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._connection is not None:
            self._connection.close()

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """``rows``, counted as they pass."""
        for row in rows:
            self.rows += 1
            yield row

    def __call__(self, bytes_read: int) -> None:
        if monotonic() < self._next_report:
            return
        self._next_report = monotonic() + SECONDS_BETWEEN_REPORTS
        self._write(bytes_read)

    def _write(self, bytes_read: int) -> None:
        if self._connection is None:
            self._connection = connection.copy()
        table = RegisterImport._meta.db_table
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET bytes_read = %s, rows_read = %s WHERE id = %s",  # noqa: S608 - our own name
                [bytes_read, self.rows, self._import_id],
            )
