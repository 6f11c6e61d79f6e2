"""The one way an export job changes its state."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.exports.models import ExportJob
from backend.exports.states import HELD, TERMINAL, WAYS, JobState


def job_transition(
    *,
    job_id: uuid.UUID,
    to: JobState,
    source: Sequence[JobState],
    fence: int | None = None,
    lease_until: datetime | None = None,
    expired_at: datetime | None = None,
    **facts: Any,
) -> ExportJob | None:
    """Moves a job to another state, in one transaction.

    Args:
        source: The states it may come from, among those that ``WAYS`` allows.
        fence: The number under which the caller holds the job; None for those who hold nothing.
        lease_until: Of the worker that takes it.
        expired_at: Only where its lease had run out by then.
        facts: Further columns.

    Returns:
        The job as it is now; None where it was somewhere else, or held by another.
    """
    now = timezone.now()
    with transaction.atomic():
        job = ExportJob.objects.select_for_update().filter(id=job_id).first()
        if job is None or not _may(job, to, source, fence, expired_at):
            return None
        changed: dict[str, Any] = {"state": to, **facts}
        if to in (JobState.RUNNING, JobState.QUEUED):
            changed |= {"fence": job.fence + 1, "done": 0, "attempt": job.attempt + (to == JobState.QUEUED)}
        if to == JobState.RUNNING:
            changed["started_at"] = job.started_at or now
        if to != JobState.CANCELLING:
            changed["lease_until"] = lease_until if to in HELD else None
        if to in TERMINAL:
            changed["finished_at"] = now
        for name, value in changed.items():
            setattr(job, name, value)
        job.save(update_fields=list(changed))
    return job


def _may(
    job: ExportJob, to: JobState, source: Sequence[JobState], fence: int | None, expired_at: datetime | None
) -> bool:
    state = JobState(job.state)
    if state not in source or (state, to) not in WAYS:
        return False
    if fence is not None and job.fence != fence:
        return False
    return expired_at is None or job.lease_until is None or job.lease_until <= expired_at
