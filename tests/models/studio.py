"""The worker of a studio for tests of local models: it looks after jobs and services when a test says so."""

from __future__ import annotations

import time
from typing import Any

import pytest

from backend.serving.models import Service
from backend.serving.watching import Watch
from backend.tuning.models import Tune
from tests.backend.runs.test_remote import Studio


class Worker(Studio):
    """Follows fine-tunes and services at once, so that one loads while another learns."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = Watch()

    def look(self) -> None:
        super().look()
        self.watch.look()

    def service(self, id: Any, *, seconds: float = 400) -> Service:
        """Waits until a service answers."""
        end = time.monotonic() + seconds
        while (row := Service.objects.get(pk=id)).state != "ready":
            known = (row.state, row.message, row.log_tail)
            assert row.state != "failed", known
            assert time.monotonic() < end, known
            self.look()
            time.sleep(0.1)
        return row

    def tune(self, id: str, state: str = "succeeded", *, step: int = 0, seconds: float = 400) -> Tune:
        """Waits until a fine-tune is in a state, and has come so far."""
        end = time.monotonic() + seconds
        while (row := Tune.objects.get(id=id)).state != state or row.progress.get("step", 0) < step:
            known = (row.state, row.error, row.progress)
            assert row.state != "failed", known
            assert time.monotonic() < end, known
            self.look()
            time.sleep(0.05)
        return row


@pytest.fixture
def worker(here: Any) -> Worker:
    """The worker of a test."""
    return Worker()
