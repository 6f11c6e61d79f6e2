"""What a service hears of its job: that it runs, what it writes, that it ended."""

from __future__ import annotations

import json
from typing import Any

from flowloft.core.engine_door import MARK

from backend.compute.models import ComputeJob
from backend.compute.signals import job_changed, job_wrote
from backend.compute.states import State as JobState
from backend.serving.models import Service
from backend.serving.services import fell
from backend.serving.states import ACTIVE, State

TAIL = 4000
"""Characters of the log that are kept for the message after a fall."""


def listen() -> None:
    """Hangs on to the signals of jobs."""
    job_changed.connect(heard_change, dispatch_uid="serving")
    job_wrote.connect(heard_words, dispatch_uid="serving")


def _service_of(job: ComputeJob) -> Service | None:
    if job.purpose != "service":
        return None
    return Service.objects.select_for_update().filter(job=job).first()


def heard_change(sender: Any, job: ComputeJob, **_: Any) -> None:
    """Moves a service with its job, in the same transaction."""
    row = _service_of(job)
    if row is None or row.state not in ACTIVE:
        return
    if job.state == JobState.RUNNING and row.state == State.PENDING:
        row.state = State.STARTING
        row.save()
    elif job.ended:
        if (said := _ending(row.log_tail)) and said.get("when") == "idle":
            row.state, row.url = State.STOPPED, ""
            row.message = f"Stopped after {int(said['seconds'])} s without a request."
            row.save()
        else:
            fell(row, _why(row, job))


def _ending(tail: str) -> dict[str, Any]:
    for line in reversed(tail.splitlines()):
        if line.startswith(MARK):
            try:
                found = json.loads(line.removeprefix(MARK))
            except ValueError:
                continue
            if isinstance(found, dict) and "ended" in found:
                return found
    return {}


def _why(row: Service, job: ComputeJob) -> str:
    when = "while it loaded the model" if row.ready_at is None else "while it served"
    code = "" if job.exit_code is None else f" with exit code {job.exit_code}"
    lines = [line for line in row.log_tail.splitlines() if line.strip() and not line.startswith(MARK)]
    said = _ending(row.log_tail).get("message") or ""
    words = "\n".join(lines[-12:])
    head = f"The engine ended {when}{code}. {said or job.message}".strip()
    return f"{head}\nIts last words:\n{words}" if words else head


def heard_words(sender: Any, job: ComputeJob, piece: bytes, **_: Any) -> int | None:
    """Reads where the door answers, and keeps the end of the log. Takes whole lines only."""
    row = _service_of(job)
    if row is None:
        return None
    whole = piece.rfind(b"\n") + 1
    if not whole and len(piece) < TAIL:
        return 0
    text = piece[: whole or len(piece)].decode("utf-8", "replace").replace("\0", "")
    row.log_tail = (row.log_tail + text)[-TAIL:]
    for line in text.splitlines():
        if line.startswith(MARK):
            _told(row, line.removeprefix(MARK))
    row.save()
    return whole or len(piece)


def _told(row: Service, line: str) -> None:
    try:
        facts = json.loads(line)
    except ValueError:
        return
    if isinstance(facts, dict) and isinstance(facts.get("url"), str) and row.state in ACTIVE:
        row.url = facts["url"]
