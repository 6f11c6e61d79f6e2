"""A compiled flow: what the engine runs. Made from a document or from Python; knows no kind by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from flowloft.core.context import Context
    from flowloft.core.tool import Tool

Effect = Literal["none", "repeatable", "once"]
"""What running a step twice means. ``none``: nothing. ``repeatable``: costs again, harms nothing.
``once``: must not happen twice; after a crash its outcome is unknown."""

ERROR_PORT = "error"
"""Output port of a step whose policy is to branch: the error it caught."""

Shape = Literal["none", "single", "fields", "ports", "graph"]
"""What a step's result is: nothing, the value of its one port, a tuple of ports in order, a dict of
ports, or a dict that is merged into the outputs of its graph."""

Values = list[Any]
"""The values of one execution of a graph by slot."""

Gather = Callable[[Values], dict[str, Any] | None]
"""Reads the inputs of a step by port; None when the step is to be skipped."""

Row = tuple["Step", str, bool, Callable[..., Any], Gather, str, int, int, str]
"""What the serial loop needs of a step, unpacked at once: the step, its node id, whether it is plain,
``call``, ``gather``; the port and slot of its only input where that is the first parameter (else
``""``); slot and port of its first output."""

UNTAKEN = 0
"""Slot that always holds ``SKIPPED``: what an edge from nowhere reads."""


@dataclass(slots=True, eq=False)
class Step:
    """One node, ready to run.

    Attributes:
        call: Takes the input ports by keyword (and ``ctx`` or ``body`` where asked for).
        ports: Output ports, in the order of ``slots``.
        slots: Where the value of each output port is kept.
        live_slot: Where the live text of a streaming step is kept, if anyone reads it live.
        waits_for: Number of steps that must finish (or begin to stream) before it.
        then: Steps that wait for it to finish.
        then_live: Steps that wait for its first chunk only.
        plain: Nothing special about it: called, timed, told, booked.
        light: As plain, but it may ask for its context and have any outputs.
        quick: Takes microseconds and never waits, so it gets no thread.
        stream_ports: Input ports that are handed over as a stream.
        timeout: Seconds for one try.
        lead: Port and slot of its only input, where that is the first parameter of ``call``.
        delay: Seconds before the second try, then doubled.
        identity: What it does, whatever it is called: results of equal ones may be used again. Returns
            None where nothing certain can be said; None itself for a step that is always run.
        depends: What else its result depends on, as plain data, given a context.
    """

    node_id: str
    kind: str
    call: Callable[..., Any]
    gather: Gather
    shape: Shape = "single"
    ports: tuple[str, ...] = ("output",)
    slots: tuple[int, ...] = ()
    live_slot: int | None = None
    waits_for: int = 0
    then: tuple[int, ...] = ()
    then_live: tuple[int, ...] = ()
    plain: bool = False
    light: bool = False
    quick: bool = False
    streaming: bool = False
    stream_ports: tuple[str, ...] = ()
    context_as: str | None = None
    body_as: str | None = None
    body: Graph | None = None
    effect: Effect = "none"
    on_error: Literal["stop", "default", "branch"] = "stop"
    default: Any = None
    attempts: int = 1
    delay: float = 1.0
    timeout: float | None = None
    lead: tuple[str, int] | None = None
    identity: Callable[[], str | None] | None = None
    depends: Callable[[Context], Any] | None = None
    mark: str | None = None
    """What ``identity`` returned, once it was asked; empty for nothing."""

    def row(self) -> Row:
        """Returns what the serial loop needs."""
        port, slot = self.lead or ("", UNTAKEN)
        first = (self.slots[0], self.ports[0]) if self.slots else (UNTAKEN, "")
        return (self, self.node_id, self.plain, self.call, self.gather, port, slot, *first)


@dataclass(slots=True, eq=False)
class Graph:
    """Steps in an order in which each stands after all it waits for.

    Attributes:
        slots: Number of values, slot ``UNTAKEN`` among them.
        serial: No two steps could ever run side by side, so one loop in one thread runs them all.
        quick: All its steps are quick.
        given: Inputs by name that are put into slots before it starts.
        results: Outputs by name that are read from the first of some slots that has a value, besides
            what output nodes give.
        toolbox: For steps that are tools: how each is run by itself.
    """

    steps: tuple[Step, ...] = ()
    slots: int = 1
    rows: tuple[Row, ...] = ()
    roots: tuple[int, ...] = ()
    given: tuple[tuple[str, int], ...] = ()
    results: tuple[tuple[str, tuple[int, ...]], ...] = ()
    serial: bool = True
    quick: bool = True
    toolbox: Toolbox | None = None


@dataclass(slots=True, eq=False)
class Handle:
    """A step that is a tool.

    Attributes:
        graph: The step alone; it is given its inputs by port under ``ARGUMENTS``.
        tools: What it is for a model, by the names under which it is called there: a step can stand for
            several.
        inputs: Turns the name of one and its arguments into inputs by port.
    """

    graph: Graph
    name: str
    tools: Callable[[Context], list[Tool]]
    inputs: Callable[[str, dict[str, Any]], dict[str, Any]]


@dataclass(slots=True, eq=False)
class Toolbox:
    """The inside of an agent: its tools, and the step that asks its model."""

    handles: tuple[Handle, ...]
    ask: Graph


ARGUMENTS = "arguments"
"""Under which the graph of a tool is given what it is called with."""


@dataclass(slots=True, eq=False)
class Plan:
    """A whole flow, compiled.

    Attributes:
        kinds: Version of each kind used, for the document's requirements and for cache keys.
    """

    graph: Graph
    kinds: dict[str, int] = field(default_factory=dict)
