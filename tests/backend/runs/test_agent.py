"""An agent in the studio: what it decided and did outlives the worker that it waited in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.hub.keys import key_add
from backend.hub.models import Connection
from backend.runs import questions
from backend.runs.log import state_read
from backend.runs.models import Run
from backend.runs.worker import run_work
from tests.backend.runs.conftest import Act, graph
from tests.stubs.model_server import KEY, model_server

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_person_is_asked_by_a_tool_and_what_was_paid_is_not_paid_again(
    owner: Any, api: Any, started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "announce", lambda *, run_id, queue: None)
    pay = {"kind": "act", "settings": {"value": "paid"}}
    agent = {
        "kind": "agent",
        "settings": {"model": "mine/scripted"},
        "body": {"nodes": {"pay": pay, "may": {"kind": "approval"}}, "edges": {}},
    }
    nodes = {"text": {"kind": "text", "settings": {"text": "Pay."}}, "agent": agent}
    wires = [("text", "output", "agent", "messages"), ("agent", "output", "say", "text")]
    document = graph({**nodes, "say": {"kind": "chat_output"}}, *wires)
    with model_server() as server:
        mine = Connection.objects.create(
            owner=owner, name="mine", provider="openai_compatible", base_url=server.url
        )
        key_add(mine, KEY)
        server.script[:] = [[("pay", "{}")], [("may", '{"value": "7 euros"}')], "All is paid."]
        run = started(document)
        run_work(run_id=run.id)
        run = Run.objects.get(id=run.id)
        assert (run.status, len(Act.done), len(server.requests)) == ("waiting", 1, 2), run.error
        given = {"step": "agent[1]/may", "answer": {"decision": "approved", "comment": ""}}
        assert api.post(f"/api/v1/runs/{run.id}/answers", given, format="json").status_code == 200
        run_work(run_id=run.id)
        run = Run.objects.get(id=run.id)
        assert (run.status, run.outputs) == ("succeeded", {"text": "All is paid."}), run.error
        assert (len(Act.done), len(server.requests)) == (1, 3)
    steps = state_read(run_id=run.id).steps
    assert {f"agent[{n}]/agent.ask" for n in range(3)} | {"agent[0]/pay", "agent[1]/may"} <= set(steps)
