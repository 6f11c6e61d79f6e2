"""Without this: a page that loses its server in the middle of an answer shows a torn text."""

from __future__ import annotations

import time

import pytest

from tests.faults import flows
from tests.faults.studio import Studio
from tests.faults.truths import holds
from tests.faults.watcher import Watcher

WORDS = 2_000


@pytest.mark.slow
def test_web_process_killed_in_a_long_answer(here: Studio) -> None:
    here.start_workers("worker")
    run_id = here.run("long")
    before = Watcher(here, run_id)
    here.wait(lambda: len(before.text()) > 2_000, "no text comes", 10)
    here.kill("web")
    before.join(60)
    assert before.code != 1000
    last = before.events[-1]["seq"]
    here.start_web()
    after = Watcher(here, run_id, last)

    (run,) = here.ended([run_id], 30)

    after.join(60)
    assert after.code == 1000
    holds(here, run)
    seqs = [event["seq"] for event in before.events + after.events]
    assert seqs == list(range(1, run["last_seq"] + 1))
    assert before.text() + after.text() == flows.words(WORDS) == run["outputs"]["text"]


@pytest.mark.slow
def test_fifty_pages_on_one_run_see_the_same(here: Studio) -> None:
    here.start_workers("worker")
    run_id = here.run("talk")
    pages = [Watcher(here, run_id) for _ in range(50)]
    (run,) = here.ended([run_id], 30)
    time.sleep(0.5)
    for page in pages:
        page.join(60)
        assert page.code == 1000, page.failed
        assert [event["seq"] for event in page.events] == list(range(1, run["last_seq"] + 1))
        assert page.text() == flows.words(300)
