"""The pack of a meeting: one PDF, numbers, bookmarks and tags right, whatever was uploaded; and the minutes as one."""

import io
import re

import pikepdf
import pytest
from weasyprint import CSS, HTML

from hscp.lib.pdf_merge import pages_by_anchor
from hscp.lib.uploads import Accepted
from partnership.choices import DocumentStatus, MeetingStatus
from partnership.engine import documents
from partnership.models import AgendaItem, Meeting
from partnership.services import meetings as services
from tests.partnership.meetings import accepted, make_decision, make_item, make_meeting

PAGES = [1, 2, 3, 1, 5, 2, 1, 4, 2, 1, 1, 2, 3, 1, 2, 1, 1, 6, 2, 1]  # of twenty papers
PDF = "application/pdf"


def a_paper(words: str, *, pages: int = 1, tagged: bool = True, size: str = "A4") -> Accepted:
    """A PDF that says ``words`` on each page."""
    parts = "".join(f"<h1>{words}, sheet {number + 1}</h1><p>Text</p>" for number in range(pages))
    style = CSS(string=f"@page {{ size: {size} }} h1:not(:first-child) {{ break-before: page }}")
    html = HTML(string=f"<html lang=en><title>{words}</title><body>{parts}")
    kind = {"pdf_variant": "pdf/ua-1"} if tagged else {}
    return Accepted(html.write_pdf(stylesheets=[style], **kind), f"{words}.pdf", PDF, pages)


def word_file() -> Accepted:
    return Accepted(b"PK", "Terms.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")


def made(kind: str, meeting: Meeting) -> pikepdf.Pdf:
    """What the worker makes of the document that is wanted."""
    document = documents.latest(kind, about=meeting)
    assert documents.make(document.pk)
    document.refresh_from_db()
    assert document.status == DocumentStatus.READY
    return pikepdf.open(io.BytesIO(document.file.read()))


def words_of(page: pikepdf.Page) -> str:
    """The text of a page, by the tables of its fonts: what somebody who copies it gets."""
    fonts = {}
    for name, font in _fonts(page.obj):
        found = re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]+)>", font.ToUnicode.read_bytes().lower())
        fonts[name] = {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in found}
    streams = [page.obj, *dict(page.obj.Resources.get("/XObject", {})).values()]
    return " ".join(text for stream in streams for text in _texts(stream, fonts))


def _fonts(thing):
    resources = thing.get("/Resources", {})
    yield from dict(resources.get("/Font", {})).items()
    for form in dict(resources.get("/XObject", {})).values():
        yield from _fonts(form)


def _texts(stream, fonts):
    font, text = {}, ""
    for operands, operator in pikepdf.parse_content_stream(stream):
        if str(operator) == "Tf":
            font = fonts.get(str(operands[0]), font)
        elif str(operator) == "TJ":
            codes = b"".join(bytes(part) for part in operands[0] if isinstance(part, pikepdf.String))
            pairs = (int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2))
            text += "".join(font.get(code, "") for code in pairs)
        elif str(operator) == "ET":
            yield text
            text = ""


def bookmarks(pdf: pikepdf.Pdf) -> dict[str, int]:
    """Title and page (from 1) of each entry of the outline, those below the agenda too."""
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}

    def walk(entries):
        for entry in entries:
            yield entry.title, numbers[entry.destination[0].objgen]
            yield from walk(entry.children)

    with pdf.open_outline() as outline:
        return dict(walk(outline.root))


def elements(node, kinds):
    if isinstance(node, pikepdf.Array):
        for child in node:
            elements(child, kinds)
    elif isinstance(node, pikepdf.Dictionary):
        kinds.append(str(node.get("/S", "")))
        if "/K" in node:
            elements(node.K, kinds)
    return kinds


@pytest.fixture
def meeting(audit_group, maya, chloe):
    last = make_meeting(audit_group, days=-40, status=MeetingStatus.CIRCULATED)
    make_decision(make_item(last, "Last time", minute="We said what had to be said."))
    return make_meeting(audit_group, place="Farnham House, Stevenage")


def test_a_pack_of_twelve_items_and_twenty_papers_has_the_right_numbers_and_bookmarks(meeting, ursula):
    # Given twelve items with twenty papers of one to six pages
    items = [make_item(meeting, f"Subject {number}", minutes=10) for number in range(1, 13)]
    papers = [
        services.add_paper(items[number % 12], title=f"Paper about {number}", upload=accepted(pages), by=ursula)
        for number, pages in enumerate(PAGES)
    ]
    services.make_pack(meeting, by=ursula)
    # when the worker makes the pack
    pdf = made("meeting_pack", meeting)
    # then each paper stands behind its own page, in the order of the agenda
    places, marks = pages_by_anchor(pdf), bookmarks(pdf)
    by_place = sorted(papers, key=lambda paper: places[f"paper-{paper.pk}"])
    assert [paper.item.order for paper in by_place] == sorted(paper.item.order for paper in papers)
    front = places[f"paper-{by_place[0].pk}"]
    assert len(pdf.pages) == front + sum(PAGES) + len(PAGES)
    expected, page = {}, front + 1
    for paper in by_place:
        expected[paper.title] = page
        page += 1 + PAGES[papers.index(paper)]
    # and the bookmarks of items and papers lead there
    of_papers = {title.partition(": ")[2]: page for title, page in marks.items() if title.startswith("Paper ")}
    assert of_papers == expected
    agenda = marks["Agenda"]
    assert all(agenda <= marks[f"{item.order}. {item.title}"] <= agenda + 2 for item in items)
    assert marks["Minutes of the last meeting"] < front + 1
    # and the contents and the pages themselves say the same numbers
    contents = " ".join(words_of(page) for page in pdf.pages[: agenda - 1])
    for title, page in expected.items():
        assert re.search(rf"{re.escape(title)} (\.\s+)+{page}\b", contents), (title, page, contents)
        assert f"Page {page} of {len(pdf.pages)}" in words_of(pdf.pages[page - 1])
        assert f"Pack page {page + 1} of {len(pdf.pages)}" in words_of(pdf.pages[page])


def test_a_pack_keeps_title_language_and_tags_and_takes_over_those_of_the_papers(meeting, ursula):
    item = make_item(meeting)
    for paper in (a_paper("Tagged", pages=2), a_paper("Plain", tagged=False, size="A4 landscape")):
        services.add_paper(item, title=paper.filename, upload=paper, by=ursula)
    services.make_pack(meeting, by=ursula)
    pdf = made("meeting_pack", meeting)
    root = pdf.Root
    assert (str(root.Lang), bool(root.MarkInfo.Marked)) == ("en", True)
    assert str(pdf.docinfo.Title) == f"Pack: {meeting}"
    kinds = elements(root.StructTreeRoot.K, [])
    assert kinds.count("/H1") == 1 + 2  # ours, and one for each page of the tagged paper
    with pdf.open_metadata() as metadata:
        assert "pdfuaid:part" not in metadata  # pages that we have not made: no claim for the whole
    texts = [words_of(page) for page in pdf.pages]
    place = next(number for number, text in enumerate(texts) if "Tagged, sheet 2" in text)
    assert f"Pack page {place + 1} of {len(texts)}" in texts[place]
    # each page finds its own part of the tree of tags
    numbers = [int(page.obj.StructParents) for page in pdf.pages if "/StructParents" in page.obj]
    parents = pikepdf.NumberTree(root.StructTreeRoot.ParentTree)
    assert len(numbers) == len(set(numbers)) == len(pdf.pages)
    assert all(number in parents for number in numbers)


def test_a_pack_without_pdfs_names_the_other_papers_and_is_whole_pdf_ua(meeting, ursula):
    paper = services.add_paper(make_item(meeting), title="Terms", upload=word_file(), by=ursula)
    services.make_pack(meeting, by=ursula)
    pdf = made("meeting_pack", meeting)
    last = words_of(pdf.pages[-1])
    assert "This paper is not a PDF" in last
    assert f"/documents/{paper.newest.document_id}/" in last
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"


def test_the_pack_has_the_newest_version_and_says_what_came_late(meeting, ursula):
    paper = services.add_paper(make_item(meeting), title="Audit", upload=accepted(1), by=ursula)
    Meeting.objects.filter(pk=meeting.pk).update(status=MeetingStatus.CALLED, called_at=meeting.changed_at)
    meeting.refresh_from_db()
    services.add_version(paper, upload=accepted(3), by=ursula)
    pdf = made("meeting_pack", meeting)
    separator = words_of(pdf.pages[-4])
    assert "2, uploaded on" in separator
    assert "(late)" in separator


def test_a_paper_whose_file_is_gone_leaves_a_pack_that_could_not_be_made(meeting, ursula):
    paper = services.add_paper(make_item(meeting), title="Audit", upload=accepted(1), by=ursula)
    paper.newest.document.file.delete(save=False)
    document = services.make_pack(meeting, by=ursula)
    assert not documents.make(document.pk)
    document.refresh_from_db()
    assert document.error


def test_the_minutes_are_a_tagged_pdf_that_says_whether_they_are_agreed(audit_group, maya, ursula):
    meeting = make_meeting(audit_group, days=-9, status=MeetingStatus.DRAFTED, also_present="Guest of honour")
    item = make_item(meeting, minute="We looked at “all” of it.")
    make_decision(item)
    fields = {"organisation": maya.organisation, "presence": "deputy", "deputy": "Sam Example"}
    meeting.attendance.create(person=maya, **fields)
    services.circulate_minutes(meeting, by=ursula)
    pdf = made("meeting_minutes", meeting)
    words = " ".join(words_of(page) for page in pdf.pages)
    for expected in ("not agreed yet", "Sam Example for Maya Member", "Guest of honour", "Decision PAG/2026/01"):
        assert expected in words, words
    assert "We looked at “all” of it." in words
    later = make_meeting(audit_group, days=-1, status=MeetingStatus.HELD)
    services.agree_minutes(meeting, by=ursula, at=later)
    pdf = made("meeting_minutes", meeting)
    words = words_of(pdf.pages[0])
    assert "Agreed at the meeting of" in words
    assert AgendaItem.objects.get(pk=item.pk).minute


def with_a_link_that_does_more() -> Accepted:
    """A PDF with a link to the web that also runs a script, and with a file attached to its page."""
    with pikepdf.open(io.BytesIO(a_paper("Linked", tagged=False).content)) as pdf:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        web = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org/", Next=script)
        link = {"Subtype": pikepdf.Name.Link, "Rect": [0, 0, 9, 9], "A": web, "AA": pikepdf.Dictionary(E=script)}
        page = pdf.pages[0]
        page.obj.Annots = pikepdf.Array([pikepdf.Dictionary(Type=pikepdf.Name.Annot, **link)])
        page.obj.AF = pikepdf.Array([pikepdf.AttachedFileSpec(pdf, b"MZ", filename="program.exe").obj])
        content = io.BytesIO()
        pdf.save(content)
    return Accepted(content.getvalue(), "linked.pdf", PDF, 1)


def test_a_pack_takes_over_neither_scripts_nor_files_of_a_paper(meeting, ursula):
    services.add_paper(make_item(meeting), title="Linked", upload=with_a_link_that_does_more(), by=ursula)
    services.make_pack(meeting, by=ursula)
    pdf = made("meeting_pack", meeting)
    (link,) = [one for page in pdf.pages for one in page.obj.get("/Annots", []) if "example.org" in str(one.get("/A"))]
    assert set(link.A.keys()) == {"/S", "/URI"}
    assert "/AA" not in link
    everything = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
    assert not [one for one in everything if "/JS" in one or "/EF" in one]


def with_odd_pages() -> Accepted:
    """A PDF whose pages hold what they must not, as some programs write them."""
    odd = {"Rotate": pikepdf.Name.Right, "CropBox": pikepdf.Array([1, 2]), "Contents": pikepdf.Name.Nothing}
    odd |= {"Annots": pikepdf.Dictionary(), "StructParents": pikepdf.Name.One}
    with pikepdf.new() as pdf:
        for key, value in odd.items():
            pdf.add_blank_page().obj[f"/{key}"] = value
        content = io.BytesIO()
        pdf.save(content)
    return Accepted(content.getvalue(), "odd.pdf", PDF, len(odd))


def test_a_paper_with_odd_pages_keeps_no_pack_from_being_made(meeting, ursula):
    services.add_paper(make_item(meeting), title="Odd", upload=with_odd_pages(), by=ursula)
    services.make_pack(meeting, by=ursula)
    assert len(made("meeting_pack", meeting).pages) > 5
