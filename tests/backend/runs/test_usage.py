"""What a run has used and cost, in the list of runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.hub.keys import key_add
from backend.hub.models import Connection, ModelPrice
from backend.runs.models import Run
from backend.runs.worker import run_work
from tests.backend.runs.conftest import graph
from tests.stubs.model_server import KEY, model_server

pytestmark = pytest.mark.django_db(transaction=True)
PROMPT = {"kind": "text", "settings": {"text": "Hello"}}


def test_tokens_and_cost_of_all_steps_add_up(started: Callable[..., Run], owner: Any, api: Any) -> None:
    with model_server() as server:
        mine = Connection.objects.create(
            owner=owner, name="mine", provider="openai_compatible", base_url=server.url
        )
        key_add(mine, KEY)
        ModelPrice.objects.create(
            owner=owner, provider="openai_compatible", model="good", currency="USD", input=1, output=2
        )
        asks = {"kind": "chat_model", "settings": {"model": "mine/good"}}
        wires = [("text", "output", name, "messages") for name in ("one", "two")]
        run = started(graph({"text": PROMPT, "one": asks, "two": asks}, *wires))
        assert api.get("/api/v1/runs").json()["results"][0]["usage"] == {}
        run_work(run_id=run.id)
    row = api.get("/api/v1/runs").json()["results"][0]
    assert (row["status"], row["usage"]) == (
        "succeeded",
        {"prompt_tokens": 14, "completion_tokens": 8, "cost_usd": pytest.approx(2 * (7 + 4 * 2) / 1e6)},
    )
