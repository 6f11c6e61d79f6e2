"""Servers for the tests that kill."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import flows
from tests.faults.studio import Studio
from tests.servers import start_postgres


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> str:
    """A PostgreSQL of its own; returns its URL."""
    folder = Path(tempfile.mkdtemp(prefix="fl-pg-"))
    folder.chmod(0o755)
    pytestconfig.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    try:
        return start_postgres(pytestconfig, folder)
    except pytest.UsageError as error:
        pytest.skip(str(error))


def _studio(database_url: str) -> Iterator[Studio]:
    # Short, because the path of the broker's socket has to be.
    folder = Path(tempfile.mkdtemp(prefix="fl-"))
    documents = {
        "echo": flows.echo(),
        "brief": flows.talk(20, 0.01),
        "talk": flows.talk(300, 0.01),
        "slow": flows.talk(300, 0.05),
        "long": flows.talk(2_000, 0.002),
        "heard": flows.heard(20, 0.2),
        "endless": flows.talk(3_000, 0.01),
        "effects": flows.effects(folder / "ledger", 0.5),
        "approval": flows.approval(folder / "approval"),
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
