"""What happens around every request: sign-in, keeping typed text, the second factor, who made a change."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pghistory import config as pghistory_config

from partnership import middleware
from partnership.choices import Role
from partnership.jobs import tidy_up
from partnership.models import OutgoingMessage, UnsavedForm
from tests.factories import SchoolFactory, UserFactory, grant

NOTES = "/try/notes/900101/"
PLAIN = "/try/plain/"
TYPED = {"what": ["Train the staff", "Tell the governors"], "trust": "Tŷ Mawr"}
PASSWORD = "three random words"  # of everybody in the cast
PUBLIC = ["account_login", "accessibility", "privacy", "cookies"]


@pytest.fixture(autouse=True)
def _pages(settings):
    settings.ROOT_URLCONF = "tests.partnership.pages_to_try"


def next_of(response) -> str:
    """Where sign-in will lead back to."""
    return parse_qs(urlsplit(response["Location"]).query)["next"][0]


def said(response) -> list[str]:
    """The notification banners of the page that the response leads to."""
    return [str(message) for message in response.wsgi_request._messages]


# Sign-in


def test_without_sign_in_a_page_leads_to_sign_in_and_back(client, oak_lane):
    response = client.get(f"{PLAIN}?page=2")
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == reverse("account_login")
    assert next_of(response) == f"{PLAIN}?page=2"


@pytest.mark.parametrize("name", PUBLIC)
def test_the_public_pages_are_open(name, client, db):
    assert client.get(reverse(name)).status_code == 200


def test_within_a_page_htmx_is_sent_to_sign_in_as_a_whole(client, db):
    response = client.get(PLAIN, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response["HX-Redirect"].startswith(reverse("account_login"))


def test_a_session_ends_when_its_working_day_is_over(amira, signed_in):
    client = signed_in(amira)
    assert client.get(PLAIN).status_code == 200
    ends = Session.objects.get().expire_date - timezone.now()
    assert timedelta(hours=7, minutes=59) < ends <= timedelta(hours=8)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(PLAIN).status_code == 302


def test_an_account_that_is_closed_is_out_with_its_next_click(amira, signed_in):
    client = signed_in(amira)
    amira.is_active = False
    amira.save()
    assert client.get(PLAIN).status_code == 302


# What was typed when the session had ended


def test_what_was_typed_is_kept_and_given_back_after_sign_in(client, amira):
    refused = client.post(NOTES, TYPED | {"csrfmiddlewaretoken": "x"})
    assert refused.status_code == 302
    assert "what you typed has been kept" in said(refused)[0]
    client.force_login(amira)
    back = client.get(next_of(refused))
    assert back.json() == {"given back": {"what": TYPED["what"], "trust": ["Tŷ Mawr"]}}


def test_the_way_through_sign_in_leads_back_to_it(client, amira):
    refused = client.post(NOTES, TYPED)
    signed_in = client.post(refused["Location"], {"login": amira.email, "password": PASSWORD})
    assert signed_in["Location"] == next_of(refused)


def test_the_check_against_forgery_does_not_lose_it(amira):
    client = Client(enforce_csrf_checks=True)
    client.get(reverse("account_login"))
    token = client.cookies["csrftoken"].value
    refused = client.post(NOTES, TYPED | {"csrfmiddlewaretoken": token})
    assert "kept" in next_of(refused)
    assert set(UnsavedForm.objects.get().fields) == set(TYPED)


def test_it_is_given_to_nobody_who_may_not_open_the_page(client, erin, colin, oak_lane):
    address = next_of(client.post(NOTES, TYPED))
    for person, status in ((erin, 404), (colin, 403)):
        client.force_login(person)
        response = client.get(address)
        assert response.status_code == status
        assert "Train" not in response.content.decode()


@pytest.mark.parametrize("token", ["", "guessed", "\0", "%00", "x" * 5000])
def test_without_the_token_nothing_is_given_back(token, client, amira):
    client.post(NOTES, TYPED)
    client.force_login(amira)
    assert client.get(NOTES, {"kept": token}).json() == {"given back": None}


def test_it_is_given_back_on_its_own_page_only(client, amira):
    token = parse_qs(urlsplit(next_of(client.post(NOTES, TYPED))).query)["kept"][0]
    client.force_login(amira)
    assert client.get(f"{NOTES}another-part/", {"kept": token}).json() == {"given back": None}


def test_after_a_day_it_is_gone(client, amira):
    address = next_of(client.post(NOTES, TYPED))
    UnsavedForm.objects.update(kept_at=timezone.now() - timedelta(days=1))
    client.force_login(amira)
    assert client.get(address).json() == {"given back": None}
    tidy_up()
    assert not UnsavedForm.objects.exists()


def test_tidying_up_leaves_what_is_younger(client, db):
    client.post(NOTES, TYPED)
    tidy_up()
    assert UnsavedForm.objects.count() == 1


def test_a_page_that_keeps_nothing_just_leads_to_sign_in(client, db):
    response = client.post(PLAIN, TYPED)
    assert next_of(response) == PLAIN
    assert not UnsavedForm.objects.exists()


def test_too_much_is_not_kept_and_the_person_is_told(client, db):
    response = client.post(NOTES, {"what": "x" * (middleware.MOST_CHARACTERS + 1)})
    assert next_of(response) == NOTES
    assert "could not be kept" in said(response)[0]
    assert not UnsavedForm.objects.exists()


def test_too_long_an_address_is_no_error(client, db):
    response = client.post(f"{NOTES}{'x' * 600}/", TYPED)
    assert response.status_code == 302
    assert not UnsavedForm.objects.exists()


def test_characters_that_the_database_cannot_hold_are_left_out(client, amira):
    address = next_of(client.post(NOTES, {"wh\0at": "a\0b"}))
    client.force_login(amira)
    assert client.get(address).json() == {"given back": {"what": ["ab"]}}


def test_a_flood_from_one_address_fills_no_table(client, db):
    for _ in range(middleware.MOST_KEPT_PER_HOUR + 3):
        response = client.post(NOTES, TYPED)
    assert UnsavedForm.objects.count() == middleware.MOST_KEPT_PER_HOUR
    assert "could not be kept" in said(response)[-1]
    assert "kept=" in client.post(NOTES, TYPED, REMOTE_ADDR="198.51.100.7")["Location"].replace("%3D", "=")


def test_while_redis_is_down_it_is_kept(redis_is_down, client, db):
    assert "kept" in next_of(client.post(NOTES, TYPED))


# The second factor


@pytest.fixture
def required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def lead_of_two_schools(dan):
    grant(dan, Role.DSL, SchoolFactory().organisation)
    return dan


@pytest.mark.parametrize("name", ["ursula", "stella", "lead_of_two_schools"])
def test_who_sees_more_than_one_organisation_is_sent_to_set_a_second_factor_up(name, required, client, request):
    client.force_login(request.getfixturevalue(name))
    response = client.get(PLAIN)
    assert response.status_code == 302
    assert response["Location"] == reverse("mfa_index")
    assert "Set one up" in said(response)[0]


def test_so_is_the_break_glass_account(required, client, db):
    client.force_login(UserFactory(is_superuser=True))
    assert client.get(PLAIN)["Location"] == reverse("mfa_index")


@pytest.mark.parametrize("name", ["dan", "amira", "colin", "pat"])
def test_who_sees_one_school_or_none_is_not(name, required, client, request):
    client.force_login(request.getfixturevalue(name))
    assert client.get(PLAIN).status_code == 200


def test_where_the_setting_is_off_nobody_is(client, ursula):
    client.force_login(ursula)
    assert client.get(PLAIN).status_code == 200


def test_within_a_page_htmx_is_sent_there_as_a_whole(required, client, ursula):
    client.force_login(ursula)
    assert client.get(PLAIN, headers={"HX-Request": "true"})["HX-Redirect"] == reverse("mfa_index")


@pytest.mark.parametrize("name", ["mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"])
def test_the_pages_for_setting_one_up_stay_open(name, required, client, ursula):
    client.force_login(ursula)
    response = client.get(reverse(name), follow=True)
    assert response.status_code == 200
    assert response.request["PATH_INFO"] in {reverse(name), reverse("account_reauthenticate")}


@pytest.mark.parametrize("name", ["accessibility", "privacy", "cookies", "account_logout", "your_account"])
def test_so_do_the_public_pages_and_the_account(name, required, client, ursula):
    client.force_login(ursula)
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_who_has_an_app_or_a_passkey_goes_on(kind, required, client, ursula):
    Authenticator.objects.create(user=ursula, type=kind, data={})
    client.force_login(ursula)
    assert client.get(PLAIN).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(required, client, ursula):
    Authenticator.objects.create(user=ursula, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(ursula)
    assert client.get(PLAIN)["Location"] == reverse("mfa_index")


def test_with_a_password_from_the_first_sign_in_to_the_second_step_of_the_next(required, client, ursula):
    def sign_in():
        return client.post(reverse("account_login"), {"login": ursula.email, "password": PASSWORD})

    sign_in()
    assert client.get(PLAIN)["Location"] == reverse("mfa_index")
    again = client.get(reverse("mfa_activate_totp"))
    client.post(again["Location"], {"password": PASSWORD})
    _set_an_app_up_and_use_it(client, ursula, sign_in)


def test_without_a_password_from_the_first_sign_in_to_the_second_step_of_the_next(required, client, ursula):
    def sign_in():
        client.post(reverse("account_request_login_code"), {"email": ursula.email})
        body = OutgoingMessage.objects.filter(name="login_code").latest("pk").body
        code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", body, re.MULTILINE)
        return client.post(reverse("account_confirm_login_code"), {"code": code[0]})

    ursula.set_unusable_password()
    ursula.save()
    sign_in()
    assert client.get(PLAIN)["Location"] == reverse("mfa_index")
    _set_an_app_up_and_use_it(client, ursula, sign_in)


def _set_an_app_up_and_use_it(client, person, sign_in):
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    now = next(iter(auth.yield_hotp_counters_from_time()))
    code = auth.format_hotp_value(auth.hotp_value(secret, now))
    client.post(reverse("mfa_activate_totp"), {"code": code})
    assert client.get(PLAIN).status_code == 200

    client.post(reverse("account_logout"))
    assert sign_in()["Location"] == reverse("mfa_authenticate")
    assert client.get(PLAIN)["Location"].startswith(reverse("account_login"))
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    recovery = Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES).wrap()
    assert client.post(reverse("mfa_authenticate"), {"code": recovery.get_unused_codes()[0]}).status_code == 302
    assert client.get(PLAIN).status_code == 200


# The break-glass account


def test_what_the_break_glass_account_does_is_logged_by_page_and_number(client, oak_lane, caplog):
    account = UserFactory(is_superuser=True)
    client.force_login(account)
    client.get(reverse("history", args=["schools", "school", oak_lane.pk]))
    assert f"Break-glass account {account.pk}: GET history {{'pk': {oak_lane.pk}}}" in caplog.text


def test_no_secret_of_an_address_gets_into_the_log(client, db, caplog):
    client.force_login(UserFactory(is_superuser=True))
    client.get(reverse("accept_invitation", args=["a-secret-of-somebody"]) + "?kept=another-secret")
    client.get(reverse("account_reset_password_from_key", args=["1", "third-secret"]))
    assert "Break-glass" in caplog.text
    for secret in ("a-secret-of-somebody", "another-secret", "third-secret"):
        assert secret not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("part"))


def test_nobody_elses_clicks_are_logged(client, ursula, caplog):
    client.force_login(ursula)
    client.get(PLAIN)
    assert "Break-glass" not in caplog.text


# Who is behind a change


def test_a_change_is_recorded_with_the_person_and_without_the_address(client, amira, oak_lane):
    client.force_login(amira)
    assert client.post(NOTES, {"trust": "Oak Trust"}).status_code == 200
    event = oak_lane.events.get()
    assert event.pgh_context.metadata == {"user": amira.pk}


def test_only_what_changes_something_is_put_down_to_a_person():
    assert set(pghistory_config.middleware_methods()) == {"POST", "PUT", "PATCH", "DELETE"}


def count_queries(click) -> int:
    with CaptureQueriesContext(connection) as queries:
        click()
    return len(queries)


@pytest.mark.parametrize("method", ["get", "post"])
def test_to_record_the_person_costs_no_query(method, client, amira, oak_lane, settings):
    def click():
        getattr(client, method)(NOTES, {"trust": "Oak Trust"})

    client.force_login(amira)
    click()  # what is read once and kept, such as content types
    with_history = count_queries(click)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "HistoryMiddleware" not in name]
    assert count_queries(click) == with_history


def test_the_second_factor_costs_one_query_of_those_who_need_it_and_none_of_others(client, ursula, dan, settings):
    for person, cost in ((ursula, 1), (dan, 0)):
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
        client.force_login(person)
        settings.REQUIRE_SECOND_FACTOR = False
        without = count_queries(lambda: client.get(PLAIN))
        settings.REQUIRE_SECOND_FACTOR = True
        assert count_queries(lambda: client.get(PLAIN)) == without + cost
