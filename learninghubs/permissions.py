"""Who may do what in the learning loop. One table; ``docs/permissions.md`` is written from it."""

from enum import StrEnum

from django.db.models import Q

from learninghubs.choices import BriefingStatus, SuggestionStatus
from learninghubs.models import (
    Booking,
    Briefing,
    Forum,
    LearningHub,
    NewsletterIssue,
    Response,
    SchoolSession,
    Subscriber,
    SubscriberImport,
    Suggestion,
    Theme,
)
from learninghubs.models.suggestions import SENT_UP
from partnership.choices import Role
from partnership.engine.access import (
    NOTHING,
    Reach,
    Rule,
    Scope,
    chairs,
    everywhere,
    own_group,
    register,
    sits_on,
    themselves,
)
from partnership.permissions import never_a_scrutineer

ANYONE: frozenset[Role] = frozenset()
UNIT = {Role.BUSINESS_UNIT}
READERS = {Role.BUSINESS_UNIT, Role.SCRUTINEER}
LEAD = {Role.HUB_LEAD}


class Perm(StrEnum):
    VIEW_HUB = "learninghubs.view_hub"
    VIEW_DASHBOARD = "learninghubs.view_dashboard"
    MANAGE_HUBS = "learninghubs.manage_hubs"
    VIEW_THEME = "learninghubs.view_theme"
    MANAGE_THEME = "learninghubs.manage_theme"
    VIEW_SESSION = "learninghubs.view_session"
    PLAN_FORUM = "learninghubs.plan_forum"
    VIEW_FORUM = "learninghubs.view_forum"
    BOOK_FORUM = "learninghubs.book_forum"
    MANAGE_FORUM = "learninghubs.manage_forum"
    VIEW_EVALUATIONS = "learninghubs.view_evaluations"
    VIEW_BOOKING = "learninghubs.view_booking"
    VIEW_BRIEFING = "learninghubs.view_briefing"
    MANAGE_BRIEFING = "learninghubs.manage_briefing"
    MAKE_SUGGESTION = "learninghubs.make_suggestion"
    VIEW_SUGGESTION = "learninghubs.view_suggestion"
    VIEW_INBOX = "learninghubs.view_inbox"
    SEE_AUTHORS = "learninghubs.see_authors"
    SCREEN_SUGGESTION = "learninghubs.screen_suggestion"
    PUT_ON_AGENDA = "learninghubs.put_on_agenda"
    ANSWER_SUGGESTION = "learninghubs.answer_suggestion"
    CHECK_IMPACT = "learninghubs.check_impact"
    VIEW_RESPONSE = "learninghubs.view_response"
    DRAFT_ISSUE = "learninghubs.draft_issue"
    VIEW_ISSUE = "learninghubs.view_issue"
    EDIT_ISSUE = "learninghubs.edit_issue"
    SEND_ISSUE = "learninghubs.send_issue"
    VIEW_SUBSCRIBER = "learninghubs.view_subscriber"
    MANAGE_SUBSCRIBERS = "learninghubs.manage_subscribers"
    VIEW_SUBSCRIBER_IMPORT = "learninghubs.view_subscriber_import"


def of_the_board(path: str, scope: Scope) -> Scope:
    """Suggestions that are, or were, put to a Board that ``scope`` reaches; ``path`` leads to the suggestion."""

    def narrowed(reach: Reach) -> Q:
        found = scope(reach)
        return found & Q(**{f"{path}status__in": SENT_UP}) if found != NOTHING else NOTHING

    narrowed.__doc__ = f"{scope.__doc__}, once it is put to that Board"
    return narrowed


def confirmed(path: str, scope: Scope) -> Scope:
    """Suggestions that ``scope`` reaches, once their author has confirmed them; ``path`` leads to the suggestion."""

    def narrowed(reach: Reach) -> Q:
        found = scope(reach)
        return found & ~Q(**{f"{path}status": SuggestionStatus.UNCONFIRMED}) if found != NOTHING else NOTHING

    narrowed.__doc__ = f"{scope.__doc__} once its author has confirmed it"
    return narrowed


def _who_see_suggestions(path: str = "") -> list[Rule]:
    """Who see a suggestion; ``path`` leads to it. Nobody sees one whose author has not confirmed it, but its author."""
    hub = f"{path}hub"
    return [
        Rule(READERS, confirmed(path, everywhere)),
        Rule(LEAD, confirmed(path, own_group(f"{hub}__group"))),
        Rule(ANYONE, of_the_board(path, sits_on(f"{hub}__reports_to"))),
        Rule(ANYONE, of_the_board(path, chairs(f"{hub}__reports_to"))),
        Rule(ANYONE, themselves(f"{path}author__person")),
    ]


register(
    LearningHub,
    {
        Perm.VIEW_HUB: [Rule(ANYONE)],
        Perm.VIEW_DASHBOARD: [
            Rule(READERS),
            Rule(LEAD, own_group("group")),
            Rule(ANYONE, sits_on("reports_to")),
            Rule(ANYONE, chairs("reports_to")),
        ],
        Perm.MANAGE_HUBS: [Rule(UNIT)],
        Perm.PLAN_FORUM: [Rule(UNIT), Rule(LEAD, never_a_scrutineer(own_group("group")))],
        Perm.VIEW_INBOX: [Rule(READERS), Rule(LEAD, own_group("group"))],
        Perm.DRAFT_ISSUE: [Rule(UNIT), Rule(LEAD, never_a_scrutineer(own_group("group")))],
    },
    view=Perm.VIEW_HUB,
)

register(Theme, {Perm.VIEW_THEME: [Rule(ANYONE)], Perm.MANAGE_THEME: [Rule(UNIT)]}, view=Perm.VIEW_THEME)

register(SchoolSession, {Perm.VIEW_SESSION: [Rule(ANYONE)]}, view=Perm.VIEW_SESSION)

own_hub = own_group("hub__group")

register(
    Forum,
    {
        Perm.VIEW_FORUM: [Rule(ANYONE)],
        Perm.BOOK_FORUM: [Rule(ANYONE)],
        Perm.MANAGE_FORUM: [Rule(UNIT), Rule(LEAD, never_a_scrutineer(own_hub))],
        Perm.VIEW_EVALUATIONS: [Rule(READERS), Rule(LEAD, own_hub)],
    },
    view=Perm.VIEW_FORUM,
)

register(
    Booking,
    {
        Perm.VIEW_BOOKING: [
            Rule(UNIT),
            Rule(LEAD, own_group("forum__hub__group")),
            Rule(ANYONE, themselves("person")),
        ]
    },
    view=Perm.VIEW_BOOKING,
)


def published(reach: Reach) -> Q:
    """Once it is published."""
    return Q(status=BriefingStatus.PUBLISHED)


register(
    Briefing,
    {
        Perm.VIEW_BRIEFING: [Rule(READERS), Rule(LEAD, own_group("forum__hub__group")), Rule(ANYONE, published)],
        Perm.MANAGE_BRIEFING: [Rule(UNIT), Rule(LEAD, never_a_scrutineer(own_group("forum__hub__group")))],
    },
    view=Perm.VIEW_BRIEFING,
)

register(
    Suggestion,
    {
        Perm.VIEW_SUGGESTION: _who_see_suggestions(),
        Perm.SEE_AUTHORS: [
            Rule(UNIT, note="names stay at the hub: neither the Board nor scrutineers see them"),
            Rule(LEAD, own_hub),
        ],
        Perm.SCREEN_SUGGESTION: [Rule(UNIT), Rule(LEAD, never_a_scrutineer(own_hub))],
        Perm.PUT_ON_AGENDA: [Rule(UNIT), Rule(ANYONE, never_a_scrutineer(chairs("hub__reports_to")))],
        Perm.ANSWER_SUGGESTION: [Rule(UNIT), Rule(ANYONE, never_a_scrutineer(chairs("hub__reports_to")))],
        Perm.CHECK_IMPACT: [Rule(UNIT), Rule(LEAD, never_a_scrutineer(own_hub))],
    },
    view=Perm.VIEW_SUGGESTION,
)

register(None, {Perm.MAKE_SUGGESTION: [Rule(ANYONE, note="and anybody with a work address, without an account")]})

register(Response, {Perm.VIEW_RESPONSE: _who_see_suggestions("suggestion__")}, view=Perm.VIEW_RESPONSE)

register(
    NewsletterIssue,
    {
        Perm.VIEW_ISSUE: [Rule(READERS), Rule(LEAD, own_hub)],
        Perm.EDIT_ISSUE: [Rule(UNIT), Rule(LEAD, never_a_scrutineer(own_hub))],
        Perm.SEND_ISSUE: [Rule(UNIT, note="what goes to thousands is looked at by the business unit")],
    },
    view=Perm.VIEW_ISSUE,
)

register(
    Subscriber,
    {
        Perm.VIEW_SUBSCRIBER: [Rule(UNIT, note="addresses are for those who look after the list")],
        Perm.MANAGE_SUBSCRIBERS: [Rule(UNIT)],
    },
    view=Perm.VIEW_SUBSCRIBER,
)

register(SubscriberImport, {Perm.VIEW_SUBSCRIBER_IMPORT: [Rule(UNIT)]}, view=Perm.VIEW_SUBSCRIBER_IMPORT)
