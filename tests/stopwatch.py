"""A clock for what must happen soon, on machines that are busy with other tests too."""

from __future__ import annotations

import threading
import time
from types import TracebackType

PACE = 0.02


class Stopwatch:
    """Measures seconds, less those by which the machine was late: what its own sleeper overslept.

    What the product waits for in vain still counts in full; what the machine does for others does not.
    """

    def __enter__(self) -> Stopwatch:
        self._late = 0.0
        self._over = threading.Event()
        self._sleeper = threading.Thread(target=self._sleep, daemon=True)
        self._sleeper.start()
        self._began = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.monotonic() - self._began - self._late
        self._over.set()
        self._sleeper.join()

    def _sleep(self) -> None:
        while not self._over.is_set():
            slept = time.monotonic()
            time.sleep(PACE)
            self._late += max(time.monotonic() - slept - 2 * PACE, 0.0)
