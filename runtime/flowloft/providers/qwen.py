"""Alibaba Cloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowloft.core.online_tuning import OnlineTune, TuneEvent, TuneState
from flowloft.core.prices import Price
from flowloft.core.provider import Offer
from flowloft.core.source import literal
from flowloft.core.trainer import TuneWish
from flowloft.providers._openai import OpenAIProtocol
from flowloft.providers._tuning import OpenAITuning, numbers_of, suffix

_STATES: dict[str, TuneState] = {
    "PENDING": "queued",
    "QUEUING": "queued",
    "RUNNING": "running",
    "CANCELING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "CANCELED": "cancelled",
}
_TYPES = {
    ("sft", "lora"): "efficient_sft",
    ("sft", "full"): "sft",
    ("dpo", "lora"): "dpo_lora",
    ("dpo", "full"): "dpo_full",
}


class _Tuning(OpenAITuning):
    """Files go up as at OpenAI, jobs have a protocol of their own.

    Source: https://help.aliyun.com/en/model-studio/fine-tuning-api-guide
    """

    provider: Qwen
    models = ("qwen3-8b", "qwen3-14b", "qwen3-32b", "qwen2.5-7b-instruct")
    methods = ("lora", "full")
    objectives = ("sft", "dpo")

    def start(
        self,
        base: str,
        train: Sequence[dict[str, Any]],
        validation: Sequence[dict[str, Any]],
        wish: TuneWish,
        name: str = "",
    ) -> OnlineTune:
        objective, method = self.check(train, wish)
        body: dict[str, Any] = {
            "model": base,
            "training_file_ids": [self.upload(train, "train.jsonl")],
            "training_type": _TYPES[objective, method],
            "hyper_parameters": self._numbers(wish) | self._more_numbers(method, wish),
        }
        if validation:
            body["validation_file_ids"] = [self.upload(validation, "validation.jsonl")]
        if name:
            body["finetuned_output_suffix"] = suffix(name)[:8]
        return self._ask("post", "", body)

    def _row(self, example: dict[str, Any]) -> dict[str, Any]:
        if "chosen" not in example:
            return example
        sides = {side: example[side][0] for side in ("chosen", "rejected")}
        return {"messages": example["prompt"], **sides}

    def _more_numbers(self, method: str, wish: TuneWish) -> dict[str, Any]:
        numbers: dict[str, Any] = {}
        if wish.learning_rate:
            numbers["learning_rate"] = str(wish.learning_rate)
        if wish.max_tokens:
            numbers["max_length"] = wish.max_tokens
        if method == "lora" and "rank" in wish.model_fields_set:
            numbers |= {"lora_rank": wish.rank, "lora_alpha": wish.alpha or 2 * wish.rank}
        return numbers

    def state(self, id: str) -> OnlineTune:
        return self._ask("get", f"/{id}")

    def cancel(self, id: str) -> OnlineTune:
        self.provider.asked(lambda client: client.post(self._url(f"/{id}/cancel"), cast_to=object))
        return self.state(id)

    def events(self, id: str) -> list[TuneEvent]:
        lines: list[str] = []

        def ask(client: Any) -> Any:
            return client.get(self._url(f"/{id}/logs?offset={len(lines)}&line=1000"), cast_to=object)

        while True:
            found = self.provider.asked(ask)
            more = [str(line) for line in (found.get("output") or {}).get("logs") or ()]
            lines += more
            if len(more) < 1000:
                return [
                    TuneEvent(str(number), line.strip(), _numbers(line)) for number, line in enumerate(lines)
                ]

    def _url(self, path: str) -> str:
        return f"{self.provider.native()}/fine-tunes{path}"

    def _ask(self, method: str, path: str, body: Any = None) -> OnlineTune:
        given = {"body": body} if body is not None else {}
        found: Any = self.provider.asked(
            lambda client: getattr(client, method)(self._url(path), cast_to=object, **given)
        )
        job = found["output"]
        return OnlineTune(
            id=str(job["job_id"]),
            base=str(job.get("model", "")),
            state=_STATES.get(str(job.get("status")), "queued"),
            model=str(job.get("finetuned_output") or ""),
            trained_tokens=int(job.get("usage") or 0),
            message=str(job.get("message") or ""),
        )


def _numbers(line: str) -> dict[str, float]:
    """Reads a line that is the text of a Python dictionary, as training programs print them."""
    try:
        found = literal(line.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    return numbers_of(found) if isinstance(found, dict) else {}


class Qwen(OpenAIProtocol):
    """The Qwen (通义千问) models of Model Studio."""

    title = "Qwen (Alibaba Cloud)"
    docs = "https://www.alibabacloud.com/help/model-studio"
    base_url = "https://dashscope.aliyuncs.com/compatible-mode/v1"
    key_env = "DASHSCOPE_API_KEY"
    json_answers = "object"
    embed_batch = 10
    jobs = frozenset({"chat", "embedding", "rerank"})
    tuning = _Tuning
    offers = (
        Offer("qwen3.8-max"),
        Offer("qwen3.7-plus"),
        Offer("qwen-flash"),
        Offer("text-embedding-v4", job="embedding", dimensions=1024, languages="Many languages"),
        Offer("qwen3-rerank", job="rerank"),
    )
    offers_date = "2026-11-25"
    prices = {
        "qwen-flash": Price("CNY", 0.15, 1.5, 0.03, "help.aliyun.com/zh/model-studio/models", "2026-11-25")
    }

    def native(self) -> str:
        """Returns the address of what has no form at OpenAI, on the same host."""
        return f"{self._address()[0].partition('/compatible-mode')[0].removesuffix('/v1')}/api/v1"

    def _reranked(self, query: str, texts: list[str]) -> list[float]:
        """Asks the vendor's own way of reranking.

        Source: https://help.aliyun.com/zh/model-studio/text-rerank-api
        """
        body = {
            "model": self.connection.model,
            "input": {"query": query, "documents": texts},
            "parameters": {"top_n": len(texts), "return_documents": False},
        }
        url = f"{self.native()}/services/rerank/text-rerank/text-rerank"
        client = self._client()
        with self._guarded(self._watch()):
            found: Any = client.post(url, cast_to=object, body=body)
        self._used(found.get("usage"))
        return self._scores(found.get("output") or {}, len(texts))
