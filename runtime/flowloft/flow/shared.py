"""A generator that several steps read: each sees all of it."""

from __future__ import annotations

import threading
import types
from collections.abc import Callable, Iterator
from typing import Any


class Replay:
    """The items of a generator for any number of readers, pulled on when one of them asks."""

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source
        self._items: list[Any] = []
        self._lock = threading.Lock()
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[Any]:
        index = 0
        while self._reaches(index):
            yield self._items[index]
            index += 1

    def _reaches(self, index: int) -> bool:
        with self._lock:
            if index < len(self._items):
                return True
            if self._error is not None:
                if isinstance(self._error, StopIteration):
                    return False
                raise self._error
            try:
                self._items.append(next(self._source))
            except BaseException as error:
                self._error = error
                if isinstance(error, StopIteration):
                    return False
                raise
            return True


def sharing(call: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the function with a generator it returns made readable more than once."""

    def shared(*args: Any, **named: Any) -> Any:
        result = call(*args, **named)
        return Replay(result) if isinstance(result, types.GeneratorType) else result

    return shared
