"""A poller that looks when the test says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.compute.models import BackendEntry, ComputeJob
from backend.compute.poller import Lookout, Poller


@pytest.fixture
def here(db: None, tmp_path: Path) -> BackendEntry:
    """This machine, with a folder of the test's."""
    from backend.compute.services import backend_local

    entry = backend_local()
    entry.settings = {"folder": str(tmp_path / "jobs")}
    entry.save()
    return entry


@pytest.fixture
def look_until() -> Callable[..., Any]:
    """Lets a fresh worker look after all jobs until one of them is as the test wants it."""

    def look(job: ComputeJob, *states: str, seconds: float = 180) -> ComputeJob:
        lookout = Lookout()
        pollers: dict[Any, Poller] = {}
        end = time.monotonic() + seconds
        while True:
            for entry_id in lookout.take():
                pollers.setdefault(entry_id, Poller(entry_id, lookout.name))
            for poller in pollers.values():
                poller.look()
            job.refresh_from_db()
            if job.state in states:
                lookout.stop()
                return job
            assert time.monotonic() < end, (job.state, job.message)
            time.sleep(0.1)

    return look
