"""What a worker process does for jobs."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from backend.compute.poller import Lookout

_LOOKOUT = Lookout()


@worker_ready.connect
def look_out(**_: Any) -> None:
    """Lets the studio's own worker look after jobs. One that joins from elsewhere does not: this
    machine, its Slurm and its keys are the studio's."""
    if not settings.ENVIRONMENT.joins:
        _LOOKOUT.start()


@worker_shutting_down.connect
def let_go(**_: Any) -> None:
    """Hands the jobs to the next worker without waiting for the lease."""
    _LOOKOUT.stop()
