"""Runs that wait for people. If these fail, a form is lost, answered twice, or never asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.runs import limits, questions
from backend.runs.models import JournalPage, Question, Run, RunEvent
from backend.runs.questions import question_answer, questions_expire
from backend.runs.states import Status
from backend.runs.transitions import run_transition
from backend.runs.worker import run_work
from tests.backend.runs.conftest import Act, Pause, graph

pytestmark = pytest.mark.django_db(transaction=True)

FORM = graph(
    {
        "pay": {"kind": "act", "settings": {"value": "paid"}},
        "form": {
            "kind": "human_input",
            "settings": {
                "fields": [{"name": "amount", "type": "number"}, {"name": "note", "required": False}]
            },
        },
        "out": {"kind": "output", "settings": {"name": "amount"}},
    },
    ("pay", "output", "form", "value"),
    ("form", "amount", "out", "value"),
)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Runs that workers were told of."""
    ids: list[Any] = []
    monkeypatch.setattr(questions, "announce", lambda *, run_id, queue: ids.append(run_id))
    return ids


def fresh(run: Run) -> Run:
    return Run.objects.get(id=run.id)


@pytest.fixture
def waiting(started: Callable[..., Run]) -> Run:
    run = started(FORM)
    run_work(run_id=run.id)
    assert fresh(run).status == "waiting"
    return run


def answer(api: Any, run: Run, given: Any, step: str = "form") -> Any:
    return api.post(f"/api/v1/runs/{run.id}/answers", {"step": step, "answer": given}, format="json")


def test_a_run_waits_without_a_lease_and_goes_on_with_the_answer(
    waiting: Run, api: Any, sent: list[Any]
) -> None:
    assert fresh(waiting).lease_until is None
    told = api.get(f"/api/v1/runs/{waiting.id}").json()
    assert told["state"]["steps"]["form"]["question"]["value"] == "paid"
    (asked,) = api.get(f"/api/v1/runs/{waiting.id}/answers").json()["results"]
    assert (asked["step"], asked["answer"]) == ("form", None)

    assert answer(api, waiting, {"amount": 3}).status_code == 200
    assert sent == [waiting.id]
    run_work(run_id=waiting.id)

    done = fresh(waiting)
    assert (done.status, done.outputs, done.attempt) == ("succeeded", {"amount": 3}, 1)
    assert len(Act.done) == 1, "what was done before the question is not done again"
    kinds = list(RunEvent.objects.filter(run=waiting).order_by("seq").values_list("type", flat=True))
    assert kinds.index("step.waiting") < kinds.index("run.waiting") < kinds.index("run.succeeded")


def test_the_same_answer_twice_is_once_and_another_is_refused(waiting: Run, api: Any) -> None:
    assert answer(api, waiting, {"amount": 3}).status_code == 200
    assert answer(api, waiting, {"amount": 3}).status_code == 200
    refused = answer(api, waiting, {"amount": 4})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_answered")
    run_work(run_id=waiting.id)
    assert fresh(waiting).outputs == {"amount": 3}
    assert answer(api, waiting, {"amount": 3}).status_code == 200


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, "/answer/amount"),
        ({"amount": "3"}, "/answer/amount"),
        ({"amount": True}, "/answer/amount"),
        ({"amount": 3, "more": 1}, "/answer/more"),
        ([3], "/answer"),
    ],
)
def test_an_answer_that_does_not_fit_changes_nothing(waiting: Run, api: Any, given: Any, path: str) -> None:
    refused = answer(api, waiting, given)
    assert (refused.status_code, refused.json()["extra"]["path"]) == (400, path)
    assert Question.objects.get().answered_at is None
    assert fresh(waiting).status == "waiting"


def test_only_the_owner_answers_and_only_what_is_asked(waiting: Run, api: Any, stranger_api: Any) -> None:
    assert answer(stranger_api, waiting, {"amount": 3}).status_code == 404
    assert answer(api, waiting, {"amount": 3}, step="pay").json()["code"] == "no_such_question"


def test_a_run_that_waits_is_stopped_at_once_and_takes_no_answer_then(waiting: Run, api: Any) -> None:
    assert api.post(f"/api/v1/runs/{waiting.id}/cancel").json()["status"] == "cancelled"
    assert answer(api, waiting, {"amount": 3}).status_code == 409
    state = api.get(f"/api/v1/runs/{waiting.id}").json()["state"]
    assert state["steps"]["form"]["state"] == "cancelled"


def test_an_answer_that_comes_while_others_still_work_is_not_lost(
    started: Callable[..., Run], at_work: Callable[[Run], Any], owner: Any, sent: list[Any]
) -> None:
    both = {**FORM["graph"], "nodes": {**FORM["graph"]["nodes"], "slow": {"kind": "pause"}}}
    run = started({**FORM, "graph": both})
    thread = at_work(run)
    assert Pause.begun.wait(30)
    deadline = timezone.now() + timedelta(seconds=30)
    while not Question.objects.exists() and timezone.now() < deadline:
        threading.Event().wait(0.01)
    question_answer(run=run, step="form", answer={"amount": 3}, by=owner)
    assert (fresh(run).status, sent) == ("running", [])
    Pause.go.set()
    thread.join(60)
    assert (fresh(run).status, sent) == ("queued", [run.id])
    run_work(run_id=run.id)
    assert fresh(run).outputs == {"amount": 3}


@pytest.mark.parametrize(
    ("default", "status", "outputs"),
    [({"amount": 7, "note": None}, "succeeded", {"amount": 7}), (None, "failed", None)],
)
def test_when_nobody_answers_in_time_the_default_counts_or_the_node_fails(
    started: Callable[..., Run], default: Any, status: str, outputs: Any
) -> None:
    nodes = {**FORM["graph"]["nodes"]}
    settings = {**nodes["form"]["settings"], "timeout": 60, "default": default}
    nodes["form"] = {**nodes["form"], "settings": settings}
    run = started({**FORM, "graph": {**FORM["graph"], "nodes": nodes}})
    run_work(run_id=run.id)
    questions_expire(now=timezone.now())
    assert fresh(run).status == "waiting"
    questions_expire(now=timezone.now() + timedelta(seconds=61))
    run_work(run_id=run.id)
    done = fresh(run)
    assert (done.status, done.outputs) == (status, outputs)
    assert default or done.error["code"] == "not_answered"


def test_an_answer_whose_hint_was_lost_is_found_again(waiting: Run, sent: list[Any]) -> None:
    Question.objects.update(answer={"amount": 3, "note": None}, answered_at=timezone.now())
    questions_expire(now=timezone.now())
    assert sent == [waiting.id]
    assert fresh(waiting).status == "queued"


def test_a_breakpoint_shows_the_inputs_and_goes_on_with_others(flow_of: Any, owner: Any, api: Any) -> None:
    flow = flow_of(FORM)
    body = {"breakpoints": ["form"]}
    run = Run.objects.get(id=api.post(f"/api/v1/flows/{flow.id}/runs", body, format="json").json()["id"])
    run_work(run_id=run.id)
    (asked,) = api.get(f"/api/v1/runs/{run.id}/answers").json()["results"]
    assert (asked["step"], asked["asked"]["inputs"]) == ("form!", {"value": "paid"})
    assert answer(api, run, {"inputs": {"value": "edited"}}, step="form!").status_code == 200
    run_work(run_id=run.id)
    assert api.get(f"/api/v1/runs/{run.id}").json()["state"]["steps"]["form"]["question"]["value"] == "edited"


def test_steps_of_late_rounds_are_not_repeated_after_a_crash(
    started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ROUNDS", 2)
    body = graph(
        {
            "in": {"kind": "body_input"},
            "work": {"kind": "act", "settings": {"again": "none", "value": "x"}},
            "out": {"kind": "body_output"},
        },
        ("in", "value", "work", "after"),
        ("work", "output", "out", "value"),
    )["graph"]
    nodes = {
        "loop": {"kind": "loop", "settings": {"times": 20}, "body": body},
        "form": FORM["graph"]["nodes"]["form"],
    }
    run = started(graph(nodes, ("loop", "output", "form", "value")))
    run_work(run_id=run.id)
    assert fresh(run).status == "waiting"
    assert len(Act.done) == 20
    assert JournalPage.objects.exists()
    # The loop itself is forgotten, as if its worker had died in the last round.
    RunEvent.objects.filter(run=run, type="step.succeeded", payload__contains='"node_id":"loop"').delete()
    assert run_transition(run_id=run.id, to=Status.QUEUED, source=[Status.WAITING])
    run_work(run_id=run.id)
    assert len(Act.done) == 20


def test_who_waits_for_the_end_is_told_that_a_person_is_asked(
    api: Any, flow_of: Callable[..., Any], at_work: Callable[[Run], Any]
) -> None:
    flow = flow_of(FORM)

    def work() -> None:
        while not Run.objects.exists():
            threading.Event().wait(0.01)
        at_work(Run.objects.get())

    worker = threading.Thread(target=work)
    worker.start()
    answered = api.post(f"/api/v1/flows/{flow.id}/runs", {}, headers={"Prefer": "wait=20"})
    worker.join()
    assert answered.json()["status"] == "waiting"
    assert answered.json()["state"]["steps"]["form"]["question"]["kind"] == "form"
