"""Modules: what they are made of, what an update touches, and what an evaluation keeps."""

from __future__ import annotations

import threading
from typing import Any

import flowloft
import pytest
from flowloft.core.errors import FlowError
from flowloft.flow import bind, diverter, parallel, pipeline, warp
from flowloft.modules import ActionModule, Module


class Noting(Module):
    """Serves and trains by writing down that it did."""

    def __init__(self, name: str, log: list[str], *inner: Any, broken: bool = False) -> None:
        super().__init__(name=name)
        self.log, self.inner, self.broken = log, inner, broken
        self.port, self.data = 1, "a"

    def forward(self, value: Any) -> Any:
        return f"{self.name}({value})"

    def training(self) -> Any:
        return self.data

    def train(self) -> None:
        self.log.append(f"train {self.name}")

    def serving(self) -> Any:
        return self.port

    def open(self) -> None:
        if self.broken:
            raise FlowError("no")
        self.log.append(f"open {self.name}")

    def close(self) -> None:
        self.log.append(f"close {self.name}")


def test_a_module_is_a_step_of_every_flow() -> None:
    double = ActionModule(lambda x: 2 * x)
    assert pipeline(double, double)(3) == 12
    assert parallel(double, double).aslist(3) == [6, 6]
    assert diverter(double, double).aslist(1, 2) == [2, 4]
    assert warp(double).aslist([1, 2]) == [2, 4]
    assert pipeline(double.bind(5), bind(double, 7))(1) == 14


def test_several_actions_are_a_pipeline_and_none_is_refused() -> None:
    assert ActionModule(str.strip, str.upper)(" a ") == "A"
    assert ActionModule(pipeline(len))("abc") == 3
    for nothing in ((), (3,)):
        with pytest.raises(FlowError):
            ActionModule(*nothing)


def test_submodules_are_found_wherever_they_are_held_each_once_innermost_first() -> None:
    log: list[str] = []
    a, b, c, d = (Noting(name, log) for name in "abcd")
    b.inner = (a,)
    whole = ActionModule(pipeline(parallel(b, a), warp(bind(c, 1)), d.forward))
    assert [module.name for module in whole.submodules] == ["a", "b", "c", "d"]
    assert whole.modules[-1] is whole


def test_an_update_touches_only_what_has_changed() -> None:
    log: list[str] = []
    a, b = Noting("a", log), Noting("b", log)
    whole = ActionModule(a, b)
    whole.update()
    assert log == ["train a", "train b", "open a", "open b"]
    log.clear()
    whole.update()
    assert log == []
    b.port = 2
    a.data = "more"
    whole.update_server()
    assert log == ["open b"]
    whole.update()
    assert log == ["open b", "train a"]


def test_start_and_stop_are_idempotent_and_stop_goes_outside_in() -> None:
    log: list[str] = []
    a = Noting("a", log)
    b = Noting("b", log, a)
    with b as same:
        assert same is b
        assert a.is_running
        b.start()
    b.stop()
    assert log == ["open a", "open b", "close b", "close a"]
    assert not a.is_running


def test_when_one_fails_to_start_what_was_started_with_it_is_stopped() -> None:
    log: list[str] = []
    a, running = Noting("a", log), Noting("running", log).start()
    log.clear()
    whole = ActionModule(running, a, Noting("b", log, broken=True))
    with pytest.raises(FlowError):
        whole.start()
    assert log == ["open a", "close a"]
    assert running.is_running


def test_an_evaluation_runs_side_by_side_keeps_the_order_and_each_error() -> None:
    together = threading.Barrier(4, timeout=60)

    def divide(a: int, b: int = 2) -> float:
        together.wait()
        return a / b

    found = ActionModule(divide).evalset([8, (9, 3), {"a": 1, "b": 0}, {"a": 5, "b": 5}]).eval()
    assert found.outputs == [4, 3, None, 1]
    assert [row.input for row in found.failures] == [{"a": 1, "b": 0}]
    assert found[2].error is not None
    assert "ZeroDivisionError" in found[2].error["message"]


def test_an_evaluation_reaches_the_modules_inside() -> None:
    inner = ActionModule(str.upper).evalset(["a"])
    whole = ActionModule(inner, str.lower).evalset(["B"])
    whole.update()
    assert inner.eval_result is not None
    assert inner.eval_result.outputs == ["A"]
    assert whole.eval_result is not None
    assert whole.eval_result.outputs == ["b"]
    with pytest.raises(FlowError) as caught:
        ActionModule(str.upper).eval()
    assert caught.value.error_code == "no_evalset"


def test_what_was_answered_wrongly_or_not_at_all_becomes_examples() -> None:
    def answer(question: str) -> str:
        if question == "Rome?":
            raise ValueError
        return {"Paris?": "It is in FRANCE.", "Oslo?": "It is in Sweden."}[question]

    found = ActionModule(answer).evalset(["Paris?", "Oslo?", "Rome?"]).eval()
    bad = [{"question": "Oslo?", "answer": "Norway"}, {"question": "Rome?", "answer": "Italy"}]
    assert found.bad_cases(["France", "Norway", "Italy"]) == bad
    assert not found.bad_cases(["France", "Norway", "Italy"], good=lambda *_: True)[:-1], (
        "it failed all the same"
    )


def test_an_evaluation_reads_what_comes_in_pieces() -> None:
    assert ActionModule(lambda text: (letter for letter in text)).evalset(["abc"]).eval().outputs == ["abc"]


def test_modules_are_named_by_the_package() -> None:
    assert flowloft.ActionModule is ActionModule
    assert "OnlineChatModule" in dir(flowloft)
