"""Sends runs to other backends: the flow is one job, or one more each time that a person has answered.

What a job tells is read in ``remote_told``. No worker holds such a run, so it needs no lease and loses
no attempt when the studio is restarted.
"""

from __future__ import annotations

import os
import re
import uuid
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from flowloft.codegen.as_job import MODULE, pack
from flowloft.core import context as runtime
from flowloft.core.backend import BACKENDS, Preview
from flowloft.core.errors import BackendError, FlowloftError
from flowloft.core.job import Job
from flowloft.core.models import CHOSEN
from flowloft.core.resources import Resources

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
from backend.flows.models import Flow
from backend.hub.defaults import chosen_model
from backend.hub.models import Connection
from backend.hub.source import HubModels
from backend.runs.journal import outputs_of
from backend.runs.models import Run
from backend.runs.parts import memory_of, part_read
from backend.runs.questions import answers_of
from backend.runs.queue import REMOTE
from backend.runs.remote_told import PURPOSE, job_of_run, run_begin
from backend.runs.signals import run_ended, run_woken
from backend.runs.states import Status
from backend.runs.transitions import run_transition
from backend.runs.worker import plan_of

_PASSED_ON = ("FLOWLOFT_ALLOW_PRIVATE_HOSTS",)
"""Settings of the studio that count for its flows wherever they run."""
_FOLDERS = ("FLOWLOFT_COMPONENTS",)
"""Those that name a folder: they count where the folder is the same one."""


def place_for(
    *, owner: Any, flow_id: uuid.UUID, backend: Any = None, parent: Run | None = None
) -> BackendEntry | None:
    """Returns the backend that a run is sent to; None for the studio's own workers.

    Args:
        backend: An id as it came from outside; None: where ``parent`` ran, else as the flow, the person
            or the studio has chosen.
        parent: The run that it builds on.

    Raises:
        ApiError: 404: there is none of this id that the person may use.
    """
    found: BackendEntry | None
    if backend is not None:
        found = object_for(owner, BackendEntry, backend)
    elif parent is not None and parent.queue != REMOTE:
        return None
    else:
        found, _ = backend_chosen(user=owner, flow_id=flow_id)
        if parent is not None:
            usable = BackendEntry.objects.filter(BackendEntry.visible_to(owner))
            found = usable.filter(pk=parent.backend).first() or found
    return None if found is None or found.pk == LOCAL_ID else found


def resources_of(run: Run) -> Resources:
    """Returns what the job of a run got, or would get."""
    job = job_of_run(run.id)
    return Resources.model_validate(job.spec.get("resources", {}) if job else {})


def run_submit(*, run: Run, place: BackendEntry, resources: Resources | None = None) -> ComputeJob:
    """Sends a run to a backend, with all that is known of it; call it in the transaction that queued it.

    Raises:
        FlowloftError: ``too_large_for_job``, or it builds on a run that is gone.
    """
    document, part = run.snapshot.document, part_read(run.detail)
    memory = memory_of(
        run=run,
        plan=plan_of(run.snapshot_id),
        part=part,
        pins=document.get("ui", {}).get("pins", {}),
        answers=answers_of(run_id=run.id),
    )
    inputs = (part.inputs or {}) if part.only else run.detail.inputs
    known = {
        "only": part.only,
        "until": part.until,
        "memory": memory,
        "done": outputs_of(run_id=run.id) if run.fence else {},
    }
    job = job_for(
        owner_id=run.owner_id,
        place=place,
        document=document,
        inputs=inputs,
        resources=resources,
        run_id=str(run.id),
        title=run.flow.name,
        seed=run.seed,
        known=known,
    )
    return job_submit(
        owner=run.owner, backend=place, job=job, purpose=PURPOSE, subject=str(run.id), follow=True
    )


def run_preview(
    *,
    flow: Flow,
    place: BackendEntry,
    document: dict[str, Any],
    inputs: dict[str, Any],
    resources: Resources | None = None,
) -> Preview:
    """Returns exactly what :func:`run_submit` would submit, secrets hidden."""
    job = job_for(
        owner_id=flow.owner_id,
        place=place,
        document=document,
        inputs=inputs,
        resources=resources,
        run_id="…",
        title=flow.name,
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
    title: str = "",
    seed: int | None = None,
    known: dict[str, Any] | None = None,
) -> Job:
    """Returns the job that runs a flow. Flow, inputs, keys and what is ``known`` of its steps travel as its
    secrets."""
    passed = _PASSED_ON + (_FOLDERS if BACKENDS.get(place.kind).shares_files else ())
    return Job(
        argv=[interpreter(place), "-m", MODULE],
        name=f"{_slug(title) or 'flow'}-{re.sub(r'[^a-z0-9]', '', run_id)[:8] or 'run'}",
        env={name: os.environ[name] for name in passed if name in os.environ},
        secrets=pack(
            document=document,
            inputs=inputs,
            models=models_of(owner_id, [document["graph"], document.get("flows"), inputs]),
            run_id=run_id,
            seed=seed,
            **(known or {}),
        ),
        resources=resources or Resources(),
        errors_apart=True,
    )


def _slug(title: str) -> str:
    """Returns a name as a queue shows it, of plain letters; empty where it has none."""
    return re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-")[:30].strip("-").lower()


def models_of(owner_id: Any, told: Any) -> dict[str, runtime.Connection]:
    """Returns the connections that a flow names, by model reference: only their keys leave the studio."""
    names = Connection.objects.filter(owner_id=owner_id).values_list("name", flat=True)
    known = {name.casefold() for name in names}
    chosen = {ref for ref in CHOSEN if chosen_model(owner_id, ref)}
    texts = {value for _, value in walk(told) if isinstance(value, str) and 2 < len(value) <= 300}
    source = HubModels(owner_id)
    return {
        ref: source.resolve(ref)
        for ref in texts
        if ref in chosen or (_first(ref) in known and ref.partition("/")[2])
    }


def _first(ref: str) -> str:
    name, slash, _ = ref.partition("/")
    return name.casefold() if slash else ""


def run_cancelling(*, run: Run) -> None:
    """Asks the job of a run to end, where it has one."""
    job = job_of_run(run.id)
    if job is not None:
        job_cancel(job=job)


@receiver(run_woken)
def _go_on(sender: Any, run: Run, **_: Any) -> None:
    """Sends a run that was answered to where it ran before, for as much as it had there."""
    if run.queue != REMOTE:
        return
    before = job_of_run(run.id)
    try:
        if before is None or before.backend is None:
            raise BackendError(
                "The backend that this run waited on has been removed.",
                permanent=True,
                code="backend_removed",
                hint="Run the flow again, in the studio or on another backend.",
            )
        with transaction.atomic():
            run_submit(run=run, place=before.backend, resources=resources_of(run))
    except FlowloftError as error:
        if run_begin(run):
            payload = {"error": error.payload()}
            run_transition(run_id=run.id, to=Status.FAILED, source=[Status.RUNNING], payload=payload)


@receiver(run_ended)
def _ended(sender: Any, run: Run, **_: Any) -> None:
    if run.queue == REMOTE and run.status == Status.CANCELLED:
        run_cancelling(run=run)
