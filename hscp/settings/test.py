"""Tests: real PostgreSQL, Redis and Celery; quick password hashing; nothing leaves the machine.

The services start here, because pytest-django reads the settings before any conftest is loaded.
"""

import os
import re
import tempfile
from pathlib import Path

from hscp import embedded

embedded.provide(for_tests=True)
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Each worker has a Redis database of its own, as it has in PostgreSQL; the programs it starts share it.
    number = int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = re.sub(r"(/\d*)?$", f"/{number}", os.environ["REDIS_URL"], count=1)

from hscp.settings.base import *  # noqa: E402, F403 - the services above must come first

SECRET_KEY = "only-for-tests"  # noqa: S105 - not a secret
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = None  # type: ignore[assignment]  # nothing is collected: whitenoise need not look for it
MEDIA_ROOT = Path(tempfile.gettempdir()) / "hscp-test-documents"
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # none; the tests that are about them put them back
PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE = True  # so that pytest --nomigrations has working triggers too
