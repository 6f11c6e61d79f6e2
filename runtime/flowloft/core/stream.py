"""A text that is still being made: several readers, one writer, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from flowloft.core.types import Stream


class LiveText(Stream[str]):
    """Chunks of text as they come. Each reader sees all of them from the first.

    Args:
        check: Called while a reader waits, at least every 0.1 s; raises when the run is over.
    """

    __slots__ = ("_changed", "_check", "_chunks", "_done", "_error")

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        self._chunks: list[str] = []
        self._changed = threading.Condition()
        self._done = False
        self._error: BaseException | None = None
        self._check = check

    @classmethod
    def of(cls, text: str) -> LiveText:
        """Returns a text that is already whole, as a stream of one chunk."""
        whole = cls()
        if text:
            whole._chunks.append(text)
        whole._done = True
        return whole

    def write(self, chunk: str) -> None:
        """Adds a chunk; readers wake."""
        with self._changed:
            self._chunks.append(chunk)
            self._changed.notify_all()

    def close(self, error: BaseException | None = None) -> None:
        """Ends the text; with an error, readers raise it after the chunks before it."""
        with self._changed:
            self._done, self._error = True, error
            self._changed.notify_all()

    def __iter__(self) -> Iterator[str]:
        index = 0
        while True:
            with self._changed:
                while index >= len(self._chunks) and not self._done:
                    self._changed.wait(0.1)
                    if self._check is not None:
                        self._check()
                batch = self._chunks[index:]
                finished = self._done
            yield from batch
            index += len(batch)
            if finished and index >= len(self._chunks):
                if self._error is not None:
                    raise self._error
                return

    def whole(self) -> str:
        """Waits for the end and returns the text."""
        return "".join(self)
