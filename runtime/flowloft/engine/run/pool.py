"""Threads that are kept for the next branch. Daemons: one that is stuck in a call that nobody can
interrupt must not keep the process alive."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

IDLE_SECONDS = 20.0
"""How long a thread waits for more work before it ends."""


class Pool:
    """Starts a job at once, in a thread that is idle or in a new one. Without a bound of its own:
    each run bounds how many branches it starts."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._jobs: deque[Callable[[], None]] = deque()
        self._idle = 0

    def start(self, job: Callable[[], None]) -> None:
        """Runs a job in another thread. The job must not raise."""
        with self._changed:
            self._jobs.append(job)
            if self._idle >= len(self._jobs):
                self._changed.notify()
                return
        threading.Thread(target=self._work, name="flowloft-branch", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._jobs:
                    self._idle += 1
                    self._changed.wait(IDLE_SECONDS)
                    self._idle -= 1
                    if not self._jobs:
                        return
                job = self._jobs.popleft()
            job()


POOL = Pool()
"""Shared by all runs of the process."""
