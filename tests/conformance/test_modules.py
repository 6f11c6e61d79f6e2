"""The table of what each module does of train, deploy, infer and evaluate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flowloft
import pytest
from flowloft.core.errors import FlowloftError, NoFit
from flowloft.core.local_env import local_env, model_store
from flowloft.core.registry import KINDS
from flowloft.modules import (
    ActionModule,
    FlowModule,
    FunctionCallAgent,
    Module,
    OnlineChatModule,
    OnlineEmbeddingModule,
    PlanAndSolveAgent,
    ReactAgent,
    ServerModule,
    TrainableModule,
    UrlModule,
    WebModule,
)

from tests.conformance.test_kinds import drawn
from tests.conformance.tuning import rehearsal, tiny_model

TABLE: dict[type[Module], tuple[set[str], str]] = {
    ActionModule: ({"train", "deploy"}, "action_module"),
    UrlModule: (set(), "url_module"),
    ServerModule: ({"deploy"}, "server_module"),
    TrainableModule: ({"train", "deploy"}, "trainable_module"),
    WebModule: ({"deploy"}, "web_module"),
    OnlineChatModule: (set(), "chat_model"),
    OnlineEmbeddingModule: (set(), "embedding"),
    FunctionCallAgent: (set(), "agent"),
    ReactAgent: (set(), "agent"),
    PlanAndSolveAgent: (set(), "agent"),
}
"""What it does by itself or, an ActionModule, through those inside; and the kind that it is on the canvas.
All infer and evaluate. An online model is deployed by its vendor."""

EXAMPLES = [{"question": "a?", "answer": "b"}, {"prompt": "c", "response": "d"}]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def trainer() -> Iterator[str]:
    with rehearsal() as name:
        yield name


def test_every_module_is_in_the_table_and_on_the_canvas() -> None:
    every = {
        member
        for name in flowloft.__all__
        if isinstance(member := getattr(flowloft, name), type) and issubclass(member, Module)
    }
    assert every - {Module, FlowModule} == set(TABLE)
    for module, (does, kind) in TABLE.items():
        if module is not ActionModule:
            assert ("train" in does) == (module.training is not Module.training)
            assert ("deploy" in does) == (module.serving is not Module.serving)
            assert ("deploy" in does) == bool(KINDS.get(kind).service)
        assert module.forward is not Module.forward


@pytest.mark.parametrize("make", [ActionModule, ServerModule, WebModule])
def test_it_deploys_infers_and_evaluates(make: Callable[[Any], Module]) -> None:
    module = make(str.upper)
    with module:
        assert module("a") == "A"
        assert module.evalset(["a", 3]).eval().outputs[0] == "A"
        assert [row.input for row in module.eval().failures] == [3]


def test_a_url_module_infers_and_evaluates() -> None:
    with ServerModule(str.upper) as server:
        module = UrlModule(server.url, key=server.key)
        assert module.serving() is None
        assert module.training() is None
        assert module.evalset(["a", "b"]).eval().outputs == ["A", "B"]


@pytest.mark.model
def test_online_models_infer_and_evaluate() -> None:
    chat = OnlineChatModule(max_tokens=8)
    assert chat.evalset(["What is the capital of Japan?"]).eval().outputs[0]
    (rows,) = OnlineEmbeddingModule().evalset(["tide"]).eval().outputs
    assert [len(row) for row in rows] == [512]


@pytest.mark.model
def test_a_trainable_module_trains_serves_answers_and_is_measured(trainer: str) -> None:
    tiny_model(model_store() / "tiny-llama")
    told: list[tuple[str, Any]] = []
    model = TrainableModule("tiny", told=lambda name, facts: told.append((name, facts)), max_tokens=8)
    model.prompt("You are brief.").trainset(EXAMPLES).finetune_method(trainer, epochs=2)
    app = ActionModule(model, str.strip).evalset(["What is the capital of Japan?"])
    assert app.submodules == [model]
    with pytest.raises(FlowloftError, match="does not serve yet"):
        app("a")
    try:
        app.update()
        assert [name for name, _ in told] == ["stage", "progress", "done"]
        assert told[1][1]["rows"] == 2
        assert model.weights is not None
        assert model.weights.name == "model.gguf"
        assert app.eval_result is not None
        assert [row.error for row in app.eval_result] == [None]
        assert app.eval_result.outputs[0]
        running, address = model._engine, model.answering()
        app.update()
        assert model._engine is running, "what has not changed is not touched"
        assert model.answering() == address
        again = TrainableModule("tiny").trainset(EXAMPLES).finetune_method(trainer, epochs=2)
        again.train()
        assert again.weights == model.weights, "what was trained by the same recipe is found again"
        model.finetune_method(trainer, epochs=3).update()
        assert len(told) == 6, "another recipe trains anew"
        assert again.weights != model.weights
        assert model._engine is not running
    finally:
        app.stop()
    assert not model.is_running


def test_a_training_that_fails_says_why_and_what_was_served_goes_on(trainer: str, place: Path) -> None:
    model = TrainableModule(tiny_model(place / "m"), place / "out").trainset(EXAMPLES)
    model.finetune_method(trainer, rank=7)
    with pytest.raises(FlowloftError, match="It was too much") as caught:
        model.update()
    assert caught.value.error_code == "out_of_memory"
    assert model.weights == place / "m"
    with pytest.raises(FlowloftError, match="Row 1"):
        model.trainset([{"question": "alone"}]).update()


def test_what_can_not_be_trained_or_served_says_what_to_do(place: Path) -> None:
    for wrong in (
        lambda: TrainableModule("gone").start(),
        lambda: TrainableModule("smollm2").trainset(EXAMPLES).finetune_method().update(),
        lambda: TrainableModule("smollm2").finetune_method("gone"),
        lambda: TrainableModule("smollm2").finetune_method(epoch=2),
        lambda: TrainableModule("smollm2").deploy_method("gone"),
        lambda: TrainableModule("smollm2").deploy_method(tp=2),
    ):
        with pytest.raises(FlowloftError) as caught:
            wrong()
        assert caught.value.hint
    if local_env() is None:
        model = TrainableModule(tiny_model(place / "m")).trainset(EXAMPLES).finetune_method("peft")
        with pytest.raises(NoFit) as lacks:
            model.update()
        assert lacks.value.error_code == "no_trainer"
        assert "make local-models" in lacks.value.hint


@pytest.mark.model
def test_a_model_of_the_box_is_asked_by_the_beginning_of_its_name() -> None:
    assert TrainableModule("smollm2", max_tokens=6)("Say hello.")
    assert not TrainableModule("smollm2").start().is_running, "it is served already"


FLOW = {
    "graph": {
        "nodes": {
            "ask": {"kind": "input", "settings": {"name": "text", "type": "any"}},
            "group": {
                "kind": "action_module",
                "body": {
                    "nodes": {
                        "b1": {"kind": "body_input"},
                        "server": {
                            "kind": "server_module",
                            "settings": {"carried": [{"name": "mark"}]},
                            "body": {
                                "nodes": {
                                    "b2": {
                                        "kind": "body_input",
                                        "settings": {"carried": [{"name": "mark"}]},
                                    },
                                    "p": {"kind": "prompt", "settings": {"template": "{x}{mark}"}},
                                    "e2": {"kind": "body_output"},
                                },
                                "edges": ["b2.value > p.x", "b2.mark > p.mark", "p.output > e2.value"],
                            },
                        },
                        "mark": {"kind": "text", "settings": {"text": "!"}},
                        "e1": {"kind": "body_output"},
                    },
                    "edges": [
                        "b1.value > server.value",
                        "mark.output > server.mark",
                        "server.output > e1.value",
                    ],
                },
            },
            "page": {
                "kind": "web_module",
                "settings": {"name": "Echo"},
                "body": {
                    "nodes": {"b3": {"kind": "body_input"}, "e3": {"kind": "body_output"}},
                    "edges": ["b3.value > e3.value"],
                },
            },
            "out": {"kind": "output", "settings": {"name": "result"}},
        },
        "edges": ["ask.output > group.value", "group.output > page.value", "page.output > out.value"],
    }
}


def test_the_servers_and_pages_of_a_drawn_flow_start_with_it_and_are_called_by_it() -> None:
    flow = FlowModule(drawn(FLOW))
    assert flow("hello") == "hello!", "in place where nothing serves"
    server, page = flow.parts["group/server"], flow.parts["page"]
    assert isinstance(server, ServerModule)
    assert isinstance(page, WebModule)
    assert [one for one in flow.submodules if isinstance(one, ServerModule)] == [server, page]
    heard: list[Any] = []
    inside, server.action = server.action, lambda value, mark: heard.append((value, mark)) or "served"
    with flow:
        assert page.page.startswith("http://127.0.0.1")
        assert flow("hello") == "served"
        assert heard == [("hello", "!")]
        server.action = inside
        flow.update_server()
        assert UrlModule(server.url, key=server.key)(value="a", mark="b") == "ab"
        assert flow("hello") == "hello!"
    assert not server.is_running
    assert flow("hello") == "hello!"


@pytest.mark.model
def test_a_drawn_model_is_trained_served_and_asked(trainer: str, place: Path) -> None:
    tiny_model(model_store() / "tiny")
    rows = place / "rows.jsonl"
    rows.write_text('{"question": "a?", "answer": "b"}\n')
    settings = {"model": "", "base_model": "tiny", "trainset": str(rows), "trainer": trainer, "max_tokens": 8}
    nodes = {
        "ask": {"kind": "chat_input"},
        "model": {"kind": "trainable_module", "settings": settings},
        "say": {"kind": "chat_output"},
    }
    flow = FlowModule(
        drawn({"graph": {"nodes": nodes, "edges": ["ask.text > model.messages", "model.output > say.text"]}})
    )
    with pytest.raises(FlowloftError, match="Nothing serves"):
        flow("What is the capital of Japan?")
    try:
        flow.update()
        assert flow("What is the capital of Japan?")
        served = flow.parts["model"]
        assert isinstance(served, TrainableModule)
        assert served.weights is not None
        assert served.weights.suffix == ".gguf"
    finally:
        flow.stop()
