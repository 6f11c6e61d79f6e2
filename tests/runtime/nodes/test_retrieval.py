"""Questions in other words, and what is found for several. Without this, rewriting changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.context import Context
from flowloft.nodes.knowledge_retriever import KnowledgeRetriever
from flowloft.nodes.query_rewrite import QueryRewrite
from flowloft.rag import Document, FolderKnowledge

from tests.runtime.nodes.test_chat_model import StubModels
from tests.runtime.rag.test_documents import by_letters
from tests.stubs.model_server import ModelServer, model_server

ANSWERED = "Hello 世界!"
"""What the server says to everything."""


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def rewritten(server: ModelServer, how: str, *talk: str) -> tuple[list[str], str, str]:
    """Returns the queries, the question, and what the model was told to do."""
    messages = [
        {"role": "user" if at % 2 == 0 else "assistant", "content": said} for at, said in enumerate(talk)
    ]
    node = QueryRewrite.model_validate({"model": "stub/good", "how": how, "count": 4})
    found = node.run(messages, Context(models=StubModels(server.url)))
    told: Any = server.requests[-1]["messages"][0]["content"] if server.requests else ""
    return found.queries, found.text, str(told)


def test_each_way_asks_the_model_for_what_it_is_called(server: ModelServer) -> None:
    assert rewritten(server, "alone", "When?") == (["When?"], "When?", ""), "nothing stands before it"
    queries, text, told = rewritten(server, "several", "When?")
    assert (queries, text) == (["When?", ANSWERED], "When?")
    assert "4 other ways" in told
    queries, text, told = rewritten(server, "hyde", "When?")
    assert (queries, text) == (["When?", ANSWERED], "When?")
    assert "Answer" in told
    queries, text, told = rewritten(server, "alone", "Is it open?", "Yes.", "And tomorrow?")
    assert (queries, text) == ([ANSWERED], ANSWERED)
    assert "understood alone" in told
    assert "Is it open?" in server.requests[-1]["messages"][1]["content"]


def test_what_several_questions_and_several_groups_find_comes_in_one_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path / "data"))
    (tmp_path / "docs").mkdir()
    for name, text in (("a", "Tea is picked in spring."), ("b", "Coffee is picked in autumn.")):
        (tmp_path / "docs" / f"{name}.md").write_text(text)
    documents = Document(tmp_path / "docs", embed=by_letters)
    documents.create_node_group(
        "title", lambda text: f"About {text.split()[0].lower()}ology", parent="default"
    )
    ctx = Context(knowledge=FolderKnowledge(docs=documents))

    def found(query: Any, **settings: Any) -> list[str]:
        node = KnowledgeRetriever.model_validate({"knowledge": "docs", "mode": "text", **settings})
        return [one["text"] for one in node.run(query, ctx)]

    assert found("teaology") == []
    assert found("teaology", groups=["title"]) == ["About teaology"]
    both = found("tea teaology", groups=["default", "title"])
    assert sorted(both) == ["About teaology", "Tea is picked in spring."]
    assert found(["spring", "coffee", "coffee autumn"])[0] == "Coffee is picked in autumn.", "twice, so first"
    assert len(found(["spring", "coffee"], top_k=1)) == 1
