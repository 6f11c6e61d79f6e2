"""A local engine of this process, behind its door: started, asked where it answers, ended."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from flowloft.core import engine_door
from flowloft.core.errors import BackendError
from flowloft.core.framework import Launch

START_SECONDS = 900.0
"""A large model takes minutes to load."""
IDLE_SECONDS = 3600
"""Seconds without a call after which an engine ends whose owner was killed."""
POLL_SECONDS = 0.1


class EngineProcess:
    """One engine with its door.

    Args:
        folder: For its log.
        launch: The engine's command.
        health: Path that answers 200 once it can be used.

    Attributes:
        url: Where it answers; known once :meth:`start` has returned.
        key: To send as bearer token.
    """

    def __init__(self, folder: Path, launch: Launch, health: str) -> None:
        self.folder, self.url, self.key = folder, "", secrets.token_urlsafe(24)
        self._launch, self._health = launch, health
        self._door: subprocess.Popen[bytes] | None = None

    def start(self, check: Callable[[], None]) -> None:
        """Starts it and waits until it answers.

        Args:
            check: Called while waiting; raises when whoever waits is no longer wanted.

        Raises:
            BackendError: ``server_start_failed``, with the end of its log.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        launch, log = self._launch, self.folder / "log.txt"
        argv = [
            *(sys.executable, "-P", engine_door.__file__, "--health", self._health),
            *("--idle", str(IDLE_SECONDS), "--start-seconds", str(START_SECONDS)),
            *(["--key-env", launch.key_env] if launch.key_env else []),
            *("--", *launch.argv),
        ]
        env = {**os.environ, **launch.env, "PYTHONUNBUFFERED": "1", engine_door.KEY_ENV: self.key}
        with log.open("wb") as out:
            self._door = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env
            )
        atexit.register(self.stop)
        threading.Thread(target=self._door.wait, daemon=True, name="flowloft-reap").start()
        try:
            while not self.url:
                check()
                self._read(log)
                time.sleep(POLL_SECONDS)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the door, and with it the engine."""
        door, self._door = self._door, None
        atexit.unregister(self.stop)
        if door is not None and door.returncode is None:
            door.terminate()
            door.wait()

    def _read(self, log: Path) -> None:
        text = log.read_bytes().decode(errors="replace")
        for line in text.splitlines():
            if line.startswith(engine_door.MARK):
                told = json.loads(line.removeprefix(engine_door.MARK))
                self.url = told.get("url", self.url)
        if not self.url and self._door is not None and self._door.returncode is not None:
            raise BackendError(
                "The local model server did not start.",
                code="server_start_failed",
                permanent=False,
                hint=f"Its last words: {text.strip()[-600:] or 'none'}. The whole log is {log}.",
            )
