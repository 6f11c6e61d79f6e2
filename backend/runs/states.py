"""The states of a run and the ways between them."""

from __future__ import annotations

from django.db.models import TextChoices


class Status(TextChoices):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """For a person. No worker holds it."""
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


ACTIVE = (Status.QUEUED, Status.RUNNING, Status.WAITING, Status.CANCELLING)
HELD = (Status.RUNNING, Status.CANCELLING)
"""Those that a worker may hold."""
TERMINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT, Status.CANCELLED})

WAYS: frozenset[tuple[Status, Status]] = frozenset(
    {
        (Status.QUEUED, Status.RUNNING),
        (Status.QUEUED, Status.CANCELLING),
        (Status.RUNNING, Status.SUCCEEDED),
        (Status.RUNNING, Status.FAILED),
        (Status.RUNNING, Status.TIMED_OUT),
        (Status.RUNNING, Status.CANCELLING),
        (Status.RUNNING, Status.QUEUED),
        (Status.RUNNING, Status.WAITING),
        (Status.WAITING, Status.QUEUED),
        (Status.WAITING, Status.CANCELLING),
        (Status.CANCELLING, Status.CANCELLED),
    }
)
"""``running -> queued`` is the reaper's alone: it passes the fence it saw expire. ``waiting -> queued``
comes of an answer, and is no further attempt."""

MAX_ATTEMPTS = 5

EVENT_OF: dict[Status, str] = {
    Status.QUEUED: "run.queued",
    Status.RUNNING: "run.started",
    Status.WAITING: "run.waiting",
    Status.CANCELLING: "run.cancelling",
    Status.SUCCEEDED: "run.succeeded",
    Status.FAILED: "run.failed",
    Status.TIMED_OUT: "run.timed_out",
    Status.CANCELLED: "run.cancelled",
}
