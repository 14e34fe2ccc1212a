"""Choices of the learning hubs: the words for statuses and kinds."""

from django.db import models

MOST_THEMES_A_YEAR = 3  # the rhythm of the hubs: one theme in about four months
MEETINGS_TO_ANSWER = 2  # meetings of the Board within which a suggestion should be answered
IMPACT_MONTHS = (3, 12)  # after the answer, when it is asked what became of its action


class ForumStatus(models.TextChoices):
    PLANNED = "planned", "Planned"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Cancelled"


class BookingStatus(models.TextChoices):
    UNCONFIRMED = "unconfirmed", "Waiting to be confirmed"
    BOOKED = "booked", "Booked"
    WAITING = "waiting", "On the waiting list"
    CANCELLED = "cancelled", "Cancelled"


class BriefingStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class SuggestionStatus(models.TextChoices):
    UNCONFIRMED = "unconfirmed", "Waiting to be confirmed"
    SUBMITTED = "submitted", "Sent"
    ASKED = "asked", "Question asked"
    AT_HUB = "at_hub", "At the hub"
    WITH_BOARD = "with_board", "With the Board"
    ANSWERED = "answered", "Answered"
    FED_BACK = "fed_back", "Fed back"
    MERGED = "merged", "Merged"
    SET_ASIDE = "set_aside", "Not taken further"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Answer(models.TextChoices):
    """What the Board says to a suggestion. A reason always stands beside it."""

    ACCEPTED = "accepted", "Accepted"
    IN_PART = "in_part", "Accepted in part"
    ALREADY = "already", "Already happening"
    NOT_NOW = "not_now", "Not now"
    NO = "no", "No"


class Impact(models.TextChoices):
    """What became of an action, as it is asked some months after the answer."""

    SHOWN = "shown", "Made a difference"
    NOT_SHOWN = "not_shown", "No difference to show"
    TOO_EARLY = "too_early", "Too early to say"


class IssueStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"


class ItemKind(models.TextChoices):
    """What an item of a newsletter is about, in the order in which a draft has them."""

    ANSWER = "answer", "You asked, the Board answered"
    BRIEFING = "briefing", "Learning briefing"
    HELD = "held", "Forum held"
    COMING = "coming", "Forum to come"
    SESSION = "session", "Session for schools"
    NEWS = "news", "News"


class SubscriberStatus(models.TextChoices):
    PENDING = "pending", "Waiting to confirm"
    ACTIVE = "active", "Subscribed"
    SUSPENDED = "suspended", "Suspended"
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"


class SubscriberSource(models.TextChoices):
    SELF = "self", "Asked for it"
    ACCOUNT = "account", "From their account"
    IMPORTED = "imported", "From a list"


class DeliveryStatus(models.TextChoices):
    QUEUED = "queued", "Waiting to be sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Not delivered"
    BOUNCED = "bounced", "Came back"
