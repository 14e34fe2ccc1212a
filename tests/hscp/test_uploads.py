"""Uploaded files: what they are must agree with their names, and everything refused says why in a sentence."""

import io
import zipfile

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook
from PIL import Image

from hscp.lib import uploads
from tests.partnership.meetings import pdf_bytes, upload

MB = 1024 * 1024
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def workbook() -> bytes:
    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


def office(kind: str, *names: str) -> bytes:
    """The least of an Office file: the list of its parts, and further parts by name."""
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    types += f'<Override PartName="/main.xml" ContentType="{kind}"/></Types>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("[Content_Types].xml", types)
        for name in names:
            packed.writestr(name, "x")
    return content.getvalue()


WORD = f"{uploads.OFFICE}wordprocessingml.document.main+xml"
SLIDES = f"{uploads.OFFICE}presentationml.presentation.main+xml"


def picture(kind: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (4, 4)).save(content, kind)
    return content.getvalue()


def locked_pdf(user: str) -> bytes:
    content = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_bytes())) as pdf:
        pdf.save(content, encryption=pikepdf.Encryption(owner="owner", user=user))
    return content.getvalue()


def accept(name, content):
    return uploads.accept(upload(name, content), most_bytes=MB)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("Report.PDF", pdf_bytes(), "application/pdf"),
        ("figures.xlsx", workbook(), uploads.MEDIA_TYPES[".xlsx"]),
        ("report.docx", office(WORD), uploads.MEDIA_TYPES[".docx"]),
        ("slides.pptx", office(SLIDES), uploads.MEDIA_TYPES[".pptx"]),
        ("map.png", picture("PNG"), "image/png"),
        ("photo.jpeg", picture("JPEG"), "image/jpeg"),
    ],
)
def test_what_a_meeting_reads_is_accepted_as_what_it_is(name, content, media_type):
    taken = accept(name, content)
    assert (taken.content, taken.filename, taken.content_type) == (content, name, media_type)


def test_the_pages_of_a_pdf_are_counted_and_folders_are_no_part_of_a_name():
    taken = accept("C:\\Users\\me\\report.pdf", pdf_bytes(7))
    assert (taken.filename, taken.pages) == ("report.pdf", 7)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.pdf", b"", "empty"),
        ("large.pdf", b"%PDF-1.7" + bytes(MB), "too_large"),
        ("program.exe", b"MZ", "type"),
        ("no-extension", pdf_bytes(), "type"),
        ("old.doc", OLD, "old"),
        ("with-macros.docm", office(WORD), "macros"),
        ("hidden-macros.docx", office(WORD, "word/vbaProject.bin"), "macros"),
        ("said-macros.docx", office("application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
        ("a-workbook.pdf", workbook(), "extension"),
        ("a-workbook.docx", workbook(), "extension"),
        ("a-photo.png", picture("JPEG"), "extension"),
        ("locked.pdf", locked_pdf("secret"), "protected"),
        ("not-to-be-printed.pdf", locked_pdf(""), "protected"),
        ("locked.docx", OLD, "protected"),
        ("broken.pdf", b"%PDF-1.7\nnothing", "broken"),
        ("broken.docx", b"PK\x03\x04nothing", "broken"),
        ("broken.xlsx", office(WORD)[:-30], "broken"),
        ("broken.png", b"\x89PNG\r\n\x1a\nnothing", "broken"),
    ],
)
def test_what_cannot_be_read_by_everybody_is_refused_with_the_reason(name, content, code):
    with pytest.raises(ValidationError) as refused:
        accept(name, content)
    assert refused.value.code == code
    assert refused.value.messages[0].startswith(("The selected", "This is"))


def test_a_pdf_of_too_many_pages_is_to_be_split(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_PAGES", 3)
    with pytest.raises(ValidationError, match=r"has 4 pages\. The most is 3: split it"):
        accept("long.pdf", pdf_bytes(4))


def test_an_office_file_that_would_unpack_to_far_more_is_a_trap(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 100)
    with pytest.raises(ValidationError, match="damaged"):
        accept("bomb.docx", office(WORD))


def test_a_list_of_parts_that_unpacks_to_far_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OF_TYPES", 100)
    with pytest.raises(ValidationError, match="damaged"):
        accept("bomb.docx", office(WORD))
