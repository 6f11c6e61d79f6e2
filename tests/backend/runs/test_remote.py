"""Whole flows as jobs. If these fail, a run somewhere else looks otherwise than one here, or loses events."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.node import Node
from flowloft.core.registry import KINDS
from flowloft.core.resources import Resources
from pydantic import Field

from backend.common.errors import ApiError
from backend.compute.models import BackendEntry, ComputeJob
from backend.compute.places import secrets_keep
from backend.compute.poller import Lookout, Poller
from backend.compute.stream import written
from backend.flows import documents
from backend.flows.components import Components
from backend.hub.keys import key_add
from backend.hub.models import Connection
from backend.runs import reach, remote_told
from backend.runs.log import state_read
from backend.runs.models import Run, RunEvent
from backend.runs.parts import Part
from backend.runs.questions import question_answer
from backend.runs.services import run_cancel, run_start
from backend.runs.states import TERMINAL
from backend.runs.worker import run_work
from tests.backend.runs.conftest import graph
from tests.conformance import kubernetes_stub, slurm_cluster
from tests.stubs.model_server import KEY, model_server

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = graph(
    {
        "ask": {"kind": "chat_input"},
        "say": {"kind": "prompt", "settings": {"template": "Said: {text}"}},
        "end": {"kind": "chat_output"},
    },
    ("ask", "text", "say", "text"),
    ("say", "output", "end", "text"),
)
STEPS = graph(
    {
        "one": {"kind": "bash", "settings": {"command": "sleep 0.7"}},
        "two": {"kind": "bash", "settings": {"command": "sleep 0.7"}},
        "three": {"kind": "bash", "settings": {"command": "sleep 0.7"}},
        "four": {"kind": "bash", "settings": {"command": "echo done"}},
        "end": {"kind": "output", "settings": {"name": "said"}},
    },
    ("one", "output", "two", "input"),
    ("two", "output", "three", "input"),
    ("three", "output", "four", "input"),
    ("four", "output", "end", "value"),
)
LONG = graph(
    {
        "wait": {"kind": "bash", "settings": {"command": "sleep 60", "seconds": 90}},
        "end": {"kind": "output", "settings": {"name": "said"}},
    },
    ("wait", "output", "end", "value"),
)
ASKS = graph(
    {
        "make": {"kind": "bash", "settings": {"command": "echo a draft"}},
        "form": {"kind": "approval", "settings": {"message": "Is it good?"}},
        "say": {"kind": "prompt", "settings": {"template": "Sent: {text}"}},
        "end": {"kind": "output", "settings": {"name": "said"}},
    },
    ("make", "output", "form", "value"),
    ("form", "approved", "say", "text"),
    ("say", "output", "end", "value"),
)
MINE = """
import flowloft
flowloft.component_register.new_group("far_test")

@flowloft.component_register("far_test")
def shout(text: str = "hi") -> str:
    return text.upper()
"""
BREAKS = graph(
    {"fails": {"kind": "bash", "settings": {"command": "false"}}, "end": {"kind": "output"}},
    ("fails", "output", "end", "value"),
)


def asks(model: str) -> dict[str, Any]:
    return graph(
        {
            "ask": {"kind": "chat_input"},
            "model": {"kind": "chat_model", "settings": {"model": model}},
            "end": {"kind": "chat_output"},
        },
        ("ask", "text", "model", "messages"),
        ("model", "output", "end", "text"),
    )


@pytest.fixture
def bench(owner: Any, tmp_path: Path) -> BackendEntry:
    """Another place of this machine."""
    return BackendEntry.objects.create(
        owner=owner, name="Bench", kind="local", settings={"folder": str(tmp_path / "jobs")}
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[slurm_cluster.Cluster]:
    if slurm_cluster.missing() or os.geteuid() != 0:
        pytest.skip("needs root, slurm-wlm and munge")
    with slurm_cluster.cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def slurm(owner: Any, cluster: slurm_cluster.Cluster, tmp_path: Path) -> BackendEntry:
    """A real Slurm of one node."""
    return BackendEntry.objects.create(
        owner=owner,
        name="Cluster",
        kind="slurm",
        settings={"folder": str(tmp_path / "jobs"), "config": str(cluster.config)},
    )


@pytest.fixture
def start(flow_of: Callable[..., Any]) -> Callable[..., Run]:
    def make(document: dict[str, Any], place: BackendEntry, **inputs: Any) -> Run:
        flow = flow_of(document)
        return run_start(owner=flow.owner, flow=flow, inputs=inputs, backend=place.pk)

    return make


class Studio:
    """The worker of a studio, as long as it lives."""

    def __init__(self) -> None:
        self.lookout = Lookout()
        self.pollers: dict[Any, Poller] = {}

    def look(self) -> None:
        for entry_id in self.lookout.take():
            self.pollers.setdefault(entry_id, Poller(entry_id, self.lookout.name))
        for poller in self.pollers.values():
            poller.look()

    def until(self, true: Callable[[], bool], seconds: float = 240) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, list(ComputeJob.objects.values("state", "message"))
            self.look()
            time.sleep(0.1)

    def until_over(self, run: Run) -> Run:
        self.until(lambda: Run.objects.get(id=run.id).status in TERMINAL)
        run.refresh_from_db()
        return run


def told(run: Run) -> list[str]:
    seqs = list(RunEvent.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
    assert Run.objects.get(id=run.id).last_seq == len(seqs)
    return list(RunEvent.objects.filter(run=run).order_by("seq").values_list("type", flat=True))


def what_matters(run: Run) -> dict[str, Any]:
    """The fold without times."""
    state = state_read(run_id=run.id).model_dump(exclude={"last_seq", "started_at", "finished_at"})
    for step in state["steps"].values():
        del step["started_at"], step["duration"]
    return state


def near(far: Run, **inputs: Any) -> Run:
    """The same run in the studio itself."""
    run = run_start(owner=far.flow.owner, flow=far.flow, inputs=inputs)
    run_work(run_id=run.id)
    run.refresh_from_db()
    return run


def test_a_run_as_a_job_looks_like_one_here(start: Any, bench: BackendEntry) -> None:
    far = Studio().until_over(start(WORDS, bench, text="Grüße 🦊"))
    assert (far.status, far.outputs) == ("succeeded", {"text": "Said: Grüße 🦊"})
    assert told(far)[:2] == ["run.queued", "run.started"]
    assert what_matters(far) == what_matters(near(far, text="Grüße 🦊"))
    job = ComputeJob.objects.get(subject=str(far.id))
    assert (job.purpose, job.sealed) == ("run", "")


def test_a_failure_looks_like_one_here(start: Any, bench: BackendEntry) -> None:
    far = Studio().until_over(start(BREAKS, bench))
    assert far.status == "failed"
    assert far.error["code"] == "command_failed"
    assert what_matters(far) == what_matters(near(far))


def test_the_key_of_a_model_travels_as_a_secret(
    owner: Any, start: Any, bench: BackendEntry, tmp_path: Path
) -> None:
    with model_server() as server:
        mine = Connection(owner=owner, name="mine", provider="openai_compatible", base_url=server.url)
        mine.save()
        key_add(mine, KEY)
        far = Studio().until_over(start(asks("mine/good"), bench, text="Hello"))
        assert (far.status, far.outputs) == ("succeeded", {"text": "Hello 世界!"})
        assert what_matters(far) == what_matters(near(far, text="Hello"))
    job = ComputeJob.objects.get()
    assert KEY not in str(job.spec)
    for path in (tmp_path / "jobs").rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_a_studio_that_dies_in_mid_job_loses_no_event_and_tells_none_twice(
    start: Any, bench: BackendEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(STEPS, bench)
    first = Studio()
    first.until(lambda: "step.succeeded" in told(run))
    append = remote_told.log_append

    def dies(**given: Any) -> Any:
        append(**given)
        raise SystemExit("the power is gone")

    monkeypatch.setattr(remote_told, "log_append", dies)
    with pytest.raises(SystemExit):
        first.until_over(run)
    monkeypatch.undo()
    remote_told._RECORDERS.clear()
    BackendEntry.objects.update(poller_until=None)
    far = Studio().until_over(run)
    assert far.status == "succeeded"
    assert (far.attempt, far.fence) == (1, 1)
    assert what_matters(far) == what_matters(near(far))


def test_a_run_is_cancelled_with_its_job(start: Any, bench: BackendEntry) -> None:
    waiting = start(LONG, bench)
    assert run_cancel(run=waiting).status == "cancelled"
    assert ComputeJob.objects.get(subject=str(waiting.id)).state == "cancelled"
    run, studio = start(LONG, bench), Studio()
    studio.until(lambda: "step.started" in told(run))
    assert run_cancel(run=run).status == "cancelling"
    studio.until_over(run)
    assert told(run)[-3:] == ["run.cancelling", "step.cancelled", "run.cancelled"]
    studio.until(lambda: ComputeJob.objects.get(subject=str(run.id)).ended)
    assert ComputeJob.objects.get(subject=str(run.id)).state == "cancelled"


@pytest.mark.parametrize(
    "where", ["bench", pytest.param("slurm", marks=[pytest.mark.slow, pytest.mark.once])]
)
def test_a_job_that_asks_ends_and_another_goes_on_with_the_answer(
    start: Any, where: str, request: pytest.FixtureRequest, owner: Any
) -> None:
    run, studio = start(ASKS, request.getfixturevalue(where)), Studio()
    studio.until(lambda: Run.objects.get(id=run.id).status == "waiting")
    studio.until(lambda: not ComputeJob.objects.filter(state="running").exists())
    assert Run.objects.get(id=run.id).lease_until is None
    question_answer(run=run, step="form", answer={"decision": "approved"}, by=owner)
    far = studio.until_over(run)
    assert (far.status, far.outputs, far.attempt) == ("succeeded", {"said": "Sent: a draft"}, 1)
    assert told(far).count("step.started") == 5, "what was done before the question is not done again"
    studio.until(lambda: ComputeJob.objects.filter(subject=str(run.id), state="succeeded").count() == 2)
    local = near(far)
    question_answer(run=local, step="form", answer={"decision": "approved"}, by=owner)
    run_work(run_id=local.id)
    local.refresh_from_db()
    assert what_matters(far) == what_matters(local)


def test_a_run_whose_backend_went_while_it_waited_says_so(
    start: Any, bench: BackendEntry, owner: Any
) -> None:
    run, studio = start(ASKS, bench), Studio()
    studio.until(lambda: Run.objects.get(id=run.id).status == "waiting")
    studio.until(lambda: not ComputeJob.objects.filter(state="running").exists())
    bench.delete()
    question_answer(run=run, step="form", answer={"decision": "approved"}, by=owner)
    run.refresh_from_db()
    assert (run.status, run.error["code"]) == ("failed", "backend_removed")


@pytest.mark.slow
@pytest.mark.once
def test_a_part_of_a_flow_is_a_job_too(start: Any, slurm: BackendEntry) -> None:
    """It goes where the run went that it builds on; pins, edits and breakpoints go with it."""
    first, studio = Studio().until_over(start(WORDS, slurm, text="one")), Studio()

    def again(part: Part, **more: Any) -> Run:
        return run_start(owner=first.owner, flow=first.flow, part=part, **more)

    def gives(run: Run) -> dict[str, Any]:
        assert run.queue == "remote"
        return dict(studio.until_over(run).outputs or {})

    only = Part(only="say", inputs={"text": "two"})
    assert gives(again(only, from_run=first.id)) == {"output": "Said: two"}
    edit = Part(until="say", edits=({"step": "ask", "outputs": {"text": "edited"}},))
    assert gives(again(edit, from_run=first.id)) == {"output": "Said: edited"}
    pinned = {**WORDS, "ui": {"pins": {"say": {"output": "pinned"}}}}
    there = {"backend": slurm.pk, "inputs": {"text": "three"}}
    assert gives(again(Part(pins=True), document=pinned, **there)) == {"text": "pinned"}
    held = again(Part(breakpoints=("say",)), **there)
    studio.until(lambda: Run.objects.get(id=held.id).status == "waiting")
    question_answer(run=held, step="say!", answer={"inputs": {"text": "four"}}, by=first.owner)
    assert gives(held) == {"text": "Said: four"}


class Searches(Node):
    """Stands for the nodes that search."""

    title = "Searches"
    knowledge: str = Field("", json_schema_extra={"x-widget": "knowledge_base"})

    def run(self) -> str:
        return self.knowledge


def test_what_only_the_studio_has_is_refused_before_anything_starts(
    api: Any, flow_of: Any, bench: BackendEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS._loaded, "searches", Searches)
    flow = flow_of(graph({"look": {"kind": "searches", "settings": {"knowledge": "handbook"}}}))
    for what in ("runs", "runs/preview"):
        refused = api.post(f"/api/v1/flows/{flow.id}/{what}", {"backend": str(bench.pk)})
        told = refused.json()
        assert (refused.status_code, told["code"]) == (400, "not_on_backend"), told
        assert told["extra"] == {"path": "/backend", "node_id": "look"}
        assert "knowledge base that only the studio has" in told["message"]
    assert not Run.objects.exists()


def test_components_of_the_studio_run_where_their_folder_is_the_same(
    start: Any, api: Any, flow_of: Any, bench: BackendEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "mine.py").write_text(MINE)
    monkeypatch.setenv("FLOWLOFT_COMPONENTS", str(tmp_path / "components"))
    shown = Components(tmp_path / "components")
    for module in (documents, reach):
        monkeypatch.setattr(module, "COMPONENTS", shown)
    document = graph(
        {"shout": {"kind": "far_test.shout"}, "end": {"kind": "output", "settings": {"name": "said"}}},
        ("shout", "output", "end", "value"),
    )
    try:
        far = Studio().until_over(start(document, bench))
        assert (far.status, far.outputs) == ("succeeded", {"said": "HI"})
        pods = BackendEntry.objects.create(owner=bench.owner, name="Pods", kind="kubernetes")
        refused = api.post(f"/api/v1/flows/{far.flow_id}/runs", {"backend": str(pods.pk)}).json()
        assert (refused["code"], refused["extra"]["node_id"]) == ("not_on_backend", "shout")
    finally:
        assert shown._shown is not None
        shown._shown.forget()


def test_somebody_elses_backend_is_not_there(flow_of: Any, stranger: Any, bench: BackendEntry) -> None:
    flow = flow_of(WORDS, of=stranger)
    with pytest.raises(ApiError) as refused:
        run_start(owner=stranger, flow=flow, inputs={}, backend=bench.pk)
    assert refused.value.status == 404
    assert not Run.objects.exists()


def test_the_preview_is_what_is_submitted_and_holds_no_secret(
    api: Any, flow_of: Any, bench: BackendEntry
) -> None:
    flow = flow_of(WORDS)
    given = {"backend": str(bench.pk), "inputs": {"text": "private"}, "resources": {"seconds": 60}}
    shown = api.post(f"/api/v1/flows/{flow.id}/runs/preview", given).json()
    assert shown["form"] == "command"
    assert "FLOWLOFT_RUN_0=••••" in shown["text"] or "FLOWLOFT_RUN_0='••••'" in shown["text"]
    assert shown["argv"][1:] == ["-m", "flowloft.codegen.as_job"]
    assert not Run.objects.exists()
    wrong = api.post(f"/api/v1/flows/{flow.id}/runs", {**given, "resources": {"gpus": -1}})
    assert (wrong.status_code, wrong.json()["extra"]["path"]) == (400, "/resources/gpus")
    started = api.post(f"/api/v1/flows/{flow.id}/runs", given)
    assert started.status_code == 201, started.content
    assert Run.objects.get().backend == str(bench.pk)


def test_where_no_files_are_shared_events_come_with_what_programs_print(
    owner: Any, start: Any, tmp_path: Path
) -> None:
    """Kubernetes keeps one log of stdout and stderr; a person reads it without the records."""
    with kubernetes_stub.stub(tmp_path / "pods") as (address, _):
        cluster = BackendEntry(
            owner=owner, name="Pods", kind="kubernetes", python=sys.executable, settings={"server": address}
        )
        secrets_keep(cluster, {"token": kubernetes_stub.TOKEN})
        cluster.save()
        far = Studio().until_over(start(WORDS, cluster, text="Grüße 🦊"))
        assert (far.status, far.outputs) == ("succeeded", {"text": "Said: Grüße 🦊"})
        assert what_matters(far) == what_matters(near(far, text="Grüße 🦊"))
        assert written(ComputeJob.objects.get(), 0)[0] == "The run ended: succeeded.\n"


# On a real cluster -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.once
def test_a_slurm_job_looks_like_a_run_here(start: Any, slurm: BackendEntry) -> None:
    far = Studio().until_over(start(STEPS, slurm))
    assert (far.status, far.outputs) == ("succeeded", {"said": "done"})
    assert what_matters(far) == what_matters(near(far))
    job = ComputeJob.objects.get()
    assert (job.reason, job.exit_code) == ("", None) or job.reason == "COMPLETED"


@pytest.mark.slow
@pytest.mark.once
def test_scancel_by_hand_cancels_the_run(
    start: Any, slurm: BackendEntry, cluster: slurm_cluster.Cluster
) -> None:
    run, studio = start(LONG, slurm), Studio()
    studio.until(lambda: "step.started" in told(run))
    number = ComputeJob.objects.get().remote_id.partition("-")[0]
    cluster.run("scancel", number)
    assert studio.until_over(run).status == "cancelled"


@pytest.mark.slow
@pytest.mark.once
def test_a_node_that_fails_fails_the_run_with_slurms_reason(
    start: Any, slurm: BackendEntry, cluster: slurm_cluster.Cluster
) -> None:
    run, studio = start(LONG, slurm), Studio()
    studio.until(lambda: "step.started" in told(run))
    cluster.node("DOWN")
    try:
        studio.until_over(run)
    finally:
        cluster.node("RESUME")
    assert run.status == "failed"
    assert (run.error["code"], run.error["extra"]["reason"]) == ("job_ended", "NODE_FAIL")
    assert run.error["message"].startswith("Cluster ended the job: NODE_FAIL")
    assert told(run)[-2:] == ["step.cancelled", "run.failed"]


@pytest.mark.slow
@pytest.mark.once
def test_what_slurm_refuses_fails_the_run_in_its_words(flow_of: Any, slurm: BackendEntry) -> None:
    flow = flow_of(WORDS)
    asked = Resources(gpus=9)
    run = run_start(owner=flow.owner, flow=flow, inputs={"text": "x"}, backend=slurm.pk, resources=asked)
    Studio().until_over(run)
    assert run.error["code"] == "job_refused"
    assert "Requested node configuration is not available" in run.error["message"]
    assert told(run) == ["run.queued", "run.started", "run.failed"]
