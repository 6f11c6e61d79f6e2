"""Alibaba Cloud."""

from __future__ import annotations

from flowloft.core.provider import Offer
from flowloft.providers._openai import OpenAIProtocol


class Qwen(OpenAIProtocol):
    """The Qwen (通义千问) models of Model Studio."""

    title = "Qwen (Alibaba Cloud)"
    docs = "https://www.alibabacloud.com/help/model-studio"
    base_url = "https://dashscope.aliyuncs.com/compatible-mode/v1"
    key_env = "DASHSCOPE_API_KEY"
    json_answers = "object"
    embed_batch = 10
    offers = (
        Offer("qwen3.8-max"),
        Offer("qwen3.7-plus"),
        Offer("qwen-flash"),
        Offer("text-embedding-v4", job="embedding"),
    )
    offers_date = "2026-11-23"
