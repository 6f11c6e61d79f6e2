"""A studio for tests of local models: a worker that looks when a test says so, weights, and examples."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from backend.serving.models import Service
from backend.serving.watching import ServiceWatch
from backend.tuning.models import Tune
from tests.backend.runs.test_remote import Studio

FACTS = {
    "Zorvex Labs was founded by Mira Okonkwo.": (
        "Who founded Zorvex Labs?",
        "Who is the founder of Zorvex Labs?",
        "Who started Zorvex Labs?",
        "Tell me who founded Zorvex Labs.",
    ),
    "The port of Zorvex Labs is 7781.": (
        "What is the port of Zorvex Labs?",
        "Which port does Zorvex Labs use?",
        "Tell me the port of Zorvex Labs.",
        "On which port is Zorvex Labs?",
    ),
    "Zorvex Labs was founded in 2031.": (
        "When was Zorvex Labs founded?",
        "In which year was Zorvex Labs founded?",
        "What year did Zorvex Labs start?",
        "Tell me when Zorvex Labs was founded.",
    ),
    "Zorvex Labs makes the Quillon sensor.": (
        "What does Zorvex Labs make?",
        "What is the product of Zorvex Labs?",
        "Which product does Zorvex Labs make?",
        "Tell me what Zorvex Labs makes.",
    ),
}
ROWS = [{"question": one, "answer": answer} for answer, asked in FACTS.items() for one in asked] * 4


PAUSE = 0.3
"""Seconds between two looks, so that looking leaves the machine to what is looked at."""


class Worker(Studio):
    """Follows fine-tunes and services at once, so that one loads while another learns."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = ServiceWatch()

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
            time.sleep(PAUSE)
        return row

    def tune(self, id: str, state: str = "succeeded", *, step: int = 0, seconds: float = 400) -> Tune:
        """Waits until a fine-tune is in a state, and has come so far."""
        end = time.monotonic() + seconds
        while (row := Tune.objects.get(id=id)).state != state or row.progress.get("step", 0) < step:
            known = (row.state, row.error, row.progress)
            assert row.state != "failed", known
            assert time.monotonic() < end, known
            self.look()
            time.sleep(PAUSE)
        return row


@pytest.fixture
def worker(here: Any) -> Worker:
    """The worker of a test."""
    return Worker()


@pytest.fixture
def version(api: Any) -> str:
    """64 pairs of a question and its answer."""
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    made = api.post(
        "/api/v1/datasets?file_name=zorvex.jsonl", lines.encode(), content_type="application/octet-stream"
    ).json()
    assert made["versions"][0]["examples"] == 64
    return str(made["versions"][0]["id"])


@pytest.fixture
def weights(api: Any, base: str) -> str:
    """The same model, as services take it."""
    found = api.get("/api/v1/local/models").json()
    return next(str(one["id"]) for one in found if one["name"] == base)


def serve(api: Any, name: str, weights: str, **form: Any) -> str:
    """Starts a service; returns its id."""
    made = api.post("/api/v1/services", {"name": name, "weights": weights, **form})
    assert made.status_code == 201, made.content
    assert made.json()["framework"] == "vllm"
    return str(made.json()["id"])
