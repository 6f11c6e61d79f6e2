"""Looks for exports that nobody looks after, and removes those that are too old."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import Error, connection
from django.db.models import Q
from django.utils import timezone

from backend.exports import limits
from backend.exports.models import ExportJob
from backend.exports.states import HELD, MAX_ATTEMPTS, TERMINAL, JobState
from backend.exports.transitions import job_transition
from backend.exports.worker import job_work

log = logging.getLogger(__name__)

WORKER_LOST = {
    "code": "worker_lost",
    "message": f"The workers that made this export were lost {MAX_ATTEMPTS} times.",
    "hint": "Look into the log of the workers; the disk or the memory may be full.",
    "extra": {},
}
STALE = 6 * 3600.0
"""Seconds after which what belongs to no job is removed: files of killed workers and broken uploads."""


def jobs_recover(*, now: datetime) -> None:
    """Takes held jobs from workers that went silent: back to the queue, or to their end."""
    silent = Q(lease_until__lte=now) | Q(lease_until=None)
    for job in ExportJob.objects.filter(silent, state__in=HELD)[:100]:
        facts: dict[str, Any] = {}
        to = JobState.QUEUED
        if job.state == JobState.CANCELLING:
            to = JobState.CANCELLED
        elif job.attempt >= MAX_ATTEMPTS:
            to, facts = JobState.FAILED, {"error": WORKER_LOST}
        job_transition(job_id=job.id, to=to, source=HELD, fence=job.fence, expired_at=now, **facts)


def jobs_take(*, now: datetime) -> None:
    """Works on a job that waits although it was announced."""
    stale = Q(hinted_at__lte=now - timedelta(seconds=limits.HINT_AGAIN)) | Q(hinted_at=None)
    found = ExportJob.objects.filter(stale, state=JobState.QUEUED).order_by("created_at").first()
    if found is not None:
        ExportJob.objects.filter(id=found.id).update(hinted_at=now)
        job_work(job_id=found.id)


def jobs_prune(*, now: datetime) -> int:
    """Removes exports whose time is over, and files that belong to no job; returns how many jobs."""
    over = ExportJob.objects.filter(
        Q(expires_at__lte=now) | Q(expires_at=None, finished_at__lte=now - limits.KEPT), state__in=TERMINAL
    )
    gone = list(over.values_list("id", "stored")[:500])
    ExportJob.objects.filter(id__in=[id_ for id_, _ in gone]).delete()
    for _, stored in gone:
        if stored:
            (limits.folder() / stored).unlink(missing_ok=True)
    known = set(ExportJob.objects.exclude(stored="").values_list("stored", flat=True))
    for file in limits.folder().iterdir():
        if file.name not in known and time.time() - file.stat().st_mtime > STALE:
            _remove(file)
    return len(gone)


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


class Reaper:
    """The threads of a worker process."""

    def start(self) -> None:
        """Starts looking."""
        for work in (self._look, self._take):
            threading.Thread(target=work, name=f"exports{work.__name__}", daemon=True).start()

    def _look(self) -> None:
        pruned = 0.0
        while True:
            try:
                jobs_recover(now=timezone.now())
                if time.monotonic() - pruned > limits.PRUNE_EVERY:
                    pruned = time.monotonic()
                    jobs_prune(now=timezone.now())
            except (Error, OSError) as error:
                connection.close()
                log.warning("Could not look for lost exports: %s", error)
            time.sleep(limits.LOOK_EVERY)

    def _take(self) -> None:
        while True:
            try:
                jobs_take(now=timezone.now())
            except Error as error:
                connection.close()
                log.warning("Could not take an export that waits: %s", error)
            time.sleep(limits.LOOK_EVERY)
