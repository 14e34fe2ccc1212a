"""The mailbox page of development: every letter to read, open to all, and nowhere but in development."""

import pytest
from django.core.mail import EmailMessage, get_connection
from django.urls import NoReverseMatch, clear_url_caches, include, path, reverse

from hscp.settings import local
from hscp.urls import handler400, handler403, handler404
from hscp.urls import urlpatterns as portal
from partnership import mailbox

__all__ = ["handler400", "handler403", "handler404"]

urlpatterns = [*portal, path("mailbox/", include("partnership.mailbox_urls"))]  # as in development


@pytest.fixture
def in_development(settings):
    settings.ROOT_URLCONF = __name__
    clear_url_caches()


def send(to, subject, body):
    letter = EmailMessage(subject, body, "portal@example.org", [to])
    get_connection(local.EMAIL_BACKEND).send_messages([letter])


def test_development_keeps_its_letters_for_the_page():
    assert local.EMAIL_BACKEND == "partnership.mailbox.MailboxBackend"
    assert local.MAILBOX_PAGE


def test_elsewhere_there_is_no_such_page(client, db):
    with pytest.raises(NoReverseMatch):
        reverse("mailbox")
    assert client.get("/mailbox/").status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("in_development")
def test_letters_are_shown_newest_first_to_anybody_with_their_links(client):
    send("a@example.org", "First", "Dear A,\n\nopen http://localhost:8000/invitation/abc/ now")
    send("b@example.org", "Second", "Dear <b>,")
    page = client.get("/mailbox/").content.decode()
    assert page.index("Second") < page.index("First")
    assert '<a href="http://localhost:8000/invitation/abc/"' in page
    assert "Dear &lt;b&gt;," in page


@pytest.mark.django_db
@pytest.mark.usefixtures("in_development")
def test_one_address_can_be_picked(client):
    send("a@example.org", "First", "x")
    send("b@example.org", "Second", "x")
    page = client.get("/mailbox/", {"to": "a@example.org"}).content.decode()
    assert "First" in page
    assert "Second" not in page


@pytest.mark.django_db
@pytest.mark.usefixtures("in_development")
def test_an_empty_mailbox_says_so(client):
    assert "No e-mails yet" in client.get("/mailbox/").content.decode()


def test_the_newest_two_hundred_are_kept():
    for number in range(205):
        send("a@example.org", f"Letter {number}", "x")
    kept = mailbox.kept()
    assert len(kept) == mailbox.MOST == 200
    assert kept[0]["subject"] == "Letter 204"
