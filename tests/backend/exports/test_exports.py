"""A flow leaves as a file: whole, the same each time, to nobody else, and without its secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from flowloft.cli import main

from tests.backend.exports.conftest import PLANTED

FORMATS = {"json": ".json", "yaml": ".yaml", "python": ".py"}


def address(flow: str, format: str = "json", **more: Any) -> str:
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/api/v1/flows/{flow}/export?format={format}{asked}"


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_flow_is_the_same_file(api: Any, flow: str, document: dict[str, Any], format: str) -> None:
    first = api.get(address(flow, format))
    assert first.status_code == 200
    graph = document["graph"]
    shuffled = document | {
        "graph": {name: dict(reversed(list(graph[name].items()))) for name in ("edges", "nodes")}
    }
    other = api.post("/api/v1/flows", {"name": "问候 1/2", "document": shuffled}).json()["id"]
    second = api.get(address(other, format))
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["Content-Disposition"] == (
        f"attachment; filename*=utf-8''%E9%97%AE%E5%80%99%201-2{FORMATS[format]}"
    )


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_known_is_not_sent_again(api: Any, flow: str, format: str) -> None:
    tag = api.get(address(flow, format)).headers["ETag"]
    again = api.get(address(flow, format), headers={"If-None-Match": f'"x", W/{tag}'})
    assert again.status_code == 304
    assert again.content == b""
    patch = [{"op": "add", "path": "/graph/nodes/n", "value": {"kind": "note"}}]
    api.patch(f"/api/v1/flows/{flow}/draft", patch, headers={"If-Match": '"1"'})
    assert api.get(address(flow, format), headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("format", FORMATS)
def test_a_secret_does_not_leave(api: Any, flow: str, format: str) -> None:
    text = api.get(address(flow, format)).content.decode()
    assert PLANTED not in text
    assert "Accept" in text
    assert "{key}" in text, "a header that is filled from a port is no secret"


def test_every_format_says_the_same(api: Any, flow: str) -> None:
    as_json = api.get(address(flow))
    assert json.loads(as_json.content) == yaml.safe_load(api.get(address(flow, "yaml")).content)
    words = json.loads(as_json.content)["graph"]["nodes"]["words"]["settings"]["template"]
    assert words == "你好 {who}\n  yes: no\u2028- #\x85"


def test_a_version_stays_as_it_was_published(api: Any, flow: str, document: dict[str, Any]) -> None:
    refused = api.get(address(flow, version="published"))
    assert (refused.status_code, refused.json()["code"]) == (409, "not_published")
    del document["graph"]["nodes"]["gone"]
    api.put(f"/api/v1/flows/{flow}/draft", document, headers={"If-Match": '"1"'})
    assert api.post(f"/api/v1/flows/{flow}/versions", {}).status_code == 201
    published = api.get(address(flow, version="published")).content
    patch = [{"op": "add", "path": "/graph/nodes/n", "value": {"kind": "note"}}]
    api.patch(f"/api/v1/flows/{flow}/draft", patch, headers={"If-Match": '"2"'})
    assert api.get(address(flow, version="published")).content == published
    assert api.get(address(flow, version=1)).content == published
    assert api.get(address(flow)).content != published
    assert api.get(address(flow, version=7)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("format=docx", "json, yaml, python"),
        ("format=", "json, yaml, python"),
        ("version=latest", "draft, published"),
        ("version=-1", "draft, published"),
        ("version=99999999999999", "draft, published"),
        ("version=²", "draft, published"),
    ],
)
def test_nonsense_is_refused_with_what_there_is(api: Any, flow: str, asked: str, names: str) -> None:
    refused = api.get(f"/api/v1/flows/{flow}/export?{asked}")
    assert refused.status_code == 400
    assert names in refused.json()["hint"]


def test_a_stranger_sees_nothing(stranger_api: Any, flow: str) -> None:
    for place in ("export", "export?format=python", "export?format=docx", "openapi.json"):
        answer = stranger_api.get(f"/api/v1/flows/{flow}/{place}")
        assert answer.status_code == (400 if "docx" in place else 404)


def test_nobody_is_not_answered(client: Any, flow: str) -> None:
    assert client.get(address(flow)).status_code == 401
    assert client.post("/api/v1/imports", "{}", content_type="application/json").status_code == 401


@pytest.mark.parametrize("format", FORMATS)
def test_the_shell_writes_the_same_bytes(api: Any, flow: str, format: str, tmp_path: Path) -> None:
    stored, written = tmp_path / "flow.json", tmp_path / "out"
    draft = api.get(f"/api/v1/flows/{flow}/draft").json()["document"]
    stored.write_text(json.dumps(draft), "utf-8")
    arguments = [str(stored), "--format", format, "--title", "问候 1/2", "--output", str(written)]
    assert main(["export", *arguments]) == 0
    assert written.read_bytes() == api.get(address(flow, format)).content


def test_a_flow_describes_itself_to_programs(api: Any, flow: str) -> None:
    answer = api.get(f"/api/v1/flows/{flow}/openapi.json")
    told = answer.json()
    assert told["openapi"] == "3.1.0"
    (operation,) = told["paths"].values()
    assert f"/api/v1/flows/{flow}/runs" in told["paths"]
    assert operation["post"]["requestBody"]
    inputs = told["components"]["schemas"]["Inputs"]
    assert inputs["required"] == ["count", "text"]
    assert inputs["properties"]["count"] == {"type": "number", "description": "How many."}
    assert set(told["components"]["schemas"]["Outputs"]["properties"]) == {"text"}
    tag = answer.headers["ETag"]
    again = api.get(f"/api/v1/flows/{flow}/openapi.json", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_a_described_run_is_one_that_starts(api: Any, flow: str) -> None:
    from jsonschema import Draft202012Validator

    told = api.get(f"/api/v1/flows/{flow}/openapi.json").json()
    schema = {"$ref": "#/components/schemas/Inputs", "components": told["components"]}
    check = Draft202012Validator(schema)
    assert check.is_valid({"text": "hi", "count": 3, "history": [{"role": "user", "content": "x"}]})
    assert not check.is_valid({"text": "hi"})
    assert not check.is_valid({"text": "hi", "count": "three"})
