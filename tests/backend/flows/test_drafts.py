"""Saving a draft: by patches, never over somebody else's work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from jsonpatch import make_patch

from backend.flows.models import Draft


def note(name: str) -> list[dict[str, Any]]:
    return [{"op": "add", "path": f"/graph/nodes/{name}", "value": {"kind": "note"}}]


def patch(api: Any, flow: str, operations: Any, revision: str | None = '"1"', **extra: Any) -> Any:
    headers = {} if revision is None else {"If-Match": revision}
    return api.patch(f"/api/v1/flows/{flow}/draft", operations, headers=headers, **extra)


def test_a_patch_changes_the_draft_and_counts(api: Any, flow: str) -> None:
    saved = patch(api, flow, note("n"))
    assert saved.status_code == 200
    assert saved.headers["ETag"] == '"2"'
    assert set(saved.json()) == {"revision", "saved_at", "findings"}
    draft = api.get(f"/api/v1/flows/{flow}/draft").json()
    assert draft["revision"] == 2
    assert "n" in draft["document"]["graph"]["nodes"]
    assert api.get(f"/api/v1/flows/{flow}").json()["node_count"] == 3


def test_the_media_type_of_patches_is_read_too(api: Any, flow: str) -> None:
    raw = b'[{"op": "replace", "path": "/ui/positions/ask/x", "value": 5}]'
    answer = api.generic(
        "PATCH",
        f"/api/v1/flows/{flow}/draft",
        raw,
        content_type="application/json-patch+json",
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 200


def test_no_save_without_a_revision(api: Any, flow: str) -> None:
    answer = patch(api, flow, note("n"), None)
    assert (answer.status_code, answer.json()["code"]) == (428, "revision_required")
    for nonsense in ("*", '"abc"', '"-1"', '"1", "2"'):
        assert patch(api, flow, note("n"), nonsense).status_code == 412
    assert Draft.objects.get().revision == 1


def test_a_stale_save_is_refused_with_who_and_when(api: Any, flow: str, document: dict[str, Any]) -> None:
    patch(api, flow, note("first"))
    for answer in (
        patch(api, flow, note("second")),
        api.put(f"/api/v1/flows/{flow}/draft", document, headers={"If-Match": '"1"'}),
    ):
        assert answer.status_code == 412
        assert answer.json()["code"] == "stale_revision"
        assert set(answer.json()["extra"]) == {"revision", "saved_at", "saved_by"}
        assert answer.json()["extra"]["revision"] == 2
        assert answer.json()["extra"]["saved_by"] == "ada"
    assert "first" in Draft.objects.get().document["graph"]["nodes"]


def test_nothing_to_save_is_no_revision(api: Any, flow: str) -> None:
    assert patch(api, flow, []).json()["revision"] == 1


@pytest.mark.parametrize(
    "operations",
    [
        {},
        "x",
        None,
        [1],
        [{}],
        [{"op": "explode", "path": "/graph"}],
        [{"op": "add"}],
        [{"op": "add", "path": "graph", "value": 1}],
        [{"op": "add", "path": "/graph/nodes/x"}],
        [{"op": "add", "path": 5, "value": 1}],
        [{"op": "remove", "path": "/graph/nodes/nobody"}],
        [{"op": "remove", "path": ""}],
        [{"op": "replace", "path": "", "value": None}],
        [{"op": "replace", "path": "/graph", "value": None}],
        [{"op": "move", "from": "/graph", "path": "/graph/nodes"}],
        [{"op": "copy", "from": "/nowhere", "path": "/graph"}],
        [{"op": "copy", "path": "/graph"}],
        [{"op": "test", "path": "/kind", "value": "other"}],
        [{"op": "add", "path": "/graph/nodes/n", "value": {"kind": "note"}}, {"op": "remove", "path": "/x"}],
        [{"op": "add", "path": "/graph/nodes/a b", "value": {"kind": "note"}}],
        [{"op": "add", "path": "/schema/0", "value": "x"}],
        [{"op": "replace", "path": "/graph/nodes/-", "value": 1}],
    ],
)
def test_a_bad_patch_changes_nothing(api: Any, flow: str, document: dict[str, Any], operations: Any) -> None:
    answer = patch(api, flow, operations)
    assert 400 <= answer.status_code < 500, answer.content
    assert "path" in answer.json()["extra"]
    draft = Draft.objects.get()
    assert (draft.revision, draft.document) == (1, document)


def test_a_patch_cannot_grow_a_giant(api: Any, flow: str) -> None:
    double = [{"op": "copy", "from": "/graph", "path": "/graph/nodes/ask/settings/x"}] * 60
    answer = patch(api, flow, double)
    assert 400 <= answer.status_code < 500
    assert Draft.objects.get().revision == 1


def test_any_way_from_one_document_to_another_is_a_patch(
    api: Any, flow: str, document: dict[str, Any]
) -> None:
    wanted = {**document, "graph": {"nodes": {"only": {"kind": "note", "settings": {}}}, "edges": {}}}
    wanted["ui"] = {"positions": {}, "groups": {}}
    assert patch(api, flow, list(make_patch(document, wanted))).status_code == 200
    assert Draft.objects.get().document == wanted


@pytest.mark.django_db(transaction=True)
def test_of_twenty_savers_at_once_one_wins_each_round(
    api: Any, owner: Any, flow: str, client_of: Callable[[Any], Any]
) -> None:
    def save(number: int) -> int:
        try:
            return int(patch(client_of(owner), flow, note(f"n{number}")).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(save, range(20)))
    assert answers == [200, *[412] * 19]
    draft = Draft.objects.get()
    assert draft.revision == 2
    assert len(draft.document["graph"]["nodes"]) == 3


@pytest.mark.django_db(transaction=True)
def test_nobody_s_work_is_lost_when_twenty_keep_trying(
    api: Any, owner: Any, flow: str, client_of: Callable[[Any], Any]
) -> None:
    def save(number: int) -> None:
        mine = client_of(owner)
        try:
            revision = 1
            while True:
                answer = patch(mine, flow, note(f"n{number}"), f'"{revision}"')
                if answer.status_code == 200:
                    return
                assert answer.status_code == 412
                revision = answer.json()["extra"]["revision"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(save, range(20)))
    draft = Draft.objects.get()
    assert draft.revision == 21
    assert {f"n{number}" for number in range(20)} <= set(draft.document["graph"]["nodes"])
