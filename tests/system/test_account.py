"""A person and their account, in a browser: passkeys, a phone without JavaScript, a keyboard."""

import re

import pytest
from playwright.sync_api import expect

from partnership.models import OutgoingMessage

pytestmark = pytest.mark.django_db(transaction=True)

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(autouse=True)
def _plain_http(settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


@pytest.fixture
def complaints(page):
    """What the browser complains of: breaches of the security policy, errors in scripts."""
    found = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def fingerprint_reader(page, visitor):
    """A computer that asks for a fingerprint, and always gets the right one."""
    visitor.address = visitor.address.replace("127.0.0.1", "localhost")  # passkeys belong to names, not to numbers
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    def touch(right):
        verified = {"authenticatorId": added["authenticatorId"], "isUserVerified": right}
        session.send("WebAuthn.setUserVerified", verified)

    return touch


def test_a_passkey_is_added_asked_for_and_signs_in_alone(visitor, fingerprint_reader, complaints, ursula):
    visitor.signs_in(ursula)
    visitor.goes_to("/account/2fa/webauthn/add/")
    visitor.sees("Confirm that it is you")
    visitor.page.get_by_label("Password", exact=True).fill("three random words")
    visitor.presses("Continue")

    visitor.looks()
    visitor.page.get_by_label("Name").fill("Work laptop")
    visitor.page.get_by_label("Sign in with this key alone").check()
    visitor.presses("Add")
    visitor.sees("The key has been added")
    visitor.sees("Your recovery codes")
    visitor.looks()

    visitor.signs_out()
    visitor.page.get_by_label("Email").fill(ursula.email)
    visitor.page.get_by_label("Password", exact=True).fill("three random words")
    visitor.presses("Sign in")
    visitor.sees("Enter your code")
    visitor.looks()
    visitor.presses("Use a passkey or security key")
    visitor.sees("What needs you")

    visitor.signs_out()
    visitor.presses("Use a passkey")
    visitor.sees("What needs you")
    assert complaints == []


def test_a_passkey_that_is_not_used_is_explained(visitor, fingerprint_reader):
    visitor.goes_to("/account/login/")
    fingerprint_reader(right=False)
    expect(visitor.page.get_by_text("Your passkey was not used")).to_be_hidden()
    visitor.presses("Use a passkey")
    expect(visitor.page.get_by_text("Your passkey was not used")).to_be_visible()


def test_on_a_phone_without_javascript_one_signs_in_by_code(plain_visitor, amira):
    page = plain_visitor.page
    plain_visitor.goes_to("/account/login/")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    plain_visitor.presses("Email me a sign-in code")
    page.get_by_label("Email address").fill(amira.email)
    plain_visitor.presses("Email me a code")
    message = OutgoingMessage.objects.get(name="login_code")
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", message.body, re.MULTILINE)[0]
    page.get_by_label("Sign-in code").fill(code)
    plain_visitor.presses("Sign in")
    plain_visitor.sees("What needs you")
    plain_visitor.signs_out()
    plain_visitor.sees("You have signed out")


@pytest.mark.parametrize("width", [320, 375, 1280])
@pytest.mark.parametrize("address", ["account/login/", "accessibility/", "privacy/", "cookies/", "no/such/page/"])
def test_public_pages_fit_every_width_and_stand_up_to_axe(address, width, visitor, db):
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.goes_to(f"/{address}")
    visitor.looks()
    assert not visitor.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_the_summary_of_errors_takes_the_keyboard_to_the_wrong_box(visitor, db):
    visitor.goes_to("/account/login/")
    visitor.presses("Sign in")
    page = visitor.page
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    visitor.looks()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#id_login")).to_be_focused()


def test_the_keyboard_skips_to_the_content(visitor, db):
    visitor.goes_to("/privacy/")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("main")).to_be_focused()
