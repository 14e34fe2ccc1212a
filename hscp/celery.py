"""The Celery application. Tasks take ids, re-read the row, and may run twice (docs/architecture.md)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hscp.settings.production")

app = Celery("hscp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["hscp"], related_name="health")
app.autodiscover_tasks(related_name="jobs")
