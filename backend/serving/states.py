"""The states of a service."""

from __future__ import annotations

from django.db.models import TextChoices


class State(TextChoices):
    """Where a service stands."""

    PENDING = "pending"
    """It waits for its backend, or for the end of a pause after a fall."""
    STARTING = "starting"
    """Its engine loads the model."""
    READY = "ready"
    DEGRADED = "degraded"
    """It runs and does not answer for its health."""
    FAILED = "failed"
    STOPPED = "stopped"


ACTIVE = (State.PENDING, State.STARTING, State.READY, State.DEGRADED)
ANSWERING = (State.READY, State.DEGRADED)
