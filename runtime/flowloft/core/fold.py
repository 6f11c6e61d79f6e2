"""Events to state. Pure, and the only place that says what an event changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, Field

from flowloft.core.events import (
    TERMINAL,
    ErrorPayload,
    Event,
    Log,
    RunFailed,
    RunQueued,
    RunStarted,
    RunSucceeded,
    RunTimedOut,
    StepCancelled,
    StepDelta,
    StepFailed,
    StepProgress,
    StepRetrying,
    StepStarted,
    StepSucceeded,
    StepWaiting,
)

RunStatus = Literal[
    "queued", "running", "waiting", "cancelling", "succeeded", "failed", "timed_out", "cancelled"
]
StepStatus = Literal["running", "waiting", "retrying", "succeeded", "failed", "skipped", "cancelled"]

STATUS_OF: dict[str, RunStatus] = {
    "run.queued": "queued",
    "run.started": "running",
    "run.waiting": "waiting",
    "run.cancelling": "cancelling",
    "run.succeeded": "succeeded",
    "run.failed": "failed",
    "run.timed_out": "timed_out",
    "run.cancelled": "cancelled",
}


class StepState(BaseModel):
    """What is known of one step."""

    node_id: str
    path: str = ""
    state: StepStatus = "running"
    attempt: int = 1
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] | None = None
    text: dict[str, str] = Field(default_factory=dict)
    error: ErrorPayload | None = None
    started_at: float | None = None
    duration: float | None = None
    cached: bool = False
    usage: dict[str, float] = Field(default_factory=dict)
    done: int | None = None
    total: int | None = None
    question: dict[str, Any] | None = None
    """What a person is asked, while it waits."""


class RunState(BaseModel):
    """What is known of a run: the fold of its events."""

    status: RunStatus = "queued"
    attempt: int = 1
    outputs: dict[str, Any] | None = None
    error: ErrorPayload | None = None
    errors: list[ErrorPayload] = Field(default_factory=list)
    last_seq: int = 0
    started_at: float | None = None
    finished_at: float | None = None
    steps: dict[str, StepState] = Field(default_factory=dict)


def step_key(path: str, node_id: str) -> str:
    """Returns the key of a step within its run."""
    return f"{path}/{node_id}" if path else node_id


def fold(state: RunState, events: Iterable[Event]) -> RunState:
    """Applies events to a state, in place, and returns it.

    Args:
        state: The fold of all events up to ``state.last_seq``.
        events: In order of seq; those at or below ``last_seq`` are passed over, so that a replay
            that overlaps does no harm.
    """
    for event in events:
        if event.seq <= state.last_seq:
            continue
        state.last_seq = event.seq
        if event.type in STATUS_OF:
            _fold_run(state, event)
        elif not isinstance(event, Log):
            _fold_step(state, event)
    return state


def _fold_run(state: RunState, event: Event) -> None:
    state.status = STATUS_OF[event.type]
    if isinstance(event, RunQueued):
        state.attempt = event.attempt
    elif isinstance(event, RunStarted):
        state.attempt = event.attempt
        if state.started_at is None:
            state.started_at = event.at
    elif isinstance(event, RunSucceeded):
        state.outputs = event.outputs
    elif isinstance(event, RunFailed | RunTimedOut):
        state.error = event.error
        state.errors = event.errors if isinstance(event, RunFailed) else []
    if event.type in TERMINAL:
        state.finished_at = event.at
        for step in state.steps.values():
            if step.state == "waiting":
                step.state = "cancelled"


def _fold_step(state: RunState, event: Any) -> None:
    key = step_key(event.path, event.node_id)
    if isinstance(event, StepStarted):
        state.steps[key] = StepState(
            node_id=event.node_id,
            path=event.path,
            attempt=event.attempt,
            inputs=event.inputs,
            started_at=event.at,
        )
        return
    step = state.steps.get(key)
    if step is None:
        step = state.steps[key] = StepState(node_id=event.node_id, path=event.path)
    if isinstance(event, StepDelta):
        step.text[event.port] = step.text.get(event.port, "") + event.text
    elif isinstance(event, StepProgress):
        step.done, step.total = event.done, event.total
    elif isinstance(event, StepRetrying):
        step.state, step.error = "retrying", event.error
    elif isinstance(event, StepSucceeded):
        step.state, step.outputs, step.duration = "succeeded", event.outputs, event.duration
        step.cached, step.usage, step.error = event.cached, event.usage, event.error
    elif isinstance(event, StepWaiting):
        step.state, step.question = "waiting", event.question
    elif isinstance(event, StepFailed):
        step.state, step.error, step.duration = "failed", event.error, event.duration
        step.usage = event.usage
    elif isinstance(event, StepCancelled):
        step.state, step.duration, step.usage = "cancelled", event.duration, event.usage
    else:
        step.state = "skipped"
