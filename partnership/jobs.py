"""Work that the clock starts: what the queue lost is found again here."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from partnership.engine import documents, mail
from partnership.middleware import KEEP_FOR
from partnership.models import UnsavedForm


@shared_task
def deliver_due_messages() -> None:
    """Send every message that waits: new ones whose task was lost, and failed ones whose time has come."""
    for message_id in mail.due(at=timezone.now()):
        mail.deliver(message_id)


@shared_task
def make_wanted_documents() -> None:
    """Make every document that waits: those whose task was lost, and failed ones whose time has come."""
    for document_id in documents.due(at=timezone.now()):
        documents.make(document_id)


@shared_task
def tidy_up() -> None:
    """Delete ended sessions, and typed text that nobody came back for."""
    SessionStore.clear_expired()
    UnsavedForm.objects.filter(kept_at__lt=timezone.now() - KEEP_FOR).delete()
