"""Zhipu AI."""

from __future__ import annotations

from flowloft.core.provider import Offer
from flowloft.providers._openai import OpenAIProtocol


class GLM(OpenAIProtocol):
    """The GLM models."""

    title = "GLM (Zhipu AI)"
    docs = "https://docs.bigmodel.cn"
    base_url = "https://open.bigmodel.cn/api/paas/v4"
    key_env = "ZHIPU_API_KEY"
    json_answers = "object"
    asks_usage = False  # it tells the usage unasked
    offers = (
        Offer("glm-5.2"),
        Offer("glm-4.7"),
        Offer("glm-4.5-flash"),
        Offer("embedding-3", job="embedding"),
    )
    offers_date = "2026-11-23"
