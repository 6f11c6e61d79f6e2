"""One step, from its inputs to its outputs: tries, time limit, error policy, stream, journal."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from flowloft.core.context import CancelToken
from flowloft.core.current import working_for
from flowloft.core.errors import Cancelled, FlowloftError, Paused, StepTimeout
from flowloft.core.memory import pause_key, pause_question
from flowloft.core.plan import ERROR_PORT
from flowloft.core.stream import LiveText
from flowloft.core.types import Stream, as_text
from flowloft.engine.run.body import GraphBody
from flowloft.engine.run.context import StepContext
from flowloft.engine.run.failure import Broken, Held, Stopped, as_error, worth_retrying
from flowloft.engine.run.pool import POOL
from flowloft.engine.run.shape import by_port, default_outputs, keep
from flowloft.engine.run.tools import ToolBody

if TYPE_CHECKING:
    from flowloft.core.memory import Memory
    from flowloft.core.plan import Graph, Step
    from flowloft.engine.run.frame import Frame


def perform(frame: Frame, step: Step, inputs: dict[str, Any]) -> dict[str, Any]:
    """Runs a step, unless an earlier attempt of the run has already done so.

    Returns:
        The values of the output ports that were taken.

    Raises:
        Stopped: It has failed or was cancelled, and that has been told.
    """
    if frame.run.forgetful:
        return _Work(frame, step, inputs).run()
    context, key = frame.run.context, frame.key(step.node_id)
    if context.journal is not None:
        kept = context.journal.recall(key)
        if kept is not None:
            return kept  # What was told of it still stands.
    if context.memory is not None:
        inputs, known = _remembered(frame, step, key, inputs, context.memory)
        if known is not None:
            return _replay(frame, step, inputs, known)
    name = _result_name(frame, step, inputs) if context.cache is not None else None
    if name is None or context.cache is None:
        return _Work(frame, step, inputs).run()
    known = context.cache.get(name)
    if known is not None and not (context.memory and step.node_id in context.memory.fresh):
        return _replay(frame, step, inputs, known)
    work = _Work(frame, step, inputs)
    outputs = work.run()
    if work.caught is None:
        context.cache.put(name, outputs)
    return outputs


def _remembered(
    frame: Frame, step: Step, key: str, inputs: dict[str, Any], memory: Memory
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Returns the inputs a step is to run with, and what it is known to give.

    Raises:
        Held: The run is to pause before it.
    """
    inputs = memory.inputs.get(key, inputs)
    known = memory.outputs(key, step.node_id)
    if known is not None or step.node_id not in memory.stops:
        return inputs, known
    answer = memory.answers.get(pause_key(key))
    if answer is None:
        shown = _shown(step, inputs)
        frame.run.sink.step_started(step.node_id, frame.path, 1, shown, time.time())
        frame.pause(step, Paused(pause_question(shown)), pause_key(key))
        raise Held
    other = answer.get("inputs") if isinstance(answer, dict) else None
    return (other if isinstance(other, dict) else inputs), None


def _replay(frame: Frame, step: Step, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
    """Tells a step whose result is known; a streamed text comes in one piece."""
    now, sink = time.time(), frame.run.sink
    sink.step_started(step.node_id, frame.path, 1, _shown(step, inputs), now)
    if step.streaming and isinstance(text := outputs.get(step.ports[0]), str):
        sink.step_text(step.node_id, frame.path, step.ports[0], text, now)
    sink.step_succeeded(step.node_id, frame.path, outputs, now, time.time(), True, None, None)
    return outputs


def _result_name(frame: Frame, step: Step, inputs: dict[str, Any]) -> str | None:
    """Returns what the result of a step is kept under; None where it is always computed."""
    if step.identity is None:
        return None
    from flowloft.core.cache import exact_text, result_key  # noqa: PLC0415 - few scripts have a cache

    if step.mark is None:
        step.mark = step.identity() or ""
    text = exact_text(inputs) if step.mark else None
    if text is None:
        return None
    context = frame.run.context
    depends = None
    if step.depends is not None:
        try:
            depends = exact_text(step.depends(context))
        except FlowloftError:
            return None  # Running it tells what is wrong.
        if depends is None:
            return None
    return result_key(step.mark, text, depends or "", str(context.seed))


def _shown(step: Step, inputs: dict[str, Any]) -> dict[str, Any]:
    """Returns inputs as they are told: a text that is still being made has no value yet."""
    if not step.stream_ports:
        return inputs
    return {port: {"$stream": True} if isinstance(value, Stream) else value for port, value in inputs.items()}


def run_light(frame: Frame, step: Step, inputs: dict[str, Any]) -> None:
    """Runs a step that only needs its context, or has several outputs, in the thread of a serial
    graph, and keeps what it gives: the ends of a loop's body and its forks are such.

    Raises:
        Stopped: As :func:`perform`.
    """
    sink, node_id, path = frame.run.sink, step.node_id, frame.path
    frame.since = started = time.time()
    frame.current = node_id
    sink.step_started(node_id, path, 1, inputs, started)
    ctx = None
    try:
        if step.context_as:
            ctx = StepContext(frame, step, frame.token, frame.run.context.deadline)
            outputs = by_port(step, step.call(**inputs, **{step.context_as: ctx}))
        else:
            outputs = by_port(step, step.call(**inputs))
    except (Exception, SystemExit) as error:
        frame.failed(step, error, started, ctx.used if ctx is not None else None)
        raise Stopped from error
    if frame.token.cancelled and frame.is_closed():
        raise Stopped
    frame.current = ""
    used = ctx.used if ctx is not None else None
    sink.step_succeeded(node_id, path, outputs, started, time.time(), False, used, None)
    keep(frame, step, outputs)


class _Work:
    """The tries of one step."""

    __slots__ = ("attempt", "caught", "ctx", "frame", "inputs", "key", "live", "started", "step")

    def __init__(self, frame: Frame, step: Step, inputs: dict[str, Any]) -> None:
        self.frame = frame
        self.step = step
        self.inputs = inputs
        self.attempt = 0
        self.caught: FlowloftError | None = None
        """What an error policy has caught."""
        self.started = 0.0
        self.key = ""
        self.ctx: StepContext | None = None
        self.live: LiveText | None = None

    def run(self) -> dict[str, Any]:
        step = self.step
        try:
            outputs = self._tries() if step.attempts > 1 else self.one_try()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - any failure of a node is told
            return self._settle(error)
        self._succeeded(outputs, None)
        return outputs

    def _tries(self) -> dict[str, Any]:
        from flowloft.engine.run.retry import retrying  # noqa: PLC0415 - few flows retry; tenacity is slow to load

        return retrying(
            self.one_try,
            attempts=self.step.attempts,
            delay=self.step.delay,
            again=lambda error: self.live is None and not self.frame.token and worth_retrying(error),
            told=self._retrying,
            sleep=StepContext(self.frame, self.step, self.frame.token, self._deadline()).sleep,
        )

    def _retrying(self, error: BaseException, delay: float) -> None:
        frame, step = self.frame, self.step
        told = as_error(error, step.node_id, frame.key(step.node_id), logs=frame.run.logs)
        frame.run.sink.step_retrying(
            step.node_id, frame.path, self.attempt, delay, told.payload(), time.time()
        )

    def one_try(self) -> dict[str, Any]:
        """Runs the step once. Called again for each further try."""
        frame, step = self.frame, self.step
        self.attempt += 1
        self.started = frame.running[step.node_id] = time.time()
        self._begin()
        if step.effect != "none" and not self.key:
            self.key = self._intend()
        if step.timeout is not None:
            return self._within(step.timeout)
        return self._call(frame.token, self._deadline())

    def _begin(self) -> None:
        frame, step = self.frame, self.step
        try:
            frame.run.sink.step_started(
                step.node_id, frame.path, self.attempt, _shown(step, self.inputs), self.started
            )
        except Exception as error:
            raise Broken from error

    def _intend(self) -> str:
        context, key = self.frame.run.context, self.frame.key(self.step.node_id)
        if context.journal is not None:
            return context.journal.intend(key, repeatable=self.step.effect == "repeatable")
        return f"{context.run_id or uuid.uuid4().hex}:{key}"

    def _deadline(self) -> float | None:
        return self.frame.run.context.deadline

    def _within(self, seconds: float) -> dict[str, Any]:
        """One try in a thread of its own, so that one that does not look at the clock can be left."""
        limit = time.monotonic() + seconds
        deadline = self._deadline()
        token = CancelToken()
        results: list[dict[str, Any]] = []
        errors: list[BaseException] = []
        over = threading.Event()

        def work() -> None:
            try:
                with working_for(self.frame.run.context):
                    results.append(self._call(token, min(limit, deadline) if deadline else limit))
            except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
                errors.append(error)
            over.set()

        self.frame.token.listen(token.cancel)
        try:
            POOL.start(work)
            if not over.wait(seconds):
                token.cancel("timed_out")
                if self.ctx is not None:
                    self.ctx.over = True
                if self.step.body is not None:
                    self.frame.close_below(self.step.node_id)
                raise StepTimeout(
                    f"It took longer than the {seconds:g} s that it is allowed.",
                    hint="Allow more time in the node's settings, or let it do less.",
                )
        finally:
            self.frame.token.unlisten(token.cancel)
        if errors:
            raise errors[0]
        return results[0]

    def _call(self, token: CancelToken, deadline: float | None) -> dict[str, Any]:
        step, arguments = self.step, self.inputs
        ctx = self.ctx
        if step.context_as or step.body_as or step.stream_ports or step.streaming:
            used = ctx.used if ctx is not None else None
            ctx = self.ctx = StepContext(self.frame, step, token, deadline)
            ctx.used = used
            ctx.idempotency_key = self.key
            arguments = dict(arguments)
            for port in step.stream_ports:
                if port in arguments and not isinstance(arguments[port], Stream):
                    arguments[port] = LiveText.of(as_text(arguments[port]))
            if step.context_as:
                arguments[step.context_as] = ctx
            if step.body_as and step.body is not None:
                return self._call_with_body(step.body_as, step.body, arguments, ctx)
        result = step.call(**arguments)
        if step.streaming and ctx is not None:
            result = self._drain(result, ctx)
        return by_port(step, result)

    def _call_with_body(
        self, name: str, graph: Graph, arguments: dict[str, Any], ctx: StepContext
    ) -> dict[str, Any]:
        node_id = self.step.node_id
        if graph.toolbox is not None:
            tools = ToolBody(self.frame, graph.toolbox, node_id, ctx)
            result = self.step.call(**arguments, **{name: tools})
            return by_port(self.step, self._drain(result, ctx) if self.step.streaming else result)
        body = GraphBody(self.frame, graph, node_id, ctx.cancel)
        try:
            return by_port(self.step, self.step.call(**arguments, **{name: body}))
        finally:
            body.close()

    def _drain(self, result: Any, ctx: StepContext) -> str:
        """Passes chunks on as they come and returns the whole text."""
        chunks: list[str] = []
        port = self.step.ports[0]
        for chunk in [result] if isinstance(result, str) else result:
            if ctx.over or ctx.cancel:
                if hasattr(result, "close"):
                    result.close()
                raise Cancelled(ctx.cancel.reason)
            if not chunk:
                continue
            chunks.append(chunk)
            ctx.text(chunk, port)
            if self.live is None and self.step.then_live and self.frame.branches is not None:
                self.live = self.frame.branches.open_live(self.step)
            if self.live is not None:
                self.live.write(chunk)
        if self.live is not None:
            self.live.close()
        return "".join(chunks)

    def _succeeded(self, outputs: dict[str, Any], error: FlowloftError | None) -> None:
        frame, step = self.frame, self.step
        self.caught = error
        if frame.token and frame.is_closed():
            raise Stopped
        frame.running.pop(step.node_id, None)
        frame.run.sink.step_succeeded(
            step.node_id,
            frame.path,
            outputs,
            self.started,
            time.time(),
            False,
            self.ctx.used if self.ctx is not None else None,
            error.payload() if error is not None else None,
        )

    def _settle(self, error: BaseException) -> dict[str, Any]:
        """Ends a step that has failed: by its policy, or else together with its graph."""
        frame, step = self.frame, self.step
        if isinstance(error, Paused) and not frame.token:
            frame.pause(step, error)
            raise Held from error
        caught = step.on_error != "stop" and not frame.token and not frame.run.out_of_time()
        if caught and not isinstance(error, Cancelled | Paused):
            told = as_error(error, step.node_id, frame.key(step.node_id), logs=frame.run.logs)
            if self.live is not None:
                self.live.close(told)
            outputs = {ERROR_PORT: told.payload()} if step.on_error == "branch" else default_outputs(step)
            self._succeeded(outputs, told)
            return outputs
        failure = frame.failed(step, error, self.started, self.ctx.used if self.ctx is not None else None)
        if self.live is not None:
            self.live.close(failure or Cancelled(frame.token.reason))
        raise Stopped from error
