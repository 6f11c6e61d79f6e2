"""The kinds that decide, gather and repeat."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flowloft.core.context import Context
from flowloft.core.errors import FlowError, InputError
from flowloft.core.types import SKIPPED
from flowloft.nodes.body_input import BodyInput
from flowloft.nodes.chat_input import ChatInput
from flowloft.nodes.if_else import IfElse
from flowloft.nodes.input import Input
from flowloft.nodes.join import Join
from flowloft.nodes.loop import Loop
from flowloft.nodes.prompt import Prompt
from flowloft.nodes.switch import Switch
from flowloft.nodes.warp import Warp
from pydantic import ValidationError


class Rounds:
    """A body that is a Python function of one round's inputs."""

    def __init__(self, work: Any) -> None:
        self.work = work
        self.inputs: list[dict[str, Any]] = []
        self.limit = 0

    def __call__(self, index: int, inputs: dict[str, Any]) -> dict[str, Any]:
        self.inputs.append(inputs)
        found = self.work(inputs)
        return found if isinstance(found, dict) else {"value": found}

    def each(
        self, rounds: Sequence[dict[str, Any]], *, limit: int, told: Callable[[int, int], None] | None = None
    ) -> list[dict[str, Any]]:
        self.limit = limit
        return [self(index, inputs) for index, inputs in enumerate(rounds)]


def given(**inputs: Any) -> Context:
    ctx = Context()
    ctx.inputs = inputs
    return ctx


@pytest.mark.parametrize(
    ("operator", "than", "subject", "holds"),
    [
        ("equals", "yes", " YES ", True),
        ("equals", "yes", "yes!", False),
        ("not_equals", "yes", "no", True),
        ("contains", "loft", "Flowloft", True),
        ("not_contains", "loft", "Flowloft", False),
        ("starts_with", "flow", "Flowloft", True),
        ("ends_with", "LOFT", "Flowloft", True),
        ("matches", r"^\d+$", "123", True),
        ("matches", r"^a", "Apple", True),
        ("greater", "2", 3, True),
        ("greater", "2", "about 3 apples", True),
        ("at_least", "3", 3, True),
        ("less", "-1", "-2.5", True),
        ("at_most", "3", 3.1, False),
        ("is_empty", "", "  ", True),
        ("is_empty", "", [], True),
        ("is_empty", "", 0, False),
        ("is_not_empty", "", "x", True),
        ("is_true", "", True, True),
        ("is_true", "", "False", False),
        ("is_true", "", "no", False),
        ("is_true", "", 1, True),
    ],
)
def test_if_judges(operator: str, than: str, subject: Any, holds: bool) -> None:
    node = IfElse.model_validate({"operator": operator, "than": than})
    assert node.run("payload", subject) == (("payload", SKIPPED) if holds else (SKIPPED, "payload"))


def test_if_looks_at_the_value_itself_where_nothing_else_comes() -> None:
    assert IfElse(operator="contains", than="a").run("banana").true == "banana"
    assert IfElse(operator="contains", than="A", ignore_case=False).run("banana").false == "banana"


def test_if_says_what_is_no_number() -> None:
    with pytest.raises(FlowError) as caught:
        IfElse(operator="greater", than="2").run("many")
    assert caught.value.error_code == "not_a_number"


@pytest.mark.parametrize(
    "settings", [{"operator": "matches", "than": "("}, {"operator": "less", "than": "x"}]
)
def test_if_refuses_a_condition_that_can_not_be_judged(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        IfElse.model_validate(settings)


def test_switch_takes_the_first_case_that_fits() -> None:
    cases = [
        {"name": "fruit", "values": ["apple", "pear"]},
        {"name": "red", "values": ["apple"]},
        {"name": "Other"},
    ]
    node = Switch.model_validate({"cases": cases})
    assert node.run("v", "Apple ") == {"fruit": "v"}
    assert node.run("v", "other") == {"Other": "v"}
    assert node.run("v", "apple pie") == {"otherwise": "v"}
    assert node.run("PEAR") == {"fruit": "PEAR"}
    assert Switch.model_validate({"cases": cases, "match": "contains"}).run("v", "apple pie") == {
        "fruit": "v"
    }
    assert [port.name for port in node.output_ports()] == ["fruit", "red", "Other", "otherwise"]


@pytest.mark.parametrize("names", [["a", "a"], ["otherwise"], ["error"], [""]])
def test_switch_refuses_names_that_are_taken(names: list[str]) -> None:
    with pytest.raises(ValidationError):
        Switch.model_validate({"cases": [{"name": name} for name in names]})


@pytest.mark.parametrize(
    ("settings", "items", "joined"),
    [
        ({"separator": ", "}, ("a", 1, {"b": 2}), 'a, 1, {"b": 2}'),
        ({"separator": "-"}, (["a", "b"],), "a-b"),
        ({"how": "list"}, ("a", 1), ["a", 1]),
        ({"how": "record", "names": ["x"]}, ("a", "b"), {"x": "a", "2": "b"}),
        ({"how": "sum"}, (1, 2.5), 3.5),
        ({"how": "sum"}, ([1], [2]), [1, 2]),
        ({"how": "sum"}, ("a", 1, None), "a1None"),
        ({"how": "sum"}, (), 0),
        ({"how": "first"}, ("a", "b"), "a"),
        ({"how": "first"}, (), None),
    ],
)
def test_join(settings: dict[str, Any], items: tuple[Any, ...], joined: Any) -> None:
    assert Join.model_validate(settings).run(*items) == joined


def test_join_says_what_can_not_be_added() -> None:
    with pytest.raises(FlowError) as caught:
        Join(how="sum").run(1, "a")
    assert caught.value.error_code == "cannot_add"


def test_loop_feeds_each_round_with_the_one_before() -> None:
    body = Rounds(lambda inputs: inputs["value"] + inputs["step"])
    assert Loop(times=4).run(body, Context(), initial=1, step=10) == (41, [11, 21, 31, 41])
    assert [inputs["index"] for inputs in body.inputs] == [0, 1, 2, 3]


def test_loop_stops_when_its_body_says_so() -> None:
    body = Rounds(lambda inputs: {"value": inputs["index"], "stop": inputs["index"] == 2})
    assert Loop(times=9, must_stop=True).run(body, Context()) == (2, [0, 1, 2])
    with pytest.raises(FlowError) as caught:
        Loop(times=2, must_stop=True).run(body, Context())
    assert caught.value.error_code == "loop_did_not_stop"


@pytest.mark.parametrize(
    "items", [["a", "b"], {"x": "a", "y": "b"}, '["a", "b"]', '{"steps": ["a", "b"]}', "a\n\nb\n"]
)
def test_loop_walks_a_list(items: Any) -> None:
    body = Rounds(lambda inputs: inputs["item"])
    assert Loop(times=10).run(body, Context(), items=items).all == ["a", "b"]
    assert Loop(times=1).run(body, Context(), items=items).all == ["a"]


def test_loop_of_no_rounds_gives_what_it_got() -> None:
    assert Loop(times=0).run(Rounds(len), Context(), initial="x") == ("x", [])


def test_warp_keeps_order_and_names() -> None:
    body = Rounds(lambda inputs: inputs["value"] * 2)
    assert Warp(concurrency=7).run([1, 2, 3], body, Context()) == [2, 4, 6]
    assert body.limit == 7
    assert Warp().run({"a": 1, "b": 2}, body, Context()) == {"a": 2, "b": 4}
    assert Warp().run([], body, Context()) == []
    assert Warp(lines=True).run("x\n y", body, Context()) == ["xx", " y y"]


@pytest.mark.parametrize("items", ["some text", 3, None, True])
def test_warp_says_what_is_no_list(items: Any) -> None:
    with pytest.raises(FlowError) as caught:
        Warp().run(items, Rounds(len), Context())
    assert caught.value.error_code == "not_a_list"


def test_carried_values_are_ports_outside_and_inside() -> None:
    settings = {"carried": [{"name": "topic"}]}
    for kind in (Loop, Warp):
        assert [port.name for port in kind.model_validate(settings).input_ports()][-1] == "topic"
    inside = BodyInput.model_validate(settings)
    assert [port.name for port in inside.output_ports()] == ["topic", "value", "item", "index"]
    assert inside.run(given(value=1, item=2, index=0, topic="t", other="x")) == {
        "value": 1, "item": 2, "index": 0, "topic": "t",
    }  # fmt: skip
    for name in ("value", "items", "ctx", "a b"):
        with pytest.raises(ValidationError):
            Loop.model_validate({"carried": [{"name": name}]})


def test_prompt_leaves_braces_that_are_no_names() -> None:
    node = Prompt(template='{name}: {"a": 1} {{name}} {missing}')
    assert [port.name for port in node.input_ports()] == ["name", "missing"]
    assert node.run(name="Ada {x}") == 'Ada {x}: {"a": 1} {name} {missing}'


def test_input_checks_what_comes() -> None:
    assert Input(type="number").run(given(value=0)) == 0
    assert Input(name="n", default="x").run(given()) == "x"
    assert Input(required=False).run(given()) is None
    assert Input(type="list").output_ports()[0].type == "list"
    for kind, value in (("number", True), ("number", "1"), ("text", 1), ("list", "x"), ("record", [])):
        with pytest.raises(InputError):
            Input.model_validate({"type": kind}).run(given(value=value))
    with pytest.raises(InputError) as caught:
        Input(name="n").run(given())
    assert caught.value.error_code == "missing_input"


@pytest.mark.parametrize("inputs", [{}, {"text": ""}, {"text": 3}, {"text": "x", "history": "y"}])
def test_chat_input_checks_what_comes(inputs: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ChatInput().run(given(**inputs))


@pytest.mark.parametrize(
    "message", ["hi", {"content": "x"}, {"role": "boss", "content": "x"}, {"role": "user"}]
)
def test_chat_input_names_the_message_that_is_wrong(message: Any) -> None:
    with pytest.raises(InputError) as caught:
        ChatInput().run(given(text="x", history=[{"role": "user", "content": "a"}, message]))
    assert caught.value.extra["path"] == "/inputs/history/1"


def test_no_pattern_holds_a_worker_and_what_is_not_known_is_said() -> None:
    evil = IfElse(operator="matches", than="(a+)+$")
    began = time.monotonic()
    assert evil.run("a" * 100_000 + "b").false is not SKIPPED
    assert time.monotonic() - began < 20
    assert IfElse(operator="matches", than=r"^\d{2}年").run("12年 and so on").true is not SKIPPED
    for pattern, word in (("(?=a)", "look-around"), (r"(a)\1", "back-reference"), ("(", "missing")):
        with pytest.raises(ValidationError, match=word):
            IfElse(operator="matches", than=pattern)
