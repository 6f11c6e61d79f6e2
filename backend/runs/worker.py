"""Works on one run: claims the row, runs the plan, writes its end."""

from __future__ import annotations

import json
import logging
import uuid
from functools import lru_cache, partial
from typing import Any

from flowloft.core.context import CancelToken, Context
from flowloft.core.errors import Cancelled, FlowloftError
from flowloft.core.plan import Plan
from flowloft.engine import compile_flow, run_plan
from flowloft.engine.run.part import quick_ids

from backend.files.services import OwnFiles
from backend.flows.components import COMPONENTS
from backend.runs import limits, wire
from backend.runs.cache import RunCache
from backend.runs.journal import journal_open
from backend.runs.keeper import KEEPER, lease_end
from backend.runs.knowledge_source import RunKnowledge
from backend.runs.model_source import RunModels
from backend.runs.models import Run, RunDetail, Snapshot
from backend.runs.parts import memory_of, part_read
from backend.runs.patience import patiently
from backend.runs.questions import answers_of, run_wake
from backend.runs.recorder import Recorder
from backend.runs.scribe import SCRIBE
from backend.runs.states import Status
from backend.runs.transitions import run_transition

log = logging.getLogger(__name__)

End = tuple[Status, dict[str, Any]]


def run_work(*, run_id: uuid.UUID) -> None:
    """Runs it, if it still waits; else somebody else has it and this does nothing."""
    run = run_transition(run_id=run_id, to=Status.RUNNING, source=[Status.QUEUED], lease_until=lease_end())
    if run is None:
        return
    if COMPONENTS.load():
        plan_of.cache_clear()
    recorder = Recorder(
        run_id=run.id,
        fence=run.fence,
        token=CancelToken(),
        wake=SCRIBE.wake,
        told=run.last_seq,
        cheap=_cheap(run.snapshot_id),
    )
    KEEPER.hold(recorder)
    try:
        status, payload = _outcome(run, recorder)
        _end(recorder, status, payload)
    finally:
        KEEPER.release(recorder)
    if status == Status.WAITING:
        patiently(run_wake, run_id=run.id)


def _outcome(run: Run, recorder: Recorder) -> End:
    try:
        plan = plan_of(run.snapshot_id)
        detail = RunDetail.objects.get(run_id=run.id)
        part = part_read(detail)
        pins = run.snapshot.document.get("ui", {}).get("pins", {})
        answers = answers_of(run_id=run.id)
        context = Context(
            models=RunModels(run.owner_id),
            knowledge=RunKnowledge(run.owner_id),
            files=OwnFiles(run.owner_id),
            journal=journal_open(run=run, recorder=recorder),
            cache=RunCache(owner_id=run.owner_id, recorder=recorder) if part.reuse else None,
            memory=memory_of(run=run, plan=plan, part=part, pins=pins, answers=answers),
            run_id=str(run.id),
            timeout=limits.RUN_TIMEOUT,
            seed=run.seed,
            cancel=recorder.token,
        )
        inputs = part.inputs if part.only else detail.inputs
        outcome = run_plan(plan, inputs, context, recorder, only=part.only or None, until=part.until or None)
    except FlowloftError as error:
        return Status.FAILED, {"error": error.payload()}
    except Exception:
        incident = uuid.uuid4().hex[:12]
        log.exception("Bug %s in run %s", incident, run.id)
        return Status.FAILED, {"error": _bug(incident)}
    return end_of(outcome.status, outcome.outputs, outcome.error, outcome.errors)


def end_of(
    status: str, outputs: dict[str, Any], error: dict[str, Any] | None, errors: list[dict[str, Any]]
) -> End:
    """Returns how a run ends whose plan ended so, here or as a job somewhere else."""
    if status == "succeeded":
        text, _ = wire.values(outputs, limits.OUTPUT_BYTES)
        return Status.SUCCEEDED, {"outputs": json.loads(text)}
    if status == "cancelled":
        return Status.CANCELLED, {}
    if status == "waiting":
        return Status.WAITING, {}
    first = _clean(error)
    if status == "timed_out":
        return Status.TIMED_OUT, {"error": first}
    return Status.FAILED, {"error": first, "errors": [_clean(other) for other in errors]}


def _end(recorder: Recorder, status: Status, payload: dict[str, Any]) -> None:
    """Writes what is left, and the end. A run that was asked to stop is cancelled however it ended:
    who asked has been told that it stops."""
    with recorder.writing:
        if recorder.lost:
            return
        told, late = recorder.drain()
        for future in late:
            future.set_exception(Cancelled("the run is over"))
        if status == Status.CANCELLED:
            status, payload = Status.FAILED, {"error": _STOPPED}
        end = partial(run_transition, run_id=recorder.run_id, fence=recorder.fence, told=told)
        ended = patiently(end, to=status, source=[Status.RUNNING], payload=payload)
        if ended is None:
            ended = patiently(end, to=Status.CANCELLED, source=[Status.CANCELLING])
        recorder.lost = True
    if ended is None:
        log.info("Run %s is another worker's by now", recorder.run_id)


def _cheap(digest: str) -> frozenset[str]:
    try:
        return quick_ids(plan_of(digest))
    except FlowloftError:
        return frozenset()  # Told when the run begins.


@lru_cache(maxsize=32)
def plan_of(digest: str) -> Plan:
    """Compiles a document; plans are immutable, so runs of one document share theirs."""
    compiled = compile_flow(Snapshot.objects.get(digest=digest).document)
    if compiled.plan is None:
        finding = next(finding for finding in compiled.findings if finding.level == "error")
        raise FlowloftError(finding.message, code=finding.code, hint=finding.hint, node_id=finding.node_id)
    return compiled.plan


_STOPPED = {
    "code": "stopped",
    "message": "A step stopped the run although nobody had asked for it.",
    "hint": "A node raised Cancelled by itself; let it fail with an error of its own instead.",
    "extra": {},
}


def _bug(incident: str) -> dict[str, Any]:
    return {
        "code": "internal_error",
        "message": f"Something went wrong in the studio (id {incident}).",
        "hint": "Try again; if it stays, report it with the id.",
        "extra": {"id": incident},
    }


def _clean(error: dict[str, Any] | None) -> dict[str, Any]:
    """Returns an error whose facts are JSON and of a bearable size."""
    given = error or _bug("unknown")
    extra, _ = wire.values(given.get("extra", {}))
    named = {name: str(given.get(name, "")) for name in ("code", "message", "hint")}
    return {**named, "extra": json.loads(extra)}
