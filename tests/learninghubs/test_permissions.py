"""Who may do what in the learning loop, written out. ``docs/permissions.md`` says it in words."""

from datetime import timedelta
from functools import cache

import pytest
from django.utils import timezone

from learninghubs.choices import SuggestionStatus
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
from learninghubs.permissions import Perm
from partnership.choices import GroupKind, MeetingStatus, Role
from partnership.engine import access
from tests.factories import (
    ForumFactory,
    GroupFactory,
    HubFactory,
    IssueFactory,
    OrganisationFactory,
    SubscriberFactory,
    SuggestionFactory,
    ThemeFactory,
    UserFactory,
    grant,
    put_in_the_chair,
    seat,
)
from tests.partnership.meetings import make_meeting
from tests.tables import check_permission, check_visible, declared_permissions, read_permissions

ONE_HOUR = timedelta(hours=1)
TABLE = read_permissions(
    """
    learninghubs.view_hub: everyone all
    learninghubs.view_dashboard: business_unit all, scrutineer all, everyone own
    learninghubs.manage_hubs: business_unit all
    learninghubs.view_inbox: business_unit all, scrutineer all, hub_lead own
    learninghubs.draft_issue: business_unit all, hub_lead own

    learninghubs.view_theme: everyone all
    learninghubs.manage_theme: business_unit all

    learninghubs.view_session: everyone all

    learninghubs.plan_forum: business_unit all, hub_lead own
    learninghubs.view_forum: everyone all
    learninghubs.book_forum: everyone all
    learninghubs.manage_forum: business_unit all, hub_lead own
    learninghubs.view_evaluations: business_unit all, scrutineer all, hub_lead own
    learninghubs.view_booking: business_unit all, everyone own
    learninghubs.view_briefing: business_unit all, scrutineer all, everyone own
    learninghubs.manage_briefing: business_unit all, hub_lead own

    learninghubs.make_suggestion: everyone all
    learninghubs.view_suggestion: business_unit all, scrutineer all, everyone own
    learninghubs.see_authors: business_unit all, hub_lead own
    learninghubs.screen_suggestion: business_unit all, hub_lead own
    learninghubs.put_on_agenda: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    learninghubs.answer_suggestion: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    learninghubs.check_impact: business_unit all, hub_lead own
    learninghubs.view_response: business_unit all, scrutineer all, everyone own

    learninghubs.view_issue: business_unit all, scrutineer all, hub_lead own
    learninghubs.edit_issue: business_unit all, hub_lead own
    learninghubs.send_issue: business_unit all
    learninghubs.view_subscriber: business_unit all
    learninghubs.manage_subscribers: business_unit all
    learninghubs.view_subscriber_import: business_unit all
    """
)


def hub_of(person, **fields):
    """The hub that the person leads; one that nobody leads, for who leads none."""
    led = person.grants.filter(role=Role.HUB_LEAD).first()
    known = LearningHub.objects.filter(group=led.group).first() if led else None
    return known or HubFactory(**({"group": led.group} if led else {}), **fields)


def hub_before_their_board(person):
    board = GroupFactory(kind=GroupKind.BOARD)
    seat(person, board, organisation=OrganisationFactory())
    return HubFactory(reports_to=board)


def before_the_board_they_chair(person):
    board = GroupFactory(kind=GroupKind.BOARD)
    put_in_the_chair(person, board, organisation=OrganisationFactory())
    return SuggestionFactory(hub=HubFactory(reports_to=board), status=SuggestionStatus.WITH_BOARD)


def made_by(person, **fields):
    return SuggestionFactory(author__person=person, author__email=person.email, **fields)


def answer_to(suggestion):
    meeting = make_meeting(suggestion.hub.reports_to, days=-3, status=MeetingStatus.HELD)
    return Response.objects.create(
        suggestion=suggestion, answer="no", reason="It is done", meeting=meeting, answered_on=meeting.day
    )


def booking(forum, person=None):
    return Booking.objects.create(forum=forum, person=person, name="Ada", secret_hash=UserFactory().email)


PUBLISHED = {"status": "published", "published_at": timezone.now()}


def briefing(forum, **fields):
    words = {"title": "What we learned", "context": "Why", "messages": "What", "practice": "How"}
    return Briefing.objects.create(forum=forum, **words, **fields)


def session(theme):
    start = timezone.now()
    return SchoolSession.objects.create(theme=theme, title="For schools", starts_at=start, ends_at=start + ONE_HOUR)


def same(record):
    """For who may do it with all or with none: their own record is nobody's."""
    return lambda person: record


@pytest.fixture
def records(db):
    """By model, or by a permission that not all of these have: a record of a person's own, and another's."""
    hub, theme = HubFactory(), ThemeFactory()
    forum = ForumFactory(hub=hub, theme=theme)
    made = SuggestionFactory(hub=hub, status=SuggestionStatus.ANSWERED)
    answered = cache(lambda: answer_to(made))

    def own_forum(person):
        return ForumFactory(hub=hub_of(person), theme=theme)

    of_hub = (lambda person: SuggestionFactory(hub=hub_of(person)), same(made))
    of_chair = (before_the_board_they_chair, same(made))
    return {
        LearningHub: (hub_of, same(hub)),
        Perm.VIEW_DASHBOARD: (hub_before_their_board, same(hub)),
        Theme: (same(theme), same(theme)),
        SchoolSession: (same(session(theme)), same(session(theme))),
        Forum: (own_forum, same(forum)),
        Booking: (lambda person: booking(forum, person), same(booking(forum))),
        Briefing: (lambda person: briefing(own_forum(person), **PUBLISHED), same(briefing(forum))),
        Suggestion: (made_by, same(made)),
        **dict.fromkeys((Perm.SEE_AUTHORS, Perm.SCREEN_SUGGESTION, Perm.CHECK_IMPACT), of_hub),
        **dict.fromkeys((Perm.PUT_ON_AGENDA, Perm.ANSWER_SUGGESTION), of_chair),
        Response: (
            lambda person: answer_to(made_by(person, status=SuggestionStatus.ANSWERED)),
            lambda person: answered(),
        ),
        NewsletterIssue: (lambda person: IssueFactory(hub=hub_of(person)), same(IssueFactory(hub=hub))),
        Subscriber: (same(SubscriberFactory()), same(SubscriberFactory())),
        SubscriberImport: (lambda person: _list(), lambda person: _list()),
    }


def _list():
    return SubscriberImport.objects.create(filename="list.csv", rows=[], imported_by=UserFactory())


def test_the_table_has_every_permission_and_no_other():
    assert set(TABLE) == declared_permissions("learninghubs")


@pytest.mark.parametrize("perm", TABLE)
def test_each_role_has_what_the_table_says_and_no_more(perm, records, oak_lane):
    own, other = records.get(perm) or records.get(access.model_of(perm), (None, None))
    check_permission(perm, TABLE[perm], oak_lane.organisation, own, other)


@pytest.mark.parametrize(
    "model",
    [
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
    ],
    ids=lambda model: model.__name__,
)
def test_what_a_role_sees_in_a_list_is_what_it_may_view(model, records, oak_lane):
    check_visible(model, oak_lane.organisation, *records[model])


# Ways to a suggestion that the table has no column for


def sees(person, suggestion):
    assert person.has_perm(Perm.VIEW_SUGGESTION, suggestion) == (suggestion in Suggestion.objects.visible_to(person)), (
        "the list and the page disagree"
    )
    return person.has_perm(Perm.VIEW_SUGGESTION, suggestion)


@pytest.mark.parametrize("status", SuggestionStatus)
@pytest.mark.parametrize("comes_to_it", [seat, put_in_the_chair], ids=["a member", "the chair"])
def test_the_board_sees_a_suggestion_once_it_is_put_to_it(status, comes_to_it, hub, maya, other_hub):
    comes_to_it(maya, hub.reports_to)
    main = SuggestionFactory(hub=hub) if status == SuggestionStatus.MERGED else None
    suggestion = SuggestionFactory(hub=hub, status=status, merged_into=main)
    assert sees(maya, suggestion) == (status in SENT_UP)


def test_another_board_does_not_see_it(hub, maya, audit_group):
    assert not sees(maya, SuggestionFactory(hub=hub, status=SuggestionStatus.WITH_BOARD))


def test_a_hub_lead_sees_the_suggestions_of_their_own_hub_whatever_has_become_of_them(hub, other_hub, ben, bella):
    at_hub, aside = SuggestionFactory(hub=hub), SuggestionFactory(hub=hub, status=SuggestionStatus.SET_ASIDE)
    assert sees(ben, at_hub)
    assert sees(ben, aside)
    assert not sees(bella, at_hub)


def test_what_nobody_has_confirmed_is_seen_by_nobody_but_its_author(hub, ben, ursula, stella, pat):
    suggestion = made_by(pat, hub=hub, status=SuggestionStatus.UNCONFIRMED)
    assert [sees(person, suggestion) for person in (ben, ursula, stella, pat)] == [False, False, False, True]


def test_neither_the_board_nor_a_scrutineer_learns_who_made_it(hub, maya, stella, ben, ursula, pat):
    put_in_the_chair(maya, hub.reports_to)
    suggestion = made_by(pat, hub=hub, status=SuggestionStatus.WITH_BOARD)
    known = [person.has_perm(Perm.SEE_AUTHORS, suggestion) for person in (maya, stella, pat, ben, ursula)]
    assert known == [False, False, False, True, True]


@pytest.mark.parametrize("perm", [Perm.SCREEN_SUGGESTION, Perm.ANSWER_SUGGESTION, Perm.PUT_ON_AGENDA])
def test_a_scrutineer_does_not_do_what_they_scrutinise_whatever_else_they_are(perm, hub, stella):
    grant(stella, Role.HUB_LEAD, group=hub.group)
    put_in_the_chair(stella, hub.reports_to, organisation=OrganisationFactory())
    suggestion = SuggestionFactory(hub=hub, status=SuggestionStatus.WITH_BOARD)
    assert sees(stella, suggestion)
    assert not stella.has_perm(perm, suggestion)
