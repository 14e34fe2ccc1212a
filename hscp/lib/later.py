"""Work for later: asked of the queue after commit, and never at the price of the request.

The row that says what is to be done is already committed; if the queue is down the task is lost, not the work: beat
sweeps the rows (``partnership.jobs``).
"""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from hscp.lib.pause import Pause

log = logging.getLogger(__name__)

# A request that queues fifty messages must wait for a dead queue once, not fifty times.
queue_pause = Pause(seconds=10)


def do(task: str, *args: int | str) -> None:
    """Ask the queue, once the transaction commits, to run ``task`` (its dotted name) with ``args``. Never raises."""
    transaction.on_commit(lambda: _send(task, args), robust=True)  # no partial: Django's log wants its name


def _send(task: str, args: tuple[int | str, ...]) -> None:
    if queue_pause.is_on():
        return
    try:
        current_app.send_task(task, args, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        queue_pause.begin()
        log.warning("The queue did not take %s: %s. Beat will find the row.", task, type(error).__name__)
