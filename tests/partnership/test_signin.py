"""Signing in and out: a password, an emailed code, a passkey; what it gives away, and how often it may be tried."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from hscp.settings import base
from partnership.models import OutgoingMessage
from tests.factories import UserFactory

PASSWORD = "three random words"  # of everybody in the cast
LOGIN, CODE, CONFIRM = "account_login", "account_request_login_code", "account_confirm_login_code"
RESET = "account_reset_password"


@pytest.fixture
def limited(settings):
    """With the rate limits of production: other tests go without."""
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS


def is_signed_in(client) -> bool:
    return client.get(reverse("your_account")).status_code == 200


def sign_in(client, person, password=PASSWORD):
    return client.post(reverse(LOGIN), {"login": person.email, "password": password})


def ask_for_code(client, email):
    return client.post(reverse(CODE), {"email": email})


def code_sent() -> str:
    """The code in the newest message."""
    body = OutgoingMessage.objects.filter(name="login_code").latest("pk").body
    return re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", body, re.MULTILINE)[0]


# With a password


def test_the_right_password_signs_in(client, amira):
    response = sign_in(client, amira)
    assert response.status_code == 302
    assert response["Location"] == reverse("home")
    assert is_signed_in(client)


def test_an_address_may_be_typed_in_any_case(client, amira):
    assert client.post(reverse(LOGIN), {"login": " AMIRA@Example.org ", "password": PASSWORD}).status_code == 302
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client, amira):
    wrong = sign_in(client, amira, "not three random words")
    unknown = client.post(reverse(LOGIN), {"login": "nobody@example.org", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert wrong.context["form"].errors
    assert not is_signed_in(client)


def test_a_closed_account_is_not_opened_by_its_password(client, amira):
    amira.is_active = False
    amira.save()
    response = sign_in(client, amira)
    assert response["Location"] == reverse("account_inactive")
    assert not is_signed_in(client)


def test_who_has_no_password_is_answered_like_anybody_else(client, amira):
    amira.set_unusable_password()
    amira.save()
    assert sign_in(client, amira, "").context["form"].errors
    assert sign_in(client, amira).context["form"].errors
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_sign_in_never_leads_out_of_the_portal(address, client, amira):
    response = client.post(reverse(LOGIN), {"login": amira.email, "password": PASSWORD, "next": address})
    assert response["Location"] == reverse("home")


def test_signing_in_changes_the_session_key_and_the_token_against_forgery(client, amira):
    client.get(reverse(LOGIN))
    before = client.cookies["csrftoken"].value
    sign_in(client, amira)
    assert client.cookies["csrftoken"].value != before
    first = client.cookies["sessionid"].value
    client.post(reverse("account_logout"))
    sign_in(client, amira)
    assert client.cookies["sessionid"].value != first


def test_the_cookies_are_hidden_from_scripts_and_other_sites(client, amira):
    client.get(reverse(LOGIN))
    sign_in(client, amira)
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"
    assert client.cookies["sessionid"]["expires"] == ""  # gone with the browser


def test_without_the_token_against_forgery_nobody_is_signed_in(amira):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, amira).status_code == 403
    assert not is_signed_in(client)


# With an emailed code


def test_an_emailed_code_signs_in_once(client, amira):
    ask_for_code(client, amira.email)
    code = code_sent()
    response = client.post(reverse(CONFIRM), {"code": code})
    assert response["Location"] == reverse("home")
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    ask_for_code(client, amira.email)
    client.post(reverse(CONFIRM), {"code": code})
    assert not is_signed_in(client)


def test_the_code_goes_out_like_every_message_and_is_forgotten_once_sent(client, amira):
    ask_for_code(client, amira.email)
    message = OutgoingMessage.objects.get()
    assert (message.name, message.to_email, message.secret) == ("login_code", amira.email, True)
    assert "code" in message.subject


def test_a_wrong_code_may_be_tried_three_times(client, amira):
    ask_for_code(client, amira.email)
    code = code_sent()
    for _ in range(3):
        client.post(reverse(CONFIRM), {"code": "WRNG-CODE"})
    client.post(reverse(CONFIRM), {"code": code})
    assert not is_signed_in(client)


def test_a_code_is_good_for_a_quarter_of_an_hour(client, amira, monkeypatch):
    ask_for_code(client, amira.email)
    code, asked_at = code_sent(), time.time()
    monkeypatch.setattr(time, "time", lambda: asked_at + base.ACCOUNT_LOGIN_BY_CODE_TIMEOUT + 1)
    client.post(reverse(CONFIRM), {"code": code})
    monkeypatch.undo()
    assert not is_signed_in(client)


def test_a_code_is_good_in_the_browser_that_asked_for_it_only(client, amira):
    ask_for_code(client, amira.email)
    other = Client()
    ask_for_code(other, "nobody@example.org")
    other.post(reverse(CONFIRM), {"code": code_sent()})
    assert not is_signed_in(other)


def test_asking_for_a_code_does_not_say_who_has_an_account(client, amira):
    known, unknown = ask_for_code(client, amira.email), ask_for_code(Client(), "nobody@example.org")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    names = {message.to_email: message.name for message in OutgoingMessage.objects.all()}
    assert names == {amira.email: "login_code", "nobody@example.org": "unknown_account"}


def test_a_closed_account_is_not_opened_by_a_code(client, amira):
    amira.is_active = False
    amira.save()
    ask_for_code(client, amira.email)
    for message in OutgoingMessage.objects.filter(name="login_code"):
        client.post(reverse(CONFIRM), {"code": re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", message.body)[0]})
    assert not is_signed_in(client)


# A forgotten password


def test_asking_for_a_new_password_does_not_say_who_has_an_account(client, amira):
    answers = [client.post(reverse(RESET), {"email": email}) for email in (amira.email, "nobody@example.org")]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, reverse("account_reset_password_done"))
    }


def test_the_link_in_the_message_sets_a_new_password_once(client, amira):
    client.post(reverse(RESET), {"email": amira.email})
    link = re.search(r"https?://\S+", OutgoingMessage.objects.get().body)[0]
    page = client.get(link, follow=True)
    new = {"password1": "four quite random words", "password2": "four quite random words"}
    assert client.post(page.request["PATH_INFO"], new).status_code == 302
    assert sign_in(Client(), amira).status_code == 200
    assert sign_in(client, amira, "four quite random words").status_code == 302
    assert "password1" in page.content.decode()
    assert "password1" not in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("password", ["short words", "1q2w3e4r5t6y", "amira@example.org"])
def test_a_weak_password_is_refused(password, client, amira):
    client.post(reverse(RESET), {"email": amira.email})
    page = client.get(re.search(r"https?://\S+", OutgoingMessage.objects.get().body)[0], follow=True)
    again = client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})
    assert again.status_code == 200
    assert again.context["form"].errors["password1"]


# Signing out


def test_signing_out_wants_a_click_not_a_link(client, amira):
    sign_in(client, amira)
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(client)
    assert client.post(reverse("account_logout")).status_code == 302
    assert not is_signed_in(client)


# Signing up


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_can_make_an_account_of_their_own(method, client, db):
    typed = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = getattr(client, method)(reverse("account_signup"), typed)
    assert response.status_code == 200
    assert "invitation" in response.content.decode().lower()
    assert not UserFactory._meta.model.objects.exists()


# Rate limits


def test_five_wrong_passwords_for_one_account_stop_the_sixth_try_even_with_the_right_one(limited, client, amira):
    for _ in range(5):
        sign_in(client, amira, "wrong")
    response = sign_in(client, amira)
    assert "Too many" in response.content.decode()
    assert not is_signed_in(client)


def test_after_five_minutes_the_account_may_be_tried_again(limited, client, amira, monkeypatch):
    for _ in range(5):
        sign_in(client, amira, "wrong")
    later = time.time() + 5 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert sign_in(client, amira).status_code == 302


def test_many_wrong_passwords_from_one_address_stop_every_account_there(limited, client, amira):
    for number in range(10):
        client.post(reverse(LOGIN), {"login": f"person{number}@example.org", "password": "wrong"})
    assert sign_in(client, amira).status_code != 302
    elsewhere = client.post(reverse(LOGIN), {"login": amira.email, "password": PASSWORD}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302


def test_codes_for_one_account_are_sent_three_a_minute(limited, client, amira):
    answers = [ask_for_code(Client(), amira.email).status_code for _ in range(5)]
    assert OutgoingMessage.objects.filter(name="login_code").count() == 3
    assert 500 not in answers


def test_new_passwords_are_asked_for_five_times_a_minute(limited, client, amira):
    for _ in range(7):
        client.post(reverse(RESET), {"email": amira.email})
    assert OutgoingMessage.objects.count() == 5


# While Redis is down


def test_while_redis_is_down_people_sign_in_all_the_same(redis_is_down, limited, client, amira):
    assert sign_in(client, amira).status_code == 302
    assert is_signed_in(client)


def test_while_redis_is_down_a_code_is_written_down_to_be_sent(redis_is_down, client, amira):
    assert ask_for_code(client, amira.email).status_code == 302
    client.post(reverse(CONFIRM), {"code": code_sent()})
    assert is_signed_in(client)


# Bad input


@pytest.mark.parametrize("name", [LOGIN, CODE, RESET])
@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "x",
        "a@b",
        "x" * 400 + "@example.org",
        f"{'x' * 60}@{'y' * 60}.{'z' * 180}.org",
        "a\0b@example.org",
        "<b>@example.org",
        "o’neill@example.org",
    ],
)
def test_whatever_is_typed_for_an_address_is_answered_with_a_page(name, typed, client, db):
    response = client.post(reverse(name), {"login": typed, "email": typed, "password": "x\0y"})
    assert response.status_code in (200, 302)


def test_the_page_for_a_code_that_nobody_asked_for_leads_to_sign_in(client, db):
    assert client.get(reverse(CONFIRM)).status_code == 302


# Passkeys


@pytest.mark.parametrize("name", ["mfa_index", "mfa_list_webauthn", "mfa_add_webauthn"])
def test_the_pages_for_passkeys_are_there(name, client, amira):
    amira.set_unusable_password()
    amira.save()
    client.force_login(amira)
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "<h1" in response.content.decode()


def test_sign_in_offers_a_passkey_and_the_portal_makes_the_challenge(client, db):
    assert "passkey" in client.get(reverse(LOGIN)).content.decode().lower()
    challenge = client.get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"})
    assert challenge.status_code == 200
    assert challenge.json()["request_options"]["publicKey"]["challenge"]


def test_a_passkey_that_is_none_is_refused(client, db):
    response = client.post(reverse("mfa_login_webauthn"), {"credential": "{}"})
    assert response.status_code in (200, 302)
    assert not is_signed_in(client)
