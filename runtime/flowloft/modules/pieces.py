"""Results that come piece by piece, such as the text of a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from flowloft.core.types import Stream
from flowloft.flow.shared import Replay


def in_pieces(value: Any) -> TypeGuard[Iterable[Any]]:
    """Says whether a result comes piece by piece."""
    return isinstance(value, (Iterator, Stream, Replay))


def whole(value: Any) -> Any:
    """Returns a result once all of it is there: texts put together, other pieces as a list."""
    if not in_pieces(value):
        return value
    pieces = list(value)
    return "".join(pieces) if all(isinstance(piece, str) for piece in pieces) else pieces
