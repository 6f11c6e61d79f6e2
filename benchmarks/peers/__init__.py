"""Flowloft beside LazyLLM and LangGraph, in one run: ``python -m benchmarks peers``.

The peers get virtual environments of their own, made here and kept in ``benchmarks/.peers``; they are no
dependency of anything. Each workload runs in fresh processes, the three in turn, twice; the better counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ENVIRONMENTS = FOLDER.parent / ".peers"
PEERS = {"lazyllm": "lazyllm==1.4.0", "langgraph": "langgraph==1.2.24"}
NAMES = ("flowloft", *PEERS)
ROUNDS = 2

WORKLOADS = {
    "chain 10": ("chain of 10 identity nodes, each", "µs"),
    "chain 100": ("chain of 100 identity nodes, each", "µs"),
    "chain 1000": ("chain of 1000 identity nodes, each", "µs"),
    "fan": ("64 nodes that sleep 50 ms", "ms"),
    "loop": ("loop of 10000", "ms"),
    "switch": ("switch with 100 cases", "µs"),
    "map": ("map of 100 inputs through 5 nodes, each input", "µs"),
    "payload": ("100 MB through 20 nodes: growth of peak memory", "payloads"),
    "rerun": ("rerun after changing the last of 50 nodes of 1 ms", "ms"),
}
FRESH = {
    "flowloft": "import flowloft; flowloft.pipeline(*[lambda x: x] * 5)(1)",
    "lazyllm": "import lazyllm; lazyllm.pipeline(*[lambda x: x] * 5)(1)",
    "langgraph": """
from typing import Any, TypedDict
from langgraph.graph import END, START, StateGraph
class State(TypedDict):
    value: Any
graph = StateGraph(State)
for number in range(5):
    graph.add_node(f"n{number}", lambda state: {"value": state["value"]})
    graph.add_edge(f"n{number - 1}" if number else START, f"n{number}")
graph.add_edge("n4", END)
graph.compile().invoke({"value": 1})
""",
}


def rows() -> Iterator[tuple[str, str, str]]:
    """Yields a line for each workload: Flowloft's figure, then those of the peers."""
    pythons = {"flowloft": Path(sys.executable)} | {name: _environment(name) for name in PEERS}
    yield from [_row("fresh process: import, build and run 5 nodes", "ms", _fresh(pythons))]
    for key, (title, unit) in WORKLOADS.items():
        yield _row(title, unit, _figures(pythons, key))
    works = _figures(pythons, "work")
    yield _row("100 nodes that compute 1 ms", "ms", {name: figure[0] for name, figure in works.items()})
    more = {name: f"{figure[1]:.2g} %" for name, figure in works.items()}
    others = ", ".join(f"{name} {more[name]}" for name in PEERS)
    yield "the same, over plain Python", more["flowloft"], others
    streams = _figures(pythons, "stream")
    firsts = {name: figure[0] for name, figure in streams.items()}
    yield _row("10000 streamed tokens: the first", "ms", firsts)
    yield _row("10000 streamed tokens: all", "ms", {name: figure[1] for name, figure in streams.items()})


def _row(title: str, unit: str, figures: dict[str, float]) -> tuple[str, str, str]:
    own = figures["flowloft"]
    others = (f"{name} {figures[name]:.3g} {unit} ({figures[name] / own:.3g}×)" for name in PEERS)
    return title, f"{own:.3g} {unit}", ", ".join(others)


def _environment(name: str) -> Path:
    """Returns the Python of a peer's environment, made where it is missing."""
    folder = ENVIRONMENTS / PEERS[name]
    python = folder / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, PEERS[name]], check=True)
    return python


def _figures(pythons: dict[str, Path], workload: str) -> dict[str, Any]:
    best: dict[str, Any] = {}
    for _ in range(ROUNDS):
        for name, python in pythons.items():
            told = _run([python, FOLDER / f"_{name}.py", workload])
            figure = json.loads(told.splitlines()[-1])
            best[name] = min(best.get(name, figure), figure)
    return best


def _fresh(pythons: dict[str, Path]) -> dict[str, float]:
    best: dict[str, float] = {}
    for _ in range(5):
        for name, python in pythons.items():
            started = time.perf_counter()
            _run([python, "-c", FRESH[name]])
            best[name] = min(best.get(name, float("inf")), (time.perf_counter() - started) * 1e3)
    return best


def _run(argv: list[str | Path]) -> str:
    runtime = str(FOLDER.parents[1] / "runtime")
    env = os.environ | {"PYTHONPATH": runtime, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    return done.stdout
