"""Runs that compute on another backend: the whole flow is one job, and what it tells in its log becomes
the events of the run, in the transaction that notes how far the log was read.

No worker holds such a run, so it needs no lease and loses no attempt when the studio is restarted: the
poller of the backend goes on where the log was left.
"""

from __future__ import annotations

import logging
import os
import re
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from flowloft.codegen.as_job import MODULE, pack
from flowloft.core import context as runtime
from flowloft.core.backend import Preview
from flowloft.core.context import CancelToken
from flowloft.core.errors import FlowloftError
from flowloft.core.job import Job, Reason
from flowloft.core.records import CALLS, read_records
from flowloft.core.resources import Resources

from backend.common.errors import ApiError
from backend.common.json_body import walk
from backend.common.objects import object_for
from backend.compute.models import LOCAL_ID, BackendEntry, ComputeJob
from backend.compute.services import (
    backend_chosen,
    interpreter,
    job_cancel,
    job_preview,
    job_submit,
)
from backend.compute.signals import job_changed, job_wrote
from backend.hub.models import Connection
from backend.hub.source import HubModels
from backend.runs import bell, wire
from backend.runs.log import Entry, log_append, state_read
from backend.runs.models import Run
from backend.runs.recorder import Recorder
from backend.runs.signals import run_ended
from backend.runs.states import HELD, Status
from backend.runs.transitions import run_transition
from backend.runs.worker import end_of

log = logging.getLogger(__name__)

PURPOSE = "run"
QUEUE = "remote"
"""No worker takes from it."""
FOR_EVER = datetime(2999, 1, 1, tzinfo=UTC)
"""The lease of a run that a job carries."""
_PASSED_ON = ("FLOWLOFT_ALLOW_PRIVATE_HOSTS",)
"""Settings of the studio that count for its flows wherever they run."""


def place_for(
    *, owner: Any, flow_id: uuid.UUID, backend: Any = None, whole: bool = True
) -> BackendEntry | None:
    """Returns the backend that a run is sent to; None for the studio's own workers.

    Args:
        backend: An id as it came from outside; None: as the flow, the person or the studio has chosen.
        whole: Whether all of the flow runs. A part needs what the studio keeps of earlier runs, so it
            runs here whatever was chosen.

    Raises:
        ApiError: 404: there is none of this id that the person may use. 400: a part was sent away.
    """
    if backend is not None:
        found: BackendEntry | None = object_for(owner, BackendEntry, backend)
    else:
        found, _ = backend_chosen(user=owner, flow_id=flow_id)
    if found is None or found.pk == LOCAL_ID:
        return None
    if whole:
        return found
    if backend is None:
        return None
    raise ApiError(
        400,
        "part_on_backend",
        "Only a whole flow can run as a job: no part of it, no pinned outputs, no breakpoints.",
        "Run it in the studio, or take the pins and breakpoints away.",
        path="/backend",
    )


def run_submit(
    *,
    run: Run,
    place: BackendEntry,
    document: dict[str, Any],
    inputs: dict[str, Any],
    resources: Resources | None = None,
) -> ComputeJob:
    """Sends a run that was just saved to a backend; call it in the transaction that saved it."""
    job = job_for(
        owner_id=run.owner_id,
        place=place,
        document=document,
        inputs=inputs,
        resources=resources,
        run_id=str(run.id),
        seed=run.seed,
    )
    return job_submit(
        owner=run.owner, backend=place, job=job, purpose=PURPOSE, subject=str(run.id), follow=True
    )


def run_preview(
    *,
    owner: Any,
    place: BackendEntry,
    document: dict[str, Any],
    inputs: dict[str, Any],
    resources: Resources | None = None,
) -> Preview:
    """Returns exactly what :func:`run_submit` would submit, secrets hidden."""
    job = job_for(
        owner_id=owner.pk, place=place, document=document, inputs=inputs, resources=resources, run_id="…"
    )
    return job_preview(backend=place, job=job)


def job_for(
    *,
    owner_id: Any,
    place: BackendEntry,
    document: dict[str, Any],
    inputs: dict[str, Any],
    resources: Resources | None,
    run_id: str,
    seed: int | None = None,
) -> Job:
    """Returns the job that runs a flow. Flow, inputs and keys travel as its secrets."""
    return Job(
        argv=[interpreter(place), "-m", MODULE],
        name=f"flow-{re.sub(r'[^a-z0-9]', '', run_id)[:8] or 'run'}",
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        secrets=pack(
            document=document,
            inputs=inputs,
            models=models_of(owner_id, [document["graph"], document.get("flows"), inputs]),
            run_id=run_id,
            seed=seed,
        ),
        resources=resources or Resources(),
        errors_apart=True,
    )


def models_of(owner_id: Any, told: Any) -> dict[str, runtime.Connection]:
    """Returns the connections that a flow names, by model reference: only their keys leave the studio."""
    names = Connection.objects.filter(owner_id=owner_id).values_list("name", flat=True)
    known = {name.casefold() for name in names}
    texts = {value for _, value in walk(told) if isinstance(value, str) and 2 < len(value) <= 300}
    source = HubModels(owner_id)
    return {ref: source.resolve(ref) for ref in texts if _first(ref) in known and ref.partition("/")[2]}


def _first(ref: str) -> str:
    name, slash, _ = ref.partition("/")
    return name.casefold() if slash else ""


def run_cancelling(*, run: Run) -> None:
    """Asks the job of a run to end, where it has one."""
    job = ComputeJob.objects.filter(purpose=PURPOSE, subject=str(run.id)).first()
    if job is not None:
        job_cancel(job=job)


@receiver(run_ended)
def _forget(sender: Any, run: Run, **_: Any) -> None:
    _RECORDERS.pop(run.id, None)
    if run.queue == QUEUE and run.status == Status.CANCELLED:
        run_cancelling(run=run)


@receiver(job_changed)
def _changed(sender: Any, job: ComputeJob, **_: Any) -> None:
    if job.purpose != PURPOSE:
        return
    run = Run.objects.filter(id=job.subject).first()
    if run is None:
        return
    if job.state == "running" and run.status == Status.QUEUED:
        _begin(run)
    elif job.ended and run.status in (Status.QUEUED, *HELD):
        _end(run, job)


@receiver(job_wrote)
def _wrote(sender: Any, job: ComputeJob, piece: bytes, **_: Any) -> int | None:
    if job.purpose != PURPOSE:
        return None
    records, _between, taken = read_records(piece)
    run = Run.objects.filter(id=job.subject).first() if records else None
    if run is not None and (run.status in HELD or _begin(run)):
        run.refresh_from_db()
        try:
            _tell(run, records)
        except BaseException:
            _RECORDERS.pop(run.id, None)
            raise
    return taken


def _begin(run: Run) -> Run | None:
    return run_transition(run_id=run.id, to=Status.RUNNING, source=[Status.QUEUED], lease_until=FOR_EVER)


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
        _begin(run)
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
