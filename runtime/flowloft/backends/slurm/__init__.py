"""A Slurm cluster, through its own commands.

The id of a job is ``<Slurm's number>-<token>``; the token names the folder where its log and its
exit code lie, on a file system that the nodes share with the studio.

Source: https://slurm.schedmd.com/sbatch.html, squeue.html, scontrol.html, sacct.html, scancel.html
"""

from __future__ import annotations

import math
import os
import re
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pydantic import Field

from flowloft.backends.slurm.answers import (
    Row,
    account_rows,
    control_rows,
    queue_of,
    queue_rows,
    queued_with,
)
from flowloft.backends.slurm.reasons import ran_out_of_memory, what_to_do
from flowloft.core.backend import (
    HIDDEN,
    Affinity,
    Backend,
    Preview,
    Queued,
    basic_environment,
    jobs_folder,
    read_piece,
    unusable,
)
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, JobState, Reason, ended, together

_WAITING = {
    "PENDING",
    "CONFIGURING",
    "REQUEUED",
    "REQUEUE_HOLD",
    "REQUEUE_FED",
    "RESV_DEL_HOLD",
    "SPECIAL_EXIT",
}
_RUNNING = {"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "RESIZING", "SIGNALING", "STAGE_OUT"}
_ENDS = {
    "BOOT_FAIL": Reason.NODE_FAIL,
    "DEADLINE": Reason.TIMEOUT,
    "REVOKED": Reason.CANCELLED,
    **{reason.value: reason for reason in Reason if reason is not Reason.LOST},
}
_UNREACHABLE = re.compile(r"unable to contact|timed out|connection refused|communication|zero bytes", re.I)


class Slurm(Backend):
    """Submits to Slurm. Needs ``sbatch`` and its companions here, and a shared folder."""

    title = "Slurm"
    shares_files = True
    partition: str = Field("", max_length=200, title="Partition")
    account: str = Field("", max_length=200, title="Account")
    folder: str = Field(
        "",
        title="Folder",
        description="Where scripts, logs and exit codes are kept; the nodes must see it under the same path. "
        "Empty: a folder among the studio's data.",
    )
    qos: str = Field("", max_length=200, title="QOS", json_schema_extra={"x-advanced": True})
    options: list[str] = Field(
        default_factory=list,
        title="Further options",
        description="More arguments for sbatch, one each, for instance --constraint=a100.",
        json_schema_extra={"x-advanced": True},
    )
    config: str = Field(
        "",
        title="Configuration",
        description="Path of slurm.conf, where it is not the usual.",
        json_schema_extra={"x-advanced": True},
    )
    completions: str = Field(
        "",
        title="Completion file",
        description="File of jobcomp/filetxt, for clusters without accounting.",
        json_schema_extra={"x-advanced": True},
    )

    def affinity(self) -> Affinity:
        """Good where the controller answers."""
        if shutil.which("sbatch") is None:
            return Affinity(0.0, "sbatch is not installed here.")
        try:
            self._run(["scontrol", "ping"])
        except BackendError as error:
            return unusable(error)
        return Affinity(0.9, "The Slurm controller answers.")

    def preview(self, job: Job) -> Preview:
        """Returns the batch script; ``argv`` is the call of sbatch that reads it."""
        folder = self._root() / "<token>"
        env = {**job.env, **dict.fromkeys(job.secrets, HIDDEN)}
        head = [shlex.join(self._sbatch(job, folder))]
        head += [f"{name}={shlex.quote(value)}" for name, value in sorted(env.items())]
        note = "".join(f"# {line}\n" for line in head)
        shebang, _, rest = self._script(job, folder).partition("\n")
        return Preview("script", f"{shebang}\n{note}{rest}", tuple(self._sbatch(job, folder)))

    def submit(self, job: Job) -> str:
        """Calls sbatch, with the script on stdin and the variables in its own environment."""
        token = job.ticket or secrets.token_hex(6)
        folder = self._root() / token
        if job.ticket and folder.is_dir():
            number = self._number_of(folder)
            if number:
                return f"{number}-{token}"
            shutil.rmtree(folder)
        folder.mkdir(parents=True, mode=0o700)
        if not job.directory:
            (folder / "work").mkdir()
        try:
            out = self._run(self._sbatch(job, folder), self._script(job, folder), job.environment())
        except BackendError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        number = out.strip().splitlines()[-1].split(";")[0]
        return f"{number}-{token}"

    def _number_of(self, folder: Path) -> str:
        """Returns Slurm's number of the job that a folder was made for; empty where there is none."""
        with suppress(FileNotFoundError):
            return (folder / "number").read_text(encoding="ascii").strip()
        return queued_with(self._run(["squeue", "--json", "--me", "--states=all"]), folder.name)

    def states(self, ids: Iterable[str]) -> dict[str, JobState]:
        """Asks squeue once; jobs that it has forgotten are looked up where Slurm keeps older ones."""
        found: dict[str, JobState] = {}
        asked = [job_id for job_id in ids if not self._remembered(job_id, found)]
        if not asked:
            return found
        queue = queue_rows(self._run(["squeue", "--json", "--me", "--states=all"]))
        for job_id in asked:
            number = _number(job_id)
            rows = queue.get(number) or self._older(number)
            found[job_id] = self._state(job_id, rows)
        return found

    def queue(self) -> list[Queued]:
        """Asks squeue for everybody's jobs of the partition, or of all of them where none is set."""
        chosen = [f"--partition={self.partition}"] if self.partition else []
        return queue_of(self._run(["squeue", "--json", *chosen]))

    def cancel(self, job_id: str) -> None:
        """Calls scancel, which asks first and insists after the cluster's KillWait."""
        with suppress(FileNotFoundError):
            if (self._folder(job_id) / "end.json").exists():
                return
        try:
            self._run(["scancel", _number(job_id)])
        except BackendError as error:
            if "nvalid job id" not in error.message and "already completing" not in error.message:
                raise

    def logs(self, job_id: str, offset: int = 0, *, errors: bool = False) -> tuple[bytes, int]:
        """Reads the log file over the shared file system."""
        task = re.search(r"\[(\d+)\]$", job_id)
        name = ("errors" if errors else "log") + (f".{task[1]}" if task else "")
        return read_piece(self._folder(job_id) / name, offset)

    def _root(self) -> Path:
        return jobs_folder(self.folder, "slurm").absolute()

    def _folder(self, job_id: str) -> Path:
        return self._root() / re.sub(r"\[\d+\]$", "", job_id).rpartition("-")[2]

    def _sbatch(self, job: Job, folder: Path) -> list[str]:
        """Returns the call; values of variables are not in it, only their names."""
        asked = job.resources
        part = ".%a" if job.tasks else ""
        names = sorted({*basic_environment(), *job.env, *job.secrets})
        gpu = f"gpu:{asked.gpu_type}:{asked.gpus}" if asked.gpu_type else f"gpu:{asked.gpus}"
        options = {
            "--job-name": job.name,
            "--comment": job.ticket,
            "--output": f"{_no_pattern(folder)}/log{part}",
            "--error": f"{_no_pattern(folder)}/errors{part}" if job.errors_apart else "",
            "--nodes": str(asked.machines),
            "--cpus-per-task": str(asked.cpus),
            "--mem": f"{math.ceil(asked.memory / 2**20)}M" if asked.memory else "",
            "--gres": gpu if asked.gpus else "",
            "--time": _minutes(asked.seconds) if asked.seconds else "",
            "--array": f"0-{job.tasks - 1}" if job.tasks else "",
            "--partition": self.partition,
            "--account": self.account,
            "--qos": self.qos,
            "--export": ",".join(names),
        }
        given = [f"{name}={value}" for name, value in options.items() if value]
        return ["sbatch", "--parsable", "--no-requeue", "--open-mode=append", *given, *self.options]

    def _script(self, job: Job, folder: Path) -> str:
        """Returns the batch script: the command, then its exit code into a file of its own."""
        directory = job.directory or str(folder / "work")
        place = shlex.quote(str(folder / "exit"))
        number = ".$SLURM_ARRAY_TASK_ID" if job.tasks else ""
        task = 'export FLOWLOFT_TASK="$SLURM_ARRAY_TASK_ID"\n' if job.tasks else ""
        return (
            "#!/bin/sh\n"
            f'echo "${{SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}}" > {shlex.quote(str(folder / "number"))}\n'
            f"{task}cd -- {shlex.quote(directory)} || exit 126\n"
            f"{shlex.join(job.argv)}\n"
            "code=$?\n"
            f'echo "$code" > {place}{number}.new && mv {place}{number}.new {place}{number}\n'
            'exit "$code"\n'
        )

    def _run(self, argv: list[str], stdin: str = "", env: dict[str, str] | None = None) -> str:
        """Runs one of Slurm's commands; returns its stdout, raises with its own words."""
        around = {**os.environ, **(env or {})}
        if self.config:
            around["SLURM_CONF"] = self.config
            if not Path(self.config).exists():
                # Slurm itself would look for a controller in the DNS for a minute.
                raise BackendError(
                    f"The configuration {self.config} is not there.",
                    permanent=False,
                    code="backend_unreachable",
                    hint="Name the slurm.conf of the cluster, or none for the usual one.",
                )
        try:
            done = subprocess.run(
                argv, input=stdin, env=around, capture_output=True, text=True, check=False, timeout=60
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BackendError(
                f"{argv[0]}: {error}",
                permanent=False,
                code="backend_unreachable",
                hint="What was known of the jobs still holds; it is asked again later.",
            ) from error
        if done.returncode == 0:
            return done.stdout
        words = re.sub(rf"^{argv[0]}: (error: )?", "", (done.stderr or done.stdout).strip(), flags=re.M)
        words = "; ".join(words.splitlines())
        gone = _UNREACHABLE.search(words) is not None or argv[0] in ("squeue", "scontrol")
        raise BackendError(
            words or f"{argv[0]} ended with exit code {done.returncode}.",
            permanent=not gone,
            code="backend_unreachable" if gone else "job_refused",
            hint="What was known of the jobs still holds; it is asked again later."
            if gone
            else "Ask for what the partition offers; `sinfo -l` shows it.",
        )

    def _older(self, number: str) -> dict[int | None, Row]:
        """Looks a job up where Slurm keeps what squeue has forgotten; empty where nothing knows it."""
        try:
            return control_rows(self._run(["scontrol", "show", "job", "--oneliner", number]))
        except BackendError as error:
            if "nvalid job id" not in error.message:
                raise
        columns = ["--noheader", "--parsable2", f"--jobs={number}"]
        wanted = "--format=JobID,State,ExitCode,NodeList"
        with suppress(BackendError):
            rows = account_rows(self._run(["sacct", "--allocations", *columns, wanted]))
            if rows:
                return rows
        if self.completions:
            where = ["-c", f"--file={self.completions}"]
            with suppress(BackendError):
                return account_rows(self._run(["sacct", *where, *columns, "--format=JobID,State"]))
        return {}

    def _state(self, job_id: str, rows: dict[int | None, Row]) -> JobState:
        folder = self._folder(job_id)
        if not rows:
            state = self._left_behind(folder)
        elif set(rows) == {None}:
            state = _state_of(rows[None], folder, "")
        else:
            tasks = {n: _state_of(row, folder, f".{n}") for n, row in rows.items() if n is not None}
            state = together(dict(sorted(tasks.items())))
        if state.ended and folder.is_dir():
            new = folder / "end.json.new"
            new.write_text(state.model_dump_json())
            new.replace(folder / "end.json")
        return state

    def _left_behind(self, folder: Path) -> JobState:
        """Reads the exit codes that a job left when nobody else remembers it."""
        codes = {path.suffix[1:]: _exit_code(path) for path in folder.glob("exit*") if path.suffix != ".new"}
        tasks = {int(n or 0): _by_code(code) for n, code in codes.items() if code is not None}
        if not tasks:
            return ended(Reason.LOST, message="Slurm no longer knows this job, and it left no exit code.")
        return tasks[0] if set(codes) == {""} else together(tasks)

    def _remembered(self, job_id: str, found: dict[str, JobState]) -> bool:
        try:
            found[job_id] = JobState.model_validate_json((self._folder(job_id) / "end.json").read_bytes())
        except FileNotFoundError:
            return False
        return True


def _number(job_id: str) -> str:
    return job_id.partition("-")[0]


def _no_pattern(folder: Path) -> str:
    """Protects a path from sbatch's patterns (``%j`` and the like)."""
    return str(folder).replace("\\", "\\\\").replace("%", "%%")


def _minutes(seconds: float) -> str:
    """Writes seconds as Slurm's ``minutes:seconds``; Slurm itself rounds up to the minute."""
    whole = math.ceil(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def _by_code(code: int) -> JobState:
    return ended(Reason.FAILED if code else Reason.COMPLETED, exit_code=code)


def _exit_code(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _state_of(row: Row, folder: Path, task: str) -> JobState:
    """Translates; the exit code comes from the file that the job wrote, where Slurm tells none."""
    if row.state in _WAITING:
        return JobState(state="queued", message=row.why, hint=what_to_do(row.why))
    reason = _ENDS.get(row.state)
    if reason is None:
        return JobState(state="running", place=row.place, started_at=row.started)
    code = row.exit_code if row.exit_code is not None else _exit_code(folder / f"exit{task}")
    why = row.why if row.why not in ("None", "NonZeroExitCode") else ""
    if reason is Reason.FAILED and code:
        # Without cgroups Slurm says so only in what the job wrote.
        words = ran_out_of_memory(folder / f"errors{task}") or ran_out_of_memory(folder / f"log{task}")
        reason, why = (Reason.OUT_OF_MEMORY, words) if words else (reason, why)
    if reason not in (Reason.COMPLETED, Reason.FAILED):
        code = None
    return ended(
        reason,
        exit_code=code,
        message=why,
        hint=what_to_do(why),
        place=row.place,
        started_at=row.started,
        finished_at=row.finished,
    )
