"""Examples of a dataset as questions with the answers that are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flowloft.core.types import PortType

Messages = list[dict[str, Any]]
ASKABLE = (PortType.TEXT, PortType.MESSAGES, PortType.ANY)
"""Of what an input is that can take a question."""
QUESTIONS = ("text", "question", "query", "input", "value")
"""How the input for the question is mostly called, likelier names first."""
ANSWERS = ("text", "answer", "result", "output")
"""How the output with the answer is mostly called."""


class Asked(NamedTuple):
    """One example, as it is measured.

    Attributes:
        messages: Before the answer; the last is the question.
        wanted: The answer that the dataset has.
    """

    messages: Messages
    wanted: str


def question_of(messages: Messages) -> str:
    """Returns the text of the last message."""
    return str(messages[-1].get("content") or "") if messages else ""


def asked_of(example: dict[str, Any]) -> Asked:
    """Reads an example: of a conversation the last turn counts, of a pair the chosen answer."""
    if "chosen" in example:
        return Asked(example["prompt"], str(example["chosen"][-1]["content"]))
    messages = example["messages"]
    return Asked(messages[:-1], str(messages[-1].get("content") or ""))


def inputs_of(messages: Messages, takes: Mapping[str, str], to: str, fixed: dict[str, Any]) -> dict[str, Any]:
    """Returns what a run of a row is started with.

    Args:
        takes: Type of each input of the flow.
        to: The input for the question. One that takes messages gets the whole conversation; else what came
            before goes into ``history``, where the flow has such an input.
        fixed: What all rows get.
    """
    if takes.get(to) == "messages":
        return fixed | {to: messages}
    before = messages[:-1]
    history = {"history": before} if before and "history" in takes and to != "history" else {}
    return fixed | history | {to: question_of(messages)}


def likely(names: Sequence[str], usual: Sequence[str]) -> str:
    """Returns the name that is meant where nobody says: the first usual one, else the first."""
    return next((one for one in usual if one in names), names[0])
