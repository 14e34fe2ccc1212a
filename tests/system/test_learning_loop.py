"""The whole circle in a browser: a practitioner without an account suggests, the hub merges, the Board answers, the
newsletter tells them, and their private page says "fed back". Mail goes through a real server, by a real worker."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from learninghubs import jobs
from learninghubs.choices import IssueStatus
from learninghubs.choices import SuggestionStatus as S
from learninghubs.models import Delivery, NewsletterIssue, Suggestion
from partnership import jobs as portal_jobs
from partnership.choices import ActionStatus, MeetingStatus
from partnership.models import Action, Meeting
from tests.factories import SubscriberFactory, SuggestionFactory, ThemeFactory, seat
from tests.services import wait_until
from tests.system.test_subgroup_year import fill_date

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = "Hear what became of a referral"
REASON = "Whoever refers a child should know that it was read."
ASKED = "Tell every referrer within five working days"
ADDRESS = "nurse@agency.example"


@pytest.fixture
def meeting(board):
    """The next meeting of the Board."""
    start = timezone.now() + timedelta(days=7)
    return Meeting.objects.create(group=board, starts_at=start, ends_at=start + timedelta(hours=2), place="County Hall")


def test_a_suggestion_reaches_the_board_and_the_answer_comes_back(
    visitor, plain_visitor, hub, board, meeting, ursula, ben, chloe, smtp_server, celery_worker, settings
):
    settings.PORTAL_ADDRESS = visitor.address  # of the links in e-mails
    seat(chloe, board)
    ThemeFactory(title="Neglect", slug="neglect")
    SubscriberFactory(email=ADDRESS, hubs=[hub])
    like_one = SuggestionFactory(hub=hub, title="Tell us more", author__email="teacher@school.example")
    link = a_practitioner_suggests(plain_visitor, hub, smtp_server)
    suggestion = Suggestion.objects.exclude(pk=like_one.pk).get()
    the_hub_lead_merges_and_puts_it_to_the_board(visitor, ben, suggestion, like_one)
    the_board_answers(visitor, ursula, board, meeting, suggestion)
    issue = the_newsletter_is_drafted_and_approved(visitor, hub, suggestion)
    it_goes_out(issue, smtp_server, suggestion)
    the_author_reads_it(plain_visitor, link, smtp_server)
    everybody_reads_it(plain_visitor, issue)


def a_practitioner_suggests(visitor, hub, smtp_server) -> str:
    """Without an account, on a phone, without JavaScript. Gives back the address of the private page."""
    visitor.goes_to("/suggestions/new/")
    page = visitor.page
    page.get_by_label("What is happening now?").fill("We refer and hear nothing.")
    page.get_by_label("What should change?").fill("Tell us what became of it.")
    page.get_by_label("What would good look like?").fill("We know within a week.")
    page.get_by_role("radio", name=str(hub)).check()
    page.get_by_role("radio", name="Yes", exact=True).check()
    page.get_by_label("Your work email address").fill(ADDRESS)
    visitor.sends("Send suggestion")
    visitor.sees("S-")
    assert not Suggestion.objects.filter(status=S.SUBMITTED, author__email=ADDRESS).exists()
    (letter,) = [one for one in smtp_server.wait_for(1) if one["To"] == ADDRESS]
    page.goto(first_link(letter))
    visitor.sends(page.get_by_role("main").get_by_role("button").inner_text())
    visitor.sees("What has happened")
    wait_until(lambda: len(letters_to(smtp_server, ADDRESS)) == 2, "the receipt")
    return first_link(letters_to(smtp_server, ADDRESS)[1])


def first_link(letter) -> str:
    return re.search(r"http\S+", plain_part(letter)).group()


def plain_part(letter) -> str:
    return letter.get_body(("plain",)).get_content()


def letters_to(smtp_server, address) -> list:
    return [letter for letter in smtp_server.messages if letter["To"] == address]


def the_hub_lead_merges_and_puts_it_to_the_board(visitor, ben, suggestion, like_one):
    visitor.signs_in(ben)
    for one, title in ((suggestion, TITLE), (like_one, "Tell us more")):
        visitor.goes_to(one.get_absolute_url())
        visitor.looks()
        visitor.follows("Read and take on")
        visitor.page.locator("[name=title]").fill(title)
        visitor.sends("It identifies nobody: take it on")
    visitor.goes_to("/suggestions/inbox/")
    visitor.looks()
    for one in (suggestion, like_one):
        visitor.page.locator(f"#chosen-{one.pk}").check()
    visitor.sends("Put them together")
    visitor.page.locator(f"input[name=into][value='{suggestion.pk}']").check()
    visitor.sends("Put them together")
    visitor.goes_to(suggestion.get_absolute_url())
    visitor.follows("Put to the Board")
    visitor.sends("Put to the Board")
    like_one.refresh_from_db()
    assert like_one.merged_into == suggestion
    visitor.signs_out()


def the_board_answers(visitor, ursula, board, meeting, suggestion):
    visitor.signs_in(ursula)
    visitor.goes_to("/suggestions/board/")
    visitor.sees("Said by 2")
    visitor.looks()
    visitor.page.locator(f"#chosen-{suggestion.pk}").check()
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=re.compile("Put on the agenda")).first.click()
    visitor.goes_to(f"/meetings/{meeting.pk}/agenda/")
    visitor.sees(TITLE)
    took_place(meeting)
    visitor.goes_to(suggestion.get_absolute_url())
    visitor.follows("Record the Board’s answer")
    visitor.sees("What does the Board answer?")
    visitor.looks()
    page = visitor.page
    page.locator(f"input[name=meeting][value='{meeting.pk}']").check()
    page.get_by_role("radio", name="Accepted", exact=True).check()
    page.get_by_label("Why?").fill(REASON)
    page.get_by_label("Who sees to it?").select_option(label=str(board))
    page.get_by_label("What is to be done?").fill(ASKED)
    fill_date(page, "action_due", timezone.localdate() + timedelta(days=60))
    visitor.sends("Record the answer")
    visitor.sees("Answered")
    assert Action.objects.get(what=ASKED).status == ActionStatus.OPEN


def took_place(meeting):
    """The day of the meeting has come."""
    earlier = timezone.now() - timedelta(hours=3)
    Suggestion.objects.filter(status=S.WITH_BOARD).update(sent_up_at=earlier - timedelta(days=1))
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=earlier, ends_at=earlier + timedelta(hours=2), status=MeetingStatus.HELD
    )


def the_newsletter_is_drafted_and_approved(visitor, hub, suggestion) -> NewsletterIssue:
    jobs.draft_newsletters()
    issue = NewsletterIssue.objects.get(hub=hub)
    visitor.goes_to("/")
    visitor.sees("newsletter")
    visitor.goes_to(issue.get_absolute_url())
    visitor.sees(TITLE)
    visitor.looks()
    visitor.follows("Approve")
    visitor.page.get_by_role("radio", name="Now").check()
    visitor.sends("Approve the issue")
    issue.refresh_from_db()
    assert issue.status in {IssueStatus.APPROVED, IssueStatus.SENDING, IssueStatus.SENT}
    return issue


def it_goes_out(issue, smtp_server, suggestion):
    """To the author who reads the newsletter as an issue, to the other as a letter; then it is fed back."""
    jobs.send_newsletters()
    jobs.send_newsletters()
    wait_until(lambda: Delivery.objects.filter(issue=issue, sent_at__isnull=False).exists(), "the issue sent")
    portal_jobs.deliver_due_messages()
    wait_until(lambda: letters_to(smtp_server, "teacher@school.example"), "the letter to the other author")
    jobs.tell_authors()
    suggestion.refresh_from_db()
    assert suggestion.status == S.FED_BACK
    check_the_message(letters_to(smtp_server, ADDRESS)[-1])
    assert any(REASON in plain_part(letter) for letter in letters_to(smtp_server, "teacher@school.example"))


def check_the_message(letter):
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.search(r"<http\S+/newsletters/unsubscribe/\S+>", letter["List-Unsubscribe"])
    for header in ("Message-ID", "List-Id", "Date", "Reply-To"):
        assert letter[header], header
    html = letter.get_body(("html",)).get_content()
    for words in (plain_part(letter), html):
        assert "You asked" in words
        assert TITLE in words
        assert REASON in " ".join(words.split())
        assert "/newsletters/preferences/" in words
    assert "<script" not in html
    assert 'style="' in html
    assert 'lang="en' in html


def the_author_reads_it(visitor, link, smtp_server):
    visitor.page.goto(link)
    visitor.sees("Fed back")
    visitor.sees(REASON)
    visitor.sees(ASKED)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 375
    unsubscribe = re.search(r"<(http\S+)>", letters_to(smtp_server, ADDRESS)[-1]["List-Unsubscribe"]).group(1)
    visitor.page.goto(unsubscribe)
    visitor.sees("Unsubscribe")


def everybody_reads_it(visitor, issue):
    visitor.goes_to("/you-said/")
    visitor.sees(TITLE)
    visitor.sees(REASON)
    visitor.goes_to(f"/newsletters/{issue.hub.group.slug}/{issue.number}/")
    visitor.sees(REASON)
    assert ADDRESS not in visitor.page.content()
