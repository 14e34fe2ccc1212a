"""The pages of the newsletters: those who make an issue, and everybody who reads one."""

from datetime import datetime, time, timedelta

import pikepdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hscp.lib.dates import add_working_days, is_working_day
from learninghubs.choices import IssueStatus, ItemKind
from learninghubs.forms.issues import ApproveForm, next_good_day
from learninghubs.models import NewsletterIssue, Theme
from learninghubs.newsletter_pdf import newsletter_pdf
from learninghubs.services import issues as services
from learninghubs.views.issues import IssueEmail
from partnership.engine import documents
from partnership.models import Document
from tests.factories import ForumFactory, SubscriberFactory
from tests.hscp.test_headers import policy_of
from tests.learninghubs.newsletters import make_answer, make_everything, send_out, sent_issue


@pytest.fixture
def issue(hub):
    make_everything(hub)
    return services.draft_issue(hub, on=timezone.localdate())


def page(name: str, *args, **query) -> str:
    return reverse(f"learninghubs:{name}", args=args, query=query)


def answer_of(issue):
    return issue.items.get(kind=ItemKind.ANSWER)


# For those who make it


def test_the_lead_drafts_an_issue_by_a_button(hub, ben, signed_in):
    client = signed_in(ben)
    assert "Draft the next issue of" in client.get(page("issues")).content.decode()
    response = client.post(page("draft_issue", hub.group.slug), follow=True)
    assert "The issue has been drafted" in response.content.decode()
    assert NewsletterIssue.objects.get().hub == hub


def test_a_second_click_leads_to_the_draft_that_is_there(issue, hub, ben, signed_in):
    client = signed_in(ben)
    for ask in (client.get, client.post):
        response = ask(page("draft_issue", hub.group.slug))
        assert response.status_code == 409
        assert issue.get_absolute_url() in response.content.decode()


def test_the_page_of_a_draft_has_each_item_with_its_buttons(issue, ben, signed_in):
    text = signed_in(ben).get(issue.get_absolute_url()).content.decode()
    assert text.count(">Leave out<") == 5
    assert text.count('value="up"') == text.count('value="down"') == 4
    assert "Approve</a>" not in text
    assert "The business unit approves it" in text


def test_a_scrutineer_reads_it_and_has_no_buttons(issue, stella, signed_in):
    text = signed_in(stella).get(issue.get_absolute_url()).content.decode()
    assert "Feedback after a referral" in text
    assert "Leave out" not in text


def test_it_says_that_an_answer_is_missing_until_it_is_taken_in(issue, hub, ben, signed_in):
    client = signed_in(ben)
    make_answer(hub, title="A second answer")
    assert "has given 1 answer that is not in this issue yet" in client.get(issue.get_absolute_url()).content.decode()
    response = client.post(page("take_in_news", issue.pk), follow=True)
    assert "1 item added" in response.content.decode()
    assert "A second answer" in response.content.decode()


def test_an_item_is_moved_changed_left_out_and_taken_in_again(issue, ben, signed_in):
    client, answer = signed_in(ben), answer_of(issue)
    response = client.post(page("move_issue_item", issue.pk, answer.pk), {"direction": "down"})
    assert response["Location"].endswith(f"#down-item-{answer.pk}")
    form = client.get(page("edit_issue_item", issue.pk, answer.pk))
    assert "Only the Board can change it" in form.content.decode()
    loaded = form.context["form"]["loaded"].value()
    client.post(
        page("edit_issue_item", issue.pk, answer.pk),
        {"loaded": loaded, "title": "Heard", "text": "Thank you", "url": ""},
    )
    client.post(page("leave_out_item", issue.pk, answer.pk), {"because": "The schools are told first"})
    text = client.get(issue.get_absolute_url()).content.decode()
    assert "The schools are told first" in text
    client.post(page("put_back_item", issue.pk, answer.pk))
    answer.refresh_from_db()
    assert (answer.order, answer.title, answer.text, answer.left_out_because) == (2, "Heard", "Thank you", "")


def test_an_answer_is_not_left_out_without_a_reason(issue, ben, signed_in):
    answer = answer_of(issue)
    response = signed_in(ben).post(page("leave_out_item", issue.pk, answer.pk), {"because": " "})
    assert "Enter why this answer is left out" in response.content.decode()


def test_whoever_saves_second_sees_both_and_loses_nothing(issue, ben, signed_in):
    client, item = signed_in(ben), answer_of(issue)
    address = page("edit_issue_item", issue.pk, item.pk)
    loaded = client.get(address).context["form"]["loaded"].value()
    for words in ("Theirs", "Mine"):
        response = client.post(address, {"loaded": loaded, "title": "Title", "text": words, "url": ""})
    text = response.content.decode()
    assert "Somebody else changed this" in text
    assert "Theirs" in text
    assert "Mine" in text


def test_news_that_may_identify_a_child_is_refused_and_stays_in_the_form(issue, ben, signed_in):
    response = signed_in(ben).post(
        page("add_news", issue.pk), {"title": "News", "text": "Born 04/05/2012, NHS 943 476 5919", "url": ""}
    )
    assert response.status_code == 200
    assert "943 476 5919" in response.context["form"]["text"].value()
    assert "943 476 5919" in str(response.context["form"].errors["text"])


def test_an_item_of_another_issue_is_not_found(issue, other_hub, ursula, signed_in):
    make_answer(other_hub)
    other = services.draft_issue(other_hub, on=timezone.localdate())
    assert signed_in(ursula).get(page("edit_issue_item", issue.pk, answer_of(other).pk)).status_code == 404


@pytest.mark.parametrize("shown", ["web", "email", "text", "pdf", "nonsense"])
def test_every_preview_opens_for_an_empty_issue_and_a_full_one(issue, hub, other_hub, stella, ursula, signed_in, shown):
    empty = services.draft_issue(other_hub, on=timezone.localdate(), by=ursula)
    client = signed_in(stella)
    for one in (issue, empty):
        assert client.get(page("issue_preview", one.pk, **{"as": shown})).status_code == 200


def test_it_is_shown_as_it_goes_to_a_reader_whose_suggestion_is_answered(issue, ben, signed_in):
    client, own = signed_in(ben), answer_of(issue).response_id
    plain = client.get(page("issue_preview", issue.pk, **{"as": "text"})).content.decode()
    personal = client.get(page("issue_preview", issue.pk, **{"as": "text", "own": own})).content.decode()
    assert "The Board has answered your suggestion" not in plain
    assert "The Board has answered your suggestion" in personal
    assert "This is what you suggested" in client.get(page("issue_email", issue.pk, own=own)).content.decode()


@pytest.mark.parametrize("own", ["", "0", "x", "²", "9" * 40])
def test_a_reader_that_is_not_there_is_a_reader_who_asked_nothing(issue, ben, signed_in, own):
    response = signed_in(ben).get(page("issue_email", issue.pk, own=own))
    assert "This is what you suggested" not in response.content.decode()


def test_the_e_mail_shows_its_own_styles_and_may_do_nothing_else(issue, ben, signed_in):
    response = signed_in(ben).get(page("issue_email", issue.pk))
    assert response["Content-Security-Policy"] == IssueEmail.policy
    assert policy_of(response) == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_blank">' in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"


def test_a_preview_of_the_pdf_is_made_by_the_worker(issue, ben, signed_in):
    client = signed_in(ben)
    client.post(page("make_issue_preview", issue.pk))
    documents.make(Document.objects.get().pk)
    text = client.get(page("issue_preview", issue.pk, **{"as": "pdf"})).content.decode()
    assert reverse("document", args=[Document.objects.get().pk]) in text


# Approved


def test_the_unit_sees_how_many_and_which_answers_and_chooses_an_hour(issue, hub, ursula, signed_in):
    SubscriberFactory.create_batch(2, hubs=[hub])
    client, address = signed_in(ursula), page("approve_issue", issue.pk)
    text = client.get(address).content.decode()
    assert "2 readers" in text
    assert "Feedback after a referral" in text
    day = add_working_days(timezone.localdate(), 3)
    given = {"day_day": day.day, "day_month": day.month, "day_year": day.year, "hour": "09:30"}
    response = client.post(address, {"when": "later"} | given, follow=True)
    assert "Approved. It goes out on" in response.content.decode()
    issue.refresh_from_db()
    assert timezone.localtime(issue.send_at) == timezone.make_aware(datetime.combine(day, time(9, 30)))


def test_it_goes_out_now_if_that_is_chosen(issue, ursula, signed_in):
    signed_in(ursula).post(page("approve_issue", issue.pk), {"when": "now"})
    assert NewsletterIssue.objects.to_be_sent(timezone.now()).get() == issue


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Select when it goes out"),
        ({"when": "later"}, "Enter the day it goes out"),
        ({"when": "later", "day_day": "1", "day_month": "2", "day_year": "2020", "hour": "09:00"}, "in the future"),
        ({"when": "later", "day_day": "1", "day_month": "2", "day_year": "2199", "hour": "09:00"}, "within the next"),
        (
            {"when": "later", "day_day": "31", "day_month": "2", "day_year": "2027", "hour": "25:00"},
            "must be a real date",
        ),
    ],
)
def test_a_time_that_cannot_be_says_why(issue, ursula, signed_in, given, said):
    response = signed_in(ursula).post(page("approve_issue", issue.pk), given)
    assert response.status_code == 200
    assert said in response.content.decode()


def test_an_answer_decided_meanwhile_is_added_and_the_page_says_so(issue, hub, ursula, signed_in):
    make_answer(hub, title="Just decided")
    response = signed_in(ursula).post(page("approve_issue", issue.pk), {"when": "now"})
    assert response.status_code == 409
    assert "It has been added" in response.content.decode()
    issue.refresh_from_db()
    assert issue.status == IssueStatus.DRAFT
    assert issue.items.filter(title="Just decided").exists()


def test_who_approves_what_is_approved_already_is_told(issue, ursula, signed_in):
    client = signed_in(ursula)
    for expected in (302, 409):
        assert client.post(page("approve_issue", issue.pk), {"when": "now"}).status_code == expected
    assert client.post(page("take_issue_back", issue.pk)).status_code == 302
    assert client.get(page("take_issue_back", issue.pk)).status_code == 409


def test_the_day_suggested_is_a_working_day():
    assert is_working_day(next_good_day(timezone.localdate()))
    assert ApproveForm().initial["hour"] == "09:30"


# For everybody


def test_only_what_has_begun_to_go_out_is_public(issue, client):
    address = page("newsletter", issue.hub.group.slug, issue.number)
    for status, expected in (("draft", 404), ("approved", 404), ("sending", 200), ("sent", 200)):
        NewsletterIssue.objects.update(status=status, approved_at=timezone.now(), sending_from=timezone.now())
        assert client.get(address).status_code == expected
        assert (issue.title in client.get(page("newsletters")).content.decode()) == (expected == 200)


def test_everybody_reads_the_answer_and_nobody_what_its_author_does_not_share(hub, client):
    make_answer(hub)
    make_answer(hub, title="A quiet matter", may_be_shared=False)
    issue = send_out(services.draft_issue(hub, on=timezone.localdate()))
    text = client.get(page("newsletter", hub.group.slug, issue.number)).content.decode()
    assert "Feedback after a referral" in text
    assert "A quiet matter" not in text
    assert "The Board has answered 1 more suggestion" in text
    assert "Aisha Author" not in text


def test_the_archive_has_the_newest_first_and_can_be_of_one_hub(hub, other_hub, client):
    for place, one in enumerate((hub, other_hub, hub)):
        sent_issue(one, number=place + 1, days_ago=place, title=f"Issue of day {place}")
    text = client.get(page("newsletters")).content.decode()
    assert text.index("Issue of day 0") < text.index("Issue of day 1") < text.index("Issue of day 2")
    of_one = client.get(page("newsletters", hub=hub.group.slug)).content.decode()
    assert "Issue of day 1" not in of_one
    assert client.get(page("newsletters", hub="nobody")).status_code == 200


def test_an_archive_without_issues_says_so(client, db):
    assert "No newsletter has gone out yet" in client.get(page("newsletters")).content.decode()


def test_the_pdf_is_offered_once_it_is_made_and_is_tagged_and_named(issue, client, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    send_out(issue)
    address = page("newsletter_pdf", issue.hub.group.slug, issue.number)
    assert client.get(address).status_code == 404
    documents.make(services.want_pdfs()[0].pk)
    content = b"".join(client.get(address).streaming_content)
    (tmp_path / "issue.pdf").write_bytes(content)
    with pikepdf.open(tmp_path / "issue.pdf") as pdf, pdf.open_metadata() as metadata:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]) == issue.title
        assert metadata["pdfuaid:part"] == "1"


def test_a_preview_made_before_is_never_offered_to_everybody(issue, ben, client):
    documents.make(services.make_preview(issue, by=ben).pk)
    send_out(issue)
    assert client.get(page("newsletter_pdf", issue.hub.group.slug, issue.number)).status_code == 404


def test_the_name_of_the_file_says_whose_it_is(issue):
    made = newsletter_pdf(issue)
    assert made.filename == "learning-hub-north-hertfordshire-and-stevenage-issue-1.pdf"


# However many


@pytest.mark.parametrize("name", ["issue", "issue_preview", "approve_issue"])
def test_a_page_of_an_issue_costs_the_same_however_much_is_in_it(issue, hub, ursula, signed_in, name):
    client = signed_in(ursula)
    few, theme = queries_of(client, page(name, issue.pk)), Theme.objects.get()
    for n in range(6):
        make_answer(hub, title=f"Answer {n}")
        ForumFactory(hub=hub, theme=theme, starts_at=timezone.now() + timedelta(days=n + 20))
    services.take_in(issue, by=ursula)
    assert queries_of(client, page(name, issue.pk)) == few


@pytest.mark.parametrize("name", ["issues", "newsletters"])
def test_a_list_costs_the_same_however_many_there_are(hub, ursula, signed_in, name):
    client = signed_in(ursula)
    sent_issue(hub, number=1, days_ago=90)
    few = queries_of(client, page(name))
    for n in range(6):
        sent_issue(hub, number=n + 2, days_ago=n)
    assert queries_of(client, page(name)) == few


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)
