"""Servers for the tests that kill."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import flows
from tests.faults.studio import Studio

_BINARIES = "/usr/lib/postgresql/*/bin"


def _as_postgres(*command: str) -> None:
    drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    subprocess.run([*(drop if os.getuid() == 0 else []), *command], check=True, capture_output=True, cwd="/")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own; returns its URL."""
    found = sorted(Path("/").glob(f"{_BINARIES[1:]}/initdb"))
    if not found:
        pytest.skip("no PostgreSQL here")
    binaries, folder = found[-1].parent, Path(tempfile.mkdtemp(prefix="fl-pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    _as_postgres(
        str(binaries / "initdb"),
        "-A",
        "trust",
        "-U",
        "studio",
        "--no-sync",
        "--locale=C.UTF-8",
        "-D",
        str(data),
    )
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-l", str(folder / "log")]
    _as_postgres(*control, "-w", "-o", options, "start")
    yield f"postgresql://studio@/postgres?host={folder}"
    _as_postgres(*control, "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def _studio(database_url: str) -> Iterator[Studio]:
    # Short, because the path of the broker's socket has to be.
    folder = Path(tempfile.mkdtemp(prefix="fl-"))
    documents = {
        "echo": flows.echo(),
        "brief": flows.talk(20, 0.01),
        "talk": flows.talk(300, 0.01),
        "long": flows.talk(2_000, 0.002),
        "endless": flows.talk(3_000, 0.01),
        "effects": flows.effects(folder / "ledger", 0.5),
        "fatal": flows.flow({"end": {"kind": "fatal"}}),
    }
    made = Studio(folder, documents, database_url=database_url)
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def on_sqlite() -> Iterator[Studio]:
    """The studio as it comes."""
    yield from _studio("")


@pytest.fixture(scope="session")
def on_postgres(postgres: str) -> Iterator[Studio]:
    """A studio with a server for its database."""
    yield from _studio(postgres)


@pytest.fixture
def here(on_sqlite: Studio) -> Studio:
    """A studio with a broker, a web process and no worker."""
    on_sqlite.tidy()
    return on_sqlite


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def either(request: pytest.FixtureRequest) -> Studio:
    """The same on both databases."""
    studio: Studio = request.getfixturevalue(request.param)
    studio.tidy()
    return studio
