"""Settings of a program that a test starts: as the test's own, with real mail. See ``tests.services``."""

import os
from pathlib import Path

from hscp.settings.test import *  # noqa: F403 - a settings module extends its base

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["TEST_EMAIL_PORT"])
MEDIA_ROOT = Path(os.environ["DOCUMENTS_DIR"])
