"""Other people's PDFs put into one of ours, page by page: numbers, bookmarks, title, language and tags stay right.

Our PDF (``hscp.lib.pdf``) has an empty page for each page that is to come, so that its page numbers and the references
in its contents are right before anything is put in. Each such page is exchanged for the uploaded one, and what it says
at its edge ("Page 37 of 93") is drawn over it.

Tags: those of an uploaded PDF that has them are taken over. The pages of one that has none become one paragraph each,
read in the order in which they were written to the file. See ``docs/adr/0011-the-pack-of-a-meeting.md``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Page, Pdf, Rectangle, Stream

MILLIMETRE = 72 / 25.4  # points
# The corner of an empty page in which its number stands (static/pdf.css, page "inserted").
STAMP_WIDTH, STAMP_HEIGHT = 70 * MILLIMETRE, 9 * MILLIMETRE
MARKED = re.compile(rb"/\w+\s*<</MCID \d+>>\s*BDC")
PDF_UA = "pdfuaid:part"


@dataclass(frozen=True, slots=True)
class Insert:
    """A PDF to put in place of the empty pages that begin at ``anchor``, an id in the HTML; it has as many pages."""

    anchor: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline, leading to the page on which ``anchor`` stands, and those below it."""

    title: str
    anchor: str
    below: list[Bookmark] = field(default_factory=list)


def merge(base: bytes, inserts: Sequence[Insert], bookmarks: Sequence[Bookmark]) -> bytes:
    """``base`` with every insert in its place and ``bookmarks`` for its outline.

    It no longer claims to be PDF/UA once it holds a page that we have not made. Raises ``KeyError`` for an anchor that
    ``base`` does not have.
    """
    with Pdf.open(io.BytesIO(base)) as pdf:
        places = pages_by_anchor(pdf)
        tags = _Tags(pdf)
        for insert in inserts:
            _put_in(pdf, places[insert.anchor], insert.content, tags)
            del pikepdf.NameTree(pdf.Root.Names.Dests)[insert.anchor]  # its page is gone
        tags.write()
        _write_outline(pdf, bookmarks, places)
        if inserts:
            _claim_no_ua(pdf)
        merged = io.BytesIO()
        pdf.save(merged)
        return merged.getvalue()


def pages_by_anchor(pdf: Pdf) -> dict[str, int]:
    """The page (from 0) on which each id of the HTML stands."""
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    names = pikepdf.NameTree(pdf.Root.Names.Dests)
    return {str(name): numbers[target[0].objgen] for name, target in names.items()}


def count_pages(content: bytes) -> int:
    """How many pages a PDF has. Raises ``pikepdf.PdfError`` if it cannot be read."""
    with Pdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


# --- Pages ------------------------------------------------------------------------------------------------------------


def _put_in(pdf: Pdf, first: int, content: bytes, tags: _Tags) -> None:
    with Pdf.open(io.BytesIO(content)) as source:
        source.generate_appearance_streams()
        source.flatten_annotations("all")  # what was filled into a form, or noted, is drawn
        empty = [pdf.pages[first + number] for number in range(len(source.pages))]
        for number, page in enumerate(source.pages):
            pdf.pages[first + number] = page
        put = [pdf.pages[first + number] for number in range(len(source.pages))]
        for page in put:
            _mend(page)
            _clean(page)
        tags.take_over(source, put, empty)
        for page, blank in zip(put, empty, strict=True):
            _stamp(pdf, page, blank)


def _mend(page: Page) -> None:
    """Drop what is not of the kind that it must be: programs that show the PDF leave it out too, and one odd value must
    not keep a whole pack from being made."""
    for key, is_right in _RIGHT.items():
        if key in page.obj and not is_right(page.obj[key]):
            del page.obj[key]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal))


def _is_box(value: Any) -> bool:
    return isinstance(value, Array) and len(value) == 4 and all(map(_is_number, value))


def _is_content(value: Any) -> bool:
    return isinstance(value, Stream) or (isinstance(value, Array) and all(isinstance(one, Stream) for one in value))


_RIGHT: dict[str, Callable[[Any], bool]] = {
    "/Rotate": _is_number,
    "/CropBox": _is_box,
    "/Contents": _is_content,
    "/StructParents": _is_number,
    "/Annots": lambda value: isinstance(value, Array),
}


def _clean(page: Page) -> None:
    """Keep of a page what is to be read, and links to the web; drop what would run or lead nowhere."""
    for key in ("/AA", "/AF", "/Tabs", "/Thumb", "/B", "/Trans"):
        if key in page.obj:
            del page.obj[key]
    if "/Annots" in page.obj:
        page.obj.Annots = Array([one for one in page.obj.Annots if _leads_to_the_web(one)])
        for link in page.obj.Annots:
            _leave_one_address(link)


def _leads_to_the_web(annotation: Any) -> bool:
    action = annotation.get("/A") if isinstance(annotation, Dictionary) else None
    if not isinstance(action, Dictionary) or action.get("/S") != Name.URI:
        return False
    return str(action.get("/URI", "")).startswith(("https://", "http://", "mailto:"))


def _leave_one_address(link: Dictionary) -> None:
    """Drop what a link to the web does besides: further actions behind the first, or when it is only pointed at."""
    link.A = Dictionary(S=Name.URI, URI=link.A.URI)
    for key in ("/AA", "/PA", "/AF"):
        if key in link:
            del link[key]


def _stamp(pdf: Pdf, page: Page, blank: Page) -> None:
    """Draw what stands in the corner of ``blank`` in the corner of ``page`` that is at the top right when it is read.
    It is marked as an artifact: a screen reader knows the page it is on."""
    form = blank.as_form_xobject()
    form.write(MARKED.sub(b"/Artifact BMC", form.read_bytes()))
    width, height = float(blank.mediabox[2]), float(blank.mediabox[3])
    form.BBox = Array([width - STAMP_WIDTH, height - STAMP_HEIGHT, width, height])
    page.add_overlay(form, _corner(page))


def _corner(page: Page) -> Rectangle:
    box = Rectangle(page.cropbox)
    turned = int(page.obj.get("/Rotate", 0)) % 360
    wide, high = (STAMP_HEIGHT, STAMP_WIDTH) if turned in (90, 270) else (STAMP_WIDTH, STAMP_HEIGHT)
    left = box.llx if turned in (90, 180) else box.urx - wide
    bottom = box.lly if turned in (180, 270) else box.ury - high
    return Rectangle(left, bottom, left + wide, bottom + high)


# --- Tags -------------------------------------------------------------------------------------------------------------


class _Tags:
    """The structure tree of the merged PDF, and the tree by which pages find their parts of it."""

    def __init__(self, pdf: Pdf) -> None:
        self.pdf = pdf
        self.root = pdf.Root.StructTreeRoot
        self.parents = {int(key): value for key, value in pikepdf.NumberTree(self.root.ParentTree).items()}
        self.divs = dict(_empty_divs(self.root.K))

    def take_over(self, source: Pdf, put: list[Page], empty: list[Page]) -> None:
        """Give the inserted pages the tags of their own PDF, in the place of the first empty page; or simple ones."""
        divs = [self.divs[page.obj.objgen] for page in empty]
        own = source.Root.get("/StructTreeRoot")
        if isinstance(own, Dictionary) and _is_sound(own):
            self._graft(own, put, divs)
        else:
            for page, div in zip(put, divs, strict=True):
                self._tag_whole(page, div)

    def _graft(self, own: Dictionary, put: list[Page], divs: list[Dictionary]) -> None:
        root = self.pdf.copy_foreign(own)
        kids = list(root.K) if isinstance(root.K, Array) else [root.K]
        first, *others = divs
        first.S, first.K = Name.Sect, Array(kids)
        for kid in kids:
            if isinstance(kid, Dictionary):
                kid.P = first
        for div, page in zip([first, *others], put, strict=True):
            div.Pg = page.obj
        self._renumber(root.ParentTree, put)
        self._merge_roles(root.get("/RoleMap"))

    def _renumber(self, tree: Any, put: list[Page]) -> None:
        """Give the parts of the inserted pages numbers that are free here."""
        offset = max(self.parents, default=-1) + 1
        self.parents.update({int(key) + offset: value for key, value in pikepdf.NumberTree(tree).items()})
        for part in _numbered_parts(put):
            for key in ("/StructParents", "/StructParent"):
                if _is_number(part.get(key)):
                    part[key] = int(part[key]) + offset

    def _merge_roles(self, roles: Any) -> None:
        if not isinstance(roles, Dictionary):
            return
        if "/RoleMap" not in self.root:
            self.root.RoleMap = Dictionary()
        for name, role in roles.items():
            if name not in self.root.RoleMap:
                self.root.RoleMap[name] = role

    def _tag_whole(self, page: Page, div: Dictionary) -> None:
        """Make the page one paragraph, read in the order in which it was written; not where it has marks already."""
        if "/StructParents" in page.obj:
            del page.obj["/StructParents"]
        div.Pg = page.obj
        if "/Contents" not in page.obj:  # nothing to read
            return
        page.contents_coalesce()
        if b"MCID" in page.obj.Contents.read_bytes():
            return
        page.contents_add(b"/P <</MCID 0>> BDC\n", prepend=True)
        page.contents_add(b"\nEMC", prepend=False)
        number = max(self.parents, default=-1) + 1
        div.S, div.K = Name.P, Array([0])
        page.obj.StructParents = number
        self.parents[number] = self.pdf.make_indirect(Array([div]))

    def write(self) -> None:
        """Write the tree of parents back."""
        numbers = [part for key in sorted(self.parents) for part in (key, self.parents[key])]
        self.root.ParentTree = self.pdf.make_indirect(Dictionary(Nums=Array(numbers)))
        self.root.ParentTreeNextKey = max(self.parents, default=-1) + 1


def _is_sound(root: Dictionary) -> bool:
    """Whether a structure tree can be taken over: it holds something, and its tree of parents can be read."""
    try:
        return bool(root.is_indirect and "/K" in root and dict(pikepdf.NumberTree(root.ParentTree).items()))
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError, pikepdf.PdfError):
        return False


def _empty_divs(node: Any) -> Iterator[tuple[Any, Dictionary]]:
    """The elements of the structure that hold nothing, by the page they are on: those of the empty pages."""
    if isinstance(node, Array):
        for child in node:
            yield from _empty_divs(child)
    elif isinstance(node, Dictionary) and "/S" in node:
        kids = node.get("/K", Array())
        yield from _empty_divs(kids)
        if Name.Div == node.S and isinstance(kids, Array) and not len(kids):
            yield node.Pg.objgen, node


def _numbered_parts(pages: list[Page]) -> list[Dictionary]:
    """What can have a place in the tree of parents: the pages, their annotations, the forms and pictures drawn on them;
    each once, though pages share them."""
    parts: dict[Any, Any] = {}
    for page in pages:
        drawn = page.obj.get("/Resources", Dictionary()).get("/XObject", Dictionary())
        for part in (page.obj, *page.obj.get("/Annots", []), *dict(drawn.items()).values()):
            parts[part.objgen if part.is_indirect else id(part)] = part
    return list(parts.values())


# --- Outline and metadata ---------------------------------------------------------------------------------------------


def _write_outline(pdf: Pdf, bookmarks: Sequence[Bookmark], places: dict[str, int]) -> None:
    with pdf.open_outline() as outline:
        outline.root.clear()
        outline.root.extend(_entry(bookmark, places) for bookmark in bookmarks)


def _entry(bookmark: Bookmark, places: dict[str, int]) -> OutlineItem:
    entry = OutlineItem(bookmark.title, places[bookmark.anchor])
    entry.children.extend(_entry(one, places) for one in bookmark.below)
    return entry


def _claim_no_ua(pdf: Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        if PDF_UA in metadata:
            del metadata[PDF_UA]
