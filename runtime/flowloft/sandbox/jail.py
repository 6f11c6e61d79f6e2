"""Starts code in the sandbox and watches it: bubblewrap around, the guest inside.

The sandbox starts with an empty environment, no network, its own processes, and of the file system
only the system's programs, the Python it runs, and an empty folder in memory.

Source: ``man bwrap``.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowloft.core.errors import FlowError, FlowloftError
from flowloft.sandbox.limits import Limits
from flowloft.sandbox.watch import Watched, watch

GUEST = Path(__file__).parent
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/work", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108
_NO_MEMORY = re.compile(r"memory exhausted|cannot allocate|out of memory|MemoryError|bad_alloc", re.I)
"""What programs say that the kernel gave no more memory to."""
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
_DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom"))
_FIRST_USER = 1_900_000_000
"""From here on no system has users; each call becomes one of its own."""

_CPU_PASSED = 128 + signal.SIGXCPU


@dataclass(frozen=True, slots=True)
class CallResult:
    """What a function returned, as JSON carries it; what it printed; what held it."""

    value: Any
    log: str
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended and what it wrote; ``errors`` is the end of its stderr."""

    exit_code: int
    output: str
    errors: str


def call_function(
    code: str,
    function: str,
    inputs: dict[str, Any],
    limits: Limits,
    check: Callable[[], None],
    shown: Mapping[str, str] | None = None,
) -> CallResult:
    """Does what ``run_function`` promises, without asking whether the sandbox holds."""
    try:
        json.dumps(inputs, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise FlowError(
            f"An input is not plain data: {error}.",
            code="input_not_json",
            hint="Texts, numbers, lists and records can go into the sandbox.",
        ) from error
    seen = _start({"code": code, "function": function, "inputs": inputs}, limits, check, shown or {})
    log = seen.errors.decode("utf-8", "replace")
    try:
        answer = json.loads(seen.output)
    except ValueError:
        raise _ended_early(seen, log, limits) from None
    if "error" in answer:
        raise _error(answer["error"], log, limits)
    return CallResult(answer["value"], log, tuple(answer["layers"]))


def call_command(argv: list[str], stdin: str, limits: Limits, check: Callable[[], None]) -> CommandResult:
    """Does what ``run_command`` promises, without asking whether the sandbox holds."""
    seen = _start({"argv": argv, "stdin": stdin}, limits, check, {})
    errors = seen.errors.decode("utf-8", "replace")
    if seen.exit_code == _CPU_PASSED:
        raise _limit("cpu", limits, errors)
    if seen.exit_code and _NO_MEMORY.search(errors):
        raise _limit("memory", limits, errors)
    return CommandResult(seen.exit_code, seen.output.decode("utf-8", "replace"), errors)


def _start(
    request: dict[str, Any], limits: Limits, check: Callable[[], None], shown: Mapping[str, str]
) -> Watched:
    as_root = os.geteuid() == 0
    packages = (
        [os.environ["FLOWLOFT_SANDBOX_PACKAGES"]] if os.environ.get("FLOWLOFT_SANDBOX_PACKAGES") else []
    )
    request |= {
        "limits": limits.model_dump(),
        "user": _FIRST_USER + secrets.randbelow(100_000_000) if as_root else None,
        "packages": [*packages, *(path for path in shown if os.path.isdir(shown[path]))],
        "readable": [*_readable(packages), "/proc", "/sandbox"],
        "writable": ["/work", "/tmp", *_DEVICES],  # noqa: S108
    }
    argv = [*_bwrap(as_root, limits, packages, shown), *_python(), "/sandbox/guest.py"]
    seen = watch(argv, json.dumps(request).encode(), ENVIRONMENT, limits, check)
    if seen.stopped:
        raise _limit(seen.stopped, limits, seen.errors.decode("utf-8", "replace"))
    if seen.exit_code == 1 and seen.errors.startswith((b"bwrap: ", b"sandbox: ")):
        raise unavailable(seen.errors.decode(errors="replace").strip())
    return seen


def unavailable(why: str) -> FlowloftError:
    """Returns the one error of a sandbox that cannot be: nothing is run without it."""
    return FlowloftError(
        f"Code cannot be run safely here: {why}",
        code="sandbox_unavailable",
        hint=(
            "Install the package bubblewrap (`apt install bubblewrap`), and allow user namespaces "
            "(`sysctl kernel.unprivileged_userns_clone=1`; in a container: run it with them)."
        ),
    )


def _python() -> list[str]:
    # A virtual environment may hold a copy of the program instead of a link; only the base is shown inside.
    base = getattr(sys, "_base_executable", sys.executable)
    return [os.path.realpath(base), "-I", "-S", "-B"]


def _readable(packages: list[str]) -> list[str]:
    return ["/usr", *_SYSTEM, *_ETC, sys.base_prefix, *packages]


def _bwrap(as_root: bool, limits: Limits, packages: list[str], files: Mapping[str, str]) -> list[str]:
    """Returns bubblewrap with all its options.

    As root no user namespace is made: inside one, root would still own root's files. The guest
    keeps the right to become another user, and uses it first.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise unavailable("bubblewrap is not installed.")
    argv = [
        program,
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    if as_root:
        argv += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        argv += ["--unshare-user", "--disable-userns"]
    argv += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
    argv += ["--ro-bind", "/usr", "/usr", "--tmpfs", "/usr/local"]
    for path in _SYSTEM:
        if os.path.islink(path):
            argv += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            argv += ["--ro-bind", path, path]
    shown = [*_ETC, *packages, *([sys.base_prefix] if sys.base_prefix != "/usr" else [])]
    for parent in sorted({str(parent) for path in shown for parent in Path(path).parents} - {"/", "/usr"}):
        # Made by bwrap itself they could be entered by root only.
        argv += ["--perms", "0755", "--dir", parent]
    for path in shown:
        argv += ["--ro-bind-try", path, path]
    argv += ["--perms", "0755", "--dir", "/sandbox"]
    own = {f"/sandbox/{name}": str(GUEST / name) for name in ("guest.py", "confine.py")}
    for inside, outside in {**own, **files}.items():
        argv += ["--ro-bind", outside, inside]
    for folder in ("/work", "/tmp"):  # noqa: S108
        argv += ["--size", str(limits.files), "--perms", "1777", "--tmpfs", folder]
    return [*argv, "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/", "--chdir", "/work", "--"]


def _ended_early(seen: Watched, log: str, limits: Limits) -> FlowError:
    """Explains a function that ended without an answer."""
    if seen.exit_code in (_CPU_PASSED, 128 + signal.SIGKILL):
        return _limit("cpu", limits, log)
    return FlowError(
        f"The code ended with exit code {seen.exit_code} instead of returning.",
        code="code_failed",
        hint="Return a value; do not end the process.",
        extra={"exit_code": seen.exit_code, "log": log[-4000:]},
    )


def _error(told: dict[str, Any], log: str, limits: Limits) -> FlowError:
    if told["kind"] != "error":
        return _limit(told["kind"], limits, log)
    where = f" (line {told['line']})" if told.get("line") else ""
    return FlowError(
        f"{told['type']}: {told['message']}{where}",
        code="code_failed",
        hint="Mend the code. In the sandbox there is no network, no file of this machine, no secret."
        if told["type"] in ("PermissionError", "FileNotFoundError", "OSError", "gaierror")
        else "Mend the code; the line is counted from its first.",
        extra={"type": told["type"], "line": told.get("line"), "log": log[-4000:]},
    )


def _limit(which: str, limits: Limits, log: str) -> FlowError:
    allowed = {
        "time": ("sandbox_timeout", f"It ran longer than {limits.seconds:g} s."),
        "cpu": ("sandbox_timeout", f"It used more than {limits.cpu} s of processor time."),
        "crowd": (
            "sandbox_processes",
            f"It ran longer than {limits.seconds:g} s with as many processes as are allowed, "
            f"{limits.processes}.",
        ),
        "memory": ("sandbox_memory", f"It asked for more than {limits.memory >> 20} MiB of memory."),
        "processes": ("sandbox_processes", f"It started more than {limits.processes} processes."),
        "files": ("sandbox_files", f"It wrote more than {limits.files >> 20} MiB."),
        "output": ("sandbox_output", f"It returned or printed more than {limits.output >> 10} KiB."),
    }
    code, message = allowed[which]
    return FlowError(
        message,
        code=code,
        hint="Do less at a time, or raise this limit in the node's settings.",
        extra={"limit": which, "log": log[-4000:]},
    )
