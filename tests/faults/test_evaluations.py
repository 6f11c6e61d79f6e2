"""Without this: a worker that dies in mid-evaluation loses rows of it, or measures some twice."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import pytest

from tests.faults.studio import Studio

ROWS = 60


def uploaded(studio: Studio) -> str:
    """Uploads questions; returns the id of the version."""
    rows = [{"question": f"Row {number}?", "answer": "wörd0"} for number in range(ROWS)]
    answer = studio.http.post(
        "/datasets",
        params={"file_name": f"rows-{time.time()}.jsonl"},
        content="\n".join(json.dumps(row) for row in rows).encode(),
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["versions"][0]["id"])


def rows_of(studio: Studio, evaluation: str) -> list[dict[str, Any]]:
    """Returns what each row gave."""
    answer = studio.http.get(f"/evaluations/{evaluation}/rows", params={"limit": 200})
    return list(answer.raise_for_status().json()["results"])


@pytest.mark.slow
def test_workers_killed_in_mid_evaluation_lose_no_row_and_measure_none_twice(either: Studio) -> None:
    form = {"flow": either.flows["heard"], "dataset": uploaded(either), "metric": "contains", "reuse": False}
    either.start_workers("a", "b")
    started = either.http.post("/evaluations", json=form)
    assert started.status_code == 201, started.text
    evaluation = started.json()["id"]

    def told() -> dict[str, Any]:
        return dict(either.http.get(f"/evaluations/{evaluation}").raise_for_status().json())

    for name, done in (("a", 4), ("b", 24)):
        either.wait(lambda done=done: told()["rows_done"] >= done, f"not {done} rows were done", 60)
        assert told()["rows_done"] < ROWS, "the workers were too quick to be killed"
        either.kill(name)
        either.start_workers(f"{name}2")
    either.wait(lambda: told()["state"] not in ("running", "cancelling"), "the evaluation does not end", 120)

    assert (told()["state"], told()["rows_done"], told()["score"]) == ("succeeded", ROWS, 1.0)
    rows = rows_of(either, evaluation)
    assert [row["number"] for row in rows] == list(range(1, ROWS + 1))
    assert {row["state"] for row in rows} == {"scored"}
    runs = Counter(row["run"] for row in rows)
    assert set(runs.values()) == {1}
    made = either.http.get("/runs", params={"flow": either.flows["heard"], "limit": 200}).json()["results"]
    assert len([run for run in made if run["id"] in runs]) == len(made) == ROWS, "no run beside those of rows"
