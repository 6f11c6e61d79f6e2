"""What each test of the sandbox must leave behind: nothing."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MARKS = (b"/sandbox/guest.py", b"endless-sleep", b"fork-bomb")
SUBREAPER = 36  # of prctl


def processes() -> set[int]:
    """Returns the processes of these tests that are a sandbox or came out of one; others may run beside."""
    parents, marked = {}, set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
                # After the name, which may itself hold a parenthesis: state, parent.
                parents[int(entry.name)] = int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
            except OSError:
                continue
            if any(mark in line for mark in MARKS):
                marked.add(int(entry.name))

    def ours(process: int) -> bool:
        while process and process != os.getpid():
            process = parents.get(process, 0)
        return process != 0

    return {process for process in marked if ours(process)}


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    # What loses its parent falls to this process, so that it is still known as ours.
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    before = processes()
    yield
    end = time.monotonic() + 20
    while processes() - before and time.monotonic() < end:
        time.sleep(0.05)
    left = processes() - before
    ctypes.CDLL(None).prctl(SUBREAPER, 0)
    assert not left
