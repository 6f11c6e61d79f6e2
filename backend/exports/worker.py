"""Works on one export: claims the row, packs the file, writes its end."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from flowloft.bundle import Tree
from flowloft.core.errors import FlowloftError

from backend.exports import limits
from backend.exports.building import build, collect, fingerprint
from backend.exports.models import ExportJob
from backend.exports.states import HELD, JobState
from backend.exports.transitions import job_transition

log = logging.getLogger(__name__)

_ROOM = threading.BoundedSemaphore(limits.AT_ONCE)


class Stopped(Exception):  # noqa: N818 - an outcome, not an error
    """Somebody cancelled the job, or another worker has it."""


def job_work(*, job_id: uuid.UUID) -> None:
    """Makes the file, if the job still waits. The worker of a studio elsewhere leaves it alone: the
    web process has to find the file on its own disk."""
    if settings.ENVIRONMENT.joins:
        return
    with _ROOM:
        job = job_transition(
            job_id=job_id, to=JobState.RUNNING, source=[JobState.QUEUED], lease_until=_lease_end()
        )
        if job is None:
            return
        hold = Hold(job)
        try:
            to, facts = _outcome(job, hold)
        except Stopped:
            to, facts = JobState.CANCELLED, {}
        finally:
            hold.release()
        _end(job, to, facts)


class Hold:
    """Keeps the lease of a job, tells its progress, and notices who wants it stopped."""

    def __init__(self, job: ExportJob) -> None:
        self._mine = ExportJob.objects.filter(id=job.id, fence=job.fence, state__in=HELD)
        self._over = threading.Event()
        self._told = 0.0
        self._base = 0
        self._stopped = False
        threading.Thread(target=self._beat, name="export-lease", daemon=True).start()

    def release(self) -> None:
        """Lets go."""
        self._over.set()

    def after(self, done: int) -> None:
        """Counts what is told from now on behind ``done`` bytes."""
        self._base = done

    def told(self, done: int) -> None:
        """Notes the bytes written so far.

        Raises:
            Stopped: The work is for nothing.
        """
        if self._stopped:
            raise Stopped
        if time.monotonic() - self._told < limits.TOLD_EVERY:
            return
        self._told = time.monotonic()
        if not self._mine.filter(state=JobState.RUNNING).update(done=self._base + done):
            raise Stopped

    def _beat(self) -> None:
        try:
            while not self._over.wait(limits.BEAT):
                try:
                    if not self._mine.update(lease_until=_lease_end()):
                        self._stopped = True
                        return
                except Error as error:
                    connection.close()
                    log.warning("Could not keep the lease of an export: %s", error)
        finally:
            connection.close()


def _lease_end() -> Any:
    return timezone.now() + timedelta(seconds=limits.LEASE)


def _outcome(job: ExportJob, hold: Hold) -> tuple[JobState, dict[str, Any]]:
    try:
        return JobState.SUCCEEDED, _make(job, hold)
    except FlowloftError as error:
        return JobState.FAILED, {"error": error.payload()}
    except OSError as error:
        log.warning("Export %s could not be written: %s", job.id, error)
        return JobState.FAILED, {"error": _unwritten(error)}
    except Stopped:
        raise
    except Exception:
        incident = uuid.uuid4().hex[:12]
        log.exception("Bug %s in export %s", incident, job.id)
        return JobState.FAILED, {"error": _bug(incident)}


def _make(job: ExportJob, hold: Hold) -> dict[str, Any]:
    going = collect(user=job.owner, request=job.request)
    total = sum(piece.size for piece in going.pieces)
    with tempfile.TemporaryDirectory(prefix="making-", dir=limits.folder()) as place:
        tree = Tree(Path(place, "tree"))
        tree.folder.mkdir()
        warnings = [*going.warnings, *build(tree, going, job.form, hold.told)]
        # Everything is written twice: to a folder, and from there into the file.
        ExportJob.objects.filter(id=job.id, fence=job.fence).update(total=max(total, tree.size) + tree.size)
        hold.after(tree.size)
        packed = Path(place, "packed")
        sha256 = tree.pack(packed, told=hold.told)
        size = packed.stat().st_size
        stored = f"{job.id}.{job.fence}.zip"
        packed.replace(limits.folder() / stored)
    return {
        "stored": stored,
        "sha256": sha256,
        "size": size,
        "done": tree.size * 2,
        "total": tree.size * 2,
        "warnings": warnings,
        "fingerprint": fingerprint(going, job.form),
        "expires_at": timezone.now() + limits.KEPT,
    }


def _end(job: ExportJob, to: JobState, facts: dict[str, Any]) -> None:
    ended = None
    if to != JobState.CANCELLED:
        ended = job_transition(job_id=job.id, to=to, source=[JobState.RUNNING], fence=job.fence, **facts)
    if ended is None:
        if stored := facts.get("stored"):
            (limits.folder() / stored).unlink(missing_ok=True)
        job_transition(job_id=job.id, to=JobState.CANCELLED, source=[JobState.CANCELLING], fence=job.fence)


def _unwritten(error: OSError) -> dict[str, Any]:
    return {
        "code": "cannot_write",
        "message": f"The file could not be written: {error.strerror or error}.",
        "hint": "Make room where the studio keeps its data, and export again.",
        "extra": {},
    }


def _bug(incident: str) -> dict[str, Any]:
    return {
        "code": "internal_error",
        "message": f"Something went wrong in the studio (id {incident}).",
        "hint": "Try again; if it stays, report it with the id.",
        "extra": {"id": incident},
    }
