"""What all flows share: their steps, the ``with`` syntax, and being called."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from flowloft.core.context import Context
from flowloft.core.errors import FlowError, FlowloftError
from flowloft.core.plan import Plan
from flowloft.engine.run import Outcome, run_here, run_plan
from flowloft.flow.bound import Bind
from flowloft.flow.builder import ENTRY, Builder, Scope, Source
from flowloft.flow.mode import is_compat, is_saving
from flowloft.flow.values import Call, bare, package, spreading

if TYPE_CHECKING:
    from flowloft.core.events import Sink


class Flow:
    """Steps that are called as one function.

    Args:
        items: Functions, classes (made without arguments), bound ones, or flows; or one list of them.
        post_action: Called with the result once it is there; what it returns is dropped.
        named: Steps by name, instead of ``items``.
    """

    saves = False

    def __init__(self, *items: Any, post_action: Any = None, **named: Any) -> None:
        if items and named:
            raise FlowError(
                "The steps of a flow either all have a name or none has.",
                code="mixed_names",
                hint="Write pipeline(f, g) or pipeline(first=f, second=g).",
            )
        self._open = False
        self._plans: dict[tuple[bool, bool], Plan] = {}
        self._lock = threading.Lock()
        self.compat = is_compat()
        self.saves = is_saving()
        self.post_action = made(post_action)
        self.names: list[str | None] = []
        self.items: list[Any] = []
        if len(items) == 1 and isinstance(items[0], (list, tuple)) and type(items[0]) is not package:
            items = tuple(items[0])
        for item in items:
            self.add(None, item)
        for name, item in named.items():
            self.add(name, item)

    def add(self, name: str | None, item: Any) -> None:
        """Adds a step at the end.

        Raises:
            FlowError: ``duplicate_name``, or ``not_callable``.
        """
        if name is not None and name in self.names:
            raise FlowError(
                f"The flow already has a step called “{name}”.",
                code="duplicate_name",
                hint="Give each step its own name.",
            )
        if isinstance(item, Bind):
            item.do = made(item.do)
        item = made(item)
        if not (callable(item) or isinstance(item, Flow)):
            raise FlowError(
                f"{item!r} is no step of a flow.",
                code="not_callable",
                hint="A step is a function, a class, or a flow.",
            )
        self.names.append(name)
        self.items.append(item)
        self._plans.clear()

    def __enter__(self) -> Self:
        if self.items:
            raise FlowError(
                "A flow that has steps already can't be written with `with`.",
                code="not_empty",
                hint="Write `with pipeline() as p:` without steps.",
            )
        self._open = True
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False

    def __setattr__(self, name: str, value: Any) -> None:
        if self.__dict__.get("_open") and not name.startswith("_") and name not in self.__dict__:
            self.add(name, value)
            return
        if name in self.__dict__.get("names", ()):
            raise FlowError(
                f"The step “{name}” can't be changed any more.",
                code="flow_is_closed",
                hint="Set steps inside the `with` block.",
            )
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("names", ()):
            return self.items[self.names.index(name)]
        raise AttributeError(f"{type(self).__name__} has no step and no attribute called {name!r}")

    def __repr__(self) -> str:
        steps = [
            f"{name}={label}" if name else label
            for name, label in zip(self.names, map(_shown, self.items), strict=True)
        ]
        return f"{type(self).__name__.lower()}({', '.join(steps)})"

    def bind(self, *args: Any, **named: Any) -> Bind:
        """Settles arguments of the flow; see :func:`flowloft.flow.bind`."""
        return Bind(self, *args, **named)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Runs the flow here and now.

        Returns:
            What the last step gave.

        Raises:
            Exception: What a step raised, with a note that says where; the errors of other branches
                are notes as well.
        """
        try:
            outputs = run_here(self.plan(with_named=bool(named)), {ENTRY: _entry(args, named)})
            return bare(outputs[ENTRY])
        except FlowloftError as error:
            raised = _original(error)
        raise raised

    def run(
        self, *args: Any, context: Context | None = None, sink: Sink | None = None, **named: Any
    ) -> Outcome:
        """Runs the flow with a time limit, a way to cancel it, or a listener.

        Args:
            context: ``Context(timeout=30)``; ``context.cancel.cancel()`` stops it from any thread.
            sink: Is told each step.

        Returns:
            How it ended; the result is ``outcome.outputs["value"]``.
        """
        plan = self.plan(with_named=bool(named))
        return run_plan(plan, {ENTRY: _entry(args, named)}, context, sink)

    def plan(self, *, with_named: bool = False) -> Plan:
        """Returns the flow as the engine runs it.

        Args:
            with_named: Whether it is called with keyword arguments.
        """
        key = (with_named, is_saving())
        with self._lock:
            if key not in self._plans:
                builder = Builder()
                if with_named:
                    builder.calls.add(builder.entry)
                self._plans[key] = Plan(builder.graph(self.lower(builder, builder.entry, None, "")))
            return self._plans[key]

    def lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        """Adds the flow's steps to a graph.

        Args:
            source: Where its input is.
            scope: What references in it may mean.
            name: What it is called in the flow around.

        Returns:
            Where its result will be.
        """
        result = self._lower(builder, source, scope, name)
        if self.post_action is not None:
            lower_item(self.post_action, builder, result, scope, f"{name}_post_action")
        return result

    def _lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        raise NotImplementedError

    def label(self, index: int, prefix: str) -> str:
        """Returns what a step is called in events: its name, or that of its function."""
        name = self.names[index] or label_of(self.items[index])
        return f"{prefix}.{name}" if prefix else name


def made(item: Any) -> Any:
    """Returns an instance of a class whose instances can be called, such as a component; anything
    else as it is, so that ``str`` or ``list`` is a step like any function."""
    if isinstance(item, type) and any("__call__" in base.__dict__ for base in item.__mro__):
        return item()
    return item


def label_of(item: Any) -> str:
    """Returns a name for a step that has none."""
    if isinstance(item, Bind):
        return label_of(item.do)
    return str(getattr(item, "__name__", type(item).__name__)).strip("<>")


def _shown(item: Any) -> str:
    return repr(item) if isinstance(item, Flow) else label_of(item)


def _entry(args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    value = args[0] if len(args) == 1 else package.of(args)
    return Call(value, named) if named else value


def lower_item(item: Any, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
    """Adds one step, or a flow's steps, to a graph; returns where its result will be."""
    if isinstance(item, Flow):
        return item.lower(builder, source, scope, name)
    if not isinstance(item, Bind):
        return builder.step(name or label_of(item), spreading(item), {ENTRY: source}, leads=True)[0]
    if scope is not None:
        item = item.meaning(scope.has, scope.flow)
    reads = {ENTRY: source}
    names: dict[str, Any] = {}
    for ref in item.refs():
        port = ref.name() if ref.name() != ENTRY else "input"
        while port in reads:
            port += "_"
        reads[port] = _find(ref, builder, scope)
        names[port] = ref
    if isinstance(item.do, (Flow, Bind)):
        settled = builder.step(f"{name}_arguments", _settling(item, names), reads, quick=True)[0]
        builder.calls.add(settled)
        return lower_item(item.do, builder, settled, scope, name)
    call = spreading(item.do)
    settle = _settling(item, names)
    return builder.step(name or label_of(item.do), lambda **values: call(settle(**values)), reads)[0]


def _settling(item: Bind, names: dict[str, Any]) -> Callable[..., Any]:
    def settle(**values: Any) -> Any:
        return item.settle(values[ENTRY], {ref: values[port] for port, ref in names.items()})

    return settle


def _find(ref: Any, builder: Builder, scope: Scope | None) -> Source:
    if scope is None:
        raise FlowError(
            "A step refers to a pipeline that it is no direct part of.",
            code="unbound_reference",
            hint="Use p.input and p.output inside the pipeline p only.",
        )
    return scope.find(ref, builder)


def _original(error: FlowloftError) -> BaseException:
    """Returns what a step raised, with notes on where and on what else went wrong."""
    raised = error.__cause__ if error.error_code == "unexpected_error" and error.__cause__ else error
    raised.add_note(f"in step “{error.extra.get('step', error.node_id)}” of the flow")
    for other in error.others:
        raised.add_note(f"and in step “{other.extra.get('step')}”: {other.message}")
    return raised
