"""What a run tells. The wire form of each event, and the narrow door the engine speaks through.

Folding the events of a run in order of ``seq`` gives its state: see ``core/fold.py``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class ErrorPayload(BaseModel):
    """The four fields of every error."""

    code: str
    message: str
    hint: str = ""
    extra: dict[str, Any] = Field(default_factory=dict)


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seq: int = Field(ge=1, description="1, 2, 3, ... without gaps within a run.")
    at: float = Field(description="Unix time in seconds.")


class RunQueued(_Event):
    """Waits for a worker."""

    type: Literal["run.queued"] = "run.queued"
    attempt: int = 1


class RunStarted(_Event):
    """A worker has claimed it."""

    type: Literal["run.started"] = "run.started"
    attempt: int = 1


class RunWaiting(_Event):
    """Waits for a person; no worker holds it. Taken up again with ``run.queued`` once there is an answer."""

    type: Literal["run.waiting"] = "run.waiting"


class RunCancelling(_Event):
    """Someone asked it to stop."""

    type: Literal["run.cancelling"] = "run.cancelling"


class RunSucceeded(_Event):
    """Done."""

    type: Literal["run.succeeded"] = "run.succeeded"
    outputs: dict[str, Any]


class RunFailed(_Event):
    """A step failed and nothing caught it; ``errors`` holds those of the other branches too."""

    type: Literal["run.failed"] = "run.failed"
    error: ErrorPayload
    errors: list[ErrorPayload] = Field(default_factory=list)


class RunTimedOut(_Event):
    """The time allowed for the run passed."""

    type: Literal["run.timed_out"] = "run.timed_out"
    error: ErrorPayload


class RunCancelled(_Event):
    """Stopped as asked."""

    type: Literal["run.cancelled"] = "run.cancelled"


class _StepEvent(_Event):
    node_id: str
    path: str = Field("", description="Where the node stands: '' or 'loop_1[3]/warp_2[0]'.")


class StepStarted(_StepEvent):
    """A try begins; what an earlier try of the step had shown is void."""

    type: Literal["step.started"] = "step.started"
    attempt: int = 1
    inputs: dict[str, Any] = Field(default_factory=dict)


class StepDelta(_StepEvent):
    """A piece of text, as it comes."""

    type: Literal["step.delta"] = "step.delta"
    port: str = "output"
    text: str


class StepProgress(_StepEvent):
    """How far it is."""

    type: Literal["step.progress"] = "step.progress"
    done: int
    total: int | None = None


class StepRetrying(_StepEvent):
    """A try failed; the next begins in ``delay`` seconds."""

    type: Literal["step.retrying"] = "step.retrying"
    attempt: int
    delay: float
    error: ErrorPayload


class StepSucceeded(_StepEvent):
    """Done; ``duration`` in seconds."""

    type: Literal["step.succeeded"] = "step.succeeded"
    outputs: dict[str, Any]
    duration: float
    cached: bool = False
    usage: dict[str, float] = Field(default_factory=dict)
    error: ErrorPayload | None = Field(None, description="What its error policy caught.")


class StepFailed(_StepEvent):
    """Failed for good."""

    type: Literal["step.failed"] = "step.failed"
    error: ErrorPayload
    duration: float
    usage: dict[str, float] = Field(default_factory=dict, description="Of the calls that had answered.")


class StepSkipped(_StepEvent):
    """Stands on a branch that was not taken."""

    type: Literal["step.skipped"] = "step.skipped"


class StepCancelled(_StepEvent):
    """Was running when the run stopped."""

    type: Literal["step.cancelled"] = "step.cancelled"
    duration: float
    usage: dict[str, float] = Field(default_factory=dict, description="Of the calls that had answered.")


class StepWaiting(_StepEvent):
    """Waits for a person."""

    type: Literal["step.waiting"] = "step.waiting"
    question: dict[str, Any] | None = Field(
        None,
        description="What is asked, with `kind` (form, approval, breakpoint) and `step`, under which it "
        "is answered; null for a container that waits for a step inside it.",
    )


class Log(_StepEvent):
    """A line that a node left."""

    type: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error"] = "info"
    message: str


Event = Annotated[
    RunQueued
    | RunStarted
    | RunWaiting
    | RunCancelling
    | RunSucceeded
    | RunFailed
    | RunTimedOut
    | RunCancelled
    | StepStarted
    | StepDelta
    | StepProgress
    | StepRetrying
    | StepSucceeded
    | StepFailed
    | StepSkipped
    | StepCancelled
    | StepWaiting
    | Log,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads and writes any event."""

TERMINAL = frozenset({"run.succeeded", "run.failed", "run.timed_out", "run.cancelled"})


class Sink(Protocol):
    """Where the engine tells what happens. Called from many threads, on the hot path: a sink takes
    note and returns; it may keep references to ``inputs`` and ``outputs``, never change them.
    ``at`` is unix time in seconds."""

    def step_started(
        self, node_id: str, path: str, attempt: int, inputs: dict[str, Any], at: float
    ) -> None: ...

    def step_succeeded(
        self,
        node_id: str,
        path: str,
        outputs: dict[str, Any],
        started: float,
        at: float,
        cached: bool,
        usage: dict[str, float] | None,
        error: dict[str, Any] | None,
    ) -> None: ...

    def step_failed(
        self,
        node_id: str,
        path: str,
        error: dict[str, Any],
        started: float,
        at: float,
        usage: dict[str, float] | None,
    ) -> None: ...

    def step_skipped(self, node_id: str, path: str, at: float) -> None: ...

    def step_cancelled(
        self, node_id: str, path: str, started: float, at: float, usage: dict[str, float] | None
    ) -> None: ...

    def step_retrying(
        self, node_id: str, path: str, attempt: int, delay: float, error: dict[str, Any], at: float
    ) -> None: ...

    def step_waiting(self, node_id: str, path: str, question: dict[str, Any] | None, at: float) -> None: ...

    def step_text(self, node_id: str, path: str, port: str, text: str, at: float) -> None: ...

    def step_progress(self, node_id: str, path: str, done: int, total: int | None, at: float) -> None: ...

    def log(self, node_id: str, path: str, level: str, message: str, at: float) -> None: ...
