"""What a worker process does for services."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from backend.serving.watching import Watch

_WATCH = Watch()


@worker_ready.connect
def watch(**_: Any) -> None:
    """Lets the studio's own worker look at services; their doors may be on its loopback only."""
    if not settings.ENVIRONMENT.joins:
        _WATCH.start()


@worker_shutting_down.connect
def stop(**_: Any) -> None:
    """Stops looking; services go on."""
    _WATCH.stop()
