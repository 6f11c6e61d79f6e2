"""The self-test: before the first foreign code, the sandbox must hold against real attempts."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from flowloft.core.errors import FlowloftError
from flowloft.sandbox.jail import ENVIRONMENT, call_function, unavailable
from flowloft.sandbox.limits import Limits

_PROBES = (Path(__file__).parent / "probes.py").read_text(encoding="utf-8")
_lock = threading.Lock()
_report: SandboxReport | None = None


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """Whether code may run here.

    Attributes:
        error: Why not; None where it may.
        layers: What holds it: namespaces, limits, landlock, seccomp.
        probes: By name of each attempt to escape, what stopped it.
    """

    error: FlowloftError | None
    layers: tuple[str, ...] = ()
    probes: dict[str, str] | None = None


def sandbox_report(*, again: bool = False) -> SandboxReport:
    """Returns the result of the self-test, made once a process."""
    global _report  # noqa: PLW0603 - one kernel, one answer
    with _lock:
        if _report is None or again:
            _report = _self_test()
        return _report


def require_sandbox() -> None:
    """Raises where the sandbox does not hold.

    Raises:
        FlowloftError: ``sandbox_unavailable``, with what to install.
    """
    report = sandbox_report()
    if report.error is not None:
        raise report.error


def _self_test() -> SandboxReport:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as door:
        secret = Path(folder) / "secret"
        secret.write_text("secret", encoding="utf-8")
        Path(folder).chmod(0o711)
        secret.chmod(0o644)
        door.bind(("127.0.0.1", 0))
        door.listen()
        inputs = {
            "secret": str(secret),
            "home": str(Path.home()),
            "port": door.getsockname()[1],
            "outside": os.getpid(),
            "known": sorted(ENVIRONMENT),
        }
        try:
            seen = call_function(_PROBES, "probe", inputs, Limits(seconds=20, processes=8), lambda: None)
        except FlowloftError as error:
            failed = error if error.error_code == "sandbox_unavailable" else unavailable(error.message)
            return SandboxReport(failed)
    escaped = sorted(name for name, stopped in seen.value.items() if not stopped)
    if escaped:
        return SandboxReport(unavailable(f"it does not hold against: {', '.join(escaped)}."))
    return SandboxReport(None, seen.layers, seen.value)
