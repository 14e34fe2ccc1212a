"""The import of the register: a file is received, compared, looked at, applied. A row first, a task second.

People ask (``receive_import``, ``start_applying``, ``discard``); a worker does (``compare``, ``apply``), one at a time
for each import. A file that cannot be used leaves the register as it was and the import with the reason.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, cast
from uuid import uuid4

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from hscp.lib import later
from partnership.engine.workflow import MoveNotAllowed, take
from partnership.models import User
from schools import gias
from schools.choices import ChangeKind, ImportStatus
from schools.gias import RegisterFileError
from schools.models import RegisterChange, RegisterImport
from schools.moves import COMPARE, DISCARD, FAIL, FINISH_APPLYING, START_APPLYING
from schools.permissions import Perm
from schools.services.register_compare import BATCH, Difference, differences, in_batches
from schools.services.register_links import apply_links, compare_links
from schools.services.register_progress import Progress, claim
from schools.services.register_write import keep_register_still, write

log = logging.getLogger(__name__)

GONE = "The uploaded file is no longer there. Upload it again."
OUR_MISTAKE = (
    "The portal could not finish this because of a mistake of its own, which has been noted. Nothing was changed."
)


# --- What people ask for ----------------------------------------------------------------------------------------------


@transaction.atomic
def receive_import(
    file: File[Any], *, local_authority: str, by: User, links: File[Any] | None = None
) -> RegisterImport:
    """Keep a register file, with its links file if there is one, and have a worker compare it.

    Raises ``ValidationError`` (by field: ``file``, ``links``, ``local_authority``) for a file that shows at its first
    line that it cannot be used, ``PermissionDenied``.
    """
    if not by.has_perm(Perm.IMPORT_REGISTER):
        raise PermissionDenied(f"{by} may not import the register")
    received = _keep(file, links, local_authority, by)
    later.do("schools.jobs.compare_register_import", received.pk)
    return received


@transaction.atomic
def start_applying(register_import: RegisterImport, *, by: User) -> RegisterImport:
    """Have a worker write what the file says. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    started = take(START_APPLYING, register_import, by=by, applied_by=by, bytes_read=0, rows_read=0)
    later.do("schools.jobs.apply_register_import", started.pk)
    return started


@transaction.atomic
def discard(register_import: RegisterImport, *, by: User) -> RegisterImport:
    """Put an import away unapplied and delete its files. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    discarded = take(DISCARD, register_import, by=by)
    transaction.on_commit(lambda: _delete_files(discarded))
    return discarded


@transaction.atomic
def import_now(file: File[Any], *, local_authority: str, links: File[Any] | None = None) -> RegisterImport:
    """Receive, compare and apply a file at once, for the command line. All or nothing, the record of it included.

    Raises ``ValidationError`` as ``receive_import`` does, and ``RegisterFileError``.
    """
    received = _keep(file, links, local_authority, None)
    try:
        with Progress(received.pk) as progress:
            _compare(received, progress)
        started = take(START_APPLYING, received, by=None)
        with Progress(received.pk) as progress:
            _apply(started, progress)
    except BaseException:
        _delete_files(received)
        raise
    return RegisterImport.objects.get(pk=received.pk)


def compare_now(
    file: File[Any], *, local_authority: str, links: File[Any] | None = None
) -> tuple[list[Difference], int]:
    """The differences of a file, by name and URN, and how many of its links are new. Nothing is kept.

    Raises as ``import_now`` does.
    """
    authority = _checked(file, links, local_authority)
    rows = gias.read(_stream(file), local_authority=authority)
    found = list(differences(rows, absent=rows.absent, local_authority=authority))
    found.sort(key=lambda difference: (difference.name, difference.urn))
    if links is None:
        return found, 0
    new_schools = frozenset(difference.urn for difference in found if difference.kind == ChangeKind.NEW)
    with _naming_the_links_file():
        return found, compare_links(_stream(links), new_schools=new_schools).new


# --- What a worker does -----------------------------------------------------------------------------------------------


def compare(import_id: int) -> bool:
    """Compare a received file with the register; returns whether this call did so, also if the file proved unusable.

    Nothing happens if the import does not wait for it, or is in other hands.
    """
    return _work_on(import_id, ImportStatus.UPLOADED, _compare)


def apply(import_id: int) -> bool:
    """Write what the file says, in one transaction; returns whether this call did so, also if it could not be done.

    It is compared anew, with the register as it is now; what was written is what the import's differences then are.
    Nothing happens if the import does not wait for it, or is in other hands.
    """
    return _work_on(import_id, ImportStatus.APPLYING, _apply)


def work_on_waiting() -> None:
    """Compare and apply every import that waits: those whose task was lost. One in a worker's hands is passed over."""
    waiting = RegisterImport.objects.order_by("pk")
    for import_id in list(waiting.filter(status=ImportStatus.UPLOADED).values_list("pk", flat=True)):
        compare(import_id)
    for import_id in list(waiting.filter(status=ImportStatus.APPLYING).values_list("pk", flat=True)):
        apply(import_id)


Work = Callable[[RegisterImport, Progress], None]


@transaction.atomic
def _work_on(import_id: int, status: ImportStatus, work: Work) -> bool:
    register_import = claim(import_id, status)
    if register_import is None:
        return False
    with suppress(MoveNotAllowed):  # somebody discarded it meanwhile
        problem = _problem_of(work, register_import)
        if problem:
            take(FAIL, register_import, by=None, error=problem)
    return True


def _problem_of(work: Work, register_import: RegisterImport) -> str:
    """Do the work, and return "" or why it could not be done; in that case nothing of it stays."""
    try:
        with transaction.atomic(), Progress(register_import.pk) as progress:
            work(register_import, progress)
    except RegisterFileError as error:
        return str(error)
    except FileNotFoundError:
        return GONE
    except (MoveNotAllowed, OperationalError, InterfaceError):
        raise  # for a database that went away there is nothing to record; the import still waits
    except Exception:
        # Whatever it was, the person is waiting and must see that it will not come.
        log.exception("Register import %s could not be worked on", register_import.pk)
        return OUR_MISTAKE
    return ""


def _compare(register_import: RegisterImport, progress: Progress) -> None:
    new_schools = _go_through(register_import, progress)
    new_links = _with_links(register_import, lambda stream: compare_links(stream, new_schools=new_schools).new)
    _finish(COMPARE, register_import, progress, new_links=new_links, compared_at=timezone.now())


def _apply(register_import: RegisterImport, progress: Progress) -> None:
    keep_register_still()
    register_import.changes.all().delete()
    with pghistory.context(user=register_import.applied_by_id):
        _go_through(register_import, progress, then=write)
        new_links = _with_links(register_import, lambda stream: apply_links(stream).new)
    _finish(FINISH_APPLYING, register_import, progress, new_links=new_links, applied_at=timezone.now())


def _go_through(
    register_import: RegisterImport, progress: Progress, then: Callable[[Sequence[Difference]], None] | None = None
) -> frozenset[int]:
    """Record every difference, do with it what ``then`` says, and return the URNs of the new schools."""
    new_schools: set[int] = set()
    authority = register_import.local_authority
    with register_import.file.open("rb") as file:
        register = gias.read(_stream(file), local_authority=authority, progress=progress)
        found = differences(progress.counted(register), absent=register.absent, local_authority=authority)
        for batch in in_batches(found, BATCH):
            if then is not None:
                then(batch)
            RegisterChange.objects.bulk_create([_change(register_import, difference) for difference in batch])
            new_schools.update(difference.urn for difference in batch if difference.kind == ChangeKind.NEW)
    return frozenset(new_schools)


def _change(register_import: RegisterImport, difference: Difference) -> RegisterChange:
    return RegisterChange(
        register_import=register_import,
        kind=difference.kind,
        urn=difference.urn,
        name=difference.name,
        fields=difference.fields,
    )


def _with_links(register_import: RegisterImport, work: Callable[[BinaryIO], int]) -> int:
    """What ``work`` returns for the links file; 0 if the import has none."""
    if not register_import.links_file:
        return 0
    with _naming_the_links_file(), register_import.links_file.open("rb") as file:
        return work(_stream(file))


@contextmanager
def _naming_the_links_file() -> Iterator[None]:
    """Of two files, say which one an error is about."""
    try:
        yield
    except RegisterFileError as error:
        raise RegisterFileError(f"In the links file: {error}") from error


def _finish(move: Any, register_import: RegisterImport, progress: Progress, **fields: Any) -> None:
    take(move, register_import, by=None, bytes_read=register_import.size, rows_read=progress.rows, **fields)


# --- Files ------------------------------------------------------------------------------------------------------------


def _keep(file: File[Any], links: File[Any] | None, local_authority: str, by: User | None) -> RegisterImport:
    """Check the files as far as their first lines show, and store them with the row that tells of them."""
    authority = _checked(file, links, local_authority)
    row = RegisterImport(
        filename=_shown_name(file),
        sha256=_sha256(file),
        size=file.size,
        local_authority=authority,
        uploaded_by=by,
        links_filename=_shown_name(links) if links is not None else "",
    )
    row.file.save(_stored_name(), file, save=False)
    if links is not None:
        row.links_file.save(_stored_name(), links, save=False)
    row.save()
    return row


def _checked(file: File[Any], links: File[Any] | None, local_authority: str) -> str:
    """The name of the authority, put right; raises ``ValidationError`` for what shows without reading the files."""
    authority = _checked_authority(local_authority)
    _check("file", file, gias.read)
    if links is not None:
        _check("links", links, gias.read_links)
    return authority


def _checked_authority(name: str) -> str:
    longest = RegisterImport._meta.get_field("local_authority").max_length or 0
    name = " ".join(name.split())
    if not name or len(name) > longest:
        raise ValidationError({"local_authority": f"Enter the name of the local authority, up to {longest} characters"})
    return name


def _check(field: str, file: File[Any], read: Callable[[BinaryIO], object]) -> None:
    if file.size > gias.MAX_BYTES:
        raise ValidationError({field: f"The file must be smaller than {gias.MAX_BYTES // 1_000_000} MB"})
    try:
        read(_stream(file))
    except RegisterFileError as error:
        raise ValidationError({field: str(error)}) from error


def _stream(file: File[Any]) -> BinaryIO:
    """The bytes of ``file`` from its start, as a reader takes them."""
    file.seek(0)
    return cast(BinaryIO, file)


def _shown_name(file: File[Any]) -> str:
    return (file.name or "").replace("\\", "/").rpartition("/")[2][-200:]


def _stored_name() -> str:
    """A name that nobody chose: what people call their files says nothing about where they are kept."""
    return f"{uuid4().hex}.csv"


def _sha256(file: File[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _delete_files(register_import: RegisterImport) -> None:
    for stored in (register_import.file, register_import.links_file):
        if stored:
            stored.delete(save=False)
