"""The health page: each part well, and each part wrong. Redis, worker and beat are real."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time

import pytest
import redis
from django.conf import settings as configured

from hscp import embedded, health
from tests.hscp.machine import free_port, until

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(client):
    """Ask the health page. Gives back the status code and the parts."""

    def ask():
        response = client.get("/health/")
        return response.status_code, response.json()

    return ask


@pytest.fixture
def marks():
    """Leave the marks of a portal at work; any of them as many seconds ago as given."""

    def leave(**seconds_ago):
        with redis.Redis.from_url(configured.REDIS_URL) as client:
            for name in ("worker", "beat", "task"):
                client.set(health.KEY.format(name), time.time() - seconds_ago.get(name, 0))

    return leave


@pytest.fixture
def silent_port():
    """A port where someone listens and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_all_is_well(portal, marks):
    marks()
    assert portal() == (200, {"database": "ok", "redis": "ok", "worker": "ok", "beat": "ok"})


def test_anyone_may_ask_and_the_answer_is_never_stored(client, marks):
    marks()
    response = client.get("/health/")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_asking_costs_one_query(client, marks, django_assert_num_queries):
    marks()
    with django_assert_num_queries(1):
        client.get("/health/")


def test_nothing_can_be_sent_to_it(client):
    assert client.post("/health/").status_code == 405


def test_a_worker_that_fell_silent(portal, marks):
    marks(worker=health.WORKER_IS_LATE + 5)
    status, parts = portal()
    assert status == 503
    assert parts.pop("worker").startswith("has not been seen for ")
    assert parts == {"database": "ok", "redis": "ok", "beat": "ok"}


def test_a_beat_that_fell_silent(portal, marks):
    marks(beat=health.BEAT_IS_LATE + 5)
    status, parts = portal()
    assert status == 503
    assert parts.pop("beat").startswith("has not been seen for ")
    assert parts == {"database": "ok", "redis": "ok", "worker": "ok"}


def test_a_worker_that_lives_but_finishes_nothing(portal, marks):
    marks(task=health.TASKS_ARE_LATE + 5)
    status, parts = portal()
    assert status == 503
    assert parts["worker"] == "runs, but has not finished a task for 10 minutes"


def test_a_worker_is_not_blamed_for_tasks_that_beat_never_sent(portal, marks):
    marks(task=health.TASKS_ARE_LATE + 5, beat=health.TASKS_ARE_LATE + 5)
    assert portal()[1]["worker"] == "ok"


def test_a_portal_that_nobody_has_started(portal):
    status, parts = portal()
    assert status == 503
    assert parts["worker"] == parts["beat"] == "has not been seen yet"


def test_redis_is_away(portal, settings):
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{free_port()}/0"
    status, parts = portal()
    assert status == 503
    assert parts["database"] == "ok"
    assert parts["redis"] == "does not answer"
    assert parts["worker"] == parts["beat"] == "cannot be known while Redis does not answer"


def test_redis_hangs_and_the_page_answers_within_three_seconds(portal, settings, silent_port):
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{silent_port}/0"
    started = time.monotonic()
    status, parts = portal()
    assert time.monotonic() - started < 3
    assert status == 503
    assert parts["redis"] == "does not answer"


def test_the_database_is_away():
    """In a process of its own: this one's database is in the middle of a test."""
    address = f"postgresql://someone:secret@127.0.0.1:{free_port()}/hscp"
    script = "from hscp import health; print(health.check_database())"
    asked = subprocess.run(
        [sys.executable, "-c", script],
        env=environment() | {"DATABASE_URL": address},
        cwd=embedded.PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "does not answer"


def test_what_is_wrong_gives_no_secret_away(client, settings):
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{free_port()}/0"
    answer = client.get("/health/").content.decode()
    assert "secret" not in answer
    assert "127.0.0.1" not in answer
    assert "Traceback" not in answer
    assert set(json.loads(answer)) == {"database", "redis", "worker", "beat"}


def test_a_worker_shows_itself_and_not_beat_until_the_task_that_beat_sends_leaves_both_their_marks():
    with celery("worker", "--pool", "solo"):
        until(lambda: health.check_redis()["worker"] == "ok")
        assert health.check_redis()["beat"] == "has not been seen yet"
        until(lambda: health.read_marks("task")["task"])
        before = health.read_marks("task")["task"]
        health.beat_heartbeat.delay()
        until(lambda: health.read_marks("task")["task"] > before)
    assert health.check_redis()["beat"] == "ok"


def test_beat_shows_itself_and_not_a_worker(tmp_path):
    with celery("beat", "--schedule", str(tmp_path / "schedule"), "--pidfile="):
        until(lambda: health.check_redis()["beat"] == "ok")
        assert health.check_redis()["worker"] == "has not been seen yet"


def test_a_container_is_well_when_its_part_is(marks):
    marks(worker=health.WORKER_IS_LATE + 5)
    assert ask_container("beat") == (0, "beat: ok")
    marks(beat=health.BEAT_IS_LATE + 5)
    code, said = ask_container("beat")
    assert code == 1
    assert said.startswith("beat: has not been seen for ")


def ask_container(part):
    asked = subprocess.run(
        [sys.executable, "-m", "hscp.healthcheck", part],
        env=environment(),
        cwd=embedded.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.returncode, asked.stdout.strip()


def environment():
    """This test's own database and Redis, for a process of its own."""
    without_xdist = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    return without_xdist | {"DJANGO_SETTINGS_MODULE": "hscp.settings.test", "REDIS_URL": configured.REDIS_URL}


@contextlib.contextmanager
def celery(*arguments):
    """A real Celery process on this test's Redis."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "hscp", *arguments],
        env=environment(),
        cwd=embedded.PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)
