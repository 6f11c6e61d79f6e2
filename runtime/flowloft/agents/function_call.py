"""The model calls tools by the interface that its vendor has for it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flowloft.core.agent import Messages, Strategy


class FunctionCall(Strategy):
    """Tells the vendor's interface of the tools; for models that were trained for it.

    Source: https://platform.openai.com/docs/guides/function-calling
    """

    title = "Function call"

    def run(self, messages: Messages) -> Iterator[str]:
        desk = self.desk
        tools = [tool.told() for tool in desk.tools.values()] or None
        talk = self._shown(messages)
        for _ in range(desk.rounds):
            said = yield from desk.ask(talk, tools=tools)
            if not said.calls:
                if not said.text.strip():
                    break
                return
            if said.text:
                yield "\n\n"
            talk = [
                *talk,
                {
                    "role": "assistant",
                    "content": said.text,
                    "tool_calls": [call.message() for call in said.calls],
                },
            ]
            found = desk.call(said.calls)
            if all(told.ends for told in found):
                yield "\n\n".join(told.text for told in found)
                return
            for call, told in zip(said.calls, found, strict=True):
                talk.append({"role": "tool", "tool_call_id": call.id, "content": told.text})
        yield from desk.spent(talk, tools=tools, tool_choice="none" if tools else None)

    def _shown(self, messages: Messages) -> Messages:
        """Puts the examples behind the system message, in words: a call that was never answered may not
        stand in a conversation."""
        if not self.desk.examples:
            return messages
        lines = [
            f"- “{one.question}”: {one.tool} {json.dumps(one.arguments, ensure_ascii=False)}"
            for one in self.desk.examples
        ]
        words = "Examples of calls:\n" + "\n".join(lines)
        first = messages[0] if messages and messages[0]["role"] == "system" else None
        if first is None:
            return [{"role": "system", "content": words}, *messages]
        return [{"role": "system", "content": f"{first['content']}\n\n{words}"}, *messages[1:]]
