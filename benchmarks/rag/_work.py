"""What all the scripts do the same: the files, the vectors, and how it is timed."""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PARAGRAPHS = 5
"""Chunks of a file: each paragraph is one."""
DIMENSIONS = 128
QUERIES = 60

_WORDS = [
    first + second
    for first in [
        "ka",
        "lo",
        "mi",
        "ru",
        "te",
        "va",
        "si",
        "no",
        "pe",
        "du",
        "ha",
        "gi",
        "bo",
        "fe",
        "zu",
        "la",
    ]
    for second in [
        "ran",
        "tel",
        "mos",
        "vid",
        "gun",
        "pas",
        "ler",
        "nik",
        "dol",
        "fem",
        "bar",
        "tus",
        "hol",
        "sen",
        "wik",
    ]
]


def files(folder: Path, count: int) -> None:
    """Writes text files of five paragraphs of about 400 characters."""
    folder.mkdir(parents=True)
    dice = random.Random(7)
    for number in range(count):
        paragraphs = (" ".join(dice.choices(_WORDS, k=66)) + "." for _ in range(PARAGRAPHS))
        (folder / f"{number:06}.txt").write_text("\n\n".join(paragraphs))


def questions() -> list[str]:
    """Returns questions of six words."""
    dice = random.Random(11)
    return [" ".join(dice.choices(_WORDS, k=6)) for _ in range(QUERIES)]


_seen: dict[str, Any] = {}


def embed_many(texts: Sequence[str]) -> list[list[float]]:
    """Returns a vector of each text: the mean of those of its words, normalised; everywhere the same."""
    import numpy as np

    rows = []
    for text in texts:
        words = text.lower().split()
        for word in words:
            if word not in _seen:
                seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
                _seen[word] = np.random.default_rng(seed).standard_normal(DIMENSIONS)
        row = np.mean([_seen[word] for word in words], axis=0)
        rows.append(row / np.linalg.norm(row))
    return [row.tolist() for row in rows]


class Stopwatch:
    """Adds up the seconds inside a function that is called many times."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self.seconds = 0.0

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """The same as a method, for libraries that look at what they are given."""
        return self(*args, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return self._call(*args, **kwargs)
        finally:
            self.seconds += time.perf_counter() - began


def measure(ingest: Callable[[], dict[str, float]], query: Callable[[str], Any]) -> None:
    """Prints, as JSON, the seconds to make all searchable, of each part, of a query; and the peak memory."""
    began, worked = time.perf_counter(), time.process_time()
    parts = ingest()
    first, *rest = questions()
    if not len(query(first)):
        raise SystemExit("nothing was found")
    whole, cpu = time.perf_counter() - began, time.process_time() - worked
    times = []
    worked = time.process_time()
    for text in rest:
        began = time.perf_counter()
        query(text)
        times.append(time.perf_counter() - began)
    times.sort()
    told = {
        **parts,
        "whole": whole,
        "cpu": cpu,
        "cpu of a query": (time.process_time() - worked) / len(times),
        "p50": statistics.median(times),
        "p95": times[int(len(times) * 0.95)],
        "peak": _peak(),
    }
    print(json.dumps(told))


def folder() -> Path:
    """Returns the folder that the command line names."""
    return Path(sys.argv[1])


def _peak() -> float:
    # `ru_maxrss` of a new program begins with what the one that started it had.
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) / 1024
