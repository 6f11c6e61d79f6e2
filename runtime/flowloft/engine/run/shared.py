"""What all frames of one run share: the context, the sink, and the threads for its branches."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flowloft.core.context import Context
from flowloft.core.current import working_for
from flowloft.engine.run.pool import POOL

if TYPE_CHECKING:
    from flowloft.core.events import Sink
    from flowloft.engine.run.frame import Frame


AT_ONCE = 2
"""How many further threads one thread asks for: they double at each step, and soon are enough."""


class Shared:
    """One run.

    Args:
        branches: How many branches may run at once, the thread that began the run among them.

        logs: Whether an error that no node foresaw is logged; not where it is raised again.

    Attributes:
        frames: Those that are being executed.
    """

    def __init__(self, context: Context, sink: Sink, branches: int, *, logs: bool = True) -> None:
        self.context = context
        self.sink = sink
        self.logs = logs
        self.frames: set[Frame] = set()
        self.forgetful = context.journal is None and context.cache is None and context.memory is None
        """Whether steps are simply run: nothing is known of any of them beforehand."""
        self.questions: list[tuple[str, dict[str, Any]]] = []
        """What steps have asked, by their key."""
        self._most = branches - 1
        self._threads = 0
        self._lock = threading.Lock()
        self._offers: deque[Callable[[], None]] = deque()

    def out_of_time(self) -> bool:
        """Says whether the time allowed for the run has passed; if so, stops it."""
        deadline = self.context.deadline
        if deadline is None or time.monotonic() < deadline:
            return False
        self.context.cancel.cancel("timed_out")
        return True

    def offer(self, job: Callable[[], None]) -> None:
        """Offers work to a further thread. Whoever offers must be able to do it alone in the end:
        an offer is taken up when a thread is free, and may find that nothing is left to do."""
        with self._lock:
            self._offers.append(job)
            if self._threads >= self._most:
                return
            self._threads += 1
        POOL.start(self._take_offers)

    def _take_offers(self) -> None:
        while True:
            with self._lock:
                if not self._offers:
                    self._threads -= 1
                    return
                job = self._offers.popleft()
            with working_for(self.context):
                job()
