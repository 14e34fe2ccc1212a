"""Redis as a cache that the portal can do without (docs/architecture.md, "When Redis is down").

While Redis does not answer, nothing is found, nothing is kept, and what counts attempts lets them pass: a person who
wants to sign in must not be kept out by a cache. Only ``clear`` still fails: to say that it worked would be a lie.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from hscp.lib.pause import Pause

log = logging.getLogger(__name__)

# A page that asks the cache ten times must wait for a dead Redis once, not ten times.
cache_pause = Pause(seconds=10)


def _forgiving(method: Callable[..., Any], instead: Callable[..., Any]) -> Callable[..., Any]:
    """``method``, with the answer of ``instead`` (called with the same arguments) where Redis gives none."""

    @wraps(method)
    def call(self: Any, *args: Any) -> Any:
        if cache_pause.is_on():
            return instead(*args)
        try:
            return method(self, *args)
        except RedisError as error:
            cache_pause.begin()
            log.warning("The cache did not answer: %s", type(error).__name__)
            return instead(*args)

    return call


class _Client(RedisCacheClient):
    add = _forgiving(RedisCacheClient.add, lambda key, value, timeout: True)
    get = _forgiving(RedisCacheClient.get, lambda key, default: default)
    set = _forgiving(RedisCacheClient.set, lambda key, value, timeout: None)
    touch = _forgiving(RedisCacheClient.touch, lambda key, timeout: False)
    delete = _forgiving(RedisCacheClient.delete, lambda key: False)
    get_many = _forgiving(RedisCacheClient.get_many, lambda keys: {})
    has_key = _forgiving(RedisCacheClient.has_key, lambda key: False)
    incr = _forgiving(RedisCacheClient.incr, lambda key, delta: delta)
    set_many = _forgiving(RedisCacheClient.set_many, lambda data, timeout: None)
    delete_many = _forgiving(RedisCacheClient.delete_many, lambda keys: None)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, which does not fail a request while Redis is down."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
