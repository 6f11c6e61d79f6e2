"""The life of a shared server process, seen from inside.

Its folder holds what it shares with its users, who may be several processes:

- ``state.json``: address and key, there while it serves;
- ``alive``: locked by the server as long as it lives, so that nobody has to trust a process id;
- ``owners``: locked (shared) by each process that uses it; once nobody does, it goes;
- ``used``: its time is that of the last use;
- ``start``: locked by whoever starts or ends the server, so that both never cross.

The kernel lets go of a lock when its process ends, in whatever way.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

FOLDER_ENV = "FLOWLOFT_SERVER_DIR"
KEY_ENV = "FLOWLOFT_SERVER_KEY"
IDLE_ENV = "FLOWLOFT_MODEL_IDLE"
"""Seconds without use after which a server ends; 600 by default."""

LOOK_SECONDS = 1.0


def opened(path: Path) -> IO[bytes]:
    """Opens a lock file, readable by its user only; makes it where it is missing."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def try_lock(file: IO[bytes], *, shared: bool = False) -> bool:
    """Locks a file unless another process has it."""
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(file: IO[bytes]) -> None:
    """Lets go of a lock."""
    fcntl.flock(file, fcntl.LOCK_UN)


def key() -> str:
    """Returns the key that requests must carry; empty where the server was started by hand."""
    return os.environ.get(KEY_ENV, "")


def attend(url: str) -> None:
    """Tells where the server answers and returns when it shall end: nobody uses it any more, or
    nobody has for long. A server that was started by hand ends by a signal.

    Args:
        url: Address up to and without ``/chat/completions`` or ``/embeddings``.
    """
    place = os.environ.get(FOLDER_ENV)
    if not place:
        print(f"serving at {url}", flush=True)  # noqa: T201 - the answer to whoever started it by hand
        while True:
            time.sleep(3600)
    folder = Path(place)
    with _alive(folder):
        _tell(folder, {"url": url, "key": key(), "pid": os.getpid()})
        _wait(folder, float(os.environ.get(IDLE_ENV) or 600))


@contextlib.contextmanager
def _alive(folder: Path) -> Iterator[None]:
    with opened(folder / "alive") as file:
        for _ in range(100):
            if try_lock(file):
                break
            time.sleep(0.05)
        else:
            raise SystemExit("another server lives in this folder")
        yield


def _tell(folder: Path, state: dict[str, object]) -> None:
    fresh = folder / "state.json.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(state, file)
    fresh.replace(folder / "state.json")


def _wait(folder: Path, idle: float) -> None:
    with opened(folder / "owners") as owners, opened(folder / "start") as start:
        while True:
            time.sleep(LOOK_SECONDS)
            if not _over(folder, owners, idle) or not try_lock(start):
                continue
            if _over(folder, owners, idle):
                (folder / "state.json").unlink(missing_ok=True)
                return
            unlock(start)


def _over(folder: Path, owners: IO[bytes], idle: float) -> bool:
    try:
        unused = time.time() - (folder / "used").stat().st_mtime
    except FileNotFoundError:  # the data directory was removed
        return True
    if unused > idle:
        return True
    if not try_lock(owners):
        return False
    unlock(owners)
    return True
