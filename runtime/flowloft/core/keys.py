"""Several keys of one connection, used in turn. One that is refused rests while the others go on."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from flowloft.core.context import Connection
    from flowloft.core.errors import ProviderError

RESTS = {"provider_busy": 30.0, "provider_quota": 900.0, "provider_auth": 600.0}
"""Seconds that a key rests after a failure of this code, where the vendor does not say."""
LONGEST_REST = 3600.0


@dataclass(frozen=True, slots=True)
class KeyNews:
    """What became of a key.

    Attributes:
        connection: Whose key it is.
        key: Its name in ``connection.keys``.
        state: ``answered``, or why it rests.
        until: Until when it rests, in seconds of ``time.time()``; 0 where it does not.
        message: What the vendor said.
    """

    connection: Connection
    key: str
    state: Literal["answered", "busy", "quota", "refused"]
    until: float = 0.0
    message: str = ""


HEARERS: list[Callable[[KeyNews], None]] = []
"""Called, in the thread of the call, with what became of a key that has a name."""

_STATES: dict[str, Literal["busy", "quota", "refused"]] = {
    "provider_busy": "busy",
    "provider_quota": "quota",
    "provider_auth": "refused",
}
_Place = tuple[str, str, str, str]


class Turns:
    """Whose turn it is, for every connection of this process. Thread-safe."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._count = itertools.count(1)
        self._asked: dict[_Place, int] = {}
        """When a key had its turn last, as a number that grows."""
        self._resting: dict[_Place, tuple[float, str]] = {}

    def of(self, connection: Connection) -> list[str]:
        """Returns the names of the keys to try, the one whose turn is longest ago first. Those that rest
        come only where all do, the one that may first work again first; refused ones only where all were.

        A connection without named keys has one, called "".
        """
        names = list(connection.keys) or [""]
        now = time.monotonic()
        with self._guard:
            rests = {name: self._resting.get(_place(connection, name), (0.0, "")) for name in names}
            ready = [name for name in names if rests[name][0] <= now]
            if not ready:
                hopeful = [name for name in names if rests[name][1] != "provider_auth"] or names
                return sorted(hopeful, key=lambda name: rests[name][0])
            ready.sort(key=lambda name: self._asked.get(_place(connection, name), 0))
            self._asked[_place(connection, ready[0])] = next(self._count)
        return ready

    def answered(self, connection: Connection, key: str) -> None:
        """Notes that a key was good."""
        with self._guard:
            self._resting.pop(_place(connection, key), None)
        _tell(KeyNews(connection, key, "answered"))

    def failed(self, connection: Connection, key: str, error: ProviderError) -> bool:
        """Lets a key rest, if the failure lies with the key.

        Returns:
            Whether another key may do better.
        """
        if error.error_code not in RESTS:
            return False
        rest = min(LONGEST_REST, float(error.extra.get("retry_after") or RESTS[error.error_code]))
        with self._guard:
            self._resting[_place(connection, key)] = (time.monotonic() + rest, error.error_code)
        _tell(KeyNews(connection, key, _STATES[error.error_code], time.time() + rest, error.message))
        return True

    def forget(self) -> None:
        """Forgets who rests."""
        with self._guard:
            self._resting.clear()


def _place(connection: Connection, key: str) -> _Place:
    return connection.provider, connection.name, connection.base_url, key


def _tell(news: KeyNews) -> None:
    if news.key:
        for hearer in HEARERS:
            hearer(news)


TURNS = Turns()
