"""Emptying the database after a test that commits.

Django truncates every table and then makes its content types anew. With our number of tables that takes most of a
second, for some hundred tests; hardly one of them fills more than a few tables, and those are emptied in a moment.
"""

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase

# Made with the tables; no test changes them.
KEPT = {"django_content_type", "auth_permission"}
LOCK = "LOCK TABLE {} IN EXCLUSIVE MODE"  # as TRUNCATE does, wait for whoever is still writing
ROWS = "SELECT '{0}' WHERE EXISTS (SELECT FROM {0})"
EMPTY = "DELETE FROM {}"
UNGUARDED = "SET LOCAL session_replication_role = replica"  # what may never be deleted, and foreign keys, in one go

_truncate = TransactionTestCase._fixture_teardown


def use() -> None:
    """From now on, tests that commit are cleared up in this way."""
    TransactionTestCase._fixture_teardown = _clear_up


def _clear_up(test: TransactionTestCase) -> None:
    if _may_be_unguarded():
        empty_tables()
    else:
        _truncate(test)


def empty_tables() -> None:
    """Delete every row, but of the tables in ``KEPT``, whatever guards it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK.format(", ".join(_tables())))
        cursor.execute(" UNION ALL ".join(ROWS.format(table) for table in _tables()))
        filled = [table for (table,) in cursor.fetchall()]
        cursor.execute("; ".join([UNGUARDED, *map(EMPTY.format, filled)]))


@cache
def _tables() -> list[str]:
    return sorted(set(connection.introspection.django_table_names()) - KEPT)


@cache
def _may_be_unguarded() -> bool:
    """Whether the tests' role in PostgreSQL is a superuser, as it is on the server that comes with the portal."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        return cursor.fetchone() == ("on",)
