"""Files that people upload: what they really are is read from their bytes, and must agree with their name.

Allowed are PDF, Word, Excel and PowerPoint files without macros, and PNG and JPEG pictures. A refusal is a sentence
that says what to do; nothing of a refused file is kept.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from xml.etree.ElementTree import ParseError

import pikepdf
import puremagic
from defusedxml import ElementTree  # type: ignore[import-untyped]
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from django.core.exceptions import ValidationError
from PIL import Image, UnidentifiedImageError

MOST_PAGES = 500  # of a PDF
MOST_UNPACKED = 500 * 1024 * 1024  # bytes that an Office file may unpack to: more is a trap
MOST_OF_TYPES = 1024 * 1024  # bytes of its list of parts, the one part that is unpacked here
ALLOWED_IN_WORDS = "a PDF, Word, Excel or PowerPoint file, or a PNG or JPEG picture"

OFFICE = "application/vnd.openxmlformats-officedocument."
# By extension: the media type, and how the bytes are looked into.
PDF, WORD, EXCEL, POWERPOINT = ".pdf", ".docx", ".xlsx", ".pptx"
MEDIA_TYPES = {
    PDF: "application/pdf",
    WORD: f"{OFFICE}wordprocessingml.document",
    EXCEL: f"{OFFICE}spreadsheetml.sheet",
    POWERPOINT: f"{OFFICE}presentationml.presentation",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
ACCEPT = ",".join(MEDIA_TYPES)  # for the file field of a form
OLD_OFFICE = {".doc", ".xls", ".ppt"}
WITH_MACROS = {".docm", ".dotm", ".xlsm", ".xltm", ".xlsb", ".pptm", ".potm", ".ppsm"}
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old Office file, or a new one under a password


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be kept: its bytes, its name without any folder, its media type, and the pages of a PDF."""

    content: bytes
    filename: str
    content_type: str
    pages: int = 0


def accept(file: Any, *, most_bytes: int) -> Accepted:
    """Look into an uploaded file (``name``, ``size``, ``read``). Raises ``ValidationError`` with a sentence that says
    what is wrong: type, extension, size, emptiness, a password, macros, damage."""
    name = PurePath(str(file.name).replace("\\", "/")).name
    _check_size(file.size, most_bytes)
    extension = PurePath(name).suffix.lower()
    _check_extension(extension)
    content = file.read()
    _check_bytes(content, extension)
    pages = _LOOKS[extension](content) if extension in _LOOKS else _look_into_picture(content)
    return Accepted(content, name, MEDIA_TYPES[extension], pages)


def _check_size(size: int, most_bytes: int) -> None:
    if not size:
        raise ValidationError("The selected file is empty", code="empty")
    if size > most_bytes:
        most = most_bytes // (1024 * 1024)
        raise ValidationError(f"The selected file must be smaller than {most} MB", code="too_large")


def _check_extension(extension: str) -> None:
    if extension in WITH_MACROS:
        raise _macros()
    if extension in OLD_OFFICE:
        sentence = "This is an old kind of Office file. Save it as .docx, .xlsx or .pptx, or as a PDF"
        raise ValidationError(sentence, code="old")
    if extension not in MEDIA_TYPES:
        raise ValidationError(f"The selected file must be {ALLOWED_IN_WORDS}", code="type")


def _macros() -> ValidationError:
    return ValidationError("The selected file has macros. Save it without them, or as a PDF", code="macros")


def _protected() -> ValidationError:
    sentence = "The selected file is protected by a password. Save a copy without one"
    return ValidationError(sentence, code="protected")


def _broken() -> ValidationError:
    sentence = "The selected file is damaged and cannot be opened. Save it again, or as a PDF"
    return ValidationError(sentence, code="broken")


def _check_bytes(content: bytes, extension: str) -> None:
    """Refuse what is not what its name says."""
    if extension in {WORD, EXCEL, POWERPOINT} and content.startswith(COMPOUND_FILE):
        raise _protected()
    if extension not in _sniffed(content):
        sentence = f"The selected file is not what its name says: its content is not that of a {extension} file"
        raise ValidationError(sentence, code="extension")


def _sniffed(content: bytes) -> set[str]:
    """The extensions that the first bytes could have; those of one media type count as one."""
    try:
        found = {match.extension for match in puremagic.magic_string(content[:4096])}
    except (puremagic.PureError, ValueError):
        return set()
    pictures = {".jpg", ".jpeg"}
    return found | (pictures if found & pictures else set())


def _look_into_pdf(content: bytes) -> int:
    """The number of pages. Raises ``ValidationError`` for a PDF that others could not open."""
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            pages, is_encrypted = len(pdf.pages), pdf.is_encrypted
    except pikepdf.PasswordError:
        raise _protected() from None
    except pikepdf.PdfError:
        raise _broken() from None
    if is_encrypted:
        raise _protected()
    if not pages:
        raise _broken()
    if pages > MOST_PAGES:
        raise ValidationError(f"The selected PDF has {pages} pages. The most is {MOST_PAGES}: split it", code="pages")
    return pages


def _look_into_office(main_type: str) -> Callable[[bytes], int]:
    """Looks whether a packed Office file is of the kind ``main_type``, whole, and without macros."""

    def look(content: bytes) -> int:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                names = {entry.filename for entry in packed.infolist()}
                if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                    raise _broken()
                types = _content_types(packed)
        except (zipfile.BadZipFile, KeyError, ParseError, DefusedXmlException, RuntimeError, NotImplementedError):
            raise _broken() from None
        _check_parts(names, types, main_type)
        return 0

    return look


def _content_types(packed: zipfile.ZipFile) -> set[str]:
    if packed.getinfo("[Content_Types].xml").file_size > MOST_OF_TYPES:
        raise _broken()
    tree = ElementTree.fromstring(packed.read("[Content_Types].xml"))
    return {element.get("ContentType", "") for element in tree}


def _check_parts(names: set[str], types: set[str], main_type: str) -> None:
    if any("macroenabled" in kind.lower() for kind in types) or any(name.endswith("vbaProject.bin") for name in names):
        raise _macros()
    if main_type not in types:
        sentence = "The selected file is not what its name says: it is another kind of Office file"
        raise ValidationError(sentence, code="extension")


def _look_into_picture(content: bytes) -> int:
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _broken() from None
    return 0


_LOOKS: dict[str, Callable[[bytes], int]] = {
    PDF: _look_into_pdf,
    WORD: _look_into_office(f"{MEDIA_TYPES[WORD]}.main+xml"),
    EXCEL: _look_into_office(f"{MEDIA_TYPES[EXCEL]}.main+xml"),
    POWERPOINT: _look_into_office(f"{MEDIA_TYPES[POWERPOINT]}.main+xml"),
}
