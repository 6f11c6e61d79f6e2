"""Whether the studio is ready, part by part. Public, so it names no address and no person."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from redis import RedisError

from backend.common.broker import broker

WORKERS = "flowloft:workers"
"""Sorted set: name of each worker, scored with the time of its last beat."""
BEAT_EVERY = 5.0
"""Seconds between the beats of a worker."""
SILENT_AFTER = 20.0
"""Seconds without a beat after which a worker counts as gone."""


def beat(worker: str) -> None:
    """Says that a worker is there. Raises RedisError when nobody hears it."""
    broker().zadd(WORKERS, {worker: time.time()})


def leave(worker: str) -> None:
    """Says that a worker goes."""
    broker().zrem(WORKERS, worker)


def workers() -> int:
    """Returns how many workers beat; forgets the others."""
    broker().zremrangebyscore(WORKERS, "-inf", time.time() - SILENT_AFTER)
    return int(broker().zcard(WORKERS))


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


def _broker() -> str:
    broker().ping()
    return ""


def _worker() -> str:
    count = workers()
    if count == 0:
        raise LookupError("No worker has reported in the last 20 s.")
    return f"{count} at work"


PARTS: dict[str, Callable[[], str]] = {"database": _database, "broker": _broker, "worker": _worker}


def check(part: Callable[[], str]) -> dict[str, str]:
    """Returns ``{state: ok | down, detail}`` of one part."""
    try:
        return {"state": "ok", "detail": part()}
    except LookupError as error:
        return {"state": "down", "detail": str(error)}
    except (DatabaseError, RedisError, OSError) as error:
        return {"state": "down", "detail": type(error).__name__}


def report() -> dict[str, Any]:
    """Returns ``{status: ready | degraded, parts}``."""
    parts = {name: check(part) for name, part in PARTS.items()}
    ready = all(part["state"] == "ok" for part in parts.values())
    return {"status": "ready" if ready else "degraded", "parts": parts}
