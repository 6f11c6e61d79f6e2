"""The hint to workers that a run waits. The row is the truth: a hint that gets lost is sent again."""

from __future__ import annotations

import logging
import uuid

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

TASK = "runs.execute"


def announce(*, run_id: uuid.UUID, queue: str) -> None:
    """Sends the hint; when the broker cannot be reached, says so in the log and returns."""
    try:
        current_app.send_task(TASK, args=[str(run_id)], queue=queue, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("Run %s waits, but no worker could be told: %s", run_id, error)
