"""Transforms for node groups that a language model makes: texts that lead to a chunk."""

from __future__ import annotations

from collections.abc import Callable

from flowloft.core.context import Context, ModelSource
from flowloft.core.models import DEFAULT_CHAT, EnvironmentModels
from flowloft.core.provider import open_model

Ask = Callable[[str], str]
"""A prompt to an answer."""


def ask_model(ref: str = DEFAULT_CHAT, *, models: ModelSource | None = None) -> Ask:
    """Returns a function that asks a chat model.

    Raises:
        NoFit: There is no such model.
    """
    ctx = Context(models=models or EnvironmentModels())
    model = open_model(ctx, ref)

    def ask(prompt: str) -> str:
        said = model.stream([{"role": "user", "content": prompt}], max_tokens=400)
        return "".join(chunk.text for chunk in said).strip()

    return ask


def summary(ask: Ask) -> Callable[[str], str]:
    """Makes a group of summaries, one a chunk."""
    return lambda text: ask(f"Summarize in two sentences, in the language of the text:\n\n{text}")


def questions(ask: Ask, count: int = 3) -> Callable[[str], list[str]]:
    """Makes a group of questions that a chunk answers."""

    def make(text: str) -> list[str]:
        prompt = f"Write {count} questions that this text answers, one a line, in its language:\n\n{text}"
        lines = (line.strip(" -*0123456789.、)") for line in ask(prompt).splitlines())
        return [line for line in lines if line][:count]

    return make


def keywords(ask: Ask) -> Callable[[str], str]:
    """Makes a group of keywords, one list a chunk."""
    return lambda text: ask(f"List the keywords of this text, separated by commas:\n\n{text}")
