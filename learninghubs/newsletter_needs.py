"""What of the newsletters needs a person: drafts to look over, drafts to approve."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from learninghubs.choices import IssueStatus
from learninghubs.models import NewsletterIssue
from learninghubs.permissions import Perm
from partnership.engine.home import Link, Need
from partnership.models import User

MOST_DRAFTS = 10  # there is one for each hub


def drafts(user: User, on: date) -> list[Need]:
    """Drafts to approve, for the business unit; to look over, for the leads of their hubs. One query."""
    if not user.has_perm(Perm.EDIT_ISSUE):
        return []
    may_send = user.has_perm(Perm.SEND_ISSUE)
    verb, detail = ("Approve", "Then it goes to its readers") if may_send else ("Look over", "The unit approves it")
    found = NewsletterIssue.objects.allowed(user, Perm.EDIT_ISSUE).filter(status=IssueStatus.DRAFT)
    return [
        Need(f"{verb} the newsletter “{issue}”", issue.get_absolute_url(), detail, group=issue.hub.group_id)
        for issue in found.select_related("hub").order_by("drafted_at")[:MOST_DRAFTS]
    ]


def places(user: User) -> list[Link]:
    """The issues at work, for those who see them; for everybody else, the newsletters."""
    if user.has_perm(Perm.VIEW_ISSUE):
        detail = "Drafts, what is approved, what went out"
        return [Link("Newsletters", reverse("learninghubs:issues"), detail, order=47)]
    return [Link("Newsletters", reverse("learninghubs:newsletters"), "What the hubs have told", order=47)]
