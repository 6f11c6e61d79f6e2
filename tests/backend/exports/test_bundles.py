"""A bundle comes back as it left, changes only what was agreed to, and says beforehand what it will do."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from typing import Any

import pytest
from flowloft.templates import load_templates
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from backend.flows.models import Draft, Flow, FlowVersion
from tests.backend.exports.conftest import Bundles
from tests.runtime.codegen.test_round_trip import documents


def document_of(**nodes: Any) -> dict[str, Any]:
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": {}},
    }


def new(api: Any, name: str, **nodes: Any) -> str:
    answer = api.post("/api/v1/flows", {"name": name, "document": document_of(**nodes)})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def note(text: str) -> dict[str, Any]:
    return {"kind": "note", "settings": {"text": text}}


def draft(api: Any, flow: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/api/v1/flows/{flow}/draft").json()["document"]
    return found


def facts() -> Any:
    """Everything that an import could have changed."""
    return [list(model.objects.order_by("pk").values()) for model in (Flow, Draft, FlowVersion)]


def test_out_in_and_out_again_is_the_same_file(bundles: Bundles, api: Any, flow: str) -> None:
    flows = [flow]
    for template in load_templates():
        flows.append(api.post("/api/v1/flows", {"template": template.key, "name": "同名"}).json()["id"])
    first = bundles.exported(*flows)
    assert first == bundles.exported(*reversed(flows)), "the order of asking is no content"
    for one in flows:
        api.delete(f"/api/v1/flows/{one}")
    came = bundles.imported(first)
    assert came.status_code == 201, came.content
    made = [one["id"] for one in came.json()["created"]]
    assert len(made) == len(flows)
    assert not set(made) & set(flows)
    assert bundles.exported(*made) == first
    assert bundles.imported(first, conflict="new_version").json()["updated"] == []
    assert bundles.exported(*made) == first


@pytest.mark.once
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(st.tuples(st.text(min_size=1, max_size=30), documents()), min_size=1, max_size=3))
def test_any_flow_comes_back_as_the_same_file(
    bundles: Bundles, api: Any, drawn: list[tuple[str, dict[str, Any]]]
) -> None:
    flows = []
    for name, document in drawn:
        made = api.post("/api/v1/flows", {"name": name, "document": document})
        if made.status_code == 201:
            flows.append(made.json()["id"])
    assume(flows)
    first = bundles.exported(*flows)
    for one in flows:
        api.delete(f"/api/v1/flows/{one}")
    came = bundles.imported(first)
    assert came.status_code == 201, came.content
    made_again = [one["id"] for one in came.json()["created"]]
    assert bundles.exported(*made_again) == first
    for one in made_again:
        api.delete(f"/api/v1/flows/{one}")


def test_another_person_hands_on_the_same_file(
    bundles: Bundles, stranger_api: Any, api: Any, flow: str
) -> None:
    first = bundles.exported(flow)
    theirs = Bundles(stranger_api)
    came = theirs.imported(first)
    assert came.status_code == 201, "what others have is no conflict, and not shown"
    assert theirs.exported(came.json()["created"][0]["id"]) == first
    assert len(api.get("/api/v1/flows").json()["results"]) == 1


def test_what_is_here_already_stops_the_import(bundles: Bundles, flow: str) -> None:
    before = facts()
    archive = bundles.exported(flow)
    for how in ({}, {"dry_run": True}):
        refused = bundles.imported(archive, **how)
        assert (refused.status_code, refused.json()["code"]) == (409, "import_conflicts")
        assert [one["id"] for one in refused.json()["extra"]["conflicts"]] == [flow]
    assert facts() == before


@pytest.mark.parametrize("conflict", ["new_version", "copy", "skip"])
def test_a_dry_run_says_what_will_happen_and_does_nothing(bundles: Bundles, api: Any, conflict: str) -> None:
    flow, other = new(api, "One", n=note("old")), new(api, "Two", n=note("x"))
    archive = bundles.exported(flow, other)
    api.delete(f"/api/v1/flows/{other}")
    api.put(f"/api/v1/flows/{flow}/draft", document_of(n=note("mine")), headers={"If-Match": '"1"'})
    before = facts()
    said = bundles.imported(archive, conflict=conflict, dry_run=True)
    assert said.status_code == 200
    assert facts() == before
    done = bundles.imported(archive, conflict=conflict)
    assert done.status_code == 201
    told = [
        {
            kind: [(one["type"], one["name"], one["key"], one["note"]) for one in answer.json()[kind]]
            for kind in ("created", "updated", "skipped")
        }
        for answer in (said, done)
    ]
    assert told[0] == told[1]
    names = {one["name"] for one in done.json()["created"]}
    assert names == ({"One (copy)", "Two"} if conflict == "copy" else {"Two"})


def test_a_new_version_loses_nothing_of_what_was_there(bundles: Bundles, api: Any) -> None:
    flow = new(api, "One", n=note("old"))
    api.post(f"/api/v1/flows/{flow}/versions", {})
    archive = bundles.exported(flow)
    api.put(f"/api/v1/flows/{flow}/draft", document_of(n=note("mine")), headers={"If-Match": '"1"'})
    done = bundles.imported(archive, conflict="new_version").json()
    assert [one["id"] for one in done["updated"]] == [flow]
    assert draft(api, flow)["graph"]["nodes"]["n"]["settings"]["text"] == "old"
    kept = api.get(f"/api/v1/flows/{flow}/versions").json()["results"]
    assert [one["number"] for one in kept] == [3, 2, 1]
    mine = api.get(f"/api/v1/flows/{flow}/versions/2").json()["document"]
    assert mine["graph"]["nodes"]["n"]["settings"]["text"] == "mine"
    assert api.get(f"/api/v1/flows/{flow}").json()["published_version"] == 1, "what others use stays"
    stale = api.put(f"/api/v1/flows/{flow}/draft", document_of(), headers={"If-Match": '"2"'})
    assert stale.status_code == 412, "an open page notices"


TEXT = [{"name": "text", "type": "text"}]


def called(flow: str, version: str) -> dict[str, Any]:
    """A node that runs another flow."""
    return {
        "kind": "subflow",
        "settings": {"flow": flow, "flow_version": version, "takes": TEXT, "gives": TEXT},
    }


def wired(*chain: str, **nodes: Any) -> dict[str, Any]:
    document = document_of(ask={"kind": "chat_input"}, say={"kind": "chat_output"}, **nodes)
    ends = ["ask", *chain, "say"]
    document["graph"]["edges"] = {
        f"{source}-{target}": {
            "source": source,
            "source_port": "output" if nodes.get(source, {}).get("kind") == "prompt" else "text",
            "target": target,
            "target_port": "name" if nodes.get(target, {}).get("kind") == "prompt" else "text",
        }
        for source, target in itertools.pairwise(ends)
    }
    return document


def saved(api: Any, name: str, document: dict[str, Any], *, publish: bool = False) -> str:
    made = str(api.post("/api/v1/flows", {"name": name, "document": document}).json()["id"])
    if publish:
        answer = api.post(f"/api/v1/flows/{made}/versions", {})
        assert answer.status_code == 201, answer.content
    return made


def nest(api: Any, version: str) -> list[str]:
    """Makes a flow that calls one that calls one."""
    greeting = {"kind": "prompt", "settings": {"template": "Dear {name}"}}
    inner = saved(api, "Inner", wired("p", p=greeting), publish=version != "draft")
    middle = saved(api, "Middle", wired("c", c=called(inner, version)), publish=version != "draft")
    outer = saved(api, "Outer", wired("c", c=called(middle, version)))
    return [outer, middle, inner]


def errors(api: Any, flow: str) -> list[str]:
    found = api.get(f"/api/v1/flows/{flow}/draft").json()["findings"]
    return [one["message"] for one in found if one["level"] == "error"]


@pytest.mark.parametrize("version", ["draft", "published", "1"])
def test_called_flows_go_with_it_and_find_each_other_again(bundles: Bundles, api: Any, version: str) -> None:
    flows = nest(api, version)
    archive = bundles.exported(flows[0])
    for one in flows:
        api.delete(f"/api/v1/flows/{one}")
    made = {one["name"]: one["id"] for one in bundles.imported(archive).json()["created"]}
    assert set(made) == {"Outer", "Middle", "Inner"}
    assert errors(api, made["Outer"]) == []
    assert draft(api, made["Outer"])["graph"]["nodes"]["c"]["settings"]["flow"] == made["Middle"]
    assert bundles.exported(made["Outer"]) == archive
    copies = {one["name"]: one["id"] for one in bundles.imported(archive, conflict="copy").json()["created"]}
    copied = draft(api, copies["Outer (copy)"])["graph"]["nodes"]["c"]["settings"]["flow"]
    assert copied == copies["Middle (copy)"]
    assert errors(api, copies["Outer (copy)"]) == []


def test_a_flow_alone_finds_what_it_calls_where_that_is(bundles: Bundles, api: Any) -> None:
    flows = nest(api, "published")
    alone = bundles.made(flows[0], with_subflows=False)
    assert any("Middle" in warning for warning in alone["warnings"])
    archive = bundles.file(alone).body
    api.delete(f"/api/v1/flows/{flows[0]}")
    back = bundles.imported(archive).json()["created"]
    assert [one["name"] for one in back] == ["Outer"]
    assert draft(api, back[0]["id"])["graph"]["nodes"]["c"]["settings"]["flow"] == flows[1]
    api.delete(f"/api/v1/flows/{flows[1]}")
    refused = bundles.imported(archive, conflict="copy", missing="fail")
    assert refused.json()["extra"]["issues"][0]["path"].endswith("/graph/nodes/c/settings/flow")


def test_a_single_file_names_all_that_it_makes(bundles: Bundles, api: Any) -> None:
    flows = nest(api, "draft")
    text = api.get(f"/api/v1/flows/{flows[0]}/export").content.decode()
    for one in flows:
        api.delete(f"/api/v1/flows/{one}")
    told = api.post("/api/v1/imports", {"content": text, "name": "Outer"}).json()
    assert sorted(one["name"] for one in told["created"]) == ["Inner", "Middle", "Outer"]


def connection(api: Any, name: str) -> str:
    given = {"name": name, "provider": "openai", "unchecked": True, "base_url": "http://127.0.0.1:9/v1"}
    answer = api.post("/api/v1/connections", given)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def test_a_credential_is_bound_to_a_connection_of_ones_own(
    bundles: Bundles, api: Any, stranger_api: Any
) -> None:
    flow = new(api, "Ask", m={"kind": "chat_model", "settings": {"model": "acme/large"}})
    archive = bundles.exported(flow)
    api.delete(f"/api/v1/flows/{flow}")
    refused = bundles.imported(archive, missing="fail")
    assert (refused.status_code, refused.json()["code"]) == (422, "import_lacks")
    assert refused.json()["extra"]["issues"][0]["path"] == "flows/ask.json#/graph/nodes/m/settings/model"
    said = bundles.imported(archive, dry_run=True).json()
    assert said["credentials"] == [{"name": "acme", "connection": None}]
    assert any("acme/large" in warning for warning in said["warnings"])
    mine, theirs = connection(api, "house"), connection(stranger_api, "acme")
    assert bundles.imported(archive, bindings={"acme": theirs}).status_code == 404
    odd = bundles.imported(archive, bindings={"other": mine})
    assert (odd.status_code, odd.json()["extra"]["path"]) == (422, "/bindings/other")
    done = bundles.imported(archive, bindings={"acme": mine}, missing="fail")
    assert done.status_code == 201, done.content
    back = draft(api, done.json()["created"][0]["id"])
    assert back["graph"]["nodes"]["m"]["settings"]["model"] == "house/large"


def repacked(archive: bytes, **changed: bytes | None) -> bytes:
    """Returns an archive with other files in it and a manifest that knows them."""
    from hashlib import sha256

    packed = zipfile.ZipFile(io.BytesIO(archive))
    files = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    for name, content in changed.items():
        if content is not None:
            files[name] = content
    manifest["files"] = {
        name: {"bytes": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in files.items()
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in {**files, "manifest.json": json.dumps(manifest).encode()}.items():
            made.writestr(name, content)
    return out.getvalue()


def test_one_bad_flow_leaves_nothing_of_the_others(bundles: Bundles, api: Any) -> None:
    flows = [new(api, name, n=note(name)) for name in ("Good", "Bad")]
    archive = bundles.exported(*flows)
    for flow in flows:
        api.delete(f"/api/v1/flows/{flow}")
    broken = document_of(n={"kind": 7})
    answer = bundles.imported(repacked(archive, **{"flows/bad.json": json.dumps(broken).encode()}))
    assert (answer.status_code, answer.json()["code"]) == (422, "import_issues")
    assert answer.json()["extra"]["issues"][0]["path"] == "flows/bad.json#/graph/nodes/n/kind"
    assert api.get("/api/v1/flows").json()["results"] == []


@pytest.mark.parametrize(
    "how", ["conflict=replace", "missing=maybe", "dry_run=perhaps", "bindings=[]", "bindings={"]
)
def test_an_unknown_way_is_refused(bundles: Bundles, api: Any, flow: str, how: str) -> None:
    archive = bundles.exported(flow)
    refused = api.generic("POST", f"/api/v1/imports?{how}", archive, content_type="application/zip")
    assert refused.status_code == 400


def test_no_archive_is_refused(bundles: Bundles) -> None:
    refused = bundles.imported(b"PK\x03\x04 no zip at all")
    assert (refused.status_code, refused.json()["code"]) == (400, "unsafe_archive")
