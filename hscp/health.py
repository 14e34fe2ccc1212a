"""Whether the parts of the portal are at work: ``GET /health/``, and the heartbeats of worker and beat behind it.

Beat leaves a mark in Redis when it starts and each time it sends ``beat_heartbeat``; a worker leaves one every few
seconds of its own accord, and another when it has carried that task out. So each of the two can be told from the other,
and a worker that lives but gets no task done is noticed too. Reading the marks takes one round trip. Where several
workers run, "worker" is ok as long as one of them is.
"""

import contextlib
import time

import redis
from celery import shared_task
from celery.signals import after_task_publish, beat_init, heartbeat_sent, worker_ready
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

OK = "ok"
NO_ANSWER = "does not answer"
SECONDS_FOR_REDIS = 1  # to connect, and again to answer
BEAT_IS_LATE = 90  # seconds; the schedule sends beat_heartbeat every 30
WORKER_IS_LATE = 60  # seconds; its heart beats every 2
TASKS_ARE_LATE = 600  # seconds; a queue of long tasks may hold a short one up for minutes
KEY = "hscp:heartbeat:{}"


@never_cache
@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """``{"database": "ok", "redis": "ok", "worker": "ok", "beat": "ok"}``, or what is wrong in place of an "ok".

    Status 200 if all are ok, otherwise 503. One query; at most 2 seconds where Redis hangs.
    """
    parts = check()
    return JsonResponse(parts, status=200 if set(parts.values()) == {OK} else 503)


def check() -> dict[str, str]:
    """The state of each part by name: "ok", or what is wrong in words that give nothing away."""
    return {"database": check_database()} | check_redis()


def check_database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return NO_ANSWER
    return OK


def check_redis() -> dict[str, str]:
    """The states of Redis, and of worker and beat, whose marks are in it."""
    try:
        marks = read_marks("worker", "beat", "task")
    except redis.RedisError:
        unknown = "cannot be known while Redis does not answer"
        return {"redis": NO_ANSWER, "worker": unknown, "beat": unknown}
    beat = judge(marks["beat"], late=BEAT_IS_LATE)
    worker = judge(marks["worker"], late=WORKER_IS_LATE)
    if worker == beat == OK and age(marks["task"]) > TASKS_ARE_LATE:
        worker = f"runs, but has not finished a task for {TASKS_ARE_LATE // 60} minutes"
    return {"redis": OK, "worker": worker, "beat": beat}


def judge(mark: float | None, *, late: int) -> str:
    """What a mark that long ago says about whoever left it."""
    if mark is None:
        return "has not been seen yet"
    return OK if age(mark) <= late else f"has not been seen for {age(mark):.0f} seconds"


def age(mark: float | None) -> float:
    """Seconds since the mark was left; 0 if there is none, as then there is nothing to be late."""
    return 0 if mark is None else time.time() - mark


# The marks


def client() -> "redis.Redis":
    """A connection to Redis that gives up soon, and does not try again."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=SECONDS_FOR_REDIS,
        socket_timeout=SECONDS_FOR_REDIS,
        retry=Retry(NoBackoff(), 0),
    )


def read_marks(*names: str) -> dict[str, float | None]:
    """When each mark was left, in seconds since 1970; None if never. Raises ``redis.RedisError``."""
    with client() as connected:
        values = connected.mget([KEY.format(name) for name in names])
    return {name: None if value is None else float(value) for name, value in zip(names, values, strict=True)}


def leave_mark(name: str) -> None:
    """Note that someone is alive now. Redis being away must not stop anyone: the health page says so anyway."""
    with contextlib.suppress(redis.RedisError), client() as connected:
        connected.set(KEY.format(name), time.time())


@shared_task
def beat_heartbeat() -> None:
    """The task that beat sends so that the two of them can be seen to work."""
    leave_mark("task")


def mark_beat(**kwargs: object) -> None:
    leave_mark("beat")


def mark_worker(**kwargs: object) -> None:
    leave_mark("worker")


def mark_worker_ready(**kwargs: object) -> None:
    """A worker that has just started has had no time to do a task."""
    leave_mark("worker")
    leave_mark("task")


beat_init.connect(mark_beat)
after_task_publish.connect(mark_beat, sender=beat_heartbeat.name)  # only beat sends this task
worker_ready.connect(mark_worker_ready)
heartbeat_sent.connect(mark_worker)
