"""A knowledge base of many small documents, and what must hold of it whatever was killed."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from typing import Any

from tests.faults.studio import Studio

PARTS = 6
"""Passages of a document; each has a mark that stands nowhere else."""
CUT_NAME = "default"
CUT = {"name": CUT_NAME, "splitter": "recursive", "settings": {"size": 200, "overlap": 0}}
OVER = {"ready", "failed", "cancelled"}


def mark(document: int, part: int) -> str:
    """Returns a word that stands in one passage of one document."""
    return f"mark{document:05}x{part:03}"


def text(document: int, parts: int = PARTS) -> str:
    """Returns a document in English and Chinese."""
    passages = (
        f"## Passage {part}\n\nThe word {mark(document, part)} stands here and nowhere else. "
        f"编号{document * 100 + part}的段落只出现一次，查得到才算数。\n"
        for part in range(parts)
    )
    return f"# Paper {document}\n\n" + "\n".join(passages)


def base(studio: Studio, name: str, *groups: dict[str, Any]) -> str:
    """Makes an empty knowledge base; returns its id."""
    made = studio.http.post("/knowledge", json={"name": f"{name} {time.time()}", "groups": [CUT, *groups]})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def add(studio: Studio, knowledge: str, name: str, content: bytes) -> Any:
    """Adds a file; returns the answer."""
    return studio.http.post(
        f"/knowledge/{knowledge}/files",
        params={"name": name},
        content=content,
        headers={"Content-Type": "application/octet-stream"},
    )


def fill(studio: Studio, knowledge: str, count: int, parts: int = PARTS) -> None:
    """Adds documents."""
    for number in range(count):
        assert add(studio, knowledge, f"paper-{number}.md", text(number, parts).encode()).status_code == 201


def states(studio: Studio, knowledge: str) -> dict[str, int]:
    """Returns how many documents there are in each state."""
    page = studio.http.get(f"/knowledge/{knowledge}/documents", params={"limit": 1}).raise_for_status()
    return dict(page.json()["states"])


def is_over(studio: Studio, knowledge: str) -> bool:
    """Says whether nothing waits and nothing is worked on."""
    return not states(studio, knowledge).keys() - OVER


def kill_in(studio: Studio, worker: str, state: str, seconds: float = 60) -> None:
    """Kills a worker at the moment in which it has a document in a state."""
    with sqlite3.connect(f"file:{studio.environment.data}/flowloft.sqlite3?mode=ro", uri=True) as look:
        until = time.monotonic() + seconds
        question = "SELECT count(*) FROM documents_sourcedocument WHERE state = ?"
        while not look.execute(question, (state,)).fetchone()[0]:
            assert time.monotonic() < until, f"no document was {state}\n{studio.logs()}"
        studio.kill(worker)


def is_whole(studio: Studio, knowledge: str, count: int, parts: int = PARTS) -> None:
    """Checks that every passage of every document is there once: in the database, in both indexes, and
    found by a search."""
    left = {state for state in states(studio, knowledge) if state != "ready"}
    assert left == set(), reasons(studio, knowledge)[:3]
    chunks = all_chunks(studio, knowledge)
    words = Counter(word for chunk in chunks for word in chunk["text"].split() if word.startswith("mark"))
    wanted = {mark(document, part) for document in range(count) for part in range(parts)}
    assert words.keys() == wanted
    assert set(words.values()) == {1}
    told = studio.http.get(f"/knowledge/{knowledge}/check").raise_for_status().json()
    assert told["agrees"], told
    assert told["expected"] == sum(one["chunk_count"] for one in _documents(studio, knowledge))
    last = parts - 1
    for document in (0, count // 2, count - 1):
        found = studio.http.post(
            f"/knowledge/{knowledge}/search",
            json={"query": mark(document, last), "settings": {"mode": "text"}},
        )
        hits = found.raise_for_status().json()["hits"]
        assert [mark(document, last) in hit["text"] for hit in hits] == [True] + [False] * (len(hits) - 1)


def reasons(studio: Studio, knowledge: str) -> list[dict[str, Any]]:
    """Returns why documents failed."""
    failed = studio.http.get(
        f"/knowledge/{knowledge}/documents", params={"state": "failed", "limit": 500}
    ).json()
    return [row["error"] for row in failed["results"]]


def all_chunks(studio: Studio, knowledge: str, group: str = CUT_NAME) -> list[dict[str, Any]]:
    """Returns the chunks of every document that are of a group."""
    return [chunk for document in _documents(studio, knowledge) for chunk in _chunks(studio, document, group)]


def _documents(studio: Studio, knowledge: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = studio.http.get(
            f"/knowledge/{knowledge}/documents", params={"limit": 500, "offset": len(found), "order": "name"}
        ).json()["results"]
        if not page:
            return found
        found += page


def _chunks(studio: Studio, document: dict[str, Any], group: str) -> list[dict[str, Any]]:
    asked = {"limit": 500, "group": group}
    found: list[dict[str, Any]] = studio.http.get(f"/documents/{document['id']}/chunks", params=asked).json()[
        "results"
    ]
    return found
