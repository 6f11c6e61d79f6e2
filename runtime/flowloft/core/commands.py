"""Command lines as lists of arguments, and how one that failed is told."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from flowloft.core.errors import FlowError

_KEPT = 4000
"""Characters of stderr that are told: its end."""


def split_command(command: str | Sequence[object]) -> list[str]:
    """Returns a command as arguments: a text is split as a shell would, a list is taken as it is.

    No shell ever reads it: ``;``, ``$`` and ``*`` stand for themselves.

    Raises:
        ValueError: A quote is not closed, or there is nothing in it.

    Example:
        >>> split_command("grep -c 'two words' file")
        ['grep', '-c', 'two words', 'file']
    """
    argv = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
    if not argv:
        raise ValueError("the command is empty")
    return argv


def command_failed(argv: Sequence[str], exit_code: int | None, errors: str, why: str = "") -> FlowError:
    """Returns the error of a command that did not end well.

    Args:
        argv: What was run.
        exit_code: None where it did not end by itself.
        errors: What it wrote to stderr.
        why: In words, where it is not the exit code that says it.
    """
    end = errors.rstrip()[-_KEPT:]
    last = end.splitlines()[-1][:300] if end else ""
    what = why or f"exit code {exit_code}"
    return FlowError(
        f"{argv[0]} failed: {what}" + (f": {last}" if last else ""),
        code="command_failed",
        hint="Try the command by hand; the end of what it wrote to stderr is kept with this error.",
        extra={"exit_code": exit_code, "stderr": end},
    )
