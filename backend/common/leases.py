"""Work that a process holds for a while: kept alive by a thread, taken by others when that falls silent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import Error, connection
from django.db.models import QuerySet
from django.utils import timezone

log = logging.getLogger(__name__)


class Lease:
    """Renews the lease of one row until it is released.

    Args:
        mine: The row, as long as it is this process's: filtered by id and fence.
        field: Name of the column that says until when.
        seconds: How long a holder that went silent counts as alive.
    """

    def __init__(self, mine: QuerySet[Any], *, field: str, seconds: float) -> None:
        self._mine = mine
        self._field = field
        self._seconds = seconds
        self._over = threading.Event()
        self.lost = False
        threading.Thread(target=self._beat, name="lease", daemon=True).start()

    def release(self) -> None:
        """Lets go."""
        self._over.set()

    def _beat(self) -> None:
        try:
            while not self._over.wait(self._seconds / 4):
                try:
                    until = timezone.now() + timedelta(seconds=self._seconds)
                    if not self._mine.update(**{self._field: until}):
                        self.lost = True
                        return
                except Error as error:
                    connection.close()
                    log.warning("Could not keep a lease: %s", error)
        finally:
            connection.close()


def looking(name: str, look: Callable[[], Any], *, every: float) -> None:
    """Starts a thread that calls something again and again, and outlasts a database that is away."""

    def work() -> None:
        over = threading.Event()
        while True:
            try:
                look()
            except (Error, OSError) as error:
                connection.close()
                log.warning("%s could not look: %s", name, error)
            over.wait(every)

    threading.Thread(target=work, name=name, daemon=True).start()
