"""What each test of the sandbox must leave behind: nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MARKS = (b"/sandbox/guest.py", b"endless-sleep", b"fork-bomb")


def processes() -> set[str]:
    """Returns the processes that are a sandbox or came out of one."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if any(mark in line for mark in MARKS):
                found.add(entry.name)
    return found


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = processes()
    yield
    end = time.monotonic() + 20
    while processes() - before and time.monotonic() < end:
        time.sleep(0.05)
    assert not processes() - before
