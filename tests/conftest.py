"""What every test stands on: real PostgreSQL and Redis (``hscp.settings.test``), a fixed cast of people, factories.

The cast (``tests/cast.py``) has the same people everywhere, so that a test reads as a story. Histories are made through
services, so that a test cannot start from a state that the portal would never reach.
"""

import pytest
from django.core.cache import cache

pytest_plugins = ["tests.cast", "tests.services"]


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Each test keeps its files to itself."""
    settings.MEDIA_ROOT = tmp_path / "documents"


@pytest.fixture(autouse=True)
def _empty_cache():
    """Rate limits and heartbeats of one test are not another's."""
    cache.clear()
