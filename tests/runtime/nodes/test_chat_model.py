"""The chat model kind, against a server that notes what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.context import Connection, Context, ModelEntry
from flowloft.core.errors import NoFit, ProviderError
from flowloft.core.models import EnvironmentModels
from flowloft.nodes.chat_model import ChatModel
from flowloft.nodes.trainable_module import TrainableModule
from pydantic import ValidationError

from tests.stubs.model_server import KEY, ModelServer, model_server


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


class StubModels:
    def __init__(self, url: str) -> None:
        self.url = url

    def resolve(self, ref: str) -> Connection:
        return Connection(
            provider="openai_compatible",
            name="stub",
            base_url=self.url,
            api_key=KEY,
            model=ref.partition("/")[2],
        )

    def entries(self) -> list[ModelEntry]:
        return []


def said(
    server: ModelServer, messages: list[dict[str, Any]], model: str = "good", system: str = "", **fields: Any
) -> list[str]:
    node = ChatModel.model_validate({"model": f"stub/{model}", **fields})
    return list(node.run(messages, Context(models=StubModels(server.url), seed=7), system))


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def test_one_system_message_then_examples_then_the_newest(server: ModelServer) -> None:
    history = [
        {"role": "system", "content": "From the flow."},
        *user("old"),
        {"role": "assistant", "content": "older answer"},
        *user("new"),
    ]
    assert (
        "".join(said(server, history, remember=2, examples=[{"question": "q", "answer": "a"}]))
        == "Hello 世界!"
    )
    assert server.requests[-1]["messages"] == [
        {"role": "system", "content": "You are a helpful assistant.\n\nFrom the flow."},
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "a"},
        {"role": "assistant", "content": "older answer"},
        {"role": "user", "content": "new"},
    ]


def test_a_system_message_that_comes_in_replaces_that_of_the_settings(server: ModelServer) -> None:
    said(server, user("x"), system="Be brief.")
    assert server.requests[-1]["messages"][0]["content"] == "Be brief."


def test_settings_reach_the_model(server: ModelServer) -> None:
    said(server, user("x"), temperature=0.3, max_tokens=5, stop=["\n"], frequency_penalty=1)
    sent = server.requests[-1]
    assert (sent["temperature"], sent["max_tokens"], sent["stop"], sent["seed"]) == (0.3, 5, ["\n"], 7)
    assert sent["frequency_penalty"] == 1
    said(server, user("x"))
    assert {"temperature", "max_tokens", "stop", "frequency_penalty"}.isdisjoint(server.requests[-1])


@pytest.mark.parametrize("model", ["chooses", "chatters"])
def test_a_choice_comes_out_plain(server: ModelServer, model: str) -> None:
    assert said(server, user("x"), model, choices=["yes", "no"]) == ["no"]
    schema = server.requests[-1]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["answer"]["enum"] == ["yes", "no"]
    assert server.requests[-1]["temperature"] == 0


def test_the_longer_of_two_choices_that_begin_alike_wins(server: ModelServer) -> None:
    assert said(server, user("x"), "chatters", choices=["no", "no, thanks"]) == ["no, thanks"]


def test_an_answer_that_is_no_choice_is_a_failure(server: ModelServer) -> None:
    with pytest.raises(ProviderError) as caught:
        said(server, user("x"), "good", choices=["yes", "no"])
    assert caught.value.error_code == "no_choice"
    assert not caught.value.permanent


@pytest.mark.parametrize("choices", [["a", "A "], ["a", " "]])
def test_choices_must_differ(choices: list[str]) -> None:
    with pytest.raises(ValidationError):
        ChatModel(choices=choices)


def test_models_of_the_environment() -> None:
    nothing = EnvironmentModels({})
    assert nothing.resolve("builtin/smollm2-135m-instruct").provider == "builtin"
    assert {entry.connection for entry in nothing.entries()} == {"builtin"}
    assert {entry.job for entry in nothing.entries()} == {"chat", "embedding"}
    with pytest.raises(NoFit) as caught:
        nothing.resolve("openai/gpt-5.5")
    assert "OPENAI_API_KEY" in caught.value.message
    for ref in ("nobody/x", "openai", "", "builtin/"):
        with pytest.raises(NoFit):
            nothing.resolve(ref)
    some = EnvironmentModels({"OPENAI_API_KEY": "k", "OLLAMA_BASE_URL": "http://box:11434/v1"})
    assert some.resolve("openai/org/model").model == "org/model"
    assert some.resolve("ollama/qwen3").base_url == "http://box:11434/v1"
    assert some.entries()[0].builtin


@pytest.mark.parametrize("kind", [ChatModel, TrainableModule])
def test_pictures_are_shown_to_the_model_and_other_files_are_not(
    kind: type[ChatModel | TrainableModule], server: ModelServer, tmp_path: Path
) -> None:
    class Files:
        def place(self, ref: str) -> Path:
            return tmp_path / ref

    (tmp_path / "cat").write_bytes(b"\x89PNG")
    cat = {"name": "cat.png", "media_type": "image/png", "ref": "cat"}
    note = {"name": "note.pdf", "media_type": "application/pdf", "ref": "gone"}
    asked = [{**user("What is this?")[0], "files": [cat, note]}, {**user("And?")[0], "files": [note]}]
    context = Context(models=StubModels(server.url), files=Files())
    list(kind(model="stub/good").run(asked, context, ""))
    sent = server.requests[-1]["messages"][1:]
    assert sent[0]["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
    ]
    assert sent[1] == {"role": "user", "content": "And?"}
    with pytest.raises(NoFit, match=r"cat\.png"):
        list(kind(model="stub/good").run(asked, Context(models=StubModels(server.url)), ""))
