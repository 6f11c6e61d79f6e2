"""Documents beside LazyLLM and llama-index, and how much is found: ``python -m benchmarks rag``.

The same files, the same cut and the same embedding function for all, one process each, in turn. The peers
get virtual environments of their own, made here. ``RAG_CHUNKS=10000,100000`` chooses the sizes,
``RAG_SECONDS`` after how long a contestant is stopped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.rag import _work

FOLDER = Path(__file__).parent
ENVIRONMENTS = FOLDER.parent / ".peers"
PEERS = {
    "lazyllm": [
        "lazyllm==1.4.0",
        # What `lazyllm install rag` would fetch.
        *[
            "pandas",
            "pypdf",
            "docx2txt",
            "fsspec",
            "ebooklib",
            "html2text",
            "olefile",
            "openpyxl",
            "python-pptx",
            "python-docx",
        ],
        *[
            "beautifulsoup4",
            "tiktoken",
            "spacy",
            "bm25s",
            "pystemmer",
            "nltk",
            "jieba",
            "sentencepiece",
            "psycopg2-binary",
        ],
        *["sqlalchemy", "python-multipart", "json_repair", "numpy"],
    ],
    "llama_index": [
        "llama-index-core==0.14.25",
        "llama-index-vector-stores-chroma==0.6.0",
        "chromadb==1.5.9",
    ],
}
CONTESTANTS = {
    "Flowloft, numpy and Tantivy, hybrid": ("flowloft", "exact", "hybrid"),
    "the bare parts of it": ("bare", "exact", "hybrid"),
    "Flowloft, numpy and Tantivy, dense": ("flowloft", "exact", "dense"),
    "the bare parts of it, dense": ("bare", "exact", "dense"),
    "Flowloft, Chroma and Tantivy, dense": ("flowloft", "chroma", "dense"),
    "bare Chroma and Tantivy": ("bare", "chroma", "dense"),
    "llama-index, Chroma": ("llama_index",),
    "LazyLLM Document, map store": ("lazyllm", "map"),
}
SECONDS = float(os.environ.get("RAG_SECONDS", "1800"))
JAILED = 30
"""Files that are parsed each in a process of its own."""


def rows() -> Iterator[tuple[str, str, str]]:
    """Yields what is found by which way, then a line for each contestant and size."""
    yield from _found()
    pythons = {"flowloft": Path(sys.executable), "bare": Path(sys.executable)}
    pythons |= {name: _environment(name) for name in PEERS}
    for size in (int(one) for one in os.environ.get("RAG_CHUNKS", "10000").split(",")):
        with tempfile.TemporaryDirectory() as place:
            files = Path(place) / "files"
            _work.files(files, size // _work.PARAGRAPHS)
            for title, (name, *how) in CONTESTANTS.items():
                told = _run([pythons[name], FOLDER / f"_{name}.py", files, *how])
                said = _figures(told, size // _work.PARAGRAPHS) if told else f"not done after {SECONDS:g} s"
                yield f"{size:,} chunks: {title}", said, ""
    yield "parsed in a process of its own, one at a time", f"{_jailed():.3g} documents/s", ""


def _found() -> Iterator[tuple[str, str, str]]:
    from benchmarks.rag._quality import WAYS, Asked

    asked = Asked()
    for weight, one in asked.by_weight().items():
        yield f"choosing, weight of meaning {weight:g}", f"{one.recall:.3f} / {one.mrr:.3f}", ""
    for way, languages in asked.quality(WAYS, asked.held_out).items():
        told = ", ".join(f"{name} {one.recall:.3f} / {one.mrr:.3f}" for name, one in languages.items())
        yield f"{way}: recall@5 / MRR of the questions held out", told, ""


def _figures(told: dict[str, float], documents: int) -> str:
    parts = [f"{name} {told[name]:.2f} s" for name in ("parse", "embed", "vectors", "texts") if name in told]
    took = ", ".join([f"{told['whole']:.2f} s, of them {told['cpu']:.2f} s of this process's CPU", *parts])
    return (
        f"{documents / told['whole']:.0f} documents/s ({took}); query p50 / p95 {told['p50'] * 1e3:.2f} / "
        f"{told['p95'] * 1e3:.2f} ms, {told['cpu of a query'] * 1e3:.2f} of CPU; peak {told['peak']:.0f} MB"
    )


def _jailed() -> float:
    from flowloft.rag import parse_limited

    with tempfile.TemporaryDirectory() as place:
        files = Path(place) / "files"
        _work.files(files, JAILED)
        began = time.perf_counter()
        for file in files.iterdir():
            parse_limited(file)
        return JAILED / (time.perf_counter() - began)


def _environment(name: str) -> Path:
    """Returns the Python of a peer's environment, made where it is missing."""
    folder = ENVIRONMENTS / f"rag-{name}"
    python = folder / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *PEERS[name]], check=True)
    return python


def _run(argv: list[Any]) -> dict[str, float]:
    """Returns what a script tells; nothing where it takes too long."""
    runtime = str(FOLDER.parents[1] / "runtime")
    env = os.environ | {"PYTHONPATH": runtime, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            [str(one) for one in argv],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return {}
    return dict(json.loads(done.stdout.splitlines()[-1]))
