"""Turns what the jobs of runs tell in their logs into the events of the runs, in the transaction that
notes how far a log was read; and ends runs whose jobs ended without saying how.

The poller of the backend goes on where the log was left, whatever was restarted in between.
"""

from __future__ import annotations

import logging
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from flowloft.core.context import CancelToken
from flowloft.core.errors import FlowloftError
from flowloft.core.job import Reason
from flowloft.core.records import CALLS, read_records

from backend.compute.models import ComputeJob
from backend.compute.signals import job_changed, job_wrote
from backend.runs import bell, wire
from backend.runs.log import Entry, log_append, state_read
from backend.runs.models import Run
from backend.runs.questions import run_wake
from backend.runs.recorder import Recorder
from backend.runs.signals import run_ended
from backend.runs.states import HELD, Status
from backend.runs.transitions import run_transition
from backend.runs.worker import end_of

log = logging.getLogger(__name__)

PURPOSE = "run"
FOR_EVER = datetime(2999, 1, 1, tzinfo=UTC)
"""The lease of a run that a job carries."""


def job_of_run(run_id: uuid.UUID) -> ComputeJob | None:
    """Returns the job that carries a run, or did last: one that has asked a person has had others."""
    return ComputeJob.objects.filter(purpose=PURPOSE, subject=str(run_id)).first()


def run_begin(run: Run) -> Run | None:
    """Notes that a run has begun on its backend; None where it is not queued any more."""
    return run_transition(run_id=run.id, to=Status.RUNNING, source=[Status.QUEUED], lease_until=FOR_EVER)


def _run_of(job: ComputeJob) -> Run | None:
    """Returns the run that a job carries; None for a job of something else, or an earlier one of its run."""
    run = Run.objects.filter(id=job.subject).first() if job.purpose == PURPOSE else None
    if run is None:
        return None
    last = job_of_run(run.id)
    return run if last is not None and last.pk == job.pk else None


@receiver(run_ended)
def _forget(sender: Any, run: Run, **_: Any) -> None:
    _RECORDERS.pop(run.id, None)


@receiver(job_changed)
def _changed(sender: Any, job: ComputeJob, **_: Any) -> None:
    run = _run_of(job)
    if run is None:
        return
    if job.state == "running" and run.status == Status.QUEUED:
        run_begin(run)
    elif job.ended and run.status in (Status.QUEUED, *HELD):
        _end(run, job)


@receiver(job_wrote)
def _wrote(sender: Any, job: ComputeJob, piece: bytes, **_: Any) -> int | None:
    if job.purpose != PURPOSE:
        return None
    records, _between, taken = read_records(piece)
    run = _run_of(job) if records else None
    if run is not None and (run.status in HELD or run_begin(run)):
        run.refresh_from_db()
        try:
            _tell(run, records)
        except BaseException:
            _RECORDERS.pop(run.id, None)
            raise
    return taken


_RECORDERS: dict[uuid.UUID, Recorder] = {}
"""Of the runs whose logs this process follows; a new one after a restart does as well."""


def _recorder(run: Run) -> Recorder:
    found = _RECORDERS.get(run.id)
    if found is None or found.fence != run.fence:
        found = Recorder(
            run_id=run.id,
            fence=run.fence,
            token=CancelToken(),
            wake=lambda recorder, urgent: None,
            told=run.last_seq,
        )
        _RECORDERS[run.id] = found
    return found


def _tell(run: Run, records: list[tuple[str, list[Any]]]) -> None:
    recorder = _recorder(run)
    outcome = None
    for name, told in records:
        if name == "end":
            outcome = told[0]
        elif name in CALLS:
            try:
                getattr(recorder, name)(*told)
            except (TypeError, ValueError, AttributeError) as error:
                log.warning("Run %s: its job told something else than %s: %s", run.id, name, error)
    entry, _ = recorder.drain()
    if outcome is not None and outcome.get("status") == "cancelled" and run.status != Status.CANCELLING:
        # It was told to end, and not by us: for want of time, by a failing node, by hand. How the job
        # ends says which.
        outcome = None
    if outcome is not None:
        status, payload = end_of(
            str(outcome.get("status")),
            outcome.get("outputs") or {},
            outcome.get("error"),
            outcome.get("errors") or [],
        )
        _over(run, status, payload, entry)
        if status == Status.WAITING:
            _RECORDERS.pop(run.id, None)
            run_wake(run_id=run.id)
    elif not entry.empty:
        batches, _ = log_append(entries=[entry])
        transaction.on_commit(lambda: bell.ring(batches))


def _over(run: Run, status: Status, payload: dict[str, Any], told: Entry) -> None:
    """Writes the end. A run that was asked to stop is cancelled however its job ended, and one whose job
    somebody cancelled by hand is too."""
    ended = None
    if status == Status.CANCELLED:
        run_transition(run_id=run.id, to=Status.CANCELLING, source=[Status.RUNNING])
    else:
        ended = run_transition(run_id=run.id, to=status, source=[Status.RUNNING], payload=payload, told=told)
    if ended is None:
        run_transition(run_id=run.id, to=Status.CANCELLED, source=[Status.CANCELLING], told=told)


def _end(run: Run, job: ComputeJob) -> None:
    """Ends a run whose job ended without saying how: it was killed, refused, or never began."""
    if run.status == Status.QUEUED:
        if job.reason == Reason.CANCELLED:
            run_transition(run_id=run.id, to=Status.CANCELLING, source=[Status.QUEUED])
            run_transition(run_id=run.id, to=Status.CANCELLED, source=[Status.CANCELLING])
            return
        run_begin(run)
    run.refresh_from_db()
    now = time.time()
    stopped = [
        wire.Told(
            "step.cancelled",
            now,
            wire.plain(
                {
                    "node_id": step.node_id,
                    "path": step.path,
                    "duration": max(0.0, round(now - (step.started_at or now), 6)),
                }
            ),
        )
        for step in state_read(run_id=run.id).steps.values()
        if step.state in ("running", "retrying")
    ]
    status = {Reason.CANCELLED: Status.CANCELLED, Reason.TIMEOUT: Status.TIMED_OUT}.get(
        Reason(job.reason), Status.FAILED
    )
    _over(run, status, {"error": error_of(job)}, Entry(run.id, run.fence, stopped))


_HINTS = {
    Reason.TIMEOUT: "Allow the job more time.",
    Reason.OUT_OF_MEMORY: "Ask for more memory.",
    Reason.PREEMPTED: "Run it again, or in a queue that is not preempted.",
    Reason.NODE_FAIL: "Run it again; nothing is wrong with the flow.",
    Reason.LOST: "Run it again; look at the backend for what happened to the job.",
}


def error_of(job: ComputeJob) -> dict[str, Any]:
    """Returns why a run failed whose job told nothing of it, in the backend's words."""
    reason = Reason(job.reason)
    where = job.backend.name if job.backend else "The backend"
    code = "" if job.exit_code is None else f" with exit code {job.exit_code}"
    extra = {"job": str(job.id), "reason": reason.value, "exit_code": job.exit_code}
    if reason is Reason.REFUSED:
        return FlowloftError(
            f"{where} refused the job. {job.message}".strip(),
            code="job_refused",
            hint="The words are the backend's own: ask for less, or choose another backend.",
            extra=extra,
        ).payload()
    return FlowloftError(
        f"{where} ended the job: {reason.value}{code}. {job.message}".strip(),
        code="job_ended",
        hint=_HINTS.get(reason, "Look at the log of the job for what its program said."),
        extra=extra,
    ).payload()
