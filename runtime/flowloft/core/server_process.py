"""A server process that several processes of one data directory share.

Whoever needs it first starts it; it ends by itself when nobody uses it (``server_child.py`` is the
inside and explains the files).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from flowloft.core.errors import BackendError
from flowloft.core.server_child import FOLDER_ENV, KEY_ENV, opened, try_lock, unlock

START_SECONDS = 60.0
POLL_SECONDS = 0.03
TOUCH_SECONDS = 5.0

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def data_dir() -> Path:
    """Returns the folder that the studio or a script keeps its things in: ``FLOWLOFT_DATA``, else
    ``flowloft`` in the user's data folder if one is named, else ``~/.flowloft``."""
    named = os.environ.get("FLOWLOFT_DATA")
    if named:
        return Path(named).expanduser().absolute()
    shared = os.environ.get("XDG_DATA_HOME")
    return Path(shared) / "flowloft" if shared else Path.home() / ".flowloft"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server answers.

    Attributes:
        url: Up to and without ``/chat/completions``.
        key: To send as bearer token.
        pid: Process id of the server.
    """

    url: str
    key: str = field(repr=False)
    pid: int


class ServerProcess:
    """One shared server. Threads and processes may ask for its address at the same time.

    Args:
        folder: Its own, inside the data directory.
        command: Program and arguments; looked at when it has to be started.
    """

    def __init__(self, folder: Path, command: Callable[[], Sequence[str]]) -> None:
        self.folder = folder
        self._command = command
        self._guard = threading.Lock()
        self._owner: IO[bytes] | None = None
        self._known: Address | None = None
        self._touched = 0.0

    def address(self, check: Callable[[], None]) -> Address:
        """Returns where the server answers; starts it where it does not run.

        Args:
            check: Called while waiting; raises when whoever waits is no longer wanted.

        Raises:
            BackendError: ``server_start_failed``, with the end of the server's log.
        """
        known = self._known
        # One that lives may be another one by now, started by another process at another address.
        if known is not None and self._is_alive() and self._state() == known:
            self.touch()
            return known
        while not self._guard.acquire(timeout=0.1):
            check()
        try:
            with self._starting(check):
                self._own()
                self.touch(at_once=True)
                self._known = self._running() or self._start(check)
                return self._known
        finally:
            self._guard.release()

    def touch(self, *, at_once: bool = False) -> None:
        """Notes that the server is in use; cheap enough to call for every piece of an answer."""
        now = time.monotonic()
        if at_once or now - self._touched > TOUCH_SECONDS:
            self._touched = now
            with contextlib.suppress(FileNotFoundError):
                os.utime(self.folder / "used")

    def end_if_stuck(self) -> None:
        """Kills a server that lives and does not answer; the next call starts another."""
        state = self._state()
        if state is not None and self._is_alive() and not _healthy(state):
            self._kill(state)
        self._known = None

    def stop(self) -> None:
        """Ends the server, for whoever else uses it too."""
        state = self._state()
        if state is not None and self._is_alive():
            self._kill(state, signal.SIGTERM)
        self._known = None

    def is_running(self) -> bool:
        """Says whether the server lives; starts nothing."""
        return self.folder.is_dir() and self._is_alive()

    def _kill(self, state: Address, by: signal.Signals = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(state.pid, by)
        until = time.monotonic() + 5
        while self._is_alive() and time.monotonic() < until:
            time.sleep(POLL_SECONDS)

    def _is_alive(self) -> bool:
        try:
            with (self.folder / "alive").open("r+b") as file:
                return not try_lock(file, shared=True)
        except FileNotFoundError:
            return False

    @contextlib.contextmanager
    def _starting(self, check: Callable[[], None]) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with opened(self.folder / "start") as file:
            while not try_lock(file):
                check()
                time.sleep(POLL_SECONDS)
            try:
                yield
            finally:
                unlock(file)

    def _own(self) -> None:
        """Keeps the server alive as long as this process is."""
        opened(self.folder / "used").close()
        if self._owner is None:
            self._owner = opened(self.folder / "owners")
            while not try_lock(self._owner, shared=True):
                time.sleep(POLL_SECONDS)

    def _running(self) -> Address | None:
        return self._state() if self._is_alive() else None

    def _state(self) -> Address | None:
        try:
            return Address(**json.loads((self.folder / "state.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _start(self, check: Callable[[], None]) -> Address:
        (self.folder / "state.json").unlink(missing_ok=True)
        log = self.folder / "log.txt"
        with log.open("wb") as out:
            child = subprocess.Popen(
                list(self._command()),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                start_new_session=True,
            )
        threading.Thread(target=child.wait, daemon=True, name="flowloft-reap").start()
        until = time.monotonic() + START_SECONDS
        try:
            while time.monotonic() < until and child.returncode is None:
                state = self._running()
                if state is not None:
                    return state
                check()
                time.sleep(POLL_SECONDS)
        except BaseException:
            child.kill()
            raise
        child.kill()
        raise BackendError(
            "The local model server did not start.",
            code="server_start_failed",
            permanent=False,
            hint=f"Its last words: {_tail(log) or 'none'}. The whole log is {log.name} in {self.folder}.",
        )

    def _environment(self) -> dict[str, str]:
        runtime = str(Path(__file__).parents[2])
        return {
            **_ONE_THREAD,
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (runtime, os.environ.get("PYTHONPATH")))),
            FOLDER_ENV: str(self.folder),
            KEY_ENV: secrets.token_urlsafe(24),
        }


def _healthy(state: Address) -> bool:
    url = state.url.removesuffix("/v1") + "/health"
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _tail(log: Path) -> str:
    return log.read_bytes()[-600:].decode(errors="replace").strip()
