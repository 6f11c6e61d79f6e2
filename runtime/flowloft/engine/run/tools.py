"""The inside of an agent, as tools that its node is handed."""

from __future__ import annotations

import functools
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowloft.core.context import CancelToken
from flowloft.core.current import working_for
from flowloft.core.errors import FlowloftError
from flowloft.core.plan import ARGUMENTS, Graph, Handle, Toolbox
from flowloft.core.stream import LiveText
from flowloft.core.tool import Asked, Done, Tool, distinct
from flowloft.engine.run.body import Rounds
from flowloft.engine.run.pool import POOL

if TYPE_CHECKING:
    from flowloft.engine.run.context import StepContext
    from flowloft.engine.run.frame import Frame


class ToolBody:
    """Runs tools, and the asking of the model, each as a step in a frame of its own.

    Args:
        outer: The frame of the agent.
        name: The agent's node id; steps are told under ``name[index]``.
        ctx: The agent's try.
    """

    def __init__(self, outer: Frame, toolbox: Toolbox, name: str, ctx: StepContext) -> None:
        self._outer = outer
        self._toolbox = toolbox
        self._node_id = name
        self._path = outer.key(name)
        self._ctx = ctx
        self._by_name: dict[str, tuple[Handle, str]] = {}

    def offers(self) -> list[Tool]:
        found: list[Tool] = []
        for handle in self._toolbox.handles:
            for tool in handle.tools(self._ctx):
                name = distinct(tool.name, handle.name, self._by_name.__contains__)
                self._by_name[name] = (handle, tool.name)
                found.append(replace(tool, name=name))
        return found

    def ask(self, index: int, inputs: dict[str, Any]) -> Generator[str, None, dict[str, Any]]:
        live, chunks, results = LiveText(self._ctx.check), 0, []
        graph = self._toolbox.ask
        step = replace(graph.steps[0], call=functools.partial(graph.steps[0].call, told=live.write))
        graph = replace(graph, steps=(step,), rows=(step.row(),))

        def work() -> None:
            try:
                with working_for(self._outer.run.context):
                    results.append(self._run(graph, index, inputs, self._ctx.cancel)["output"])
            except BaseException as error:  # noqa: BLE001 - raised again by the thread of the agent
                live.close(error)
            else:
                live.close()

        POOL.start(work)
        for chunk in live:
            chunks += 1
            yield chunk
        said: dict[str, Any] = results[0]
        if not chunks and said["text"]:
            yield said["text"]
        return said

    def each(self, calls: Sequence[Asked], *, limit: int) -> list[Done]:
        rounds = [{ARGUMENTS: call} for call in calls]
        told = Rounds(self, self._outer, rounds, self._ctx.cancel, None).run(limit)
        return [one["done"] for one in told]

    def __call__(self, index: int, inputs: dict[str, Any], token: CancelToken) -> dict[str, Any]:
        """Runs one call."""
        number, name, arguments = inputs[ARGUMENTS]
        handle, own = self._by_name[name]
        try:
            outputs = self._run(handle.graph, number, handle.inputs(own, arguments), token)
        except FlowloftError as error:
            return {"done": Done(error=error)}
        value = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        return {"done": Done(value)}

    def give_up(self) -> None:
        """Lets nothing be heard any more of calls that still run."""
        self._outer.close_below(self._node_id)

    def _run(self, graph: Graph, index: int, inputs: dict[str, Any], token: CancelToken) -> dict[str, Any]:
        frame = self._outer.below(graph, f"{self._path}[{index}]", {ARGUMENTS: inputs}, token)
        try:
            return frame.execute()
        finally:
            frame.leave()
