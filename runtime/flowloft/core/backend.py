"""The contract of a compute backend: one class in one file of ``flowloft/backends``.

Settings are pydantic fields, so that the studio draws their form. An instance is frozen, holds no
connection and no memory: whatever a job needs to be found again is in its id, so that a restart
of the studio loses nothing.
"""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from flowloft.core.errors import BackendError
from flowloft.core.hardware import Hardware
from flowloft.core.job import Job, JobState
from flowloft.core.registry import Family


@dataclass(frozen=True, slots=True)
class Affinity:
    """How well a backend suits here: 0 (cannot be used) to 1, with the reason in words."""

    score: float
    reason: str


def unusable(error: BackendError) -> Affinity:
    """Returns what an error says of a backend; what to do is told where it refused, not where it is away."""
    return Affinity(0.0, f"{error.message} {error.hint}".strip() if error.permanent else error.message)


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what would be submitted, secrets hidden.

    Attributes:
        form: How to show ``text``.
        text: The command line, the batch script or the manifest.
        argv: The command that would be started to submit it; empty where none is.
    """

    form: Literal["command", "script", "manifest"]
    text: str
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    """A job in a backend's own queue, whoever sent it.

    Attributes:
        number: What the backend calls it; a task of it behind an underscore.
        name: What its sender called it.
        user: Who sent it.
        running: Whether it runs already.
        message: In the backend's own words why it waits, or where it runs.
        since: When it was submitted, or began; Unix seconds.
    """

    number: str
    name: str
    user: str
    running: bool
    message: str = ""
    since: float | None = None


HIDDEN = "••••"
"""Stands for the value of a secret in a preview."""


class Backend(BaseModel, ABC):
    """A place to compute. All methods block and are safe to call from several threads.

    Every method raises ``BackendError``: ``permanent=False`` where the backend did not answer
    (what was known of its jobs still holds), ``permanent=True`` where it refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: ClassVar[str] = ""
    shares_files: ClassVar[bool] = False
    """Whether a path means the same here and where the job runs."""
    two_logs: ClassVar[bool] = True
    """Whether it keeps stderr apart where a job asks for that."""
    pace: ClassVar[float] = 1.0
    """Seconds between two looks at its jobs that it bears without being slowed down."""

    @abstractmethod
    def affinity(self) -> Affinity:
        """Says whether jobs can be sent from here, and why. Never raises."""

    @abstractmethod
    def preview(self, job: Job) -> Preview:
        """Returns what :meth:`submit` would send, without sending it."""

    @abstractmethod
    def submit(self, job: Job) -> str:
        """Hands the job over; returns its id, which no other job of this backend ever has.

        A second job with the same ``ticket`` is not started: the id of the first is returned.
        """

    @abstractmethod
    def states(self, ids: Iterable[str]) -> dict[str, JobState]:
        """Returns what is known of each of the ids, asking the backend once for all of them."""

    @abstractmethod
    def cancel(self, job_id: str) -> None:
        """Ends the job with all its processes; does nothing where it has ended already."""

    @abstractmethod
    def logs(self, job_id: str, offset: int = 0, *, errors: bool = False) -> tuple[bytes, int]:
        """Returns what the job has written from a byte on, at most 1 MiB, and the next offset.

        Args:
            job_id: As :meth:`submit` returned it; ``<id>[3]`` for task 3.
            offset: Where the last call ended; 0 for the beginning.
            errors: The log of stderr, for a job with ``errors_apart``. Empty where the backend
                keeps only one log.
        """

    def queue(self) -> list[Queued] | None:
        """Returns what runs and waits there, everybody's, in the order in which it comes to its turn; None
        where jobs begin at once and there is no queue."""
        return None

    def devices(self) -> Hardware | None:
        """Returns what jobs that take a device for themselves share there, so that the studio lets them wait
        for one another; None where the place has a queue of its own, which sees to that."""
        return None

    def address(self, job_id: str, state: JobState, port: int) -> str:
        """Returns the URL of a job that serves on a port, as it is reached from here; empty where it does
        not run yet.

        Args:
            job_id: As :meth:`submit` returned it.
            state: What is known of it; the machine comes from there.
            port: ``Job.port``.
        """
        return f"http://{state.place}:{port}" if state.place else ""

    def wait(
        self,
        job_id: str,
        *,
        pause: Callable[[float], None] = time.sleep,
        every: float = 0.5,
    ) -> JobState:
        """Blocks until the job has ended.

        Args:
            job_id: As :meth:`submit` returned it.
            pause: Sleeps for the given seconds; may raise to give up, which cancels the job.
                A backend that does not answer for a while is no reason to give up.
            every: Seconds between two looks; begins at a tenth of it.
        """
        gap = every / 10
        silent_since: float | None = None
        try:
            while True:
                try:
                    state = self.states([job_id])[job_id]
                    silent_since = None
                except BackendError as error:
                    silent_since = silent_since or time.monotonic()
                    if error.permanent or time.monotonic() - silent_since > PATIENCE:
                        raise
                else:
                    if state.ended:
                        return state
                pause(gap)
                gap = min(every, gap * 1.5)
        except BaseException:
            with suppress(BackendError):
                self.cancel(job_id)
            raise


PATIENCE = 600.0
"""Seconds for which a backend that does not answer is asked again before a wait gives up."""
LOG_PIECE = 1 << 20
"""Bytes of log that one call of :meth:`Backend.logs` returns at most."""


def read_piece(path: Path, offset: int) -> tuple[bytes, int]:
    """Reads a log file from a byte on; a file that is not there yet is empty."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            piece = file.read(LOG_PIECE)
    except FileNotFoundError:
        return b"", offset
    return piece, offset + len(piece)


def read_log(backend: Backend, job_id: str, *, errors: bool = False) -> str:
    """Returns a log to its present end, as text."""
    pieces: list[bytes] = []
    offset = 0
    while True:
        piece, offset = backend.logs(job_id, offset, errors=errors)
        if not piece:
            return b"".join(pieces).decode("utf-8", "replace")
        pieces.append(piece)


def jobs_folder(setting: str, key: str) -> Path:
    """Returns where a backend keeps the files of its jobs: the setting, or a folder of the data."""
    if setting:
        return Path(setting).expanduser()
    from flowloft.core.server_process import data_dir  # noqa: PLC0415 - its urllib is slow to load

    return data_dir() / "jobs" / key


_BASIC = frozenset(
    """
    PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR LD_LIBRARY_PATH PYTHONPATH VIRTUAL_ENV
    CONDA_PREFIX CUDA_HOME HF_HOME HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy
    """.split()  # noqa: SIM905 - a list would fill a screen
)


def basic_environment() -> dict[str, str]:
    """Returns what a job inherits from the studio: how to find programs, and none of its secrets."""
    return {name: value for name, value in os.environ.items() if name in _BASIC or name.startswith("LC_")}


BACKENDS: Family[Backend] = Family("flowloft.backends", Backend, "backend")  # type: ignore[type-abstract]
