"""What looks at something again and again, in the studio's own worker."""

from __future__ import annotations

import logging
import threading
from typing import Any, ClassVar

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import Error, connection

log = logging.getLogger(__name__)
TICK = 1.0
"""Seconds between two looks."""


class Watch:
    """Base of what is looked at: one thread, which nothing but its end stops."""

    what: ClassVar[str] = ""
    """For the log and the thread's name."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def look(self) -> None:
        """Looks once at everything that is due."""
        raise NotImplementedError

    def start(self, **_: Any) -> None:
        """Starts looking, in the studio's own worker only: one is enough."""
        if not settings.ENVIRONMENT.joins:
            threading.Thread(target=self._work, name=f"watch of {self.what}", daemon=True).start()

    def stop(self, **_: Any) -> None:
        """Stops looking; what is looked at goes on."""
        self._stop.set()

    def go_with_the_worker(self) -> None:
        """Starts and stops with this worker process. Signals keep no reference: the module must."""
        worker_ready.connect(self.start)
        worker_shutting_down.connect(self.stop)

    def _work(self) -> None:
        while not self._stop.wait(TICK):
            try:
                self.look()
            except Error as error:
                log.warning("Could not look at %s: %s", self.what, error)
            except Exception:
                log.exception("The watch of %s fell", self.what)
            finally:
                connection.close()
