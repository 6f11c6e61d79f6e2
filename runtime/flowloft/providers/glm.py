"""Zhipu AI."""

from __future__ import annotations

from typing import Any

from flowloft.core.provider import Offer
from flowloft.core.trainer import TuneWish
from flowloft.providers._openai import OpenAIProtocol
from flowloft.providers._tuning import OpenAITuning


class _Tuning(OpenAITuning):
    """The same protocol as OpenAI's, but for where the settings stand.

    Source: https://docs.bigmodel.cn/cn/guide/tools/fine-tuning
    """

    models = ("glm-4-flash", "glm-4-air", "glm-4-9b", "chatglm3-6b")
    methods = ("lora", "full")

    def _settings(self, objective: str, method: str, wish: TuneWish) -> dict[str, Any]:
        how: dict[str, Any] = {"fine_tuning_method": method}
        if wish.max_tokens:
            how["fine_tuning_parameters"] = {"max_sequence_length": wish.max_tokens}
        return {
            "hyperparameters": self._numbers(wish),
            "extra_body": {"extra_hyperparameters": how},
        }


class GLM(OpenAIProtocol):
    """The GLM models."""

    title = "GLM (Zhipu AI)"
    docs = "https://docs.bigmodel.cn"
    base_url = "https://open.bigmodel.cn/api/paas/v4"
    key_env = "ZHIPU_API_KEY"
    json_answers = "object"
    asks_usage = False  # it tells the usage unasked
    jobs = frozenset({"chat", "embedding", "rerank"})
    price_list = "zhipuai"
    tuning = _Tuning
    offers = (
        Offer("glm-5.2"),
        Offer("glm-4.7"),
        Offer("glm-4.5-flash"),
        Offer("embedding-3", job="embedding", dimensions=2048, languages="Chinese and English"),
        Offer("rerank", job="rerank"),
    )
    offers_date = "2026-11-25"
