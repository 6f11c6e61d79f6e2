"""A whole run, from inputs to outcome."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, cast

from flowloft.core.context import Context
from flowloft.core.current import call_context, working_for
from flowloft.core.errors import Cancelled, FlowError, FlowloftError, Paused, StepTimeout
from flowloft.core.plan import Plan
from flowloft.engine.run.failure import Broken
from flowloft.engine.run.frame import Frame
from flowloft.engine.run.grace import LAST_GRACE
from flowloft.engine.run.outcome import Outcome
from flowloft.engine.run.pool import POOL
from flowloft.engine.run.shared import Shared
from flowloft.engine.run.silent import Silent

if TYPE_CHECKING:
    from flowloft.core.events import Sink

BRANCHES = 64
"""How many branches of one run work at once, unless told otherwise. Branches mostly wait for
models and services, so this is far above the number of processors; what is beyond it waits for a
thread to be free."""


def run_plan(
    plan: Plan,
    inputs: dict[str, Any] | None = None,
    context: Context | None = None,
    sink: Sink | None = None,
    *,
    branches: int = BRANCHES,
    only: str | None = None,
    until: str | None = None,
    start: str | None = None,
) -> Outcome:
    """Runs a plan and waits for its end.

    Returns within a second of ``context.cancel.cancel()`` and of the context's timeout: a step that
    does not obey is left behind in its thread, told as cancelled, and not heard any more.

    Args:
        inputs: What input nodes read, by name.
        context: Models, journal, time limit; by default a bare one, which stops with the run around
            it where a step calls this.
        sink: Is told every step, from many threads. What it raises ends the run.
        branches: How many branches work at once.
        only: Id of the one node to run; ``inputs`` are then those of its ports, and the outputs its.
        until: Id of the last node to run, with all that it needs; the outputs are its.
        start: Key of the step to run again, with all that comes after it: of what the context's
            memory was given by an earlier run, only what stands before it is used.

    Returns:
        How it ended; failures of nodes are in it and not raised.

    Raises:
        InputError: ``unknown_node``: there is no such node.
    """
    context = context or call_context()
    if only or until or start:
        from flowloft.engine.run import part  # noqa: PLC0415 - most runs are whole

        plan, inputs, context = part.narrowed(plan, inputs or {}, context, only, until, start)
    shared = Shared(context, sink or cast("Sink", Silent()), branches)
    frame = Frame(shared, plan.graph, "", dict(inputs or {}), context.cancel)
    try:
        at_once = plan.graph.quick and context.deadline is None
        return _outcome(shared, _execute(frame) if at_once else _watch(frame, context))
    finally:
        # Whatever an error policy or a time limit has left behind is not heard after the end.
        frame.close()
        frame.leave()


def run_here(
    plan: Plan,
    inputs: dict[str, Any],
    context: Context | None = None,
    sink: Sink | None = None,
    *,
    branches: int = BRANCHES,
) -> dict[str, Any]:
    """Runs a plan in this thread, for whoever called it as a function.

    As :func:`run_plan`, but what goes wrong is raised, and a step that does not obey is waited for:
    the caller's own interrupt ends it. A time limit is only seen between steps.

    Returns:
        The outputs by name.

    Raises:
        FlowloftError: The first failure, with ``others``; what the step raised is its cause.
        Cancelled: Someone asked for it.
    """
    context = context or call_context()
    shared = Shared(context, sink or cast("Sink", Silent()), branches, logs=False)
    frame = Frame(shared, plan.graph, "", inputs, context.cancel)
    try:
        with working_for(context):
            return frame.execute()
    except Broken as error:
        raise error.__cause__ or error from None
    except Paused:
        raise FlowError(
            "A step waits for a person, and nobody can be asked here.",
            code="nobody_to_ask",
            hint="Run it with Context(answer=...), a function that takes the question.",
        ) from None
    except KeyboardInterrupt:
        context.cancel.cancel()
        raise
    finally:
        frame.leave()


Result = dict[str, Any] | FlowloftError | Cancelled | Paused


def _execute(frame: Frame) -> Result:
    try:
        with working_for(frame.run.context):
            return frame.execute()
    except (FlowloftError, Cancelled, Paused) as error:
        return error
    except Broken as error:
        raise error.__cause__ or error from None


def _watch(frame: Frame, context: Context) -> Result:
    """Executes in another thread, and leaves it behind when it neither ends nor obeys."""
    results: list[Result] = []
    broken: list[BaseException] = []
    wake = threading.Event()
    over = threading.Event()

    def work() -> None:
        try:
            results.append(_execute(frame))
        except BaseException as error:  # noqa: BLE001 - a bug of the engine or the sink: raised below
            broken.append(error)
        over.set()
        wake.set()

    def cancelled(reason: str) -> None:
        wake.set()

    context.cancel.listen(cancelled)
    try:
        POOL.start(work)
        left = None if context.deadline is None else max(0.0, context.deadline - time.monotonic())
        if not wake.wait(left):
            context.cancel.cancel("timed_out")
        if not over.wait(LAST_GRACE if context.cancel else None):
            return Cancelled(context.cancel.reason)
    except BaseException:
        context.cancel.cancel()
        raise
    finally:
        context.cancel.unlisten(cancelled)
    if broken:
        raise broken[0]
    return results[0]


def _outcome(shared: Shared, result: Result) -> Outcome:
    context = shared.context
    if context.cancel and context.cancel.reason == "timed_out":
        return Outcome(
            "timed_out",
            failures=(
                StepTimeout(
                    "The run took longer than it is allowed.",
                    hint="Allow more time, or let the flow do less.",
                ),
            ),
        )
    if context.cancel or isinstance(result, Cancelled):
        return Outcome("cancelled")
    if isinstance(result, Paused):
        return Outcome("waiting", questions=tuple(shared.questions))
    if isinstance(result, FlowloftError):
        return Outcome("failed", failures=tuple(_flat(result)))
    return Outcome("succeeded", outputs=result)


def _flat(error: FlowloftError) -> list[FlowloftError]:
    return [error, *(one for other in error.others for one in _flat(other))]
