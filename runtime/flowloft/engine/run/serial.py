"""Where nothing can run side by side, one loop is the whole engine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flowloft.core.types import SKIPPED
from flowloft.engine.run.failure import Stopped
from flowloft.engine.run.perform import perform, run_light
from flowloft.engine.run.shape import keep

if TYPE_CHECKING:
    from flowloft.core.plan import Gather, Step
    from flowloft.engine.run.frame import Frame


def run_serial(frame: Frame) -> None:
    """Runs the steps of a serial graph, in order, in this thread.

    The plain ones are run right here instead of in :func:`perform`: a chain of small steps should
    cost little more than calling them.

    Raises:
        Stopped: A step has failed, or the run was told to stop.
    """
    path, values, token = frame.path, frame.values, frame.token
    sink = frame.run.sink
    step_started, step_succeeded, now = sink.step_started, sink.step_succeeded, time.time
    forgetful = frame.run.forgetful
    if token:
        raise Stopped
    for step, node_id, plain, call, gather, lead, source, slot, port in frame.graph.rows:
        inputs: dict[str, Any] | None
        if lead:
            value = values[source]
            inputs = None if value is SKIPPED else {lead: value}
        else:
            inputs = _read(frame, step, gather)
        if inputs is None:
            sink.step_skipped(node_id, path, now())
        elif not (plain and forgetful):
            if step.light and forgetful:
                run_light(frame, step, inputs)
            else:
                keep(frame, step, perform(frame, step, inputs))
        else:
            frame.since = started = now()
            frame.current = node_id
            step_started(node_id, path, 1, inputs, started)
            try:
                value = call(value) if lead else call(**inputs)
            except (Exception, SystemExit) as error:
                frame.failed(step, error, started)
                raise Stopped from error
            if token.cancelled and frame.is_closed():
                raise Stopped
            values[slot] = value
            outputs = {} if value is SKIPPED else {port: value}
            frame.current = ""
            step_succeeded(node_id, path, outputs, started, now(), False, None, None)
        if token.cancelled:
            raise Stopped


def _read(frame: Frame, step: Step, gather: Gather) -> dict[str, Any] | None:
    try:
        return gather(frame.values)
    except Exception as error:
        frame.failed(step, error, time.time())
        raise Stopped from error
