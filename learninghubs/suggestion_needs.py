"""What a suggestion's author finds on their home page: questions that wait, answers that came, the way to the rest."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from learninghubs.choices import Answer, SuggestionStatus
from learninghubs.models import Question, Response
from learninghubs.models.suggestions import DECIDED
from partnership.choices import Role
from partnership.engine import home
from partnership.models import User

NEWS_FOR = timedelta(days=30)  # how long an answer counts as new
MOST = 5  # named one by one; more stand on the page of one's own suggestions


def questions(user: User, on: date) -> list[home.Need]:
    """The questions of hubs that wait for ``user``'s reply. One query."""
    waiting = Question.objects.filter(
        suggestion__author__person=user, suggestion__status=SuggestionStatus.ASKED, replied_at=None
    ).select_related("suggestion")
    return [
        home.Need(
            f"Your hub asks you about your suggestion {question.suggestion.reference}",
            reverse("learninghubs:my_reply", args=[question.suggestion_id]),
            "Reply, so that it can go on",
        )
        for question in waiting[:MOST]
    ]


def answers(user: User, on: date) -> list[home.Need]:
    """The Board's answers of the last month to ``user``'s suggestions, and to those that they were merged into. One
    query."""
    leading = Coalesce("suggestion__merged_into", "suggestion")
    recent = Response.objects.filter(
        suggestion=OuterRef("leading"), suggestion__status__in=DECIDED, recorded_at__date__gt=on - NEWS_FOR
    )
    own = user.suggestions_made.annotate(leading=leading, answer=Subquery(recent.values("answer")))
    return [
        home.Need(
            f"The Board has answered your suggestion {author.suggestion.reference}",
            reverse("learninghubs:my_suggestion", args=[author.suggestion_id]),
            Answer(author.answer).label,
        )
        for author in own.filter(answer__isnull=False).select_related("suggestion")[:MOST]
    ]


def places(user: User) -> list[home.Link]:
    """One's own suggestions, for practitioners and for whoever has made one. At most one query."""
    if Role.PRACTITIONER not in user.roles() and not user.suggestions_made.exists():
        return []
    detail = "Tell the Board what should change, and follow what becomes of it"
    return [home.Link("Your suggestions", reverse("learninghubs:my_suggestions"), detail, order=20)]
