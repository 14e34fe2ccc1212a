"""Documents: wanted in a row, made by a real worker, tried again if that fails, downloaded through a check."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from partnership.choices import DocumentStatus
from partnership.engine import documents
from partnership.engine.documents import Kind, Made
from partnership.jobs import make_wanted_documents
from partnership.models import Document
from schools.permissions import Perm
from tests.services import wait_until

committed = pytest.mark.django_db(transaction=True)

CONTENT = b"%PDF-1.7 pretend"


def make_letter(school) -> Made:
    return Made(CONTENT, f"Letter – {school.name}.pdf")


@pytest.fixture
def letter(monkeypatch):
    """``letter(make)`` registers a kind of document for the test. Those who manage contacts may have it."""
    monkeypatch.setattr(documents, "_kinds", dict(documents._kinds))

    def register(make=make_letter, perm=Perm.MANAGE_CONTACTS):
        documents._kinds.pop("letter", None)
        documents.register(Kind("letter", "Letter", perm, make))

    register()
    return register


def make_now(document: Document) -> bool:
    Document.objects.filter(pk=document.pk).update(next_attempt_at=timezone.now())
    return documents.make(document.pk)


@pytest.fixture
def ready(letter, oak_lane, amira):
    """A letter about Oak Lane, made."""
    document = documents.want("letter", about=oak_lane, by=amira)
    assert documents.make(document.pk)
    document.refresh_from_db()
    return document


# Made


def test_a_wanted_document_is_a_row_first(letter, oak_lane, amira):
    document = documents.want("letter", about=oak_lane, by=amira)
    assert (document.status, document.title, document.wanted_by) == (
        DocumentStatus.WANTED,
        "Letter: Oak Lane School",
        amira,
    )
    assert documents.latest("letter", about=oak_lane) == document
    assert documents.due(at=timezone.now()) == [document.pk]


@committed
def test_the_worker_makes_it_after_the_commit(letter, oak_lane, amira, celery_worker):
    with transaction.atomic():
        document = documents.want("letter", about=oak_lane, by=amira)
    wait_until(lambda: Document.objects.get().status == DocumentStatus.READY, "the document")
    document.refresh_from_db()
    assert (document.filename, document.content_type) == ("Letter – Oak Lane School.pdf", "application/pdf")
    assert (document.size, document.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert document.file.read() == CONTENT
    assert document.made_at is not None


@committed
def test_what_is_rolled_back_is_never_made(letter, oak_lane, amira, celery_worker):
    with transaction.atomic():
        documents.want("letter", about=oak_lane, by=amira)
        transaction.set_rollback(True)
    make_wanted_documents()
    assert not Document.objects.exists()


@committed
def test_while_redis_is_down_it_is_wanted_all_the_same_and_beats_job_makes_it(letter, oak_lane, amira, redis_is_down):
    documents.want("letter", about=oak_lane, by=amira)
    make_wanted_documents()
    assert Document.objects.get().status == DocumentStatus.READY


def test_it_is_made_once(ready):
    assert not make_now(ready)
    assert documents.due(at=timezone.now()) == []
    ready.refresh_from_db()
    assert ready.attempts == 1


def test_the_newest_counts(letter, oak_lane, elm_park, amira):
    documents.want("letter", about=oak_lane, by=amira)
    newest = documents.want("letter", about=oak_lane, by=amira)
    documents.want("letter", about=elm_park, by=amira)
    assert documents.latest("letter", about=oak_lane) == newest
    assert documents.latest("another", about=oak_lane) is None


def test_on_disk_it_has_a_name_of_ours_and_only_we_may_read_it(ready, settings):
    path = Path(ready.file.path)
    assert path.name == f"letter-{ready.pk}"
    assert path.is_relative_to(settings.MEDIA_ROOT)
    assert path.stat().st_mode & 0o077 == 0


def test_a_kind_is_registered_once(letter):
    with pytest.raises(ValueError, match="letter is registered twice"):
        documents.register(Kind("letter", "Letter", Perm.VIEW_SCHOOL, make_letter))


# Failing


def test_one_that_cannot_be_made_is_tried_again_later_and_later_and_then_given_up(letter, oak_lane, amira):
    def fail(school):
        raise RuntimeError("No ink")

    letter(fail)
    document = documents.want("letter", about=oak_lane, by=amira)
    for attempt, minutes in enumerate((1, 5, 30), start=1):
        before = timezone.now()
        assert not make_now(document)
        document.refresh_from_db()
        assert (document.status, document.attempts, document.error) == (
            DocumentStatus.WANTED,
            attempt,
            "RuntimeError: No ink",
        )
        assert before + timedelta(minutes=minutes) <= document.next_attempt_at
        assert document.next_attempt_at <= timezone.now() + timedelta(minutes=minutes)
        assert documents.due(at=timezone.now()) == []
    assert not make_now(document)
    document.refresh_from_db()
    assert (document.status, document.attempts) == (DocumentStatus.FAILED, 4)
    assert not make_now(document)


def test_after_a_failure_a_later_attempt_succeeds(letter, oak_lane, amira):
    def fail(school):
        raise RuntimeError("No ink\0")

    letter(fail)
    document = documents.want("letter", about=oak_lane, by=amira)
    assert not make_now(document)
    letter()
    assert make_now(document)
    document.refresh_from_db()
    assert (document.status, document.error, document.attempts) == (DocumentStatus.READY, "", 2)


def test_a_database_error_while_making_it_is_noted_like_any_other(letter, oak_lane, amira):
    def fail(school):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    letter(fail)
    document = documents.want("letter", about=oak_lane, by=amira)
    assert not make_now(document)
    document.refresh_from_db()
    assert "division by zero" in document.error


def test_a_full_disk_is_noted_and_the_document_is_not_ready(letter, oak_lane, amira, settings):
    settings.MEDIA_ROOT = "/proc/there-is-no-room-here"
    document = documents.want("letter", about=oak_lane, by=amira)
    assert not make_now(document)
    document.refresh_from_db()
    assert (document.status, document.attempts, document.made_at) == (DocumentStatus.WANTED, 1, None)
    assert document.error


def test_one_that_the_database_does_not_take_is_not_ready_either(letter, oak_lane, amira):
    letter(lambda school: Made(CONTENT, "Letter.pdf", "x" * 200))
    document = documents.want("letter", about=oak_lane, by=amira)
    assert not make_now(document)
    document.refresh_from_db()
    assert (document.status, document.attempts, document.made_at) == (DocumentStatus.WANTED, 1, None)
    assert "too long" in document.error


def test_one_about_a_record_that_is_gone_fails_without_stopping_the_others(letter, oak_lane, elm_park, amira):
    orphan = documents.want("letter", about=oak_lane, by=amira)
    Document.objects.filter(pk=orphan.pk).update(about_id=0)
    other = documents.want("letter", about=elm_park, by=amira)
    make_wanted_documents()
    other.refresh_from_db()
    orphan.refresh_from_db()
    assert (other.status, orphan.status, orphan.attempts) == (DocumentStatus.READY, DocumentStatus.WANTED, 1)


# Downloaded


def address(document: Document) -> str:
    return reverse("document", args=[document.pk])


def test_who_may_have_it_gets_it_to_save(ready, amira, signed_in):
    response = signed_in(amira).get(address(ready))
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == CONTENT
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Letter%20%E2%80%93%20Oak%20Lane%20School.pdf"
    )


def test_no_cache_keeps_it_and_no_browser_runs_it(ready, amira, signed_in):
    response = signed_in(amira).get(address(ready))
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ('a"b\\c;.pdf', 'attachment; filename="a\\"b\\\\c;.pdf"'),
        ("a\r\nSet-Cookie: x=1.pdf", 'attachment; filename="a Set-Cookie: x=1.pdf"'),
        ("../../etc/passwd.pdf", 'attachment; filename="passwd.pdf"'),
        ("x" * 300 + ".pdf", f'attachment; filename="{"x" * 196}.pdf"'),
        ("Ysgol Tŷ’r Felin.pdf", "attachment; filename*=utf-8''Ysgol%20T%C5%B7%E2%80%99r%20Felin.pdf"),
    ],
)
def test_no_name_can_break_the_headers_or_leave_the_folder(
    name, saved_as, letter, oak_lane, amira, signed_in, settings
):
    letter(lambda school: Made(CONTENT, name))
    document = documents.want("letter", about=oak_lane, by=amira)
    assert documents.make(document.pk)
    response = signed_in(amira).get(address(document))
    assert response.status_code == 200
    assert response["Content-Disposition"] == saved_as
    document.refresh_from_db()
    assert Path(document.file.path).name == f"letter-{document.pk}"


def test_who_sees_the_school_but_may_not_have_it_gets_403(ready, colin, signed_in):
    assert signed_in(colin).get(address(ready)).status_code == 403


def test_for_who_does_not_see_the_school_it_does_not_exist(ready, erin, signed_in):
    assert signed_in(erin).get(address(ready)).status_code == 404


def test_without_sign_in_it_leads_to_sign_in(ready, client):
    response = client.get(address(ready))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_one_that_is_not_ready_does_not_exist_yet(letter, oak_lane, amira, signed_in):
    document = documents.want("letter", about=oak_lane, by=amira)
    assert signed_in(amira).get(address(document)).status_code == 404


def test_one_whose_file_is_gone_is_not_found_and_the_log_says_so(ready, amira, signed_in, caplog):
    Path(ready.file.path).unlink()
    assert signed_in(amira).get(address(ready)).status_code == 404
    assert f"The file of document {ready.pk} is gone" in caplog.text


def test_one_about_a_record_that_is_gone_does_not_exist(ready, amira, signed_in):
    Document.objects.filter(pk=ready.pk).update(about_id=0)
    assert signed_in(amira).get(address(ready)).status_code == 404


def test_one_of_a_kind_that_no_app_makes_any_more_does_not_exist(ready, amira, signed_in):
    documents._kinds.pop("letter")
    assert signed_in(amira).get(reverse("document", args=[ready.pk])).status_code == 404
