"""``bind``: which value goes to which parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flowloft.core.errors import FlowError
from flowloft.flow.values import Call, as_arguments, call_with, package

if TYPE_CHECKING:
    from flowloft.flow.base import Flow

_WHOLE = object()


class Placeholder:
    """Stands for one of the values that come from the step before; ``_0`` is the first."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index

    def __repr__(self) -> str:
        return f"_{self.index}"


placeholders = [Placeholder(index) for index in range(10)]


class Ref:
    """Stands for the input, the keyword arguments, or a step's output of a pipeline.

    ``p.input["key"]`` and ``p.output("f1").attribute`` take a part of it.

    Args:
        flow: The pipeline meant.
        target: ``"input"``, ``"kwargs"``, or the name or function of a step.
        unpack: Whether a package is spread over several arguments.
    """

    def __init__(self, flow: Flow, target: Any, *, unpack: bool = False) -> None:
        self.flow = flow
        self.target = target
        self.unpack = unpack
        self.item: Any = _WHOLE
        self.attribute: str = ""

    def __getitem__(self, item: Any) -> Ref:
        return self._part(item=item)

    def __getattr__(self, name: str) -> Ref:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._part(attribute=name)

    def _part(self, item: Any = _WHOLE, attribute: str = "") -> Ref:
        part = Ref(self.flow, self.target, unpack=self.unpack)
        part.item, part.attribute = item, attribute
        return part

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("a reference has no values before the flow runs; use unpack=True to spread it")

    def read(self, source: Any) -> Any:
        """Takes what is meant out of the value of the input or output.

        Args:
            source: That value; for input and kwargs what the pipeline was called with.
        """
        if type(source) is Call:
            source = source.named if self.target == "kwargs" else source.value
        elif self.target == "kwargs":
            source = {}
        if self.item is not _WHOLE:
            return source[self.item]
        return getattr(source, self.attribute) if self.attribute else source

    def name(self) -> str:
        """Returns a name for the event that shows its value."""
        return self.target if isinstance(self.target, str) else getattr(self.target, "__name__", "output")


class Bind:
    """A step with some of its arguments settled.

    Positional arguments replace the value from the step before, unless a placeholder lets it in;
    with named ones only, it stays the positional argument.
    """

    def __init__(self, do: Any, *args: Any, **named: Any) -> None:
        self.do = do
        self.args = args
        self.named = named

    def __ror__(self, do: Any) -> Bind:
        args = (self.do, *self.args) if self.do is not None else self.args
        return Bind(do, *args, **self.named)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Calls it outside of a flow, where only placeholders and plain values make sense."""
        value = args[0] if len(args) == 1 else package.of(args)
        return call_with(self.do, self.settle(Call(value, named), {}))

    def bind(self, *args: Any, **named: Any) -> Bind:
        """Settles further arguments."""
        return Bind(self, *args, **named)

    def meaning(self, is_step: Callable[[Any], bool], flow: Flow) -> Bind:
        """Returns it with each argument that is itself a step of the flow, as in
        ``bind(f, p.first)``, replaced by a reference to what that step gave."""

        def one(value: Any) -> Any:
            return Ref(flow, value) if callable(value) and is_step(value) else value

        named = {name: one(value) for name, value in self.named.items()}
        return Bind(self.do, *(one(value) for value in self.args), **named)

    def refs(self) -> list[Ref]:
        """Returns the references among its arguments."""
        return [value for value in (*self.args, *self.named.values()) if isinstance(value, Ref)]

    def settle(self, value: Any, sources: Mapping[Ref, Any]) -> Call:
        """Returns the arguments to call with.

        Args:
            value: What the step before gave.
            sources: Values of the inputs and outputs that its references mean.
        """
        given, also = as_arguments(value)
        taken = also.keys() & self.named.keys()
        if taken:
            raise FlowError(
                f"These arguments are already bound: {', '.join(sorted(taken))}.",
                code="already_bound",
                hint="Give each argument once: by bind or by the call.",
            )
        args: list[Any] = [] if self.args else list(given)
        for one in self.args:
            settled = _settled(one, given, sources)
            spread = isinstance(one, Ref) and one.unpack and isinstance(settled, package)
            args.extend(settled if spread else [settled])
        named = {name: _settled(one, given, sources) for name, one in self.named.items()}
        return Call(package.of(args), {**named, **also})


def _settled(one: Any, given: tuple[Any, ...], sources: Mapping[Ref, Any]) -> Any:
    if isinstance(one, Placeholder):
        if one.index >= len(given):
            raise FlowError(
                f"{one!r} asks for value {one.index + 1}, but the step before gave {len(given)}.",
                code="missing_value",
                hint="Use placeholders from _0 on, one for each value of the step before.",
            )
        return given[one.index]
    if isinstance(one, Ref):
        if one not in sources:
            raise FlowError(
                "A reference to a pipeline has no value outside of it.",
                code="unbound_reference",
                hint="Use p.input and p.output inside the pipeline p only.",
            )
        return one.read(sources[one])
    return one


def bind(do: Callable[..., Any] | None = None, *args: Any, **named: Any) -> Bind:
    """Settles arguments of a step.

    Args:
        do: A function, a class to be made, or a flow; left out in ``f | bind(...)``.
        args: Values, placeholders ``_0`` to ``_9`` for what comes from the step before, and
            references ``p.input``, ``p.kwargs`` and ``p.output("name")``.
        named: The same, by parameter.

    Example:
        >>> from flowloft.flow import _0, bind, pipeline
        >>> with pipeline() as p:
        ...     p.double = lambda x: 2 * x
        ...     p.show = bind(lambda a, b: f"{a} of {b}", _0, p.input)
        >>> p(4)
        '8 of 4'
    """
    return Bind(do, *args, **named)
