"""Work for later and the cache, with a Redis that is there and with one that is not."""

import time

import pytest
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import ConnectionError as RedisConnectionError

from hscp.lib import later
from hscp.lib.cache import cache_pause
from hscp.lib.pause import Pause


@pytest.fixture
def sent(monkeypatch):
    """The tasks that reach the queue, as they do."""
    tasks = []
    monkeypatch.setattr(later, "_send", lambda task, args: tasks.append((task, args)))
    return tasks


# Work for later


@pytest.mark.django_db(transaction=True)
def test_the_queue_is_asked_after_the_commit_and_in_order(sent):
    with transaction.atomic():
        later.do("a.task", 1)
        later.do("b.task", 2, "x")
        assert sent == []
    assert sent == [("a.task", (1,)), ("b.task", (2, "x"))]


@pytest.mark.django_db(transaction=True)
def test_the_queue_is_not_asked_for_what_is_rolled_back(sent):
    with transaction.atomic():
        later.do("a.task", 1)
        transaction.set_rollback(True)
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_the_queue_is_asked_at_once(sent):
    later.do("a.task", 1)
    assert sent == [("a.task", (1,))]


@pytest.mark.django_db(transaction=True)
def test_one_that_goes_wrong_keeps_no_other_from_the_queue_and_fails_no_request(monkeypatch):
    tried = []

    def fail(task, args):
        tried.append(task)
        raise RuntimeError("Something that nobody thought of")

    monkeypatch.setattr(later, "_send", fail)
    with transaction.atomic():
        later.do("a.task", 1)
        later.do("b.task", 1)
    assert tried == ["a.task", "b.task"]


def test_a_dead_queue_costs_a_request_no_long_wait(redis_is_down):
    started = time.monotonic()
    for _ in range(100):
        later._send("a.task", (1,))
    assert time.monotonic() - started < 2  # seconds; Celery by itself would try again for 6, each time


def test_after_the_pause_the_queue_is_asked_again(redis_is_down, caplog):
    for _ in range(3):
        later._send("a.task", (1,))
        later.queue_pause.end()
    assert len([record for record in caplog.records if "did not take a.task" in record.message]) == 3


def test_what_is_asked_for_is_not_in_the_log(redis_is_down, caplog):
    later._send("a.task", ("a-secret",))
    assert "a-secret" not in caplog.text


# The pause


def test_a_pause_lasts_as_long_as_it_says(monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    pause = Pause(seconds=10)
    assert not pause.is_on()
    pause.begin()
    assert pause.is_on()
    now = 109.9
    assert pause.is_on()
    now = 110.0
    assert not pause.is_on()


def test_a_pause_can_be_ended():
    pause = Pause(seconds=10)
    pause.begin()
    pause.end()
    assert not pause.is_on()


# The cache


def test_while_redis_is_there_the_cache_keeps_things():
    cache.set("a", {"b": 1}, 60)
    assert cache.get("a") == {"b": 1}
    assert not cache.add("a", 2, 60)
    assert cache.add("n", 1, 60)
    assert cache.incr("n") == 2
    assert cache.get_many(["a", "n", "z"]) == {"a": {"b": 1}, "n": 2}
    cache.delete("a")
    assert cache.get("a", "nothing") == "nothing"


def test_while_redis_is_down_nothing_is_found_nothing_is_kept_and_nothing_fails(redis_is_down):
    cache.set("a", 1, 60)
    cache.set_many({"a": 1}, 60)
    assert cache.get("a") is None
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a"]) == {}
    assert cache.get_or_set("a", 5, 60) == 5
    assert "a" not in cache
    assert cache.add("a", 1, 60)
    assert cache.incr("a") == 1
    assert not cache.touch("a")
    assert not cache.delete("a")
    cache.delete_many(["a"])


def test_a_dead_cache_costs_a_request_one_wait_and_one_line_in_the_log(redis_is_down, caplog):
    for number in range(50):
        cache.get(f"a{number}")
    assert [record.getMessage() for record in caplog.records if record.name == "hscp.lib.cache"] == [
        "The cache did not answer: ConnectionError"
    ]


def test_emptying_a_cache_that_does_not_answer_is_an_error(redis_is_down):
    with pytest.raises(RedisConnectionError):
        cache.clear()


def test_when_redis_is_back_the_cache_keeps_things_again(settings, redis_is_down, request):
    cache.set("a", 1, 60)
    assert cache_pause.is_on()
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": settings.REDIS_URL}}
    cache_pause.end()
    cache.set("a", 1, 60)
    assert cache.get("a") == 1
