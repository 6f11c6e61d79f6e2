"""The hint to workers that an evaluation or an experiment has work.

The rows are the truth: a worker also looks by itself.
"""

from __future__ import annotations

import logging
import threading
import uuid

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
TASK = "experiments.work"
TRIALS = "experiments.try"
QUEUE = "batch"


def evaluation_waits(evaluation_id: uuid.UUID) -> None:
    """Tells the workers, without waiting for the broker."""
    _tell_soon(TASK, evaluation_id)


def experiment_waits(experiment_id: uuid.UUID) -> None:
    """Tells the workers, without waiting for the broker."""
    _tell_soon(TRIALS, experiment_id)


def _tell_soon(task: str, id_: uuid.UUID) -> None:
    threading.Thread(target=_tell, args=(task, id_), name="evaluation-hint", daemon=True).start()


def _tell(task: str, id_: uuid.UUID) -> None:
    try:
        current_app.send_task(task, args=[str(id_)], queue=QUEUE, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.debug("No worker could be told: %s", error)
