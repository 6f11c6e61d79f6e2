"""What holds for every provider: spoken with over real sockets, faults included."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flowloft.core.context import Connection, Context
from flowloft.core.errors import Cancelled, ProviderError
from flowloft.core.provider import PROVIDERS, Provider

from tests.stubs.model_server import KEY, WORDS, ModelServer, model_server

ONLINE = [key for key in PROVIDERS.keys if not PROVIDERS.get(key).builtin]
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def opened(
    server: ModelServer, key: str, model: str = "good", *, ctx: Context | None = None, **fields: Any
) -> Provider:
    given = {"api_key": KEY, "base_url": server.url, **fields}
    return PROVIDERS.get(key)(Connection(provider=key, name="mine", model=model, **given), ctx)


def failure(provider: Provider) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        list(provider.stream(HELLO))
    return caught.value


@pytest.mark.parametrize("key", PROVIDERS.keys)
def test_says_who_it_is(key: str) -> None:
    provider = PROVIDERS.get(key)
    assert provider.title
    assert provider.docs.startswith("https://")
    assert provider.builtin or provider.base_url.startswith("http") or key == "openai_compatible"
    assert provider.key_env or not provider.needs_key
    assert bool(provider.offers) == bool(provider.offers_date)
    assert len({offer.model for offer in provider.offers}) == len(provider.offers)


@pytest.mark.parametrize("key", ONLINE)
def test_streams_an_answer(server: ModelServer, key: str) -> None:
    chunks = list(opened(server, key).stream(HELLO, temperature=0.5, max_tokens=9, stop=None, seed=None))
    assert [chunk.text for chunk in chunks if chunk.text] == WORDS
    assert chunks[-1].finish_reason == "stop"
    if server.requests[-1].get("stream_options"):
        assert chunks[-1].usage == {"prompt_tokens": 7, "completion_tokens": 4}
    sent = server.requests[-1]
    assert sent["messages"] == HELLO
    assert sent.get("max_tokens", sent.get("max_completion_tokens")) == 9
    assert "stop" not in sent
    assert sent["headers"]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ONLINE)
def test_asks_for_json_in_a_way_that_the_vendor_knows(server: ModelServer, key: str) -> None:
    schema = {"type": "object", "properties": {"a": {"enum": ["yes", "no"]}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    list(opened(server, key).stream(HELLO, response_format=wanted))
    sent = server.requests[-1]
    in_words = json.dumps(schema) in json.dumps(sent["messages"]).replace('\\"', '"')
    assert (sent.get("response_format") == wanted) != in_words


@pytest.mark.parametrize("key", ONLINE)
def test_lists_models_and_embeds(server: ModelServer, key: str) -> None:
    offers = {offer.model: offer.job for offer in opened(server, key).list_models()}
    assert offers == {"good": "chat", "text-embed": "embedding", "a-reranker": "rerank"}
    texts = ["x" * n for n in range(1, 101)]
    assert opened(server, key, "text-embed").embed(texts) == [[float(n), 1.0] for n in range(1, 101)]


@pytest.mark.parametrize("key", ONLINE)
def test_names_provider_and_model_and_hides_the_key(server: ModelServer, key: str) -> None:
    error = failure(opened(server, key, api_key="sk-wrong-secret"))
    assert error.error_code == "provider_auth"
    assert error.permanent
    assert PROVIDERS.get(key).title in error.message
    assert error.extra["model"] == "good"
    assert "mine" in error.hint
    assert "sk-wrong-secret" not in json.dumps(error.payload())
    assert (
        sum(request["headers"]["authorization"] == "Bearer sk-wrong-secret" for request in server.requests)
        == 1
    )
    server.requests.clear()


FAULTS = {
    "busy": ("provider_busy", False, 3),
    "busy-for-long": ("provider_busy", False, 1),
    "broke": ("provider_quota", True, 1),
    "down": ("provider_unavailable", False, 3),
    "refuses": ("provider_refused", True, 1),
    "unknown": ("provider_model_unknown", True, 1),
    "too-long": ("context_too_long", True, 1),
    "moved": ("provider_moved", True, 1),
    "page": ("provider_not_a_model", True, 1),
    "error-with-200": ("provider_refused", True, 1),
}


@pytest.mark.parametrize("model", FAULTS)
def test_words_each_fault_and_repeats_only_what_may_help(server: ModelServer, model: str) -> None:
    code, permanent, tries = FAULTS[model]
    error = failure(opened(server, "openai_compatible", model))
    assert (error.error_code, error.permanent, server.count(model)) == (code, permanent, tries)
    assert error.hint


def test_waits_as_long_as_the_service_asks(server: ModelServer) -> None:
    chunks = list(opened(server, "openai_compatible", "busy-once").stream(HELLO))
    assert "".join(chunk.text for chunk in chunks) == "".join(WORDS)


@pytest.mark.parametrize("model", ["breaks-off", "no-end", "error-inside", "no-json"])
def test_an_answer_without_its_end_is_a_failure(server: ModelServer, model: str) -> None:
    error = failure(opened(server, "openai_compatible", model))
    assert error.error_code == "stream_broken"
    assert not error.permanent
    assert error.extra["partial"].startswith("Hel")
    assert server.count(model) == 1


@pytest.mark.parametrize(
    ("model", "limits"),
    [
        ("mute", {"idle_seconds": 0.5}),
        ("silent", {"idle_seconds": 0.5}),
        ("pings", {"idle_seconds": 0.5}),
        ("trickles", {"total_seconds": 0.5}),
    ],
)
def test_a_slow_answer_ends_by_its_deadline(
    server: ModelServer, model: str, limits: dict[str, float]
) -> None:
    began = time.monotonic()
    error = failure(opened(server, "openai_compatible", model, options=limits))
    assert error.error_code == "provider_timeout"
    assert 0.4 < time.monotonic() - began < 2


def test_an_endless_answer_ends(server: ModelServer) -> None:
    assert failure(opened(server, "openai_compatible", "floods")).error_code == "provider_too_much"


@pytest.mark.parametrize("model", ["mute", "silent", "pings", "trickles"])
def test_cancelling_ends_a_call_within_a_second_and_hangs_up(server: ModelServer, model: str) -> None:
    ctx = Context()
    server.closed_early.clear()
    threading.Timer(0.3, ctx.cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(opened(server, "openai_compatible", model, ctx=ctx).stream(HELLO))
    assert time.monotonic() - began < 1.3
    if model in ("pings", "trickles"):
        assert server.closed_early.wait(2)


def test_nobody_at_the_address() -> None:
    provider = PROVIDERS.get("openai_compatible")(
        Connection(provider="openai_compatible", name="x", base_url="http://127.0.0.1:9/v1", model="m")
    )
    error = failure(provider)
    assert error.error_code == "provider_unreachable"
    assert not error.permanent


def test_a_guarded_connection_does_not_reach_inside(server: ModelServer) -> None:
    from flowloft.core.errors import FlowError

    provider = opened(server, "openai_compatible", options={"guarded": True})
    with pytest.raises(FlowError) as caught:
        list(provider.stream(HELLO))
    assert caught.value.error_code == "address_refused"


def test_reasoning_is_told_apart(server: ModelServer) -> None:
    chunks = list(opened(server, "deepseek", "thinks").stream(HELLO))
    assert "".join(chunk.reasoning for chunk in chunks) == "Hmm"
    assert "".join(chunk.text for chunk in chunks) == "".join(WORDS)


def test_usage_inside_a_choice_is_found(server: ModelServer) -> None:
    assert list(opened(server, "kimi", "usage-in-choice").stream(HELLO))[-1].usage == {
        "prompt_tokens": 7,
        "completion_tokens": 4,
    }


def test_vectors_that_are_missing_are_noticed(server: ModelServer) -> None:
    with pytest.raises(ProviderError):
        opened(server, "openai", "loses-one").embed(["a", "b"])


def test_models_with_a_fixed_temperature_are_sent_none(server: ModelServer) -> None:
    for key, model in (("openai", "gpt-5.5"), ("kimi", "kimi-k3")):
        list(opened(server, key, model).stream(HELLO, temperature=0.0))
        assert "temperature" not in server.requests[-1]
