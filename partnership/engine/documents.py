"""Documents: private files about a record. Wanted first (a row), made by the worker, downloaded through a check.

An app's ``documents.py`` registers each kind: what it is called, which permission on the record opens it, and the
function that makes it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.http import FileResponse
from django.utils import timezone

from hscp.lib import later
from partnership.choices import DocumentStatus
from partnership.models import Document, User

log = logging.getLogger(__name__)

# Minutes to wait after each failed attempt; after the last, the document counts as one that could not be made.
BACKOFF = (1, 5, 30)
MOST_FILENAME = 200  # characters; the end is kept, with the extension


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file: its bytes, its name for the person who saves it (letters of any language), its media type."""

    content: bytes
    filename: str
    content_type: str = "application/pdf"


def uploaded(record: Any) -> Made:
    """The ``make`` of a kind that people upload: there is nothing to make it from."""
    raise LookupError("Documents of this kind are uploaded, not made")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document, as an app registers it. ``perm`` is asked on the record that the document is about; a kind
    without ``make`` is uploaded by people (``keep``)."""

    code: str
    title: str
    perm: str
    make: Callable[[Any], Made] = uploaded


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Declare a kind of document. Raises ``ValueError`` if its code is taken."""
    if kind.code in _kinds:
        raise ValueError(f"{kind.code} is registered twice")
    _kinds[kind.code] = kind


def kind_of(document: Document) -> Kind:
    """The registered kind of ``document``. Raises ``KeyError`` if no app registers it any more."""
    return _kinds[document.kind]


def want(code: str, *, about: models.Model, by: User | None) -> Document:
    """Ask for a document about ``about`` and return its row; the worker makes the file after commit."""
    title = f"{_kinds[code].title}: {about}"[:250]
    document = Document.objects.create(kind=code, about=about, title=title, wanted_by=by)
    later.do("partnership.tasks.make_document", document.pk)
    return document


def keep(code: str, *, about: models.Model, upload: Made, by: User | None) -> Document:
    """Keep a file that somebody has uploaded, and that has been looked into (``hscp.lib.uploads``), and return its row:
    ready at once, downloaded like any other document."""
    title = f"{_kinds[code].title}: {about}"[:250]
    document = Document.objects.create(kind=code, about=about, title=title, wanted_by=by)
    _store(document, upload)
    return document


@transaction.atomic
def discard(code: str, *, about: models.Model) -> None:
    """Delete every document of a kind about ``about``, with its file after commit: what stands in it is not to be read
    any more. One that a worker has in hand is waited for."""
    for document in Document.objects.about(about).filter(kind=code).select_for_update(of=("self",)):
        document.delete()
        transaction.on_commit(partial(document.file.delete, save=False))


def latest(code: str, *, about: models.Model) -> Document | None:
    """The newest document of a kind about ``about``, in whatever state; None if none was ever wanted."""
    return Document.objects.about(about).filter(kind=code).order_by("-wanted_at", "-pk").first()


def due(*, at: datetime) -> list[int]:
    """The ids of documents that wait to be made at ``at``, oldest first, at most 100."""
    wanted = Document.objects.filter(status=DocumentStatus.WANTED, next_attempt_at__lte=at)
    return list(wanted.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:100])


@transaction.atomic
def make(document_id: int) -> bool:
    """Make one wanted document and return whether it is ready. Nothing happens if it is made or in other hands."""
    wanted = Document.objects.select_for_update(skip_locked=True, of=("self",))
    document = wanted.filter(pk=document_id, status=DocumentStatus.WANTED, next_attempt_at__lte=timezone.now()).first()
    if document is None:
        return False
    try:
        with transaction.atomic():  # a database error inside must not spoil the row that records it
            _store(document, kind_of(document).make(document.about))
    except Exception as error:
        # Whatever a template, a library or the disk raises, the row must say so and be tried again: somebody waits.
        log.exception("Document %s could not be made", document.pk)
        _record_failure(document, error)
        return False
    return True


def _store(document: Document, made: Made) -> None:
    # On disk under a name of ours: one that somebody made up could be too long, or taken.
    document.file.save(f"{document.kind}-{document.pk}", ContentFile(made.content), save=False)
    document.content_type, document.size = made.content_type, len(made.content)
    document.sha256 = hashlib.sha256(made.content).hexdigest()
    document.filename = " ".join(made.filename.split())[-MOST_FILENAME:]
    document.made_at, document.error = timezone.now(), ""
    document.status, document.attempts = DocumentStatus.READY, document.attempts + 1
    document.save()


def _record_failure(document: Document, error: Exception) -> None:
    row = Document.objects.get(pk=document.pk)  # as it was: what the attempt has set must not be saved
    row.attempts += 1
    row.error = f"{type(error).__name__}: {error}"[:1000].replace("\0", "")
    if row.attempts > len(BACKOFF):
        row.status = DocumentStatus.FAILED
    else:
        row.next_attempt_at = timezone.now() + timedelta(minutes=BACKOFF[row.attempts - 1])
    row.save(update_fields=["attempts", "error", "status", "next_attempt_at"])


def download(document: Document) -> FileResponse:
    """The file of a ready document, to be saved, not shown: whoever calls this has checked ``kind_of(document).perm``.

    The headers keep it out of every cache and, should a browser show it all the same, without scripts. Raises
    ``FileNotFoundError`` if the file is gone.
    """
    response = FileResponse(
        document.file.open("rb"),
        as_attachment=True,
        filename=document.filename,
        content_type=document.content_type,
    )
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
