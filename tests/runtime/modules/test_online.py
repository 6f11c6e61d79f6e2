"""Online modules, on the built-in models and on a server that notes what it was asked."""

from __future__ import annotations

from collections.abc import Iterator

import flowloft
import pytest
from flowloft.core.errors import FlowError, InputError, NoFit, ProviderError
from flowloft.modules import OnlineChatModule, OnlineEmbeddingModule

from tests.stubs.model_server import KEY, ModelServer, model_server


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def stub(server: ModelServer, **settings: object) -> OnlineChatModule:
    return OnlineChatModule(
        "good",
        provider="openai_compatible",
        base_url=server.url,
        api_key=KEY,
        **settings,  # type: ignore[arg-type]
    )


def test_prompt_history_and_options_reach_the_model(server: ModelServer) -> None:
    chat = stub(server, temperature=0.2).prompt("Speak {language}.", user="Say: {text}")
    history = [("hi", "hello"), {"role": "user", "content": "and?"}]
    assert chat({"language": "French", "text": "yes"}, history=history, max_tokens=9) == "Hello 世界!"
    sent = server.requests[-1]
    assert sent["messages"] == [
        {"role": "system", "content": "Speak French."},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "and?"},
        {"role": "user", "content": "Say: yes"},
    ]
    assert (sent["temperature"], sent["max_tokens"]) == (0.2, 9)


def test_a_conversation_goes_as_it_is_and_a_missing_value_is_named(server: ModelServer) -> None:
    talk = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    stub(server)(talk)
    assert server.requests[-1]["messages"] == talk
    with pytest.raises(InputError, match="tone"):
        stub(server).prompt(user="{input} in {tone}")("x")
    with pytest.raises(InputError):
        stub(server)("x", history=["not a pair"])


def test_a_stream_comes_in_pieces_and_through_a_flow(server: ModelServer) -> None:
    chat = stub(server, stream=True)
    assert len(list(chat("x"))) > 1
    assert "".join(flowloft.pipeline(str.strip, chat)(" x ")) == "Hello 世界!"


def test_what_is_missing_is_said(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(NoFit, match="key"):
        OnlineChatModule("gpt", provider="openai")("x")
    with pytest.raises(NoFit):
        OnlineChatModule("nowhere/none")("x")
    with pytest.raises(NoFit, match="suggests no model"):
        OnlineChatModule(provider="openai_compatible")
    for chat in (OnlineChatModule(source="openai"), OnlineChatModule(provider="openai")):
        assert chat.asking.model.startswith("gpt"), "the model of the box is not asked for at a vendor"
    with pytest.raises(FlowError, match="acme"):
        OnlineChatModule("m", provider="acme")("x")
    wrong = OnlineChatModule(
        "good", provider="openai_compatible", base_url=server.url, api_key="wrong-secret"
    )
    with pytest.raises(ProviderError):
        wrong("x")
    assert "wrong-secret" not in repr(vars(wrong))


@pytest.mark.model
def test_the_built_in_model_answers_whole_and_in_pieces() -> None:
    chat = OnlineChatModule(max_tokens=12, seed=1).prompt("Answer briefly.")
    assert chat("Name a colour.").strip()
    pieces = list(OnlineChatModule(max_tokens=12, stream=True)("Name a colour."))
    assert len(pieces) > 1


@pytest.mark.model
def test_the_built_in_embedding_gives_a_row_for_each_text() -> None:
    embed = OnlineEmbeddingModule()
    rows = embed(["a cat", "a kitten", "tax law"])
    assert [len(row) for row in rows] == [512] * 3
    assert len(embed("a cat")) == 1
    assert embed([]) == []
    near, far = (sum(a * b for a, b in zip(rows[0], row, strict=True)) for row in rows[1:])
    assert near > far
    with pytest.raises(InputError):
        embed([1])  # type: ignore[list-item]
