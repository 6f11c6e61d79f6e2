"""Without this: Stop does not stop, or leaves a run between its states."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.faults.studio import Studio
from tests.faults.truths import holds
from tests.stopwatch import Stopwatch


def _cancel(studio: Studio, run_id: str) -> str:
    answer = studio.http.post(f"/runs/{run_id}/cancel")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["status"])


@pytest.mark.slow
def test_cancel_in_every_state(here: Studio) -> None:

    waiting = here.run("endless")
    assert _cancel(here, waiting) == "cancelled"
    assert _cancel(here, waiting) == "cancelled"

    here.start_workers("a")
    running = here.run("endless")
    here.wait(lambda: here.get(running)["last_seq"] > 5, "it does not run", 10)
    with Stopwatch() as took:
        assert _cancel(here, running) in ("cancelling", "cancelled")
        assert _cancel(here, running) in ("cancelling", "cancelled")
        here.ended([running], 5)
    assert took.seconds < 1.5

    done = here.run("echo", {"text": "x"})
    here.ended([done], 10)
    assert _cancel(here, done) == "succeeded"

    # Without the broker's bell the worker notices it in the database.
    deaf = here.run("endless")
    here.wait(lambda: here.get(deaf)["last_seq"] > 5, "it does not run", 10)
    here.kill("valkey")
    with Stopwatch() as took:
        _cancel(here, deaf)
        here.ended([deaf], 10)
    assert took.seconds < 2.5
    here.restart_valkey()

    # A run whose worker is gone is cancelled by another.
    orphan = here.run("endless")
    here.wait(lambda: here.get(orphan)["last_seq"] > 5, "it does not run", 15)
    here.kill("a")
    assert _cancel(here, orphan) == "cancelling"
    here.start_workers("b")

    everything: list[dict[str, Any]] = here.ended([waiting, running, done, deaf, orphan], 20)
    for run in everything:
        holds(here, run)
    assert [run["status"] for run in everything] == [
        "cancelled",
        "cancelled",
        "succeeded",
        "cancelled",
        "cancelled",
    ]


@pytest.mark.slow
def test_fifty_cancels_race_with_the_end(either: Studio) -> None:
    either.start_workers("worker")
    for wait in (0.0, 0.1, 0.2, 0.25):
        run_id = either.run("brief")
        time.sleep(wait)
        with ThreadPoolExecutor(50) as pool:
            list(pool.map(lambda _, run_id=run_id: _cancel(either, run_id), range(50)))
        (run,) = either.ended([run_id], 20)
        events = holds(either, run)
        assert run["status"] in ("cancelled", "succeeded")
        assert sum(event["type"] == "run.cancelling" for event in events) == (run["status"] == "cancelled")
