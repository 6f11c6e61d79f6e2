"""Where a component runs, without a change of its code: ``launchers.empty``, ``launchers.slurm``...

Each compute backend is a launcher under its own name. Options of the backend and resources are
given in one call: ``launchers.slurm(partition="a100", gpus=2, memory="64GiB")``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from flowloft.core.backend import BACKENDS, Backend, read_log
from flowloft.core.commands import command_failed
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, Reason
from flowloft.core.resources import Resources

EMPTY = "empty"
"""No backend: functions run in this process, commands as its children."""
_OTHER_NAMES = {"sco": "sensecore", "bare_metal": "local"}


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command wrote."""

    output: str
    errors: str


@dataclass(frozen=True, slots=True)
class Launcher:
    """A place to run components in. Call it to set options: the result is a new one.

    Attributes:
        key: ``empty`` or the name of a backend.
        backend: Settings of the backend.
        resources: What each job gets.
        env: Variables for the job.
        python: The interpreter for functions; empty for this one, or ``python3`` on machines
            that do not share its files.
    """

    key: str
    backend: tuple[tuple[str, Any], ...] = ()
    resources: Resources = field(default_factory=Resources)
    env: tuple[tuple[str, str], ...] = ()
    python: str = ""

    def __call__(self, **options: Any) -> Launcher:
        """Returns a launcher with options set: fields of the backend and of ``Resources``,
        ``env`` and ``python``.

        Raises:
            BackendError: An option is unknown or does not fit; the hint names those there are.
        """
        known = set() if self.key == EMPTY else set(BACKENDS.get(self.key).model_fields)
        asked = {name: value for name, value in options.items() if name in Resources.model_fields}
        settings = {name: value for name, value in options.items() if name in known}
        unknown = set(options) - set(asked) - set(settings) - {"env", "python"}
        if unknown:
            names = sorted({*known, *Resources.model_fields, "env", "python"})
            raise BackendError(
                f"launchers.{self.key} has no option {', '.join(sorted(unknown))}.",
                permanent=True,
                code="unknown_option",
                hint=f"There are: {', '.join(names)}.",
            )
        try:
            resources = Resources(**{**self.resources.model_dump(exclude_unset=True), **asked})
        except ValidationError as error:
            raise BackendError(
                str(error), permanent=True, code="invalid_option", hint="Give what the message asks for."
            ) from error
        env = {**dict(self.env), **options.get("env", {})}
        made = replace(
            self,
            backend=tuple({**dict(self.backend), **settings}.items()),
            resources=resources,
            env=tuple(env.items()),
            python=options.get("python", self.python),
        )
        if self.key != EMPTY:
            made.place()
        return made

    def place(self) -> Backend:
        """Returns the backend with its settings."""
        try:
            return BACKENDS.get(self.key).model_validate(dict(self.backend))
        except ValidationError as error:
            raise BackendError(
                str(error), permanent=True, code="invalid_option", hint="Give what the message asks for."
            ) from error

    def interpreter(self) -> str:
        """Returns the Python that runs functions there."""
        shared = self.key == EMPTY or BACKENDS.get(self.key).shares_files
        return self.python or (sys.executable if shared else "python3")

    def run(
        self,
        argv: Sequence[str],
        *,
        name: str = "flowloft",
        env: dict[str, str] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Finished:
        """Runs a command there and waits for its end.

        Args:
            argv: Program and arguments; each arrives as it is.
            name: Shown in the queue.
            env: More variables.
            check: Called while it waits; what it raises ends the command.

        Raises:
            FlowError: ``command_failed`` with exit code and end of stderr.
            BackendError: The place refused it, or cannot be reached.
        """
        around = {**dict(self.env), **(env or {})}
        watch = check or _nothing
        if self.key == EMPTY:
            return _run_here(list(argv), around, watch)
        backend = self.place()
        job = Job(
            argv=list(argv),
            name=name,
            env=around,
            directory=os.getcwd() if backend.shares_files else "",
            resources=self.resources,
            errors_apart=True,
        )
        job_id = backend.submit(job)

        def pause(seconds: float) -> None:
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                watch()
                time.sleep(min(left, 0.1))
            watch()

        state = backend.wait(job_id, pause=pause)
        output = read_log(backend, job_id)
        errors = read_log(backend, job_id, errors=True)
        if state.reason is not Reason.COMPLETED:
            why = "" if state.reason is Reason.FAILED else f"{state.reason} {state.message}".strip()
            raise command_failed(argv, state.exit_code, errors or output, why)
        return Finished(output, errors)


def _nothing() -> None:
    """Never gives up."""


def _run_here(argv: list[str], env: dict[str, str], check: Callable[[], None]) -> Finished:
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **env},
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise command_failed(argv, 127, "", str(error)) from error
    try:
        while True:
            check()
            try:
                output, errors = process.communicate(timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                continue
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    if process.returncode:
        code = process.returncode if process.returncode > 0 else 128 - process.returncode
        raise command_failed(argv, code, errors)
    return Finished(output, errors)


def default() -> Launcher:
    """Returns the launcher for components that were given none: ``FLOWLOFT_LAUNCHER``, or empty."""
    return find(os.environ.get("FLOWLOFT_LAUNCHER") or EMPTY)


def find(name: str) -> Launcher:
    """Returns a launcher by name.

    Raises:
        FlowError: ``unknown_backend``; the hint lists what there is.
    """
    key = _OTHER_NAMES.get(name, name)
    if key != EMPTY:
        BACKENDS.get(key)
    return Launcher(key)


def __getattr__(name: str) -> Launcher:
    """Gives ``launchers.<backend>``; ``launchers.remote`` is the default one."""
    if name == "remote":
        return default()
    if name == EMPTY or name in _OTHER_NAMES or name in BACKENDS:
        return find(name)
    raise AttributeError(f"there is no launcher {name!r}; there are: {', '.join([EMPTY, *BACKENDS.keys])}")
