"""The table of the mission: what each module does of train, deploy, infer and evaluate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flowloft
import pytest
from flowloft.modules import (
    ActionModule,
    Module,
    OnlineChatModule,
    OnlineEmbeddingModule,
    ServerModule,
    UrlModule,
    WebModule,
)

TABLE: dict[type[Module], set[str]] = {
    ActionModule: {"train", "deploy"},
    UrlModule: set(),
    ServerModule: {"deploy"},
    WebModule: {"deploy"},
    OnlineChatModule: set(),
    OnlineEmbeddingModule: set(),
}
"""What it does by itself or, an ActionModule, through those inside. All infer and evaluate. An online
model is deployed by its vendor."""


def test_every_module_is_in_the_table() -> None:
    every = {
        member
        for name in flowloft.__all__
        if isinstance(member := getattr(flowloft, name), type) and issubclass(member, Module)
    }
    assert every >= set(TABLE)
    for module, does in TABLE.items():
        if module is not ActionModule:
            assert ("train" in does) == (module.training is not Module.training)
            assert ("deploy" in does) == (module.serving is not Module.serving)
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
