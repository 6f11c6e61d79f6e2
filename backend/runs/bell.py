"""Tells listeners that a run has news, and the news itself. Losing a ring loses nothing: whoever
listens compares sequence numbers and reads the log."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping

import redis
from django.conf import settings

from backend.common.broker import broker
from backend.runs.wire import Batch

PREFIX = "flowloft:run:"
CANCEL = "flowloft:cancel"
"""Carries ids of runs that were asked to stop."""
LARGEST = 262_144
"""Characters; a larger batch is announced without its text."""
REST = 1.0
"""Seconds without ringing after Redis did not answer, so that runs don't wait for it."""

log = logging.getLogger(__name__)
_silent_until = 0.0


def listener() -> redis.client.PubSub:
    """Returns a subscription of its own connection that may be silent for ever."""
    patient = redis.Redis.from_url(settings.BROKER_URL, socket_timeout=None, socket_connect_timeout=1.0)
    found: redis.client.PubSub = patient.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    return found


def channel(run_id: uuid.UUID) -> str:
    """Returns the name under which a run's news travel."""
    return f"{PREFIX}{run_id}"


def ring(batches: Mapping[uuid.UUID, Batch]) -> None:
    """Publishes what was stored; call it after the commit."""
    _publish([(channel(run_id), pack(batch)) for run_id, batch in batches.items()])


def ring_cancel(run_id: uuid.UUID) -> None:
    """Tells the worker that has a run to stop it."""
    _publish([(CANCEL, str(run_id))])


def pack(batch: Batch) -> str:
    """Returns ``first:last:ended:text``."""
    text = batch.text if len(batch.text) <= LARGEST else ""
    return f"{batch.first}:{batch.last}:{int(batch.ended)}:{text}"


def unpack(data: str) -> Batch:
    """Reads :func:`pack`; ``text`` is empty where it was too large to travel."""
    first, last, ended, text = data.split(":", 3)
    return Batch(int(first), int(last), ended == "1", text)


def _publish(messages: list[tuple[str, str]]) -> None:
    global _silent_until  # noqa: PLW0603 - one rest for the whole process
    if not messages or time.monotonic() < _silent_until:
        return
    try:
        if len(messages) == 1:
            broker().publish(*messages[0])
            return
        with broker().pipeline(transaction=False) as pipe:
            for name, data in messages:
                pipe.publish(name, data)
            pipe.execute()
    except redis.RedisError as error:
        _silent_until = time.monotonic() + REST
        log.warning("The bell is silent: %s", error)
