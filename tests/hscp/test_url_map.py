"""Every page of the portal, by walking the URL map: public by the list below, or behind a permission that it declares.

Who gets what is worked out from the hand-written tables of the permission tests, not from the code: not signed in,
sign in; out of reach, 404; seen, but not theirs to do, 403; theirs, the page. A new page falls under this by itself.
Where it needs a record or an argument that nobody has thought of, the failure says what to add to
``tests.pages.make_world``.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.views.generic import TemplateView

from partnership.engine import access
from partnership.views.base import Gate
from tests import cast
from tests.learninghubs.test_permissions import TABLE as LEARNINGHUBS_TABLE
from tests.pages import Page, all_pages, gated_pages, owners, writes
from tests.partnership.test_permissions import TABLE as PARTNERSHIP_TABLE
from tests.schools.test_permissions import TABLE as SCHOOLS_TABLE

# Open to everybody.
PUBLIC = {
    "calendar",
    "structure",
    "structure_pdf",
    "group",
    "group_terms",
    "plan",
    "past_plan",
    "plan_pdf",
    "priorities",
    "priority",
    "learninghubs:you_said",
    "learninghubs:hubs",
    "learninghubs:hub",
    "learninghubs:themes",
    "learninghubs:theme",
    "learninghubs:suggest",
    "learninghubs:suggestion_sent",
    "learninghubs:suggestion_links",
    "learninghubs:suggestion_links_sent",
    "learninghubs:confirm_suggestion",
    "learninghubs:confirm_again",
    "learninghubs:track",
    "learninghubs:reply_by_link",
    "learninghubs:withdraw_by_link",
    "learninghubs:forget_by_link",
    "learninghubs:author_forgotten",
    "learninghubs:newsletters",
    "learninghubs:forums",
    "learninghubs:briefings",
    "learninghubs:forum",
    "learninghubs:forum_calendar",
    "learninghubs:briefing",
    "learninghubs:briefing_pdf",
    "learninghubs:book_by_email",
    "learninghubs:booking_asked",
    "learninghubs:booking",
    "learninghubs:booking_calendar",
    "learninghubs:evaluate_forum",
    "learninghubs:newsletter",
    "learninghubs:newsletter_pdf",
    "learninghubs:subscribe",
    "learninghubs:subscription_asked",
    "learninghubs:confirm_subscription",
    "learninghubs:preferences",
    "learninghubs:unsubscribe",
    "learninghubs:bounce_webhook",
    "health",
    "accessibility",
    "privacy",
    "cookies",
    "accept_invitation",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
# Of allauth: signed in, and about nobody but oneself, so that there is nothing to permit.
OWN_ACCOUNT = {
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
}
# Pages about a record of any kind, or about those of a kind that are somebody's: what they ask is written out here.
# ``sample`` documents want schools.confirm_return; the figures of the hubs are for their leads and their Board.
SEE_FIGURES = ("ursula", "stella", "ben", "bella", "maya", "chloe")
OF_THE_HUBS = dict.fromkeys(cast.PEOPLE, 403) | dict.fromkeys(SEE_FIGURES, 200)
SPECIAL = {
    "learninghubs:dashboard": OF_THE_HUBS,
    "learninghubs:dashboard_export": OF_THE_HUBS,
    "history": {"ursula": 200, "stella": 200, "dan": 200, "debbie": 200, "amira": 200, "colin": 200},
    "document": {"ursula": 403, "stella": 403, "dan": 403, "debbie": 403, "amira": 200, "colin": 403},
}
TABLE = PARTNERSHIP_TABLE | SCHOOLS_TABLE | LEARNINGHUBS_TABLE
# The page itself; on to another; only by a form; too late, says the page.
ANSWERED = {200, 302, 405, 409}


def gated(pages) -> list:
    return [pytest.param(page, id=str(page)) for page in pages]


# Declared


@pytest.mark.parametrize("entry", gated(all_pages()))
def test_each_page_is_public_by_the_list_or_declares_a_permission(entry: Page):
    if entry.name in PUBLIC:
        assert not entry.needs_sign_in, f"{entry.name} is on the public list, but wants people to sign in"
        return
    assert entry.needs_sign_in, f"{entry.name} is open to everybody: put it on the public list, or behind a permission"
    if entry.name in OWN_ACCOUNT:
        assert entry.view.__module__.startswith("allauth.")
        return
    assert entry.perm, f"{entry.name} declares no permission: derive it from partnership.views.base.Gate"
    assert entry.perm in TABLE, f"{entry.name} asks for {entry.perm}, which no permission test has written out"


def test_the_lists_name_no_page_that_is_gone():
    names = {page.name for page in all_pages()}
    assert names >= PUBLIC | OWN_ACCOUNT | set(SPECIAL)


def test_no_two_pages_have_one_name():
    names = [page.name for page in all_pages()]
    assert [name for name in names if names.count(name) > 1] == []


def new_page(view, name="new") -> Page:
    return Page(name, "new/", view)


class Ungated(TemplateView):
    template_name = "pages/privacy.html"


class Gated(Gate, Ungated):
    permission_required = "schools.new"


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        (new_page(Ungated.as_view()), "new declares no permission"),
        (new_page(lambda request: None), "new declares no permission"),
        (new_page(login_not_required(Ungated.as_view())), "new is open to everybody"),
        (new_page(login_not_required(Gated.as_view())), "new is open to everybody"),
        (new_page(Gated.as_view()), "new asks for schools.new, which no permission test has written out"),
        (new_page(Gated.as_view(), "privacy"), "privacy is on the public list, but wants people to sign in"),
    ],
)
def test_a_new_page_that_nobody_has_thought_of_is_found(new, complaint):
    with pytest.raises(AssertionError, match=complaint):
        test_each_page_is_public_by_the_list_or_declares_a_permission(new)


def test_a_page_that_needs_what_the_world_does_not_have_says_what_to_add(world, db):
    entry = next(page for page in gated_pages() if page.name == "held_text")
    lacking = replace(world, samples={}, arguments={})
    with pytest.raises(
        LookupError, match=r"Add a sample of HeldText to tests.pages.make_world, for the page held_text"
    ):
        lacking.address(entry)
    entry = next(page for page in gated_pages() if page.name == "history")
    with pytest.raises(LookupError, match='Add "app_label" or "history app_label"'):
        lacking.address(entry)


# Who gets what


def expected(page: Page, name: str) -> set[int]:
    """What the tables say that somebody of the cast gets: the statuses that are right."""
    if page.name in SPECIAL:
        return {SPECIAL[page.name].get(name, 404)}
    if page.view.lookup:
        if not _reaches(access.view_permission(page.view.model), name):
            return {404}
        return ANSWERED if _reaches(page.perm, name) else {403}
    if _holds(page.perm, name):
        return ANSWERED
    return {403} if page.model and _holds(access.view_permission(page.model), name) else {404}


def _holds(perm: str, name: str) -> bool:
    return cast.PEOPLE[name][1] in TABLE[perm]


def _reaches(perm: str, name: str) -> bool:
    """Whether they hold it on the sample of the world."""
    reach = TABLE[perm].get(cast.PEOPLE[name][1])
    return reach == "all" or (reach == "own" and name in owners(perm))


@pytest.mark.parametrize("entry", gated(gated_pages()))
def test_who_is_not_signed_in_is_led_to_sign_in(entry, world, db):
    response = world.visit(entry, None).response
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def visitors(page: Page) -> list[str]:
    """Whom of the cast to send to the page: two of each kind of answer that the tables promise, other people for other
    pages. What each role may do with each record is asked of everybody by the tests of the permissions."""
    turn = len(page.route) % len(cast.PEOPLE)
    names = [*cast.PEOPLE][turn:] + [*cast.PEOPLE][:turn]
    by_answer: dict[frozenset[int], list[str]] = {}
    for name in names:
        by_answer.setdefault(frozenset(expected(page, name)), []).append(name)
    return [name for alike in by_answer.values() for name in alike[:2]]


@pytest.mark.parametrize("entry", gated(gated_pages()))
def test_the_cast_gets_what_the_tables_say(entry, world, db):
    got = {name: world.visit(entry, name).response.status_code for name in visitors(entry)}
    wrong = {name: status for name, status in got.items() if status not in expected(entry, name)}
    assert wrong == {}, f"{world.address(entry)}: {entry.perm} says otherwise"


@pytest.mark.parametrize("entry", gated(gated_pages()))
def test_to_look_at_a_page_changes_nothing(entry, world, db):
    assert {name: written for name in visitors(entry) if (written := world.visit(entry, name).writes)} == {}


@pytest.mark.parametrize("entry", gated(gated_pages()))
def test_who_may_not_open_a_page_may_not_post_to_it_either(entry, world, db):
    for name, refused in one_of_each_kind_refused(entry):
        with CaptureQueriesContext(connection) as queries:
            status = world.client(name).post(world.address(entry)).status_code
        assert status in refused, name
        assert writes(queries) == [], name


def one_of_each_kind_refused(page: Page) -> Iterator[tuple[str, set[int]]]:
    """Somebody to whom the page does not exist, and somebody who may only look on, with how each is refused."""
    refused = {name: frozenset(expected(page, name) - ANSWERED) for name in cast.PEOPLE}
    for statuses in sorted(set(refused.values()) - {frozenset()}, key=sorted):
        name = next(name for name in refused if refused[name] == statuses)
        yield name, statuses | ({405} if page.name in SPECIAL else set())


# Bad addresses


@pytest.mark.parametrize("entry", gated(page for page in gated_pages() if "<int:" in page.route))
def test_a_number_that_no_record_has_is_not_found(entry, world, db):
    address = re.sub(r"\d+", "9" * 30, world.address(entry))
    assert world.client("ursula").get(address).status_code == 404
