"""Flows and their versions over REST."""

from __future__ import annotations

from typing import Any

import pytest
from flowloft.core.spec import MAX_NODES
from jsonpatch import apply_patch

from backend.flows.models import Flow, FlowVersion
from backend.flows.services import document_of

FIELDS = {
    "id",
    "name",
    "description",
    "created_at",
    "updated_at",
    "revision",
    "published_version",
    "node_count",
}


def test_an_empty_flow_is_a_flow(api: Any) -> None:
    made = api.post("/api/v1/flows", {})
    assert made.status_code == 201
    assert set(made.json()) == FIELDS
    draft = api.get(f"/api/v1/flows/{made.json()['id']}/draft")
    assert draft.headers["ETag"] == '"1"'
    assert draft.json()["document"]["graph"] == {"nodes": {}, "edges": {}}


def test_a_document_comes_back_as_it_went_in(api: Any, flow: str, document: dict[str, Any]) -> None:
    assert api.get(f"/api/v1/flows/{flow}/draft").json()["document"] == document
    assert api.get(f"/api/v1/flows/{flow}").json()["node_count"] == 2


def test_a_kind_that_this_version_lacks_loses_nothing(api: Any, document: dict[str, Any]) -> None:
    document["graph"]["nodes"]["later"] = {"kind": "telepathy", "settings": {"range": [1, {"deep": None}]}}
    made = api.post("/api/v1/flows", {"document": document})
    assert made.status_code == 201
    draft = api.get(f"/api/v1/flows/{made.json()['id']}/draft").json()
    assert draft["document"] == document
    assert "unknown_kind" in [finding["code"] for finding in draft["findings"]]
    refused = api.post(f"/api/v1/flows/{made.json()['id']}/versions", {})
    assert refused.status_code == 422
    assert refused.json()["code"] == "has_errors"


def test_an_older_schema_is_lifted_on_the_way_in(api: Any) -> None:
    old = {
        "schema_version": 0,
        "nodes": [{"id": "a", "kind": "note", "settings": {"text": "hi"}, "position": {"x": 1, "y": 2}}],
        "edges": [],
    }
    made = api.post("/api/v1/flows", {"document": old})
    assert made.status_code == 201, made.content
    document = api.get(f"/api/v1/flows/{made.json()['id']}/draft").json()["document"]
    assert document["schema_version"] == 1
    assert document["ui"]["positions"]["a"]["x"] == 1


def nested_warps(levels: int) -> dict[str, Any]:
    graph: dict[str, Any] = {"nodes": {}, "edges": {}}
    for level in range(levels):
        graph = {"nodes": {f"w{level}": {"kind": "warp", "body": graph}}, "edges": {}}
    return graph


NOTE = {"kind": "note"}
BROKEN: list[tuple[str, Any, str]] = [
    ("", [], ""),
    ("", "flow", ""),
    ("", {}, "/schema_version"),
    ("/graph", None, "/graph"),
    ("/graph/nodes", [], "/graph/nodes"),
    ("/graph/nodes/ask/colour", "red", "/graph/nodes/ask/colour"),
    ("/schema_version", 99, "/schema_version"),
    ("/schema_version", None, "/schema_version"),
    ("/schema", "other", "/schema"),
    ("/graph/nodes/has space", NOTE, "/graph/nodes/has space"),
    ("/graph/edges/e1", {"source": "ask"}, "/graph/edges/e1/source_port"),
    ("/graph/nodes/ask/kind", 7, "/graph/nodes/ask/kind"),
    ("/graph/nodes", {f"n{index}": NOTE for index in range(MAX_NODES + 1)}, "/graph"),
    ("/graph", nested_warps(9), "/graph/nodes/w8"),
    ("/graph/nodes/w", {"kind": "warp", "body": {"nodes": {"ask": NOTE}}}, "/graph/nodes/w/body/nodes/ask"),
]


@pytest.mark.parametrize(("place", "value", "path"), BROKEN)
def test_bad_documents_are_refused_with_their_place(
    api: Any, flow: str, document: dict[str, Any], place: str, value: Any, path: str
) -> None:
    bad = apply_patch(document, [{"op": "add", "path": place, "value": value}])
    url = f"/api/v1/flows/{flow}/draft"
    for answer in (
        api.post("/api/v1/flows", {"document": bad}),
        api.put(url, bad, headers={"If-Match": '"1"'}),
    ):
        assert 400 <= answer.status_code < 500
        assert answer.json()["code"]
        assert answer.json()["extra"]["path"].startswith(path)
    assert Flow.objects.count() == 1
    assert api.get(url).json()["revision"] == 1


def test_a_lost_body_empties_no_flow(api: Any, flow: str) -> None:
    assert api.put(f"/api/v1/flows/{flow}/draft", headers={"If-Match": '"1"'}).status_code == 422


def test_a_circle_is_remarked_on_and_not_published(api: Any, document: dict[str, Any]) -> None:
    document["graph"]["nodes"] = {
        name: {"kind": "prompt", "settings": {"text": "{x}"}} for name in ("a", "b")
    }
    document["graph"]["edges"] = {
        "1": {"source": "a", "source_port": "output", "target": "b", "target_port": "x"},
        "2": {"source": "b", "source_port": "output", "target": "a", "target_port": "x"},
    }
    document["ui"]["positions"] = {}
    made = api.post("/api/v1/flows", {"document": document}).json()
    assert api.post(f"/api/v1/flows/{made['id']}/versions", {}).status_code == 422


def test_versions_are_numbered_and_never_change(api: Any, flow: str, document: dict[str, Any]) -> None:
    url = f"/api/v1/flows/{flow}"
    assert api.post(f"{url}/versions", {"message": "first"}).json()["number"] == 1
    patch = [{"op": "add", "path": "/graph/nodes/n", "value": {"kind": "note"}}]
    assert api.patch(f"{url}/draft", patch, headers={"If-Match": '"1"'}).status_code == 200
    assert api.post(f"{url}/versions", {}).json()["number"] == 2
    assert api.get(url).json()["published_version"] == 2
    assert [one["number"] for one in api.get(f"{url}/versions").json()["results"]] == [2, 1]
    first = api.get(f"{url}/versions/1").json()
    assert first["document"] == document
    assert first["message"] == "first"
    assert first["created_by"] == "ada"
    with pytest.raises(TypeError):
        FlowVersion.objects.get(number=1).save()


@pytest.mark.parametrize("number", ["0", "3", "99999999999999999999"])
def test_a_version_that_is_not_there_is_404(api: Any, flow: str, number: str) -> None:
    assert api.get(f"/api/v1/flows/{flow}/versions/{number}").status_code == 404


def test_what_a_run_is_made_of(api: Any, owner: Any, flow: str, document: dict[str, Any]) -> None:
    assert document_of(user=owner, flow_id=flow, version="draft")[1:] == (document, None)
    api.post(f"/api/v1/flows/{flow}/versions", {})
    assert document_of(user=owner, flow_id=flow, version="published")[1:] == (document, 1)
    assert document_of(user=owner, flow_id=flow, version=1)[2] == 1


def test_copy_takes_the_draft_or_what_the_page_holds(api: Any, flow: str, document: dict[str, Any]) -> None:
    copied = api.post(f"/api/v1/flows/{flow}/copy", {}).json()
    assert copied["id"] != flow
    assert copied["name"] == "Echo (copy)"
    assert copied["revision"] == 1
    document["graph"]["nodes"]["mine"] = {"kind": "note"}
    mine = api.post(f"/api/v1/flows/{flow}/copy", {"name": "Mine", "document": document}).json()
    assert mine["node_count"] == 3
    assert api.get(f"/api/v1/flows/{flow}").json()["node_count"] == 2


def test_rename_search_and_delete(api: Any, flow: str) -> None:
    url = f"/api/v1/flows/{flow}"
    assert api.patch(url, {"name": "Renamed", "revision": 99, "id": "x"}).json()["name"] == "Renamed"
    assert api.get(url).json()["revision"] == 1
    assert len(api.get("/api/v1/flows?q=renam").json()["results"]) == 1
    assert api.get("/api/v1/flows?q=echo").json()["results"] == []
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404


def test_pages_hold_every_flow_once(api: Any) -> None:
    made = {api.post("/api/v1/flows", {"name": f"f{index}"}).json()["id"] for index in range(7)}
    seen: list[str] = []
    url = "/api/v1/flows?limit=3"
    while url:
        page = api.get(url).json()
        seen += [flow["id"] for flow in page["results"]]
        url = page["next"]
        assert url is None or url.startswith("/api/v1/flows?")
    assert len(seen) == 7
    assert set(seen) == made


def test_a_list_costs_the_same_number_of_queries_however_long(
    api: Any, django_assert_num_queries: Any
) -> None:
    for index in range(5):
        api.post("/api/v1/flows", {"name": f"f{index}"})
    with django_assert_num_queries(1):
        api.get("/api/v1/flows")
