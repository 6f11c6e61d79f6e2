"""OpenRouter."""

from __future__ import annotations

from flowloft.core.provider import Offer
from flowloft.providers._openai import OpenAIProtocol


class OpenRouter(OpenAIProtocol):
    """One key for the models of many vendors."""

    title = "OpenRouter"
    docs = "https://openrouter.ai/models"
    base_url = "https://openrouter.ai/api/v1"
    key_env = "OPENROUTER_API_KEY"
    jobs = frozenset({"chat", "embedding"})
    price_list = "openrouter"
    offers = (
        Offer("openrouter/auto", note="Chooses a model for each question."),
        Offer("openai/gpt-5-mini"),
        Offer("deepseek/deepseek-v4-flash"),
    )
    offers_date = "2026-11-23"
