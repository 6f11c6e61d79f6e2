"""Real servers for the tests: a pytest plugin, because Django reads its settings before any conftest.

    pytest                      the embedded Valkey and SQLite
    pytest --servers real       redis-server and PostgreSQL from the PATH

Everything lives in one folder under /tmp and goes with the session.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import pytest

KEPT = ("FLOWLOFT_LOCAL_ENV", "FLOWLOFT_LOCAL_STORE")
"""Of the person's settings: where local models are, which are too large to make anew."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--servers",
        choices=["embedded", "real"],
        default="embedded",
        help="the embedded Valkey and SQLite, or redis-server and PostgreSQL",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Sets the environment before anything of Django is imported."""
    folder = Path(tempfile.mkdtemp(prefix="fl-test-", dir="/tmp"))
    folder.chmod(0o755)
    early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    for name in [name for name in os.environ if name.startswith("FLOWLOFT_") and name not in KEPT]:
        del os.environ[name]
    os.environ["FLOWLOFT_DATA"] = str(folder / "data")
    real = early_config.known_args_namespace.servers == "real"
    os.environ["REDIS_URL"] = start_broker(early_config, folder, real=real)
    os.environ["DATABASE_URL"] = start_postgres(early_config, folder) if real else ""
    return (yield)


def start_broker(config: pytest.Config, folder: Path, *, real: bool) -> str:
    """Starts Valkey or Redis on a socket; returns its URL."""
    binary = find("redis-server") if real else embedded_valkey()
    path = folder / "kv.sock"
    process = subprocess.Popen(
        [
            binary,
            "--port",
            "0",
            "--unixsocket",
            str(path),
            "--dir",
            str(folder),
            "--save",
            "",
            "--daemonize",
            "no",
        ],
        stdout=subprocess.DEVNULL,
        preexec_fn=ends_with_its_parent,  # noqa: PLW1509 - no thread runs before the tests
    )
    config.add_cleanup(lambda: stop(process))
    deadline = time.monotonic() + 60
    while not answers(path):
        if time.monotonic() > deadline or process.poll() is not None:
            raise pytest.UsageError(f"{binary} did not start")
        time.sleep(0.01)
    return f"unix://{path}?db=0"


def ends_with_its_parent() -> None:
    """Asks the kernel to end this process when the tests are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def embedded_valkey() -> str:
    """Finds the server that the studio itself would start."""
    from backend.config.supervisor.parts import valkey_binary

    return valkey_binary()


def answers(path: Path) -> bool:
    """Says whether somebody listens on a socket."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a server that this session started."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()


def find(program: str) -> str:
    """Finds a server's program, also where Debian keeps PostgreSQL's."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / program).exists():
            return str(folder / program)
    found = shutil.which(program)
    if found is None:
        raise pytest.UsageError(f"--servers real needs {program}; .ci/run installs it.")
    return found


def start_postgres(config: pytest.Config, folder: Path) -> str:
    """Starts a PostgreSQL of its own on a socket; returns its URL. As root it runs as ``postgres``."""
    place = folder / "pg"
    place.mkdir(mode=0o700)
    as_user: list[str] = []
    if os.getuid() == 0:
        person = pwd.getpwnam("postgres")
        os.chown(place, person.pw_uid, person.pw_gid)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]

    def call(program: str, *arguments: str) -> None:
        log = place.parent / "postgres-setup.log"
        with log.open("ab") as out:
            result = subprocess.run(
                [*as_user, find(program), *arguments], cwd="/tmp", stdout=out, stderr=out, check=False
            )
        if result.returncode != 0:
            raise pytest.UsageError(f"{program} failed:\n{log.read_text()}")

    call("initdb", "-D", str(place / "db"), "-A", "trust", "-U", "studio", "--no-sync", "--locale=C.UTF-8")
    options = f"-k {place} -c listen_addresses='' -c fsync=off -c max_connections=200"
    call("pg_ctl", "-D", str(place / "db"), "-l", str(place / "log"), "-w", "-o", options, "start")
    config.add_cleanup(lambda: call("pg_ctl", "-D", str(place / "db"), "-m", "immediate", "stop"))
    return f"postgresql://studio@/postgres?host={place}"
