"""The link of an invitation: it works once, in time, letter for letter, and signs its person in as allauth does."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from partnership.choices import Role
from partnership.models import Invitation, OutgoingMessage, User
from partnership.services import people
from tests.factories import grant


@pytest.fixture
def nina(oak_lane):
    """A new lead of Oak Lane, with an account that she has not opened yet."""
    person = people.find_or_make_person("nina@example.org", name="Nina New")
    grant(person, Role.DSL, oak_lane.organisation)
    return person


@pytest.fixture
def link(nina, ursula):
    """The path of the link in Nina's letter."""
    people.invite(nina, by=ursula)
    return path_in(OutgoingMessage.objects.get(name="invitation"))


def path_in(message):
    found = re.search(re.escape(settings.PORTAL_ADDRESS) + r"(/invitation/\S+)", message.body)
    return found[1]


def accept(client, link, name="Nina New", password=""):
    return client.post(link, {"name": name, "password": password})


def text(response):
    return response.content.decode()


def test_the_page_says_who_invites_whom_to_what(client, link):
    page = text(client.get(link))
    for part in (
        "Ursula Unit invites you",
        "Designated safeguarding lead",
        "Oak Lane School",
        "nina@example.org",
        "Nina New",
    ):
        assert part in page


def test_looking_changes_nothing(client, link):
    client.get(link)
    client.head(link)
    assert Invitation.objects.get().accepted_at is None


def test_accepting_signs_in_and_leads_home(client, link, nina):
    response = accept(client, link, name=" Nina Newname ")
    assert response["Location"] == reverse("home")
    assert get_user(client) == nina
    nina.refresh_from_db()
    assert (nina.name, nina.has_usable_password()) == ("Nina Newname", False)
    assert nina.last_login is not None
    assert "Your account is open" in text(client.get(reverse("home")))


def test_with_a_password_one_can_sign_in_again(client, link, nina):
    accept(client, link, password="three random words")
    nina.refresh_from_db()
    assert nina.check_password("three random words")


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("short", "This password is too short. It must contain at least 12 characters."),
        ("password1234", "This password is too common."),
        ("nina@example.org", "The password is too similar to the email."),
        ("Nina Newname1", "The password is too similar to the name."),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays_good(client, link, password, error):
    response = accept(client, link, name="Nina Newname", password=password)
    page = text(response)
    assert error in page
    assert "<title>Error: " in page
    assert f'value="{password}"' not in page
    assert Invitation.objects.get().accepted_at is None


def test_a_name_is_needed(client, link):
    assert "Enter your name" in text(accept(client, link, name="  "))


def test_a_link_works_once(client, link):
    accept(client, link)
    client.logout()
    for response in (client.get(link), accept(client, link)):
        assert response.status_code == 404
        assert "This link has been used already" in text(response)
    assert not get_user(client).is_authenticated


def test_a_link_works_until_it_expires(client, link):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for response in (client.get(link), accept(client, link)):
        assert response.status_code == 404
        assert "This link no longer works" in text(response)


def test_a_newer_link_ends_the_one_before(client, link, nina, ursula):
    people.invite(nina, by=ursula)
    assert client.get(link).status_code == 404
    assert client.get(path_in(OutgoingMessage.objects.filter(name="invitation").latest("pk"))).status_code == 200


def test_a_link_changed_by_one_character_is_not_ours(client, link):
    for place in (len("/invitation/"), -3):
        changed = list(link)
        changed[place] = "A" if changed[place] != "A" else "B"
        response = client.get("".join(changed))
        assert response.status_code == 404
        assert "This link is not one that we sent" in text(response)


@pytest.mark.parametrize("secret", ["x", "%00", "' OR 1=1", "ä" * 2000])
def test_nonsense_is_not_ours(client, db, secret):
    response = client.get(reverse("accept_invitation", args=[secret]))
    assert response.status_code == 404
    assert "This link is not one that we sent" in text(response)


def test_a_closed_account_is_not_opened(client, link, nina):
    User.objects.filter(pk=nina.pk).update(is_active=False)
    assert client.get(link).status_code == 404


def test_the_secret_is_nowhere_in_the_database_but_in_the_letter(link):
    secret = link.split("/")[2]
    assert secret not in str(Invitation.objects.values().get())


def test_whoever_was_signed_in_on_this_computer_is_signed_out(client, link, nina, ursula):
    client.force_login(ursula)
    assert "Ursula Unit is signed in on this computer" in text(client.get(link))
    accept(client, link)
    assert get_user(client) == nina


def test_somebody_who_is_signed_in_already_stays_so(client, link, nina):
    client.force_login(nina)
    assert "is signed in on this computer" not in text(client.get(link))
    assert accept(client, link)["Location"] == reverse("home")
    assert get_user(client) == nina


def test_the_second_step_is_asked_for(client, link, nina):
    TOTP.activate(nina, generate_totp_secret())
    assert Authenticator.objects.filter(user=nina).exists()
    response = accept(client, link)
    assert response["Location"] == reverse("mfa_authenticate")
    assert not get_user(client).is_authenticated


def test_the_page_is_kept_in_no_cache(client, link):
    assert "no-store" in client.get(link)["Cache-Control"]


def test_too_many_tries_are_stopped(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"accept_invitation": "3/m/ip"}
    wrong = reverse("accept_invitation", args=["wrong"])
    assert [client.post(wrong).status_code for _ in range(4)] == [404, 404, 404, 429]


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_counts(nina, ursula):
    people.invite(nina, by=ursula)
    secret = path_in(OutgoingMessage.objects.get()).split("/")[2]
    together = Barrier(2)

    def click(name):
        try:
            together.wait(timeout=10)
            return people.accept_invitation(secret, name=name).name
        except people.InvitationUnusable:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(click, ["First", "Second"]))
    assert outcomes.count(None) == 1
    nina.refresh_from_db()
    assert nina.name in outcomes
