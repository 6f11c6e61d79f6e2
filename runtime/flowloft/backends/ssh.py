"""A machine of one's own, over ssh: the same supervisor as here, sent along with each request.

The machine needs Linux and Python 3.7 or later, nothing of Flowloft. Every request is one ssh call
with a fixed remote command; what varies, secrets among it, goes over stdin.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field

from flowloft.core import machine_jobs
from flowloft.core.backend import HIDDEN, Affinity, Backend, Preview, unusable
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, JobState, state_of_record

_SOURCE = Path(machine_jobs.__file__).read_bytes()
_READER = "import sys; i = sys.stdin.buffer; exec(compile(i.read(int(i.readline())), 'jobs', 'exec'))"
"""Reads the length of the source, the source, and leaves the request on stdin to it."""

_REFUSED = re.compile(r"permission denied|host key verification failed|could not resolve", re.I)


class Ssh(Backend):
    """Runs jobs on another machine that can be reached by ssh with a key, without a queue."""

    title = "Machine over SSH"
    host: str = Field(
        title="Host", max_length=255, pattern=r"^[A-Za-z0-9_.:-]+$", description="Name or address."
    )
    user: str = Field("", title="User", max_length=64, pattern=r"^[A-Za-z0-9_.-]*$")
    port: int | None = Field(None, title="Port", ge=1, le=65_535)
    key: str = Field("", title="Key file", description="Path of the private key; empty for ssh's own choice.")
    options: list[str] = Field(
        default_factory=list,
        title="Further options",
        description="More -o options, for instance ProxyJump=gate.",
        json_schema_extra={"x-advanced": True},
    )
    python: str = Field(
        "python3",
        title="Python",
        description="Interpreter on that machine, 3.7 or later, that looks after the jobs.",
        json_schema_extra={"x-advanced": True},
    )
    folder: str = Field(
        "~/.flowloft/jobs",
        title="Folder",
        description="Where records and logs are kept on that machine.",
        json_schema_extra={"x-advanced": True},
    )

    def affinity(self) -> Affinity:
        """Good where the machine answers."""
        if shutil.which("ssh") is None:
            return Affinity(0.0, "ssh is not installed here.")
        try:
            self._ask({"op": "states", "ids": []})
        except BackendError as error:
            return unusable(error)
        return Affinity(0.7, f"{self.host} answers.")

    def preview(self, job: Job) -> Preview:
        """Returns the command as one would type it on that machine."""
        self._refuse(job)
        shown = {**job.env, **dict.fromkeys(job.secrets, HIDDEN)}
        if job.resources.gpus:
            shown.setdefault("CUDA_VISIBLE_DEVICES", f"<{job.resources.gpus} with the most free memory>")
        words = [f"{name}={shlex.quote(value)}" for name, value in sorted(shown.items())]
        line = " ".join([*words, shlex.join(job.argv)])
        if job.directory:
            line = f"cd {shlex.quote(job.directory)} && {line}"
        return Preview("command", line, tuple(self._ssh()))

    def submit(self, job: Job) -> str:
        """Starts the job under a supervisor on that machine."""
        self._refuse(job)
        spec = {
            "argv": job.argv,
            "env": job.environment(),
            "inherit": True,
            "directory": job.directory,
            "seconds": job.resources.seconds,
            "memory": job.resources.memory,
            "cpus": job.resources.cpus,
            "gpus": 0 if "CUDA_VISIBLE_DEVICES" in job.env else job.resources.gpus,
            "errors_apart": job.errors_apart,
            "ticket": job.ticket,
        }
        return str(self._ask({"op": "start", "spec": spec}))

    def states(self, ids: Iterable[str]) -> dict[str, JobState]:
        """Reads all records in one call."""
        asked = list(ids)
        if not asked:
            return {}
        found = self._ask({"op": "states", "ids": asked})
        return {job_id: state_of_record(record) for job_id, record in found.items()}

    def cancel(self, job_id: str) -> None:
        """Asks the supervisor to end the tree; it insists after 3 s."""
        self._ask({"op": "cancel", "id": job_id})

    def address(self, job_id: str, state: JobState, port: int) -> str:
        """Returns the port on that machine, by the name it is reached by."""
        return f"http://[{self.host}]:{port}" if ":" in self.host else f"http://{self.host}:{port}"

    def logs(self, job_id: str, offset: int = 0, *, errors: bool = False) -> tuple[bytes, int]:
        """Reads the log file."""
        told = self._ask({"op": "tail", "id": job_id, "offset": offset, "errors": errors})
        return base64.b64decode(told["piece"]), int(told["next"])

    def _refuse(self, job: Job) -> None:
        asked = job.resources
        problem = ""
        if job.tasks:
            problem = "A machine over ssh has no queue for jobs of several tasks."
        elif asked.machines > 1:
            problem = f"{asked.machines} machines are asked for; {self.host} is one."
        if problem:
            raise BackendError(
                problem,
                permanent=True,
                code="resources_unavailable",
                hint="Ask for less, or choose another backend.",
            )

    def _ssh(self) -> list[str]:
        argv = ["ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15"]
        argv += [word for option in self.options for word in ("-o", option)]
        argv += ["-p", str(self.port)] if self.port else []
        argv += ["-i", self.key] if self.key else []
        argv += ["-l", self.user] if self.user else []
        return [*argv, "--", self.host, shlex.join([self.python, "-I", "-S", "-c", _READER])]

    def _ask(self, request: dict[str, Any]) -> Any:
        """Has a request answered by ``machine_jobs`` on that machine."""
        told = json.dumps({**request, "root": self.folder}).encode()
        try:
            done = subprocess.run(
                self._ssh(),
                input=b"%d\n%s%s" % (len(_SOURCE), _SOURCE, told),
                capture_output=True,
                check=False,
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._silent(str(error)) from error
        if done.returncode == 0:
            return json.loads(done.stdout)
        words = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode == 255:
            raise self._silent(words)
        refused = re.search(r"^Refused: (.*)$", words, re.M)
        if refused:
            raise BackendError(
                refused[1],
                permanent=True,
                code="resources_unavailable",
                hint="Ask for less, or choose another backend.",
            )
        raise BackendError(
            f"{self.host}: {words.splitlines()[-1] if words else 'no answer'}",
            permanent=True,
            code="job_refused",
            hint=f"Linux and Python 3.7 or later are needed there; Python is asked for as {self.python}.",
        )

    def _silent(self, words: str) -> BackendError:
        return BackendError(
            f"{self.host} cannot be reached: {words}",
            permanent=_REFUSED.search(words) is not None,
            code="backend_unreachable",
            hint="Try `ssh` by hand: the key must be accepted without a question.",
        )
