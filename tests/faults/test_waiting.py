"""Without this: who answers after a crash answers nobody, or pays a second time."""

from __future__ import annotations

import pytest

from tests.faults import flows
from tests.faults.studio import Studio
from tests.faults.truths import holds, told


@pytest.mark.slow
def test_workers_and_web_killed_while_a_run_waits_for_a_person(either: Studio) -> None:
    ledger = either.environment.data / "approval"
    before = len(ledger.read_text().splitlines()) if ledger.exists() else 0
    either.start_workers("a")
    run_id = either.run("approval")

    def asked() -> bool:
        return bool(either.http.get(f"/runs/{run_id}/answers").json()["results"])

    either.wait(asked, "nothing is asked", 15)
    either.kill("a")  # while the other branch still talks
    either.start_workers("b")
    either.wait(lambda: either.get(run_id)["status"] == "waiting", "it does not wait again", 30)
    either.kill("b")  # while nothing but the person is waited for
    either.kill("web")
    either.kill("valkey")
    either.restart_valkey()
    either.start_web()
    body = {"step": "ask", "answer": {"decision": "approved"}}
    for _ in range(2):
        assert either.http.post(f"/runs/{run_id}/answers", json=body).status_code == 200
    either.start_workers("c")

    (run,) = either.ended([run_id], 30)

    events = holds(either, run)
    assert (run["status"], run["outputs"]["done"]) == ("succeeded", "done")
    assert told(events, "say", "text") == flows.words(100)
    assert run["attempt"] == 2
    assert len(ledger.read_text().splitlines()) - before == 1
