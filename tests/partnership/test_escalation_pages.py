"""The pages of professional differences: raised, answered and settled; the register; the procedure; good practice."""

import csv
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partnership.engine.search import sources
from partnership.models import Escalation, EscalationContact, EscalationProcedure, EscalationTheme, GoodPractice
from partnership.services import escalation_procedures as procedures
from partnership.services import escalations as services
from tests.factories import OrganisationFactory, UserFactory
from tests.partnership.differences import name_contacts, published_procedure, raise_difference, step_of


@pytest.fixture
def escalation(pat, constabulary, maya):
    """Raised by Pat of a charity with the constabulary, for which Maya answers."""
    pat.organisation = OrganisationFactory(name="Charity")
    pat.save()
    return raise_difference(pat, constabulary, contacts=[maya])


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def typed(other, **fields):
    theme = EscalationTheme.objects.first()
    words = {"difference": "We think that the threshold is met.", "sought": "A second look."}
    return {"other": other.pk, "theme": theme.pk} | words | fields


def queries_of(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# Raised


def test_any_professional_raises_one_in_one_form(pat, constabulary, maya, signed_in):
    published_procedure()
    name_contacts(constabulary, maya)
    pat.organisation = OrganisationFactory(name="Charity")
    pat.save()
    client = signed_in(pat)
    page = text_of(client.get(reverse("start_escalation")))
    assert "call 999" in page
    assert "You raise it for <strong>Charity</strong>" in page
    response = client.post(
        reverse("start_escalation"), typed(constabulary, raising=pat.organisation.pk, is_urgent="on"), follow=True
    )
    page = text_of(response)
    assert "Sent to the other agency" in page
    assert "Stage 2: Service managers" in page
    assert Escalation.objects.get().raised_by == pat


def test_who_works_for_no_agency_that_is_known_says_which(pat, constabulary, signed_in):
    published_procedure()
    charity = OrganisationFactory(name="Charity")
    response = signed_in(pat).post(reverse("start_escalation"), typed(constabulary))
    assert "Select your agency" in text_of(response)
    signed_in(pat).post(reverse("start_escalation"), typed(constabulary, raising=charity.pk))
    assert Escalation.objects.get().raising_organisation == charity


def test_what_points_to_a_child_is_explained_at_its_box_and_nothing_is_lost(pat, constabulary, signed_in):
    published_procedure()
    raising = OrganisationFactory().pk
    words = typed(constabulary, raising=raising, difference="NHS number 943 476 5919 is the one.")
    response = signed_in(pat).post(reverse("start_escalation"), words)
    page = text_of(response)
    assert "This looks like an NHS number" in page
    assert "943 476 5919 is the one." in page
    assert response.context["form"].errors.keys() == {"difference"}


def test_without_a_procedure_the_page_says_whom_to_ask(pat, ursula, signed_in):
    assert "No procedure is published yet" in text_of(signed_in(pat).get(reverse("start_escalation")))
    assert "Publish the procedure first" in text_of(signed_in(ursula).get(reverse("start_escalation")))


# One


def test_those_who_are_not_involved_do_not_find_it(escalation, dan, chloe, client):
    for person in (dan, chloe):
        client.force_login(person)
        assert client.get(escalation.get_absolute_url()).status_code == 404
        assert str(escalation) not in text_of(client.get(reverse("escalations")))


def test_each_is_offered_what_they_can_do(escalation, pat, maya, stella, client):
    offers = {}
    for person in (pat, maya, stella):
        client.force_login(person)
        page = text_of(client.get(escalation.get_absolute_url()))
        assert "5 working days left" in page
        offers[person.name] = [words for words in (">Answer<", ">Move it up<", ">Withdraw it<") if words in page]
    assert list(offers.values()) == [[">Move it up<", ">Withdraw it<"], [">Answer<"], []]


def test_it_is_answered_accepted_and_settled_by_pages(escalation, pat, maya, client):
    client.force_login(maya)
    url = reverse("answer_escalation", args=[escalation.pk])
    at = client.get(url).context["form"]["at"].value()
    assert "Answer sent" in text_of(client.post(url, {"at": at, "answer": "We looked again."}, follow=True))
    client.force_login(pat)
    page = text_of(client.get(escalation.get_absolute_url()))
    assert "We looked again." in page
    assert "Accept the answer" in page
    url = reverse("resolve_escalation", args=[escalation.pk])
    assert "Enter how it was settled" in text_of(client.post(url, {"outcome": " "}))
    page = text_of(client.post(url, {"outcome": "Opened.", "learning": "Quote the threshold."}, follow=True))
    assert "Resolved after 0 working days" in page
    assert "Quote the threshold." in page


def test_an_answer_after_it_moved_up_gets_a_page_that_says_so(escalation, pat, maya, signed_in):
    at = step_of(escalation)
    services.move_up(escalation, by=pat, at=at, note="The risk has grown")
    client = signed_in(maya)
    response = client.post(reverse("answer_escalation", args=[escalation.pk]), {"at": at, "answer": "We looked."})
    assert response.status_code == 409
    assert "has moved up to stage 2 while you were working on it" in text_of(response)
    assert client.get(reverse("answer_escalation", args=[escalation.pk])).status_code == 403


def test_a_settled_one_cannot_be_changed(escalation, pat, signed_in):
    services.withdraw(escalation, by=pat, note="Settled by talking")
    for name in ("resolve_escalation", "move_up_escalation", "withdraw_escalation"):
        assert signed_in(pat).get(reverse(name, args=[escalation.pk])).status_code == 409


@pytest.mark.parametrize("at", ["", "x", "9" * 30])
def test_a_form_that_was_tampered_with_changes_nothing(escalation, maya, signed_in, at):
    response = signed_in(maya).post(
        reverse("answer_escalation", args=[escalation.pk]), {"at": at, "answer": "We looked."}
    )
    assert response.status_code in {200, 409}
    escalation.refresh_from_db()
    assert escalation.status == "open"


# The list and the register


def test_the_list_is_narrowed_by_filters(escalation, pat, constabulary, ursula, signed_in):
    other = raise_difference(pat, constabulary)
    Escalation.objects.filter(pk=other.pk).update(due="2026-01-02")
    client, url = signed_in(ursula), reverse("escalations")

    def shown(query):
        return [row.reference for row, *_ in client.get(f"{url}?{query}").context["rows"]]

    assert set(shown("")) == {str(escalation), str(other)}
    assert shown("status=overdue") == [str(other)]
    assert shown("status=resolved") == []
    assert "Nothing matches these filters" in text_of(client.get(f"{url}?stage=1&status=resolved"))
    assert len(shown(f"agency={constabulary.pk}")) == 2
    assert "Select a valid choice" not in text_of(client.get(f"{url}?agency=x&year=1&stage=99&theme=0"))


def test_lists_cost_the_same_number_of_queries_at_any_size(escalation, pat, constabulary, ursula, signed_in):
    name_contacts(constabulary, UserFactory(), first=2)
    client = signed_in(ursula)
    urls = [
        reverse("escalations"),
        reverse("escalation_register"),
        reverse("good_practice"),
        reverse("escalation_contacts"),
        escalation.get_absolute_url(),
        reverse("home"),
    ]
    GoodPractice.objects.create(organisation=constabulary, recognised_by=pat, what="Good")
    small = [queries_of(client, url) for url in urls]
    for n in range(6):
        agency, person = OrganisationFactory(), UserFactory(organisation=constabulary)
        name_contacts(agency, person)
        raised = raise_difference(person, agency, theme=EscalationTheme.objects.create(name=f"Theme {n}"))
        services.move_up(raised, by=person, at=step_of(raised), note="Not settled")
        GoodPractice.objects.create(organisation=agency, recognised_by=person, what="Good")
    services.move_up(escalation, by=pat, at=step_of(escalation), note="Not settled")
    large = [queries_of(client, url) for url in urls]
    assert large == small


def test_the_register_counts_and_links(escalation, pat, ursula, stella, maya, client):
    services.resolve(escalation, by=pat, outcome="Opened", learning="Quote the threshold.")
    for person in (ursula, stella):
        client.force_login(person)
        page = text_of(client.get(reverse("escalation_register")))
        assert "Half of those settled took 0 working days or less" in page
        assert "Quote the threshold." in page
        assert "<strong>Threshold for a service</strong> 1 raised, 0 not settled" in page
    page = text_of(client.get(f"{reverse('escalation_register')}?year=2020"))
    assert "No difference has been raised" in page
    assert client.get(f"{reverse('escalation_register')}?year=x").status_code == 200
    client.force_login(maya)
    assert client.get(reverse("escalation_register")).status_code == 404


def test_the_file_has_no_words_of_the_difference(escalation, stella, signed_in):
    sent = signed_in(stella).get(reverse("escalation_export", args=["csv"]))
    rows = list(csv.reader(StringIO(b"".join(sent.streaming_content).decode("utf-8-sig"))))
    assert rows[1][0] == str(escalation)
    assert escalation.difference not in str(rows)


def test_search_looks_at_the_reference_and_the_theme_only():
    (source,) = [source for source in sources() if source.model is Escalation]
    assert (source.title, source.texts) == ("reference", ("theme__name",))


# The procedure and its contacts


def test_the_business_unit_drafts_changes_and_publishes_the_procedure(ursula, signed_in):
    client = signed_in(ursula)
    page = text_of(client.post(reverse("draft_escalation_procedure"), follow=True))
    assert "They are for the partnership to set" in page
    draft = EscalationProcedure.objects.get()
    client.post(
        reverse("escalation_procedure_texts", args=[draft.pk]),
        {"introduction": "Talk first.", "emergency": "Call 999."},
    )
    stage = {"place": "1", "name": "Team leaders", "who": "The team leader", "answerer": "both_agencies", "days": "2"}
    url = reverse("add_escalation_stage", args=[draft.pk])
    assert "Enter a number from 1 to 60" in text_of(client.post(url, stage | {"urgent_days": "0"}))
    assert client.post(url, stage | {"urgent_days": "1", "moves_up": "on"}).status_code == 302
    client.post(reverse("remove_escalation_stage", args=[draft.pk, draft.stages.get(order=4).pk]))
    page = text_of(client.post(reverse("publish_escalation_procedure", args=[draft.pk]), follow=True))
    assert "Talk first." in page
    assert [stage.name for stage in draft.stages.all()] == ["Team leaders", "Line managers", "Service managers"]
    response = client.get(reverse("add_escalation_stage", args=[draft.pk]))
    assert response.status_code == 409


def test_everyone_reads_the_procedure_in_force_and_not_a_draft(pat, ursula, signed_in):
    published = published_procedure()
    draft = procedures.draft(by=ursula)
    client = signed_in(pat)
    assert "Line managers" in text_of(client.get(published.get_absolute_url()))
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_contacts_are_chosen_among_the_people_of_the_agency(constabulary, maya, chloe, ursula, signed_in):
    published_procedure()
    client, url = signed_in(ursula), reverse("change_escalation_contacts", args=[constabulary.pk])
    page = text_of(client.get(url))
    assert "Maya Member" in page
    assert "Chloe Chair" not in page
    client.post(url, {"stage_1": [maya.pk], "stage_2": [maya.pk]})
    assert list(EscalationContact.objects.values_list("level", "person")) == [(1, maya.pk), (2, maya.pk)]
    assert client.post(url, {"stage_1": [chloe.pk]}).status_code == 200
    page = text_of(client.get(reverse("escalation_contacts")))
    assert "Maya Member" in page
    assert "Nobody" in page


def test_who_answers_at_a_stage_is_only_text_beside_the_boxes(constabulary, ursula, signed_in):
    published_procedure().stages.filter(order=1).update(who="<b id=injected>Managers</b>")
    html = signed_in(ursula).get(reverse("change_escalation_contacts", args=[constabulary.pk])).content.decode()
    assert "&lt;b id=injected&gt;Managers" in html
    assert "<b id=injected>" not in html


def test_themes_can_be_added_and_put_out_of_use(ursula, pat, signed_in):
    published_procedure()
    client = signed_in(ursula)
    client.post(reverse("add_escalation_theme"), {"name": "Transport", "order": "1", "in_use": "on"})
    theme = EscalationTheme.objects.get(name="Transport")
    assert "Transport" in text_of(client.get(reverse("start_escalation")))
    client.post(reverse("edit_escalation_theme", args=[theme.pk]), {"name": "Transport", "order": "1"})
    assert "Transport" not in text_of(client.get(reverse("start_escalation")))
    assert "Not in use" in text_of(client.get(reverse("escalation_themes")))


# Good practice


def test_good_practice_is_recognised_read_by_all_and_removed_by_the_unit(pat, constabulary, dan, ursula, client):
    client.force_login(pat)
    words = {"organisation": constabulary.pk, "what": "They told us at once."}
    client.post(reverse("recognise_good_practice"), words)
    client.force_login(dan)
    assert "They told us at once." in text_of(client.get(reverse("good_practice")))
    assert "They told us at once." in text_of(client.get(reverse("escalations")))
    url = reverse("remove_good_practice", args=[GoodPractice.objects.get().pk])
    assert client.post(url).status_code == 403
    client.force_login(ursula)
    client.post(url)
    assert "Nothing has been recognised yet" in text_of(client.get(reverse("good_practice")))
