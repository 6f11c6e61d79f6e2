"""The hint to workers that an evaluation has work. The rows are the truth: a worker also looks by itself."""

from __future__ import annotations

import logging
import threading
import uuid

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
TASK = "experiments.work"
QUEUE = "batch"


def evaluation_waits(evaluation_id: uuid.UUID) -> None:
    """Tells the workers, without waiting for the broker."""
    threading.Thread(target=_tell, args=(evaluation_id,), name="evaluation-hint", daemon=True).start()


def _tell(evaluation_id: uuid.UUID) -> None:
    try:
        current_app.send_task(TASK, args=[str(evaluation_id)], queue=QUEUE, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.debug("No worker could be told: %s", error)
