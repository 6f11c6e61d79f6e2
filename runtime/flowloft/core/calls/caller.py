"""Calls of one server: what it answers, read as the data that it is."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from flowloft.core.calls.address import Address, shown
from flowloft.core.calls.wire import events, parsed
from flowloft.core.context import Context
from flowloft.core.errors import ProviderError


@dataclass(frozen=True, slots=True)
class Caller:
    """A server, and how calls of it are put into words.

    Raises, from every call:
        ProviderError: Nobody answers there, it takes too long or is too much, the server says that it
            failed, or its answer can't be read.
        FlowError: The address is none, it is refused, or it redirects elsewhere.
        InputError: ``not_json``: an argument is no plain data.
    """

    address: Address

    def answer(self, call: Any, ctx: Context) -> Any:
        """Returns the whole answer, whatever JSON it is."""
        return self._parsed(b"".join(self._asked(call, "application/json", ctx)))

    def read(self, ctx: Context) -> Any:
        """Returns what stands at the address, whatever JSON it is; nothing is called."""
        return self._parsed(b"".join(self._asked(None, "application/json", ctx, "GET")))

    def output(self, call: Any, ctx: Context) -> dict[str, Any]:
        """Returns the answer of a served module: a record with ``output``."""
        answer = self.answer(call, ctx)
        if not isinstance(answer, dict) or "output" not in answer:
            raise self._unreadable("it has no “output”")
        return answer

    def pieces(
        self, call: Any, ctx: Context, decode: Callable[[Any], Any] | None = None
    ) -> Generator[Any, None, None]:
        """Yields the pieces of an answer as they come.

        Args:
            decode: Takes a piece out of each event; None where a served module answers.
        """
        with closing(self._asked(call, "text/event-stream", ctx)) as parts:
            found = events(parts)
            while (event := self._next(found)) is not None:
                name, data = event
                if decode is not None:
                    if data != "[DONE]":
                        yield decode(self._parsed(data))
                elif name == "piece":
                    yield self._parsed(data)
                elif name == "error":
                    raise self._failed(self._parsed(data))
                elif name == "done":
                    return
        if decode is None:
            raise self._unreadable("it breaks off")

    def _next(self, found: Iterator[tuple[str, str]]) -> tuple[str, str] | None:
        try:
            return next(found, None)
        except ValueError as error:
            raise self._unreadable(str(error)) from error

    def _asked(
        self, call: Any, accept: str, ctx: Context, method: str = "POST"
    ) -> Generator[bytes, None, None]:
        from flowloft.core.calls.asking import ask  # noqa: PLC0415 - its client costs 100 ms

        return ask(self.address, call, accept, ctx, method)

    def _parsed(self, text: bytes | str) -> Any:
        try:
            return parsed(text)
        except ValueError as error:
            raise self._unreadable(str(error)) from error

    def _failed(self, told: Any) -> ProviderError:
        message = told.get("message") if isinstance(told, dict) else told
        return ProviderError(
            f"{shown(self.address.url)} failed: {str(message)[:500]}",
            code="http_status",
            permanent=True,
            hint="Look at what it says.",
            extra={"body": str(told)[:1000]},
        )

    def _unreadable(self, why: str) -> ProviderError:
        return ProviderError(
            f"The answer of {shown(self.address.url)} can't be read: {why[:300]}.",
            code="bad_answer",
            permanent=True,
            hint="Check the address, or say by `encode` and `decode` what the server speaks.",
        )
