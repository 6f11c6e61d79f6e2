"""A language model as a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

from flowloft.core.context import ModelSource
from flowloft.core.current import call_context
from flowloft.core.errors import InputError
from flowloft.core.models import DEFAULT_CHAT
from flowloft.core.node import fill, placeholders
from flowloft.core.types import as_text
from flowloft.flow import JsonFormatter
from flowloft.modules.asking import Asking, model_of
from flowloft.modules.base import Module

History = Sequence[dict[str, Any] | Sequence[str]]
"""Earlier messages, oldest first: ``{"role": ..., "content": ...}``, or pairs of question and answer."""


class OnlineChatModule(Module):
    """Asks a language model. Without arguments, the built-in one.

    Args:
        model: ``"<connection>/<model>"``, or the vendor's own name where ``provider`` is given; empty for
            the first that the provider suggests.
        provider: ``openai``, ``sensenova``, ``kimi``, ``glm``, ``qwen``, ``deepseek``,
            ``openai_compatible``, ... : a file of ``flowloft/providers``.
        source: The provider, as LazyLLM calls it.
        base_url: In place of the vendor's own address.
        api_key: Empty takes it from the environment.
        stream: Whether a call yields the answer as it comes, instead of giving it whole.
        timeout: Seconds for one answer.
        models: Where references are looked up; the environment where None.
        options: For every call: ``temperature`` (0 to 2), ``max_tokens``, ``stop``, ``seed``, ...

    Example:
        chat = OnlineChatModule(provider="openai", model="gpt-5-mini", stream=True)
        chat.prompt("You are a poet.", user="Two lines about {input}.")
        for piece in chat("the sea"):
            print(piece, end="")
    """

    def __init__(
        self,
        model: str = "",
        *,
        provider: str = "",
        source: str = "",
        base_url: str = "",
        api_key: str = "",
        stream: bool = False,
        timeout: float = 1800.0,
        models: ModelSource | None = None,
        name: str = "",
        **options: Any,
    ) -> None:
        super().__init__(name=name)
        provider = provider or source
        model = model_of(model, provider, "chat", DEFAULT_CHAT)
        self.asking = Asking(model, provider, base_url, api_key, models)
        self.stream = stream
        self.timeout = timeout
        self.options = options
        self.system = ""
        self.template = ""
        self.reads: Callable[[str], Any] | None = None

    def prompt(self, system: str = "", *, user: str = "") -> Self:
        """Says who the model is, and how its input is put.

        Args:
            system: The system message.
            user: A text around the input: ``{input}``, or other names that a call then fills from
                a dict. Both may hold them; ``{{`` and ``}}`` are braces.
        """
        self.system, self.template = system, user
        return self

    def formatter(self, reads: Callable[[str], Any] | str | None) -> Self:
        """Says what becomes of an answer, once it is whole: a function, for instance
        :class:`~flowloft.flow.JsonFormatter`, or the rule of one."""
        self.reads = JsonFormatter(reads) if isinstance(reads, str) else reads
        return self

    def forward(self, value: Any, history: History = (), **options: Any) -> Any:
        """Asks.

        Args:
            value: A text, a conversation (list of messages), or values for the prompt (dict).
            history: What was said before.
            options: For this call, over those of the module.

        Returns:
            The answer; what the formatter makes of it; an iterator over its pieces with ``stream``.

        Raises:
            ProviderError: With the provider, the model, and what to do.
            InputError: The prompt has a name that there is no value for.
        """
        messages = [*self._first(value), *told(history), *self._said(value)]
        pieces = self._pieces(messages, {**self.options, **options})
        if self.reads is not None:
            return self.reads("".join(pieces))
        return pieces if self.stream else "".join(pieces)

    def _pieces(self, messages: list[dict[str, Any]], options: dict[str, Any]) -> Iterator[str]:
        model = self.asking.open(call_context(self.timeout))
        for chunk in model.stream(messages, **options):
            if chunk.text:
                yield chunk.text

    def _first(self, value: Any) -> list[dict[str, Any]]:
        system = _filled(self.system, value)
        return [{"role": "system", "content": system}] if system.strip() else []

    def _said(self, value: Any) -> list[dict[str, Any]]:
        if _is_conversation(value):
            return list(value)
        text = _filled(self.template, value) if self.template else as_text(value)
        return [{"role": "user", "content": text}]


def _is_conversation(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and {"role", "content"} <= item.keys() for item in value)
    )


def _filled(template: str, value: Any) -> str:
    values = value if isinstance(value, dict) else {"input": value}
    missing = [name for name in placeholders(template) if name not in values]
    if missing:
        raise InputError(
            f"The prompt has no value for {', '.join(missing)}.",
            code="missing_value",
            hint=f"Call the module with a dict that has: {', '.join(placeholders(template))}.",
        )
    return fill(template, {name: as_text(item) for name, item in values.items()})


def told(history: History) -> Iterator[dict[str, Any]]:
    """Returns earlier messages in the form in which they are sent."""
    for item in history:
        if isinstance(item, dict):
            yield item
        elif isinstance(item, str) or len(item) != 2:
            raise InputError(
                "The history is no list of messages.",
                code="invalid_history",
                hint='Give {"role": ..., "content": ...}, or pairs of question and answer.',
            )
        else:
            yield {"role": "user", "content": item[0]}
            yield {"role": "assistant", "content": item[1]}
