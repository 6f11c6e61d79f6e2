"""Ollama."""

from __future__ import annotations

from flowloft.providers._openai import OpenAIProtocol


class Ollama(OpenAIProtocol):
    """Models on a machine of your own, served by Ollama."""

    title = "Ollama"
    docs = "https://github.com/ollama/ollama/blob/main/docs/openai.md"
    base_url = "http://127.0.0.1:11434/v1"
    needs_key = False
    jobs = frozenset({"chat", "embedding"})
