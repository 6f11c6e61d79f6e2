"""Any address that speaks the OpenAI protocol."""

from __future__ import annotations

from flowloft.providers._openai import OpenAIProtocol


class OpenAICompatible(OpenAIProtocol):
    """A server of one's own, a company's gateway, vLLM, llama.cpp, LM Studio and the like."""

    title = "OpenAI-compatible"
    docs = "https://platform.openai.com/docs/api-reference"
    key_env = "OPENAI_COMPATIBLE_API_KEY"
    needs_key = False
    jobs = frozenset({"chat", "embedding", "rerank"})
