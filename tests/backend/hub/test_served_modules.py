"""Servers that flows call. If these fail, the key of one stands where everybody who sees a flow reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flowloft import ServerModule, UrlModule

from backend.runs.worker import run_work
from tests.backend.runs.conftest import flow_of, graph

__all__ = ["flow_of"]

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "a-key-that-nobody-else-knows"


@pytest.fixture
def served() -> Iterator[ServerModule]:
    with ServerModule(str.upper, key=SECRET) as server:
        yield server


def calling(server: str) -> dict[str, Any]:
    return graph(
        {
            "first": {"kind": "input", "settings": {"name": "text"}},
            "far": {"kind": "url_module", "settings": {"server": server}},
            "out": {"kind": "output", "settings": {"name": "result"}},
        },
        ("first", "output", "far", "value"),
        ("far", "output", "out", "value"),
    )


def test_a_flow_calls_a_server_by_name_and_its_key_is_nowhere_to_be_seen(
    api: Any, served: ServerModule, flow_of: Any
) -> None:
    form = {"name": "Far", "provider": "served_module", "base_url": served.url, "api_key": SECRET}
    made = api.post("/api/v1/connections", form)
    assert made.status_code == 201, made.content
    assert made.json()["models"] == [{"model": "run", "job": "module", "title": "run"}]
    assert "Far/run" in [model["ref"] for model in api.get("/api/v1/models").json()]
    flow = flow_of(calling("Far/run"))
    run = api.post(f"/api/v1/flows/{flow.id}/runs", {"inputs": {"text": "tides"}}, format="json").json()
    run_work(run_id=run["id"])
    ended = api.get(f"/api/v1/runs/{run['id']}")
    assert ended.json()["outputs"] == {"result": "TIDES"}, ended.json()["error"]
    exported = api.get(f"/api/v1/flows/{flow.id}/export?format=json")
    asked = json.dumps(api.get(f"/api/v1/flows/{flow.id}").json()) + exported.content.decode()
    assert SECRET not in asked + ended.content.decode() + made.content.decode()


def test_a_wrong_key_is_not_kept_and_a_server_that_is_gone_is_named(
    api: Any, served: ServerModule, flow_of: Any
) -> None:
    form = {"name": "Far", "provider": "served_module", "base_url": served.url, "api_key": "wrong"}
    refused = api.post("/api/v1/connections", form)
    assert refused.status_code >= 400
    assert refused.json()["extra"]["status"] == 401
    flow = flow_of(calling("Far/run"))
    run = api.post(f"/api/v1/flows/{flow.id}/runs", {"inputs": {"text": "tides"}}, format="json").json()
    run_work(run_id=run["id"])
    assert api.get(f"/api/v1/runs/{run['id']}").json()["error"]["code"] == "unknown_model"


def test_a_script_takes_address_and_key_from_the_environment(
    served: ServerModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowloft.core.context import Context
    from flowloft.core.models import EnvironmentModels
    from flowloft.engine import compile_flow, run_plan

    monkeypatch.setenv("SERVED_MODULE_BASE_URL", served.url)
    monkeypatch.setenv("SERVED_MODULE_KEY", SECRET)
    plan = compile_flow(calling("served_module/run")).plan
    assert plan is not None
    outcome = run_plan(plan, {"text": "tides"}, Context(models=EnvironmentModels()))
    assert outcome.outputs == {"result": "TIDES"}
    assert UrlModule(served.url, key=SECRET)("a") == "A"
