"""How gunicorn serves the portal in production: ``gunicorn --config python:hscp.gunicorn``.

Threads, because a request waits for PostgreSQL more than it computes. WEB_CONCURRENCY is the number of processes.
"""

import os
from typing import Any

from gunicorn import glogging

from hscp.lib.discretion import discreet


class DiscreetLogger(glogging.Logger):  # type: ignore[misc]  # gunicorn has no types
    """An access log without the secrets that addresses hold."""

    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(*args, **kwargs)
        return {name: discreet(value) if isinstance(value, str) else value for name, value in atoms.items()}


wsgi_app = "hscp.wsgi"
bind = "0.0.0.0:8000"  # inside its container; docker-compose.yml decides who reaches it
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 4
preload_app = True  # a setting that is missing ends gunicorn itself, at once and with one sentence
control_socket_disable = True
timeout = 60  # seconds; the longest page is a large spreadsheet
graceful_timeout = 30  # seconds for requests under way at a restart
max_requests, max_requests_jitter = 2000, 200  # no leak, ours or a library's, grows for ever
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat file: on a disk it can stall
accesslog = "-"
logger_class = DiscreetLogger
