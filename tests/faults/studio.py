"""A studio of real processes that tests may kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from redis import Redis

from backend.config.environment import ROOT, read_environment
from backend.config.supervisor import parts
from backend.config.supervisor.children import Child

WORKERS = "flowloft:workers"
TERMINAL = {"succeeded", "failed", "timed_out", "cancelled"}
PATIENCE = 5
"""How much slower a machine may be on which all tests run side by side."""


def free_port() -> int:
    """Returns a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Studio:
    """Broker, web process and workers, each started and killed by hand.

    Args:
        data: An empty folder.
        documents: Flow documents by name; each becomes a flow.
        database_url: Empty for SQLite.
        settings: Name of the settings module.
    """

    def __init__(
        self,
        data: Path,
        documents: dict[str, Any],
        *,
        database_url: str = "",
        settings: str = "tests.faults.settings",
        threads: int = 16,
    ) -> None:
        self.port = free_port()
        self.env = {
            "FLOWLOFT_DATA": str(data),
            "FLOWLOFT_PORT": str(self.port),
            "FLOWLOFT_WORKER_THREADS": str(threads),
            "DATABASE_URL": database_url,
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": settings,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
        }
        self.environment = read_environment(self.env)
        self.children: dict[str, Child] = {}
        self.start("valkey", parts.valkey(self.environment))
        seeded = self._program("-m", "tests.faults.seed", given=json.dumps(documents))
        found = json.loads(seeded.splitlines()[-1])
        self.flows: dict[str, str] = found["flows"]
        self.token: str = found["token"]
        assert parts.wait_for_socket(self.environment.socket, 60)
        self.broker = Redis.from_url(self.environment.broker_url)
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )

    def _program(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | self.env,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str, child: Child) -> None:
        """Starts a part."""
        child.env = {**self.env, **child.env}
        child.start()
        self.children[name] = child

    def start_web(self) -> None:
        """Starts the web process and waits until it answers."""
        self.start("web", parts.web(self.environment))
        self.wait(self.answers, "the web process does not answer", 20)

    def start_workers(self, *names: str) -> None:
        """Starts workers and waits until they have reported."""
        started = time.time()
        for name in names:
            self.start(name, parts.worker(self.environment, name=name))
        for name in names:
            self.wait(lambda name=name: self._reported(name) > started, f"{name} does not report", 40)

    def _reported(self, name: str) -> float:
        """Returns when a worker last reported, as unix time."""
        beats = self.broker.zrange(WORKERS, 0, -1, withscores=True)
        return max((at for who, at in beats if who.decode().startswith(f"{name}-")), default=0.0)

    def tidy(self) -> None:
        """Has broker and web process run, and no worker."""
        for name in [name for name in self.children if name not in ("valkey", "web")]:
            self.kill(name)
        if "valkey" not in self.children:
            self.restart_valkey()
        if "web" not in self.children:
            self.start_web()

    def restart_valkey(self) -> None:
        """Starts an empty broker in the place of the one that was killed."""
        self.start("valkey", parts.valkey(self.environment))
        assert parts.wait_for_socket(self.environment.socket, 60)

    def answers(self) -> bool:
        """Says whether the web process is there."""
        try:
            return self.http.get("/health").status_code in (200, 503)
        except httpx.TransportError:
            return False

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Kills a part, as a crash or a lack of memory would."""
        process = self.children.pop(name).process
        assert process is not None
        process.send_signal(how)
        process.wait(60)

    def close(self) -> None:
        """Ends every part."""
        self.http.close()
        self.broker.close()
        for name in list(self.children):
            self.kill(name)

    def run(self, flow: str, inputs: dict[str, Any] | None = None, **more: Any) -> str:
        """Starts a run and returns its id."""
        answer = self.http.post(f"/flows/{self.flows[flow]}/runs", json={"inputs": inputs or {}, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def get(self, run_id: str) -> dict[str, Any]:
        """Returns a run."""
        return dict(self.http.get(f"/runs/{run_id}").raise_for_status().json())

    def events(self, run_id: str) -> list[dict[str, Any]]:
        """Returns all events of a run."""
        events: list[dict[str, Any]] = []
        while True:
            after = events[-1]["seq"] if events else 0
            page = self.http.get(f"/runs/{run_id}/events", params={"after": after}).raise_for_status().json()
            if not page:
                return events
            events += page

    def ended(self, runs: list[str], seconds: float) -> list[dict[str, Any]]:
        """Waits for the end of all runs and returns them."""
        found: dict[str, dict[str, Any]] = {}

        def over() -> bool:
            for run_id in runs:
                if run_id not in found:
                    run = self.get(run_id)
                    if run["status"] not in TERMINAL:
                        return False
                    found[run_id] = run
            return True

        self.wait(over, "not every run ended", seconds)
        return [found[run_id] for run_id in runs]

    def wait(self, until: Any, otherwise: str, seconds: float) -> None:
        """Waits until something is so: ``seconds`` on a quiet machine, and more where others work too."""
        deadline = time.monotonic() + seconds * PATIENCE
        while not until():
            assert time.monotonic() < deadline, f"{otherwise}\n{self.logs()}"
            time.sleep(0.1)

    def logs(self) -> str:
        """Returns the ends of the logs."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(parts.logs(self.environment).glob("*.log"))
        )
