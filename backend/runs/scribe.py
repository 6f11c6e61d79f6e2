"""One thread in each worker process that writes what all its runs tell.

Many runs share one transaction: with SQLite there is one writer anyway, with PostgreSQL it saves
round trips and connections.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future

from django.db import connection
from flowloft.core.errors import Cancelled

from backend.runs import bell, limits
from backend.runs.log import Entry, log_append
from backend.runs.patience import patiently
from backend.runs.recorder import Recorder

IDLE = 5.0
"""Seconds without anything to write after which the connection to the database is given back."""

log = logging.getLogger(__name__)


class Scribe:
    """Gathers from recorders, writes, rings."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Recorder, None] = {}
        self._due = 0.0
        self._written = 0.0
        self._thread: threading.Thread | None = None

    def wake(self, recorder: Recorder, urgent: bool) -> None:
        """Puts a recorder on the list; with ``urgent`` it is written as soon as possible."""
        now = time.monotonic()
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
                self._thread.start()
            due = now if urgent else max(now + limits.LEAD_SECONDS, self._written + limits.TEXT_SECONDS)
            if not self._waiting or due < self._due:
                self._due = due
                self._changed.notify()
            self._waiting[recorder] = None

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting or (left := self._due - time.monotonic()) > 0:
                    if not self._changed.wait(left if self._waiting else IDLE) and not self._waiting:
                        connection.close()
                batch, self._waiting = list(self._waiting), {}
            self._write(batch)
            self._written = time.monotonic()

    def _write(self, recorders: list[Recorder]) -> None:
        """Writes what the recorders hold; one that is just being ended writes for itself."""
        mine = [recorder for recorder in recorders if recorder.writing.acquire(blocking=False)]
        try:
            work = [(*_drained(recorder), recorder) for recorder in mine]
            for _, futures, recorder in work:
                if recorder.lost:
                    _refuse(futures, recorder)
            self._store([item for item in work if not item[0].empty and not item[2].lost])
        finally:
            for recorder in mine:
                recorder.writing.release()

    def _store(self, work: list[tuple[Entry, list[Future[None]], Recorder]]) -> None:
        if not work:
            return
        try:
            batches, lost = patiently(log_append, entries=[entry for entry, _, _ in work])
        except Exception:
            log.exception("Could not write down %d runs", len(work))
            if len(work) == 1:
                _refuse(work[0][1], work[0][2])
            else:
                for item in work:
                    self._store([item])
            return
        bell.ring(batches)
        for entry, futures, recorder in work:
            if entry.run_id in lost:
                _refuse(futures, recorder)
            else:
                for future in futures:
                    future.set_result(None)


def _drained(recorder: Recorder) -> tuple[Entry, list[Future[None]]]:
    """Returns what a recorder holds; one that cannot say it loses its run, not the others theirs."""
    try:
        return recorder.drain()
    except Exception:
        log.exception("Could not put the events of run %s into words", recorder.run_id)
        recorder.lose()
        return Entry(recorder.run_id, recorder.fence), []


def _refuse(futures: list[Future[None]], recorder: Recorder) -> None:
    recorder.lose()
    for future in futures:
        future.set_exception(Cancelled("lost"))


SCRIBE = Scribe()
"""That of this process; its thread starts with the first event."""
