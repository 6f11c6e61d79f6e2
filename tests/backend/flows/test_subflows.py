"""A saved flow as a node of another: whose it is, when it changes, and that it travels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

TEXT = [{"name": "text", "type": "text"}]


def _edge(source: str, source_port: str, target: str, target_port: str) -> dict[str, str]:
    return {"source": source, "source_port": source_port, "target": target, "target_port": target_port}


def _document(nodes: dict[str, Any], *edges: tuple[str, str, str, str]) -> dict[str, Any]:
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": {f"e{n}": _edge(*edge) for n, edge in enumerate(edges)}},
    }


def _polite(template: str = "Dear {name}") -> dict[str, Any]:
    return _document(
        {
            "chat_input_1": {"kind": "chat_input", "settings": {}},
            "prompt_1": {"kind": "prompt", "settings": {"template": template}},
            "chat_output_1": {"kind": "chat_output", "settings": {}},
        },
        ("chat_input_1", "text", "prompt_1", "name"),
        ("prompt_1", "output", "chat_output_1", "text"),
    )


def _around(flow_id: str, version: str = "published") -> dict[str, Any]:
    settings = {"flow": flow_id, "flow_version": version, "takes": TEXT, "gives": TEXT}
    return _document(
        {
            "chat_input_1": {"kind": "chat_input", "settings": {}},
            "greet": {"kind": "subflow", "settings": settings},
            "chat_output_1": {"kind": "chat_output", "settings": {}},
        },
        ("chat_input_1", "text", "greet", "text"),
        ("greet", "text", "chat_output_1", "text"),
    )


def _make(api: Any, name: str, document: dict[str, Any]) -> str:
    answer = api.post("/api/v1/flows", {"name": name, "document": document})
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["id"])


def _errors(api: Any, flow_id: str) -> list[str]:
    found = api.get(f"/api/v1/flows/{flow_id}/draft").json()["findings"]
    return [one["code"] for one in found if one["level"] == "error"]


def test_what_it_takes_and_gives_is_told_for_its_ports(api: Any) -> None:
    inner = _make(api, "Polite", _polite())
    said = api.get(f"/api/v1/flows/{inner}/ports?version=draft").json()
    assert said["takes"][0] == {"name": "text", "type": "text", "required": True}
    assert said["gives"] == [{"name": "text", "type": "text", "required": True}]
    assert api.get(f"/api/v1/flows/{inner}/ports").status_code == 409
    assert api.get(f"/api/v1/flows/{inner}/ports?version=x").status_code == 400


def test_a_published_flow_keeps_the_flows_it_runs_as_they_were(api: Any) -> None:
    inner = _make(api, "Polite", _polite())
    outer = _make(api, "Around", _around(inner, "draft"))
    assert _errors(api, outer) == []
    assert api.post(f"/api/v1/flows/{outer}/versions", {}).status_code == 201
    kept = api.get(f"/api/v1/flows/{outer}/versions/1").json()["document"]["flows"][f"{inner}@draft"]
    api.put(f"/api/v1/flows/{inner}/draft", _polite("Hey {name}"), headers={"If-Match": '"1"'})
    again = api.get(f"/api/v1/flows/{outer}/versions/1").json()["document"]["flows"][f"{inner}@draft"]
    assert kept == again
    assert again["graph"]["nodes"]["prompt_1"]["settings"]["template"] == "Dear {name}"
    draft = api.get(f"/api/v1/flows/{outer}/draft").json()["document"]
    assert "flows" not in draft


def test_an_unpublished_a_strange_and_a_circular_flow_are_refused_before_anything_runs(
    api: Any, stranger: Any, client_of: Callable[[Any], Any]
) -> None:
    inner = _make(api, "Polite", _polite())
    assert _errors(api, _make(api, "Not yet", _around(inner))) == ["no_such_flow"]
    theirs = _make(client_of(stranger), "Secret", _polite())
    assert _errors(api, _make(api, "Nosy", _around(theirs, "draft"))) == ["no_such_flow"]
    circle = _make(api, "Circle", _around(inner, "draft"))
    api.put(f"/api/v1/flows/{inner}/draft", _around(circle, "draft"), headers={"If-Match": '"1"'})
    assert _errors(api, circle) == ["flow_cycle"]
    answer = api.post(f"/api/v1/flows/{circle}/runs", {"version": "draft", "inputs": {"text": "hi"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "flow_has_errors")


def test_ports_that_changed_since_are_told(api: Any) -> None:
    inner = _make(api, "Polite", _polite())
    outer = _make(api, "Around", _around(inner, "draft"))
    changed = _polite()
    changed["graph"]["nodes"]["extra"] = {"kind": "input", "settings": {"name": "tone"}}
    api.put(f"/api/v1/flows/{inner}/draft", changed, headers={"If-Match": '"1"'})
    assert _errors(api, outer) == ["flow_changed"]


@pytest.mark.parametrize("format", ["json", "yaml", "python"])
def test_an_exported_file_brings_the_flows_it_runs_to_another_person(
    api: Any, stranger: Any, client_of: Callable[[Any], Any], format: str
) -> None:
    inner = _make(api, "Polite", _polite())
    middle = _make(api, "Middle", _around(inner, "draft"))
    outer = _make(api, "Outer", _around(middle, "draft"))
    text = api.get(f"/api/v1/flows/{outer}/export?format={format}").content.decode()
    other = client_of(stranger)
    answer = other.post("/api/v1/imports", {"content": text})
    assert answer.status_code == 201, answer.json()
    assert _errors(other, answer.json()["created"][0]["id"]) == []
    assert {one["name"] for one in other.get("/api/v1/flows").json()["results"]} >= {"Polite", "Middle"}
    before = api.get("/api/v1/flows").json()["results"]
    assert len(before) == 3
