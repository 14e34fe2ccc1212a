"""The project package: settings, urls, Celery, and ``lib`` (which knows none of our models)."""

from hscp.celery import app as celery_app

__all__ = ["celery_app"]
