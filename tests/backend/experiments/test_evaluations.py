"""What people lose if this fails: an answer that was measured, one that counts twice, or the bad cases
that a model was to learn from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flowloft.core.errors import InputError
from flowloft.core.node import Node
from flowloft.core.registry import KINDS

from backend.datasets.models import Dataset
from backend.experiments import limits
from backend.experiments.models import Evaluation, EvaluationRow
from backend.experiments.tasks import evaluations_look
from backend.experiments.worker import evaluation_work, row_measure, rows_start
from backend.flows.services import flow_create
from backend.runs.models import Run
from backend.runs.worker import run_work

pytestmark = pytest.mark.django_db(transaction=True)


class Echo(Node):
    """Says what it was told; one thing it can't say."""

    title = "Echo"
    group = "test"

    def run(self, text: str) -> str:
        if text == "Fail":
            raise InputError("It can't be said.", code="unspeakable")
        return text


@pytest.fixture(autouse=True)
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that only tests know."""
    monkeypatch.setitem(KINDS._loaded, "echo", Echo)


ECHO = {
    "schema": "flowloft/flow",
    "schema_version": 1,
    "kind": "flow",
    "graph": {
        "nodes": {"ask": {"kind": "chat_input"}, "echo": {"kind": "echo"}, "say": {"kind": "chat_output"}},
        "edges": {
            "a": {"source": "ask", "source_port": "text", "target": "echo", "target_port": "text"},
            "b": {"source": "echo", "source_port": "output", "target": "say", "target_port": "text"},
        },
    },
}
ROWS = [
    {"question": "Oslo is the capital of Norway", "answer": "Oslo"},
    {"question": "No idea", "answer": "Paris"},
    {"question": "Rom\u0000a, 罗马", "answer": "罗马"},
    {"question": "Fail", "answer": "no run answers this"},
    {"messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "What is the capital of Peru?"},
        {"role": "assistant", "content": "Lima"},
    ]},
]  # fmt: skip


def uploaded(api: Any, rows: list[dict[str, Any]], name: str = "capitals") -> str:
    body = "".join(json.dumps(row) + "\n" for row in rows).encode()
    at = f"/api/v1/datasets?file_name=rows.jsonl&name={name}"
    made = api.post(at, body, content_type="application/octet-stream")
    assert made.status_code == 201, made.content
    return str(made.json()["versions"][0]["id"])


@pytest.fixture
def form(owner: Any, api: Any) -> dict[str, Any]:
    """A flow that says what it was asked, and five rows: two good, three bad."""
    flow = flow_create(owner=owner, name="Echo", document=json.loads(json.dumps(ECHO)))
    return {"flow": str(flow.id), "dataset": uploaded(api, ROWS), "metric": "contains"}


@pytest.fixture
def started(api: Any, form: dict[str, Any]) -> Callable[..., str]:
    def start(**fields: Any) -> str:
        made = api.post("/api/v1/evaluations", {**form, **fields})
        assert made.status_code == 201, made.content
        return str(made.json()["id"])

    return start


def queued() -> Iterator[Run]:
    while run := Run.objects.filter(status="queued").first():
        yield run


def worked(id: str) -> dict[str, Any]:
    """Lets workers do all there is to do."""
    while Evaluation.objects.get(id=id).state in ("running", "cancelling"):
        evaluation_work(evaluation_id=id)  # type: ignore[arg-type]
        for run in queued():
            run_work(run_id=run.id)
    return Evaluation.objects.filter(id=id).values().get()


def rows_of(api: Any, id: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/api/v1/evaluations/{id}/rows", asked).json()["results"]
    return found


def test_each_row_is_a_run_with_its_score_and_bad_ones_are_found(api: Any, started: Any, form: Any) -> None:
    plan = api.post("/api/v1/evaluations/plan", form).json()
    assert (plan["runs"], plan["input"], plan["output"]) == (5, "text", "text")
    assert not Run.objects.exists(), "nothing was started"
    id = started()
    rows_start(evaluation_id=id)
    assert Run.objects.filter(origin="evaluation").count() == limits.AT_ONCE, "a few at a time"
    worked(id)

    told = api.get(f"/api/v1/evaluations/{id}").json()
    assert (told["state"], told["rows_done"], told["rows_good"], told["rows_bad"]) == ("succeeded", 5, 2, 3)
    assert told["score"] == pytest.approx(0.4)
    assert told["distribution"] == [3, *[0] * 8, 2]
    rows = rows_of(api, id)
    assert [row["good"] for row in rows] == [True, False, True, False, False]
    assert rows[2]["answer"] == "Rom\u0000a, 罗马"
    assert (rows[3]["state"], rows[3]["error"]["code"], rows[3]["score"]) == ("failed", "unspeakable", 0)
    assert {api.get(f"/api/v1/runs/{row['run']}").json()["status"] for row in rows} == {"succeeded", "failed"}
    last = api.get(f"/api/v1/runs/{rows[4]['run']}").json()["inputs"]
    assert last["text"] == "What is the capital of Peru?"
    assert [one["content"] for one in last["history"]] == ["Be brief.", "Hello", "Hi."]
    assert [row["number"] for row in rows_of(api, id, bad=1)] == [2, 4, 5]
    assert [row["number"] for row in rows_of(api, id, order="-score")] == [1, 3, 2, 4, 5]
    assert [row["number"] for row in rows_of(api, id, q="PERU lima")] == [5]
    assert api.get(f"/api/v1/evaluations/{id}/rows?order=owner").json()["extra"]["path"] == "/order"
    again = api.post("/api/v1/evaluations/plan", form).json()
    assert again["seconds"] > 0, "known from the runs there were"


def test_the_flow_stays_as_it_was_at_the_start(api: Any, started: Any, form: Any) -> None:
    id = started()
    at = f"/api/v1/flows/{form['flow']}/draft"
    etag = api.get(at)["ETag"]
    empty = {**ECHO, "graph": {"nodes": {}, "edges": {}}}
    assert api.put(at, empty, headers={"If-Match": etag}).status_code == 200
    assert worked(id)["state"] == "succeeded"
    assert api.get(f"/api/v1/evaluations/{id}").json()["rows_good"] == 2
    assert api.post("/api/v1/evaluations", form).json()["extra"]["path"] == "/flow"


def test_bad_cases_become_examples_with_the_answers_that_were_wanted(api: Any, started: Any) -> None:
    id = started()
    worked(id)
    at = f"/api/v1/evaluations/{id}/dataset"
    made = api.post(at, {"name": "to learn"}).json()
    assert (made["name"], made["version"]["examples"]) == ("to learn", 3)
    learned = api.get(f"/api/v1/datasets/versions/{made['version']['id']}/examples").json()["examples"]
    assert [one["messages"][-1]["content"] for one in learned] == ["Paris", "no run answers this", "Lima"]
    assert learned[2]["messages"][0] == {"role": "system", "content": "Be brief."}

    chosen = [{"number": 2, "answer": "Ask someone."}, {"number": 1}]
    further = api.post(at, {"rows": chosen, "dataset": made["dataset"]}).json()
    assert (further["version"]["number"], further["version"]["examples"]) == (2, 4)
    learned = api.get(f"/api/v1/datasets/versions/{further['version']['id']}/examples").json()["examples"]
    answers = [one["messages"][-1]["content"] for one in learned]
    assert answers == ["Ask someone.", "no run answers this", "Lima", "Oslo"], "each question once"

    wrong = api.post(at, {"rows": [{"number": 1}, {"number": 99}]})
    assert (wrong.status_code, wrong.json()["extra"]["path"]) == (400, "/rows/1/number")
    assert api.post(at, {"name": "to learn"}).json()["code"] == "name_taken"
    assert Dataset.objects.count() == 2


def test_two_evaluations_show_which_rows_got_better_or_worse(api: Any, started: Any) -> None:
    left, right = started(), started(metric="exact", limit=3)
    worked(left)
    worked(right)
    told = api.get(f"/api/v1/evaluations/{left}/compare/{right}").json()
    assert (told["better"], told["worse"], told["same"], told["only_left"]) == (0, 2, 1, 2)
    assert told["left_score"] == pytest.approx(2 / 3)
    assert [row["delta"] for row in told["rows"]] == [-1, -1, 0]
    at = f"/api/v1/evaluations/{left}/compare/{right}"
    worse = api.get(f"{at}?shown=worse&limit=1&offset=1").json()
    assert (worse["count"], worse["rows"]) == (2, told["rows"][1:2]), "a page of them"
    assert (worse["worse"], worse["same"]) == (2, 1), "counted over all"
    assert api.get(f"{at}?shown=better").json()["rows"] == []
    assert api.get(f"{at}?shown=red").json()["extra"]["path"] == "/shown"
    other = started(dataset=uploaded(api, [{"question": "q", "answer": "a"}], "else"))
    worked(other)
    assert api.get(f"/api/v1/evaluations/{left}/compare/{other}").json()["code"] == "nothing_in_common"


def test_one_that_is_stopped_starts_no_further_run_and_ends(api: Any, started: Any) -> None:
    id = started()
    rows_start(evaluation_id=id)
    run_work(run_id=Run.objects.earliest("created_at").id)
    assert api.delete(f"/api/v1/evaluations/{id}").json()["code"] == "not_ended"
    told = api.post(f"/api/v1/evaluations/{id}/cancel").json()
    assert (told["state"], told["rows_done"], told["score"]) == ("cancelled", 5, None)
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded", "cancelled"}
    assert Run.objects.count() == limits.AT_ONCE
    assert api.post(f"/api/v1/evaluations/{id}/cancel").json()["state"] == "cancelled"
    assert api.delete(f"/api/v1/evaluations/{id}").status_code == 204
    assert not EvaluationRow.objects.exists()


def test_a_worker_that_dies_loses_no_row_and_measures_none_twice(api: Any, started: Any) -> None:
    id = started()
    rows_start(evaluation_id=id)
    for run in queued():
        run_work(run_id=run.id)
    row = EvaluationRow.objects.filter(state="answered").first()
    assert row is not None
    row_measure(row=row)
    EvaluationRow.objects.filter(pk=row.pk).update(reason="measured once")
    row_measure(row=row)  # another that had seen it waiting
    assert EvaluationRow.objects.get(pk=row.pk).reason == "measured once"
    Run.objects.filter(pk=EvaluationRow.objects.filter(state="answered").earliest("number").run_id).delete()
    Evaluation.objects.update(worked_at=None)  # the hints were lost
    for _ in range(3):
        evaluations_look()
        Evaluation.objects.update(worked_at=None)
        for run in queued():
            run_work(run_id=run.id)
    evaluations_look()
    assert api.get(f"/api/v1/evaluations/{id}").json()["rows_good"] == 2
    assert Evaluation.objects.get(id=id).state == "succeeded"


def test_what_is_wrong_is_named_at_its_field_and_starts_nothing(
    api: Any, form: dict[str, Any], stranger_api: Any, started: Any
) -> None:
    for given, path in (
        ({"metric": "no_such"}, "/metric"),
        ({"settings": {"strict": 1}}, "/settings/strict"),
        ({"metric": "similarity", "settings": {"model": 7}}, "/settings/model"),
        ({"threshold": 1.5}, "/threshold"),
        ({"limit": 0}, "/limit"),
        ({"input": "nothing"}, "/input"),
        ({"output": "nothing"}, "/output"),
        ({"inputs": {"nothing": 1}}, "/inputs/nothing"),
        ({"version": "7"}, "/version"),
    ):
        answer = api.post("/api/v1/evaluations", {**form, **given})
        assert 400 <= answer.status_code < 500, given
        assert answer.json()["extra"]["path"] == path, answer.json()
    assert not Evaluation.objects.exists()
    for field in ("flow", "dataset"):
        assert api.post("/api/v1/evaluations", {**form, field: str(uuid4())}).status_code == 404
    assert stranger_api.post("/api/v1/evaluations", form).status_code == 404
    id = started()
    for at in ("", "/rows", f"/compare/{id}"):
        assert stranger_api.get(f"/api/v1/evaluations/{id}{at}").status_code == 404
    assert stranger_api.post(f"/api/v1/evaluations/{id}/dataset", {}).status_code == 404
    assert stranger_api.post(f"/api/v1/evaluations/{id}/cancel").status_code == 404
