"""The one way a run changes its state."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from backend.runs import bell, limits, wire
from backend.runs.log import Entry, intents_write, log_write, state_save, usage_sum
from backend.runs.models import JournalPage, Run
from backend.runs.signals import run_ended
from backend.runs.states import EVENT_OF, HELD, TERMINAL, WAYS, Status
from backend.runs.wire import Batch, Told


def run_transition(
    *,
    run_id: uuid.UUID,
    to: Status,
    source: Sequence[Status],
    payload: dict[str, Any] | None = None,
    fence: int | None = None,
    told: Entry | None = None,
    lease_until: datetime | None = None,
    expired_at: datetime | None = None,
) -> Run | None:
    """Moves a run to another state, with its event, in one transaction.

    Args:
        source: The states it may come from, among those that ``WAYS`` allows.
        payload: The event's own fields; the number of the attempt comes by itself.
        fence: The number under which the caller holds the run; None for those who hold nothing.
        told: What its worker has not yet stored; written before the event.
        lease_until: Of the worker that takes it.
        expired_at: Only where its lease had run out by then.

    Returns:
        The run as it is now; None where it was somewhere else, or held by another: then nothing
        was written.
    """
    now = time.time()
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(id=run_id).first()
        if run is None or not _may(run, to, source, fence, expired_at):
            return None
        before = (run.status, run.fence, run.last_seq)
        payload = dict(payload or {})
        if to in (Status.RUNNING, Status.QUEUED):
            # A run that was answered goes on with the same attempt: no worker was lost.
            payload["attempt"] = run.attempt + (to == Status.QUEUED and run.status != Status.WAITING)
        event = Told(EVENT_OF[to], now, wire.plain(payload))
        if told is not None:
            intents_write(entry=told)
        batch = log_write(run_id=run.id, after=run.last_seq, events=[*(told.events if told else ()), event])
        changed = _change(run, to, payload, batch, lease_until, now)
        held = Run.objects.filter(id=run.id, status=before[0], fence=before[1], last_seq=before[2])
        if not held.update(**changed):
            raise RuntimeError(f"run {run.id} changed under its lock")
        if to == Status.SUCCEEDED:
            JournalPage.objects.filter(run_id=run.id).delete()
        if to in TERMINAL:
            if run.last_seq > limits.FOLD_END:
                state_save(run_id=run.id)
            run_ended.send(Run, run=run)
        transaction.on_commit(lambda: bell.ring({run.id: batch}))
    return run


def summary(*parts: Any) -> str:
    """Returns the beginnings of some values in small letters, as a search of the list of runs finds them."""
    texts = [part if isinstance(part, str) else wire.encode(part)[0] for part in parts]
    return " ".join(" ".join(text[:500].split()) for text in texts if text).casefold()[:1000]


def _may(
    run: Run, to: Status, source: Sequence[Status], fence: int | None, expired_at: datetime | None
) -> bool:
    status = Status(run.status)
    if status not in source or (status, to) not in WAYS:
        return False
    if fence is not None and run.fence != fence:
        return False
    return expired_at is None or run.lease_until is None or run.lease_until <= expired_at


def _change(
    run: Run, to: Status, payload: dict[str, Any], batch: Batch, lease_until: datetime | None, now: float
) -> dict[str, Any]:
    at = datetime.fromtimestamp(now, UTC)
    changed: dict[str, Any] = {"status": to, "last_seq": batch.last}
    if to == Status.RUNNING:
        changed["started_at"] = run.started_at or at
    if to in (Status.RUNNING, Status.QUEUED):
        changed |= {"fence": run.fence + 1, "attempt": payload["attempt"]}
    if to != Status.CANCELLING:
        changed["lease_until"] = lease_until if to in HELD else None
    if to in TERMINAL:
        changed |= {"finished_at": at, "outputs": payload.get("outputs"), "error": payload.get("error")}
        changed["usage"] = usage_sum(run_id=run.id)
        came_out = payload.get("error", {}).get("message") or payload.get("outputs") or ""
        changed["summary"] = summary(run.summary, came_out)
    for name, value in changed.items():
        setattr(run, name, value)
    return changed
