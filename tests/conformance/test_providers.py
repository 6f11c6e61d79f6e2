"""What holds for every provider: spoken with over real sockets, faults included."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flowloft.core.context import Connection, Context
from flowloft.core.errors import Cancelled, FlowError, NoFit, ProviderError, StepTimeout
from flowloft.core.keys import HEARERS, TURNS, KeyNews
from flowloft.core.online_tuning import ENDED
from flowloft.core.prices import Price
from flowloft.core.provider import PROVIDERS, Provider
from flowloft.core.trainer import TuneWish
from flowloft.providers._openai import OpenAIProtocol

from tests.stopwatch import Stopwatch
from tests.stubs.model_server import BUSY_KEY, KEY, OTHER_KEY, WORDS, ModelServer, model_server
from tests.stubs.proxy_server import proxy_server

ONLINE = [
    key
    for key, provider in PROVIDERS.all().items()
    if issubclass(provider, OpenAIProtocol) and not provider.builtin
]
TUNERS = [key for key in ONLINE if PROVIDERS.get(key).tuning]
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture(autouse=True)
def rested() -> None:
    """No key rests because of an earlier test."""
    TURNS.forget()


def opened(
    server: ModelServer, key: str, model: str = "good", *, ctx: Context | None = None, **fields: Any
) -> Provider:
    given = {"name": "mine", "api_key": KEY, "base_url": server.url, **fields}
    return PROVIDERS.get(key)(Connection(provider=key, model=model, **given), ctx)


def failure(provider: Provider) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        list(provider.stream(HELLO))
    return caught.value


@pytest.mark.parametrize("key", PROVIDERS.keys)
def test_says_who_it_is(key: str) -> None:
    provider = PROVIDERS.get(key)
    assert provider.title
    ones_own = key in ("openai_compatible", "served_module", "web_service")
    assert provider.docs.startswith("https://") or key in ("served_module", "web_service")
    assert provider.builtin or provider.base_url.startswith("http") or ones_own
    assert provider.key_env or not provider.needs_key
    assert bool(provider.offers) == bool(provider.offers_date)
    assert len({offer.model for offer in provider.offers}) == len(provider.offers)
    assert {offer.job for offer in provider.offers} <= provider.jobs
    for model, price in provider.prices.items():
        assert price.date, model
        assert price.source, model


@pytest.mark.parametrize("key", ONLINE)
def test_streams_an_answer(server: ModelServer, key: str) -> None:
    chunks = list(opened(server, key).stream(HELLO, temperature=0.5, max_tokens=9, stop=None, seed=None))
    assert [chunk.text for chunk in chunks if chunk.text] == WORDS
    assert chunks[-1].finish_reason == "stop"
    if server.requests[-1].get("stream_options"):
        assert chunks[-1].usage == {"prompt_tokens": 7, "completion_tokens": 4}
    assert not any(chunk.tool_calls for chunk in chunks)
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
def test_hands_tools_and_images_over_and_brings_calls_and_thoughts_back(
    server: ModelServer, key: str
) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    seen = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture]}]
    last = list(opened(server, key, "calls-tools").stream(seen, tools=tools, tool_choice="auto"))[-1]
    sent = server.requests[-1]
    assert (sent["messages"], sent["tools"], sent["tool_choice"]) == (seen, tools, "auto")
    assert last.finish_reason == "tool_calls"
    assert [(call.id, call.name, call.arguments) for call in last.tool_calls] == [
        ("c1", "weather", '{"city": "Oslo"}'),
        ("c2", "time", "{}"),
    ]
    answer = [{"role": "assistant", "content": "", "tool_calls": [last.tool_calls[0].message()]}]
    answer += [{"role": "tool", "tool_call_id": "c1", "content": "rain"}]
    chunks = list(opened(server, key, "thinks").stream(seen + answer, tools=tools))
    assert server.requests[-1]["messages"][1:] == answer
    assert "".join(chunk.reasoning for chunk in chunks) == "Hmm"
    assert "".join(chunk.text for chunk in chunks) == "".join(WORDS)


@pytest.mark.parametrize("key", ONLINE)
def test_lists_models_and_does_what_it_says_it_does(server: ModelServer, key: str) -> None:
    offers = {offer.model: offer.job for offer in opened(server, key).list_models()}
    assert offers == {"good": "chat", "text-embed": "embedding", "a-reranker": "rerank"}
    texts = ["x" * n for n in range(1, 101)]
    used: dict[str, float] = {}
    ctx = Context()
    ctx.usage = used.update  # type: ignore[method-assign]
    calls = {
        "embedding": lambda: opened(server, key, "text-embed", ctx=ctx).embed(texts),
        "rerank": lambda: opened(server, key, "a-reranker", ctx=ctx).rerank("cats", ["dogs", "cats", "c"]),
    }
    wanted = {"embedding": [[float(n), 1.0] for n in range(1, 101)], "rerank": [0.25, 1.0, 0.25]}
    for job, call in calls.items():
        if job in PROVIDERS.get(key).jobs:
            used.clear()
            assert call() == wanted[job]
            assert used["prompt_tokens"] in (7.0, 9.0)
        else:
            with pytest.raises(ProviderError) as caught:
                call()
            assert caught.value.error_code == "provider_lacks"


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


@pytest.mark.parametrize("key", ONLINE)
def test_faults_of_each_vendor_are_told_by_its_name(server: ModelServer, key: str) -> None:
    title = PROVIDERS.get(key).title
    server.requests.clear()
    for model, code in (("page", "provider_not_a_model"), ("refuses", "provider_refused"),
                        ("breaks-off", "stream_broken"), ("busy-for-long", "provider_busy")):  # fmt: skip
        error = failure(opened(server, key, model))
        assert (error.error_code, error.extra["model"]) == (code, model)
        assert error.message.startswith(title)
        assert error.hint
    assert "".join(chunk.text for chunk in opened(server, key, "busy-once").stream(HELLO)) == "".join(WORDS)
    trickle = opened(server, key, "trickles", options={"total_seconds": 0.3})
    assert failure(trickle).extra["partial"].startswith("aa")


def test_waits_as_long_as_the_service_asks(server: ModelServer) -> None:
    chunks = list(opened(server, "openai_compatible", "busy-once").stream(HELLO))
    assert "".join(chunk.text for chunk in chunks) == "".join(WORDS)


@pytest.mark.parametrize("model", ["breaks-off", "no-end", "error-inside", "no-json"])
def test_an_answer_without_its_end_is_a_failure(server: ModelServer, model: str) -> None:
    server.requests.clear()
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
    with Stopwatch() as took:
        error = failure(opened(server, "openai_compatible", model, options=limits))
    assert error.error_code == "provider_timeout"
    assert time.monotonic() - began > 0.4
    assert took.seconds < 10


def test_an_endless_answer_ends(server: ModelServer) -> None:
    assert failure(opened(server, "openai_compatible", "floods")).error_code == "provider_too_much"


@pytest.mark.parametrize("model", ["mute", "silent", "pings", "trickles"])
def test_cancelling_ends_a_call_within_a_second_and_hangs_up(server: ModelServer, model: str) -> None:
    ctx = Context()
    server.closed_early.clear()
    threading.Timer(0.3, ctx.cancel.cancel).start()
    with Stopwatch() as took, pytest.raises(Cancelled):
        list(opened(server, "openai_compatible", model, ctx=ctx).stream(HELLO))
    assert took.seconds < 1.3
    if model in ("pings", "trickles"):
        assert server.closed_early.wait(30)


def test_nobody_at_the_address() -> None:
    provider = PROVIDERS.get("openai_compatible")(
        Connection(provider="openai_compatible", name="x", base_url="http://127.0.0.1:9/v1", model="m")
    )
    error = failure(provider)
    assert error.error_code == "provider_unreachable"
    assert not error.permanent


def test_a_guarded_connection_does_not_reach_inside(server: ModelServer) -> None:
    provider = opened(server, "openai_compatible", options={"guarded": True})
    with pytest.raises(FlowError) as caught:
        list(provider.stream(HELLO))
    assert caught.value.error_code == "address_refused"


def test_a_call_without_number_and_id_can_be_answered(server: ModelServer) -> None:
    last = list(opened(server, "ollama", "calls-whole").stream(HELLO))[-1]
    assert [(call.id, call.name) for call in last.tool_calls] == [("call_0", "weather")]


def test_each_call_costs_what_the_price_says(server: ModelServer) -> None:
    price = Price("CNY", input=2.0, output=8.0, cached=0.5)
    last = list(opened(server, "openai_compatible", "remembers", price=price).stream(HELLO))[-1]
    assert last.usage == {
        "prompt_tokens": 1000,
        "completion_tokens": 10,
        "cached_tokens": 600,
        "cost_cny": pytest.approx((400 * 2 + 600 * 0.5 + 10 * 8) / 1e6),
    }
    known = PROVIDERS.get("openai").price_of("gpt-5.4-mini")
    assert known is not None
    assert (known.currency, known.input > 0, known.source[:12]) == ("USD", True, "genai-prices")


def test_a_call_that_is_cut_short_is_counted_as_an_estimate(server: ModelServer) -> None:
    price = Price("CNY", input=1e6, output=1e6)
    told: list[dict[str, float]] = []

    class Counting(Context):
        def usage(self, counts: dict[str, float]) -> None:
            told.append(counts)

    def asked(model: str, **fields: Any) -> Iterator[Any]:
        return opened(server, "openai_compatible", model, ctx=Counting(), price=price, **fields).stream(HELLO)

    with pytest.raises(ProviderError, match="broke off"):
        list(asked("breaks-off"))
    with pytest.raises(ProviderError, match="was not done"):
        list(asked("trickles", options={"total_seconds": 0.5}))
    left = asked("trickles")
    next(left)
    left.close()
    list(asked("good"))
    assert [one["estimated_calls"] for one in told] == [1, 1, 1], "once each, and not where it was whole"
    for one in told:
        assert one["prompt_tokens"] == 1
        assert one["completion_tokens"] >= 1
        assert one["cost_cny"] == one["prompt_tokens"] + one["completion_tokens"]


def test_keys_take_turns_and_one_that_is_refused_rests(server: ModelServer) -> None:
    news: list[KeyNews] = []
    HEARERS.append(news.append)
    server.requests.clear()
    keys = {"first": KEY, "busy": BUSY_KEY, "wrong": "sk-nonsense", "second": OTHER_KEY}
    try:
        for _ in range(8):
            list(opened(server, "openai_compatible", keys=keys).stream(HELLO))
    finally:
        HEARERS.remove(news.append)
    asked = server.keys()
    assert (asked.count(BUSY_KEY), asked.count("sk-nonsense")) == (1, 1), "each rests after one failure"
    assert min(asked.count(KEY), asked.count(OTHER_KEY)) >= 3, "the others go on, in turn"
    rests = {one.key: (one.state, one.until - time.time()) for one in news if one.until}
    assert rests["busy"] == ("busy", pytest.approx(7, abs=4)), "as long as the vendor asks"
    assert rests["wrong"] == ("refused", pytest.approx(600, abs=30))
    assert {one.key for one in news if one.state == "answered"} == {"first", "second"}
    assert not any(key in repr(news) for key in keys.values())


def test_keys_that_all_fail_are_told_of_by_the_most_hopeful(server: ModelServer) -> None:
    keys = {"wrong": "sk-nonsense", "busy": BUSY_KEY}
    ctx = Context(timeout=1.0)
    with pytest.raises((ProviderError, StepTimeout)) as caught:
        list(opened(server, "openai_compatible", keys=keys, ctx=ctx, name="all-fail").stream(HELLO))
    assert "sk-nonsense" not in str(caught.value.payload())
    refused = {"a": "sk-nonsense", "b": "sk-nonsense-2"}
    error = failure(opened(server, "openai_compatible", keys=refused, name="refused"))
    assert (error.error_code, error.permanent) == ("provider_auth", True)


def test_requests_go_out_no_faster_than_allowed(server: ModelServer) -> None:
    server.requests.clear()
    began = time.monotonic()
    for _ in range(3):
        list(opened(server, "openai_compatible", options={"per_minute": 300}, name="paced").stream(HELLO))
    assert time.monotonic() - began > 0.4


def test_goes_through_a_proxy_with_its_password(server: ModelServer) -> None:
    with proxy_server() as proxy:
        provider = opened(server, "openai_compatible", proxy=f"http://user:word@127.0.0.1:{proxy.port}")
        assert "word" not in repr(provider.connection)
        chunks = list(provider.stream(HELLO))
        assert "".join(chunk.text for chunk in chunks) == "".join(WORDS)
        assert proxy.asked == [f"POST {server.url}/chat/completions"]
        assert proxy.passwords == {"Basic dXNlcjp3b3Jk"}
        guarded = opened(
            server, "openai_compatible", proxy=provider.connection.proxy, options={"guarded": True}
        )
        with pytest.raises(FlowError) as caught:
            list(guarded.stream(HELLO))
        assert caught.value.error_code == "address_refused"
        assert len(proxy.asked) == 1


EXAMPLES = [
    {"messages": [{"role": "user", "content": f"{n}?"}, {"role": "assistant", "content": "世界"}]}
    for n in range(12)
]
PAIRS = [
    {
        "prompt": [{"role": "user", "content": f"{n}?"}],
        "chosen": [{"role": "assistant", "content": "yes"}],
        "rejected": [{"role": "assistant", "content": "no"}],
    }
    for n in range(12)
]


@pytest.mark.parametrize("key", TUNERS)
def test_a_fine_tune_is_started_followed_and_used(server: ModelServer, key: str) -> None:
    tuner = opened(server, key).tuner()
    assert tuner.models
    wish = TuneWish(epochs=2, batch=4)
    tune = tuner.start("base", EXAMPLES, EXAMPLES[:2], wish, "My FAQ")
    states = [tune.state]
    while tune.state not in ENDED:
        tune = tuner.state(tune.id)
        states.append(tune.state)
    assert states == ["queued", "running", "succeeded"]
    assert (tune.base, tune.model, tune.trained_tokens) == ("base", f"ft:base:{tune.id}", 1234)
    assert EXAMPLES in server.tuning.files.values()
    losses = [event.numbers["loss"] for event in tuner.events(tune.id) if "loss" in event.numbers]
    assert losses == sorted(losses, reverse=True)
    failed = tuner.start("fails", EXAMPLES, [], TuneWish())
    while failed.state not in ENDED:
        failed = tuner.state(failed.id)
    assert (failed.state, failed.message, failed.model) == ("failed", "The loss is not a number", "")


@pytest.mark.parametrize("key", TUNERS)
def test_a_fine_tune_can_be_stopped_and_a_wrong_one_is_not_begun(server: ModelServer, key: str) -> None:
    tuner = opened(server, key).tuner()
    tune = tuner.start("slow", EXAMPLES, [], TuneWish())
    assert tuner.cancel(tune.id).state in ("cancelled", "running")
    assert tuner.state(tune.id).state == "cancelled"
    files = len(server.tuning.files)
    for examples, wish in ((EXAMPLES[:3], TuneWish()), (EXAMPLES, TuneWish(method="dora"))):
        with pytest.raises(NoFit):
            tuner.start("base", examples, [], wish)
    assert len(server.tuning.files) == files
    if "dpo" in tuner.objectives:
        assert tuner.start("base", PAIRS, [], TuneWish()).state == "queued"
    else:
        with pytest.raises(NoFit, match="pairs"):
            tuner.start("base", PAIRS, [], TuneWish())
    with pytest.raises(ProviderError) as caught:
        tuner.state("nonsense")
    assert caught.value.permanent


@pytest.mark.parametrize("key", sorted({*ONLINE} - {*TUNERS}))
def test_who_does_not_fine_tune_says_so(server: ModelServer, key: str) -> None:
    with pytest.raises(ProviderError) as caught:
        opened(server, key).tuner()
    assert caught.value.error_code == "provider_lacks"


def test_a_pair_of_keys_becomes_a_token(server: ModelServer) -> None:
    """SenseNova's older accounts have an access key and a secret key."""
    error = failure(opened(server, "sensenova", api_key="access-1:secret-1"))
    assert error.error_code == "provider_auth"
    token = server.keys()[-1]
    head, claims, sign = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(head)["alg"] == "HS256"
    told = json.loads(claims)
    assert told["iss"] == "access-1"
    assert told["nbf"] <= time.time() < told["exp"]
    said = token.rpartition(".")[0].encode()
    assert sign == hmac.new(b"secret-1", said, "sha256").digest()
    assert "secret-1" not in json.dumps(error.payload())


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
