"""SiliconFlow."""

from __future__ import annotations

from flowloft.core.prices import Price
from flowloft.core.provider import Offer
from flowloft.providers._openai import OpenAIProtocol

_FREE = ("Qwen/Qwen3-8B", "BAAI/bge-m3", "BAAI/bge-reranker-v2-m3")


class SiliconFlow(OpenAIProtocol):
    """Open models, served by SiliconFlow (硅基流动)."""

    title = "SiliconFlow"
    docs = "https://docs.siliconflow.cn"
    base_url = "https://api.siliconflow.cn/v1"
    key_env = "SILICONFLOW_API_KEY"
    json_answers = "object"
    embed_batch = 32
    jobs = frozenset({"chat", "embedding", "rerank"})
    prices = {name: Price("CNY", 0.0, source="siliconflow.cn/pricing", date="2026-11-25") for name in _FREE}
    offers = (
        Offer("deepseek-ai/DeepSeek-V3.2"),
        Offer("Qwen/Qwen3-8B", note="Small and cheap."),
        Offer("BAAI/bge-m3", job="embedding", dimensions=1024, languages="Many languages"),
        Offer("BAAI/bge-reranker-v2-m3", job="rerank", languages="Many languages"),
    )
    offers_date = "2026-11-23"
