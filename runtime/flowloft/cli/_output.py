"""What a command tells: results on stdout, how far it is on stderr."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from flowloft.core.errors import FlowError


def write(text: str, options: argparse.Namespace) -> None:
    """Writes a result to the file of ``--output``, which ``--json`` names; to stdout where there is none.

    Raises:
        FlowError: ``cannot_write``.
    """
    target: Path | None = options.output
    if target is None:
        sys.stdout.write(text)
        return
    try:
        target.write_text(text, "utf-8")
    except OSError as error:
        raise FlowError(
            f"“{target}” can't be written: {error.strerror}.",
            code="cannot_write",
            hint="Name a file in a folder that is there and that you may write to.",
        ) from error
    if options.json:
        print(json.dumps({"file": str(target)}, ensure_ascii=False))


class Progress:
    """One line on stderr that says what is going on and for how long, where a person looks on.

    Says nothing under ``--json``, nor where stderr is no terminal.

    Example:
        with Progress(options) as progress:
            progress.say("packing", 3, 10)
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._shows = sys.stderr.isatty() and not options.json
        self._begun = time.monotonic()

    def say(self, what: str, done: int | None = None, total: int | None = None) -> None:
        """Puts up what is being done now, in place of what stood there."""
        if self._shows:
            share = "" if done is None else f" {done}" if total is None else f" {done}/{total}"
            line = f"{what}{share} ({time.monotonic() - self._begun:.0f} s)"
            sys.stderr.write(f"\r\x1b[K{line[:100]}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self._shows:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()
