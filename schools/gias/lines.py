"""The lines of an uploaded file: counted, decoded and bounded, never more than one row of it in memory.

The register comes in Windows-1252. A copy saved by another program may be UTF-8, with a byte-order mark or without one:
the first line that is not plain ASCII decides, because text of the one is, in practice, never valid in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

MAX_BYTES = 200_000_000  # all England takes about 60 MB
MAX_ROW_BYTES = 100_000  # a real row takes about 1,000; above the longest text and below the csv module's own limit
PROGRESS_STEP = 1_000_000  # bytes between two calls of ``progress``

UTF8_MARK = b"\xef\xbb\xbf"

# What the first bytes of a file give away. A ZIP archive is told apart by the names inside it: see ``_kind_of_zip``.
SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS) or Word document"),
    (b"\x1f\x8b", "a GZIP archive"),
    (b"{\\rtf", "a rich text document"),
    (b"\xff\xfe", "text saved as UTF-16 (“Unicode text”)"),
    (b"\xfe\xff", "text saved as UTF-16 (“Unicode text”)"),
    (b"<", "a web page"),
    (b"{", "a JSON file"),
    (b"[", "a JSON file"),
)
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
ZIP_NAMES_WITHIN = 65_536  # bytes from the start in which an office document names its parts


class RegisterFileError(ValueError):
    """A file that cannot be used. ``str()`` of it is one or two sentences for whoever chose the file.

    ``line`` is the number of the line in the file, counted from 1, or None where the whole file is meant.
    """

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(f"Line {line}: {message}" if line else f"{message[:1].upper()}{message[1:]}")
        self.line = line


def shown(text: str) -> str:
    """``text`` in quotation marks for a message: at most 40 characters, nothing unprintable."""
    start = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:40])
    return f"“{start}…”" if len(text) > 40 else f"“{start}”"


class Lines(Iterator[str]):
    """The lines of ``stream`` as text, each with its line end. ``number`` is that of the line last given.

    Raises ``RegisterFileError`` for a file of another kind, a byte that is no character, a row that does not end and a
    file above ``max_bytes``. ``progress`` is told the bytes read so far, about every megabyte and at the end.
    """

    def __init__(
        self, stream: BinaryIO, *, kind: str, max_bytes: int, progress: Callable[[int], None] | None = None
    ) -> None:
        self.number = 0
        self.at_end = False
        self._stream = stream
        self._kind = kind
        self._max_bytes = max_bytes
        self._progress = progress
        self._bytes = self._row_bytes = self._reported = 0
        self._row_start = 1
        self._encoding: str | None = None

    def start_row(self) -> int:
        """Say that what comes next belongs to a new row; returns the number of its first line."""
        self._row_bytes = 0
        self._row_start = self.number + 1
        return self._row_start

    def __next__(self) -> str:
        raw = self._stream.readline(MAX_ROW_BYTES + 1)
        if not raw:
            self._finish()
            raise StopIteration
        self.number += 1
        if self.number == 1:
            raw = self._open(raw)
        self._measure(raw)
        return self._decode(raw)

    def _open(self, raw: bytes) -> bytes:
        """The first line without its byte-order mark; raises if it gives the file away as one of another kind."""
        if raw.startswith(ZIP_SIGNATURES):
            raise self._another_kind(_kind_of_zip(raw + self._stream.read(ZIP_NAMES_WITHIN)))
        if raw.startswith(UTF8_MARK):
            self._encoding = "utf-8"
            raw = raw.removeprefix(UTF8_MARK)
        for signature, found in SIGNATURES:
            if raw.lstrip().startswith(signature):
                raise self._another_kind(found)
        return raw

    def _another_kind(self, found: str) -> RegisterFileError:
        return RegisterFileError(
            f"this is not the {self._kind}: it looks like {found}. Choose the CSV file as downloaded from Get "
            "Information About Schools; if it came inside a ZIP file, take it out first."
        )

    def _measure(self, raw: bytes) -> None:
        self._bytes += len(raw)
        self._row_bytes += len(raw)
        if self._bytes > self._max_bytes:
            raise RegisterFileError(f"the file is larger than {self._max_bytes / 1_000_000:g} MB, the most allowed.")
        if self._row_bytes > MAX_ROW_BYTES:
            raise RegisterFileError(
                "the row that starts here does not end. Perhaps a quotation mark is opened and never closed.",
                line=self._row_start,
            )
        self._report()

    def _report(self) -> None:
        if self._progress and self._bytes - self._reported >= PROGRESS_STEP:
            self._reported = self._bytes
            self._progress(self._bytes)

    def _finish(self) -> None:
        if self._progress and not self.at_end:
            self._progress(self._bytes)
        self.at_end = True

    def _decode(self, raw: bytes) -> str:
        if b"\0" in raw:
            raise RegisterFileError("the line holds a NUL byte: the file is damaged, or is not text.", line=self.number)
        if self._encoding is None and not raw.isascii():
            self._encoding = "utf-8" if _is_utf8(raw) else "cp1252"
        try:
            return raw.decode(self._encoding or "ascii")
        except UnicodeDecodeError as error:
            raise RegisterFileError(
                f"byte {raw[error.start]:02X}, {error.start + 1} from the start of the line, is not a character. The "
                "file is damaged, or was saved by another program: use it as downloaded.",
                line=self.number,
            ) from error


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _kind_of_zip(head: bytes) -> str:
    if b"xl/" in head:
        return "an Excel workbook (XLSX)"
    if b"word/" in head:
        return "a Word document (DOCX)"
    if b"opendocument" in head:
        return "an OpenDocument file"
    return "a ZIP archive"
