"""Learning briefings: drafted from what was recorded, edited by two, published; one page of A4 for all to read."""

import io

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from learninghubs.briefing_pdf import NotPublished, briefing_pdf
from learninghubs.choices import BriefingStatus
from learninghubs.models import Briefing, Forum
from learninghubs.permissions import Perm
from learninghubs.services import briefings as services
from learninghubs.services.briefings import MOST_CONTEXT, MOST_LINE, MOST_LINES, MOST_TITLE
from partnership.choices import DocumentStatus
from partnership.engine import documents
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import NoteRequired, TooLate
from partnership.models import Document
from tests.learninghubs.forum_helpers import at, hold, make_forum

NHS_NUMBER = "943 476 5919"
TEXTS = {
    "title": "First contacts",
    "context": "Those who hear nothing stop telling us.",
    "messages": "Ask early\nTell those who asked",
    "practice": "Ring back within five days",
    "questions": "Who rings back in your team?",
}


def url(name, briefing):
    return reverse(f"learninghubs:{name}", args=[briefing.forum_id])


@pytest.fixture
def forum(hub, ben):
    return hold(hub, ben, came=2)


@pytest.fixture
def draft(forum, ben):
    """A draft that could be published."""
    made = services.draft_briefing(forum, by=ben)
    return edit(made, ben)


def edit(briefing, by, **changed):
    loaded = changed.pop("loaded", None) or services.loaded_from(briefing)
    return services.edit_briefing(briefing, by=by, loaded=loaded, **TEXTS | changed)


def typed(**changed):
    texts = TEXTS | changed
    return {"briefing_title" if name == "title" else name: text for name, text in texts.items()}


# --- Drafted and edited -----------------------------------------------------------------------------------------------


def test_a_draft_begins_with_what_was_recorded(signed_in, ben, forum):
    response = signed_in(ben).post(reverse("learninghubs:draft_briefing", args=[forum.pk]))
    briefing = Briefing.objects.get()
    assert response["Location"] == url("edit_briefing", briefing)
    assert briefing.messages == "Ask early\nTell those who asked"
    assert briefing.context == "How first contacts are answered."
    assert services.draft_briefing(forum, by=ben) == briefing, "once there, it stays"


def test_there_is_no_draft_before_the_record_nor_by_somebody_else(ben, bella, stella, hub, forum):
    with pytest.raises(TooLate):
        services.draft_briefing(make_forum(hub), by=ben)
    for person in (bella, stella):
        with pytest.raises(PermissionDenied):
            services.draft_briefing(forum, by=person)


def test_whoever_saves_second_sees_both_texts(signed_in, ben, ursula, draft):
    loaded = services.loaded_from(draft)
    edit(draft, ursula, context="As Ursula has it")
    page = url("edit_briefing", draft)
    shown = signed_in(ben).post(page, typed(context="As Ben has it", loaded=loaded)).content.decode()
    assert "As Ursula has it" in shown
    assert "As Ben has it" in shown
    with pytest.raises(ChangedMeanwhile):
        edit(draft, ben, loaded=loaded)


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"messages": "\n".join("x" * 6)}, "messages", "room for 5 lines"),
        ({"practice": f"Ring back\n{'x' * (MOST_LINE + 1)}"}, "practice", "Line 2 must be 160 characters or fewer"),
        ({"context": "x" * (MOST_CONTEXT + 1)}, "context", "500 characters or fewer"),
        ({"questions": f"What of {NHS_NUMBER}?"}, "questions", "NHS number"),
    ],
)
def test_what_would_not_fit_or_may_identify_a_child_is_refused(ben, draft, changed, field, says):
    with pytest.raises(ValidationError) as wrong:
        edit(draft, ben, **changed)
    assert says in wrong.value.message_dict[field][0]


def test_the_form_shows_what_is_wrong_and_keeps_what_was_typed(signed_in, ben, draft):
    data = typed(messages="\n".join(["Kept words"] * 6), loaded=services.loaded_from(draft))
    shown = signed_in(ben).post(url("edit_briefing", draft), data).content.decode()
    assert "There is room for 5 lines on one page. You have 6" in shown
    assert "Kept words" in shown


# --- Published --------------------------------------------------------------------------------------------------------


def test_a_draft_is_for_those_who_look_after_it_and_a_published_one_for_all(signed_in, client, ben, stella, pat, draft):
    page = draft.get_absolute_url()
    assert [person.has_perm(Perm.VIEW_BRIEFING, draft) for person in (ben, stella, pat)] == [True, True, False]
    assert client.get(page).status_code == 404
    assert signed_in(pat).get(page).status_code == 404
    for person in (ben, stella):
        assert "Ring back within five days" in signed_in(person).get(page).content.decode()
    signed_in(ben).post(url("publish_briefing", draft))
    client.logout()
    assert "Ring back within five days" in client.get(page).content.decode()
    assert page in client.get("/learning/forums/briefings/").content.decode()
    assert page in client.get(draft.forum.get_absolute_url()).content.decode()


def test_nothing_is_published_that_says_not_what_to_do(ben, forum):
    briefing = services.draft_briefing(forum, by=ben)
    with pytest.raises(ValidationError, match="Enter what to do differently"):
        services.publish_briefing(briefing, by=ben)
    briefing.refresh_from_db()
    assert briefing.status == BriefingStatus.DRAFT
    assert not Document.objects.exists()


def test_the_public_downloads_the_pdf_that_the_worker_made(client, ben, draft):
    published = services.publish_briefing(draft, by=ben)
    assert client.get(url("briefing_pdf", published)).status_code == 404, "not made yet"
    documents.make(documents.latest(services.BRIEFING_PDF, about=published).pk)
    response = client.get(url("briefing_pdf", published))
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert "first-contacts.pdf" in response["Content-Disposition"]


def test_what_is_taken_back_is_gone_with_its_pdf(client, ben, draft):
    published = services.publish_briefing(draft, by=ben)
    documents.make(documents.latest(services.BRIEFING_PDF, about=published).pk)
    with pytest.raises(TooLate):
        edit(published, ben)
    with pytest.raises(NoteRequired):
        services.withdraw_briefing(published, by=ben, note="")
    withdrawn = services.withdraw_briefing(published, by=ben, note="A figure was wrong")
    assert client.get(withdrawn.get_absolute_url()).status_code == 404
    assert client.get(url("briefing_pdf", withdrawn)).status_code == 404
    assert not Document.objects.filter(status=DocumentStatus.READY).exists()
    with pytest.raises(NotPublished):
        briefing_pdf(withdrawn)


def test_the_list_of_briefings_is_filtered_by_hub_and_costs_the_same_for_many(
    client, ben, draft, hub, other_hub, django_assert_max_num_queries
):
    services.publish_briefing(draft, by=ben)
    page = "/learning/forums/briefings/"
    assert draft.get_absolute_url() in client.get(page, {"hub": hub.pk}).content.decode()
    assert draft.get_absolute_url() not in client.get(page, {"hub": other_hub.pk}).content.decode()
    with django_assert_max_num_queries(10) as few:
        client.get(page)
    forums = Forum.objects.bulk_create(
        Forum(hub=hub, theme=draft.forum.theme, starts_at=at(-20, n), ends_at=at(-19), place="Hall") for n in range(15)
    )
    Briefing.objects.bulk_create(
        Briefing(forum=forum, status="published", published_at=at(-10), **TEXTS) for forum in forums
    )
    with django_assert_max_num_queries(len(few)):
        client.get(page)


# --- The PDF ----------------------------------------------------------------------------------------------------------


LINE = "Wordy enough to wrap often " * 5 + "and to need four lines"
FULL = {name: "\n".join([LINE] * most) for name, most in MOST_LINES.items()}


def pdf_of(briefing):
    return pikepdf.open(io.BytesIO(briefing_pdf(briefing).content))


def test_the_fullest_briefing_fits_on_one_tagged_page_with_a_title(ben, draft):
    title, context = "Safeguarding adolescents " * 3 + "from gangs", "Those who hear nothing stop telling. " * 13
    assert (len(title), len(LINE)) > (MOST_TITLE - 10, MOST_LINE - 10), "as full as can be"
    published = services.publish_briefing(edit(draft, ben, title=title, context=context, **FULL), by=ben)
    with pdf_of(published) as pdf:
        assert len(pdf.pages) == 1
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "en"
        assert pdf.open_metadata()["dc:title"].startswith("Safeguarding adolescents")
        assert pdf.open_metadata()["pdfuaid:part"] == "1"


@pytest.mark.parametrize("changed", [{}, {"messages": FULL["messages"]}])
def test_a_short_or_a_lopsided_briefing_fits_too_in_larger_type(ben, draft, changed):
    published = services.publish_briefing(edit(draft, ben, **changed), by=ben)
    with pdf_of(published) as pdf:
        assert len(pdf.pages) == 1
