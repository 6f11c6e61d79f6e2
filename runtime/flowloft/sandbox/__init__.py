"""Where code that a person typed into the browser runs: apart from everything, or not at all."""

from flowloft.sandbox.check import SandboxReport, sandbox_report
from flowloft.sandbox.jail import CallResult, CommandResult
from flowloft.sandbox.limits import Limits
from flowloft.sandbox.run import run_command, run_function

__all__ = [
    "CallResult",
    "CommandResult",
    "Limits",
    "SandboxReport",
    "run_command",
    "run_function",
    "sandbox_report",
]
