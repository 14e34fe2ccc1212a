"""What every test stands on: real PostgreSQL and Redis (``hscp.settings.test``), a fixed cast of people, factories.

The cast (``tests/cast.py``) has the same people everywhere, so that a test reads as a story. Histories are made through
services, so that a test cannot start from a state that the portal would never reach.
"""

import os

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import emptying

# A busy machine must not fail a property: how long an example takes is for the bench. CI takes the same examples
# each time.
hypothesis_settings.register_profile(
    "portal",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis_settings.load_profile("portal")

pytest_plugins = ["tests.cast", "tests.services"]
emptying.use()


def pytest_collection_modifyitems(items):
    """Files whose single tests take long go first: begun last, one of them would keep everybody waiting."""
    items.sort(key=lambda item: not (item.path.parent.name == "system" or item.path.name == "test_start.py"))


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Each test keeps its files to itself."""
    settings.MEDIA_ROOT = tmp_path / "documents"


@pytest.fixture(autouse=True)
def _empty_cache():
    """Rate limits and heartbeats of one test are not another's."""
    cache.clear()
