"""Where nothing can run side by side, one loop is the whole engine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flowloft.core.types import SKIPPED
from flowloft.engine.run.failure import Stopped
from flowloft.engine.run.perform import keep, perform

if TYPE_CHECKING:
    from flowloft.engine.run.frame import Frame


def run_serial(frame: Frame) -> None:
    """Runs the steps of a serial graph, in order, in this thread.

    The plain ones are run right here instead of in :func:`perform`: a chain of small steps should
    cost little more than calling them.

    Raises:
        Stopped: A step has failed, or the run was told to stop.
    """
    path, values, token, running = frame.path, frame.values, frame.token, frame.running
    sink = frame.run.sink
    step_started, step_succeeded, now = sink.step_started, sink.step_succeeded, time.time
    forgetful = frame.run.context.journal is None
    for step in frame.graph.steps:
        if token:
            raise Stopped
        inputs = step.gather(values)
        if inputs is None:
            sink.step_skipped(step.node_id, path, now())
        elif not (forgetful and step.plain):
            keep(frame, step, perform(frame, step, inputs))
        else:
            node_id = step.node_id
            running[node_id] = started = now()
            step_started(node_id, path, 1, inputs, started)
            try:
                value = step.call(**inputs)
            except (Exception, SystemExit) as error:
                frame.failed(step, error, started)
                raise Stopped from error
            if token and frame.is_closed():
                raise Stopped
            del running[node_id]
            values[step.slots[0]] = value
            outputs = {} if value is SKIPPED else {step.ports[0]: value}
            step_succeeded(node_id, path, outputs, started, now(), False, None, None)
    frame.done = True
