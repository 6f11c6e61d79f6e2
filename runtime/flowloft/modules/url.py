"""Something that is served elsewhere, as a module."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any

from flowloft.core.current import call_context
from flowloft.core.errors import ProviderError
from flowloft.modules.address import Address, shown
from flowloft.modules.base import Module
from flowloft.modules.wire import call_of, events, parsed, result_of


class UrlModule(Module):
    """Calls a server over plain JSON, or over server-sent events.

    Without ``encode`` and ``decode`` it speaks to a :class:`ServerModule`. What comes back is data:
    it is limited in size and never executed, and the key goes to no other host.

    Args:
        url: Where calls are sent (POST).
        key: Sent as ``Authorization: Bearer``; empty sends none.
        stream: Whether a call yields the pieces of the answer as they come.
        encode: Makes the JSON to send out of the arguments of a call.
        decode: Takes the result out of the answer; with ``stream``, a piece out of each event.
        headers: More to send.
        timeout: Seconds for one call; with ``stream``, between two pieces.
        max_bytes: Of one answer.
        guarded: Whether addresses inside this machine or network are refused.

    Example:
        ask = UrlModule("https://example.org/v1/echo", encode=lambda text: {"q": text},
                        decode=lambda answer: answer["a"])
        ask("hello")
    """

    def __init__(
        self,
        url: str,
        *,
        key: str = "",
        stream: bool = False,
        encode: Callable[..., Any] | None = None,
        decode: Callable[[Any], Any] | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 120.0,
        max_bytes: int = 16 * 1024 * 1024,
        guarded: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(name=name)
        self.address = Address(url, key, dict(headers or {}), timeout, max_bytes, guarded)
        self.stream = stream
        self.encode = encode
        self.decode = decode

    @property
    def url(self) -> str:
        """Where calls are sent."""
        return self.address.url

    def forward(self, *args: Any, **named: Any) -> Any:
        """Calls the server.

        Raises:
            ProviderError: Nobody answers there, it takes too long or is too much, the server says
                that it failed, or its answer can't be read.
            FlowError: The address is none, it is refused, or it redirects elsewhere.
            InputError: ``not_json``: an argument is no plain data.
        """
        call = self.encode(*args, **named) if self.encode else call_of(args, named)
        if self.stream and self.encode is None:
            call = {**call, "stream": True}
        return self._pieces(call) if self.stream else self._whole(call)

    def _whole(self, call: Any) -> Any:
        answer = self._parsed(b"".join(self._asked(call, "application/json")))
        if self.decode is not None:
            return self.decode(answer)
        if not isinstance(answer, dict) or "output" not in answer:
            raise self._unreadable("it has no “output”")
        return result_of(answer)

    def _pieces(self, call: Any) -> Iterator[Any]:
        with closing(self._asked(call, "text/event-stream")) as parts:
            found = events(parts)
            while (event := self._next(found)) is not None:
                name, data = event
                if self.decode is not None:
                    if data != "[DONE]":
                        yield self.decode(self._parsed(data))
                elif name == "piece":
                    yield self._parsed(data)
                elif name == "error":
                    raise self._failed(self._parsed(data))
                elif name == "done":
                    return
        if self.decode is None:
            raise self._unreadable("it breaks off")

    def _next(self, found: Iterator[tuple[str, str]]) -> tuple[str, str] | None:
        try:
            return next(found, None)
        except ValueError as error:
            raise self._unreadable(str(error)) from error

    def _asked(self, call: Any, accept: str) -> Generator[bytes, None, None]:
        from flowloft.modules.calling import ask  # noqa: PLC0415 - its client costs 100 ms

        return ask(self.address, call, accept, call_context())

    def _parsed(self, text: bytes | str) -> Any:
        try:
            return parsed(text)
        except ValueError as error:
            raise self._unreadable(str(error)) from error

    def _failed(self, told: Any) -> ProviderError:
        message = told.get("message") if isinstance(told, dict) else told
        return ProviderError(
            f"{shown(self.url)} failed: {str(message)[:500]}",
            code="http_status",
            permanent=True,
            hint="Look at what it says.",
            extra={"body": str(told)[:1000]},
        )

    def _unreadable(self, why: str) -> ProviderError:
        return ProviderError(
            f"The answer of {shown(self.url)} can't be read: {why[:300]}.",
            code="bad_answer",
            permanent=True,
            hint="Check the address, or say by `encode` and `decode` what the server speaks.",
        )
