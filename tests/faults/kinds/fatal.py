"""A step that no worker survives."""

from __future__ import annotations

import os
import signal

from flowloft.core.node import Node


class Fatal(Node):
    """Kills the process it runs in."""

    title = "Fatal"
    group = "test"

    def run(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)
