"""A run that is told through the log of a job: records between whatever else stands there.

A record is a control character, a JSON array, and the end of the line (RFC 7464); so it is found again
where the log also holds what programs print. ``["step_text", ...]`` is a call of the sink with
its arguments, ``["end", {...}]`` how the run ended.

Source: https://www.rfc-editor.org/rfc/rfc7464
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from flowloft.core.events import Sink
from flowloft.core.plain import encode, values

MARK = b"\x1e"
CALLS = frozenset(name for name in vars(Sink) if not name.startswith("_"))
"""The names of the sink's methods."""
_PORTS = {"step_started": 3, "step_succeeded": 2}
"""Which argument of a call holds the values of ports."""
VALUE_BYTES = 4 * 1024 * 1024
"""A longer value travels by its beginning; so do all after as much in one record."""
GATHER = 0.05
"""Seconds for which records are gathered before they are written."""


class RecordSink:
    """A sink that writes records to a file, from a thread of its own: the engine never waits for a disk.

    Args:
        handle: File descriptor, open for writing; appended to.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._calls: queue.SimpleQueue[tuple[str, tuple[Any, ...]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="records", daemon=True)
        self._thread.start()

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name not in CALLS:
            raise AttributeError(name)

        def tell(*told: Any) -> None:
            self._calls.put((name, told))

        setattr(self, name, tell)
        return tell

    def end(self, outcome: dict[str, Any]) -> None:
        """Writes what has been told, then how the run ended.

        Args:
            outcome: ``status``, and ``outputs`` or ``error`` and ``errors``.
        """
        self._calls.put(("end", (outcome,)))
        self._calls.put(None)
        self._thread.join()

    def _work(self) -> None:
        over = False
        while not over:
            calls = [self._calls.get()]
            time.sleep(GATHER)
            while not self._calls.empty():
                calls.append(self._calls.get())
            over = calls[-1] is None
            told = _joined([call for call in calls if call is not None])
            data = memoryview(b"".join(_record(name, arguments) for name, arguments in told))
            while data:
                data = data[os.write(self._handle, data) :]


def _joined(calls: list[tuple[str, tuple[Any, ...]]]) -> list[tuple[str, tuple[Any, ...]]]:
    """Puts pieces of text of one step that follow each other together."""
    found: list[tuple[str, tuple[Any, ...]]] = []
    for name, told in calls:
        if name == "step_text" and found and found[-1][0] == name and found[-1][1][:3] == told[:3]:
            node_id, path, port, text, at = found[-1][1]
            found[-1] = (name, (node_id, path, port, text + told[3], at))
        else:
            found.append((name, told))
    return found


def _record(name: str, told: tuple[Any, ...]) -> bytes:
    ports = 0 if name == "end" else _PORTS.get(name, -1)
    texts = []
    for index, value in enumerate(told):
        if name == "end":
            outputs, _ = values(value.pop("outputs", {}), VALUE_BYTES, VALUE_BYTES)
            text = f'{encode(value)[0][:-1]},"outputs":{outputs}}}'
        elif index == ports:
            text, _ = values(value, VALUE_BYTES, VALUE_BYTES)
        else:
            text, _ = encode(value)
        texts.append(text)
    return MARK + f"[{','.join([json.dumps(name), *texts])}]\n".encode()


def read_records(data: bytes) -> tuple[list[tuple[str, list[Any]]], bytes, int]:
    """Finds the records in a piece of a log.

    Returns:
        The whole records as name and arguments; what stands between them; and how many bytes these
        two took. The rest is the beginning of a record whose end is still to come.
    """
    records: list[tuple[str, list[Any]]] = []
    between: list[bytes] = []
    at = 0
    while True:
        mark = data.find(MARK, at)
        between.append(data[at : mark if mark >= 0 else len(data)])
        if mark < 0:
            return records, b"".join(between), len(data)
        end = data.find(b"\n", mark)
        if end < 0:
            return records, b"".join(between), mark
        record = _read(data[mark + 1 : end])
        if record is not None:
            records.append(record)
        at = end + 1


def _read(text: bytes) -> tuple[str, list[Any]] | None:
    try:
        name, *told = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return (name, told) if name in CALLS or name == "end" else None
