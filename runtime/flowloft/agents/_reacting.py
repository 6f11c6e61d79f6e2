"""Thought, action, observation: by answers of a fixed form, which every model can be held to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from flowloft.core.agent import Desk, Messages, described
from flowloft.core.context import ToolCall
from flowloft.core.tool import Tool, object_schema
from flowloft.core.types import as_text

ANSWER = "answer"
"""In place of a tool: ends the rounds."""


def prepared(desk: Desk, messages: Messages) -> Messages:
    """Returns a conversation in which the model is told of its tools, with the examples."""
    # These words were tried on the smallest model: with others it chooses worse.
    words = (
        f"Tools:\n{described(list(desk.tools.values()))}\n"
        f"- {ANSWER}: Enough is known.\nChoose the tool for the question."
    )
    head, others = _split(messages)
    shown: Messages = []
    for one in desk.examples:
        shown += [
            {"role": "user", "content": one.question},
            {"role": "assistant", "content": _json(_choice(desk, one.tool, f"{one.tool} finds it."))},
        ]
    system = "\n\n".join(filter(None, [head, words]))
    return [{"role": "system", "content": system}, *shown, *others]


class Found(NamedTuple):
    """Where the rounds have led.

    Attributes:
        talk: The conversation with what was done and found.
        enough: Whether they ended before they were used up.
        answer: The answer, where a tool gave it.
    """

    talk: Messages
    enough: bool
    answer: str = ""


def rounds(desk: Desk, talk: Messages) -> Found:
    """Lets the model use tools until it says that it knows enough."""
    if not desk.tools:
        return Found(talk, True)
    talk, before = list(talk), ("", "")
    for _ in range(desk.rounds):
        choice = desk.decide(talk, _actions(desk)) or {}
        action = str(choice.get("tool", ""))
        if action == ANSWER:
            return Found(talk, True)
        tool = desk.tools.get(action)
        arguments = _arguments(desk, talk, choice, tool) if tool is not None else "{}"
        if (action, arguments) == before:
            return Found(talk, True)  # It asks for what it has been told.
        before = (action, arguments)
        told = desk.call([ToolCall("", action, arguments)])[0]
        if told.ends:
            return Found(talk, True, told.text)
        talk.append({"role": "assistant", "content": _json({**choice, "arguments": arguments})})
        talk.append({"role": "user", "content": f"{action or 'Nothing'} gave: {told.text}"})
    return Found(talk, False)


def answering(messages: Messages, talk: Messages) -> Messages:
    """Returns what the model is asked for the answer itself: the conversation, and what was found."""
    begin = next((n for n, one in enumerate(talk) if one is messages[-1]), len(talk) - 1)
    found = [one["content"] for one in talk[begin + 1 :] if one["role"] == "user"]
    if not found:
        return messages
    question = as_text(messages[-1]["content"])
    words = "\n".join(found)
    said = f"{question}\n\nThis was found out:\n{words}\n\nAnswer with it, briefly."
    return [*messages[:-1], {**messages[-1], "content": said}]


def finished(desk: Desk, messages: Messages, found: Found) -> Iterator[str]:
    """Yields the answer as it comes."""
    if found.answer:
        yield found.answer
        return
    asked = answering(messages, found.talk)
    yield from desk.answer(asked) if found.enough else desk.spent(asked)


def _arguments(desk: Desk, talk: Messages, choice: dict[str, Any], tool: Tool) -> str:
    if not tool.parameters.get("properties"):
        return "{}"
    shown = [one for one in desk.examples if one.tool == tool.name]
    asked: Messages = [{"role": "system", "content": f"{tool.description}\nGive its arguments as JSON."}]
    for one in shown:
        asked.append({"role": "user", "content": one.question})
        asked.append({"role": "assistant", "content": _json(one.arguments)})
    head, others = _split(talk)
    if shown:
        asked += others[2 * len(desk.examples) :]
    else:
        ask = f"Give the arguments of {tool.name} as JSON: {_json(tool.parameters)}"
        asked = [
            {"role": "system", "content": head},
            *others,
            {"role": "assistant", "content": _json(choice)},
        ]
        asked.append({"role": "user", "content": ask})
    return _json(desk.decide(asked, tool.parameters))


def _actions(desk: Desk) -> dict[str, Any]:
    choice: dict[str, Any] = {"type": "string", "enum": [*desk.tools, ANSWER]}
    members: dict[str, Any] = {"thought": {"type": "string"}} if desk.thinks else {}
    return object_schema({**members, "tool": choice}, [*members, "tool"])


def _choice(desk: Desk, tool: str, thought: str) -> dict[str, Any]:
    return {**({"thought": thought} if desk.thinks else {}), "tool": tool}


def _split(messages: Messages) -> tuple[str, Messages]:
    if messages and messages[0]["role"] == "system":
        return as_text(messages[0]["content"]), messages[1:]
    return "", messages


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
