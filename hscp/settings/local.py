"""Development: the embedded services of ``hscp.embedded``, mail kept where the mailbox page shows it."""

from pathlib import Path

from hscp.settings.base import *  # noqa: F403 - a settings module extends its base
from hscp.settings.base import BASE_DIR, INSTALLED_APPS, SECRET_KEY
from hscp.settings.environment import env

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = SECRET_KEY or "only-for-development-never-for-production"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["whitenoise.runserver_nostatic", *INSTALLED_APPS]
EMAIL_BACKEND = "partnership.mailbox.MailboxBackend"
MAILBOX_PAGE = True
# Beside the embedded services' data, wherever that is.
DATA = Path(env.str("HSCP_DATA", default=str(BASE_DIR / ".data")))
MEDIA_ROOT = Path(env.str("DOCUMENTS_DIR", default=str(DATA / "documents")))
