"""Keeps an eye on a sandbox from outside: its time, its memory, what it writes, and its end."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flowloft.sandbox.limits import Limits

TICK = 0.05
"""Seconds between two looks."""
HEARSAY = 1.0
"""Seconds in which a job that is ended hears of it after a sandbox of its own did."""
_ASKED_TO_END = {128 + signal.SIGTERM, 128 + signal.SIGINT}
_PIECE = 1 << 16
_ERRORS_KEPT = 1 << 16
"""Bytes of stderr that are kept: its end."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_OUR_OWN = 2
"""Processes that bubblewrap itself is, outside and inside; they do not count as the guest's."""


@dataclass(frozen=True, slots=True)
class Watched:
    """How it ended. ``stopped`` names the limit that it met; empty where it ended by itself."""

    exit_code: int
    output: bytes
    errors: bytes
    stopped: str


def watch(
    argv: list[str], stdin: bytes, env: dict[str, str], limits: Limits, check: Callable[[], None]
) -> Watched:
    """Runs a sandbox to its end, or ends it with all its processes.

    ``--die-with-parent`` binds it to this thread: should the thread end, the sandbox does too.
    """
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd="/"
    )
    feeder = threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True)
    feeder.start()
    output, errors = bytearray(), bytearray()
    try:
        stopped = _read(process, output, errors, limits, check)
    finally:
        if process.poll() is None:
            process.kill()
        _drain(process)
        process.wait()
        feeder.join()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    code = process.returncode if process.returncode >= 0 else 128 - process.returncode
    if code in _ASKED_TO_END:
        _hear(check)
    return Watched(code, bytes(output), bytes(errors), stopped)


def _hear(check: Callable[[], None]) -> None:
    """Gives a cancellation the time to arrive.

    Who ends a whole job (a cluster, a terminal) signals all its processes at once, and the sandbox may be
    gone before this process has heard: the step was cancelled then, and has not failed.
    """
    until = time.monotonic() + HEARSAY
    while time.monotonic() < until:
        check()
        time.sleep(TICK)


def _feed(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError), pipe:
            pipe.write(data)


def _read(
    process: subprocess.Popen[bytes],
    output: bytearray,
    errors: bytearray,
    limits: Limits,
    check: Callable[[], None],
) -> str:
    """Gathers what it writes until both pipes end; returns the limit that it met, or nothing."""
    until = time.monotonic() + limits.seconds
    printed, crowded = 0, False
    with selectors.DefaultSelector() as waiting:
        for stream, kept in ((process.stdout, output), (process.stderr, errors)):
            if stream is not None:
                waiting.register(stream, selectors.EVENT_READ, kept)
        while waiting.get_map():
            for key, _ in waiting.select(TICK):
                piece = os.read(key.fd, _PIECE)
                if not piece:
                    waiting.unregister(key.fileobj)
                    continue
                key.data.extend(piece)
                if key.data is errors:
                    printed += len(piece)
                    del errors[:-_ERRORS_KEPT]
            check()
            inside = _tree(process.pid)
            crowded = crowded or _tasks(inside) >= limits.processes + _OUR_OWN
            if time.monotonic() > until:
                return "crowd" if crowded else "time"
            if len(output) > limits.output or printed > limits.output:
                return "output"
            if _memory(inside) > limits.memory:
                return "memory"
    return ""


def _drain(process: subprocess.Popen[bytes]) -> None:
    """Reads both pipes to their end, which comes when the last process inside is gone."""
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            with suppress(ValueError, OSError):
                while stream.read(_PIECE):
                    pass


def _memory(below: list[int]) -> int:
    """Returns the bytes that processes hold; shared pages count once."""
    rough = sum(_resident(one) for one in below)
    if len(below) < 4 or rough < 64 << 20:
        return rough
    return sum(_proportional(one) for one in below)


def _tree(pid: int) -> list[int]:
    found, left = [], [pid]
    while left:
        one = left.pop()
        found.append(one)
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                left.extend(int(child) for child in (task / "children").read_text().split())
    return found


def _tasks(below: list[int]) -> int:
    """Returns how many threads processes have."""
    count = 0
    for pid in below:
        with suppress(OSError):
            count += len(os.listdir(f"/proc/{pid}/task"))
    return count


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def _proportional(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    except OSError:
        return _resident(pid)
    return 0
