"""Looks after the jobs of the backends: hands them over, asks how they are, tells who wants to know.

In the studio's worker, one thread a backend and only while it has jobs; a lease in the backend's row
keeps a second process from doing the same. Nothing depends on it: a job is handed over with a
ticket, its row is changed from one known state to another, its log from one known byte on.
"""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import socket
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import Q
from django.utils import timezone
from flowloft.core.backend import Backend
from flowloft.core.errors import BackendError
from flowloft.core.job import JobState, Reason, ended

from backend.compute.models import BackendEntry, ComputeJob
from backend.compute.places import job_of, place_of
from backend.compute.signals import job_changed, job_wrote
from backend.compute.states import ACTIVE, UNSENT
from backend.compute.turns import Turns, on_devices

log = logging.getLogger(__name__)

TICK = 0.3
"""Seconds between two looks for backends that have jobs and nobody who looks after them."""
LEASE = timedelta(seconds=10)
SLOWEST = 15.0
"""Seconds between two questions to a backend that does not answer, at most."""
PIECES = 8
"""Pieces of one log that are read in one look, so that a loud job does not starve the others."""
LARGEST = 32 << 20
"""Bytes that wait for their end; what is longer is nothing anybody wants to hear of."""
QUIET = 1.0
"""Seconds that a followed log must stay as it is after the job's end: files come late over a network."""


def _stamp(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


class Poller:
    """Looks after the jobs of one backend.

    Args:
        entry_id: The backend.
        name: Of this process, for the lease.
    """

    def __init__(self, entry_id: uuid.UUID, name: str) -> None:
        self.entry_id = entry_id
        self.name = name
        self._cancelled: dict[uuid.UUID, float] = {}
        """When a job was last told to end."""
        self._over: dict[uuid.UUID, float] = {}
        """Since when an ended job's log has not grown."""
        self._failures = 0

    def look(self) -> float | None:
        """Looks once after all jobs; returns the seconds until the next look, None when none is left
        or another process does it."""
        until = timezone.now() + LEASE
        mine = BackendEntry.objects.filter(id=self.entry_id, poller=self.name)
        if not mine.update(poller_until=until):
            return None
        entry = BackendEntry.objects.get(id=self.entry_id)
        jobs = list(ComputeJob.objects.filter(backend=entry, state__in=ACTIVE).order_by("created_at"))
        if not jobs:
            return None
        try:
            place = place_of(entry)
            trouble = self._submit(place, jobs, Turns(place, jobs))
            known = [job for job in jobs if job.remote_id]
            self._cancel(place, known)
            states = place.states([job.remote_id for job in known]) if known else {}
            for job in known:
                self._book(place, job, states[job.remote_id])
            if trouble:
                raise trouble
        except BackendError as error:
            self._failures += 1
            self._silent(entry, error)
            return min(SLOWEST, place_pace(entry) * 2.0**self._failures)
        self._failures = 0
        self._heard(entry)
        return place.pace

    def release(self) -> None:
        """Lets another process take over at once."""
        BackendEntry.objects.filter(id=self.entry_id, poller=self.name).update(poller="", poller_until=None)

    def _heard(self, entry: BackendEntry) -> None:
        now = timezone.now()
        if entry.silent_since or entry.heard_at is None or now - entry.heard_at > LEASE:
            BackendEntry.objects.filter(id=entry.id).update(heard_at=now, silent_since=None, silence="")

    def _silent(self, entry: BackendEntry, error: BackendError) -> None:
        log.warning("The backend “%s” does not answer: %s", entry.name, error.message)
        BackendEntry.objects.filter(id=entry.id).update(
            silent_since=entry.silent_since or timezone.now(), silence=error.message
        )

    def _submit(self, place: Backend, jobs: list[ComputeJob], turns: Turns) -> BackendError | None:
        """Hands over what is due; returns why a job could not be handed over yet."""
        trouble = None
        for job in jobs:
            if job.remote_id or not _due(job):
                continue
            turn = turns.next(job)
            if turn.waits:
                change(job, JobState(state="queued", message=turn.waits, hint=turn.hint))
                continue
            # Noted before the backend hears of it: from here on it may have the job, and its devices.
            tried = ComputeJob.objects.filter(id=job.id, remote_id="", state__in=UNSENT)
            if not tried.update(tries=job.tries + 1, tried_at=timezone.now(), devices=list(turn.devices)):
                continue
            try:
                remote_id = place.submit(on_devices(job_of(job), turn.devices))
            except BackendError as error:
                if not error.permanent:
                    tried.update(message=error.message)
                    trouble = error
                    continue
                change(job, JobState(state="failed", reason=Reason.REFUSED, message=error.message))
                continue
            if change(job, JobState(state="queued"), remote_id=remote_id, submitted_at=timezone.now()):
                job.refresh_from_db()
        return trouble

    def _cancel(self, place: Backend, jobs: list[ComputeJob]) -> None:
        now = time.monotonic()
        for job in jobs:
            if job.cancel_requested_at and now - self._cancelled.get(job.id, -SLOWEST) >= SLOWEST:
                self._cancelled[job.id] = now
                try:
                    place.cancel(job.remote_id)
                except BackendError as error:
                    if not error.permanent:
                        raise
                    log.warning("Job %s cannot be cancelled: %s", job.id, error.message)

    def _book(self, place: Backend, job: ComputeJob, now: JobState) -> None:
        grew = self._follow(place, job) if job.follow else False
        if job.follow and now.ended:
            since = self._over.setdefault(job.id, time.monotonic())
            if grew:
                self._over[job.id] = time.monotonic()
            if grew or time.monotonic() - since < (0 if place.pace < QUIET else QUIET):
                return
        change(job, now)

    def _follow(self, place: Backend, job: ComputeJob) -> bool:
        """Passes on what a job has written; returns whether somebody took any of it."""
        began, held = job.log_offset, b""
        for count in itertools.count():
            if count >= PIECES and job.log_offset > began:
                break
            piece, _ = place.logs(job.remote_id, job.log_offset + len(held))
            held += piece
            if not piece:
                break
            with transaction.atomic():
                row = ComputeJob.objects.select_for_update().get(id=job.id)
                if row.log_offset != job.log_offset:
                    break
                answers = job_wrote.send(ComputeJob, job=row, piece=held)
                taken = min([int(told) for _, told in answers if told is not None], default=len(held))
                if len(held) - taken > LARGEST:
                    taken = len(held)
                row.log_offset = job.log_offset = row.log_offset + taken
                row.save(update_fields=["log_offset"])
            held = held[taken:]
        return job.log_offset > began


def place_pace(entry: BackendEntry) -> float:
    """Returns how often a backend is asked, also when its settings do not fit."""
    return 0.3 if entry.kind == "local" else 1.0


def _due(job: ComputeJob) -> bool:
    """Says whether to hand a job over now; after a silent backend the pauses grow."""
    if job.tried_at is None:
        return True
    return timezone.now() >= job.tried_at + timedelta(seconds=min(60.0, 0.5 * 2.0**job.tries))


def change(job: ComputeJob, now: JobState, **more: Any) -> bool:
    """Writes what is known of a job into its row; tells the others when its state is another.

    Returns:
        Whether the row still was where the caller saw it.
    """
    with transaction.atomic():
        row = ComputeJob.objects.select_for_update().get(id=job.id)
        if row.ended or row.remote_id != job.remote_id:
            return False
        before = row.state
        if now.reason is Reason.LOST and row.cancel_requested_at:
            # Some places keep nothing of what was cancelled.
            now = ended(Reason.CANCELLED)
        found = {
            "state": now.state,
            "reason": now.reason.value if now.reason else "",
            "exit_code": now.exit_code,
            "message": now.message,
            "hint": now.hint,
            "place": now.place or row.place,
            "started_at": _stamp(now.started_at) or row.started_at,
            **more,
        }
        if now.state == "running" and not found["started_at"]:
            found["started_at"] = timezone.now()
        if now.ended:
            found["finished_at"] = _stamp(now.finished_at) or timezone.now()
        if found.get("remote_id") or now.ended:
            found["sealed"] = ""
        changed = {name: value for name, value in found.items() if getattr(row, name) != value}
        if not changed:
            return True
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
        if row.state != before:
            job_changed.send(ComputeJob, job=row)
    return True


class Lookout:
    """The thread of a worker process that finds backends with jobs."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[:100]
        self._threads: dict[uuid.UUID, threading.Thread] = {}
        self._stop = threading.Event()

    def start(self) -> None:
        """Starts looking."""
        threading.Thread(target=self._work, name="lookout", daemon=True).start()

    def stop(self) -> None:
        """Lets go of all backends."""
        self._stop.set()
        BackendEntry.objects.filter(poller=self.name).update(poller="", poller_until=None)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                for entry_id in self.take():
                    thread = threading.Thread(
                        target=self._look_after, args=(entry_id,), name=f"poller-{entry_id}", daemon=True
                    )
                    self._threads[entry_id] = thread
                    thread.start()
            except Error as error:
                connection.close()
                log.warning("Could not look for jobs: %s", error)
            self._stop.wait(TICK)

    def take(self) -> list[uuid.UUID]:
        """Takes the leases of backends that have jobs and nobody who looks after them."""
        now = timezone.now()
        waiting = ComputeJob.objects.filter(state__in=ACTIVE).values_list("backend_id", flat=True).distinct()
        free = Q(poller="") | Q(poller_until=None) | Q(poller_until__lte=now) | Q(poller=self.name)
        found = []
        for entry_id in list(waiting):
            if entry_id is None or (entry_id in self._threads and self._threads[entry_id].is_alive()):
                continue
            row = BackendEntry.objects.filter(free, id=entry_id)
            if row.update(poller=self.name, poller_until=now + LEASE):
                found.append(entry_id)
        return found

    def _look_after(self, entry_id: uuid.UUID) -> None:
        poller = Poller(entry_id, self.name)
        try:
            while not self._stop.is_set():
                try:
                    pause = poller.look()
                except Error as error:
                    connection.close()
                    log.warning("Could not look after jobs: %s", error)
                    pause = 1.0
                if pause is None:
                    break
                self._stop.wait(pause)
            poller.release()
        except Exception:
            log.exception("The poller of backend %s fell", entry_id)
        finally:
            connection.close()
