"""One execution of one graph: its values, its errors, and its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flowloft.core.context import CancelToken
from flowloft.core.errors import Cancelled, FlowloftError, Paused
from flowloft.core.types import SKIPPED
from flowloft.engine.run.branches import Branches
from flowloft.engine.run.failure import Broken, Stopped, as_error
from flowloft.engine.run.serial import run_serial

if TYPE_CHECKING:
    from flowloft.core.plan import Graph, Step
    from flowloft.engine.run.shared import Shared


class Frame:
    """One execution of one graph.

    Args:
        run: What all frames of the run share.
        path: Where the graph stands: ``""`` or ``loop_1[3]``.
        inputs: What its input nodes read.
        token: Cancels it from above.
        above: The frame of the container it is the body of.

    Attributes:
        token: Cancels its steps; its own where steps run side by side, so that a failure stops the
            siblings and nothing else.
        running: When each step under way began, by node id.
        current, since: The same for the one step that the serial loop is at, or ``""``.
    """

    __slots__ = (
        "above",
        "branches",
        "closed",
        "current",
        "errors",
        "graph",
        "inputs",
        "outputs",
        "path",
        "paused",
        "run",
        "running",
        "since",
        "token",
        "used",
        "values",
    )

    def __init__(
        self,
        run: Shared,
        graph: Graph,
        path: str,
        inputs: dict[str, Any],
        token: CancelToken,
        above: Frame | None = None,
    ) -> None:
        self.run = run
        self.graph = graph
        self.above = above
        self.errors: list[FlowloftError] = []
        self.paused: Paused | None = None
        self.running: dict[str, float] = {}
        self.used: dict[str, dict[str, float]] = {}
        self.current = ""
        self.since = 0.0
        self.branches: Branches | None = None
        self.closed = False
        run.frames.add(self)
        self.begin(path, inputs, token)

    def begin(self, path: str, inputs: dict[str, Any], token: CancelToken) -> None:
        """Makes it ready to be executed, for the first time or, once it has been, for another round."""
        self.path = path
        self.inputs = inputs
        self.token = token
        self.outputs: dict[str, Any] = {}
        self.values: list[Any] = [SKIPPED] * self.graph.slots
        for name, slot in self.graph.given:
            self.values[slot] = inputs[name]

    def below(self, graph: Graph, path: str, inputs: dict[str, Any], token: CancelToken) -> Frame:
        """Returns a frame for one round of the body of one of its steps."""
        return Frame(self.run, graph, path, inputs, token, self)

    def execute(self) -> dict[str, Any]:
        """Runs the graph in this thread and as many others as there are branches.

        Returns:
            The outputs of the graph by name.

        Raises:
            FlowloftError: The first failure; ``others`` holds those of other branches.
            Paused: A step waits for a person, and all that could be done without it is done.
            Cancelled: It was told to stop before all steps were done.
        """
        try:
            if self.graph.serial:
                run_serial(self)
            else:
                self._run_branches()
        except Stopped:
            stopped = True
        except Exception as error:
            raise Broken from error
        else:
            stopped = False
        if stopped:
            raise self._why()  # Out here, because its cause is what the node raised.
        values = self.values
        for name, slots in self.graph.results:
            for slot in slots:
                value = values[slot]
                if value is not SKIPPED:
                    self.outputs[name] = value
                    break
        return self.outputs

    def leave(self) -> None:
        """Ends it: nothing of it is under way any more."""
        self.run.frames.discard(self)

    def _why(self) -> FlowloftError | Cancelled | Paused:
        """Returns what stopped it: the first error, with those of other branches, a cancellation, or a
        step that waits for a person."""
        if not self.errors:
            return self.paused if self.paused and not self.token else Cancelled(self.token.reason)
        first, *others = self.errors
        first.others.extend(others)
        return first

    def _run_branches(self) -> None:
        above, self.token = self.token, CancelToken()
        above.listen(self.token.cancel)
        try:
            self.branches = Branches(self)
            self.branches.run()
        finally:
            above.unlisten(self.token.cancel)

    def check(self) -> None:
        """Raises :class:`Cancelled` when it was told to stop."""
        if self.token:
            raise Cancelled(self.token.reason)

    def key(self, node_id: str) -> str:
        """Returns the key of one of its steps within the run."""
        return f"{self.path}/{node_id}" if self.path else node_id

    def pause(self, step: Step, paused: Paused, key: str = "") -> None:
        """Tells that a step waits for a person. What needs it waits with it.

        Args:
            key: Under which it is answered; its own by default.
        """
        self.running.pop(step.node_id, None)
        self.current = ""
        if self.token and self.is_closed():
            return
        # A container waits for what waits inside it, and that has asked already.
        question = None if step.body is not None and not key else paused.question
        self.paused = paused
        if question is not None:
            key = key or self.key(step.node_id)
            question = {**question, "step": key}
            self.run.questions.append((key, question))
        self.run.sink.step_waiting(step.node_id, self.path, question, time.time())

    def failed(
        self, step: Step, error: BaseException, started: float, used: dict[str, float] | None = None
    ) -> FlowloftError | None:
        """Tells that a step has ended without a result, and stops its siblings.

        Args:
            used: What it had used until then: that is paid for all the same.

        Returns:
            The error; None where the step was merely cancelled.
        """
        if isinstance(error, Paused) and not self.token:
            self.pause(step, error)
            return None
        self.running.pop(step.node_id, None)
        self.current = ""
        if self.token and self.is_closed():
            return None
        now = time.time()
        echo = any(error is told for told in self.errors)
        if echo or (self.token and isinstance(error, Cancelled | Paused)) or self.run.out_of_time():
            self.run.sink.step_cancelled(step.node_id, self.path, started, now, used)
            return None
        told = as_error(error, step.node_id, self.key(step.node_id), logs=self.run.logs)
        self.errors.append(told)
        self.run.sink.step_failed(step.node_id, self.path, told.payload(), started, now, used)
        if self.branches is not None:
            self.token.cancel("failed")
        return told

    def close(self) -> None:
        """Gives up: what still runs is told as cancelled, and nothing it does is heard any more."""
        self.closed = True
        for frame in list(self.run.frames):
            if frame is self or frame.stands_in(self):
                frame.closed = True
                if frame.current:
                    frame.running[frame.current] = frame.since
                    frame.current = ""
                for node_id, started in list(frame.running.items()):
                    self.run.sink.step_cancelled(
                        node_id, frame.path, started, time.time(), frame.used.get(node_id)
                    )
                frame.running.clear()

    def close_below(self, node_id: str) -> None:
        """Gives up what still runs inside one of its containers."""
        inside = f"{self.key(node_id)}["
        for frame in list(self.run.frames):
            if frame.above is self and frame.path.startswith(inside):
                frame.close()

    def stands_in(self, other: Frame) -> bool:
        """Says whether it belongs, at any depth, to a body of a step of the other frame."""
        frame = self.above
        while frame is not None and frame is not other:
            frame = frame.above
        return frame is other

    def is_closed(self) -> bool:
        """Says whether it, or a frame above it, was given up."""
        frame: Frame | None = self
        while frame is not None:
            if frame.closed:
                return True
            frame = frame.above
        return False
