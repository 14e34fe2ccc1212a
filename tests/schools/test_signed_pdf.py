"""The signed return as a PDF: whole, tagged, and made of a submitted return only."""

import io
from datetime import timedelta

import pikepdf
import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from partnership.choices import DocumentStatus
from partnership.engine import documents
from partnership.models import Document
from partnership.services.actions import complete_action
from schools.models import Return
from schools.pdf import NotSubmitted, context_of, signed_return
from schools.services.returns import query, reply_to_query, send_to_head, sign_governance, submit
from schools.services.sections import Content
from schools.sheets import Sheet
from tests.factories import completed_return, fill, full_question_set, open_return, sent_return

LONG = "Evidence of a thousand characters. " * 28 + "It ends here: end."


@pytest.fixture
def record(oak_lane, dan, amira):
    oak_lane.organisation.name = "St Mary’s & Żółć “Nursery” <b>C of E</b> Primary"
    oak_lane.organisation.save()
    values = {
        "1.1": Content("developing", "", LONG, "Train\neveryone", "Headteacher", timezone.localdate()),
        "1.3": 70,
        "2.1": "2020-01-01",
        "2.2": Content("na", reason="No agency staff are used here."),
        "Z2": None,
        "C3": None,
    }
    return completed_return(oak_lane, lead=dan, head=amira, values=values)


def opened(record):
    return pikepdf.open(io.BytesIO(signed_return(record).content))


def words(record):
    """The text of the page from which the PDF is made."""
    page = {"portal": {"name": "Partnership"}, "made_on": timezone.localdate(), **context_of(record)}
    return " ".join(render_to_string("schools/pdf/signed_return.html", page).split())


def test_it_is_tagged_and_says_in_which_language_and_what_it_is(record):
    with opened(record) as pdf:
        root = pdf.Root
        assert root.MarkInfo.Marked
        assert root.StructTreeRoot.K
        assert str(root.Lang) == "en"
        assert root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo.Title) == f"Safeguarding return 2026-27: {record.organisation}"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == str(pdf.docinfo.Title)


def test_its_headings_tables_lists_and_links_are_tagged_as_such(record):
    with opened(record) as pdf:
        kinds = set(tags(pdf.Root.StructTreeRoot.K))
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Caption", "/L", "/LI", "/Link", "/P"} <= kinds


def tags(node, depth=0):
    """Every kind of structure element below ``node``."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from tags(child, depth + 1)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield str(node.S)
        if "/K" in node:
            yield from tags(node.K, depth + 1)


def test_its_fonts_are_within_it(record):
    with opened(record) as pdf:
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        descriptors = [font.DescendantFonts[0].FontDescriptor for font in fonts]
        assert descriptors
        assert all("/FontFile2" in one or "/FontFile3" in one for one in descriptors)


def test_its_sections_are_bookmarks_and_its_questions_are_not(record):
    with opened(record) as pdf, pdf.open_outline() as outline:
        titles = list(all_titles(outline.root))
    assert titles[0] == str(record.organisation)
    assert {"Result", "Signatures", "The standards", "Contents", "Actions", "Leadership", "Looking back"} <= set(titles)
    assert not any("Staff assume" in title for title in titles)


def all_titles(items):
    for item in items:
        yield item.title
        yield from all_titles(item.children)


def test_every_question_that_was_asked_is_there_with_its_answer(record):
    page = words(record)
    for line in Sheet(record).lines:
        assert line.question.text.replace("'", "&#x27;") in page
    for text in (
        "Developing",
        "“Developing” counts as amber.",
        "70% is below 80%.",
        "1 January 2020 is more than a year ago.",
        "It ends here: end.",
        "No agency staff are used here.",
        "Train<br>everyone",
        "Not provided",
    ):
        assert text in page, text


def test_a_name_with_odd_characters_is_a_name_and_no_markup(record):
    page = words(record)
    assert "St Mary’s &amp; Żółć “Nursery” &lt;b&gt;C of E&lt;/b&gt; Primary" in page
    assert signed_return(record).filename == "safeguarding-return-2026-27-st-marys-zoc-nursery-bc-of-eb-primary.pdf"


def test_a_school_whose_name_has_no_letter_that_a_file_name_may_have_gets_a_file_all_the_same(record):
    record.organisation.name = "学校"
    assert signed_return(record).filename == "safeguarding-return-2026-27-school.pdf"


def test_the_head_has_signed_and_governance_is_pending_until_it_has(record, colin):
    page = words(record)
    assert "<strong>Amira Head</strong>" in page
    assert "Pending, due by" in page
    yesterday = timezone.localdate() - timedelta(days=1)
    sign_governance(record, by=colin, minute_date=yesterday)
    record.refresh_from_db()
    page = words(record)
    assert "<strong>Colin Chair</strong>" in page
    assert "Board minute of" in page
    assert "Pending" not in page


def test_a_signature_of_an_earlier_submission_is_not_shown(record, dan, amira, colin, ursula):
    sign_governance(record, by=colin)
    asked = query(record, by=ursula, text="Are you sure?", reply_by=record.deadline)
    reply_to_query(asked, by=dan, reply="We are sure.")
    again = submit(send_to_head(Return.objects.get(pk=record.pk), by=dan), by=amira)
    page = words(again)
    assert "Pending, due by" in page
    assert "Colin Chair" not in page
    assert "Are you sure?" in page
    assert "We are sure." in page


def test_the_actions_stand_in_a_table_with_how_they_go(record, dan):
    complete_action(Sheet(record).actions[0], by=dan, evidence="Done in June")
    context = context_of(record)
    assert [(action.question.code, action.status) for action in context["actions"]] == [
        ("1.1", "Done"),
        ("1.3", "Not started"),
        ("2.1", "Not started"),
    ]


def test_the_result_is_counted(record):
    context = context_of(record)
    assert context["counts"] == {"green": 5, "amber": 2, "red": 1, "na": 1}
    assert (context["worst"], context["mean"], context["left_out"]) == ("amber", 63, 0)


def test_a_return_that_is_being_changed_has_no_signed_pdf(oak_lane, dan, amira):
    with pytest.raises(NotSubmitted):
        signed_return(sent_return(oak_lane, lead=dan))


def test_a_return_of_which_nothing_optional_was_answered_has_a_pdf(oak_lane, dan, amira):
    record = fill(open_return(oak_lane), by=dan, values={"C3": None, "Z2": None})
    made = signed_return(submit(send_to_head(record, by=dan), by=amira))
    assert made.content.startswith(b"%PDF-")
    assert made.content_type == "application/pdf"


def test_the_worker_makes_it_and_those_who_see_the_return_download_it(record, amira, erin, pat, client):
    wanted = documents.latest("signed_return", about=record)
    assert documents.make(wanted.pk)
    ready = Document.objects.get(pk=wanted.pk)
    assert ready.status == DocumentStatus.READY
    client.force_login(amira)
    response = client.get(reverse("document", args=[ready.pk]))
    assert response.headers["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content).startswith(b"%PDF-")
    for stranger in (erin, pat):
        client.force_login(stranger)
        assert client.get(reverse("document", args=[ready.pk])).status_code == 404


def test_the_whole_return_is_a_document_of_some_pages(oak_lane, dan, amira, django_assert_max_num_queries):
    record = completed_return(oak_lane, lead=dan, head=amira, question_set=full_question_set())
    with django_assert_max_num_queries(32):
        made = signed_return(record)
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert 10 <= len(pdf.pages) <= 25
