"""A whole studio as `make run` starts it: killed, crowded, stopped, and joined by a further worker."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from backend.common.health import WORKERS
from backend.config.environment import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.once]
SUPERVISOR = [sys.executable, "-m", "backend.config.supervisor"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], Any], seconds: float = 240) -> Any:
    """Waits until something is so, and returns it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come true in {seconds} s")


def descendants(pid: int) -> dict[int, str]:
    """Returns the command lines of all processes below one, from /proc."""
    found: dict[int, str] = {}
    below = {pid}
    while below:
        children = set()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if parent in below and int(entry.name) not in found:
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    children.add(int(entry.name))
            except (OSError, IndexError):
                continue
        below = children
    return found


class Studio:
    """A studio in a process of its own."""

    def __init__(self, data: Path, *arguments: str, **env: str) -> None:
        self.data, self.port = data, int(env.get("FLOWLOFT_PORT") or free_port())
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("FLOWLOFT_", "REDIS_", "DATABASE_", "DJANGO_"))
        }
        self.out = data.parent / f"{data.name}.out"
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                [*SUPERVISOR, *arguments],
                cwd=ROOT,
                env=kept | {"FLOWLOFT_DATA": str(data), "FLOWLOFT_PORT": str(self.port)} | env,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def health(self) -> dict[str, Any] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/health", timeout=20) as answer:
                return dict(json.load(answer))
        except OSError:
            return None

    def ready(self) -> bool:
        return (self.health() or {}).get("status") == "ready"

    def part(self, mark: str) -> int | None:
        return next((pid for pid, line in descendants(self.process.pid).items() if mark in line), None)

    def says(self) -> str:
        return self.out.read_text()

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(120)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = Studio(tmp_path_factory.mktemp("studio") / "data")
    wait_for(made.ready)
    yield made
    made.stop()


def test_starts_with_a_one_time_link(studio: Studio) -> None:
    wait_for(lambda: "is ready at" in studio.says())
    link = re.search(rf"http://127\.0\.0\.1:{studio.port}/claim\?token=(\S+)", studio.says())
    assert link
    assert (studio.data / "claim").read_text() == link.group(1)
    for private in ("claim", "keys.json"):
        assert (studio.data / private).stat().st_mode & 0o077 == 0


def test_a_second_studio_needs_its_own_directory_and_port(studio: Studio, tmp_path: Path) -> None:
    same_data = Studio(studio.data)
    assert same_data.process.wait(120) == 2
    assert "FLOWLOFT_DATA" in same_data.says()
    same_port = Studio(tmp_path / "other", FLOWLOFT_PORT=str(studio.port))
    assert same_port.process.wait(120) == 2
    assert "FLOWLOFT_PORT" in same_port.says()
    assert studio.ready()


def test_what_cannot_work_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong = {
        "can't be made": Studio(tmp_path / "folder", FLOWLOFT_DATA=str(tmp_path / "file" / "data")),
        "does not answer": Studio(tmp_path / "redis", REDIS_URL="redis://127.0.0.1:1/0"),
        "can't be used": Studio(tmp_path / "database", DATABASE_URL="postgresql://me:mine@127.0.0.1:1/none"),
        "must begin with postgresql": Studio(tmp_path / "kind", DATABASE_URL="mysql://127.0.0.1/none"),
    }
    for words, studio in wrong.items():
        assert studio.process.wait(120) == 2
        assert words in studio.says()
        assert "Traceback" not in studio.says()
        assert "mine" not in studio.says()


def test_two_studios_side_by_side_and_no_orphans(studio: Studio, tmp_path: Path) -> None:
    other = Studio(tmp_path / ("long" * 40))
    wait_for(other.ready)
    parts = descendants(other.process.pid)
    assert len(parts) >= 3
    other.stop(signal.SIGINT)
    assert other.process.returncode == 0
    wait_for(lambda: not [pid for pid in parts if Path(f"/proc/{pid}").exists()], 60)
    assert studio.ready()


@pytest.mark.parametrize("mark", ["uvicorn", "valkey-server", "celery"])
def test_what_is_killed_comes_back(studio: Studio, mark: str) -> None:
    before = studio.part(mark)
    assert before
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: studio.part(mark) not in (None, before))
    wait_for(studio.ready)


def test_a_killed_supervisor_leaves_nobody_behind(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "data")
    wait_for(studio.ready)
    parts = descendants(studio.process.pid)
    studio.stop(signal.SIGKILL)
    wait_for(lambda: not [pid for pid in parts if Path(f"/proc/{pid}").exists()], 60)


def test_an_open_door_without_an_owner_stays_shut(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "data", FLOWLOFT_HOST="0.0.0.0")
    assert studio.process.wait(120) == 2
    assert "no owner" in studio.says()
    assert descendants(studio.process.pid) == {}


def test_a_worker_needs_both_addresses(tmp_path: Path) -> None:
    worker = Studio(tmp_path / "data", "--worker")
    assert worker.process.wait(120) == 2
    assert "REDIS_URL and DATABASE_URL" in worker.says()


def test_a_further_worker_joins_by_two_addresses(tmp_path: Path) -> None:
    shared = {
        "REDIS_URL": os.environ["REDIS_URL"].replace("db=0", "db=7"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/shared.sqlite3",
    }
    early = Studio(tmp_path / "early", "--worker", **shared)
    studio = Studio(tmp_path / "studio", **shared)
    further = None
    try:
        wait_for(studio.ready)
        further = Studio(tmp_path / "elsewhere", "--worker", "--queues", "batch", **shared)
        broker = Redis.from_url(shared["REDIS_URL"])
        names = {f"worker-{each.process.pid}-".encode() for each in (early, further)}
        wait_for(lambda: all(any(n in at for at in broker.zrange(WORKERS, 0, -1)) for n in names))
        assert not (tmp_path / "elsewhere" / "keys.json").exists()
    finally:
        for each in (early, studio, *([further] if further else [])):
            each.stop()
