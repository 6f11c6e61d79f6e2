"""Something that is served elsewhere, as a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowloft.core.calls import Address, Caller
from flowloft.core.calls.wire import call_of
from flowloft.core.current import call_context
from flowloft.modules.base import Module
from flowloft.modules.spread import result_of


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
        caller, context = Caller(self.address), call_context()
        if self.stream:
            return caller.pieces(call, context, self.decode)
        if self.decode is not None:
            return self.decode(caller.answer(call, context))
        return result_of(caller.output(call, context))
