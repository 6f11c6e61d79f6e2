"""Wakes whoever listens. A bell, not a post: what it says is also in the database.

Threads of the worker ring it between two tokens, so it neither blocks nor raises: one background
event loop carries all rings, and a dead broker only makes it silent.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from typing import Any

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

MAX_WAITING = 2_000
"""Rings under way; further ones are dropped until the broker answers again."""
COMPLAIN_EVERY = 60.0
"""Seconds between two log lines about a silent broker."""


class _Bell:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = 0
        self._waiting = 0
        self._complained = 0.0

    def loop(self) -> asyncio.AbstractEventLoop:
        """The background loop of this process; a fork gets its own."""
        with self._lock:
            if self._loop is None or self._pid != os.getpid():
                self._loop = asyncio.new_event_loop()
                self._pid = os.getpid()
                self._waiting = 0
                threading.Thread(target=self._loop.run_forever, name="bell", daemon=True).start()
            return self._loop

    def ring(self, group: str, message: dict[str, Any]) -> None:
        """Hands one message over to the loop."""
        if self._waiting >= MAX_WAITING:
            self.complain("the broker is too slow")
            return
        loop = self.loop()
        self._waiting += 1
        asyncio.run_coroutine_threadsafe(self.send(group, message), loop)

    async def send(self, group: str, message: dict[str, Any]) -> None:
        """Sends; any failure of the broker's is a log line."""
        layer = get_channel_layer()
        try:
            if layer is not None:
                await asyncio.wait_for(layer.group_send(group, message), timeout=5)
        except Exception as error:  # noqa: BLE001 - any library error means the same: nobody hears it
            self.complain(repr(error))
        finally:
            self._waiting -= 1

    def complain(self, reason: str) -> None:
        """Logs, but not for every token."""
        if time.monotonic() - self._complained > COMPLAIN_EVERY:
            self._complained = time.monotonic()
            logger.warning("Listeners are not woken at the moment: %s", reason)


_bell = _Bell()


def ring(group: str, message: dict[str, Any]) -> None:
    """Wakes every consumer in a group, from synchronous code. Never blocks, never raises.

    Args:
        group: Name of the group; ASCII letters, digits, ``-``, ``_`` and ``.``, under 100 characters.
        message: For the consumer, with its ``type``.
    """
    _bell.ring(group, message)
