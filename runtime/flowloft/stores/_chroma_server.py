"""``chroma run`` as a child that several processes of one data directory share.

Its own process holds the locks of ``core/server_child.py``; Chroma runs below it and ends with it.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from flowloft.core.server_child import attend

START_SECONDS = 45.0
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serves one folder until it is no longer wanted."""
    parser = argparse.ArgumentParser(description="Serves a Chroma database on loopback.")
    parser.add_argument("--path", required=True, type=Path)
    arguments = parser.parse_args()
    port = _free_port()
    child = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("chroma")),
            *("run", "--path", str(arguments.path), "--host", "127.0.0.1", "--port", str(port)),
        ],
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call
    )
    _wait(child, f"http://127.0.0.1:{port}/api/v2/heartbeat")
    threading.Thread(target=_end_with, args=(child,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        attend(f"http://127.0.0.1:{port}")
    finally:
        child.terminate()
        child.wait()


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_with(child: subprocess.Popen[bytes]) -> None:
    os._exit(child.wait() & 0xFF or 1)


def _wait(child: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if child.poll() is not None:
            raise SystemExit(f"chroma ended with {child.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
    child.kill()
    raise SystemExit("chroma did not answer")


if __name__ == "__main__":
    main()
