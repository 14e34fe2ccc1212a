"""Work after a change. Tasks take ids, re-read the row, may run twice, and hold no rules."""

from celery import shared_task

from partnership.engine import documents, mail


@shared_task
def deliver_message(message_id: int) -> None:
    """Send one outgoing message, if it still waits."""
    mail.deliver(message_id)


@shared_task
def make_document(document_id: int) -> None:
    """Make one wanted document, if it still waits."""
    documents.make(document_id)
