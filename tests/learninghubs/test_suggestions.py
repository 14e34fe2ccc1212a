"""Making a suggestion: the form for everybody, the link that confirms, the receipt, what is held, who is forgotten."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from learninghubs.jobs import forget_unconfirmed_suggestions
from learninghubs.models import Author, District, HubDistrict, Question, Suggestion
from learninghubs.services import suggestions as services
from learninghubs.services.authors import link_for, secret_of
from partnership.choices import HeldTextStatus, OrganisationKind
from partnership.engine import mail
from partnership.engine.workflow import TooLate
from partnership.models import HeldText, OutgoingMessage, StatusChange
from partnership.services import screening
from tests.factories import (
    AuthorFactory,
    ForumFactory,
    HubFactory,
    OrganisationFactory,
    SuggestionFactory,
    ThemeFactory,
    UserFactory,
)
from tests.markup import Markup

NOW = "Referrals come back weeks later, or never."
CHANGE = "Answer each referral within five working days."
GOOD = "Everybody knows what became of what they reported."
ADDRESS = "jo.o'brien+hub@agency.example"
NHS = "943 476 5919"


def typed(hub, /, **fields):
    return {
        "now": NOW,
        "change": CHANGE,
        "good": GOOD,
        "hub": str(hub.pk),
        "may_be_shared": "yes",
        "email": ADDRESS,
        "form_token": str(uuid4()),
    } | fields


def send(client, hub, /, **fields):
    return client.post(reverse("learninghubs:suggest"), typed(hub, **fields))


def errors(response):
    return Markup(response.content).texts(".govuk-error-summary li")


def submit(hub, **fields):
    """A suggestion sent by the service."""
    sent = {"now": NOW, "change": CHANGE, "good": GOOD, "form_token": uuid4(), "email": ADDRESS}
    return services.submit(hub=hub, **sent | fields)


def message(name):
    return OutgoingMessage.objects.filter(name=name).latest("pk")


def links(text):
    return re.findall(r"https?://[^/\s]+(/\S+)", text)


def confirm_link():
    return next(link for link in links(message("suggestion_confirm").body) if "/confirm/" in link)


# --- The form ---------------------------------------------------------------------------------------------------------


def test_anybody_can_send_one_and_gets_a_receipt_with_a_reference(client, hub):
    response = client.get(reverse("learninghubs:suggest"))
    assert "no-store" in response["Cache-Control"]
    page = Markup(client.post(reverse("learninghubs:suggest"), typed(hub), follow=True).content)
    suggestion = Suggestion.objects.get()
    assert suggestion.reference == f"S-{timezone.localdate().year}-0001"
    assert suggestion.reference in page.text(".govuk-panel")
    assert "look at your email" in page.text("h1")
    assert (suggestion.now, suggestion.change, suggestion.good, suggestion.status) == (NOW, CHANGE, GOOD, "unconfirmed")
    assert (suggestion.author.email, suggestion.author.person) == (ADDRESS, None)


def test_who_is_signed_in_is_asked_for_no_address_and_has_sent_it_at_once(signed_in, pat, hub, ben):
    client = signed_in(pat)
    page = Markup(client.get(reverse("learninghubs:suggest")).content)
    assert not page.all("[name=email], [name=name]")
    send(client, hub, email="somebody.else@agency.example")
    suggestion = Suggestion.objects.get()
    assert (suggestion.status, suggestion.author.person, suggestion.author.email) == ("submitted", pat, pat.email)
    assert StatusChange.objects.about(suggestion).get().verb == "confirm"
    assert message("suggestion_arrived").to_user == ben
    assert reverse("learninghubs:my_suggestion", args=[suggestion.pk]) in message("suggestion_received").body


def test_a_form_sent_empty_says_what_to_enter(client, hub):
    assert errors(client.post(reverse("learninghubs:suggest"), {})) == [
        "Say what is happening now",
        "Say what should change",
        "Say what good would look like",
        "Select a learning hub, or that you are not sure",
        "Select whether others may read it",
        "Enter your work email address",
    ]


def test_a_text_of_20_000_characters_gets_a_clear_error_and_nothing_typed_is_lost(client, hub):
    response = send(client, hub, change="x" * 20_000, name="Jo")
    page = Markup(response.content)
    assert errors(response) == ["What should change?: use 5,000 characters or fewer. This has 20000"]
    assert page.text("#id_change") == "x" * 20_000
    assert (page.text("#id_now"), page.one("#id_name").get("value")) == (NOW, "Jo")
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    ("address", "is_right"),
    [
        ("o'neil+x@agency.example", True),
        ("Jo_Bloggs%dept@agency.example", True),
        ("jo@bücher.example", True),
        ("jo@agency.example\nBcc: all@agency.example", False),
        ("jo at agency", False),
        ("jo@agency.example\0", False),
        ("j" * 300 + "@agency.example", False),
    ],
)
def test_addresses_with_odd_characters_are_taken_where_they_are_right(client, hub, address, is_right):
    response = send(client, hub, email=address)
    assert response.status_code == (302 if is_right else 200)
    if is_right:
        mail.deliver(message("suggestion_confirm").pk)
        assert message("suggestion_confirm").status == "sent"
    else:
        assert errors(response)


def test_html_is_shown_as_text_wherever_it_is_shown(client, hub):
    send(client, hub, now="<script>alert(1)</script><b>bold</b>")
    page = client.get(confirm_link()).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;bold" in page


def test_who_is_not_sure_of_the_hub_says_where_they_work(client, hub, other_hub):
    watford = District.objects.create(name="Watford")
    HubDistrict.objects.create(hub=other_hub, district=watford)
    assert errors(send(client, hub, hub="unsure")) == ["Select the district or borough that you work in"]
    send(client, hub, hub="unsure", district=str(watford.pk))
    assert Suggestion.objects.get().hub == other_hub


def test_a_hub_that_has_closed_is_not_offered_and_takes_nothing(client, hub, other_hub):
    hub.group.ends = timezone.localdate()
    hub.group.save()
    page = Markup(client.get(reverse("learninghubs:suggest")).content)
    assert [radio.get("value") for radio in page.all("[name=hub]")] == [str(other_hub.pk)]
    assert errors(send(client, hub)) == ["Select one of the options"]
    with pytest.raises(ValidationError, match="has closed"):
        submit(hub)


def test_without_any_hub_the_page_says_so(client, db):
    assert "There is no learning hub yet" in Markup(client.get(reverse("learninghubs:suggest")).content).text("main")


def test_a_forum_says_its_hub_and_theme_even_when_the_theme_is_over(client, hub, other_hub):
    over = ThemeFactory(ends=timezone.localdate() - timedelta(days=1))
    forum = ForumFactory(hub=other_hub, theme=over)
    address = f"{reverse('learninghubs:suggest')}?forum={forum.pk}"
    page = Markup(client.get(address).content)
    assert page.one("[name=hub][checked]").get("value") == str(other_hub.pk)
    assert page.one("[name=theme] [selected]").get("value") == str(over.pk)
    client.post(address, typed(other_hub, forum=forum.pk, theme=over.pk))
    assert (Suggestion.objects.get().forum, Suggestion.objects.get().theme) == (forum, over)


def test_a_hub_from_whose_page_it_was_opened_is_chosen(client, hub, other_hub):
    address = reverse("learninghubs:suggest")
    page = Markup(client.get(address, {"hub": other_hub.group.slug}).content)
    assert page.one("[name=hub][checked]").get("value") == str(other_hub.pk)
    assert client.get(address, {"hub": "\0"}).status_code == 200


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "-1", "²"])
def test_a_forum_that_there_is_not_is_no_matter(client, hub, number):
    assert client.get(reverse("learninghubs:suggest"), {"forum": number}).status_code == 200


def test_an_agency_is_chosen_and_a_school_named(client, hub):
    agency = OrganisationFactory(name="Lantern Project")
    school = OrganisationFactory(name="Oak Lane School", kind=OrganisationKind.SCHOOL)
    page = Markup(client.get(reverse("learninghubs:suggest")).content)
    assert "Oak Lane School" not in page.text("#id_agency")
    send(client, hub, agency=agency.pk)
    send(client, hub, school=" oak  lane SCHOOL")
    assert {one.agency for one in Suggestion.objects.all()} == {agency, school}
    assert errors(send(client, hub, school="Nowhere"))[0].startswith("We know no school of this name")


def test_the_form_costs_the_same_however_many_hubs_and_agencies_there_are(client, hub):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("learninghubs:suggest"))
        return len(queries)

    before = cost()
    for number in range(5):
        HubDistrict.objects.create(hub=HubFactory(), district=District.objects.create(name=f"District {number}"))
        OrganisationFactory()
    assert cost() == before <= 8


# --- Sent twice, sent by robots --------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_gives_one_row_and_the_same_receipt(client, hub):
    sent = typed(hub)
    first, second = (client.post(reverse("learninghubs:suggest"), sent)["Location"] for _ in range(2))
    assert first == second
    assert Suggestion.objects.count() == OutgoingMessage.objects.count() == 1


def test_so_it_does_where_a_text_was_held(client, hub):
    sent = typed(hub, now=f"{NOW} {NHS}", insists_now="on")
    for _ in range(2):
        client.post(reverse("learninghubs:suggest"), sent)
    assert Suggestion.objects.count() == HeldText.objects.count() == 1


def test_a_form_sent_again_with_other_words_loses_none_of_them(client, hub):
    sent = typed(hub)
    client.post(reverse("learninghubs:suggest"), sent)
    client.post(reverse("learninghubs:suggest"), sent | {"now": "Something else."})
    assert {one.now for one in Suggestion.objects.all()} == {NOW, "Something else."}


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_eight_references_and_eight_of_one_form_get_one(hub):
    def one(token):
        try:
            return submit(hub, form_token=token).reference
        finally:
            connections.close_all()

    same = uuid4()
    with ThreadPoolExecutor(8) as pool:
        different = list(pool.map(one, [uuid4() for _ in range(8)]))
        equal = list(pool.map(one, [same] * 8))
    year = timezone.localdate().year
    assert sorted(different) == [f"S-{year}-{number:04d}" for number in range(1, 9)]
    assert set(equal) == {f"S-{year}-0009"}


def test_a_reference_is_never_given_twice(hub):
    first = submit(hub)
    first.author.delete()
    first.delete()
    assert submit(hub).reference == f"S-{timezone.localdate().year}-0002"


def test_the_trap_is_named_for_who_hears_it_and_shut_for_who_fills_it(client, hub):
    page = Markup(client.get(reverse("learninghubs:suggest")).content)
    assert page.text("label[for=id_website]") == "Leave this empty"
    assert page.one(".hscp-trap input").get("tabindex") == "-1"
    response = send(client, hub, website="https://spam.example")
    assert errors(response) == ["Leave this box empty"]
    assert not Markup(response.content).all(".hscp-trap, #id_website[tabindex]")
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("rates", ["1/h/key", "1/h/ip"])
def test_too_many_are_refused_without_losing_a_word(client, hub, settings, rates):
    settings.ACCOUNT_RATE_LIMITS = {"suggestion": rates}
    send(client, hub)
    response = send(client, hub, email=ADDRESS.upper(), now="Another")
    assert response.status_code == 429
    assert errors(response)[0].startswith("Too many were sent")
    assert Markup(response.content).text("#id_now") == "Another"
    assert Suggestion.objects.count() == 1


# --- Screened ---------------------------------------------------------------------------------------------------------


def test_a_find_is_explained_at_its_text_and_a_box_appears(client, hub):
    before = Markup(client.get(reverse("learninghubs:suggest")).content)
    assert not before.all("[name^=insists]")
    response = send(client, hub, change=f"Look at {NHS}")
    page = Markup(response.content)
    assert NHS in page.text("#id_change_error")
    assert [box.get("name") for box in page.all("[name^=insists]")] == ["insists_change"]
    assert not Suggestion.objects.exists()


def test_who_insists_sends_it_and_that_text_waits_for_the_business_unit(signed_in, client, hub, ursula):
    send(client, hub, change=f"Look at {NHS}", insists_change="on")
    suggestion, held = Suggestion.objects.get(), HeldText.objects.get()
    assert (suggestion.change, suggestion.now) == ("", NOW)
    assert (held.about, held.field, held.written_by, held.text) == (suggestion, "change", None, f"Look at {NHS}")
    client = signed_in(ursula)
    for name, args in (("held_texts", []), ("held_text", [held.pk])):
        page = Markup(client.get(reverse(name, args=args)).content).text("main")
        assert f"Suggestion {suggestion.reference}: what should change" in page
        assert "Somebody without an account" in page
    screening.redact_text(held, by=ursula)
    suggestion.refresh_from_db()
    assert suggestion.change == "Look at [removed]"


def test_a_box_ticked_for_one_text_does_not_let_another_pass(client, hub):
    response = send(client, hub, now=f"See {NHS}", change=f"See {NHS}", insists_change="on")
    assert len(errors(response)) == 1
    assert not Suggestion.objects.exists()


def test_a_text_of_who_is_signed_in_is_held_in_their_name(pat, hub):
    submit(hub, person=pat, email="", now=NHS, insists={"now"})
    assert HeldText.objects.get().written_by == pat


# --- Confirmed --------------------------------------------------------------------------------------------------------


def test_opening_the_link_changes_nothing_and_pressing_the_button_confirms(client, hub, ben):
    send(client, hub, name="Jo")
    link = confirm_link()
    response = client.get(link)
    assert Suggestion.objects.get().status == "unconfirmed"
    assert (response["X-Robots-Tag"], "no-store" in response["Cache-Control"]) == ("noindex, nofollow", True)
    assert NOW in Markup(response.content).text("main")
    page = Markup(client.post(link, follow=True).content)
    assert "Your suggestion is confirmed" in page.text("main")
    assert Suggestion.objects.get().status == "submitted"
    assert Author.objects.get().confirmed_at is not None
    receipt = message("suggestion_received")
    assert (receipt.to_email, message("suggestion_arrived").to_user) == (ADDRESS, ben)
    track = next(found for found in links(receipt.body) if "/track/" in found)
    assert client.get(track).status_code == 200


def test_nothing_that_was_typed_goes_to_an_address_before_it_is_confirmed(client, hub):
    send(client, hub, name="WIN A PRIZE")
    found = message("suggestion_confirm")
    assert not any(words in found.subject + found.body for words in (NOW, CHANGE, GOOD, "PRIZE"))
    assert found.secret


def test_only_a_hash_of_the_secret_is_kept(hub):
    author = submit(hub).author
    secret = confirm_link().split("/")[-2]
    assert len(secret) == 43
    assert secret not in Author.objects.filter(pk=author.pk).values_list("secret_hash", flat=True)
    assert link_for(Author.objects.get()).endswith(f"/{secret}/")


def test_a_link_used_twice_says_kindly_that_it_is_confirmed(client, hub):
    send(client, hub)
    link = confirm_link()
    client.post(link)
    for response in (client.get(link), client.post(link)):
        page = Markup(response.content)
        assert page.text("h1") == "Your suggestion is confirmed already"
        assert "/track/" in page.one("main p a").get("href")
    assert OutgoingMessage.objects.filter(name="suggestion_received").count() == 1


@pytest.mark.parametrize("spoil", [lambda link: link[:-3] + "/", lambda link: link[:-2] + "~/"])
def test_a_link_changed_by_a_character_gets_a_page_that_says_what_to_do(client, hub, spoil):
    send(client, hub)
    response = client.get(spoil(confirm_link()))
    assert response.status_code == 404
    assert Markup(response.content).text("h1") == "This link opens nothing"


def test_an_expired_link_offers_a_new_one_and_the_old_stops_working(client, hub):
    send(client, hub)
    link = confirm_link()
    author = Author.objects.get()
    author.link_sent_at = timezone.now() - timedelta(days=services.CONFIRM_DAYS)
    author.save()
    page = Markup(client.get(link).content)
    assert (client.get(link).status_code, client.post(link).status_code) == (410, 410)
    assert Suggestion.objects.get().status == "unconfirmed"
    client.post(page.one("main form").get("action"))
    assert client.get(link).status_code == 404
    client.post(confirm_link())
    assert Suggestion.objects.get().status == "submitted"


def test_an_address_of_an_account_makes_it_that_persons_once_confirmed(client, hub):
    person = UserFactory(email=ADDRESS)
    send(client, hub, email=ADDRESS.upper())
    assert Author.objects.get().person is None
    client.post(confirm_link())
    assert Author.objects.get().person == person


def test_a_hub_without_leads_has_the_business_unit_told(hub, ursula, pat):
    submit(hub, person=pat)
    assert message("suggestion_arrived").to_user == ursula


# --- Links again ------------------------------------------------------------------------------------------------------


def test_the_links_are_sent_again_and_the_answer_is_the_same_for_any_address(client, hub):
    suggestion = SuggestionFactory(hub=hub, author__email=ADDRESS)
    submit(hub)
    OutgoingMessage.objects.all().delete()
    address = reverse("learninghubs:suggestion_links")
    known, unknown = (
        client.post(address, {"email": email}, follow=True) for email in (ADDRESS.upper(), "nobody@agency.example")
    )
    assert known.content == unknown.content
    sent = OutgoingMessage.objects.get()
    assert (sent.to_email, sent.secret) == (ADDRESS, True)
    assert suggestion.reference in sent.body
    found = [link for link in links(sent.body) if "/suggestions/" in link]
    assert [client.get(link).status_code for link in found] == [200, 200]


def test_the_links_are_not_sent_time_after_time(client, hub, settings):
    settings.ACCOUNT_RATE_LIMITS = {"suggestion_links": "1/h/key"}
    statuses = [client.post(reverse("learninghubs:suggestion_links"), {"email": ADDRESS}).status_code for _ in range(2)]
    assert statuses == [302, 429]


# --- Forgotten --------------------------------------------------------------------------------------------------------


def test_what_nobody_confirmed_is_gone_after_a_fortnight_with_words_and_address(hub):
    old, newer, confirmed = submit(hub, now=NHS, insists={"now"}), submit(hub), submit(hub)
    services.confirm(confirmed.author)
    ago = timezone.now() - services.FORGET_AFTER
    Author.objects.exclude(suggestion=newer).update(link_sent_at=ago)
    forget_unconfirmed_suggestions()
    assert set(Suggestion.objects.all()) == {newer, confirmed}
    assert not HeldText.objects.exists()
    assert not OutgoingMessage.objects.filter(about_id=old.pk, name="suggestion_confirm", to_email=ADDRESS).exists()


def test_who_asks_to_be_forgotten_is_and_what_they_said_stays(hub, pat, ben):
    suggestion = submit(hub, person=pat, email="", now=NHS, insists={"now"})
    mail.deliver(message("suggestion_received").pk)
    secret = secret_of(suggestion.author)
    services.forget(suggestion.author)
    author = Author.objects.get()
    assert (author.name, author.email, author.person) == ("", "", None)
    assert author.secret_hash != secret
    assert Suggestion.objects.get().change == CHANGE
    assert HeldText.objects.get().written_by is None
    assert not OutgoingMessage.objects.filter(to_email=pat.email).exists()
    assert message("suggestion_received").body == ""
    told = message("suggestion_author_forgotten")
    assert told.to_user == ben
    assert pat.name not in told.body


@pytest.mark.parametrize("is_about_it", [True, False])
def test_a_letter_that_waits_is_not_sent_to_who_was_forgotten(hub, is_about_it):
    suggestion = SuggestionFactory(hub=hub, status="answered")
    address, about = suggestion.author.email, suggestion if is_about_it else None
    letter = mail.queue("suggestion_links", to=[address], about=about)[0]
    Author.objects.update(letter=letter)
    services.forget(Author.objects.get())
    assert not OutgoingMessage.objects.filter(to_email=address).exists()
    assert Author.objects.get().letter is None


def test_to_be_forgotten_twice_is_no_matter(hub, ben):
    author = SuggestionFactory(hub=hub).author
    services.forget(author)
    services.forget(author)
    assert OutgoingMessage.objects.filter(name="suggestion_author_forgotten").count() == 1


# --- Replied, withdrawn -----------------------------------------------------------------------------------------------


@pytest.fixture
def asked(hub, ben):
    suggestion = SuggestionFactory(hub=hub, status="asked")
    return Question.objects.create(suggestion=suggestion, text="Which forms?", asked_by=ben)


def test_a_reply_goes_to_who_asked_and_the_suggestion_to_the_hub(asked, ben):
    services.reply(asked, " All of them. ")
    asked.refresh_from_db()
    assert asked.reply == "All of them."
    assert Suggestion.objects.get().status == "at_hub"
    assert message("suggestion_replied").to_user == ben


def test_a_second_reply_is_too_late(asked):
    services.reply(asked, "All of them.")
    with pytest.raises(TooLate):
        services.reply(asked, "None of them.")
    assert Question.objects.get().reply == "All of them."


@pytest.mark.parametrize("text", ["", "x" * 5001, f"Look at {NHS}"])
def test_a_reply_is_checked_like_any_text(asked, text):
    with pytest.raises(ValidationError):
        services.reply(asked, text)
    assert Suggestion.objects.get().status == "asked"


def test_a_reply_whose_writer_insists_is_held(asked, signed_in, ursula):
    services.reply(asked, f"Look at {NHS}", insists=True)
    held = HeldText.objects.get()
    assert (Question.objects.get().reply, held.about, held.status) == ("", asked, HeldTextStatus.WAITING)
    page = signed_in(ursula).get(reverse("held_texts")).content.decode()
    assert f"Suggestion {asked.suggestion.reference}: reply to the hub" in page


def test_one_is_withdrawn_until_it_is_with_the_board(hub, ben):
    suggestion, late = SuggestionFactory(hub=hub), SuggestionFactory(hub=hub, status="with_board")
    screening.hold(suggestion, "now", NHS, hits=[], by=None)
    assert services.withdraw(suggestion).status == "withdrawn"
    assert not HeldText.objects.exists()
    assert message("suggestion_withdrawn").to_user == ben
    with pytest.raises(TooLate):
        services.withdraw(late)


def test_one_that_others_were_merged_into_cannot_be_withdrawn(hub):
    suggestion = SuggestionFactory(hub=hub, status="at_hub")
    SuggestionFactory(hub=hub, status="merged", merged_into=suggestion)
    with pytest.raises(TooLate, match="Others have asked for the same"):
        services.withdraw(suggestion)
    suggestion.refresh_from_db()
    assert suggestion.status == "at_hub"


def test_a_link_is_made_anew_where_the_row_has_another_hash(hub):
    author = AuthorFactory(suggestion__hub=hub)
    secret = secret_of(author)
    assert secret_of(Author.objects.get(pk=author.pk)) == secret
