"""What a worker process does for fine-tunes at vendors."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import Error, connection
from django.db.models import Q
from django.utils import timezone

from backend.tuning.models import ENDED, Tune
from backend.tuning.online import look

log = logging.getLogger(__name__)
TICK = 1.0
EVERY = timedelta(seconds=10)
"""Between two questions to a vendor about one fine-tune."""


class Watch:
    """One thread in the studio's own worker."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def start(self) -> None:
        """Starts looking."""
        threading.Thread(target=self._work, name="tuning-watch", daemon=True).start()

    def stop(self) -> None:
        """Stops looking; what the vendors do goes on."""
        self._stop.set()

    def _work(self) -> None:
        while not self._stop.wait(TICK):
            try:
                self.look()
            except Error as error:
                log.warning("Could not look at fine-tunes: %s", error)
            except Exception:
                log.exception("The watch of fine-tunes fell")
            finally:
                connection.close()

    def look(self) -> None:
        """Looks once at every fine-tune that is due."""
        now = timezone.now()
        due = Q(looked_at=None) | Q(looked_at__lt=now - EVERY)
        for tune in Tune.objects.filter(due, plan__trainer="online").exclude(state__in=ENDED):
            Tune.objects.filter(pk=tune.pk).update(looked_at=now)
            look(tune)


_WATCH = Watch()


@worker_ready.connect
def watch(**_: Any) -> None:
    """Lets the studio's own worker ask; one is enough."""
    if not settings.ENVIRONMENT.joins:
        _WATCH.start()


@worker_shutting_down.connect
def stop(**_: Any) -> None:
    """Stops asking."""
    _WATCH.stop()
