"""What people lose if this fails: the best settings, the money they allowed, or a night of trials."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flowloft.core.context import Context
from flowloft.core.node import Node
from flowloft.core.registry import KINDS
from pydantic import Field

from backend.experiments import limits
from backend.experiments.models import Evaluation, Experiment, Trial
from backend.experiments.tasks import evaluations_look
from backend.experiments.worker import evaluation_work
from backend.flows.models import Flow
from backend.flows.services import flow_create
from backend.runs.models import Run
from backend.runs.worker import run_work
from tests.backend.experiments.test_evaluations import uploaded

pytestmark = pytest.mark.django_db(transaction=True)


class Say(Node):
    """Says what it was told, once or twice, spoilt by what goes into it, for money."""

    title = "Say"
    group = "test"

    inside: str = Field("", title="Inside", max_length=8)
    times: int = Field(1, ge=1, le=3)

    def run(self, text: str, ctx: Context) -> str:
        ctx.usage({"cost_usd": 0.5 * self.times})
        return " ".join([text[:2] + self.inside + text[2:]] * self.times)


@pytest.fixture(autouse=True)
def say(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that only tests know."""
    monkeypatch.setitem(KINDS._loaded, "say", Say)


SAY = {
    "schema": "flowloft/flow",
    "schema_version": 1,
    "kind": "flow",
    "graph": {
        "nodes": {
            "ask": {"kind": "chat_input"},
            "say": {"kind": "say", "title": "Speaker"},
            "out": {"kind": "chat_output"},
        },
        "edges": {
            "a": {"source": "ask", "source_port": "text", "target": "say", "target_port": "text"},
            "b": {"source": "say", "source_port": "output", "target": "out", "target_port": "text"},
        },
    },
}
ROWS = [{"question": "Oslo", "answer": "Oslo"}, {"question": "Lima", "answer": "Lima Lima"}]
GRID = [
    {"node": "say", "field": "inside", "values": ["", "x"]},
    {"node": "say", "field": "times", "values": [1, 2]},
]


@pytest.fixture
def form(owner: Any, api: Any) -> dict[str, Any]:
    """One question is answered by saying it once, both by saying it twice; what is inside spoils both."""
    flow = flow_create(owner=owner, name="Says", document=json.loads(json.dumps(SAY)))
    return {"flow": str(flow.id), "dataset": uploaded(api, ROWS), "metric": "contains", "grid": GRID}


@pytest.fixture
def started(api: Any, form: dict[str, Any]) -> Callable[..., str]:
    def start(**fields: Any) -> str:
        made = api.post("/api/v1/experiments", {**form, **fields})
        assert made.status_code == 201, made.content
        return str(made.json()["id"])

    return start


def look() -> None:
    """What any worker does now and then, as if long ago nobody had looked."""
    for model in (Experiment, Evaluation):
        model.objects.update(worked_at=None)  # type: ignore[attr-defined]
    evaluations_look()
    for run in list(Run.objects.filter(status="queued")):
        run_work(run_id=run.id)


def worked(api: Any, id: str) -> dict[str, Any]:
    """Lets workers do all there is to do."""
    for _ in range(100):
        told: dict[str, Any] = api.get(f"/api/v1/experiments/{id}").json()
        if told["state"] not in ("running", "cancelling"):
            return told
        look()
    raise AssertionError("It does not end.")


def test_every_combination_is_tried_ranked_and_the_best_goes_into_the_draft(
    api: Any, started: Any, form: Any
) -> None:
    plan = api.post("/api/v1/experiments/plan", form).json()
    assert (plan["combinations"], plan["trials"], plan["rows"], plan["runs"]) == (4, 4, 2, 8)
    assert not Run.objects.exists(), "nothing was started"
    told = worked(api, started())
    assert (told["state"], told["trials_done"], told["best"]) == ("succeeded", 4, 1.0)
    assert [(one["values"], one["score"], one["usage"]["cost_usd"]) for one in told["trials"]] == [
        (["", 2], 1.0, 2.0),
        (["", 1], 0.5, 1.0),
        (["x", 1], 0.0, 1.0),
        (["x", 2], 0.0, 2.0),
    ]
    assert told["axes"] == ["cost_usd", "seconds"]
    assert ["cost_usd" in one["front"] for one in told["trials"]] == [True, True, False, False]
    assert told["usage"]["cost_usd"] == 6.0
    assert told["grid"][0]["node_title"] == "Speaker"
    assert told["grid"][0]["field_title"] == "Inside"

    first, second = (one["evaluation"] for one in told["trials"][:2])
    seen = api.get(f"/api/v1/evaluations/{first}").json()
    assert (seen["overrides"][1]["value"], seen["experiment"]) == (2, told["id"])
    assert api.get(f"/api/v1/evaluations/{second}/compare/{first}").json()["better"] == 1
    assert api.delete(f"/api/v1/evaluations/{first}").json()["code"] == "of_an_experiment"
    assert api.get("/api/v1/evaluations").json()["results"] == [], "they don't fill the list of evaluations"
    mine = api.get(f"/api/v1/evaluations?experiment={told['id']}").json()["results"]
    assert len(mine) == 4

    best = told["trials"][0]["number"]
    before = Flow.objects.get(id=form["flow"]).draft.document
    done = api.post(f"/api/v1/experiments/{told['id']}/apply", {"trial": best})
    assert done.status_code == 200, done.content
    after = api.get(f"/api/v1/flows/{form['flow']}/draft").json()
    assert (done.json()["revision"], after["document"]["graph"]["nodes"]["say"]["settings"]) == (
        after["revision"],
        {"inside": "", "times": 2},
    )
    before["graph"]["nodes"]["say"]["settings"] = {"inside": "", "times": 2}
    assert after["document"] == before, "nothing else has changed"
    assert api.delete(f"/api/v1/experiments/{told['id']}").status_code == 204
    assert not Evaluation.objects.exists()
    assert Run.objects.count() == 8, "the runs stay"


def test_a_wrong_grid_is_refused_with_its_place_and_saves_nothing(
    api: Any, form: Any, stranger_api: Any
) -> None:
    def refused(status: int, **fields: Any) -> tuple[str, Any]:
        for at in ("experiments", "experiments/plan"):
            answer = api.post(f"/api/v1/{at}", {**form, **fields})
            assert answer.status_code == status, answer.content
        return answer.json()["code"], answer.json()["extra"].get("path")

    def grid(**field: Any) -> list[dict[str, Any]]:
        return [GRID[0], {**GRID[1], **field}]

    assert refused(400, grid=grid(node="nobody")) == ("unknown_node", "/grid/1/node")
    assert refused(400, grid=grid(node="say/inner"))[1] == "/grid/1/node"
    assert refused(400, grid=grid(field="volume")) == ("unknown_setting", "/grid/1/field")
    assert refused(400, grid=grid(values=[1, 9])) == ("invalid_setting", "/grid/1/values/1")
    assert refused(400, grid=grid(values=[2, 2])) == ("given_twice", "/grid/1/values/1")
    assert refused(400, grid=[GRID[0], GRID[0]]) == ("given_twice", "/grid/1/field")
    assert refused(400, grid=[])[1] == "/grid"
    many = {"node": "say", "field": "inside", "values": [f"{at:x}" for at in range(50)]}
    steep = {"node": "ask", "field": "suggestions", "values": [[str(at)] for at in range(5)]}
    assert refused(422, grid=[many, steep]) == ("too_many_trials", "/most_trials")
    drawn = api.post("/api/v1/experiments/plan", {**form, "grid": [many, steep], "most_trials": 7}).json()
    assert (drawn["combinations"], drawn["trials"]) == (250, 7)
    assert not Experiment.objects.exists()
    assert not Trial.objects.exists()

    made = api.post("/api/v1/experiments", form).json()
    strange = stranger_api
    at = f"/api/v1/experiments/{made['id']}"
    for answer in (
        strange.get(at),
        strange.delete(at),
        strange.post(f"{at}/cancel", {}),
        strange.post(f"{at}/apply", {"trial": 1}),
        strange.post("/api/v1/experiments", form),
        strange.post("/api/v1/experiments/plan", form),
    ):
        assert answer.status_code == 404
    assert strange.get("/api/v1/experiments").json()["results"] == []
    assert api.post(f"{at}/apply", {"trial": 1}).json()["code"] == "not_measured"
    assert api.post(f"{at}/apply", {"trial": 99}).status_code == 404
    assert api.delete(at).json()["code"] == "not_ended"


def test_no_more_money_is_spent_than_was_allowed(api: Any, started: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    id = started(most_cost=2.5)
    told = worked(api, id)
    states = sorted(one["state"] for one in told["trials"])
    assert states == ["cancelled", "skipped", "skipped", "succeeded"]
    assert told["usage"]["cost_usd"] <= 3.0, "at most the runs that were under way go beyond it"
    assert told["state"] == "succeeded"
    assert told["trials"][0]["rank"] == 1
    assert [one["rank"] for one in told["trials"][1:]] == [None] * 3


def test_what_was_not_computed_counts_for_no_estimate(api: Any, started: Any, form: Any) -> None:
    worked(api, started(reuse=True))
    plan = api.post("/api/v1/experiments/plan", form).json()
    assert plan["usage"]["cost_usd"] == pytest.approx(8 * 0.75)
    again = worked(api, started(reuse=True))
    assert again["usage"].get("cost_usd", 0.0) == 0.0, "all of it was there"
    assert api.post("/api/v1/experiments/plan", form).json() == plan


def test_it_goes_on_where_a_worker_died_and_stops_when_told(api: Any, started: Any) -> None:
    id = started()
    look()
    trial = Trial.objects.get(state="running")
    evaluation_work(evaluation_id=trial.evaluation_id)  # type: ignore[arg-type]
    # The worker dies here: no hint is ever sent again, and what it had begun is in the rows.
    assert worked(api, id)["state"] == "succeeded"
    assert Run.objects.count() == 8, "nothing was measured twice"
    assert Evaluation.objects.count() == 4

    other = started()
    look()
    look()
    stopped = api.post(f"/api/v1/experiments/{other}/cancel", {}).json()
    assert stopped["state"] in ("cancelling", "cancelled")
    told = worked(api, other)
    assert told["state"] == "cancelled"
    assert {one["state"] for one in told["trials"]} <= {"cancelled", "succeeded"}
    assert not Evaluation.objects.filter(state__in=("running", "cancelling")).exists()
    again = api.post(f"/api/v1/experiments/{other}/cancel", {}).json()
    assert again["state"] == "cancelled"


def test_an_evaluation_takes_other_settings_than_are_drawn(api: Any, form: Any) -> None:
    form.pop("grid")
    wrong = [{"node": "say", "field": "times", "value": 9}]
    refused = api.post("/api/v1/evaluations", {**form, "overrides": wrong})
    assert (refused.status_code, refused.json()["extra"]["path"]) == (400, "/overrides/0/value")
    made = api.post("/api/v1/evaluations", {**form, "overrides": [{**wrong[0], "value": 2}]}).json()
    while Evaluation.objects.get(id=made["id"]).state == "running":
        look()
    told = api.get(f"/api/v1/evaluations/{made['id']}").json()
    assert (told["score"], told["overrides"], told["experiment"]) == (1.0, [{**wrong[0], "value": 2}], None)
    assert Flow.objects.get(id=form["flow"]).draft.document["graph"]["nodes"]["say"].get("settings", {}) == {}
