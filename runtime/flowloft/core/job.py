"""A job: one command submitted to a backend, and what is known of it afterwards."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from flowloft.core.resources import Resources

NoNul = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)]


class Job(BaseModel):
    """What to run. The command is a list of arguments all the way: no shell ever reads it.

    Attributes:
        argv: The program and its arguments, as it will see them.
        name: What people see in the queue.
        env: Variables that may be shown.
        secrets: Variables that are never shown, and never on a command line.
        directory: Where it starts; empty for a fresh folder of the job's own.
        resources: What each task gets.
        tasks: 0 for one command; n for n copies, each with its number from 0 in
            ``FLOWLOFT_TASK``.
        errors_apart: Keeps what is written to stderr in a log of its own.
        port: A service: where it listens. It runs until it is cancelled; a place that can starts it again
            when it ends. :meth:`Backend.address` says where it is reached.
        ticket: Names this submission, so that whoever does not know whether it came through may
            submit it again: a backend has at most one job of each. Empty for a fresh one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    argv: list[NoNul] = Field(min_length=1, max_length=10_000)
    name: str = Field("flowloft", min_length=1, max_length=60, pattern=r"^[\w][\w.-]*$")
    env: dict[EnvName, NoNul] = Field(default_factory=dict)
    secrets: dict[EnvName, SecretStr] = Field(default_factory=dict)
    directory: NoNul = ""
    resources: Resources = Field(default_factory=Resources)
    tasks: int = Field(0, ge=0, le=10_000)
    errors_apart: bool = False
    port: int | None = Field(None, ge=1, le=65_535)
    ticket: str = Field("", max_length=32, pattern=r"^([a-z0-9]{8,32})?$")

    def environment(self) -> dict[str, str]:
        """Returns ``env`` and ``secrets`` in clear, for the one place that hands them over."""
        return {**self.env, **{name: value.get_secret_value() for name, value in self.secrets.items()}}


class Reason(StrEnum):
    """Why a job ended. The names are Slurm's, which most people know."""

    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    PREEMPTED = "PREEMPTED"
    NODE_FAIL = "NODE_FAIL"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"
    """The backend did not take it; it never began."""
    LOST = "LOST"
    """Nobody remembers it: the backend has forgotten it and it left no exit code."""


class JobState(BaseModel):
    """What is known of a job, or of one task of it.

    Attributes:
        state: ``queued``, ``running``, or one of three ends.
        reason: Why it ended; None before that.
        exit_code: Of the command, 128 + n when signal n ended it; None where nobody knows.
        message: In the backend's own words: why it waits, or why it ended.
        hint: What those words mean and what to do, where that is known.
        place: The machine it runs on.
        started_at: Unix seconds.
        finished_at: Unix seconds.
        tasks: By number, for a job of several tasks.
    """

    model_config = ConfigDict(frozen=True)

    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    reason: Reason | None = None
    exit_code: int | None = None
    message: str = ""
    hint: str = ""
    place: str = ""
    started_at: float | None = None
    finished_at: float | None = None
    tasks: dict[int, JobState] = Field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.reason is not None


def ended(
    reason: Reason,
    *,
    exit_code: int | None = None,
    message: str = "",
    hint: str = "",
    place: str = "",
    started_at: float | None = None,
    finished_at: float | None = None,
) -> JobState:
    """Returns the state of a job that ended so; the one place that says which end is which."""
    state: Literal["succeeded", "failed", "cancelled"] = "failed"
    if reason is Reason.COMPLETED:
        state = "succeeded"
    elif reason is Reason.CANCELLED:
        state = "cancelled"
    return JobState(
        state=state,
        reason=reason,
        exit_code=exit_code,
        message=message,
        hint=hint,
        place=place,
        started_at=started_at,
        finished_at=finished_at,
    )


def together(tasks: dict[int, JobState]) -> JobState:
    """Returns the state of a job from those of its tasks: over when all are, failed when one is.

    Args:
        tasks: At least one, by number.
    """
    states = list(tasks.values())
    if any(not task.ended for task in states):
        waiting = all(task.state == "queued" for task in states)
        first = next((task for task in states if task.state == "queued"), states[0])
        begun = [task.started_at for task in states if task.started_at]
        return JobState(
            state="queued" if waiting else "running",
            message=first.message,
            hint=first.hint,
            started_at=min(begun, default=None),
            tasks=tasks,
        )
    worst = next(
        (task for kind in ("failed", "cancelled") for task in states if task.state == kind), states[0]
    )
    begun = [task.started_at for task in states if task.started_at]
    finished = [task.finished_at for task in states if task.finished_at]
    return worst.model_copy(
        update={
            "tasks": tasks,
            "started_at": min(begun, default=None),
            "finished_at": max(finished, default=None),
        }
    )


def state_of_record(record: dict[str, Any]) -> JobState:
    """Reads what ``machine_jobs.states`` tells of one job.

    Args:
        record: ``started`` and ``end`` as they were written, None where they were not, and
            ``alive``: whether the supervisor still stands.
    """
    begun, end = record["started"], record["end"]
    if begun is None:
        return ended(Reason.LOST, message="There is no record of this job.")
    place, at = begun["host"], begun["at"]
    if end is not None:
        return ended(
            Reason(end["reason"]),
            exit_code=end["exit_code"],
            message=end["message"],
            place=place,
            started_at=at,
            finished_at=end["at"],
        )
    if record["alive"]:
        return JobState(state="running", place=place, started_at=at)
    return ended(
        Reason.NODE_FAIL,
        message="Its supervisor is gone: the machine was restarted, or someone killed it.",
        place=place,
        started_at=at,
    )
