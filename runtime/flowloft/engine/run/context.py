"""The view of a run's context that one try of one step gets."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Literal

from flowloft.core.context import CancelToken, Context
from flowloft.core.errors import StepTimeout
from flowloft.core.memory import TIMED_OUT
from flowloft.engine.run.failure import Broken

if TYPE_CHECKING:
    from flowloft.core.plan import Step
    from flowloft.engine.run.frame import Frame

_ROUND = re.compile(r"\[\d+\]")


class StepContext(Context):
    """As :class:`Context`, with the step's own inputs, log, progress, text and usage.

    Args:
        token: Cancels this try; the frame's own unless the try has a time limit.
        deadline: Monotonic time at which the try is over, or None.
    """

    def __init__(self, frame: Frame, step: Step, token: CancelToken, deadline: float | None) -> None:
        self.__dict__.update(frame.run.context.__dict__)
        self.cancel = token
        self.deadline = deadline
        self.inputs = frame.inputs
        self.idempotency_key = ""
        self.used: dict[str, float] | None = None
        self.over = False
        self._frame = frame
        self._step = step

    def place(self) -> str:
        return _ROUND.sub("", self._frame.key(self._step.node_id))

    def log(self, message: str, level: Literal["debug", "info", "warning", "error"] = "info") -> None:
        self._tell("log", level, message)

    def progress(self, done: int, total: int | None = None) -> None:
        self._tell("step_progress", done, total)

    def text(self, chunk: str, port: str = "output") -> None:
        if chunk:
            self._tell("step_text", port, chunk)

    def usage(self, counts: dict[str, Any]) -> None:
        used = self.used = self.used if self.used is not None else {}
        self._frame.used[self._step.node_id] = used  # where the step is given up, this is known all the same
        for name, count in counts.items():
            used[name] = used.get(name, 0) + count

    def ask(self, question: dict[str, Any]) -> Any:
        key = self._frame.key(self._step.node_id)
        if self.memory is not None and key in self.memory.answers:
            answer = self.memory.answers[key]
            if answer == TIMED_OUT:
                raise StepTimeout(
                    "Nobody has answered in time.",
                    code="not_answered",
                    hint="Allow more time, or give the node an answer to go on with.",
                )
            return answer
        return super().ask(question)

    def _tell(self, what: str, *told: Any) -> None:
        """Tells the sink, unless nobody wants to hear of this try any more."""
        frame = self._frame
        if self.over or (self.cancel and frame.is_closed()):
            return
        try:
            getattr(frame.run.sink, what)(self._step.node_id, frame.path, *told, time.time())
        except Exception as error:
            raise Broken from error
