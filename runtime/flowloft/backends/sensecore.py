"""SenseCore's training service (ACP), through its command-line client ``sco``.

What a job is to do, its log and its exit code lie in a folder of the shared file system (AFS) that is
mounted here and in the jobs under the same path; so no value of a variable is on a command line.

Source: https://www.sensecore.cn/help/docs (ACP user guide; ``sco acp jobs create --help``).
"""

from __future__ import annotations

import json
import math
import os
import re
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from flowloft.core.backend import HIDDEN, Affinity, Backend, Preview, read_piece, unusable
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, JobState, Reason, ended
from flowloft.core.node import fill

_RUNNING = {"RUNNING", "SUSPENDING", "STOPPING", "DELETING"}
_ENDS = {
    "SUCCEEDED": Reason.COMPLETED,
    "FAILED": Reason.FAILED,
    "STOPPED": Reason.CANCELLED,
    "SUSPENDED": Reason.CANCELLED,
    "CANCELLED": Reason.CANCELLED,
    "DELETED": Reason.CANCELLED,
    "PREEMPTED": Reason.PREEMPTED,
}
_UNKNOWN = re.compile(r"not ?found|does ?n.t exist|not exist", re.I)


class SenseCore(Backend):
    """Submits training jobs to SenseCore. Needs ``sco``, logged in, and a shared folder."""

    title = "SenseCore"
    shares_files = True
    pace = 2.0
    workspace: str = Field(title="Workspace", min_length=1, max_length=200)
    cluster: str = Field(title="Cluster", min_length=1, max_length=200, description="Name of the AEC2 pool.")
    image: str = Field(
        title="Image", min_length=1, max_length=500, description="Full address of the container image."
    )
    worker_spec: str = Field(
        title="Worker", min_length=1, max_length=200, description="Specification; {gpus} is filled in."
    )
    folder: str = Field(
        title="Folder",
        min_length=1,
        description="On the shared file system, under the path that jobs see it by.",
    )
    mount: str = Field("", title="Storage mount", max_length=500, description="VOLUME_ID/SUB_DIR:MOUNT_PATH")
    priority: Literal["NORMAL", "HIGH", "HIGHEST"] = Field(
        "NORMAL", title="Priority", json_schema_extra={"x-advanced": True}
    )
    quota: Literal["reserved", "spot"] = Field(
        "reserved", title="Quota", json_schema_extra={"x-advanced": True}
    )
    options: list[str] = Field(
        default_factory=list,
        title="Further options",
        description="More arguments for `sco acp jobs create`.",
        json_schema_extra={"x-advanced": True},
    )
    program: str = Field(
        "sco",
        title="Client",
        description="Name or path of the command-line client.",
        json_schema_extra={"x-advanced": True},
    )

    def affinity(self) -> Affinity:
        """Good where the client can list jobs."""
        if shutil.which(self.program) is None:
            return Affinity(0.0, f"{self.program} is not installed here.")
        try:
            self._sco("list", "--page-size", "1")
        except BackendError as error:
            return unusable(error)
        return Affinity(0.8, "SenseCore answers.")

    def preview(self, job: Job) -> Preview:
        """Returns the script; ``argv`` is the call of the client that starts it."""
        folder = self._root() / "<token>"
        shown = {**job.env, **dict.fromkeys(job.secrets, HIDDEN)}
        argv = self._create(job, folder)
        head = [shlex.join(argv), *(f"{name}={shlex.quote(value)}" for name, value in sorted(shown.items()))]
        shebang, _, rest = self._script(job, folder).partition("\n")
        notes = "".join(f"# {line}\n" for line in head)
        return Preview("script", f"{shebang}\n{notes}{rest}", tuple(argv))

    def submit(self, job: Job) -> str:
        """Writes the script into the shared folder and has it started."""
        if job.tasks:
            raise BackendError(
                "SenseCore has no jobs of several tasks.",
                permanent=True,
                code="resources_unavailable",
                hint="Submit one job for each task.",
            )
        token = job.ticket or secrets.token_hex(6)
        folder = self._root() / token
        if job.ticket and folder.is_dir():
            name = self._name_of(token)
            if name:
                return f"{name}-{token}"
            shutil.rmtree(folder)
        folder.mkdir(parents=True, mode=0o700)
        if not job.directory:
            (folder / "work").mkdir()
        _write(folder / "run.sh", self._script(job, folder))
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in job.environment().items()]
        _write(folder / "env.sh", "".join(lines))
        try:
            told = self._run(self._create(job, folder))
            found = re.search(r"\bpt-[a-z0-9]+\b", told)
            if found is None:
                raise BackendError(
                    f"The client did not name the job that it made: {told.strip()[:300]}",
                    permanent=True,
                    code="job_refused",
                    hint="Look for it with `sco acp jobs list`; a newer client may be needed.",
                )
        except BackendError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return f"{found[0]}-{token}"

    def states(self, ids: Iterable[str]) -> dict[str, JobState]:
        """Describes each job that has not left how it ended."""
        return {job_id: self._state(job_id) for job_id in ids}

    def cancel(self, job_id: str) -> None:
        """Stops the job."""
        if not self._state(job_id).ended:
            self._sco("stop", _name(job_id))

    def logs(self, job_id: str, offset: int = 0, *, errors: bool = False) -> tuple[bytes, int]:
        """Reads the log file over the shared file system."""
        return read_piece(self._folder(job_id) / ("errors" if errors else "log"), offset)

    def _name_of(self, ticket: str) -> str:
        """Returns SenseCore's name of the job that was made for a ticket; empty where there is none."""
        try:
            told = json.loads(self._sco("list", "-o", "json"))
        except ValueError as error:
            raise _no_answer("The client answered something else than JSON.") from error
        jobs = told if isinstance(told, list) else next((v for v in told.values() if isinstance(v, list)), [])
        for one in jobs:
            if any(str(value).endswith(f"-{ticket}") for value in one.values()):
                return str(one.get("name", ""))
        return ""

    def _root(self) -> Path:
        return Path(self.folder).expanduser().absolute()

    def _folder(self, job_id: str) -> Path:
        return self._root() / job_id.rpartition("-")[2]

    def _create(self, job: Job, folder: Path) -> list[str]:
        options = {
            "--aec2-name": self.cluster,
            "--job-name": f"{job.name}-{job.ticket}" if job.ticket else job.name,
            "--container-image-url": self.image,
            "--training-framework": "pytorch",
            "--worker-spec": fill(self.worker_spec, {"gpus": job.resources.gpus}),
            "--worker-nodes": str(job.resources.machines),
            "--priority": self.priority,
            "--quota-type": self.quota,
            "--storage-mount": self.mount,
            "--command": shlex.join(["sh", str(folder / "run.sh")]),
        }
        given = [f"{name}={value}" for name, value in options.items() if value]
        return [
            self.program,
            "acp",
            "jobs",
            "create",
            f"--workspace-name={self.workspace}",
            *given,
            *self.options,
        ]

    def _script(self, job: Job, folder: Path) -> str:
        """Returns what the container runs: the variables, the command, its exit code into a file."""
        there = shlex.quote(str(folder))
        directory = shlex.quote(job.directory or str(folder / "work"))
        seconds = math.ceil(job.resources.seconds) if job.resources.seconds else 0
        limit = f"timeout -k 5 {seconds} " if seconds else ""
        errors = f"{there}/errors" if job.errors_apart else "&1"
        late = f'[ "$code" = 124 ] && [ $(($(date +%s) - begun)) -ge {seconds} ] && code=TIMEOUT\n'
        return (
            "#!/bin/sh\n"
            f". {there}/env.sh && rm -f {there}/env.sh\n"
            f"cd -- {directory} || exit 126\n"
            "begun=$(date +%s)\n"
            f"{limit}{shlex.join(job.argv)} >> {there}/log 2>{'>' if job.errors_apart else ''}{errors}\n"
            "code=$?\n"
            f"{late if seconds else ''}"
            f'echo "$code" > {there}/exit.new && mv {there}/exit.new {there}/exit\n'
            '[ "$code" = 0 ]\n'
        )

    def _state(self, job_id: str) -> JobState:
        left = self._left(job_id)
        if left is not None:
            return left
        try:
            told = json.loads(self._sco("describe", _name(job_id), "-o", "json"))
        except BackendError as error:
            if _UNKNOWN.search(error.message):
                return ended(Reason.LOST, message=error.message)
            raise
        except ValueError as error:
            raise _no_answer("The client answered something else than JSON.") from error
        return self._left(job_id) or _state_of(told)

    def _left(self, job_id: str) -> JobState | None:
        """Reads what the job itself left when it ended."""
        try:
            word = (self._folder(job_id) / "exit").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        if word == "TIMEOUT":
            return ended(Reason.TIMEOUT, message="It ran longer than it was allowed.")
        return ended(Reason.COMPLETED if word == "0" else Reason.FAILED, exit_code=int(word))

    def _sco(self, verb: str, *arguments: str) -> str:
        return self._run(
            [self.program, "acp", "jobs", verb, f"--workspace-name={self.workspace}", *arguments]
        )

    def _run(self, argv: list[str]) -> str:
        try:
            done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _no_answer(f"{self.program}: {error}") from error
        words = (done.stderr or done.stdout).strip()
        if done.returncode == 0:
            return done.stdout
        if "create" in argv or _UNKNOWN.search(words):
            raise BackendError(
                words, permanent=True, code="job_refused", hint="The message is SenseCore's own."
            )
        raise _no_answer(words or f"{self.program} ended with exit code {done.returncode}.")


def _no_answer(words: str) -> BackendError:
    return BackendError(
        words,
        permanent=False,
        code="backend_unreachable",
        hint="What was known of the jobs still holds; try the client by hand: is it logged in?",
    )


def _name(job_id: str) -> str:
    return job_id.rpartition("-")[0]


def _write(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _state_of(told: dict[str, Any]) -> JobState:
    word = str(told.get("state", ""))
    message = str(told.get("message") or "")
    if word in _ENDS:
        return ended(_ENDS[word], message=message)
    if word in _RUNNING:
        return JobState(state="running", message=message)
    return JobState(state="queued", message=message or word)
