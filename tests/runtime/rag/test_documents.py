"""What a script does with documents, through the public doors."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from flowloft.core.context import Context
from flowloft.core.errors import NoFit, ProviderError
from flowloft.core.knowledge import Citation, Hit, SearchSettings
from flowloft.core.store import Compare, Found
from flowloft.rag import (
    Document,
    Embedder,
    FolderKnowledge,
    Reranker,
    Retriever,
    VectorCache,
    keywords,
    questions,
    search_knowledge,
    summary,
)
from flowloft.rag.fuse import fused
from flowloft.splitters.sentence import Sentence


def by_letters(texts: Sequence[str]) -> list[list[float]]:
    """Vectors of pairs of letters: alike texts are near each other."""
    rows = []
    for text in texts:
        row = [0.001] * 64
        for at in range(len(text) - 1):
            row[int(hashlib.sha256(text[at : at + 2].lower().encode()).hexdigest(), 16) % 64] += 1
        rows.append(row)
    return rows


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "docs"
    place.mkdir()
    (place / "library.md").write_text(
        "# Library\n\nThe library opens at nine.\n\n"
        "## Cards\n\nA card costs two euros. Children pay nothing.\n"
    )
    (place / "图书馆.md").write_text("# 图书馆\n\n图书馆早上九点开门。\n\n## 借书\n\n每人可以借五本书。\n")
    return place


def test_a_folder_is_found_by_words_and_meaning_with_its_places(folder: Path) -> None:
    documents = Document(folder, embed=by_letters, splitter=Sentence(size=60, overlap=0))
    hits = Retriever(documents, top_k=2)("What does a card cost?")
    assert "two euros" in hits[0].text
    assert hits[0].document_id == "library.md"
    assert hits[0].heading_path == ("Library", "Cards")
    assert hits[0].scores.fused is not None
    assert "五本" in Retriever(documents, mode="text", top_k=1)("可以借几本书")[0].text
    citation = Citation.of(1, hits[0].document())
    assert (citation.title, citation.document_id) == ("Library", "library.md")
    assert citation.places[0].end > citation.places[0].start


def test_a_changed_file_is_searched_as_it_is_now_and_a_broken_one_is_named(folder: Path) -> None:
    documents = Document(folder, embed=by_letters)
    documents.refresh()
    (folder / "library.md").write_text("# Library\n\nThe library is closed for works.\n")
    (folder / "broken.pdf").write_bytes(b"no pdf")
    documents.refresh()
    assert documents.failed["broken.pdf"].error_code == "unreadable"
    texts = [hit.text for hit in Retriever(documents, top_k=20)("library")]
    assert any("closed" in text for text in texts)
    assert not any("nine" in text for text in texts)


def test_node_groups_lead_back_to_their_parents(folder: Path) -> None:
    documents = Document(folder, embed=by_letters)
    documents.create_node_group("coarse", "markdown")
    documents.create_node_group("fine", Sentence(size=30, overlap=0), parent="coarse")
    documents.create_node_group("summary", summary(lambda prompt: "About fees"), parent="coarse")
    documents.create_node_group("qa", questions(lambda prompt: "1. How much?\n2. Who pays?"), parent="coarse")
    documents.create_node_group("words", keywords(lambda prompt: "fees, euros"), parent="coarse")
    fine = Retriever(documents, "fine", top_k=1, expand="parent")("Children pay nothing")[0]
    assert fine.matched == "Children pay nothing."
    assert "A card costs two euros" in fine.text
    assert Retriever(documents, "qa", top_k=1)("Who pays?")[0].text == "Who pays?"
    with pytest.raises(NoFit, match="no node group"):
        documents.search("x", SearchSettings(groups=["nothing"]))


def test_windows_filters_and_thresholds(folder: Path) -> None:
    documents = Document(folder, embed=by_letters, splitter=Sentence(size=30, overlap=0))
    hit = Retriever(documents, mode="text", top_k=1, expand="window")("euros")[0]
    assert hit.matched == "Cards\n\nA card costs two euros."
    assert "Children pay nothing." in hit.text
    found = documents.search("opens", SearchSettings(filters=Compare(field="language", value="zh"), top_k=50))
    assert {one.document_id for one in found.hits} == {"图书馆.md"}
    assert {"embed", "dense", "text", "fuse", "load", "total"} <= found.timings.keys()
    assert documents.search("zzzz", SearchSettings(mode="dense", threshold=0.99)).hits == []


@pytest.mark.parametrize("by", ["keyword", "rrf", "none"])
def test_a_reranker_puts_the_best_first(folder: Path, by: str) -> None:
    documents = Document(folder, embed=by_letters, splitter=Sentence(size=60, overlap=0))
    hits = Reranker(by, top_k=2)("What does a card cost", Retriever(documents)("What does a card cost"))
    assert "card costs" in hits[0].text
    assert len(hits) == 2


@pytest.mark.model
def test_an_embedding_model_reranks_by_meaning_and_across_languages() -> None:
    texts = ("The library is closed on Mondays.", "猫喜欢在阳光下睡觉。", "A card costs two euros.")
    hits = [Hit(chunk_id=text, document_id="d", text=text) for text in texts]
    first, *_ = Reranker("embedding")("Cats like to sleep in the sunshine.", hits)
    assert first.text == texts[1]
    assert first.scores.reranked is not None
    assert 0.3 < first.scores.reranked <= 1


def test_two_rankings_join_by_rank_as_published() -> None:
    dense = [Found("a", 0.9), Found("b", 0.8), Found("c", 0.1)]
    words = [Found("c", 7.0), Found("a", 6.0)]
    found = fused(dense, words, SearchSettings(fusion="rrf", rrf_k=60, dense_weight=0.5))
    wanted = {"a": 0.5 / 61 + 0.5 / 62, "c": 0.5 / 63 + 0.5 / 61, "b": 0.5 / 62}
    assert {one.id: one.score for one in found} == pytest.approx(wanted)
    assert [one.id for one in found] == list(wanted)


def test_requests_keep_to_the_pace_that_was_asked_for() -> None:
    at: list[float] = []

    def noted(texts: Sequence[str]) -> list[list[float]]:
        at.append(time.monotonic())
        return by_letters(texts)

    began = time.monotonic()
    Embedder(noted, batch=1, per_minute=600)(["a", "b", "c", "d"])
    # One that was late does not hold up the next: each has its own earliest moment.
    assert all(moment - began > number * 0.1 - 0.01 for number, moment in enumerate(at))
    assert len(at) == 4


def test_a_text_is_embedded_once_and_a_failed_call_is_repeated(tmp_path: Path) -> None:
    calls = []

    def flaky(texts: Sequence[str]) -> list[list[float]]:
        calls.append(list(texts))
        if len(calls) == 1:
            raise ProviderError("busy", permanent=False)
        return by_letters(texts)

    cache = VectorCache(tmp_path / "vectors.sqlite")
    embed = Embedder(flaky, cache=cache, fingerprint="letters", batch=2)
    first = embed(["a b", "c d", "a b", "e f"])
    assert calls == [["a b", "c d"], ["a b", "c d"], ["e f"]]
    again = Embedder(flaky, cache=VectorCache(tmp_path / "vectors.sqlite"), fingerprint="letters")
    assert again(["e f", "a b"]) == [pytest.approx(first[3]), pytest.approx(first[0])]
    assert len(calls) == 3
    Embedder(flaky, cache=cache, fingerprint="other")(["a b"])
    assert len(calls) == 4


def test_an_index_says_where_its_parts_disagree(folder: Path) -> None:
    documents = Document(folder, embed=by_letters).refresh()
    index = documents._index
    assert not index.check()
    gone, *_ = index.vectors.ids(index.collection)
    index.vectors.delete(index.collection, ids=[gone])
    found = index.check([*index.vectors.ids(index.collection), gone, "never"])
    assert (found.only_texts, found.missing) == ([gone], ["never"])


def test_a_flow_finds_a_folder_by_name_and_by_path(folder: Path) -> None:
    source = FolderKnowledge(library=Document(folder, embed=by_letters))
    ctx = Context(knowledge=source)
    found = search_knowledge(ctx, "library", "card", SearchSettings(top_k=1))
    assert found.hits[0].document_id == "library.md"
    with pytest.raises(NoFit) as caught:
        search_knowledge(ctx, str(folder / "nowhere"), "card", SearchSettings())
    assert caught.value.error_code == "unknown_knowledge"
