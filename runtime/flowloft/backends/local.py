"""This machine: each job is a process tree of its own that outlives the studio."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from flowloft.core import machine_jobs
from flowloft.core.backend import (
    HIDDEN,
    Affinity,
    Backend,
    Preview,
    basic_environment,
    jobs_folder,
    read_piece,
)
from flowloft.core.errors import BackendError
from flowloft.core.hardware import Hardware, hardware_here
from flowloft.core.job import Job, JobState, state_of_record
from flowloft.core.resources import Resources


class Local(Backend):
    """Runs jobs on this machine at once; the studio itself lets trainings wait for one another.

    Time and memory are limited by a supervisor process that also ends the whole tree. With GPUs
    asked for, those with the most free memory are chosen at the moment of submission.
    """

    title = "This machine"
    shares_files = True
    pace = 0.3
    folder: str = Field("", title="Folder", description="Where records and logs are kept.")

    def affinity(self) -> Affinity:
        """Always there, so that it is the choice when nothing better is."""
        return Affinity(0.5, "This machine is always at hand.")

    def preview(self, job: Job) -> Preview:
        """Returns the command as one would type it."""
        self._refuse(job)
        shown = {**job.env, **dict.fromkeys(job.secrets, HIDDEN), **self._gpus(job.resources)}
        words = [f"{name}={shlex.quote(value)}" for name, value in sorted(shown.items())]
        line = " ".join([*words, shlex.join(job.argv)])
        if job.directory:
            line = f"cd {shlex.quote(job.directory)} && {line}"
        return Preview("command", line, tuple(job.argv))

    def submit(self, job: Job) -> str:
        """Starts the job under its supervisor."""
        self._refuse(job)
        spec = {
            "argv": job.argv,
            "env": {**basic_environment(), **self._gpus(job.resources), **job.environment()},
            "directory": job.directory,
            "seconds": job.resources.seconds,
            "memory": job.resources.memory,
            "errors_apart": job.errors_apart,
            "ticket": job.ticket,
        }
        request = {"op": "start", "root": str(self._root()), "spec": spec}
        done = subprocess.run(
            [sys.executable, "-I", "-S", machine_jobs.__file__],
            input=json.dumps(request).encode(),
            capture_output=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise BackendError(
                "The job could not be started.",
                permanent=False,
                code="job_not_started",
                hint=done.stderr.decode(errors="replace")[-2000:],
            )
        return str(json.loads(done.stdout))

    def states(self, ids: Iterable[str]) -> dict[str, JobState]:
        """Reads the records."""
        found = machine_jobs.states(str(self._root()), list(ids))
        return {job_id: state_of_record(record) for job_id, record in found.items()}

    def cancel(self, job_id: str) -> None:
        """Asks the supervisor to end the tree; it insists after 3 s."""
        machine_jobs.cancel(str(self._root()), job_id)

    def devices(self) -> Hardware:
        """Returns what this machine has and has free."""
        return hardware_here()

    def address(self, job_id: str, state: JobState, port: int) -> str:
        """Returns the port on loopback."""
        return f"http://127.0.0.1:{port}"

    def logs(self, job_id: str, offset: int = 0, *, errors: bool = False) -> tuple[bytes, int]:
        """Reads the log file."""
        return read_piece(self._root() / job_id / ("errors" if errors else "log"), offset)

    def _root(self) -> Path:
        return jobs_folder(self.folder, "local").absolute()

    def _refuse(self, job: Job) -> None:
        """Raises where this machine can never do what is asked."""
        asked = job.resources
        problem = ""
        if job.tasks:
            problem = "This machine has no queue for jobs of several tasks."
        elif asked.machines > 1:
            problem = f"{asked.machines} machines are asked for; this is one."
        elif asked.cpus > (os.cpu_count() or 1):
            problem = f"{asked.cpus} cores are asked for; this machine has {os.cpu_count()}."
        elif asked.memory and asked.memory > _all_memory():
            problem = f"{asked.memory} bytes of memory are asked for; this machine has {_all_memory()}."
        elif asked.gpus and asked.gpus > len(machine_jobs.free_gpus()):
            problem = f"{asked.gpus} GPUs are asked for; this machine has {len(machine_jobs.free_gpus())}."
        if problem:
            raise BackendError(
                problem,
                permanent=True,
                code="resources_unavailable",
                hint="Ask for less, or choose another backend.",
            )

    def _gpus(self, asked: Resources) -> dict[str, str]:
        return machine_jobs.best_gpus(asked.gpus) if asked.gpus else {}


def _all_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
