"""What a run has used and cost, in the list of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.hub.keys import key_add
from backend.hub.models import Connection, ModelPrice
from backend.runs.log import state_read
from backend.runs.models import Run
from backend.runs.worker import run_work
from tests.backend.runs.conftest import graph
from tests.stubs.model_server import KEY, model_server

pytestmark = pytest.mark.django_db(transaction=True)
PROMPT = {"kind": "text", "settings": {"text": "Hello"}}


@pytest.fixture
def priced(owner: Any) -> Iterator[None]:
    """A model that costs 1 and 2 dollars a million tokens."""
    with model_server() as server:
        mine = Connection.objects.create(
            owner=owner, name="mine", provider="openai_compatible", base_url=server.url
        )
        key_add(mine, KEY)
        ModelPrice.objects.create(
            owner=owner, provider="openai_compatible", model="good", currency="USD", input=1, output=2
        )
        yield


CALL = {"prompt_tokens": 7, "completion_tokens": 4, "cost_usd": pytest.approx((7 + 4 * 2) / 1e6)}


@pytest.mark.usefixtures("priced")
def test_tokens_and_cost_of_all_steps_add_up(started: Callable[..., Run], api: Any) -> None:
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


@pytest.mark.usefixtures("priced")
def test_a_step_that_failed_had_to_be_paid_for(started: Callable[..., Run], api: Any) -> None:
    asks = {"kind": "chat_model", "settings": {"model": "mine/good", "choices": ["never said"]}}
    run = started(graph({"text": PROMPT, "ask": asks}, ("text", "output", "ask", "messages")))
    run_work(run_id=run.id)
    row = api.get("/api/v1/runs").json()["results"][0]
    assert (row["status"], row["error"]["code"], row["usage"]) == ("failed", "no_choice", CALL)
    assert state_read(run_id=run.id).steps["ask"].usage == CALL


@pytest.mark.usefixtures("priced")
def test_a_step_that_was_stopped_had_to_be_paid_for(started: Callable[..., Run], api: Any) -> None:
    asks = {"kind": "chat_model", "settings": {"model": "mine/good", "choices": ["never said"]}}
    patient = asks | {"policy": {"retry": {"attempts": 2, "delay": 300}}}
    nodes = {
        "text": PROMPT,
        "ask": patient,
        "first": {"kind": "chat_model", "settings": {"model": "mine/good"}},
    }
    wires = [("text", "output", "ask", "messages"), ("text", "output", "first", "messages")]
    run = started(graph(nodes | {"fails": asks}, *wires, ("first", "output", "fails", "messages")))
    run_work(run_id=run.id)
    state = state_read(run_id=run.id)
    assert {name: step.state for name, step in state.steps.items()}["ask"] == "cancelled"
    assert state.steps["ask"].usage == CALL
    row = api.get("/api/v1/runs").json()["results"][0]
    assert row["usage"]["prompt_tokens"] == 3 * 7, "of three calls, one of a step that was stopped"
