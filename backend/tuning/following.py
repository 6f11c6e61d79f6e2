"""What the jobs of fine-tunes tell: how far they are, and how they ended."""

from __future__ import annotations

import json
from typing import Any

from django.dispatch import receiver
from flowloft.tuning.job import records

from backend.compute.models import ComputeJob
from backend.compute.signals import job_changed, job_wrote
from backend.tuning.models import ENDED, Tune, TuneRecord, TuneState

PURPOSE = "tuning"


def _of(job: ComputeJob) -> Tune | None:
    if job.purpose != PURPOSE:
        return None
    return Tune.objects.filter(id=job.subject, job=job).first()


@receiver(job_wrote)
def progress(sender: Any, job: ComputeJob, piece: bytes, **_: Any) -> int | None:
    """Keeps what it told. A line that is not whole yet comes again with the next piece."""
    found = _of(job)
    if found is None:
        return None
    whole = piece.rpartition(b"\n")[0]
    told = [record for line in whole.split(b"\n") if (record := records(line))]
    TuneRecord.objects.bulk_create(
        [TuneRecord(tune=found, kind=name[:20], facts=facts) for name, facts in told], batch_size=500
    )
    for name, facts in told:
        if name == "progress":
            found.progress = found.progress | facts
        elif name == "failed":
            found.error = {**facts, "extra": {}}
    found.save(update_fields=["progress", "error"])
    return len(whole) + 1 if whole else 0


_STATES = {
    "running": TuneState.RUNNING,
    "succeeded": TuneState.SUCCEEDED,
    "failed": TuneState.FAILED,
    "cancelled": TuneState.CANCELLED,
}


@receiver(job_changed)
def changed(sender: Any, job: ComputeJob, **_: Any) -> None:
    """Follows the job."""
    found = _of(job)
    state = _STATES.get(job.state)
    if found is None or state is None or found.state in ENDED:
        return
    found.state = state
    if state in ENDED:
        found.finished_at = job.finished_at
    if state == TuneState.FAILED and found.error is None:
        found.error = {
            "code": "training_failed",
            "message": job.message or f"The job ended as {job.reason}.",
            "hint": "Its log says more. Resume goes on from the last checkpoint.",
            "extra": json.loads(json.dumps({"reason": job.reason, "exit_code": job.exit_code})),
        }
    found.save()
