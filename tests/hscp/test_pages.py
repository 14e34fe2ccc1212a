"""What every page has in common: its shell, its title, its errors, and that it keeps to the security policy."""

import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.template.loader import get_template
from django.test import Client
from django.urls import path, reverse

from hscp import urls
from tests.markup import Markup

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(template.relative_to(TEMPLATES).as_posix() for template in TEMPLATES.rglob("*.html"))
STATIC_PAGES = ["accessibility", "privacy", "cookies"]
ENTRANCE = [
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_reset_password",
    "account_inactive",
]
OWN_ACCOUNT = ["your_account", "account_change_password", "account_email", "account_logout", "account_reauthenticate"]


def read(response, status=200):
    """The page of ``response``, once it has been seen to have what every page has."""
    assert response.status_code == status
    page = Markup(response.content)
    assert len(page.all("h1")) == 1
    assert page.text("title").endswith("– Hertfordshire Safeguarding Children Partnership")
    assert page.one("html").get("lang") == "en"
    assert page.one("main").get("id") == "main-content"
    assert page.one("body > a.govuk-skip-link").get("href") == "#main-content"
    return page


# --- The shell -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STATIC_PAGES)
def test_the_pages_that_the_law_asks_for_are_open_to_all(name, client, db):
    page = read(client.get(reverse(name)))
    assert any(link.get("href").startswith(f"mailto:{settings.CONTACT_EMAIL}") for link in page.all("main a"))


def test_the_foot_of_a_page_leads_to_them(client, db):
    page = read(client.get(reverse("account_login")))
    links = {link.get("href") for link in page.all("footer a")}
    assert {reverse(name) for name in STATIC_PAGES} < links


def test_who_is_signed_in_sees_their_name_the_menu_and_the_way_out(signed_in, ursula):
    page = read(signed_in(ursula).get(reverse("your_account")))
    assert page.text("header .hscp-header__account a") == "Your account: Ursula Unit"
    assert "Home" in page.texts("nav[aria-label=Menu] a")
    assert page.one("header search form").get("action") == reverse("search")
    form = page.one("header .hscp-header__account form")
    assert (form.get("method"), form.get("action")) == ("post", reverse("account_logout"))
    assert page.one("header form [name=csrfmiddlewaretoken]") is not None


def test_who_is_not_sees_none_of_it(client, db):
    page = read(client.get(reverse("cookies")))
    assert not page.all("header form, header .hscp-header__account, nav[aria-label=Menu]")


def test_the_menu_marks_where_one_is(signed_in, ursula):
    page = read(signed_in(ursula).get(reverse("home")))
    assert page.text("nav[aria-label=Menu] [aria-current=page]") == "Home"


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("structure", "Groups"),
        ("chairs", "Groups"),
        ("attendance", "Meetings"),
        ("calendar_feed", "Meetings"),
        ("actions_by_owner", "Actions"),
        ("priorities", "Plan"),
        ("governance_reviews", "Plan"),
        ("checklist", "Plan"),
        ("schools:register", "Schools"),
        ("people", "Home"),
        ("organisations", "Home"),
        ("budget", "Home"),
        ("escalations", "Home"),
        ("escalation_register", "Home"),
        ("search", "Home"),
        ("held_texts", "Home"),
        ("your_account", ""),
    ],
)
def test_the_menu_marks_what_a_page_belongs_to_wherever_its_address_lies(signed_in, ursula, name, entry):
    page = read(signed_in(ursula).get(reverse(name)))
    assert "".join(page.texts("nav[aria-label=Menu] [aria-current]")) == entry


def test_the_accessibility_statement_has_the_parts_of_the_model(client, db):
    page = read(client.get(reverse("accessibility")))
    headings = page.texts("h2, h3")
    for heading in ("Feedback and contact information", "Enforcement procedure", "Compliance status"):
        assert heading in headings
    assert "https://www.equalityadvisoryservice.com/" in {link.get("href") for link in page.all("main a")}


def test_the_cookies_page_names_the_cookies_that_are_set(client, amira):
    page = read(client.get(reverse("cookies")))
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": amira.email, "password": "three random words"})
    assert set(page.texts("tbody th")) == set(client.cookies)


def test_the_privacy_page_names_the_law(client, db):
    text = read(client.get(reverse("privacy"))).text("main")
    for law in ("section 11", "section 14B", "section 16E", "Article 6(1)(e)"):
        assert law in text


# --- The pages of signing in and of one's account --------------------------------------------------------------------


@pytest.mark.parametrize("name", ENTRANCE)
def test_every_page_on_the_way_in_has_the_shell(name, client, db):
    read(client.get(reverse(name)))


@pytest.mark.parametrize(
    "address", ["password/reset/done/", "password/reset/key/done/", "password/reset/key/1-x/", "confirm-email/x/"]
)
def test_so_has_every_page_that_a_message_leads_to(address, client, db):
    read(client.get(f"/account/{address}"))


@pytest.mark.parametrize("name", OWN_ACCOUNT)
def test_so_has_every_page_about_ones_account(name, signed_in, amira):
    read(signed_in(amira).get(reverse(name)))


def test_the_account_page_says_who_one_is_and_what_one_may_do(signed_in, amira):
    page = read(signed_in(amira).get(reverse("your_account")))
    assert "Headteacher or principal, Oak Lane School" in page.texts("main li")
    assert {reverse("account_email"), reverse("account_change_password"), reverse("mfa_index")} <= {
        link.get("href") for link in page.all("main a")
    }


def test_who_has_no_password_may_set_one(signed_in, amira):
    amira.set_unusable_password()
    amira.save()
    client = signed_in(amira)
    assert reverse("account_set_password") in client.get(reverse("your_account")).content.decode()
    read(client.get(reverse("account_set_password")))


@pytest.fixture
def confirmed(signed_in, ursula):
    """Ursula, signed in and just having given her password again, with an app, a passkey and recovery codes."""
    TOTP.activate(ursula, generate_totp_secret())
    RecoveryCodes.activate(ursula)
    client = signed_in(ursula)
    client.post(reverse("account_reauthenticate"), {"password": "three random words"})
    return client


SECOND_STEP = ["mfa_index", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"]
PASSKEYS = ["mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate"]


@pytest.mark.parametrize("name", [*SECOND_STEP, *PASSKEYS])
def test_so_has_every_page_about_the_second_step(name, confirmed):
    read(confirmed.get(reverse(name)))


@pytest.mark.parametrize("name", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_so_has_every_page_about_one_key(name, confirmed, ursula):
    key = Authenticator.objects.create(user=ursula, type=Authenticator.Type.WEBAUTHN, data={"name": "Blue key"})
    page = read(confirmed.get(reverse(name, args=[key.pk])))
    assert "Blue key" in page.text("h1") or page.one("#id_name").get("value") == "Blue key"


def test_so_has_the_page_that_sets_up_an_app_and_its_picture_keeps_the_policy(signed_in, amira):
    client = signed_in(amira)
    client.post(reverse("account_reauthenticate"), {"password": "three random words"})
    page = read(client.get(reverse("mfa_activate_totp")))
    assert page.one("img.hscp-qr").get("src").startswith("data:image/svg+xml;base64,")
    assert page.one("img.hscp-qr").get("alt")
    assert re.fullmatch(r"[A-Z2-7]{16,}", page.text(".hscp-secret"))


def test_so_has_the_page_that_asks_for_the_second_step(client, amira):
    TOTP.activate(amira, generate_totp_secret())
    client.post(reverse("account_login"), {"login": amira.email, "password": "three random words"})
    page = read(client.get(reverse("mfa_authenticate")))
    assert page.one("#id_code").get("autocomplete") == "one-time-code"


def test_so_has_the_page_that_asks_for_an_emailed_code_and_it_can_send_another(client, amira):
    client.post(reverse("account_request_login_code"), {"email": amira.email})
    page = read(client.get(reverse("account_confirm_login_code")))
    assert amira.email in page.text("main")
    assert page.one("[name=action]").get("value") == "resend"


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("account_login", ["Enter your email address", "Enter your password"]),
        ("account_request_login_code", ["Enter your email address"]),
        ("account_reset_password", ["Enter your email address"]),
    ],
)
def test_a_form_sent_empty_says_what_to_enter_and_so_does_its_title(name, errors, client, db):
    page = read(client.post(reverse(name), {}))
    assert page.texts(".govuk-error-summary li") == errors
    assert page.text("title").startswith("Error: ")


def test_a_wrong_password_is_answered_in_words_of_ours(client, amira):
    page = read(client.post(reverse("account_login"), {"login": amira.email, "password": "wrong"}))
    assert "Check the email address and the password" in page.text(".govuk-error-summary")
    assert page.one("#id_login").get("value") == amira.email


def test_a_short_new_password_is_refused_beside_its_box(signed_in, amira):
    typed = {"oldpassword": "three random words", "password1": "short", "password2": "short"}
    page = read(signed_in(amira).post(reverse("account_change_password"), typed))
    assert "at least 12 characters" in page.text("#id_password1_error")


def test_a_new_address_is_used_once_it_is_confirmed(client, amira, mailoutbox):
    old = amira.email
    client.post(reverse("account_login"), {"login": old, "password": "three random words"})
    client.post(reverse("account_email"), {"email": "amira.new@example.org", "action_add": ""})
    amira.refresh_from_db()
    assert amira.email == old
    assert "amira.new@example.org" in read(client.get(reverse("account_email"))).text("main dl")


# --- When something is wrong -----------------------------------------------------------------------------------------


def _raise(error):
    def view(request):
        raise error

    return view


urlpatterns = [
    *urls.urlpatterns,
    path("wrong/400/", _raise(SuspiciousOperation("spoiled"))),
    path("wrong/403/", _raise(PermissionDenied)),
    path("wrong/500/", _raise(RuntimeError("broken"))),
]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404


@pytest.fixture
def wrong(settings):
    settings.ROOT_URLCONF = "tests.hscp.test_pages"


@pytest.mark.parametrize(
    ("status", "heading"), [(400, "There is a problem with that request"), (403, "You cannot do that")]
)
def test_an_error_is_a_page_that_says_what_to_do(status, heading, wrong, signed_in, amira):
    page = read(signed_in(amira).get(f"/wrong/{status}/"), status)
    assert page.text("h1") == heading
    assert page.text("header .hscp-header__account a") == "Your account: Amira Head"
    assert settings.CONTACT_EMAIL in page.text("main")


def test_so_is_a_page_that_does_not_exist(signed_in, amira):
    page = read(signed_in(amira).get("/no/such/page/"), 404)
    assert page.text("h1") == "Page not found"


def test_a_crash_is_a_page_that_needs_nothing_from_the_portal(wrong, signed_in, amira):
    client = signed_in(amira)
    client.raise_request_exception = False
    response = client.get("/wrong/500/")
    assert response.status_code == 500
    page = Markup(response.content)
    assert page.text("h1") == "Something went wrong"
    assert page.text("title") == "Something went wrong – Hertfordshire Safeguarding Children Partnership"


def test_that_page_has_no_variable_that_could_fail():
    source = (TEMPLATES / "500.html").read_text()
    assert "{{" not in source
    assert "extends" not in source


def test_a_form_kept_open_too_long_says_how_to_go_on(amira):
    client = Client(enforce_csrf_checks=True)
    page = read(client.post(reverse("account_login"), {"login": amira.email}), 403)
    assert page.text("h1") == "Please try that again"


def test_too_many_attempts_are_answered_with_a_page(client, settings, amira):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    address = reverse("account_reset_password")
    client.post(address, {"email": amira.email})
    page = read(client.post(address, {"email": amira.email}), 429)
    assert page.text("h1") == "Too many attempts"


# --- What the security policy and the Design System forbid ----------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_no_template_has_a_style_or_script_of_its_own(name):
    source = (TEMPLATES / name).read_text()
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on|hx-vals\s*=\s*[\"']js:", source)
    for script in re.findall(r"<script[^>]*>", source):
        assert "src=" in script or 'type="application/json"' in script, script


@pytest.mark.parametrize("name", PAGES)
def test_every_template_can_be_read(name):
    assert get_template(name)


def test_pages_load_nothing_from_elsewhere(client, db):
    page = read(client.get(reverse("account_login")))
    loaded = [*page.all("script[src]"), *page.all("link"), *page.all("img")]
    addresses = [element.get("src") or element.get("href") for element in loaded]
    assert addresses
    assert all(address.startswith("/static/") for address in addresses)


def test_htmx_is_told_to_keep_to_the_policy(client, db):
    config = read(client.get(reverse("cookies"))).one("meta[name=htmx-config]").get("content")
    assert config == '{"includeIndicatorStyles": false, "allowEval": false}'
