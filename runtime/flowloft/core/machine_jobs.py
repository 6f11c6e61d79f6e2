"""Jobs of the machine that this file runs on, with nothing but the standard library.

A supervisor process of its own stands above each job: it outlives whoever asked for the job,
keeps the time and memory limits, ends the whole tree, and writes how it ended. Everything that is
known of a job is in its folder, so that any later process can read it.

The file is run as a script that reads one request as JSON from stdin. Its source is also sent to
other machines over ssh; so it imports nothing of Flowloft and works from Python 3.7 on.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import errno
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import Any

TERM_GRACE = 3.0
"""Seconds between asking the processes of a job to end and ending them."""
START_GRACE = 5.0
"""Seconds that a supervisor needs at most to write that it stands."""
LOOK = 0.25
"""Seconds between two looks at the memory of a job."""
PIECE = 1 << 20
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def start(root: str, spec: dict[str, Any]) -> str:
    """Starts a job; returns its id once its supervisor stands and its record is written.

    Args:
        root: Folder of all jobs; made if it is not there.
        spec: ``argv``, ``env``, ``directory`` ("" for a fresh one), ``seconds`` or None,
            ``memory`` in bytes or None, ``errors_apart``; ``inherit`` adds ``env`` to this
            process's own; ``cpus`` and ``gpus`` are refused where this machine has fewer, and
            those with the most free memory are named to the job; ``ticket`` is the id,
            and a job that has it already is not started again.
    """
    _refuse(spec)
    if spec.get("gpus"):
        spec = dict(spec, env=dict(best_gpus(spec["gpus"]), **spec["env"]))
    job_id = spec.get("ticket") or secrets.token_hex(8)
    root = os.path.abspath(os.path.expanduser(root))
    folder = os.path.join(root, job_id)
    if _stands(folder):
        return str(job_id)
    os.makedirs(root, mode=0o700, exist_ok=True)
    os.mkdir(folder, 0o700)
    ready, tell = os.pipe()
    if os.fork() == 0:
        os.close(ready)
        os.setsid()
        if os.fork():
            os._exit(0)
        try:
            _supervise(job_id, folder, spec, tell)
        finally:
            os._exit(0)
    os.close(tell)
    os.wait()
    with os.fdopen(ready, "rb") as pipe:
        pipe.read()
    return str(job_id)


def _stands(folder: str) -> bool:
    """Says whether a job has begun in a folder; clears away what never did."""
    until = time.monotonic() + START_GRACE
    while os.path.isdir(folder):
        if os.path.exists(os.path.join(folder, "started.json")):
            return True
        if time.monotonic() > until:
            shutil.rmtree(folder)
            return False
        time.sleep(0.05)
    return False


def _refuse(spec: dict[str, Any]) -> None:
    """Ends the process with a line for whoever sent the request, where the machine is too small."""
    there = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if spec.get("cpus", 1) > there:
        sys.exit(f"Refused: {spec['cpus']} cores are asked for; the machine has {there}.")
    if (spec.get("memory") or 0) > memory:
        sys.exit(f"Refused: {spec['memory']} bytes of memory are asked for; the machine has {memory}.")
    if spec.get("gpus") and spec["gpus"] > len(free_gpus()):
        sys.exit(f"Refused: {spec['gpus']} GPUs are asked for; the machine has {len(free_gpus())}.")


def free_gpus() -> dict[int, int]:
    """Returns by index of each NVIDIA GPU the MiB that are free; empty where there is none.

    Source: ``nvidia-smi --help-query-gpu``.
    """
    query = ["nvidia-smi", "--query-gpu=index,memory.free", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(
            query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    rows = [line.split(",") for line in told.stdout.decode().splitlines() if told.returncode == 0]
    return {int(row[0]): int(row[1]) for row in rows if len(row) == 2 and row[1].strip().isdigit()}


def best_gpus(count: int) -> dict[str, str]:
    """Returns the variable that names the GPUs with the most free memory."""
    free = free_gpus()
    best = sorted(sorted(free), key=lambda index: free[index], reverse=True)[:count]
    return {"CUDA_VISIBLE_DEVICES": ",".join(str(index) for index in sorted(best))}


def states(root: str, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Returns by id what the records say: ``started``, ``end``, and whether it is ``alive``."""
    found = {}
    for job_id in ids:
        folder = _folder(root, job_id)
        begun = _read(folder, "started.json")
        alive = begun is not None and _same_process(begun)
        found[job_id] = {"started": begun, "alive": alive, "end": _read(folder, "end.json")}
    return found


def cancel(root: str, job_id: str) -> None:
    """Ends a job with all its processes, also those whose supervisor was killed."""
    folder = _folder(root, job_id)
    begun = _read(folder, "started.json")
    if begun is None or _read(folder, "end.json") is not None:
        return
    if _same_process(begun):
        with contextlib.suppress(ProcessLookupError):
            os.kill(begun["pid"], signal.SIGTERM)
        return
    mark = ("FLOWLOFT_JOB=" + job_id).encode()
    for pid in _pids():
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/environ", "rb") as file:
                marked = mark in file.read().split(b"\0")
            if marked:
                os.kill(pid, signal.SIGKILL)
    _write(folder, "end.json", {"reason": "CANCELLED", "exit_code": None, "message": "", "at": time.time()})


def tail(root: str, job_id: str, offset: int, errors: bool) -> dict[str, Any]:
    """Returns a piece of a log from a byte on, base64, and the next offset."""
    try:
        with open(os.path.join(_folder(root, job_id), "errors" if errors else "log"), "rb") as file:
            file.seek(offset)
            piece = file.read(PIECE)
    except FileNotFoundError:
        piece = b""
    return {"piece": base64.b64encode(piece).decode(), "next": offset + len(piece)}


def _folder(root: str, job_id: str) -> str:
    if not job_id.isalnum():
        raise ValueError(f"not the id of a job: {job_id!r}")
    return os.path.join(os.path.expanduser(root), job_id)


def _read(folder: str, name: str) -> Any:
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def _write(folder: str, name: str, record: dict[str, Any]) -> None:
    path = os.path.join(folder, name)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def _born(pid: int) -> str | None:
    """Returns what tells a process from a later one with the same number: boot and start time."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return boot + ":" + file.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def _same_process(record: dict[str, Any]) -> bool:
    return bool(record["born"]) and _born(record["pid"]) == record["born"]


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _descendants() -> dict[int, int]:
    """Returns the processes below this one, as {pid: bytes of memory in use}."""
    parents: dict[int, int] = {}
    memory: dict[int, int] = {}
    page = os.sysconf("SC_PAGE_SIZE")
    for pid in _pids():
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
            if fields[0] != "Z":
                parents[pid], memory[pid] = int(fields[1]), int(fields[21]) * page
    below = {os.getpid()}
    found: dict[int, int] = {}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in below and pid not in below}
        found.update({pid: memory[pid] for pid in more})
        below |= more
        grown = bool(more)
    return found


def _end_tree() -> None:
    """Ends all descendants: asks, waits a little, then insists until none is left."""
    until = time.monotonic() + TERM_GRACE
    how = int(signal.SIGTERM)
    while True:
        below = _descendants()
        if not below:
            return
        for pid in below:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, how)
        how = 0 if time.monotonic() < until else int(signal.SIGKILL)
        _reap()
        time.sleep(0.02)
        if time.monotonic() > until + TERM_GRACE:
            return


def _reap() -> dict[int, int]:
    """Collects ended children, orphans of the job among them; returns {pid: wait status}."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status


def _supervise(job_id: str, folder: str, spec: dict[str, Any], tell: int) -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    waited = {signal.SIGCHLD, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, waited)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    begun = {"pid": os.getpid(), "born": _born(os.getpid()), "at": time.time(), "host": socket.gethostname()}
    try:
        child = _spawn(job_id, folder, spec, libc, waited)
    except OSError as error:
        _write(folder, "started.json", begun)
        code = 126 if error.errno == errno.EACCES else 127
        end = {"reason": "FAILED", "exit_code": code, "message": str(error), "at": time.time()}
        _write(folder, "end.json", end)
        return
    begun["child"] = child.pid
    _write(folder, "started.json", begun)
    os.close(tell)
    reason, status = _watch(child.pid, spec, waited)
    _end_tree()
    _write(folder, "end.json", _ending(reason, status, spec))


def _spawn(
    job_id: str, folder: str, spec: dict[str, Any], libc: ctypes.CDLL, waited: set[signal.Signals]
) -> subprocess.Popen[bytes]:
    """Starts the command. Keep what is returned: when it is collected it takes the exit code away."""
    log = os.open(os.path.join(folder, "log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    errors = log
    if spec.get("errors_apart"):
        errors = os.open(os.path.join(folder, "errors"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    directory = os.path.expanduser(spec.get("directory") or os.path.join(folder, "work"))
    if not spec.get("directory"):
        os.mkdir(directory, 0o700)
    env = dict(os.environ if spec.get("inherit") else {}, **spec["env"])
    env["FLOWLOFT_JOB"] = job_id

    def before() -> None:
        os.setsid()
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, waited)

    return subprocess.Popen(
        spec["argv"],
        env=env,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=errors,
        preexec_fn=before,  # noqa: PLW1509 - the supervisor has one thread
    )


def _watch(child: int, spec: dict[str, Any], waited: set[signal.Signals]) -> tuple[str | None, int | None]:
    """Waits for the end of the job or of its patience: (reason or None, wait status or None)."""
    until = time.monotonic() + spec["seconds"] if spec.get("seconds") else None
    while True:
        status = _reap().get(child)
        if status is not None:
            return None, status
        if until is not None and time.monotonic() >= until:
            return "TIMEOUT", None
        if spec.get("memory") and sum(_descendants().values()) > spec["memory"]:
            return "OUT_OF_MEMORY", None
        pause = LOOK if spec.get("memory") else 60.0
        if until is not None:
            pause = max(0.0, min(pause, until - time.monotonic()))
        told = signal.sigtimedwait(waited, pause)
        if told is not None and told.si_signo == signal.SIGTERM:
            return "CANCELLED", None


def _ending(reason: str | None, status: int | None, spec: dict[str, Any]) -> dict[str, Any]:
    end = {"reason": reason, "exit_code": None, "message": "", "at": time.time()}
    if reason == "TIMEOUT":
        end["message"] = f"It ran longer than the {spec['seconds']:g} s that it was allowed."
    elif reason == "OUT_OF_MEMORY":
        end["message"] = f"It used more than the {spec['memory']} bytes of memory that it was allowed."
    elif status is not None:
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = 128 + killed if killed else os.WEXITSTATUS(status)
        end["reason"], end["exit_code"] = ("FAILED" if code else "COMPLETED"), code
        if killed:
            end["message"] = f"Signal {signal.Signals(killed).name} ended it."
    return end


def answer(request: dict[str, Any]) -> Any:
    """Does what a request asks: ``{"op": "start" | "states" | "cancel" | "tail", ...}``."""
    root = request["root"]
    if request["op"] == "start":
        return start(root, request["spec"])
    if request["op"] == "states":
        return states(root, request["ids"])
    if request["op"] == "cancel":
        cancel(root, request["id"])
        return None
    return tail(root, request["id"], request["offset"], request["errors"])


if __name__ == "__main__":
    json.dump(answer(json.loads(sys.stdin.buffer.read().decode("utf-8"))), sys.stdout)
