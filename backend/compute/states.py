"""The states of a job as the studio keeps them."""

from __future__ import annotations

from django.db.models import TextChoices


class State(TextChoices):
    """Where a job stands. ``submitting`` is ours; the others are what the backend says."""

    SUBMITTING = "submitting"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (State.SUBMITTING, State.QUEUED, State.RUNNING)
UNSENT = (State.SUBMITTING, State.QUEUED)
"""Of a job that its backend does not have yet: it is being sent, or waits for its turn here."""
