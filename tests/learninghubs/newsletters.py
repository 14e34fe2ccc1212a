"""What newsletters tell of: answers of the Board, forums, briefings, sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from learninghubs.choices import Answer, BriefingStatus, ForumStatus, IssueStatus, SuggestionStatus
from learninghubs.models import Briefing, Forum, LearningHub, NewsletterIssue, Response, SchoolSession, Theme
from partnership.choices import MeetingStatus
from partnership.models import Meeting
from tests.factories import ForumFactory, IssueFactory, SuggestionFactory, ThemeFactory
from tests.partnership.meetings import make_meeting

REASON = "The front door hears of it too late, and other areas do it already."


def make_answer(hub: LearningHub, answer: str = Answer.ACCEPTED, *, reason: str = REASON, **fields: Any) -> Response:
    """The Board's answer to a suggestion of ``hub``, at a meeting a week ago; ``fields`` are the suggestion's."""
    given = {"title": "Feedback after a referral", "status": SuggestionStatus.ANSWERED} | fields
    suggestion = SuggestionFactory(hub=hub, **given)
    meeting = Meeting.objects.filter(group=hub.reports_to).first() or make_meeting(
        hub.reports_to, days=-7, status=MeetingStatus.HELD
    )
    return Response.objects.create(
        suggestion=suggestion, answer=answer, reason=reason, meeting=meeting, answered_on=meeting.day
    )


def make_held_forum(hub: LearningHub, *, days: int = -10, **fields: Any) -> Forum:
    starts = timezone.now() + timedelta(days=days)
    given = {"status": ForumStatus.HELD, "learned": "Young people talk to somebody they know."} | fields
    return ForumFactory(hub=hub, starts_at=starts, **given)


def make_briefing(forum: Forum, **fields: Any) -> Briefing:
    given = {"title": "Hearing the child", "context": "Why it matters", "messages": "Listen", "practice": "Ask"}
    given |= {"status": BriefingStatus.PUBLISHED, "published_at": timezone.now()}
    return Briefing.objects.create(forum=forum, **given | fields)


def make_session(theme: Theme, *, days: int = 20, **fields: Any) -> SchoolSession:
    starts = timezone.now() + timedelta(days=days)
    given = {"title": "Twilight for schools", "place": "Online"} | fields
    return SchoolSession.objects.create(theme=theme, starts_at=starts, ends_at=starts + timedelta(hours=1), **given)


def make_everything(hub: LearningHub) -> Theme:
    """One of each kind that a draft takes in, and the theme that all of it is on."""
    theme = ThemeFactory(title="Gangs and knife crime")
    make_answer(hub, theme=theme)
    make_briefing(make_held_forum(hub, theme=theme))
    ForumFactory(hub=hub, theme=theme)
    make_session(theme)
    return theme


def send_out(issue: NewsletterIssue, *, days_ago: int = 0) -> NewsletterIssue:
    """``issue`` as if it had gone out."""
    at = timezone.now() - timedelta(days=days_ago)
    NewsletterIssue.objects.filter(pk=issue.pk).update(
        status=IssueStatus.SENT, approved_at=at, send_at=at, sending_from=at, sent_at=at
    )
    issue.refresh_from_db()
    return issue


def sent_issue(hub: LearningHub, *, days_ago: int = 30, **fields: Any) -> NewsletterIssue:
    """An issue that went out ``days_ago``, empty."""
    until = timezone.localdate() - timedelta(days=days_ago)
    issue = IssueFactory(hub=hub, until=until, since=until - timedelta(days=28), **fields)
    return send_out(issue, days_ago=days_ago)
