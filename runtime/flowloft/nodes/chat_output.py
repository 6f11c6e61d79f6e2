"""Where a flow answers a chat."""

from __future__ import annotations

from typing import Annotated, Any

from flowloft.core.context import Context
from flowloft.core.node import Node, Port
from flowloft.core.types import Ports, PortType, Stream


class ChatOutput(Node):
    """Shows the answer in the chat, as it comes.

    The answer is the output `text` of the run; where it is from, the output `citations`.
    """

    title = "Chat output"
    group = "chat"
    icon = "message-circle-check"
    role = "output"
    cacheable = False

    def run(
        self,
        text: Annotated[Stream[str], "The answer."],
        ctx: Context,
        citations: Annotated[list[dict[str, Any]] | None, "Where it is from, to link it."] = None,
    ) -> Ports[Any]:
        chunks: list[str] = []
        for chunk in text:
            ctx.text(chunk, "text")
            chunks.append(chunk)
        answer = "".join(chunks)
        return Ports(text=answer) if citations is None else Ports(text=answer, citations=citations)

    def answers(self) -> list[Port]:
        return [Port(name="text", title="Text", type=PortType.TEXT)]
