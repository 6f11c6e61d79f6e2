"""One program that the supervisor keeps running."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

STEADY = 30.0
"""Seconds after which a start counts as good, so that the next one is not delayed."""
LONGEST_DELAY = 15.0
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)
WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
"""Signals that the supervisor waits for itself, and so has to unblock for its children."""


def _in_child() -> None:
    """Ends this process when the supervisor ends, even by SIGKILL."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """A program, and what is needed to start it again.

    Attributes:
        name: Shown in messages; its output goes to ``logs/<name>.log``.
        argv: The command.
        log: The file its output is added to.
        grace: Seconds between asking it to stop and killing it.
    """

    name: str
    argv: list[str]
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    grace: float = 6.0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    next_start: float = 0.0
    failures: int = 0

    def start(self) -> None:
        """Starts it in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.argv,
                cwd=self.cwd,
                env=os.environ | self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_in_child,  # noqa: PLW1509 - the supervisor has one thread
            )
        self.started = time.monotonic()

    def tend(self, now: float) -> None:
        """Notices that it died, and starts it again after a delay that doubles with each failure."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.failures = 0 if now - self.started > STEADY else self.failures + 1
            delay = 0.0 if self.failures <= 1 else min(LONGEST_DELAY, 0.5 * 2**self.failures)
            self.next_start = now + delay
            self.process = None
            print(
                f"{self.name} ended ({describe(code)}); starting it again"
                f"{f' in {delay:.0f} s' if delay else ''}. Its log: {self.log}",
                file=sys.stderr,
                flush=True,
            )
        if now >= self.next_start:
            self.start()

    def ask_to_stop(self) -> None:
        """Sends SIGTERM, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait_stopped(self) -> None:
        """Waits for its end, and kills its whole session when it takes longer than ``grace``."""
        if self.process is None:
            return
        try:
            self.process.wait(self.grace)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def describe(code: int) -> str:
    """Returns an exit code in words."""
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
