"""The door in front of a local engine, wherever it runs: a program of the standard library only.

    python engine_door.py --health /health --key-env NAME --listen 127.0.0.1 -- ENGINE ... {port} ...

It gives the engine a free port of 127.0.0.1, waits until it is healthy, and tells on a line of its
own where it answers. Every request must carry the key in ``FLOWLOFT_SERVER_KEY``, whatever the
engine itself asks for. ``GET /door`` says how much memory the engine takes. When the engine dies, or
nobody has asked for long, it ends and says so; when another program took its port, it gets another.
"""

from __future__ import annotations

import argparse
import contextlib
import hmac
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MARK = "FLOWLOFT-DOOR "
"""Begins the lines that the studio reads."""
KEY_ENV = "FLOWLOFT_SERVER_KEY"
LOOK_SECONDS = 0.2
PORT_TRIES = 3
TAKEN = -1
"""In place of an exit code: another program listens on the engine's port."""
MAX_BODY = 64 << 20
ENGINE_SECONDS = 900.0
"""Silence of the engine in the middle of an answer after which it counts as broken."""
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "proxy-authorization", "host"}
_OWN = _HOP | {"authorization", "content-length"}


def tell(**facts: Any) -> None:
    """Writes one line for the studio."""
    print(MARK + json.dumps(facts), flush=True)  # noqa: T201 - the log is the way back


def free_port() -> int:
    """Returns a port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Door(ThreadingHTTPServer):
    """Passes requests on to the engine, pieces of answers as they come."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, listen: str, port: int, pid: int, key: str, engine_key: str) -> None:
        super().__init__((listen, 0), _Requests)
        self.engine_port, self.engine_pid, self.key, self.engine_key = port, pid, key, engine_key
        self.used = time.monotonic()
        self.under_way = 0
        self.counting = threading.Lock()


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Door

    def log_message(self, *_: Any) -> None:
        """Keeps quiet: the texts of people are nobody's business."""

    def do_GET(self) -> None:
        self._pass_on(b"")

    def do_DELETE(self) -> None:
        self._pass_on(b"")

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length") or "0"
        if (
            not size.isdigit()
            or int(size) > MAX_BODY
            or "chunked" in self.headers.get("Transfer-Encoding", "")
        ):
            self.close_connection = True
            self._fail(413, f"Send a Content-Length of at most {MAX_BODY} bytes.")
            return
        self._pass_on(self.rfile.read(int(size)))

    def _pass_on(self, body: bytes) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.server.key.encode()):
            self._fail(401, "The key is wrong.")
            return
        if self.path == "/door":
            self._say(200, memory_of(self.server.engine_pid))
            return
        counts = self.path.startswith(("/v1/", "/generate"))
        with self.server.counting:
            self.server.under_way += counts
        try:
            self._ask(body)
        finally:
            with self.server.counting:
                self.server.under_way -= counts
                self.server.used = time.monotonic() if counts else self.server.used

    def _ask(self, body: bytes) -> None:
        engine = http.client.HTTPConnection("127.0.0.1", self.server.engine_port, timeout=ENGINE_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
        if self.server.engine_key:
            headers["Authorization"] = f"Bearer {self.server.engine_key}"
        try:
            engine.request(self.command, self.path, body or None, headers)
            answer = engine.getresponse()
        except OSError:
            self._fail(502, "The engine does not answer.")
            return
        try:
            self._answer(answer)
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # half an answer must not look like a whole one
        finally:
            engine.close()

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        self.send_response(answer.status)
        length = answer.getheader("Content-Length")
        for name, value in answer.getheaders():
            if name.lower() not in _HOP | {"content-length", "date", "server"}:
                self.send_header(name, value)
        self.send_header(*(("Content-Length", length) if length else ("Transfer-Encoding", "chunked")))
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(piece if length else b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        if not length:
            self.wfile.write(b"0\r\n\r\n")

    def _fail(self, status: int, message: str) -> None:
        self._say(status, {"error": {"message": message, "code": status}})

    def _say(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def processes_of(pid: int) -> list[int]:
    """Returns a process and all that it started."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def memory_of(pid: int) -> dict[str, int]:
    """Returns the bytes that an engine and its processes take: ``memory`` of the machine, what they
    share counted once, and ``device_memory`` of its GPUs where there are any."""
    pids = processes_of(pid)
    told = {"memory": 1024 * sum(_pss(one) for one in pids)}
    smi = shutil.which("nvidia-smi")
    if smi:
        asked = [smi, "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"]
        try:
            lines = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True).stdout
            used = [line.split(",") for line in lines.splitlines() if line.count(",") == 1]
            told["device_memory"] = sum(int(mib) << 20 for one, mib in used if int(one) in pids)
        except (OSError, subprocess.SubprocessError, ValueError):
            pass
    return told


def _pss(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("Pss:")), 0)
    except (OSError, ValueError, IndexError):
        return 0


def _sockets(port: int) -> Iterator[str]:
    """Yields the inodes of what listens on a port of this machine."""
    for table in ("tcp", "tcp6"):
        try:
            with open(f"/proc/net/{table}", encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        for row in rows:
            if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port:
                yield row[9]


def is_taken(port: int, pid: int) -> bool:
    """Says whether somebody else than an engine and its processes listens on a port."""
    theirs = {f"socket:[{inode}]" for inode in _sockets(port)}
    for one in processes_of(pid) if theirs else ():
        theirs.difference_update(_links(one))
    return bool(theirs)


def _links(pid: int) -> Iterator[str]:
    """Yields what the open files of a process are; those that close meanwhile are left out."""
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                yield os.readlink(f"/proc/{pid}/fd/{name}")


def _healthy(port: int, path: str, key: str) -> bool:
    engine = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        engine.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        return engine.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        engine.close()


def _end(engine: subprocess.Popen[bytes]) -> None:
    if engine.poll() is None:
        engine.terminate()
        try:
            engine.wait(20)
        except subprocess.TimeoutExpired:
            engine.kill()
            engine.wait()


def _own_address() -> str:
    """Returns the address that this machine is known by in its network. Nothing is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _serve(given: argparse.Namespace, engine: subprocess.Popen[bytes], port: int, engine_key: str) -> int:
    until = time.monotonic() + given.start_seconds
    while not _healthy(port, given.health, engine_key) or is_taken(port, engine.pid):
        if is_taken(port, engine.pid):
            return TAKEN
        if engine.poll() is not None:
            tell(ended=engine.returncode, when="starting")
            return engine.returncode or 1
        if time.monotonic() > until:
            tell(ended=None, when="starting", seconds=given.start_seconds)
            return 1
        time.sleep(LOOK_SECONDS)
    key = os.environ.get(KEY_ENV) or secrets.token_urlsafe(24)
    door = Door(given.listen, port, engine.pid, key, engine_key)
    threading.Thread(target=door.serve_forever, daemon=True).start()
    host = "127.0.0.1"
    if given.listen != host:
        host = _own_address() if given.by_address else socket.gethostname()
    tell(url=f"http://{host}:{door.server_address[1]}")
    while engine.poll() is None:
        if given.idle and not door.under_way and time.monotonic() - door.used > given.idle:
            tell(ended=0, when="idle", seconds=given.idle)
            return 0
        time.sleep(LOOK_SECONDS)
    tell(ended=engine.returncode, when="serving")
    return engine.returncode or 1


def main() -> int:
    """Starts an engine, stands before it, and ends it."""
    parser = argparse.ArgumentParser(description="Starts an engine and stands before it as its door.")
    parser.add_argument("--health", default="/health")
    parser.add_argument("--key-env", default="", help="variable that the engine takes its key from")
    parser.add_argument("--listen", default="127.0.0.1")
    parser.add_argument(
        "--by-address", action="store_true", help="tell the IP address, where the name is known to nobody"
    )
    parser.add_argument("--idle", type=float, default=0, help="seconds without a request; 0 for never")
    parser.add_argument("--start-seconds", type=float, default=1800)
    parser.add_argument("engine", nargs="+")
    given = parser.parse_args()
    engine_key = ""
    env = {name: value for name, value in os.environ.items() if name != KEY_ENV}
    if given.key_env:
        engine_key = env[given.key_env] = secrets.token_urlsafe(24)

    def stop(*_: Any) -> None:
        raise SystemExit(143)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for _ in range(PORT_TRIES):
        code = _attempt(given, env, engine_key)
        if code != TAKEN:
            return code
    tell(ended=None, when="starting", message=f"Other programs took {PORT_TRIES} ports that had been free.")
    return 1


def _attempt(given: argparse.Namespace, env: dict[str, str], engine_key: str) -> int:
    """Starts the engine on a free port, and ends it, whatever happens."""
    port = free_port()
    fill = {"{host}": "127.0.0.1", "{port}": str(port), "{spare_port}": str(free_port())}
    argv = [fill.get(word, word) for word in given.engine]
    try:
        engine = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=env)
    except OSError as error:
        tell(ended=127, when="starting", message=f"{argv[0]}: {error.strerror}")
        return 127
    try:
        return _serve(given, engine, port, engine_key)
    finally:
        _end(engine)


if __name__ == "__main__":
    sys.exit(main())
