"""Without this: a broker that restarts empty strands whatever was queued, and pages go blind."""

from __future__ import annotations

import time

import pytest

from tests.faults import flows
from tests.faults.studio import Studio
from tests.faults.truths import holds
from tests.faults.watcher import Watcher
from tests.stopwatch import Stopwatch

WORDS = 300


@pytest.mark.slow
def test_valkey_killed_and_back_empty(here: Studio) -> None:
    here.start_workers("worker")
    runs = [here.run("slow"), *(here.run("talk") for _ in range(7))]
    watcher = Watcher(here, runs[0])
    time.sleep(0.8)
    here.kill("valkey")
    with Stopwatch() as took:
        runs += [here.run("talk") for _ in range(2)]
    assert took.seconds < 6, "starting a run waits for a dead broker"
    time.sleep(1.0)
    seen = len(watcher.events)
    time.sleep(1.5)
    assert len(watcher.events) > seen, "the page does not see the run go on without the broker"
    here.restart_valkey()

    ended = here.ended(runs, 60)

    for run in ended:
        holds(here, run)
        assert (run["status"], run["attempt"]) == ("succeeded", 1)
        assert run["outputs"]["text"] == flows.words(WORDS)
    watcher.join(60)
    assert watcher.code == 1000
    assert [event["seq"] for event in watcher.events] == list(range(1, ended[0]["last_seq"] + 1))
    assert watcher.text() == flows.words(WORDS)


@pytest.mark.slow
def test_queued_runs_survive_a_flushed_broker(here: Studio) -> None:
    runs = [here.run("echo", {"text": "hello"}) for _ in range(5)]
    here.kill("valkey")
    here.restart_valkey()
    here.start_workers("worker")

    for run in here.ended(runs, 20):
        holds(here, run)
        assert run["outputs"] == {"text": "hello"}
