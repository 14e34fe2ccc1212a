"""One world for all tests of a module that look at every page: a GET changes nothing, a POST is rolled back."""

import pytest
from django.db import transaction
from django.test import override_settings

from tests.pages import make_world


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world of ``tests.pages``; use it with ``db``."""
    files = tmp_path_factory.mktemp("documents")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files), transaction.atomic():
        made = make_world()
        made.files = files
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _own_files(request, settings, tmp_path):
    """Each test keeps its files to itself, but for those of the world."""
    shares_world = "world" in request.fixturenames
    settings.MEDIA_ROOT = request.getfixturevalue("world").files if shares_world else tmp_path / "documents"
