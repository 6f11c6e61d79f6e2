"""No more requests a minute than a connection allows."""

from __future__ import annotations

import threading
import time

from flowloft.core.context import Connection, Context

_GUARD = threading.Lock()
_NEXT: dict[tuple[str, str, str], float] = {}


def wait_turn(connection: Connection, ctx: Context) -> None:
    """Waits until the next request may go out, where ``per_minute`` is among the options.

    The pace is that of this process: several workers ask each at this pace.
    """
    allowed = float(connection.options.get("per_minute") or 0)
    if not allowed:
        return
    place = (connection.provider, connection.name, connection.base_url)
    with _GUARD:
        at = max(_NEXT.get(place, 0.0), time.monotonic())
        _NEXT[place] = at + 60.0 / allowed
    ctx.sleep(at - time.monotonic())
