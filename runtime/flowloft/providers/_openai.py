"""The protocol that nearly every vendor speaks, by the ``openai`` client."""

from __future__ import annotations

import contextlib
import functools
import json
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from flowloft.core.context import ChatChunk
from flowloft.core.errors import FlowloftError, ProviderError
from flowloft.core.provider import Offer, Provider
from flowloft.core.watch import Expired, Watch, watching
from flowloft.providers._errors import Failures

if TYPE_CHECKING:
    import openai

T = TypeVar("T")

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds; a service that asks for more is reported instead of waited for."""

_EMBEDDING_MARKS = ("embed", "bge-", "e5-", "gte-", "use-")


class OpenAIProtocol(Provider):
    """Base of the providers that speak the OpenAI protocol; most of them are only data."""

    json_answers: ClassVar[Literal["schema", "object", "none"]] = "schema"
    """What ``response_format`` may ask for; what the vendor lacks is asked for in words."""
    limit_name: ClassVar[str] = "max_tokens"
    asks_usage: ClassVar[bool] = True
    """Whether ``stream_options`` is understood."""
    embed_batch: ClassVar[int] = 64
    """Texts the vendor takes at once."""
    idle_seconds: ClassVar[float] = 120.0
    total_seconds: ClassVar[float] = 1800.0

    def stream(self, messages: list[dict[str, Any]], **options: Any) -> Iterator[ChatChunk]:
        request = self._request(messages, options)
        answer, watch = self._tried(lambda: self._opened(request))
        yield from self._chunks(answer, watch)

    def embed(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = []
        for start in range(0, len(texts), self.embed_batch):
            batch = texts[start : start + self.embed_batch]
            rows.extend(self._tried(functools.partial(self._embedded, batch)))
        return rows

    def rerank(self, query: str, texts: list[str]) -> list[float]:
        return self._tried(functools.partial(self._reranked, query, texts))

    def list_models(self) -> list[Offer]:
        def ask() -> list[str]:
            client = self._client()
            with self._guarded(self._watch(idle=15, total=30)):
                answer = client.models.with_raw_response.list()
                self._require(answer, "application/json")
                return [str(model.id) for model in answer.parse().data]

        known = {offer.model: offer for offer in self.offers}
        return [known.get(name) or Offer(name, job=_job(name)) for name in sorted(ask())]

    def _address(self) -> tuple[str, str]:
        """Returns base URL and key."""
        return self.connection.base_url or self.base_url, self.connection.api_key

    def _client(self) -> openai.OpenAI:
        return _client(*self._address(), guarded=bool(self.connection.options.get("guarded")))

    def _watch(self, *, idle: float | None = None, total: float | None = None) -> Watch:
        options = self.connection.options
        return Watch(
            self.ctx.check,
            idle=idle or float(options.get("idle_seconds") or self.idle_seconds),
            total=total or float(options.get("total_seconds") or self.total_seconds),
        )

    @property
    def _failures(self) -> Failures:
        return Failures(self.title, self.connection, self.key_env)

    def _request(self, messages: list[dict[str, Any]], options: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in options.items() if value is not None}
        if "max_tokens" in given:
            given[self.limit_name] = given.pop("max_tokens")
        if self.json_answers != "schema" and "response_format" in given:
            messages = _asked_in_words(messages, given["response_format"])
            if self.json_answers == "object":
                given["response_format"] = {"type": "json_object"}
            else:
                del given["response_format"]
        if self.asks_usage:
            given["stream_options"] = {"include_usage": True}
        return {"model": self.connection.model, "messages": messages, **given}

    def _tried(self, call: Callable[[], T]) -> T:
        """Tries again what may go better; nothing has been shown to anybody yet."""
        for number in range(1, TRIES):
            try:
                return call()
            except ProviderError as error:
                wait = error.extra.get("retry_after", 0.5 * 2**number * random.uniform(0.8, 1.2))  # noqa: S311
                if error.permanent or error.error_code == "provider_timeout" or wait > LONGEST_WAIT:
                    raise
                self.ctx.log(f"{error.message} Trying again in {wait:.1f} s.", "warning")
                self.ctx.sleep(wait)
        return call()

    def _opened(self, request: dict[str, Any]) -> tuple[Any, Watch]:
        client = self._client()
        watch = self._watch()
        with self._guarded(watch):
            answer = client.chat.completions.with_raw_response.create(**request, stream=True)
            self._require(answer, "text/event-stream")
            watch.heard()
            return answer.parse(), watch

    def _embedded(self, texts: list[str]) -> list[list[float]]:
        client = self._client()
        with self._guarded(self._watch()):
            answer = client.embeddings.with_raw_response.create(
                model=self.connection.model, input=texts, encoding_format="float"
            )
            self._require(answer, "application/json")
            found = answer.parse()
        self.ctx.usage({"prompt_tokens": getattr(found.usage, "prompt_tokens", 0) or 0})
        if len(found.data) != len(texts):
            raise self._failures.no_model("application/json", f"{len(found.data)} vectors, not {len(texts)}")
        return [list(item.embedding) for item in sorted(found.data, key=lambda item: item.index)]

    def _reranked(self, query: str, texts: list[str]) -> list[float]:
        """Asks ``/rerank``, which vLLM, SiliconFlow, Jina and others have beside the OpenAI protocol.

        Source: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html, Re-rank API
        """
        client = self._client()
        body = {"model": self.connection.model, "query": query, "documents": texts, "top_n": len(texts)}
        with self._guarded(self._watch()):
            found: Any = client.post("/rerank", cast_to=object, body=body)
        try:
            scores = {int(one["index"]): float(one["relevance_score"]) for one in found["results"]}
            return [scores[at] for at in range(len(texts))]
        except (KeyError, TypeError, ValueError) as error:
            raise self._failures.no_model("application/json", f"no score for each text: {error}") from error

    def _chunks(self, answer: Any, watch: Watch) -> Iterator[ChatChunk]:
        said: list[str] = []
        finish = ""
        usage: dict[str, int] | None = None
        parts = iter(answer)
        try:
            while True:
                with self._guarded(watch, said):
                    part = next(parts, None)
                if part is None:
                    break
                watch.heard()
                self._heard()
                usage = _usage(part) or usage
                for choice in part.choices[:1]:
                    finish = choice.finish_reason or finish
                    chunk = _chunk(choice.delta)
                    said.append(chunk.text)
                    if chunk.text or chunk.reasoning:
                        yield chunk
        finally:
            answer.close()
        if not finish:
            raise self._failures.broken("".join(said))
        yield ChatChunk(usage=usage, finish_reason=finish)

    def _heard(self) -> None:
        """Called for each piece of an answer."""

    def _guarded(
        self, watch: Watch, said: list[str] | None = None
    ) -> contextlib.AbstractContextManager[None]:
        return _guard(self._failures, watch, said)

    def _require(self, answer: Any, content_type: str) -> None:
        given = str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
        if given == content_type:
            return
        with contextlib.closing(answer.http_response) as response:
            detail = response.read().decode(errors="replace") if "html" not in given else ""
        try:
            body = json.loads(detail)
        except ValueError:
            body = None
        if isinstance(body, dict) and body.get("error"):
            raise self._failures.status(400, body)
        raise self._failures.no_model(given, detail)


@contextlib.contextmanager
def _guard(failures: Failures, watch: Watch, said: list[str] | None) -> Iterator[None]:
    """Watches a call, and turns what the libraries raise into errors that a person can use.

    Args:
        said: What has come of an answer so far; None before its first piece.
    """
    try:
        watch.look()
        with watching(watch):
            yield
    except Exception as error:
        told = _told(failures, watch.error or error, said)
        if told is error:
            raise
        raise told from error


def _told(failures: Failures, error: BaseException, said: list[str] | None) -> BaseException:
    import httpx
    import openai

    partial = "".join(said or ())
    if isinstance(error, Expired):
        told = failures.expired(error)
        told.extra.update({"partial": partial} if partial else {})
        return told
    if isinstance(error, openai.APIStatusError):
        return failures.status(error.status_code, error.body or error.message, error.response.headers)
    if isinstance(error.__cause__, FlowloftError):
        return error.__cause__
    if said is not None and isinstance(error, (openai.APIError, httpx.TransportError, ValueError)):
        return failures.broken(partial, str(error))
    if isinstance(error, (openai.APIConnectionError, httpx.TransportError)):
        return failures.unreachable(error.__cause__ or error)
    if isinstance(error, (openai.APIError, ValueError)):
        return failures.no_model("", str(error))
    return error


@functools.lru_cache(maxsize=64)
def _client(base_url: str, api_key: str, *, guarded: bool) -> openai.OpenAI:
    """Makes a client once for each address and key, so that connections are used again."""
    import httpx
    import openai

    from flowloft.core.transport import Transport

    http: Any = httpx.Client(transport=Transport(guarded=guarded), follow_redirects=False)
    return openai.OpenAI(
        base_url=base_url,
        api_key=api_key or "none",
        max_retries=0,
        timeout=None,  # the watch and the transport have their own
        http_client=http,
    )


def _chunk(delta: Any) -> ChatChunk:
    if delta is None:
        return ChatChunk()
    more = delta.model_extra or {}
    return ChatChunk(
        text=delta.content or "", reasoning=more.get("reasoning_content") or more.get("reasoning") or ""
    )


def _usage(part: Any) -> dict[str, int] | None:
    found = part.usage
    if found is None and part.choices:
        # Moonshot tells it inside the last choice.
        found = (part.choices[0].model_extra or {}).get("usage")
    if not found:
        return None
    counts = found if isinstance(found, dict) else found.model_dump()
    return {name: int(counts.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")}


def _asked_in_words(messages: list[dict[str, Any]], wanted: dict[str, Any]) -> list[dict[str, Any]]:
    schema = (wanted.get("json_schema") or {}).get("schema")
    words = "Answer with one JSON object and nothing else."
    if schema:
        words += f" It must fit this JSON schema: {json.dumps(schema, ensure_ascii=False)}"
    return [{"role": "system", "content": words}, *messages]


def _job(name: str) -> Literal["chat", "embedding", "rerank"]:
    lowered = name.lower()
    if "rerank" in lowered:
        return "rerank"
    return "embedding" if any(mark in lowered for mark in _EMBEDDING_MARKS) else "chat"
