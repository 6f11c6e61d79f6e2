"""What can be done to runs."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone
from flowloft.core.backend import Preview
from flowloft.core.plan import Plan
from flowloft.core.resources import Resources
from flowloft.core.spec import FlowSpec
from flowloft.engine import Compiled, compile_flow
from flowloft.engine.compile import inputs_check

from backend.common.errors import ApiError
from backend.flows.documents import check
from backend.flows.models import Flow, FlowVersion
from backend.flows.subflows import OwnFlows
from backend.hub.source import HubModels
from backend.runs import bell, remote, wire
from backend.runs.facts import facts_of
from backend.runs.log import log_write
from backend.runs.models import Run, RunDetail, Snapshot
from backend.runs.parts import Part, parent_of, part_check
from backend.runs.queue import REMOTE, announce
from backend.runs.reach import reach_check
from backend.runs.states import Status
from backend.runs.transitions import run_transition, summary


def run_start(
    *,
    owner: Any,
    flow: Flow,
    version: str | None = None,
    inputs: dict[str, Any] | None = None,
    document: dict[str, Any] | None = None,
    frozen: dict[str, Any] | None = None,
    queue: str = "interactive",
    origin: str = "api",
    seed: int | None = None,
    from_run: uuid.UUID | None = None,
    part: Part | None = None,
    backend: Any = None,
    resources: Resources | None = None,
    strict: bool = False,
) -> Run:
    """Starts a run of a flow as it is now, and tells the workers.

    Args:
        version: ``draft``, ``published`` or a number. None: that of ``from_run``, else the draft.
        inputs: By name. None: those of ``from_run``, else none.
        document: What is on the canvas and not yet saved; then ``version`` is ``draft``.
        frozen: What ``flow_freeze`` returned with ``version`` for the label: many runs of the same.
        queue: The kind of work: ``interactive``, ``batch`` or ``training``.
        origin: Where it comes from: ``api``, ``editor``, ``chat``, ...
        from_run: An earlier run of the flow; what its steps gave is not computed again, except for what
            comes after the steps that ``part`` names.
        part: What to do of the flow; all by default.
        backend: Id of where it runs as a job. None: where ``from_run`` ran, else where the flow, the
            person or the studio has chosen.
        resources: What such a job gets. None: what that of ``from_run`` got.
        strict: Refuses inputs that the flow does not read. A chat offers more than most flows take.

    Raises:
        ApiError: 404 without such a version; 422 with the findings where it cannot run. Nothing
            is saved then; 409 where ``from_run`` is under way.
        InputError: The part or the inputs do not fit the flow, with ``extra.path``.
    """
    parent = parent_of(owner=owner, flow=flow, from_run=from_run)
    if frozen is not None:
        label = version or "draft"
    elif document is not None:
        label, frozen = "draft", check(document, OwnFlows(owner)).frozen
    elif parent is not None and version is None:
        label, frozen = parent.version, parent.snapshot.document
    else:
        label, frozen = _freeze(owner, flow, version or "draft")
    text = _canonical(frozen)
    digest = _sha256(text)
    compiled = _runnable(text)
    part = part_check(plan=compiled.plan, part=part or Part(), parent=parent)
    if strict and inputs:
        inputs_check(inputs, compiled.spec.graph)
    if inputs is None:
        inputs = parent.detail.inputs if parent is not None else {}
    place = remote.place_for(owner=owner, flow_id=flow.id, backend=backend, parent=parent)
    if place is not None:
        reach_check(place=place, spec=compiled.spec)
        if resources is None and parent is not None:
            resources = remote.resources_of(parent)
    now = timezone.now()
    facts = facts_of(plan=compiled.plan, spec=compiled.spec, models=HubModels(owner.pk))
    with transaction.atomic():
        Snapshot.objects.bulk_create([Snapshot(digest=digest, document=frozen)], ignore_conflicts=True)
        run = Run.objects.create(
            flow=flow,
            owner=owner,
            version=label,
            snapshot_id=digest,
            graph_sha256=_sha256(_canonical({"flows": frozen["flows"], **frozen["graph"]}))
            if "flows" in frozen
            else _sha256(_canonical(frozen["graph"])),
            backend="local" if place is None else str(place.pk),
            queue=queue if place is None else REMOTE,
            origin=origin,
            parent=parent,
            seed=seed,
            summary=summary(inputs),
            hinted_at=now,
            last_seq=1,
        )
        RunDetail.objects.create(run=run, inputs=inputs, facts=facts, part=asdict(part))
        queued = wire.Told("run.queued", time.time(), wire.plain({"attempt": 1}))
        log_write(run_id=run.id, after=0, events=[queued])
        if place is not None:
            remote.run_submit(run=run, place=place, resources=resources)
        else:
            transaction.on_commit(lambda: announce(run_id=run.id, queue=queue))
    return run


def run_preview(*, owner: Any, flow: Flow, given: dict[str, Any]) -> Preview:
    """Returns exactly what a run started with the same would submit; of the studio itself, that it
    submits nothing."""
    place = remote.place_for(owner=owner, flow_id=flow.id, backend=given.get("backend"))
    if place is None:
        return Preview("command", "")
    document = given.get("document") or _document(flow, given.get("version") or "draft")[1]
    frozen = check(document, OwnFlows(owner)).frozen
    spec = _compiled(_canonical(frozen)).spec
    if spec is not None:
        reach_check(place=place, spec=spec)
    return remote.run_preview(
        flow=flow,
        place=place,
        document=frozen,
        inputs=given.get("inputs") or {},
        resources=given.get("resources"),
    )


def run_cancel(*, run: Run) -> Run:
    """Asks a run to stop. One that waits is cancelled at once, one that is over stays as it is."""
    with transaction.atomic():
        idle = [Status.QUEUED, Status.WAITING]
        waits = run_transition(run_id=run.id, to=Status.CANCELLING, source=idle)
        if waits is not None:
            run_transition(run_id=run.id, to=Status.CANCELLED, source=[Status.CANCELLING])
    if waits is None and run_transition(run_id=run.id, to=Status.CANCELLING, source=[Status.RUNNING]):
        bell.ring_cancel(run.id)
        remote.run_cancelling(run=run)
    run.refresh_from_db()
    return run


def run_share(*, run: Run, shared: bool) -> None:
    """Lets everybody with an account here look at a run, or only its owner again."""
    Run.objects.filter(pk=run.pk).update(shared=shared)


def _document(flow: Flow, version: str) -> tuple[str, dict[str, Any]]:
    if version == "draft":
        return version, flow.draft.document
    number = str(flow.published_version) if version == "published" else version
    found = None
    if number.isascii() and number.isdigit() and len(number) < 10:
        found = FlowVersion.objects.filter(flow=flow, number=int(number)).first()
    if found is None:
        raise ApiError(
            404,
            "no_such_version",
            f"The flow has no version “{version}”.",
            "Use “draft”, “published” or the number of a published version.",
            path="/version",
        )
    return number, found.document


def _freeze(owner: Any, flow: Flow, version: str) -> tuple[str, dict[str, Any]]:
    label, document = _document(flow, version)
    return label, check(document, OwnFlows(owner)).frozen if label == "draft" else document


def flow_freeze(*, owner: Any, flow: Flow, version: str) -> tuple[str, FlowSpec, dict[str, Any]]:
    """Returns a flow as it is now, with the saved flows that it runs, for many runs of the same.

    Returns:
        ``draft`` or the number of the version; what it says; the document for ``run_start``.

    Raises:
        ApiError: 404 without such a version; 422 with the findings where it cannot run.
    """
    label, frozen = _freeze(owner, flow, version)
    return label, _runnable(_canonical(frozen)).spec, frozen


@dataclass(frozen=True)
class _Runnable:
    plan: Plan
    spec: FlowSpec


def _runnable(text: str) -> _Runnable:
    compiled = _compiled(text)
    findings = compiled.findings
    if compiled.plan is None or compiled.spec is None:
        raise ApiError(
            422,
            "flow_has_errors",
            f"The flow cannot run: {next(found.message for found in findings if found.level == 'error')}",
            "Mend what the findings name.",
            findings=[finding.model_dump() for finding in findings],
        )
    return _Runnable(compiled.plan, compiled.spec)


@lru_cache(maxsize=32)
def _compiled(text: str) -> Compiled:
    return compile_flow(json.loads(text))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
