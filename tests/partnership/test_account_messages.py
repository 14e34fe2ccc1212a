"""The messages about one's account: plain text, subjects that say what it is about, no trace of allauth's own words."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from partnership.models import User

TEMPLATES = Path(settings.BASE_DIR) / "templates"
FOLDERS = ["account/email", "mfa/email"]
NAMES = sorted(
    f"{folder}/{path.name.removesuffix('_message.txt')}"
    for folder in FOLDERS
    for path in (TEMPLATES / folder).glob("*_message.txt")
    if not path.name.startswith("base_")
)
CONTEXT = {
    "user": User(name="Siobhan O'Neill", email="siobhan@example.org"),
    "email": "siobhan@example.org",
    "code": "ABCD-EFGH",
    "password_reset_url": "https://portal.example.org/reset/?a=1&b=2",
    "activate_url": "https://portal.example.org/confirm/?a=1&b=2",
    "from_email": "old@example.org",
    "to_email": "new@example.org",
    "deleted_email": "old@example.org",
    "ip": "192.0.2.7",
    "user_agent": "Firefox",
    "timestamp": timezone.now(),
}


@pytest.fixture
def message(rf):
    def message(name):
        subject = render_to_string(f"{name}_subject.txt", CONTEXT).strip()
        return subject, render_to_string(f"{name}_message.txt", CONTEXT, rf.get("/")).strip()

    return message


@pytest.mark.parametrize("name", NAMES)
def test_every_message_has_a_subject_of_one_line_that_names_the_portal(name, message):
    subject, _ = message(name)
    assert "\n" not in subject
    assert "HSCP portal" in subject


@pytest.mark.parametrize("name", NAMES)
def test_every_message_is_plain_text_signed_with_where_to_write(name, message):
    _, body = message(name)
    assert body.endswith(f"{settings.PORTAL_NAME}\n{settings.CONTACT_EMAIL}")
    assert not [trace for trace in ("&amp;", "&#x27;", "&quot;", "<p>", "{{", "{%") if trace in body]
    assert "example.com" not in body


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_empty_three_times_in_a_row(name, message):
    _, body = message(name)
    assert "\n\n\n" not in body


def test_a_name_with_an_apostrophe_stays_as_it_is(message):
    _, body = message("account/email/password_changed")
    assert "Hello Siobhan O'Neill," in body


def test_a_link_stays_whole(message):
    _, body = message("account/email/password_reset_key")
    assert "\nhttps://portal.example.org/reset/?a=1&b=2\n" in body


def test_a_change_says_when_and_from_where_it_was_made(message):
    _, body = message("mfa/email/totp_activated")
    assert "From: 192.0.2.7, Firefox" in body


def test_the_code_stands_on_a_line_of_its_own(message):
    _, body = message("account/email/login_code")
    assert "\nABCD-EFGH\n" in body


def test_messages_that_allauth_would_say_needlessly_are_silent():
    for name in ("account/messages/logged_in.txt", "account/messages/login_code_sent.txt"):
        assert render_to_string(name, CONTEXT).strip() == ""
