"""run_later: start a background task after commit, by name, with keyword ids.

The row it works on is written first and swept again by the schedule, so a broker that is down costs time, never work.
"""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def run_later(task: str, **ids: int | str) -> None:
    """Send a task by name once the current transaction has committed; a broker that is down is logged, not raised."""
    transaction.on_commit(lambda: _send(task, ids))


def _send(task: str, ids: dict[str, int | str]) -> None:
    try:
        current_app.send_task(task, kwargs=ids, retry=False)
    except (KombuError, RedisError, OSError) as problem:
        # The sweep finds the row within its interval; the request that wrote it must not fail or wait.
        log.warning("broker unreachable, %s is left to the sweep: %s", task, problem)
