"""SenseTime."""

from __future__ import annotations

from flowloft.core.provider import Offer
from flowloft.providers._openai import OpenAIProtocol


class SenseNova(OpenAIProtocol):
    """The SenseNova (日日新) models."""

    title = "SenseNova"
    docs = "https://platform.sensenova.cn/docs"
    base_url = "https://api.sensenova.cn/compatible-mode/v2"
    key_env = "SENSENOVA_API_KEY"
    json_answers = "none"
    offers = (
        Offer("SenseNova-V6-5-Pro"),
        Offer("SenseNova-V6-5-Turbo"),
        Offer("SenseChat-5"),
    )
    offers_date = "2026-11-23"
