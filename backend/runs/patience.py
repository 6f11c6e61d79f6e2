"""Writing that outlasts a database that is away for a moment."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

from backend.runs import limits

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


def patiently(write: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls something that writes in one transaction, again while the database cannot be reached.

    Gives up after a few leases: by then another worker has the run.
    """
    deadline, pause = time.monotonic() + 4 * limits.LEASE, 0.05
    while True:
        try:
            return write(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if time.monotonic() > deadline:
                raise
            log.warning("The database does not answer, trying again: %s", error)
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
