"""The inside of a loop or warp: a graph of its own that its step is handed as a callable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowloft.flow.builder import ENTRY, Builder, Source


def lower_body(
    builder: Builder,
    source: Source,
    name: str,
    inside: Callable[[Builder], Source],
    call: Callable[..., Any],
) -> Source:
    """Adds a step with a body.

    Args:
        inside: Adds the steps of the body to its builder; returns where its result is.
        call: Takes ``value``, ``body``, and by name what the body needs of the graph around.
    """
    body = Builder(builder)
    if source in builder.calls:
        body.calls.add(body.entry)
    graph = body.graph(inside(body))
    return builder.step(name, call, {ENTRY: source, **body.carried}, body=graph)[0]
