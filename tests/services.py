"""Real services for tests: an SMTP server, a Celery worker, and a queue that is down. Nothing here is a stand-in.

A worker commits, so what it works on must be committed too: use it with ``@pytest.mark.django_db(transaction=True)``.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit, urlunsplit

import pytest
from aiosmtpd.controller import Controller
from celery import current_app
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.conf import settings as project_settings
from django.db import connection, connections

from hscp.lib.cache import cache_pause
from hscp.lib.later import queue_pause
from partnership.engine.mail import server_pause

SECONDS = 20  # more than anything here takes; a test that waits so long fails


@pytest.fixture(autouse=True)
def _no_pauses():
    """What one test found dead is alive for the next."""
    for pause in (cache_pause, queue_pause, server_pause):
        pause.end()


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = SECONDS) -> None:
    """Wait until ``condition()`` is true; fail with ``what`` was awaited if it never is."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"Waited {seconds} seconds in vain: {what}")
        time.sleep(0.02)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Mail


class SmtpServer:
    """What arrives at the server, and what it answers.

    ``refused`` are answers by address; ``answer`` is the answer to any message; ``on_message`` is called before it is
    given.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.answer = "250 OK"
        self.on_message: Callable[[], None] = lambda: None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(message_from_bytes(envelope.content, policy=SMTP))
        self.on_message()
        return self.answer

    def wait_for(self, count: int) -> list[EmailMessage]:
        """The messages, once there are ``count`` of them."""
        wait_until(lambda: len(self.messages) >= count, f"{count} messages, {len(self.messages)} came")
        return self.messages


@pytest.fixture
def smtp_server(settings):
    """A real SMTP server, and the portal set to send through it."""
    server, port = SmtpServer(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield server
    controller.stop()


@pytest.fixture
def dead_smtp_server(settings):
    """The portal set to send through a port that nothing listens on."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


# The queue


@pytest.fixture
def celery_worker(_empty_cache, transactional_db):
    """A real worker, in a thread, that takes tasks from the real Redis. It shares the test's settings."""

    def close_connections(**kwargs):
        connections.close_all()  # those of the worker's thread: the test database must be free to be dropped

    task_postrun.connect(close_connections, weak=False)
    options = {"pool": "solo", "loglevel": "INFO", "perform_ping_check": False, "shutdown_timeout": SECONDS}
    with start_worker(current_app, **options) as worker:
        yield worker
    task_postrun.disconnect(close_connections)


@pytest.fixture
def worker_process(_empty_cache, transactional_db, settings):
    """``worker_process()`` starts a worker as a program of its own on the test database and queue. It can be killed."""
    started = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-m", "celery", "-A", "hscp", "worker", "--pool", "solo", "--loglevel", "warning"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        started.append(subprocess.Popen(command, env=os.environ | _environment_of_tests(), start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment_of_tests() -> dict[str, str]:
    """What a program needs to work on the same database, queue, files and mail server as the test that starts it."""
    address = urlsplit(os.environ["DATABASE_URL"])
    return {
        "DJANGO_SETTINGS_MODULE": "tests.settings_of_a_process",
        "DATABASE_URL": urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}")),
        "DOCUMENTS_DIR": str(project_settings.MEDIA_ROOT),
        "TEST_EMAIL_PORT": str(getattr(project_settings, "EMAIL_PORT", "") or 0),
    }


def _use_broker(address: str) -> None:
    """Point Celery at another broker: it keeps its connections, so they are dropped."""
    current_app.conf.broker_url = address
    current_app.amqp._producer_pool = current_app._pool = None


@pytest.fixture
def redis_is_down(settings):
    """Nothing answers where the queue and the cache should be."""
    before, nowhere = current_app.conf.broker_url, f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": nowhere}}
    _use_broker(nowhere)
    yield
    _use_broker(before)
