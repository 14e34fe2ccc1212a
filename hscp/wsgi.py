"""The production web entry point. It never starts embedded services: see ``hscp.settings.production``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hscp.settings.production")

application = get_wsgi_application()
