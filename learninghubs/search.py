"""What of the learning hubs can be found."""

from learninghubs.models import Briefing, LearningHub, NewsletterIssue, SchoolSession, Suggestion, Theme
from learninghubs.models.suggestions import TEXTS
from partnership.engine.search import Source, register

register(
    Source("Learning hub", LearningHub, "group__name", ("introduction", "group__footprint"), related=("group",)),
    Source("Theme of the learning hubs", Theme, "title", ("purpose",), when="starts"),
    Source(
        "Session for schools",
        SchoolSession,
        "title",
        ("about", "place", "theme__title"),
        when="starts_at",
        related=("theme",),
    ),
    Source(
        "Suggestion",
        Suggestion,
        "reference",
        ("title", *TEXTS),
        exact=("reference",),
        when="received_at",
        by_title=False,
    ),
    Source(
        "Learning briefing",
        Briefing,
        "title",
        ("context", "messages", "practice", "questions"),
        when="published_at",
    ),
    Source("Newsletter", NewsletterIssue, "title", ("intro",), when="until"),
)
