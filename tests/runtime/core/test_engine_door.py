"""The door gives an engine a port that is its own, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flowloft.core import engine_door

ENGINE = """
import http.server, sys
try:
    server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)
    server.serve_forever()
except OSError as error:
    sys.exit(f"cannot listen: {error}")
"""


class Foreign(BaseHTTPRequestHandler):
    """Answers as any healthy server does."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stays silent."""


@pytest.fixture
def foreign() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


# The door runs in a process of its own, because it takes the signals of its process.
PROGRAM = """
import sys
from flowloft.core import engine_door
ports = iter({ports})
usual = engine_door.free_port
engine_door.free_port = lambda: next(ports, None) or usual()
sys.argv = ["door", "--health", "/", "--idle", "1", "--", sys.executable, "-c", {engine!r}, "{{port}}"]
sys.exit(engine_door.main())
"""


def door(ports: list[int]) -> tuple[int, list[dict[str, object]]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(ports=ports, engine=ENGINE)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith(engine_door.MARK)]
    return done.returncode, [json.loads(line.removeprefix(engine_door.MARK)) for line in told]


def test_another_program_on_the_port_is_not_taken_for_the_engine(foreign: int) -> None:
    code, told = door([foreign, 0, 0])
    assert code == 0, told
    assert str(told[0]["url"]).startswith("http://127.0.0.1:"), "it began again on another port"
    assert told[-1]["when"] == "idle"


def test_ports_that_are_taken_again_and_again_end_it_with_the_reason(foreign: int) -> None:
    code, told = door([foreign, 0, foreign, 0, foreign, 0])
    assert code == 1
    assert "took 3 ports" in str(told[-1]["message"])


def test_an_engine_and_its_processes_are_told_from_others(foreign: int) -> None:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        own.listen()
        port = own.getsockname()[1]
        assert not engine_door.is_taken(port, os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "import time; x = bytearray(64 << 20); time.sleep(60)"])
    try:
        assert engine_door.is_taken(foreign, child.pid)
        began = time.monotonic()
        while engine_door.memory_of(child.pid)["memory"] < 64 << 20:
            assert time.monotonic() - began < 20
    finally:
        child.kill()
        child.wait()
