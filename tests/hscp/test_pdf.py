"""PDFs: tagged, named, in our own type, and closed to the world."""

import io
from datetime import date

import pikepdf
import pytest

from hscp.lib import pdf, pdf_writer

TEMPLATE = """
{% extends "pdf/base.html" %}
{% block title %}Return of Oak Lane{% endblock %}
{% block heading %}Oak Lane{% endblock %}
{% block content %}
<h2>Standards</h2>
<p>{{ name }}</p>
{% stacked_bar shares "All standards" %}
<table><thead><tr><th scope="col">Standard</th></tr></thead><tbody><tr><td>Training</td></tr></tbody></table>
{% endblock %}
"""


@pytest.fixture
def render(settings, tmp_path):
    def render(source=TEMPLATE, **context):
        (tmp_path / "under_test.html").write_text(source.strip())
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
        context = {"name": "Łukasz Żółć", "shares": [("green", 75), ("red", 25)], **context}
        return pikepdf.open(io.BytesIO(pdf.render("under_test.html", context, made_on=date(2025, 11, 20))))

    return render


def structure(node):
    """Every structure element below ``node``."""
    for child in node.get("/K", []) if isinstance(node.get("/K"), pikepdf.Array) else [node.get("/K")]:
        if isinstance(child, pikepdf.Dictionary):
            yield child
            yield from structure(child)


def tags(document):
    return [str(element.get("/S")) for element in structure(document.Root.StructTreeRoot)]


def test_it_is_tagged_and_says_its_language_and_title(render):
    document = render()
    assert document.Root.MarkInfo.Marked
    assert str(document.Root.Lang) == "en"
    assert str(document.docinfo["/Title"]) == "Return of Oak Lane"
    assert b"pdfuaid" in document.Root.Metadata.read_bytes()


def test_headings_and_tables_are_tagged_as_such(render):
    found = tags(render())
    assert found.count("/H1") == 1
    assert {"/H2", "/Table", "/TH", "/TD"} <= set(found)


def test_every_picture_has_words(render):
    document = render()
    figures = [element for element in structure(document.Root.StructTreeRoot) if element.get("/S") == "/Figure"]
    assert [str(figure.Alt) for figure in figures] == ["HSCP", "All standards: Green 75%, Red 25%"]


def fonts(document):
    return {str(font.BaseFont).partition("+")[2] for page in document.pages for font in page.Resources.Font.values()}


def test_it_is_set_in_our_own_font_also_beyond_the_english_alphabet(render):
    found = fonts(render())
    assert "Atkinson-Hyperlegible-Next-Bold" in found
    assert "Atkinson-Hyperlegible-Next-Extended" in found


def test_letters_beyond_the_english_alphabet_can_be_copied_out(render):
    document = render()
    maps = [
        font.ToUnicode.read_bytes()
        for page in document.pages
        for font in page.Resources.Font.values()
        if "Extended" in str(font.BaseFont)
    ]
    assert any(b"0141" in found for found in maps)  # Ł


@pytest.mark.parametrize(
    "address", ["https://example.org/x.png", "file:///etc/hostname", "{static}/../manage.py", "/static/favicon.svg"]
)
def test_it_opens_nothing_but_its_own_files(address, settings):
    address = address.format(static=settings.STATICFILES_DIRS[0].as_uri())
    with pytest.raises(ValueError, match="may not open"):
        pdf_writer.OwnFiles().fetch(address)


def test_it_may_open_its_own_files_and_data_in_the_page(settings):
    own = settings.STATICFILES_DIRS[0].as_uri()
    assert pdf_writer.OwnFiles().fetch(f"{own}/favicon.svg").read().startswith(b"<svg")
    assert pdf_writer.OwnFiles().fetch("data:text/plain,hello").read() == b"hello"


def test_a_picture_from_elsewhere_is_left_out_and_the_pdf_is_made_all_the_same(render):
    source = TEMPLATE.replace("{{ name }}", '<img src="https://example.org/x.png" alt="A picture">')
    assert len(render(source).pages) == 1


def test_the_day_is_the_one_that_is_given(render):
    source = '{% extends "pdf/base.html" %}{% block heading %}{{ made_on|date:"j F Y" }}{% endblock %}'
    assert tags(render(source)).count("/H1") == 1
