"""Moonshot AI."""

from __future__ import annotations

from typing import Any

from flowloft.core.provider import Offer
from flowloft.providers._openai import OpenAIProtocol


class Kimi(OpenAIProtocol):
    """The Kimi models."""

    title = "Kimi (Moonshot AI)"
    docs = "https://platform.kimi.ai/docs/models"
    base_url = "https://api.moonshot.cn/v1"
    key_env = "MOONSHOT_API_KEY"
    json_answers = "object"
    limit_name = "max_completion_tokens"
    price_list = "moonshotai"
    offers = (
        Offer("kimi-k3"),
        Offer("kimi-k2.6"),
        Offer("moonshot-v1-auto"),
    )
    offers_date = "2026-11-23"

    def _request(self, messages: list[dict[str, Any]], options: dict[str, Any]) -> dict[str, Any]:
        if self.connection.model.startswith(("kimi-",)):  # these have a fixed temperature
            options = {**options, "temperature": None}
        return super()._request(messages, options)
