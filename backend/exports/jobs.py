"""What can be done to export jobs."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from backend.common.errors import ApiError
from backend.exports import limits
from backend.exports.building import collect, fingerprint
from backend.exports.flow_files import file_name
from backend.exports.models import ExportJob
from backend.exports.part import Outgoing
from backend.exports.states import ACTIVE, Form, JobState
from backend.exports.transitions import job_transition

TASK = "exports.make"
ENDINGS = {
    Form.ARCHIVE: ".flowloft.zip",
    Form.PYTHON_PROJECT: "-python.zip",
    Form.DOCKER_CONTEXT: "-docker.zip",
}


def job_start(*, owner: Any, request: dict[str, Any], key: str = "") -> tuple[ExportJob, bool]:
    """Starts an export, or finds one that has or will have the same content.

    Args:
        request: ``flows``, ``with_subflows``, ``parts`` and ``form``, checked.
        key: Idempotency key of the caller; empty for none.

    Returns:
        The job, and whether its file is there already.

    Raises:
        ApiError: As :func:`collect`; 409 ``key_reused`` for a key that came with another request.
    """
    if key and (known := ExportJob.objects.filter(owner=owner, idempotency_key=key).first()):
        return _same(known, request)
    going = collect(user=owner, request=request)
    mark = fingerprint(going, request["form"])
    alike = ExportJob.objects.filter(owner=owner, fingerprint=mark)
    for found in alike.filter(state__in=[JobState.SUCCEEDED, JobState.QUEUED, JobState.RUNNING]):
        if found.state != JobState.SUCCEEDED or is_there(found):
            return found, found.state == JobState.SUCCEEDED
    now = timezone.now()
    try:
        with transaction.atomic():
            job = ExportJob.objects.create(
                owner=owner,
                form=request["form"],
                request=request,
                flows=_called(going),
                idempotency_key=key,
                fingerprint=mark,
                total=sum(piece.size for piece in going.pieces),
                warnings=going.warnings,
                name=_name(going, request["form"]),
                hinted_at=now,
            )
            transaction.on_commit(lambda: announce(job.id))
    except IntegrityError:
        # Somebody else came first with this key.
        return _same(ExportJob.objects.get(owner=owner, idempotency_key=key), request)
    return job, False


def _same(job: ExportJob, request: dict[str, Any]) -> tuple[ExportJob, bool]:
    if job.request != request:
        raise ApiError(
            409,
            "key_reused",
            "This Idempotency-Key came with another request before.",
            "Send a new key with a new request.",
            id=str(job.id),
        )
    return job, job.state == JobState.SUCCEEDED


def _called(going: Outgoing) -> list[dict[str, str]]:
    names = {one.entry.key: one.entry.name for one in going.found}
    told = zip(going.flows, going.found, strict=False)
    return [
        {"id": str(flow_id), "name": names[one.entry.key], "version": version}
        for (flow_id, version), one in told
    ]


def _name(going: Outgoing, form: str) -> str:
    return file_name(going.found[0].entry.name) + ENDINGS[Form(form)]


def is_there(job: ExportJob) -> bool:
    """Says whether the file of a job can be fetched."""
    if not job.stored or (job.expires_at and job.expires_at <= timezone.now()):
        return False
    return (limits.folder() / job.stored).is_file()


def preview(*, owner: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Returns what an export would hold; nothing is written.

    Raises:
        ApiError: As :func:`collect`.
    """
    going = collect(user=owner, request=request)
    return {
        "flows": [one.entry.name for one in going.found],
        "files": len(going.pieces),
        "bytes": sum(piece.size for piece in going.pieces),
        "warnings": going.warnings,
    }


def job_cancel(*, job: ExportJob) -> ExportJob:
    """Stops a job; one that is over stays as it is."""
    stopped = job_transition(job_id=job.id, to=JobState.CANCELLED, source=[JobState.QUEUED])
    if stopped is None:
        job_transition(job_id=job.id, to=JobState.CANCELLING, source=[JobState.RUNNING])
    job.refresh_from_db()
    return job


def job_delete(*, job: ExportJob) -> None:
    """Removes a job and its file.

    Raises:
        ApiError: 409 ``still_running``.
    """
    if job.state in ACTIVE:
        raise ApiError(409, "still_running", "The export is not finished.", "Cancel it first.")
    job.delete()
    if job.stored:
        (limits.folder() / job.stored).unlink(missing_ok=True)


def announce(job_id: uuid.UUID) -> None:
    """Tells the workers that a job waits, without waiting for the broker; they look by themselves too."""
    threading.Thread(target=_announce, args=(job_id,), name="export-hint", daemon=True).start()


def _announce(job_id: uuid.UUID) -> None:
    try:
        current_app.send_task(TASK, args=[str(job_id)], queue="interactive", ignore_result=True, retry=False)
    except (OperationalError, OSError):
        # The worker that looks for waiting jobs finds it.
        return
