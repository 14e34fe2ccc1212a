"""The records of the learning hubs, by subject."""

from learninghubs.models.forums import Booking, Briefing, Evaluation, Forum, ForumPresenter
from learninghubs.models.hubs import District, HubDistrict, LearningHub
from learninghubs.models.newsletters import (
    Delivery,
    NewsletterIssue,
    NewsletterItem,
    Subscriber,
    SubscriberImport,
)
from learninghubs.models.suggestions import Author, ImpactCheck, Question, ReferenceYear, Response, Suggestion
from learninghubs.models.themes import SchoolSession, Theme, ThemeResource

__all__ = [
    "Author",
    "Booking",
    "Briefing",
    "Delivery",
    "District",
    "Evaluation",
    "Forum",
    "ForumPresenter",
    "HubDistrict",
    "ImpactCheck",
    "LearningHub",
    "NewsletterIssue",
    "NewsletterItem",
    "Question",
    "ReferenceYear",
    "Response",
    "SchoolSession",
    "Subscriber",
    "SubscriberImport",
    "Suggestion",
    "Theme",
    "ThemeResource",
]
