"""Parts of runs, and results used again. If these fail, people pay twice, or see somebody else's result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.runs import limits
from backend.runs.models import CachedResult, Run
from backend.runs.results import results_prune
from backend.runs.worker import run_work
from tests.backend.runs.conftest import Act, graph

pytestmark = pytest.mark.django_db(transaction=True)

CHAIN = graph(
    {
        "first": {"kind": "input", "settings": {"name": "text"}},
        "a": {"kind": "act", "settings": {"again": "none", "value": "from a"}},
        "b": {"kind": "act", "settings": {"again": "none", "value": "from b"}},
        "c": {"kind": "act", "settings": {"again": "none", "value": "from c"}},
        "out": {"kind": "output", "settings": {"name": "result"}},
    },
    ("first", "output", "a", "after"),
    ("a", "output", "b", "after"),
    ("b", "output", "c", "after"),
    ("c", "output", "out", "value"),
)


@pytest.fixture
def done(api: Any) -> Callable[..., dict[str, Any]]:
    """Starts a run over the API, works on it, and returns what the API says of it."""

    def work(flow: Any, client: Any = None, **body: Any) -> dict[str, Any]:
        Act.done.clear()
        client = client or api
        answer = client.post(f"/api/v1/flows/{flow.id}/runs", body, format="json")
        assert answer.status_code == 201, answer.json()
        run_work(run_id=answer.json()["id"])
        found: dict[str, Any] = client.get(f"/api/v1/runs/{answer.json()['id']}").json()
        return found

    return work


def acted(run: dict[str, Any]) -> list[str]:
    """Returns the steps that were really run."""
    assert len(Act.done) == sum(
        step["state"] == "succeeded" and not step["cached"]
        for key, step in run["state"]["steps"].items()
        if key in "abc"
    )
    return sorted(key for key, step in run["state"]["steps"].items() if key in "abc" and not step["cached"])


def changed(node: str, value: str) -> dict[str, Any]:
    nodes = {name: dict(one) for name, one in CHAIN["graph"]["nodes"].items()}
    nodes[node] = {**nodes[node], "settings": {"again": "none", "value": value}}
    return {**CHAIN, "graph": {**CHAIN["graph"], "nodes": nodes}}


def test_the_editor_runs_what_changed_and_others_run_everything(flow_of: Any, done: Any) -> None:
    flow = flow_of(CHAIN)
    editor = {"inputs": {"text": "x"}, "reuse": True, "origin": "editor"}
    assert acted(done(flow, **editor)) == ["a", "b", "c"]
    assert acted(done(flow, **editor)) == []
    assert acted(done(flow, **editor, document=changed("c", "new"))) == ["c"]
    assert acted(done(flow, **editor | {"inputs": {"text": "y"}})) == ["a"]
    assert acted(done(flow, inputs={"text": "x"})) == ["a", "b", "c"]


def test_no_owner_ever_sees_the_result_of_another(
    flow_of: Any, done: Any, stranger: Any, stranger_api: Any
) -> None:
    mine, theirs = flow_of(CHAIN), flow_of(CHAIN, of=stranger)
    editor = {"inputs": {"text": "x"}, "reuse": True}
    done(mine, **editor)
    assert acted(done(theirs, stranger_api, **editor)) == ["a", "b", "c"]
    assert set(CachedResult.objects.values_list("owner", flat=True)) == {mine.owner_id, stranger.id}


def test_results_beyond_their_room_and_old_ones_go(flow_of: Any, done: Any, monkeypatch: Any) -> None:
    done(flow_of(CHAIN), inputs={"text": "x"}, reuse=True)
    assert CachedResult.objects.count() == 3
    monkeypatch.setattr(limits, "CACHE_BYTES", 2 * CachedResult.objects.first().size)
    assert results_prune(now=timezone.now()) == 1
    assert results_prune(now=timezone.now() + timedelta(days=limits.CACHE_DAYS + 1)) == 2


def test_one_node_runs_with_the_inputs_it_had_or_is_given(flow_of: Any, done: Any) -> None:
    flow = flow_of(CHAIN)
    whole = done(flow, inputs={"text": "x"})
    one = done(flow, from_run=whole["id"], scope={"only": "b"})
    assert (list(one["state"]["steps"]), one["outputs"]) == (["b"], {"output": "from b"})
    assert one["state"]["steps"]["b"]["inputs"] == {"after": "from a"}
    assert (one["from_run"], acted(one)) == (whole["id"], ["b"])
    for earlier in ({}, {"from_run": whole["id"]}):
        given = done(flow, **earlier, scope={"only": "b", "inputs": {"after": "mine"}})
        assert given["state"]["steps"]["b"]["inputs"] == {"after": "mine"}
        assert acted(given) == ["b"], "what it gave in the earlier run is not its result"


def test_what_one_node_gave_alone_is_what_those_after_it_go_on_with(flow_of: Any, done: Any) -> None:
    flow = flow_of(CHAIN)
    whole = done(flow, inputs={"text": "x"})
    document = changed("b", "new b")
    one = done(flow, from_run=whole["id"], scope={"only": "b"}, document=document)
    rest = done(flow, from_run=one["id"], document=document)
    assert acted(rest) == ["c"]
    assert rest["state"]["steps"]["c"]["inputs"] == {"after": "new b"}
    assert rest["inputs"] == {"text": "x"}


def test_run_to_here_and_from_here(flow_of: Any, done: Any) -> None:
    flow = flow_of(CHAIN)
    upto = done(flow, inputs={"text": "x"}, scope={"until": "b"})
    assert (acted(upto), upto["outputs"]) == (["a", "b"], {"output": "from b"})
    assert acted(done(flow, from_run=upto["id"], scope={"until": "b"})) == ["b"]
    on = done(flow, from_run=upto["id"], scope={"start": "b"})
    assert (acted(on), on["inputs"], on["outputs"]) == (["b", "c"], {"text": "x"}, {"result": "from c"})


def test_a_failed_run_goes_on_where_it_failed_with_the_mended_flow(flow_of: Any, done: Any) -> None:
    broken = changed("c", "x")
    broken["graph"]["nodes"]["c"] = {"kind": "break"}
    flow = flow_of(broken)
    failed = done(flow, inputs={"text": "x"})
    assert failed["status"] == "failed"
    resumed = done(flow, from_run=failed["id"], document=CHAIN)
    assert (resumed["status"], acted(resumed), resumed["outputs"]) == (
        "succeeded",
        ["c"],
        {"result": "from c"},
    )


def test_what_if_a_step_had_given_or_got_something_else(flow_of: Any, done: Any) -> None:
    flow = flow_of(CHAIN)
    whole = done(flow, inputs={"text": "x"})
    edit = {"step": "b", "outputs": {"output": "what if"}}
    other = done(flow, from_run=whole["id"], edits=[edit])
    assert acted(other) == ["c"]
    assert other["state"]["steps"]["c"]["inputs"] == {"after": "what if"}
    again = done(flow, from_run=whole["id"], edits=[{"step": "b", "inputs": {"after": "what if"}}])
    assert acted(again) == ["b", "c"]
    assert again["state"]["steps"]["b"]["inputs"] == {"after": "what if"}
    assert again["part"]["edits"] == [{"step": "b", "inputs": {"after": "what if"}}]


def test_pinned_outputs_count_where_they_are_asked_for(flow_of: Any, done: Any) -> None:
    flow = flow_of({**CHAIN, "ui": {"pins": {"c": {"output": "pinned"}}}})
    assert done(flow, inputs={"text": "x"}, pins=True)["outputs"] == {"result": "pinned"}
    assert done(flow, inputs={"text": "x"})["outputs"] == {"result": "from c"}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"scope": {"only": "nowhere", "inputs": {}}}, "/scope/only"),
        ({"scope": {"until": "nowhere"}}, "/scope/until"),
        ({"scope": {"start": "b"}}, "/scope/start"),
        ({"scope": {"only": "b"}}, "/scope/inputs"),
        ({"scope": {"only": "b", "until": "b"}}, "/scope"),
        ({"scope": []}, "/scope"),
        ({"edits": [{"step": "b", "outputs": {}}]}, "/edits/0/step"),
        ({"edits": [{"step": "b"}]}, "/edits/0"),
        ({"breakpoints": ["a", "nowhere"]}, "/breakpoints/1"),
        ({"from_run": "nonsense"}, "/from_run"),
        ({"seed": -1}, "/seed"),
    ],
)
def test_a_part_that_does_not_fit_is_named_and_nothing_is_saved(
    flow_of: Any, api: Any, body: dict[str, Any], path: str
) -> None:
    answer = api.post(f"/api/v1/flows/{flow_of(CHAIN).id}/runs", body, format="json")
    assert answer.status_code == 400, answer.json()
    said = answer.json()["extra"]
    assert path in (said.get("path"), *[field["path"] for field in said.get("fields", [])]), said
    assert not Run.objects.exists()


def test_results_come_only_from_runs_of_the_same_flow_and_owner(
    flow_of: Any, done: Any, api: Any, stranger_api: Any
) -> None:
    flow = flow_of(CHAIN)
    run = done(flow, inputs={"text": "x"})
    elsewhere = flow_of(CHAIN)
    answer = api.post(f"/api/v1/flows/{elsewhere.id}/runs", {"from_run": run["id"]}, format="json")
    assert answer.status_code == 404
    for address in (f"compare/{run['id']}", "answers", "outputs?step=a"):
        assert stranger_api.get(f"/api/v1/runs/{run['id']}/{address}").status_code == 404


def test_two_runs_say_what_differs(flow_of: Any, done: Any, api: Any) -> None:
    flow = flow_of(CHAIN)
    one = done(flow, inputs={"text": "x"})
    same = done(flow, inputs={"text": "x"})
    other = done(flow, inputs={"text": "y"}, document=changed("c", "new"), seed=3)
    equal = api.get(f"/api/v1/runs/{one['id']}/compare/{same['id']}").json()
    assert (equal["conditions"], equal["inputs"], equal["settings"], equal["outputs"]) == ([], [], [], [])
    found = api.get(f"/api/v1/runs/{one['id']}/compare/{other['id']}").json()
    assert [row["name"] for row in found["conditions"]] == ["graph", "seed"]
    assert found["inputs"] == [{"name": "text", "left": "x", "right": "y"}]
    assert found["settings"] == [{"name": "c/value", "left": "from c", "right": "new"}]
    assert found["outputs"] == [{"name": "result", "left": "from c", "right": "new"}]
    assert {row["step"] for row in found["steps"]} >= {"c"}
    assert one["facts"]["kinds"]["act"] == 1
    assert one["facts"]["flowloft"]


def test_the_list_is_narrowed_by_the_server(flow_of: Any, done: Any, api: Any) -> None:
    flow = flow_of(CHAIN)
    first = done(flow, inputs={"text": "Größe der Katze"})
    second = done(flow, inputs={"text": "Hunde"}, origin="editor", from_run=first["id"])

    def ids(**query: Any) -> list[str]:
        return [row["id"] for row in api.get("/api/v1/runs", query).json()["results"]]

    assert ids() == [second["id"], first["id"]]
    assert ids(q="größe KATZE") == [first["id"]]
    assert ids(q="from c") == [second["id"], first["id"]]
    assert ids(q="a flow hunde") == [second["id"]]
    assert ids(q="elephant") == []
    assert ids(origin="editor") == [second["id"]]
    assert ids(version="1") == []
    assert ids(from_run=first["id"]) == [second["id"]]
    assert ids(after=first["finished_at"], before=second["finished_at"]) == [second["id"]]
    assert ids(status="failed") == []
    assert api.get("/api/v1/runs", {"after": "yesterday"}).json()["extra"]["path"] == "/after"


def test_a_long_value_is_there_whole(flow_of: Any, done: Any, api: Any) -> None:
    text = "x" * (limits.VALUE_BYTES + 1)
    run = done(flow_of(changed("c", text)), inputs={"text": "x"})
    assert "$clipped" in run["state"]["steps"]["c"]["outputs"]["output"]
    whole = api.get(f"/api/v1/runs/{run['id']}/outputs", {"step": "c"}).json()
    assert whole["document"] == {"output": text}
    assert api.get(f"/api/v1/runs/{run['id']}/outputs", {"step": "b"}).json()["document"] == {
        "output": "from b"
    }
    assert api.get(f"/api/v1/runs/{run['id']}/outputs", {"step": "z"}).status_code == 404


def test_a_node_whose_inputs_were_too_large_to_be_told_runs_with_them_all_the_same(
    flow_of: Any, done: Any
) -> None:
    text = "x" * (limits.VALUE_BYTES + 1)
    flow = flow_of(changed("a", text))
    whole = done(flow, inputs={"text": "x"})
    one = done(flow, from_run=whole["id"], scope={"only": "b"})
    assert acted(one) == ["b"]
    assert one["state"]["steps"]["b"]["inputs"]["after"]["$clipped"]["bytes"] == len(text) + 2
    assert one["outputs"] == {"output": "from b"}


def test_a_run_whose_earlier_run_is_gone_says_so_instead_of_doing_all_of_it_again(
    flow_of: Any, done: Any, api: Any
) -> None:
    flow = flow_of(CHAIN)
    whole = done(flow, inputs={"text": "x"})
    answer = api.post(f"/api/v1/flows/{flow.id}/runs", {"from_run": whole["id"]}, format="json")
    Run.objects.get(id=whole["id"]).delete()
    Act.done.clear()
    run_work(run_id=answer.json()["id"])
    run = Run.objects.get(id=answer.json()["id"])
    assert (run.status, run.error["code"], Act.done) == ("failed", "earlier_run_gone", [])
