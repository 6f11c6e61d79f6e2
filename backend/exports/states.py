"""The states of an export job and the ways between them."""

from __future__ import annotations

from django.db.models import TextChoices


class JobState(TextChoices):
    """Where an export job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Form(TextChoices):
    """What an export is packed as."""

    ARCHIVE = "archive"
    PYTHON_PROJECT = "python_project"
    DOCKER_CONTEXT = "docker_context"


ACTIVE = (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)
HELD = (JobState.RUNNING, JobState.CANCELLING)
"""Those that a worker may hold."""
TERMINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})

WAYS: frozenset[tuple[JobState, JobState]] = frozenset(
    {
        (JobState.QUEUED, JobState.RUNNING),
        (JobState.QUEUED, JobState.CANCELLED),
        (JobState.RUNNING, JobState.SUCCEEDED),
        (JobState.RUNNING, JobState.FAILED),
        (JobState.RUNNING, JobState.CANCELLING),
        (JobState.RUNNING, JobState.QUEUED),
        (JobState.CANCELLING, JobState.CANCELLED),
    }
)
"""``running -> queued`` is the reaper's alone."""

MAX_ATTEMPTS = 5
