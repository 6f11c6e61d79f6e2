"""What can be done to runs."""

from __future__ import annotations

import hashlib
import json
import time
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone
from flowloft.core.findings import Finding, has_errors
from flowloft.engine import compile_flow

from backend.common.errors import ApiError
from backend.flows.documents import check
from backend.flows.models import Flow, FlowVersion
from backend.runs import bell, wire
from backend.runs.log import log_write
from backend.runs.models import Run, RunDetail, Snapshot
from backend.runs.queue import announce
from backend.runs.states import Status
from backend.runs.transitions import run_transition
from backend.runs.writing import writing


def run_start(
    *,
    owner: Any,
    flow: Flow,
    version: str = "draft",
    inputs: dict[str, Any],
    document: dict[str, Any] | None = None,
    queue: str = "interactive",
) -> Run:
    """Starts a run of a flow as it is now, and tells the workers.

    Args:
        version: ``draft``, ``published`` or a number.
        document: What is on the canvas and not yet saved; then ``version`` is ``draft``.
        queue: The kind of work: ``interactive``, ``batch`` or ``training``.

    Raises:
        ApiError: 404 without such a version; 422 with the findings where it cannot run. Nothing
            is saved then.
    """
    if document is not None:
        label, frozen = "draft", check(document).document
    else:
        label, frozen = _document(flow, version)
    text = _canonical(frozen)
    digest = _sha256(text)
    findings = _findings(text)
    if has_errors(findings):
        raise ApiError(
            422,
            "flow_has_errors",
            f"The flow cannot run: {next(found.message for found in findings if found.level == 'error')}",
            "Mend what the findings name.",
            findings=[finding.model_dump() for finding in findings],
        )
    now = timezone.now()
    with writing():
        Snapshot.objects.bulk_create([Snapshot(digest=digest, document=frozen)], ignore_conflicts=True)
        run = Run.objects.create(
            flow=flow,
            owner=owner,
            version=label,
            snapshot_id=digest,
            graph_sha256=_sha256(_canonical(frozen["graph"])),
            queue=queue,
            hinted_at=now,
            last_seq=1,
        )
        RunDetail.objects.create(run=run, inputs=inputs)
        queued = wire.Told("run.queued", time.time(), wire.plain({"attempt": 1}))
        log_write(run_id=run.id, after=0, events=[queued])
        transaction.on_commit(lambda: announce(run_id=run.id, queue=queue))
    return run


def run_cancel(*, run: Run) -> Run:
    """Asks a run to stop. One that waits is cancelled at once, one that is over stays as it is."""
    with writing():
        waits = run_transition(run_id=run.id, to=Status.CANCELLING, source=[Status.QUEUED])
        if waits is not None:
            run_transition(run_id=run.id, to=Status.CANCELLED, source=[Status.CANCELLING])
    if waits is None and run_transition(run_id=run.id, to=Status.CANCELLING, source=[Status.RUNNING]):
        bell.ring_cancel(run.id)
    run.refresh_from_db()
    return run


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


@lru_cache(maxsize=32)
def _findings(text: str) -> list[Finding]:
    return compile_flow(json.loads(text)).findings


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
