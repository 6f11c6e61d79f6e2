"""Runs over REST. If these fail, a program or a page cannot start, follow or find its runs."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from backend.accounts.services import token_create
from backend.runs.models import Run, RunDetail, RunEvent, Snapshot
from backend.runs.services import run_start
from backend.runs.worker import run_work
from tests.backend.runs.conftest import ECHO, PAUSE, Pause, graph

pytestmark = pytest.mark.django_db(transaction=True)

START = {"inputs": {"text": "hello"}}


def test_starting_a_run(api: Any, flow_of: Callable[..., Any]) -> None:
    flow = flow_of(ECHO)
    answer = api.post(f"/api/v1/flows/{flow.id}/runs", START)
    assert answer.status_code == 201
    run = Run.objects.get(id=answer.json()["id"])
    assert answer.json() == {"id": str(run.id), "last_seq": 1, "status": "queued"}
    run_work(run_id=run.id)
    told = api.get(f"/api/v1/runs/{run.id}").json()
    assert (told["inputs"], told["outputs"]) == (START["inputs"], {"text": "hello"})
    assert (
        api.get(f"/api/v1/runs/{run.id}/document").json()["document"]["graph"] == flow.draft.document["graph"]
    )


def test_a_flow_with_errors_is_not_run(api: Any, flow_of: Callable[..., Any]) -> None:
    flow = flow_of(graph({"x": {"kind": "no_such_kind"}}))
    answer = api.post(f"/api/v1/flows/{flow.id}/runs", START)
    assert answer.status_code == 422
    assert answer.json()["code"] == "flow_has_errors"
    assert answer.json()["extra"]["findings"][0]["code"] == "unknown_kind"
    assert (Run.objects.count(), Snapshot.objects.count()) == (0, 0)


def test_what_is_on_the_canvas_runs_unsaved(api: Any, flow_of: Callable[..., Any]) -> None:
    flow = flow_of(graph({}))
    answer = api.post(f"/api/v1/flows/{flow.id}/runs", {**START, "document": ECHO})
    run_work(run_id=answer.json()["id"])
    assert Run.objects.get().outputs == {"text": "hello"}


def test_runs_of_one_document_share_its_snapshot(started: Callable[..., Run], owner: Any) -> None:
    first = started(ECHO, text="a")
    second = run_start(owner=owner, flow=first.flow, inputs={"text": "b"})
    assert first.snapshot_id == second.snapshot_id
    assert RunDetail.objects.get(run=second).inputs == {"text": "b"}


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({"inputs": []}, 400, "/inputs"),
        ({"inputs": None}, 400, "/inputs"),
        ({"inputs": {"text": "hello", "txet": "hello"}}, 400, "/inputs/txet"),
        ({"version": "x" * 21}, 400, "/version"),
        ({"version": 7}, 404, "/version"),
        ({"version": "published"}, 404, "/version"),
        ({"document": []}, 400, "/document"),
        ({"queue": "training"}, 400, "/queue"),
        ([], 400, ""),
    ],
)
def test_bad_input_starts_nothing(
    api: Any, flow_of: Callable[..., Any], body: Any, status: int, path: str
) -> None:
    answer = api.post(f"/api/v1/flows/{flow_of(ECHO).id}/runs", body)
    assert (answer.status_code, answer.json()["extra"].get("path")) == (status, path)
    assert not Run.objects.exists()


def test_a_document_that_is_none_is_refused(api: Any, flow_of: Callable[..., Any]) -> None:
    for document in ({"graph": None}, {"graph": {"nodes": {"a": 1}}}, {"schema": "x"}):
        answer = api.post(f"/api/v1/flows/{flow_of(ECHO).id}/runs", {"document": document})
        assert 400 <= answer.status_code < 500, answer.content
    assert not Run.objects.exists()


def test_other_peoples_runs_are_not_there(started: Callable[..., Run], stranger_api: Any) -> None:
    run = started(ECHO, text="x")
    for path in ("", "/events", "/document"):
        assert stranger_api.get(f"/api/v1/runs/{run.id}{path}").status_code == 404
    assert stranger_api.post(f"/api/v1/runs/{run.id}/cancel").status_code == 404
    assert stranger_api.post(f"/api/v1/flows/{run.flow_id}/runs", START).status_code == 404
    assert stranger_api.get(f"/api/v1/runs?flow={run.flow_id}").status_code == 404
    assert stranger_api.get("/api/v1/runs").json()["results"] == []


def test_the_list_can_be_narrowed_and_paged(started: Callable[..., Run], api: Any) -> None:
    runs = [started(ECHO, text="x") for _ in range(3)]
    api.post(f"/api/v1/runs/{runs[0].id}/cancel")
    found = api.get("/api/v1/runs?limit=2").json()
    assert [run["id"] for run in found["results"]] == [str(runs[2].id), str(runs[1].id)]
    rest = api.get(found["next"]).json()
    assert [run["status"] for run in rest["results"]] == ["cancelled"]
    queued = api.get("/api/v1/runs?status=queued&status=running").json()["results"]
    assert len(queued) == 2
    assert len(api.get(f"/api/v1/runs?flow={runs[1].flow_id}").json()["results"]) == 1
    assert api.get("/api/v1/runs?status=lost").json()["extra"]["path"] == "/status"
    assert api.get("/api/v1/runs?flow=nonsense").status_code == 404


def test_waiting_for_the_end(api: Any, flow_of: Callable[..., Any], at_work: Callable[[Any], Any]) -> None:
    flow = flow_of(PAUSE)
    Pause.go.set()

    def work() -> None:
        while not Run.objects.exists():
            threading.Event().wait(0.01)
        at_work(Run.objects.get())

    helper = threading.Thread(target=work)
    helper.start()
    answer = api.post(f"/api/v1/flows/{flow.id}/runs", {}, headers={"Prefer": "respond-async, wait=20"})
    helper.join()
    assert answer.headers["Preference-Applied"] == "wait=20"
    assert (answer.status_code, answer.json()["status"]) == (201, "succeeded")
    assert answer.json()["outputs"] == {"text": "word0 word1 word2 "}


def test_waiting_ends_without_the_end(api: Any, flow_of: Callable[..., Any]) -> None:
    answer = api.post(f"/api/v1/flows/{flow_of(ECHO).id}/runs", START, headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.json()["status"]) == (201, "queued")


def test_the_log_in_pages(started: Callable[..., Run], api: Any) -> None:
    run = started(ECHO, text="x")
    run_work(run_id=run.id)
    events = api.get(f"/api/v1/runs/{run.id}/events").json()
    assert events[0]["type"] == "run.queued"
    assert events[-1]["type"] == "run.succeeded"
    assert api.get(f"/api/v1/runs/{run.id}/events?after=3").json() == events[3:]
    assert api.get(f"/api/v1/runs/{run.id}/events?after=999").json() == []
    for after in ("x", "-1", "1.5", "9" * 20):
        assert api.get(f"/api/v1/runs/{run.id}/events?after={after}").status_code == 400


async def test_the_log_as_a_stream(started: Callable[..., Run], owner: Any) -> None:
    run = await sync_to_async(started)(ECHO, text="x")
    _, token = await sync_to_async(token_create)(owner=owner, name="t")
    await sync_to_async(run_work)(run_id=run.id)
    answer = await AsyncClient().get(
        f"/api/v1/runs/{run.id}/events",
        headers={"Accept": "text/event-stream", "Authorization": f"Bearer {token}", "Last-Event-ID": "2"},
    )
    assert answer.headers["Content-Type"] == "text/event-stream"
    text = b"".join([part async for part in answer.streaming_content]).decode()
    blocks = [block.split("\n") for block in text.strip().split("\n\n")[1:]]
    stored = await sync_to_async(RunEvent.objects.filter(run=run).count)()
    assert [block[0] for block in blocks] == [f"id: {seq}" for seq in range(3, stored + 1)]
    assert blocks[-1][1] == "event: run.succeeded"
    assert json.loads(blocks[-1][2].removeprefix("data: "))["outputs"] == {"text": "x"}


def test_what_is_not_there(api: Any) -> None:
    for path in (f"runs/{uuid.uuid4()}", "runs/nonsense", f"runs/{uuid.uuid4()}/events"):
        assert api.get(f"/api/v1/{path}").status_code == 404


def test_a_shared_run_is_looked_at_by_others_and_done_nothing_with(
    api: Any, stranger_api: Any, started: Callable[..., Run]
) -> None:
    run = started(ECHO, text="hello")
    run_work(run_id=run.id)
    here = f"/api/v1/runs/{run.id}"
    looks = [here, f"{here}/document", f"{here}/events", f"{here}/answers", f"{here}/outputs?step=say"]
    looks.append(f"{here}/compare/{run.id}")
    assert {stranger_api.get(path).status_code for path in looks} == {404}
    assert stranger_api.patch(here, {"shared": True}).status_code == 404
    assert api.patch(here, {"shared": True}).json()["shared"] is True
    assert {stranger_api.get(path).status_code for path in looks} == {200}
    told = stranger_api.get(here).json()
    assert (told["mine"], told["owner"], told["outputs"]) == (False, "ada", {"text": "hello"})
    assert api.get(here).json()["mine"] is True
    for answer in (
        stranger_api.patch(here, {"shared": False}),
        stranger_api.post(f"{here}/cancel"),
        stranger_api.post(f"{here}/answers", {"step": "say", "answer": {}}),
        stranger_api.post(f"/api/v1/flows/{run.flow_id}/runs", {"from_run": str(run.id)}),
    ):
        assert answer.status_code == 404
    assert stranger_api.get("/api/v1/runs").json()["results"] == []
    assert api.patch(here, {"shared": False}).status_code == 200
    assert {stranger_api.get(path).status_code for path in looks} == {404}
