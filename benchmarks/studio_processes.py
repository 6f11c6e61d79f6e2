"""A studio of its own for measuring: started as a person starts it, in an empty data folder."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """Returns a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Studio:
    """The supervisor and its parts."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="fl-bench-"))
        self.port = free_port()
        self.token = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Starts it; returns the seconds until every part was ready."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("FLOWLOFT_")}
        for name in ("REDIS_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
            env.pop(name, None)
        env |= {
            "FLOWLOFT_DATA": str(self.data),
            "FLOWLOFT_PORT": str(self.port),
            "FLOWLOFT_LOG_LEVEL": "WARNING",
        }
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "backend.config.supervisor"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
        )
        while not self._ready():
            if time.perf_counter() - begun > 90:
                raise TimeoutError("the studio does not get ready")
            time.sleep(0.02)
        return time.perf_counter() - begun

    def stop(self) -> None:
        """Stops it as Ctrl-C does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        """Stops it and removes its data."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def _ready(self) -> bool:
        try:
            return bool(self._call("GET", "/health")[1]["status"] == "ready")
        except (OSError, ValueError, http.client.HTTPException):
            return False

    def _call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            sent = {"Content-Type": "application/json", **headers}
            connection.request(method, f"/api/v1{path}", text, sent)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null"), answer.headers
        finally:
            connection.close()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Calls the API with the token; returns the answer's JSON."""
        status, answer, _ = self._call(method, path, body, Authorization=f"Bearer {self.token}", **headers)
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def claim(self) -> None:
        """Becomes the owner and gets a token."""
        _, session, headers = self._call("GET", "/session")
        csrf = session["csrf_token"]
        cookies = _cookies(headers)
        person = {
            "token": (self.data / "claim").read_text().strip(),
            "username": "bench",
            "password": "a long enough pass phrase",
        }
        sent = {"X-CSRFToken": csrf, "Cookie": cookies, "Origin": f"http://127.0.0.1:{self.port}"}
        status, answer, headers = self._call("POST", "/claim", person, **sent)
        if status >= 400:
            raise RuntimeError(f"claim: {status} {answer}")
        sent |= {"Cookie": _cookies(headers), "X-CSRFToken": answer["csrf_token"]}
        _, made, _ = self._call("POST", "/tokens", {"name": "bench"}, **sent)
        self.token = made["token"]

    def memory(self) -> dict[str, tuple[float, float]]:
        """Returns RSS and PSS in MB of each process of the studio."""
        if self._process is None:
            return {}
        found: dict[str, tuple[float, float]] = {}
        for pid in _family(self._process.pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            name = next(
                (part for part in ("uvicorn", "celery", "valkey", "supervisor") if part in words), words[:20]
            )
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            rss, pss = (
                int(line.split()[1]) / 1024
                for key in ("Rss:", "Pss:")
                for line in rollup.splitlines()
                if line.startswith(key)
            )
            before = found.get(name, (0.0, 0.0))
            found[name] = (before[0] + rss, before[1] + pss)
        return found


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _cookies(headers: Any) -> str:
    found = [value.split(";")[0] for value in headers.get_all("Set-Cookie", [])]
    return "; ".join(found)
