"""What a draft holds, how it is kept up to date and edited, and how it is approved."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from learninghubs import issues as reads
from learninghubs import jobs, newsletter_needs
from learninghubs.choices import BriefingStatus, ForumStatus, IssueStatus, ItemKind, SuggestionStatus
from learninghubs.models import NewsletterIssue, Suggestion
from learninghubs.services import issues as services
from learninghubs.services.issues import NEWSLETTER_PDF
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import MoveNotAllowed, TooLate
from partnership.models import Document, StatusChange
from partnership.services.parts import loaded_from
from tests.factories import ForumFactory, IssueFactory, SuggestionFactory, ThemeFactory
from tests.learninghubs.newsletters import (
    make_answer,
    make_briefing,
    make_everything,
    make_held_forum,
    make_session,
    send_out,
    sent_issue,
)

K = ItemKind


def draft(hub) -> NewsletterIssue:
    """A draft of today, also where nothing has happened."""
    issue = services.draft_issue(hub, on=timezone.localdate())
    return issue or IssueFactory(hub=hub)


def kinds(issue) -> list[str]:
    return [item.kind for item in issue.items.included()]


def titles(issue) -> list[str]:
    return [item.title for item in issue.items.included()]


def in_an_hour():
    return timezone.now() + timedelta(hours=1)


# What is drafted


def test_a_draft_holds_what_has_happened_the_answers_first(hub):
    make_everything(hub)
    issue = draft(hub)
    assert kinds(issue) == [K.ANSWER, K.BRIEFING, K.HELD, K.COMING, K.SESSION]
    assert [item.order for item in issue.items.all()] == [1, 2, 3, 4, 5]
    assert (issue.number, issue.until) == (1, timezone.localdate())


def test_it_holds_nothing_of_another_hub(hub, other_hub):
    make_answer(other_hub)
    ForumFactory(hub=other_hub)
    make_briefing(make_held_forum(other_hub))
    assert services.draft_issue(hub, on=timezone.localdate()) is None


def test_the_answer_to_one_into_which_one_of_the_hub_was_merged_comes_to_its_readers_too(hub, other_hub):
    response = make_answer(other_hub)
    SuggestionFactory(hub=hub, status=SuggestionStatus.MERGED, merged_into=response.suggestion)
    assert [item.response for item in draft(hub).items.all()] == [response]


def test_an_answer_that_went_out_does_not_come_again(hub):
    make_answer(hub)
    send_out(draft(hub))
    later = make_answer(hub, title="Something new")
    assert [item.response for item in draft(hub).items.all()] == [later]


def test_an_answer_that_was_told_by_letter_is_still_news_for_the_readers(hub):
    make_answer(hub, status=SuggestionStatus.FED_BACK)
    assert kinds(draft(hub)) == [K.ANSWER]


def test_an_answer_that_was_left_out_comes_again_in_the_next_and_nothing_else_does(hub, ursula):
    make_everything(hub)
    first = draft(hub)
    for item in first.items.all():
        services.leave_out(item, by=ursula, because="No room")
    send_out(first)
    assert kinds(draft(hub)) == [K.ANSWER, K.COMING, K.SESSION]


def test_a_forum_or_briefing_recorded_late_is_told_late_and_an_old_one_not_at_all(hub):
    sent_issue(hub, number=1, days_ago=10)
    late, old = make_held_forum(hub, days=-40), make_held_forum(hub, days=-200)
    make_briefing(old, published_at=timezone.now() - timedelta(days=190))
    assert [item.forum for item in draft(hub).items.all()] == [late]


def test_forums_and_sessions_far_ahead_wait_for_a_later_issue(hub):
    ForumFactory(hub=hub, starts_at=timezone.now() + timedelta(days=120))
    make_session(ThemeFactory(), days=120)
    assert services.draft_issue(hub, on=timezone.localdate()) is None


def test_a_suggestion_without_a_title_is_called_by_its_first_words(hub):
    make_answer(hub, title="", change="Answer each referral within five days, " + "please " * 30)
    assert titles(draft(hub))[0].startswith("Answer each referral within five days, please")


def test_no_second_draft_is_made_while_one_is_at_work(hub):
    make_answer(hub)
    draft(hub)
    assert services.draft_issue(hub, on=timezone.localdate()) is None


def test_a_person_may_have_one_drafted_though_nothing_has_happened(hub, ben, bella, stella):
    issue = services.draft_issue(hub, on=timezone.localdate(), by=ben)
    assert issue.items.count() == 0
    for other in (bella, stella):
        with pytest.raises(PermissionDenied):
            services.draft_issue(hub, on=timezone.localdate(), by=other)


@pytest.mark.parametrize(("days_ago", "is_made"), [(27, False), (28, True)])
def test_the_clock_drafts_four_weeks_after_the_last_day_that_the_last_told_of(hub, days_ago, is_made):
    sent_issue(hub, number=7, days_ago=days_ago)
    make_answer(hub)
    jobs.draft_newsletters()
    assert [issue.number for issue in NewsletterIssue.objects.filter(status="draft")] == ([8] if is_made else [])


def test_the_clock_follows_the_setting(hub, settings):
    settings.NEWSLETTER_EVERY_WEEKS = 2
    sent_issue(hub, number=1, days_ago=14)
    assert reads.is_due(hub, on=timezone.localdate())


def test_the_clock_drafts_for_every_hub_that_exists(hub, other_hub):
    make_answer(hub)
    make_answer(other_hub)
    other_hub.group.ends = timezone.localdate()
    other_hub.group.save()
    assert [issue.hub for issue in services.draft_due(on=timezone.localdate())] == [hub]


# Kept up to date


def test_the_clock_takes_into_a_draft_what_is_new_beside_its_kind_and_out_of_it_what_is_no_longer_so(hub):
    make_everything(hub)
    issue = draft(hub)
    cancelled = issue.items.get(kind=K.COMING).forum
    cancelled.status = ForumStatus.CANCELLED
    cancelled.save()
    make_answer(hub, title="Second")
    jobs.draft_newsletters()
    assert titles(issue)[:2] == ["Feedback after a referral", "Second"]
    assert kinds(issue) == [K.ANSWER, K.ANSWER, K.BRIEFING, K.HELD, K.SESSION]


def test_what_was_taken_back_goes_from_a_draft(hub, ursula):
    response = make_answer(hub)
    briefing = make_briefing(make_held_forum(hub))
    issue = draft(hub)
    Suggestion.objects.filter(pk=response.suggestion_id).update(status=SuggestionStatus.WITH_BOARD)
    briefing.status = BriefingStatus.DRAFT
    briefing.save()
    assert services.take_in(issue, by=ursula) == 0
    assert kinds(issue) == [K.HELD]


def test_taking_in_twice_adds_nothing(hub, ben):
    issue = draft(hub)
    make_everything(hub)
    assert [services.take_in(issue, by=ben) for _ in range(2)] == [5, 0]


@pytest.mark.django_db(transaction=True)
def test_of_four_who_draft_at_once_one_does(hub):
    make_answer(hub)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(draft_at_once, [hub] * 4))
    assert sum(made) == 1
    assert NewsletterIssue.objects.get().items.count() == 1


def draft_at_once(hub) -> bool:
    try:
        return services.draft_issue(hub, on=timezone.localdate()) is not None
    finally:
        connection.close()


# Edited


def test_words_change_and_whoever_saves_second_is_told(hub, ben, ursula):
    issue = draft(hub)
    loaded = loaded_from(issue)
    services.edit_issue(issue, by=ben, loaded=loaded, title="News of the north", intro="Welcome")
    with pytest.raises(ChangedMeanwhile):
        services.edit_issue(issue, by=ursula, loaded=loaded, title="Other", intro="")
    issue.refresh_from_db()
    assert (issue.title, issue.intro) == ("News of the north", "Welcome")


def test_what_may_identify_a_child_is_refused_everywhere(hub, ben):
    make_answer(hub)
    issue = draft(hub)
    item = issue.items.get()
    number = "Call 07700 900123"
    with pytest.raises(ValidationError):
        services.edit_issue(issue, by=ben, loaded=loaded_from(issue), title="News", intro=number)
    with pytest.raises(ValidationError):
        services.edit_item(item, by=ben, loaded=loaded_from(item), title="News", text=number, url="")
    with pytest.raises(ValidationError):
        services.add_news(issue, by=ben, title="News", text=number, url="", theme=None)
    with pytest.raises(ValidationError):
        services.leave_out(item, by=ben, because=number)
    assert issue.items.get().left_out_because == ""


def test_an_answer_is_left_out_only_with_a_reason_and_anything_else_without(hub, ben):
    make_answer(hub)
    ForumFactory(hub=hub)
    answer, forum = draft(hub).items.all()
    with pytest.raises(ValidationError):
        services.leave_out(answer, by=ben, because="  ")
    services.leave_out(forum, by=ben, because="")
    assert kinds(answer.issue) == [K.ANSWER]
    services.put_back(forum, by=ben)
    assert kinds(answer.issue) == [K.ANSWER, K.COMING]


def test_the_database_knows_no_answer_without_its_response(hub):
    with pytest.raises(Exception, match="item_answer_has_its_response"):
        IssueFactory(hub=hub).items.create(kind=K.ANSWER, title="Answer")


def test_news_is_added_at_the_end_and_removed_and_only_news_is(hub, ben):
    make_answer(hub)
    issue = draft(hub)
    news = services.add_news(issue, by=ben, title="New tool", text="It is there", url="", theme=None)
    assert titles(issue)[-1] == "New tool"
    services.remove_news(news, by=ben)
    with pytest.raises(ValidationError):
        services.remove_news(issue.items.get(), by=ben)
    assert kinds(issue) == [K.ANSWER]


def test_items_move_up_and_down_past_those_left_out(hub, ben):
    issue = draft(hub)
    first, second, third = (
        services.add_news(issue, by=ben, title=title, text="Text", url="", theme=None) for title in "abc"
    )
    services.leave_out(second, by=ben, because="")
    assert services.move_item(third, by=ben, up=True) is False
    assert titles(issue) == ["c", "a"]
    assert services.move_item(third, by=ben, up=True) is False
    assert services.move_item(third, by=ben, up=False) is False
    assert titles(issue) == ["a", "c"]
    assert first.issue == issue


def test_only_the_unit_and_the_hubs_lead_edit_and_only_a_draft(hub, ben, bella, stella, ursula):
    issue = draft(hub)
    for other in (bella, stella):
        with pytest.raises(PermissionDenied):
            services.add_news(issue, by=other, title="News", text="Text", url="", theme=None)
    services.add_news(issue, by=ben, title="News", text="Text", url="", theme=None)
    services.approve(issue, send_at=in_an_hour(), by=ursula)
    with pytest.raises(MoveNotAllowed):
        services.edit_issue(issue, by=ben, loaded="", title="Late", intro="")
    item = issue.items.get()
    with pytest.raises(MoveNotAllowed):
        services.leave_out(item, by=ben, because="")


# Approved


def test_the_unit_approves_and_it_waits_for_its_hour(hub, ursula):
    make_answer(hub)
    at = in_an_hour()
    issue = services.approve(draft(hub), send_at=at, by=ursula)
    assert (issue.status, issue.send_at, issue.approved_by) == (IssueStatus.APPROVED, at, ursula)
    assert not NewsletterIssue.objects.to_be_sent(timezone.now()).exists()
    assert list(NewsletterIssue.objects.to_be_sent(at)) == [issue]


def test_the_lead_does_not_approve(hub, ben):
    make_answer(hub)
    with pytest.raises(PermissionDenied):
        services.approve(draft(hub), send_at=in_an_hour(), by=ben)


def test_approval_is_refused_while_an_answer_is_missing_and_adds_it(hub, ursula):
    issue = draft(hub)
    services.add_news(issue, by=ursula, title="News", text="Text", url="", theme=None)
    response = make_answer(hub)
    with pytest.raises(TooLate, match="has given an answer since"):
        services.approve(issue, send_at=in_an_hour(), by=ursula)
    issue.refresh_from_db()
    assert issue.status == IssueStatus.DRAFT
    assert issue.items.filter(response=response).exists()
    assert services.approve(issue, send_at=in_an_hour(), by=ursula).status == IssueStatus.APPROVED


def test_an_answer_left_out_with_a_reason_is_not_missing(hub, ursula):
    make_answer(hub)
    issue = draft(hub)
    services.leave_out(issue.items.get(), by=ursula, because="The partners are told first")
    services.add_news(issue, by=ursula, title="News", text="Text", url="", theme=None)
    assert services.approve(issue, send_at=in_an_hour(), by=ursula).status == IssueStatus.APPROVED


@pytest.mark.parametrize("days", [-1, 61])
def test_an_hour_that_is_past_or_far_off_is_refused_and_changes_nothing(hub, ursula, days):
    make_answer(hub)
    issue = draft(hub)
    with pytest.raises(ValidationError):
        services.approve(issue, send_at=timezone.now() + timedelta(days=days), by=ursula)
    issue.refresh_from_db()
    assert issue.status == IssueStatus.DRAFT
    assert not StatusChange.objects.about(issue).exists()


def test_an_empty_issue_is_not_approved(hub, ursula):
    with pytest.raises(ValidationError):
        services.approve(draft(hub), send_at=in_an_hour(), by=ursula)


def test_an_approved_issue_becomes_a_draft_again_until_it_begins_to_go_out(hub, ursula):
    make_answer(hub)
    issue = services.approve(draft(hub), send_at=in_an_hour(), by=ursula)
    again = services.back_to_draft(issue, by=ursula)
    assert (again.status, again.send_at, again.approved_by) == (IssueStatus.DRAFT, None, None)
    NewsletterIssue.objects.filter(pk=issue.pk).update(status=IssueStatus.SENDING, approved_at=timezone.now())
    with pytest.raises(MoveNotAllowed):
        services.back_to_draft(issue, by=ursula)


# Around it


def test_each_issue_that_went_out_has_its_pdf_made_once(hub):
    sent_issue(hub, number=1)
    IssueFactory(hub=hub, number=2)
    for _ in range(2):
        jobs.want_newsletter_pdfs()
    assert [document.kind for document in Document.objects.all()] == [NEWSLETTER_PDF]


def test_the_home_page_names_drafts_to_approve_and_to_look_over(hub, ursula, ben, bella, stella):
    draft(hub)
    today = timezone.localdate()
    assert [need.title.split()[0] for need in newsletter_needs.drafts(ursula, today)] == ["Approve"]
    assert [need.title.split()[0] for need in newsletter_needs.drafts(ben, today)] == ["Look"]
    assert newsletter_needs.drafts(bella, today) == newsletter_needs.drafts(stella, today) == []
