"""Work that the clock starts: what the queue lost is found again here."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from partnership.engine import documents, mail
from partnership.middleware import KEEP_FOR
from partnership.models import UnsavedForm
from partnership.services import action_reminders, escalations, leavers, meetings


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


@shared_task
def send_action_digests() -> None:
    """Send those who are to be reminded of their actions today, and were not yet, theirs."""
    action_reminders.send_digests(on=timezone.localdate())


@shared_task
def close_accounts_of_leavers() -> None:
    """Close the accounts of those who have left, with whatever they were given since that was recorded."""
    leavers.close_accounts_of_leavers(on=timezone.localdate())


@shared_task
def tell_of_late_papers() -> None:
    """Tell the members of called meetings of papers that came late: once a day at most for each meeting."""
    meetings.tell_of_late_papers(at=timezone.now())


@shared_task
def move_up_unanswered_escalations() -> None:
    """Move up the professional differences whose answer was due before today and has not come."""
    escalations.move_up_unanswered(on=timezone.localdate())
