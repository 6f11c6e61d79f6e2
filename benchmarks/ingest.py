"""Documents from upload to searchable in a whole studio, and the memory that the worker takes for it.

``BENCH_FILES=10000`` sets how many small files there are.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.studio_processes import Studio
from tests.conformance.documents import pdf

FILES = int(os.environ.get("BENCH_FILES", "1000"))
PAGES = 500
LINES = 40
SENTENCE = "Part {n} of page {page}: the bolt is tightened with {n} newton metres 螺栓按{n}牛米拧紧"


class _Memory:
    """Looks now and then how much memory the worker and what it starts hold."""

    def __init__(self, studio: Studio) -> None:
        self.peak = 0.0
        self._over = threading.Event()
        self._studio = studio
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            try:
                self.peak = max(self.peak, self._studio.memory().get("celery", (0.0, 0.0))[0])
            except (OSError, ValueError):
                continue

    def stop(self) -> float:
        self._over.set()
        self._thread.join()
        return self.peak


def rows() -> Iterator[tuple[str, str, str]]:
    """Yields what was measured."""
    studio = Studio()
    try:
        studio.start()
        studio.claim()
        with httpx.Client(
            base_url=f"http://127.0.0.1:{studio.port}/api/v1",
            headers={"Authorization": f"Bearer {studio.token}"},
            timeout=300,
        ) as client:
            warm = _base(client, "warm")
            _add(client, warm, "warm.md", b"# Warm\n\nModels and stores have started.")
            _wait(client, warm)
            yield from _small(studio, client)
            yield from _large(studio, client)
    finally:
        studio.remove()


def _small(studio: Studio, client: httpx.Client) -> Iterator[tuple[str, str, str]]:
    base, memory, begun = _base(client, "small"), _Memory(studio), time.perf_counter()
    for number in range(FILES):
        text = f"# Paper {number}\n\n" + "\n\n".join(
            SENTENCE.format(n=number * 10 + part, page=part) for part in range(8)
        )
        _add(client, base, f"paper-{number}.md", text.encode())
    sent = time.perf_counter() - begun
    _wait(client, base)
    took = time.perf_counter() - begun
    yield (
        f"{FILES} small files, from upload to searchable",
        f"{took:.0f} s, {FILES / took:.1f} documents/s",
        "",
    )
    yield "of it until all had arrived", f"{sent:.0f} s", ""
    yield "peak memory of the worker meanwhile", f"{memory.stop():.0f} MB", "1,200 MB"
    yield "chunks lost or twice", str(_disagreement(client, base)), "0"


def _large(studio: Studio, client: httpx.Client) -> Iterator[tuple[str, str, str]]:
    base, memory = _base(client, "large"), _Memory(studio)
    with tempfile.TemporaryDirectory() as folder:
        pages = [
            [
                (50.0, 760.0 - 18 * n, 10.0, SENTENCE.format(n=page * LINES + n, page=page))
                for n in range(LINES)
            ]
            for page in range(PAGES)
        ]
        content = pdf(Path(folder) / "large.pdf", pages).read_bytes()
    begun = time.perf_counter()
    _add(client, base, "large.pdf", content)
    _wait(client, base)
    took = time.perf_counter() - begun
    facts = client.get(f"/knowledge/{base}/documents").json()["results"][0]
    name = f"a PDF of {PAGES} pages ({facts['chunk_count']} chunks), from upload to searchable"
    yield name, f"{took:.0f} s", ""
    log = client.get(f"/documents/{facts['id']}/log").json()
    steps = ", ".join(f"{line['step']} {line['seconds']:.1f} s" for line in log if line["seconds"])
    yield "of it", steps, ""
    yield "peak memory of the worker meanwhile", f"{memory.stop():.0f} MB", "1,200 MB"
    yield "chunks lost or twice", str(_disagreement(client, base)), "0"


def _base(client: httpx.Client, name: str) -> str:
    return str(client.post("/knowledge", json={"name": name}).raise_for_status().json()["id"])


def _add(client: httpx.Client, base: str, name: str, content: bytes) -> None:
    sent = {"Content-Type": "application/octet-stream"}
    client.post(
        f"/knowledge/{base}/files", params={"name": name}, content=content, headers=sent
    ).raise_for_status()


def _wait(client: httpx.Client, base: str) -> None:
    while True:
        states = client.get(f"/knowledge/{base}/documents", params={"limit": 1}).json()["states"]
        if states.keys() == {"ready"}:
            return
        if not states.keys() - {"ready", "failed"}:
            raise RuntimeError(f"documents failed: {states}")
        time.sleep(0.5)


def _disagreement(client: httpx.Client, base: str) -> int:
    told = client.get(f"/knowledge/{base}/check").raise_for_status().json()
    return int(told["missing_count"] + told["extra_count"])
