"""DeepSeek."""

from __future__ import annotations

from flowloft.core.provider import Offer
from flowloft.providers._openai import OpenAIProtocol


class DeepSeek(OpenAIProtocol):
    """The DeepSeek models."""

    title = "DeepSeek"
    docs = "https://api-docs.deepseek.com"
    base_url = "https://api.deepseek.com/v1"
    key_env = "DEEPSEEK_API_KEY"
    json_answers = "object"
    price_list = "deepseek"
    offers = (
        Offer("deepseek-v4.1-flash"),
        Offer("deepseek-v4-pro"),
        Offer("deepseek-v4-flash"),
    )
    offers_date = "2026-11-23"
