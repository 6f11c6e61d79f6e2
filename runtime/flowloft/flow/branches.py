"""Steps side by side: all with the same value, each with its own, or one with every value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from flowloft.core.errors import FlowError
from flowloft.engine.run import BRANCHES
from flowloft.flow.base import Flow, lower_item
from flowloft.flow.body import lower_body
from flowloft.flow.builder import ENTRY, Builder, Scope, Source
from flowloft.flow.post import Post, post_process
from flowloft.flow.split import kept_only, split
from flowloft.flow.values import bare, package, with_named


class _SideBySide(Flow):
    """What parallel, diverter and warp share: how many at once, and what becomes of the results."""

    def __init__(
        self, *items: Any, post_action: Any = None, _concurrent: bool | int = True, **named: Any
    ) -> None:
        super().__init__(*items, post_action=post_action, **named)
        self.at_once = BRANCHES if _concurrent is True else max(1, int(_concurrent))
        self.post: Post = ""
        self.separator = ""

    @classmethod
    def sequential(cls, *items: Any, **named: Any) -> Self:
        """Makes one whose branches run one after the other."""
        return cls(*items, _concurrent=False, **named)

    @property
    def asdict(self) -> Self:
        """Gives the results by the names of the steps."""
        return self._then("asdict")

    @property
    def astuple(self) -> Self:
        """Gives the results as one tuple, which is one argument for the next step."""
        return self._then("astuple")

    @property
    def aslist(self) -> Self:
        """Gives the results as one list."""
        return self._then("aslist")

    @property
    def sum(self) -> Self:
        """Adds the results up: numbers, texts or lists."""
        return self._then("sum")

    def join(self, separator: str = "") -> Self:
        """Puts the results together as text."""
        if not isinstance(separator, str):
            raise FlowError(
                "The separator of join is no text.", code="invalid_separator", hint='Write join(", ").'
            )
        self.separator = separator
        return self._then("join")

    def _then(self, post: Post) -> Self:
        if self.post:
            raise FlowError(
                f"The results are already given {self.post}.",
                code="post_set_twice",
                hint="Choose one of asdict, astuple, aslist, sum and join.",
            )
        self.post = post
        return self

    def finish(self, results: Sequence[Any], names: Sequence[str | None]) -> Any:
        """Returns the results in the form that was asked for."""
        return post_process(self.post, results, names, self.separator)


class Parallel(_SideBySide):
    """Every branch gets the same value; gives a package of their results, in order.

    Example:
        >>> parallel(lambda x: x + 1, lambda x: x * 2).aslist(3)
        [4, 6]
    """

    def _lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        ways = self._ways(builder, source, name)
        results: dict[str, Source] = {}
        ranges: list[range] = []
        for index, (item, way) in enumerate(zip(self.items, ways, strict=True)):
            before = len(builder.steps)
            results[self._port(index)] = lower_item(item, builder, way, scope, self.label(index, name))
            ranges.append(range(before, len(builder.steps)))
        for earlier, later in zip(ranges, ranges[self.at_once :], strict=False):
            builder.hold_back(later, earlier)
        places = {self._port(index): index for index in range(len(self.items))}

        def gather(**found: Any) -> Any:
            taken = sorted(places[port] for port in found if port in places)
            values = [bare(found[self._port(index)]) for index in taken]
            return self.finish(values, [self.names[index] for index in taken])

        label = f"{name}.results" if name else "results"
        if not results:
            return builder.step(label, lambda value: self.finish([], []), {ENTRY: source}, quick=True)[0]
        return builder.step(label, gather, results, optional=results, quick=True)[0]

    def _port(self, index: int) -> str:
        return self.names[index] or str(index + 1)

    def _ways(self, builder: Builder, source: Source, name: str) -> list[Source]:
        """Returns where each branch finds its value."""
        if source not in builder.calls or not self.items:
            return [source] * len(self.items)
        return self._forked(builder, source, name, self._hand_out)

    def _hand_out(self, value: Any) -> dict[str, Any]:
        value, kept = kept_only(value, self.names)
        return {self._port(index): value for index in kept}

    def _forked(
        self, builder: Builder, source: Source, name: str, fork: Callable[[Any], dict[str, Any]]
    ) -> list[Source]:
        ports = tuple(self._port(index) for index in range(len(self.items)))
        label = f"{name}.branches" if name else "branches"
        # One port alone would make it a step of a single result, so there is always a second one.
        ways = builder.step(label, fork, {ENTRY: source}, ports=(*ports, ""), quick=True)[:-1]
        if source in builder.calls:
            builder.calls.update(ways)
        return ways


class Diverter(Parallel):
    """Each branch gets its own of several values; a dict is shared out by name.

    Raises:
        FlowError: ``values_mismatch``: not as many values as branches.

    Example:
        >>> diverter(lambda x: x + 1, lambda x: x * 2).aslist(1, 10)
        [2, 20]
    """

    def _ways(self, builder: Builder, source: Source, name: str) -> list[Source]:
        return self._forked(builder, source, name, self._share_out) if self.items else []

    def _share_out(self, value: Any) -> dict[str, Any]:
        kept_value, kept = kept_only(value, self.names)
        pieces = split(bare(kept_value), self.names, kept, lenient=self.compat)
        return {self._port(index): with_named(piece, kept_value) for index, piece in pieces}


class Warp(_SideBySide):
    """Every value goes through the same steps; gives a package of the results, in order.

    Example:
        >>> warp(lambda x: x * x).aslist([1, 2, 3])
        [1, 4, 9]
    """

    @property
    def asdict(self) -> Self:
        """A warp has one step and so no names; raises."""
        raise FlowError(
            "The results of a warp have no names.",
            code="no_names",
            hint="Use aslist, astuple, sum or join.",
        )

    def _lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        if not self.items:
            raise FlowError("The warp has no step.", code="empty_warp", hint="Write warp(function).")

        def inside(body: Builder) -> Source:
            way = body.entry
            for index, item in enumerate(self.items):
                way = lower_item(item, body, way, scope, self.label(index, name))
            return way

        return lower_body(builder, source, name or "warp", inside, self._each)

    def _each(self, value: Any, body: Any, **carried: Any) -> Any:
        items = self._values(bare(value))
        rounds = [{ENTRY: with_named(item, value), **carried} for item in items]
        results = body.each(rounds, limit=self.at_once)
        return self.finish([bare(result[ENTRY]) for result in results], [None] * len(rounds))

    def _values(self, value: Any) -> Iterable[Any]:
        if isinstance(value, dict):
            if self.compat:
                return []
            raise FlowError(
                "A warp can't go through a dict.",
                code="not_a_list",
                hint="Give it list(d.values()), or list(d.items()).",
            )
        whole = value
        if type(value) is package and len(value) == 1:
            value = value[0]
        if not isinstance(value, (tuple, list)):
            raise FlowError(
                f"A warp needs several values, a list or a tuple, not {type(value).__name__}.",
                code="not_a_list",
                hint="Write warp(f)([x]) for one value.",
            )
        # LazyLLM counts before it unpacks, and so drops all but the first of a list in a package.
        return value[: len(package(whole))] if self.compat else value


parallel = Parallel
diverter = Diverter
warp = Warp
