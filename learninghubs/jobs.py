"""Work of the learning hubs that the clock starts."""

from celery import shared_task
from django.utils import timezone

from hscp.lib import later
from learninghubs.services import bookings, issues, sending, subscribers, suggestions, telling


@shared_task
def draft_newsletters() -> None:
    """Draft the next issue of every hub whose time has come, and take into the drafts at work what is new."""
    issues.draft_due(on=timezone.localdate())
    issues.bring_up_to_date(at=timezone.now())


@shared_task
def want_newsletter_pdfs() -> None:
    """Have the PDF made of every issue that has begun to go out and has none."""
    issues.want_pdfs()


@shared_task
def send_issue(issue_id: int) -> None:
    """Send what is due of one issue, for a minute at most."""
    sending.send(issue_id)


@shared_task
def send_newsletters() -> None:
    """Go on with the issues of which something is due: tasks that were lost, workers that were killed, messages whose
    next attempt has come. And begin those whose hour has come."""
    for issue_id in sending.issues_to_send(at=timezone.now()):
        later.do("learninghubs.jobs.send_issue", issue_id)
    sending.start_due(at=timezone.now())


@shared_task
def tell_authors() -> None:
    """Note whose letter has gone, write to those whom the newsletter passed by, and feed back what all were told."""
    telling.note_sent_letters()
    telling.write_missing_letters()
    telling.feed_back_rest()


@shared_task
def forget_unconfirmed_readers() -> None:
    """Forget the addresses that nobody has confirmed in time."""
    subscribers.forget_unconfirmed(at=timezone.now())


@shared_task
def forget_unconfirmed_suggestions() -> None:
    """Forget the suggestions whose authors never confirmed their address."""
    suggestions.forget_unconfirmed(at=timezone.now())


@shared_task
def forget_unconfirmed_bookings() -> None:
    """Forget the bookings whose address nobody has confirmed in time."""
    bookings.forget_unconfirmed(at=timezone.now())


@shared_task
def send_evaluation_links() -> None:
    """Ask those who came to a forum what they thought of it, once it is recorded what happened there."""
    bookings.ask_what_they_thought(at=timezone.now())
