"""A step whose effect can be counted afterwards."""

from __future__ import annotations

import os
from typing import Any

from flowloft.core.context import Context
from flowloft.core.node import Effect, Node


class Counted(Node):
    """Adds a line to a file, then takes its time."""

    title = "Counted"
    group = "test"

    file: str
    again: Effect = "once"
    pause: float = 0.0

    def effect(self) -> Effect:
        return self.again

    def run(self, ctx: Context, after: Any = None) -> str:
        line = f"{self.again} {ctx.run_id} {ctx.idempotency_key}\n".encode()
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)
        if self.pause:
            ctx.sleep(self.pause)
        return "done"
