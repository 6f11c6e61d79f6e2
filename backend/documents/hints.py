"""The hint to workers that documents wait. The rows are the truth: a worker also looks by itself."""

from __future__ import annotations

import logging
import threading
import uuid

from celery import current_app
from kombu.exceptions import OperationalError

from backend.documents import bell

log = logging.getLogger(__name__)
TASK = "documents.work"
QUEUE = "batch"

_LAST: dict[str, threading.Thread] = {}


def work_waits(knowledge_id: uuid.UUID) -> None:
    """Tells workers and listeners, without waiting for the broker. A thousand documents need one hint."""
    running = _LAST.get("hint")
    if running is not None and running.is_alive():
        return
    _LAST["hint"] = threading.Thread(target=_tell, args=(knowledge_id,), name="ingest-hint", daemon=True)
    _LAST["hint"].start()


def _tell(knowledge_id: uuid.UUID) -> None:
    bell.ring(knowledge_id)
    try:
        current_app.send_task(TASK, queue=QUEUE, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.debug("No worker could be told: %s", error)
