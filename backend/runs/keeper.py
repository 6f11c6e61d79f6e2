"""Keeps the leases of the runs that this process works on, and notices who wants them stopped."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from datetime import datetime, timedelta

import redis
from django.db import Error, connection
from django.utils import timezone

from backend.runs import bell, limits
from backend.runs.models import Run
from backend.runs.recorder import Recorder
from backend.runs.states import HELD, Status

log = logging.getLogger(__name__)


def lease_end() -> datetime:
    """Returns until when a worker that is alive now counts as alive."""
    return timezone.now() + timedelta(seconds=limits.LEASE)


class Keeper:
    """Two threads for all runs of a process: one asks the database, one listens to the bell."""

    def __init__(self) -> None:
        self._held: dict[uuid.UUID, Recorder] = {}
        self._lock = threading.Lock()
        self._busy = threading.Event()
        self._started = False
        self._renewed = 0.0

    def __len__(self) -> int:
        return len(self._held)

    def holds(self, run_id: uuid.UUID) -> bool:
        """Says whether this process works on a run, so far as it knows."""
        recorder = self._held.get(run_id)
        return recorder is not None and not recorder.lost

    def hold(self, recorder: Recorder) -> None:
        """Looks after a run from now on."""
        with self._lock:
            if not self._started:
                self._started = True
                for work in (self._beat, self._listen):
                    threading.Thread(target=work, name=f"keeper{work.__name__}", daemon=True).start()
            self._held[recorder.run_id] = recorder
        self._busy.set()

    def release(self, recorder: Recorder) -> None:
        """Stops looking after a run."""
        with self._lock:
            self._held.pop(recorder.run_id, None)
            if not self._held:
                self._busy.clear()

    def give_up(self) -> None:
        """Lets go of every run, so that another worker takes them at once: this one shuts down."""
        with self._lock:
            held = list(self._held.values())
        for recorder in held:
            with recorder.writing:
                recorder.lose()
        now = timezone.now()
        for recorder in held:
            mine = Run.objects.filter(id=recorder.run_id, fence=recorder.fence, status__in=HELD)
            mine.update(lease_until=now)

    def _beat(self) -> None:
        while True:
            if not self._busy.is_set():
                connection.close()
                self._busy.wait()
            try:
                self._look_after(dict(self._held))
            except Error as error:
                connection.close()
                log.warning("Could not look after the runs: %s", error)
            time.sleep(limits.BEAT)

    def _look_after(self, held: dict[uuid.UUID, Recorder]) -> None:
        rows = Run.objects.filter(id__in=held).values_list("id", "fence", "status")
        found = {id_: (fence, status) for id_, fence, status in rows}
        mine = []
        for id_, recorder in held.items():
            fence, status = found.get(id_, (None, ""))
            if fence != recorder.fence:
                recorder.lose()
            elif status == Status.CANCELLING:
                recorder.token.cancel("cancelled")
            if fence == recorder.fence and status in HELD:
                mine.append(id_)
        if mine and time.monotonic() - self._renewed > limits.LEASE / 4:
            Run.objects.filter(id__in=mine, status__in=HELD).update(lease_until=lease_end())
            self._renewed = time.monotonic()

    def _listen(self) -> None:
        while True:
            self._busy.wait()
            try:
                with bell.listener() as pubsub:
                    pubsub.subscribe(bell.CANCEL)
                    for message in pubsub.listen():  # type: ignore[no-untyped-call]
                        if message["type"] == "message":
                            self._asked(message["data"].decode())
            except redis.RedisError as error:
                log.debug("Nobody rings for cancelling, the database is asked instead: %s", error)
                time.sleep(limits.REAP_EVERY)

    def _asked(self, run_id: str) -> None:
        recorder = self._held.get(uuid.UUID(run_id))
        if recorder is not None:
            recorder.token.cancel("cancelled")


KEEPER = Keeper()
"""That of this process."""
