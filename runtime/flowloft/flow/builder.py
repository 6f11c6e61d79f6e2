"""Puts the steps of a Python flow together into the graph that the engine runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from flowloft.core.errors import FlowError
from flowloft.core.plan import Graph, Shape, Step
from flowloft.engine.graph import Reading, finish, gathering
from flowloft.flow.mode import is_saving
from flowloft.flow.shared import sharing

if TYPE_CHECKING:
    from flowloft.flow.base import Flow
    from flowloft.flow.bound import Ref

Source = tuple[int, ...]
"""Slots one of which will hold the value: one for a step's output, several for the ways of a switch."""

ENTRY = "value"
"""Name of the input of a graph, and of its result."""


def _identity(call: Callable[..., Any]) -> str | None:
    from flowloft.core.fingerprint import fingerprint  # noqa: PLC0415 - only needed with a cache

    return fingerprint(call)


class Builder:
    """The steps of one graph, in order.

    Args:
        outer: The builder of the graph around, for the body of a loop or warp.

    Attributes:
        calls: Sources whose value may come with keyword arguments.
        carried: Values from the graph around that the body needs, by the name they come in under.
    """

    def __init__(self, outer: Builder | None = None) -> None:
        self.outer = outer
        self.steps: list[Step] = []
        self.calls: set[Source] = set()
        self.carried: dict[str, Source] = {}
        self._names: dict[str, int] = outer._names if outer is not None else {}
        self._given: dict[str, int] = {}
        self._makers: dict[int, int] = {}
        self._forks: set[int] = set()
        self._reads: list[set[int]] = []
        self._after: list[set[int]] = []
        self._needs: list[dict[int, int]] = []
        self._slots = 1
        self.entry = self.take(ENTRY)

    def take(self, name: str) -> Source:
        """Returns an input of the graph by name."""
        if name not in self._given:
            self._given[name] = self._slot()
        return (self._given[name],)

    def _slot(self) -> int:
        self._slots += 1
        return self._slots - 1

    def name(self, wanted: str) -> str:
        """Returns a node id that is like a name and unique in the whole plan."""
        plain = re.sub(r"\W+", "_", wanted).strip("_") or "step"
        number = self._names[plain] = self._names.get(plain, 0) + 1
        return plain if number == 1 else self.name(f"{plain}_{number}")

    def step(
        self,
        name: str,
        call: Callable[..., Any],
        reads: dict[str, Source],
        *,
        ports: tuple[str, ...] = ("output",),
        optional: Iterable[str] = (),
        quick: bool = False,
        leads: bool = False,
        forks: bool = False,
        body: Graph | None = None,
    ) -> list[Source]:
        """Adds a step.

        Args:
            call: Takes what ``reads`` names, by keyword; ``body`` as well where it has one. With
                several ports it returns a dict of those taken.
            leads: Whether ``call`` takes its one value by position as well.
            optional: Names of ``reads`` that may be left out.
            forks: Whether exactly one of its ports is taken.

        Returns:
            A source for each port.
        """
        lenient = set(optional)
        readings = [
            Reading(port, tuple((slot, None) for slot in source), port not in lenient, False)
            for port, source in reads.items()
        ]
        slots = tuple(self._slot() for _ in ports)
        shape: Shape = "single" if ports == ("output",) else "ports"
        step = Step(
            node_id=self.name(name),
            kind="function",
            call=call,
            gather=gathering(readings),
            shape=shape,
            ports=ports,
            slots=slots,
            quick=quick,
            body=body,
            body_as="body" if body is not None else None,
            identity=None if quick or body is not None else partial(_identity, call),
        )
        if leads and len(readings) == 1 and readings[0].simple():
            step.lead = (readings[0].port, readings[0].entries[0][0])
        for slot in slots:
            self._makers[slot] = len(self.steps)
        self._reads.append({slot for source in reads.values() for slot in source})
        self._after.append(set())
        self._needs.append(self._branches(reads))
        if forks:
            self._forks.add(len(self.steps))
        self.steps.append(step)
        return [(slot,) for slot in slots]

    def _branches(self, reads: dict[str, Source]) -> dict[int, int]:
        """Returns on which branches a step stands: by the step that forks, the slot it must take."""
        needs: dict[int, int] = {}
        for source in reads.values():
            maker = self._makers.get(source[0])
            if len(source) == 1 and maker is not None:
                needs |= self._needs[maker]
                if maker in self._forks:
                    needs[maker] = source[0]
        return needs

    def _exclusive(self, one: int, other: int) -> bool:
        ours, theirs = self._needs[one], self._needs[other]
        return any(ours[fork] != theirs[fork] for fork in ours.keys() & theirs.keys())

    def hold_back(self, steps: range, until: range) -> None:
        """Lets some steps begin only when others are done, without a value between them."""
        for index in steps:
            self._after[index].update(until)

    def capture(self, source: Source, home: Builder) -> Source:
        """Returns a source of a graph around as one of this graph."""
        if home is self:
            return source
        if self.outer is None:
            raise AssertionError("a source belongs to this graph or to one around it")
        outer = self.outer.capture(source, home)
        name = f"carried_{'_'.join(map(str, outer))}"
        self.carried[name] = outer
        if outer in self.outer.calls:
            self.calls.add(self.take(name))
        return self.take(name)

    def graph(self, result: Source) -> Graph:
        """Returns the graph, whose output is the value of a source."""
        readers: dict[int, int] = dict.fromkeys(result, 1)
        for index, step in enumerate(self.steps):
            before = {self._makers[slot] for slot in self._reads[index] if slot in self._makers}
            before |= self._after[index]
            step.waits_for = len(before)
            for maker in before:
                self.steps[maker].then += (index,)
            for slot in self._reads[index]:
                readers[slot] = readers.get(slot, 0) + 1
        for step in self.steps:
            if step.shape == "single" and readers.get(step.slots[0], 0) > 1:
                step.call = sharing(step.call)
        graph = finish(self.steps, self._slots, self._exclusive)
        graph.given = tuple(self._given.items())
        graph.results = ((ENTRY, result),)
        return graph


class Scope:
    """The inputs and outputs that references inside a pipeline may mean.

    The outputs of a loop's steps are kept in the graph of its body, its input in the one around.
    """

    def __init__(self, flow: Flow, around: Scope | None, source: Source, builder: Builder) -> None:
        self.flow = flow
        self.around = around
        self._input = (source, builder)
        self._outputs: list[tuple[str, Any, Source, Builder]] = []

    def note(self, name: str | None, step: Any, source: Source, builder: Builder) -> None:
        """Notes where the output of a step is."""
        self._outputs.append((name or "", step, source, builder))

    def has(self, step: Any) -> bool:
        """Says whether something is one of the steps so far."""
        return any(step is known for _, known, _, _ in self._outputs)

    def find(self, ref: Ref, builder: Builder) -> Source:
        """Returns where the value that a reference means is kept.

        Raises:
            FlowError: It means an outer pipeline, or a step that comes later.
        """
        scope: Scope | None = self
        while scope is not None and scope.flow is not ref.flow:
            scope = scope.around if scope.around and (is_saving() or ref.flow.saves) else None
        if scope is None:
            raise FlowError(
                "A step refers to a pipeline that it is no direct part of.",
                code="unbound_reference",
                hint="Define the pipelines inside `with save_pipeline_result():`, or bind the value "
                "in the outer pipeline.",
            )
        return builder.capture(*scope._own(ref))

    def _own(self, ref: Ref) -> tuple[Source, Builder]:
        if isinstance(ref.target, str) and ref.target in ("input", "kwargs"):
            return self._input
        for name, step, source, home in reversed(self._outputs):
            if ref.target is step or (isinstance(ref.target, str) and ref.target == name):
                return source, home
        raise FlowError(
            f"A step refers to the output of “{ref.name()}”, which does not come before it.",
            code="unbound_reference",
            hint=f"Steps before it: {', '.join(name for name, *_ in self._outputs if name) or 'none'}.",
        )
