"""The protocol that nearly every vendor speaks, by the ``openai`` client."""

from __future__ import annotations

import contextlib
import functools
import json
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from flowloft.core.context import ChatChunk, ToolCall
from flowloft.core.errors import FlowloftError, ProviderError
from flowloft.core.keys import TURNS
from flowloft.core.prices import Price
from flowloft.core.provider import Offer, Provider
from flowloft.core.tokens import count_tokens
from flowloft.core.watch import Expired, Watch, watching
from flowloft.providers._errors import Failures
from flowloft.providers._pace import wait_turn
from flowloft.providers._prices import known_price

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
    price_list: ClassVar[str] = ""
    """What the library of prices calls the vendor."""
    idle_seconds: ClassVar[float] = 120.0
    total_seconds: ClassVar[float] = 1800.0
    _key = ""
    """Name of the key that is tried now."""

    @classmethod
    def price_of(cls, model: str) -> Price | None:
        return super().price_of(model) or known_price(cls.price_list, model)

    def stream(self, messages: list[dict[str, Any]], **options: Any) -> Iterator[ChatChunk]:
        request = self._request(messages, options)
        answer, watch = self._tried(lambda: self._opened(request))
        yield from self._chunks(answer, watch, messages)

    def embed(self, texts: list[str]) -> list[list[float]]:
        if "embedding" not in self.jobs:
            return super().embed(texts)
        rows: list[list[float]] = []
        for start in range(0, len(texts), self.embed_batch):
            batch = texts[start : start + self.embed_batch]
            rows.extend(self._tried(functools.partial(self._embedded, batch)))
        return rows

    def rerank(self, query: str, texts: list[str]) -> list[float]:
        if "rerank" not in self.jobs:
            return super().rerank(query, texts)
        return self._tried(functools.partial(self._reranked, query, texts))

    def list_models(self) -> list[Offer]:
        client = self._client()
        with self._guarded(self._watch(idle=15, total=30)):
            answer = client.models.with_raw_response.list()
            self._require(answer, "application/json")
            names = {str(model.id) for model in answer.parse().data}
        known = {offer.model: offer for offer in self.offers}
        if self._address()[0] == self.base_url:
            # Some vendors leave what is not for chat out of their list.
            names |= {offer.model for offer in self.offers if offer.job != "chat"}
        return [known.get(name) or Offer(name, job=_job(name)) for name in sorted(names)]

    def asked(self, call: Callable[[openai.OpenAI], T]) -> T:
        """Has the ``openai`` client asked for something, by the keys and deadlines of the connection."""

        def ask() -> T:
            client = self._client()
            with self._guarded(self._watch()):
                return call(client)

        return self._tried(ask)

    def _address(self) -> tuple[str, str]:
        """Returns base URL and key."""
        return self.connection.base_url or self.base_url, self.connection.secret(self._key)

    def _client(self) -> openai.OpenAI:
        wait_turn(self.connection, self.ctx)
        guarded = bool(self.connection.options.get("guarded"))
        return _client(*self._address(), guarded=guarded, proxy=self.connection.proxy)

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
                return self._in_turn(call)
            except ProviderError as error:
                wait = error.extra.get("retry_after", 0.5 * 2**number * random.uniform(0.8, 1.2))  # noqa: S311
                if error.permanent or error.error_code == "provider_timeout" or wait > LONGEST_WAIT:
                    raise
                self.ctx.log(f"{error.message} Trying again in {wait:.1f} s.", "warning")
                self.ctx.sleep(wait)
        return self._in_turn(call)

    def _in_turn(self, call: Callable[[], T]) -> T:
        """Tries one key after the other, as long as the failure lies with the key."""
        failures: list[ProviderError] = []
        for key in TURNS.of(self.connection):
            self._key = key
            try:
                found = call()
            except ProviderError as error:
                if not TURNS.failed(self.connection, key, error):
                    raise
                failures.append(error)
                continue
            TURNS.answered(self.connection, key)
            return found
        # What may go better by itself says more than a key that is wrong.
        raise min(failures, key=lambda error: error.permanent)

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
        self._used({"prompt_tokens": getattr(found.usage, "prompt_tokens", 0) or 0})
        if len(found.data) != len(texts):
            raise self._failures.no_model("application/json", f"{len(found.data)} vectors, not {len(texts)}")
        return [list(item.embedding) for item in sorted(found.data, key=lambda item: item.index)]

    def _reranked(self, query: str, texts: list[str]) -> list[float]:
        """Asks ``/rerank``, which vLLM, SiliconFlow, Jina and others have beside the OpenAI protocol.

        Source: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html, Re-rank API
        """
        body = {"model": self.connection.model, "query": query, "documents": texts, "top_n": len(texts)}
        client = self._client()
        with self._guarded(self._watch()):
            found: Any = client.post("/rerank", cast_to=object, body=body)
        self._used(found.get("usage") or (found.get("meta") or {}).get("tokens"))
        return self._scores(found, len(texts))

    def _scores(self, found: Any, count: int) -> list[float]:
        try:
            scores = {int(one["index"]): float(one["relevance_score"]) for one in found["results"]}
            return [scores[at] for at in range(count)]
        except (KeyError, TypeError, ValueError) as error:
            raise self._failures.no_model("application/json", f"no score for each text: {error}") from error

    def _used(self, told: Any) -> None:
        """Counts what a call without a stream has used, with what it cost."""
        counts = {name: count for name, count in _counts(told).items() if count}
        self.ctx.usage(counts | self._cost(counts))

    def _cost(self, usage: dict[str, float]) -> dict[str, float]:
        price = self.connection.price or self.price_of(self.connection.model)
        return price.cost(usage) if price else {}

    def _estimated(self, messages: list[dict[str, Any]], written: list[str]) -> dict[str, float]:
        """Returns what a call has used of which the service told nothing; pictures are not counted."""
        read = sum(count_tokens(_text_of(one.get("content"))) for one in messages)
        counts = {"prompt_tokens": float(read), "completion_tokens": float(count_tokens("".join(written)))}
        return {**counts, "estimated_calls": 1.0}

    def _chunks(self, answer: Any, watch: Watch, messages: list[dict[str, Any]]) -> Iterator[ChatChunk]:
        said: list[str] = []
        written: list[str] = []
        finish = ""
        usage: dict[str, float] | None = None
        calls = ToolCalls()
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
                    calls.add(getattr(choice.delta, "tool_calls", None))
                    chunk = _chunk(choice.delta)
                    said.append(chunk.text)
                    written += (chunk.reasoning, chunk.text)
                    if chunk.text or chunk.reasoning:
                        yield chunk
            if not finish:
                raise self._failures.broken("".join(said), "no finish_reason came")
        except BaseException:
            # It was paid for, though nobody hears of its end: neither the last chunk nor its usage comes.
            usage = usage or self._estimated(messages, written)
            self.ctx.usage(usage | self._cost(usage))
            raise
        finally:
            answer.close()
        if usage is not None:
            usage |= self._cost(usage)
        yield ChatChunk(usage=usage, finish_reason=finish, tool_calls=calls.whole())

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
def _client(base_url: str, api_key: str, *, guarded: bool, proxy: str) -> openai.OpenAI:
    """Makes a client once for each address and key, so that connections are used again."""
    import httpx
    import openai

    from flowloft.core.transport import Transport

    http: Any = httpx.Client(transport=Transport(guarded=guarded, proxy=proxy), follow_redirects=False)
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


class ToolCalls:
    """The calls of tools in an answer, which come in fragments."""

    def __init__(self) -> None:
        self._parts: dict[int, list[str]] = {}

    def add(self, fragments: Any) -> None:
        """Takes the fragments of one piece. Most vendors number the calls; some send each whole."""
        for fragment in fragments or ():
            place = fragment.index
            if place is None:
                place = max(self._parts, default=0) + bool(self._parts and fragment.id)
            parts = self._parts.setdefault(place, ["", "", ""])
            function = fragment.function
            parts[0] = fragment.id or parts[0]
            parts[1] += (function.name if function else "") or ""
            parts[2] += (function.arguments if function else "") or ""

    def whole(self) -> tuple[ToolCall, ...]:
        """Returns the calls in their order; one without an id gets one, so that it can be answered."""
        return tuple(
            ToolCall(id or f"call_{place}", name, arguments or "{}")
            for place, (id, name, arguments) in sorted(self._parts.items())
            if name
        )


def _text_of(content: Any) -> str:
    """Returns the text of a message, which may have other parts besides."""
    if isinstance(content, list):
        return " ".join(str(part.get("text") or "") for part in content)
    return str(content or "")


def _usage(part: Any) -> dict[str, float] | None:
    found = part.usage
    if found is None and part.choices:
        # Moonshot tells it inside the last choice.
        found = (part.choices[0].model_extra or {}).get("usage")
    return _counts(found) if found else None


def _counts(told: Any) -> dict[str, float]:
    """Reads usage, under the names that the vendors give it."""
    counts = told if isinstance(told, dict) else told.model_dump() if told is not None else {}
    read = counts.get("prompt_tokens") or counts.get("input_tokens") or counts.get("total_tokens")
    written = counts.get("completion_tokens") or counts.get("output_tokens")
    found = {"prompt_tokens": float(read or 0), "completion_tokens": float(written or 0)}
    details = counts.get("prompt_tokens_details") or {}
    cached = (
        details.get("cached_tokens") or counts.get("cached_tokens") or counts.get("prompt_cache_hit_tokens")
    )
    return {**found, "cached_tokens": float(cached)} if cached else found


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
