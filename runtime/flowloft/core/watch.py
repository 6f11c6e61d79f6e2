"""Calls over the network that end when their run ends.

A blocking read can't be cancelled from outside, so the sockets here wait in short slices and look
between them whether the run is over, whether the other side has gone silent, or sends too much.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

SLICE = 0.2
"""Seconds between two looks."""

Reason = Literal["idle", "total", "size"]


class Expired(Exception):  # noqa: N818 - told apart by its reason, then worded by the caller
    """The other side took too long or sent too much."""

    def __init__(self, reason: Reason, limit: float) -> None:
        super().__init__(f"{reason} limit of {limit:g} passed")
        self.reason: Reason = reason
        self.limit = limit


class Watch:
    """The limits of one call.

    Args:
        check: Raises when the run is over.
        idle: Seconds without :meth:`heard`.
        total: Seconds for the whole call.
        max_bytes: Bytes received.
    """

    __slots__ = ("_heard", "_received", "_started", "check", "error", "idle", "max_bytes", "total")

    def __init__(
        self, check: Callable[[], None], *, idle: float, total: float, max_bytes: int = 64 * 1024 * 1024
    ) -> None:
        self.check = check
        self.idle = idle
        self.total = total
        self.max_bytes = max_bytes
        self.error: BaseException | None = None
        """What ended the call; libraries on the way may have wrapped it in something else."""
        self._received = 0
        self._started = self._heard = time.monotonic()

    def heard(self) -> None:
        """Notes that something useful came; a mere sign of life does not count."""
        self._heard = time.monotonic()

    def received(self, count: int) -> None:
        """Counts bytes."""
        self._received += count
        if self._received > self.max_bytes:
            self._end(Expired("size", self.max_bytes))

    def look(self) -> None:
        """Raises when the call must end."""
        try:
            self.check()
        except BaseException as error:
            self.error = error
            raise
        now = time.monotonic()
        if now - self._heard > self.idle:
            self._end(Expired("idle", self.idle))
        if now - self._started > self.total:
            self._end(Expired("total", self.total))

    def _end(self, error: Expired) -> None:
        self.error = error
        raise error


_current: ContextVar[Watch | None] = ContextVar("flowloft_watch", default=None)


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Puts what this thread does on the network under a watch."""
    token = _current.set(watch)
    try:
        yield
    finally:
        _current.reset(token)


def current_watch() -> Watch:
    """Returns the watch of this thread; one that never ends anything where there is none."""
    return _current.get() or Watch(lambda: None, idle=float("inf"), total=float("inf"))
