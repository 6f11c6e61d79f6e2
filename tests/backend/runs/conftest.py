"""Flows, runs and kinds for the tests of runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from flowloft.core.context import Context
from flowloft.core.node import Effect, Node
from flowloft.core.registry import KINDS
from flowloft.core.types import Stream


class Pause(Node):
    """Waits until a test lets it go on, or the run is over."""

    title = "Pause"
    group = "test"
    begun: ClassVar[threading.Event] = threading.Event()
    go: ClassVar[threading.Event] = threading.Event()

    words: int = 3

    def run(self, ctx: Context) -> Stream[str]:
        for index in range(self.words):
            yield f"word{index} "
        self.begun.set()
        while not self.go.is_set():
            ctx.sleep(0.01)


class Act(Node):
    """Has an effect that the test can count."""

    title = "Act"
    group = "test"
    done: ClassVar[list[str]] = []

    again: Effect = "once"
    value: Any = "done"

    def effect(self) -> Effect:
        return self.again

    def run(self, ctx: Context, after: Any = None) -> Any:
        self.done.append(ctx.idempotency_key)
        return self.value


class Break(Node):
    """Fails with something that is no error of the flow's."""

    title = "Break"
    group = "test"

    def run(self, after: Any = None) -> str:
        raise ZeroDivisionError("nothing")


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kinds that only tests know."""
    for key, kind in {"pause": Pause, "act": Act, "break": Break}.items():
        monkeypatch.setitem(KINDS._loaded, key, kind)
    Pause.begun.clear()
    Pause.go.clear()
    Act.done.clear()
    yield
    Pause.go.set()


def graph(nodes: dict[str, Any], *wires: tuple[str, str, str, str]) -> dict[str, Any]:
    """Returns a document of nodes, and of edges as source, port, target, port."""
    ends = ("source", "source_port", "target", "target_port")
    edges = {f"e{index}": dict(zip(ends, wire, strict=True)) for index, wire in enumerate(wires)}
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": edges},
    }


ECHO = graph({"ask": {"kind": "chat_input"}, "say": {"kind": "chat_output"}}, ("ask", "text", "say", "text"))
PAUSE = graph({"wait": {"kind": "pause"}, "say": {"kind": "chat_output"}}, ("wait", "output", "say", "text"))


@pytest.fixture
def flow_of(owner: Any) -> Callable[..., Any]:
    """Makes flows of the owner's."""
    from backend.flows.services import flow_create

    def make(document: dict[str, Any], of: Any = None) -> Any:
        return flow_create(owner=of or owner, name="A flow", document=json.loads(json.dumps(document)))

    return make


@pytest.fixture
def started(flow_of: Callable[..., Any]) -> Callable[..., Any]:
    """Starts runs."""
    from backend.runs.services import run_start

    def start(document: dict[str, Any], **inputs: Any) -> Any:
        flow = flow_of(document)
        return run_start(owner=flow.owner, flow=flow, inputs=inputs)

    return start


@pytest.fixture
def at_work() -> Iterator[Callable[[Any], threading.Thread]]:
    """Lets a worker's thread work on a run."""
    from django.db import connection

    from backend.runs.worker import run_work

    threads: list[threading.Thread] = []

    def begin(run: Any) -> threading.Thread:
        def work() -> None:
            try:
                run_work(run_id=run.id)
            finally:
                connection.close()

        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return threads[-1]

    yield begin
    Pause.go.set()
    for thread in threads:
        thread.join(60)
