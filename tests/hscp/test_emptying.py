"""What a test commits is gone before the next, as if every table had been truncated."""

import pytest
from django.apps import apps
from django.db import connection

from partnership.models import StatusChange, User
from schools.models import Return
from tests import emptying
from tests.factories import completed_return


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_committed_is_left_however_it_is_guarded(oak_lane, dan, amira):
    completed_return(oak_lane, lead=dan, head=amira)
    assert StatusChange.objects.about(Return.objects.get()).exists()
    emptying.empty_tables()
    left = {model.__name__: model.objects.count() for model in apps.get_models(include_auto_created=True)}
    assert {name for name, count in left.items() if count} == {"ContentType", "Permission"}


@pytest.mark.django_db(transaction=True)
def test_what_guards_rows_does_so_again_afterwards(dan):
    emptying.empty_tables()
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
    assert not User.objects.exists()
