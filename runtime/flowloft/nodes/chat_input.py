"""Where a chat enters a flow."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.files import files_check
from flowloft.core.node import Node, Port
from flowloft.core.types import Messages, PortType

_ROLES = frozenset({"system", "user", "assistant", "tool"})


class _Said(NamedTuple):
    text: Annotated[str, "What the person has just written."]
    messages: Annotated[Messages, "The conversation so far, ending with what was just written."]
    files: Annotated[list[dict[str, Any]], "What was attached; connect it to Read files."]


class ChatInput(Node):
    """Receives what a person writes in the chat.

    `text` is the newest message, `messages` the whole conversation with it as the last one.
    A run is started with the inputs `text` and, for a conversation, `history`. Pictures that were
    attached travel in `messages`, for models that see; `files` is for everything else.
    """

    title = "Chat input"
    group = "chat"
    icon = "message-circle"
    quick = True
    role = "input"
    cacheable = False

    greeting: str = Field(
        "",
        title="Greeting",
        max_length=2000,
        description="Shown before the first message.",
        json_schema_extra={"x-widget": "textarea"},
    )
    suggestions: list[str] = Field(
        default_factory=list,
        title="Suggestions",
        max_length=12,
        description="Messages offered at the start of a chat; one click sends one.",
        json_schema_extra={"x-widget": "list"},
    )

    files: Literal["none", "pictures", "documents", "all"] = Field(
        "none",
        title="Files",
        description=(
            "What may be attached to a message. pictures: for models that see. documents: connect Files to "
            "Read files."
        ),
    )

    def run(self, ctx: Context) -> _Said:
        text = ctx.inputs.get("text")
        if not isinstance(text, str) or not text.strip():
            raise InputError(
                "The chat input got no text.",
                code="missing_input",
                hint='Start the run with inputs such as {"text": "Hello"}.',
                extra={"path": "/inputs/text"},
            )
        files = files_check(ctx.inputs.get("files"), "/inputs/files")
        said = {"role": "user", "content": text} | ({"files": files} if files else {})
        return _Said(text, [*_history(ctx.inputs.get("history")), said], files)

    def asks(self) -> list[Port]:
        return [
            Port(name="text", title="Text", type=PortType.TEXT),
            Port(name="history", title="History", type=PortType.MESSAGES, required=False),
            Port(name="files", title="Files", type=PortType.LIST, required=False),
        ]


def _history(value: Any) -> list[dict[str, Any]]:
    """Checks the earlier messages of a conversation and returns them."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise _bad_history("/inputs/history")
    for index, message in enumerate(value):
        if not isinstance(message, dict) or message.get("role") not in _ROLES or "content" not in message:
            raise _bad_history(f"/inputs/history/{index}")
    return [dict(message) for message in value]


def _bad_history(path: str) -> InputError:
    return InputError(
        "The history of the chat is not a list of messages.",
        hint='Each message is {"role": "user" or "assistant", "content": "..."}, oldest first.',
        extra={"path": path},
    )
