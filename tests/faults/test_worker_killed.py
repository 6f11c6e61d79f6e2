"""Without this: a worker that dies leaves runs that never end, or charges a card twice."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.faults import flows
from tests.faults.studio import Studio
from tests.faults.truths import holds, none_twice, told

RUNS = 50


@pytest.mark.slow
def test_workers_killed_while_fifty_runs_are_under_way(either: Studio) -> None:
    either.start_workers("a", "b")
    runs = [either.run("effects") for _ in range(RUNS)]
    either.wait(lambda: any(either.get(run)["status"] == "running" for run in runs[-5:]), "none begins", 20)
    either.kill("a")
    time.sleep(0.8)
    either.kill("b")
    either.start_workers("c", "d")

    ended = either.ended(runs, 60)

    for run in ended:
        events = holds(either, run)
        if run["status"] == "succeeded":
            assert told(events, "say", "text") == flows.words(20) == run["outputs"]["text"]
            assert run["outputs"]["done"] == "done"
        else:
            assert run["error"]["code"] == "outcome_unknown", run["error"]
    none_twice(either.environment.data / "ledger")
    assert Counter(run["status"] for run in ended)["succeeded"] > 0
    assert max(run["attempt"] for run in ended) > 1


@pytest.mark.slow
def test_a_run_that_ends_its_worker_each_time_is_given_up(here: Studio) -> None:
    here.start_workers("a", "b", "c", "d", "e", "f")
    run_id = here.run("fatal")

    (run,) = here.ended([run_id], 30)

    for name in list("abcdef"):
        process = here.children[name].process
        if process is not None and process.poll() is not None:
            here.children.pop(name)
    assert sum(name in here.children for name in "abcdef") == 1
    holds(here, run)
    assert (run["status"], run["attempt"], run["error"]["code"]) == ("failed", 5, "worker_lost")
