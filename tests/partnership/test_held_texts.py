"""Texts held back: who sees them, that nothing passes unseen, and that what was redacted is forgotten."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from hscp.lib.screening import screen
from partnership.models import HeldText, StatusChange
from partnership.services import screening
from schools.models import Answer, LocalFacts, Return
from tests.factories import CollectionFactory, OrganisationFactory, SchoolFactory, small_question_set

TEXT = "Ben, born on 1 May 2019, of SG13 8XX, came late"


def hold(writer, school=None, text=TEXT):
    facts = LocalFacts.objects.create(school=school or SchoolFactory())
    return screening.hold(facts, "notes", text, hits=screen(text, on=timezone.localdate()), by=writer)


@pytest.fixture
def held(dan, oak_lane):
    return hold(dan, oak_lane)


def notes(held):
    return LocalFacts.objects.get(pk=held.about_id).notes


def pages(held):
    names = ["held_text", "release_text", "redact_text"]
    return [reverse("held_texts"), *(reverse(name, args=[held.pk]) for name in names)]


@pytest.mark.parametrize("person", ["dan", "amira", "stella", "pat"])
def test_only_the_business_unit_sees_them(request, signed_in, held, person):
    client = signed_in(request.getfixturevalue(person))
    assert [client.get(page).status_code for page in pages(held)] == [404] * 4
    assert client.post(reverse("release_text", args=[held.pk])).status_code == 404
    held.refresh_from_db()
    assert held.status == "waiting"


def test_the_list_names_where_by_whom_and_what(signed_in, held, ursula):
    page = signed_in(ursula).get(reverse("held_texts")).content.decode()
    for part in ("Local facts of Oak Lane School", "Dan Lead", "Date of birth, postcode"):
        assert part in page
    assert "Ben" not in page


def test_the_page_marks_what_was_found(signed_in, held, ursula):
    page = signed_in(ursula).get(reverse("held_text", args=[held.pk])).content.decode()
    assert '<mark class="hscp-find">SG13 8XX<span class="govuk-visually-hidden"> (postcode)</span></mark>' in page


def test_markup_in_a_text_is_shown_and_never_obeyed(signed_in, dan, ursula):
    held = hold(dan, text="<script>alert(1)</script> SG13 8XX")
    for page in pages(held)[1:]:
        assert b"<script>alert" not in signed_in(ursula).get(page).content


def test_released_the_text_goes_where_it_belongs(signed_in, held, ursula):
    response = signed_in(ursula).post(reverse("release_text", args=[held.pk]))
    assert response["Location"] == reverse("held_texts")
    held.refresh_from_db()
    assert (held.status, held.decided_by) == ("released", ursula)
    assert notes(held) == TEXT
    assert StatusChange.objects.about(held).get().to_status == "released"


def test_looking_decides_nothing(signed_in, held, ursula):
    for page in pages(held):
        signed_in(ursula).get(page)
    held.refresh_from_db()
    assert held.status == "waiting"


def test_redacting_offers_the_text_without_what_was_found(signed_in, held, ursula):
    page = signed_in(ursula).get(reverse("redact_text", args=[held.pk])).content.decode()
    assert (
        "Ben, [removed], of [removed], came late" in page or "Ben, born on [removed], of [removed], came late" in page
    )


def test_redacted_the_original_is_forgotten(signed_in, held, ursula):
    signed_in(ursula).post(reverse("redact_text", args=[held.pk]), {"cleaned": "A child came late"})
    held.refresh_from_db()
    assert (held.status, held.text) == ("redacted", "")
    assert notes(held) == "A child came late"
    page = signed_in(ursula).get(reverse("held_text", args=[held.pk])).content.decode()
    assert "The text as it was written has been deleted." in page


def test_a_redacted_text_is_screened_again(signed_in, held, ursula):
    response = signed_in(ursula).post(reverse("redact_text", args=[held.pk]), {"cleaned": "Of SG13 8XX"})
    assert "This looks like a postcode" in response.content.decode()
    held.refresh_from_db()
    assert held.status == "waiting"
    with pytest.raises(ValidationError):
        screening.redact_text(held, by=ursula, cleaned="Of SG13 8XX")


def test_redacting_to_nothing_asks_for_a_word(signed_in, held, ursula):
    response = signed_in(ursula).post(reverse("redact_text", args=[held.pk]), {"cleaned": ""})
    assert "Enter what the text should say" in response.content.decode()


def test_a_redacted_text_must_fit_where_it_belongs(signed_in, dan, ursula):
    body = OrganisationFactory()
    held = screening.hold(body, "name", "x SG13 8XX", hits=screen("SG13 8XX", on=date(2026, 1, 1)), by=dan)
    response = signed_in(ursula).post(reverse("redact_text", args=[held.pk]), {"cleaned": "x" * 201})
    assert "Your answer must be 200 characters or fewer" in response.content.decode()


def test_a_late_click_is_told_what_has_happened(signed_in, held, ursula):
    screening.release(held, by=ursula)
    response = signed_in(ursula).post(reverse("redact_text", args=[held.pk]), {"cleaned": "x"})
    assert response.status_code == 409
    assert "Ursula Unit changed the status to “released”" in response.content.decode()
    assert notes(held) == TEXT


def test_a_text_that_its_writer_replaced_is_gone(signed_in, held, dan, ursula):
    newer = screening.hold(held.about, "notes", "Of SG13 8XX", hits=screen("SG13 8XX", on=date(2026, 1, 1)), by=dan)
    assert signed_in(ursula).post(reverse("release_text", args=[held.pk])).status_code == 404
    assert HeldText.objects.get() == newer
    assert notes(newer) == ""


def test_those_decided_have_a_list_of_their_own(signed_in, held, ursula):
    screening.release(held, by=ursula)
    client = signed_in(ursula)
    assert "No text waits to be looked at" in client.get(reverse("held_texts")).content.decode()
    assert "Released by Ursula Unit" in client.get(reverse("held_texts"), {"show": "decided"}).content.decode()


def test_a_text_whose_record_is_gone_can_still_be_decided(signed_in, held, ursula):
    held.about.delete()
    client = signed_in(ursula)
    assert "A record that is no longer there" in client.get(reverse("held_texts")).content.decode()
    assert client.get(reverse("redact_text", args=[held.pk])).status_code == 200
    client.post(reverse("redact_text", args=[held.pk]), {"cleaned": "x"})
    held.refresh_from_db()
    assert held.text == ""


def test_the_list_costs_the_same_with_more_texts(signed_in, dan, ursula, django_assert_max_num_queries):
    client = signed_in(ursula)

    def cost():
        with django_assert_max_num_queries(30) as counted:
            assert client.get(reverse("held_texts")).status_code == 200
        return len(counted)

    question_set = small_question_set()
    collection = CollectionFactory(question_set=question_set)
    question = question_set.questions.filter(answer_type="rating4").first()

    def hold_an_answer():
        body = OrganisationFactory()
        record = Return.objects.create(collection=collection, organisation=body, reference=body.name)
        answer = Answer.objects.create(return_record=record, question=question)
        screening.hold(answer, "evidence", "SG13 8XX", hits=screen("SG13 8XX", on=date(2026, 1, 1)), by=dan)
        return answer

    answer = hold_an_answer()
    assert f"{answer.return_record}, question {question.code}" in client.get(reverse("held_texts")).content.decode()
    before = cost()
    for _ in range(10):
        hold_an_answer()
    assert cost() == before
