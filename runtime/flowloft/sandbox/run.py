"""The two doors into the sandbox; closed where its self-test has failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowloft.sandbox.check import require_sandbox
from flowloft.sandbox.jail import CallResult, CommandResult, call_command, call_function
from flowloft.sandbox.limits import Limits


def _nothing() -> None:
    """Never gives up."""


def run_function(
    code: str,
    function: str,
    inputs: dict[str, Any],
    *,
    limits: Limits | None = None,
    check: Callable[[], None] = _nothing,
    shown: Mapping[str, str] | None = None,
) -> CallResult:
    """Runs Python code and calls one of its functions, in the sandbox.

    Args:
        code: Source of a module.
        function: Name of the function in it.
        inputs: Its arguments by name; JSON only.
        limits: What it may use up.
        check: Called at least every 0.1 s; what it raises ends the sandbox.
        shown: Files and folders that it may read: path below ``/sandbox/`` to path outside. Python
            imports from the folders.

    Raises:
        FlowloftError: ``sandbox_unavailable``: nothing was run.
        FlowError: ``input_not_json``; ``code_failed`` with type, message and line of what it
            raised; ``sandbox_timeout``, ``sandbox_memory``, ``sandbox_processes``,
            ``sandbox_files``, ``sandbox_output``: the limit that it met.

    Example:
        >>> run_function("def twice(x): return 2 * x", "twice", {"x": 21}).value
        42
    """
    require_sandbox()
    return call_function(code, function, inputs, limits or Limits(), check, shown)


def run_command(
    argv: list[str],
    *,
    stdin: str = "",
    limits: Limits | None = None,
    check: Callable[[], None] = _nothing,
) -> CommandResult:
    """Runs a program of the system in the sandbox, its arguments as they are.

    An exit code that is not 0 is no error here.

    Raises:
        FlowloftError: As :func:`run_function`.
    """
    require_sandbox()
    return call_command(argv, stdin, limits or Limits(), check)
