"""The hint to workers that a run waits. The row is the truth: a hint that gets lost is sent again."""

from __future__ import annotations

import logging
import queue
import threading
import uuid

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

TASK = "runs.execute"
REMOTE = "remote"
"""The queue of runs that jobs of a backend carry; no worker takes from it."""
WAITING = 1_000
"""Hints that wait for a broker which does not answer; what is beyond is left to the reaper."""


class Announcer:
    """Sends hints from a thread of its own: nobody who starts a run waits for the broker."""

    def __init__(self) -> None:
        self._hints: queue.Queue[tuple[uuid.UUID, str]] = queue.Queue(WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, run_id: uuid.UUID, name: str) -> None:
        """Adds a hint, if there is room."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="announcer", daemon=True)
                self._thread.start()
        try:
            self._hints.put_nowait((run_id, name))
        except queue.Full:
            log.warning("Run %s waits, but the broker does not take hints", run_id)

    def _work(self) -> None:
        while True:
            run_id, name = self._hints.get()
            try:
                current_app.send_task(TASK, args=[str(run_id)], queue=name, ignore_result=True, retry=False)
            except (OperationalError, OSError) as error:
                log.warning("Run %s waits, but no worker could be told: %s", run_id, error)


_ANNOUNCER = Announcer()


def announce(*, run_id: uuid.UUID, queue: str) -> None:
    """Tells the workers of a queue that a run waits. Returns at once and never fails."""
    if queue == REMOTE:
        return
    _ANNOUNCER.put(run_id, queue)
