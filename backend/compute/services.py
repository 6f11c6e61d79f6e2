"""What can be done with backends and jobs."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from flowloft.core.backend import Affinity, Preview
from flowloft.core.errors import BackendError
from flowloft.core.job import Job

from backend.compute.models import LOCAL_ID, BackendEntry, ComputeJob
from backend.compute.places import job_keep, place_of
from backend.compute.signals import job_changed
from backend.compute.states import ACTIVE, State


def backend_local() -> BackendEntry:
    """Returns this machine, which is there without being set up."""
    found, _ = BackendEntry.objects.get_or_create(
        id=LOCAL_ID, defaults={"name": "This machine", "kind": "local", "shared": True}
    )
    return found


def job_submit(
    *,
    owner: Any,
    backend: BackendEntry,
    job: Job,
    purpose: str,
    subject: str = "",
    follow: bool = False,
) -> ComputeJob:
    """Takes a job on. The worker that looks after the backend hands it over, within a second and
    after the caller's transaction; what the backend refuses ends as ``failed`` with its words.

    Args:
        owner: Whose job it is. The caller has made sure that they may use the backend.
        purpose: Which app it is for; what ``job_changed`` is looked through by.
        subject: Id of what it is for.
        follow: Whether ``job_wrote`` tells what it writes.
    """
    row = ComputeJob(owner=owner, backend=backend, purpose=purpose, subject=subject, follow=follow)
    job_keep(row, job)
    row.save(force_insert=True)
    return row


def job_cancel(*, job: ComputeJob) -> ComputeJob:
    """Asks a job to end. One that nobody has heard of yet is cancelled at once, one that is over
    stays as it is; ``job_changed`` tells when it has ended."""
    with transaction.atomic():
        row = ComputeJob.objects.select_for_update().get(pk=job.pk)
        if row.state not in ACTIVE or row.cancel_requested_at:
            return row
        row.cancel_requested_at = timezone.now()
        if row.tries == 0:
            row.state, row.reason, row.finished_at = State.CANCELLED, "CANCELLED", row.cancel_requested_at
            row.sealed = ""
        row.save()
        if row.ended:
            job_changed.send(ComputeJob, job=row)
    return row


def job_logs(*, job: ComputeJob, offset: int = 0, errors: bool = False) -> tuple[bytes, int]:
    """Returns what a job has written from a byte on, at most 1 MiB, and the next offset.

    Raises:
        BackendError: The backend does not answer, or has been removed.
    """
    if not job.remote_id:
        return b"", offset
    if job.backend is None:
        raise BackendError(
            "The backend of this job has been removed, and its log with it.",
            permanent=True,
            code="backend_removed",
            hint="Where the log lies is known to whoever runs that backend.",
        )
    return place_of(job.backend).logs(job.remote_id, offset, errors=errors)


def job_preview(*, backend: BackendEntry, job: Job) -> Preview:
    """Returns exactly what would be submitted, secrets hidden."""
    return place_of(backend).preview(job)


def backend_affinity(*, backend: BackendEntry) -> Affinity:
    """Says whether jobs can be sent there from here, and why. Asks it now, which may take seconds."""
    try:
        return place_of(backend).affinity()
    except BackendError as error:
        return Affinity(0.0, error.message)
