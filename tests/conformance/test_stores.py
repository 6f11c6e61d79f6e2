"""What holds for every store; Chroma's is a real server."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flowloft.core.errors import InputError
from flowloft.core.store import (
    TEXT_STORES,
    VECTOR_STORES,
    Combine,
    Compare,
    Filter,
    Found,
    TextRow,
    TextStore,
    VectorRow,
    VectorStore,
    fits,
)

NAME = "知识库 of 2026/测试"
FACTS = [
    {"document_id": "a", "year": 2020, "lang": "en", "tags": ["red", "blue"], "share": 0.5},
    {"document_id": "a", "year": 2021, "lang": "zh", "tags": ["红"], "open": True},
    {"document_id": "b", "year": 2022, "lang": "en", "tags": ["blue"]},
    {"document_id": "c", "lang": "fr", "share": 2.0},
]
TEXTS = [
    "The library opens at nine in the morning.",
    "图书馆早上九点开门，周日休息。",
    "Reading rooms close at five; the librarians go home.",
    "La bibliothèque ouvre à neuf heures. call read_file(path) AND OR NOT title:x",
]
FILTERS: list[Filter] = [
    Compare(field="lang", value="en"),
    Compare(field="lang", op="ne", value="en"),
    Compare(field="lang", op="in", value=["zh", "fr"]),
    Compare(field="year", op="nin", value=[2020, 2022]),
    Compare(field="year", value=2021),
    Compare(field="year", op="lt", value=2021),
    Compare(field="year", op="lte", value=2021),
    Compare(field="year", op="gt", value=2021),
    Compare(field="year", op="gte", value=2021),
    Compare(field="tags", op="contains", value="blue"),
    Compare(field="tags", op="contains", value="红"),
    Compare(field="open", value=True),
    Combine(
        op="or",
        filters=[Compare(field="lang", value="fr"), Compare(field="tags", op="contains", value="red")],
    ),
    Combine(filters=[Compare(field="lang", value="en"), Compare(field="year", op="gt", value=2020)]),
    Combine(filters=[Compare(field="lang", value="en")]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(params=VECTOR_STORES.keys)
def vectors(request: pytest.FixtureRequest, folder: Path) -> Iterator[VectorStore]:
    store = VECTOR_STORES.get(request.param)(folder / request.param)  # type: ignore[call-arg]
    yield store
    store.drop(NAME)
    store.close()


@pytest.fixture(params=TEXT_STORES.keys)
def texts(request: pytest.FixtureRequest, tmp_path: Path) -> TextStore:
    return TEXT_STORES.get(request.param)(tmp_path / "texts")  # type: ignore[call-arg]


@pytest.fixture(scope="module", autouse=True)
def ended(folder: Path) -> Iterator[None]:
    yield
    VECTOR_STORES.get("chroma")(folder / "chroma").stop()  # type: ignore[call-arg, attr-defined]


def unit(seed: int, width: int = 16) -> list[float]:
    draw = random.Random(seed)
    row = [draw.gauss(0, 1) for _ in range(width)]
    length = sum(number * number for number in row) ** 0.5
    return [number / length for number in row]


def rows() -> list[VectorRow]:
    return [VectorRow(f"行 {n}", unit(n), dict(facts)) for n, facts in enumerate(FACTS)]  # type: ignore[arg-type]


def test_vectors_are_found_replaced_and_gone(vectors: VectorStore) -> None:
    assert vectors.count(NAME) == 0
    assert vectors.query(NAME, unit(1), 3) == []
    vectors.delete(NAME, ids=["never there"])
    vectors.upsert(NAME, rows())
    vectors.upsert(NAME, rows())
    assert vectors.count(NAME) == 4
    best = vectors.query(NAME, unit(1), 2)
    assert best[0].id == "行 1"
    assert best[0].score == pytest.approx(1, abs=1e-4)
    assert best[0].score >= best[1].score
    assert len(vectors.query(NAME, unit(1), 100)) == 4
    vectors.upsert(NAME, [VectorRow("行 1", unit(99))])
    assert vectors.query(NAME, unit(99), 1)[0].id == "行 1"
    assert vectors.vectors(NAME, ["行 1", "nobody"])["行 1"] == pytest.approx(unit(99), abs=1e-5)
    assert sorted(vectors.ids(NAME)) == [f"行 {n}" for n in range(4)]
    vectors.delete(NAME, ids=["行 1"])
    vectors.delete(NAME, where=Compare(field="document_id", value="a"))
    assert sorted(vectors.ids(NAME)) == ["行 2", "行 3"]
    vectors.drop(NAME)
    assert vectors.count(NAME) == 0


def test_vectors_of_another_size_are_refused(vectors: VectorStore) -> None:
    vectors.upsert(NAME, rows())
    with pytest.raises(InputError) as caught:
        vectors.upsert(NAME, [VectorRow("x", unit(1, 8))])
    assert caught.value.error_code == "wrong_dimensions"


def test_vector_filters_mean_what_fits_says(vectors: VectorStore) -> None:
    vectors.upsert(NAME, rows())
    for where in FILTERS:
        found = {one.id for one in vectors.query(NAME, unit(0), 10, where)}
        assert found == {f"行 {n}" for n, facts in enumerate(FACTS) if fits(where, facts)}, where


def test_vectors_near_the_question_are_nearly_all_found(vectors: VectorStore) -> None:
    many = [VectorRow(str(n), unit(n, 64)) for n in range(3000)]
    vectors.upsert(NAME, many)
    hits = 0
    for seed in range(50_000, 50_020):
        asked = unit(seed, 64)
        true = sorted(many, key=lambda row: -sum(a * b for a, b in zip(row.vector, asked, strict=True)))[:5]
        hits += len({row.id for row in true} & {one.id for one in vectors.query(NAME, asked, 5)})
    assert hits >= 98


def test_what_is_written_is_there_in_another_process(vectors: VectorStore, folder: Path) -> None:
    vectors.upsert(NAME, rows())
    name = type(vectors).__module__.rpartition(".")[2]
    code = (
        "from flowloft.core.store import VECTOR_STORES\n"
        f"store = VECTOR_STORES.get({name!r})({str(folder / name)!r})\n"
        f"print(store.query({NAME!r}, {unit(2)!r}, 1)[0].id)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "行 2"


def test_a_killed_server_comes_back_with_all_it_had(folder: Path) -> None:
    import os
    import signal

    from flowloft.stores.vectors import chroma

    store = chroma.Chroma(folder / "chroma")
    store.upsert(NAME, rows())
    server = chroma._server(folder / "chroma")
    state = server._state()
    assert state is not None
    os.kill(state.pid, signal.SIGKILL)
    assert store.query(NAME, unit(2), 1)[0].id == "行 2"
    store.drop(NAME)


def test_a_server_of_ones_own_is_used_where_its_address_is_set(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowloft.stores.vectors import chroma

    own = chroma.Chroma(folder / "chroma")
    own.upsert(NAME, rows())
    monkeypatch.setenv(chroma.URL_ENV, chroma._server(folder / "chroma").address(lambda: None).url)
    other = chroma.Chroma(folder / "nothing")
    assert other.query(NAME, unit(2), 1)[0].id == "行 2"
    other.stop()
    assert own.count(NAME) == 4, "a server of one's own is nobody else's to end"
    assert not (folder / "nothing").exists()
    own.drop(NAME)


def kept() -> list[TextRow]:
    both = zip(TEXTS, FACTS, strict=True)
    return [TextRow(f"行 {n}", text, dict(facts), {"n": n}) for n, (text, facts) in enumerate(both)]  # type: ignore[arg-type]


def test_texts_are_found_replaced_and_gone(texts: TextStore) -> None:
    assert texts.count(NAME) == 0
    assert texts.search(NAME, "library", 3) == []
    texts.upsert(NAME, kept())
    texts.upsert(NAME, kept())
    assert texts.count(NAME) == 4
    assert [one.id for one in texts.search(NAME, "When does the LIBRARY open?", 1)] == ["行 0"]
    assert [one.id for one in texts.search(NAME, "图书馆几点开门", 3)] == ["行 1"]
    assert [one.id for one in texts.search(NAME, "周日", 3)] == ["行 1"]
    assert [one.id for one in texts.search(NAME, "bibliotheque", 3)] == ["行 3"]
    assert [one.id for one in texts.search(NAME, "file", 3)] == ["行 3"]
    assert texts.get(NAME, ["行 2", "nobody"]) == {"行 2": kept()[2]}
    texts.upsert(NAME, [TextRow("行 0", "something else")])
    assert texts.search(NAME, "morning", 3) == []
    texts.delete(NAME, ids=["行 0"])
    texts.delete(NAME, where=Compare(field="document_id", value="a"))
    assert sorted(row.id for row in texts.rows(NAME)) == ["行 2", "行 3"]
    texts.drop(NAME)
    assert texts.count(NAME) == 0


@pytest.mark.parametrize(
    "query", ["", "  ", "AND", "title:x (", '"', "a AND NOT *", "x" * 5000, "~^[]{}", "\x00"]
)
def test_any_text_is_a_query(texts: TextStore, query: str) -> None:
    texts.upsert(NAME, kept())
    assert len(texts.search(NAME, query, 3)) <= 3


def test_text_filters_mean_what_fits_says(texts: TextStore) -> None:
    texts.upsert(NAME, [TextRow(row.id, "same words", row.metadata) for row in kept()])
    for where in FILTERS:
        wanted = {f"行 {n}" for n, facts in enumerate(FACTS) if fits(where, facts)}
        assert {one.id for one in texts.search(NAME, "words", 10, where)} == wanted, where
        assert {row.id for row in texts.rows(NAME, where)} == wanted, where


def test_processes_take_turns_at_writing(texts: TextStore, tmp_path: Path) -> None:
    name = type(texts).__module__.rpartition(".")[2]
    code = (
        "import sys\nfrom flowloft.core.store import TEXT_STORES, TextRow\n"
        f"store = TEXT_STORES.get({name!r})({str(tmp_path / 'texts')!r})\n"
        "for n in range(5): store.upsert('shared', [TextRow(f'{sys.argv[1]}-{n}', 'a word')])"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(one)]) for one in range(3)]
    assert [one.wait() for one in started] == [0, 0, 0]
    assert texts.count("shared") == 15
    assert len(texts.search("shared", "word", 100)) == 15


def test_next_to_none_is_missed_among_very_many_vectors(tmp_path: Path) -> None:
    dice = np.random.default_rng(5)
    # Without clusters, where the nearest differ least: the hardest there is.
    given = dice.standard_normal((30_000, 64)).astype(np.float32)
    given /= np.linalg.norm(given, axis=1, keepdims=True)
    rows = [VectorRow(str(at), row, {"half": at % 2}) for at, row in enumerate(given)]
    store = VECTOR_STORES.get("exact")(path=tmp_path)  # type: ignore[call-arg]
    store.upsert(NAME, rows[:25_000])
    store.query(NAME, given[0], 10)
    store.upsert(NAME, rows[25_000:])
    asked = dice.standard_normal((40, 64)).astype(np.float32)

    def share(found: list[list[Found]], scores: np.ndarray) -> float:
        best = np.argsort(-scores, axis=1)[:, :10]
        pairs = zip(found, best, strict=True)
        return sum(len({one.id for one in got} & set(map(str, want))) for got, want in pairs) / best.size

    scores = asked @ given.T / np.linalg.norm(asked, axis=1, keepdims=True)
    found = [store.query(NAME, one, 10) for one in asked]
    assert share(found, scores) >= 0.99
    for got, row in zip(found, scores, strict=True):
        assert [one.score for one in got] == pytest.approx([row[int(one.id)] for one in got], abs=1e-5)
    even = Compare(field="half", value=0)
    few = Compare(field="half", op="in", value=[1])
    store.delete(NAME, [str(at) for at in range(1, 5_000, 2)])
    gone = np.where((np.arange(30_000) < 5_000) & (np.arange(30_000) % 2 == 1), -9, scores)
    assert share([store.query(NAME, one, 10) for one in asked], gone) >= 0.99
    for where, half in ((even, 0), (few, 1)):
        of_half = np.where(np.arange(30_000) % 2 == half, gone, -9)
        assert share([store.query(NAME, one, 10, where) for one in asked], of_half) >= 0.99
