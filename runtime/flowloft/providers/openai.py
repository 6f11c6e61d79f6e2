"""OpenAI."""

from __future__ import annotations

from typing import Any

from flowloft.core.provider import Offer
from flowloft.providers._openai import OpenAIProtocol
from flowloft.providers._tuning import OpenAITuning


class _Tuning(OpenAITuning):
    models = ("gpt-4.1-mini-2025-04-14", "gpt-4.1-nano-2025-04-14", "gpt-4.1-2025-04-14")
    objectives = ("sft", "dpo")


class OpenAI(OpenAIProtocol):
    """The GPT models."""

    title = "OpenAI"
    docs = "https://platform.openai.com/docs/models"
    base_url = "https://api.openai.com/v1"
    key_env = "OPENAI_API_KEY"
    limit_name = "max_completion_tokens"
    jobs = frozenset({"chat", "embedding"})
    price_list = "openai"
    tuning = _Tuning
    offers = (
        Offer("gpt-5.5"),
        Offer("gpt-5.4-mini"),
        Offer("gpt-5.4-nano"),
        Offer("gpt-4.1-mini"),
        Offer("text-embedding-3-small", job="embedding", dimensions=1536, languages="Many languages"),
        Offer("text-embedding-3-large", job="embedding", dimensions=3072, languages="Many languages"),
    )
    offers_date = "2026-11-23"

    def _request(self, messages: list[dict[str, Any]], options: dict[str, Any]) -> dict[str, Any]:
        if self.connection.model.startswith(("gpt-5", "o1", "o3", "o4")):  # these take no temperature
            options = {**options, "temperature": None}
        return super()._request(messages, options)
