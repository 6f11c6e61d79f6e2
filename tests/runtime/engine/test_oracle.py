"""Random flows give what plain Python gives, whatever the order in which threads finish."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.engine.drawing import each, flow, run, value

NOTHING = object()


@dataclass
class Drawn:
    """A random graph: nodes in an order in which each only reads earlier ones."""

    kinds: list[str] = field(default_factory=list)
    reads: list[list[tuple[int, str]]] = field(default_factory=list)

    def ports(self, index: int) -> list[str]:
        return ["yes", "no"] if self.kinds[index].startswith("fork") else ["output"]


@st.composite
def graphs(draw: st.DrawFn) -> Drawn:
    drawn = Drawn(["give"], [[]])
    for index in range(1, draw(st.integers(2, 14))):
        kind = draw(st.sampled_from(["work", "work", "sum", "fork yes", "fork no", "each", "give"]))
        count = {"give": 0, "sum": 3, "work": 2}.get(kind, 1)
        sources = draw(st.lists(st.integers(0, index - 1), min_size=min(count, 1), max_size=count))
        ends = [(source, draw(st.sampled_from(drawn.ports(source)))) for source in sources]
        drawn.kinds.append(kind)
        drawn.reads.append(list(dict.fromkeys(ends)))
    return drawn


def oracle(drawn: Drawn) -> list[Any]:
    """Computes what every node gives, one after the other."""
    values: dict[tuple[int, str], Any] = {}
    for index, kind in enumerate(drawn.kinds):
        arrived = [values[end] for end in drawn.reads[index] if end in values]
        if kind == "give":
            values[index, "output"] = index
        elif not arrived:
            continue
        elif kind == "sum":
            values[index, "output"] = arrived
        elif kind == "each":
            values[index, "output"] = [[arrived[0], item] for item in range(3)]
        elif kind == "work":
            values[index, "output"] = arrived[0]
        else:
            values[index, kind.split()[1]] = arrived[0]
    return [values[end] for index in range(len(drawn.kinds)) for end in ends(drawn, index) if end in values]


def ends(drawn: Drawn, index: int) -> list[tuple[int, str]]:
    return [(index, port) for port in drawn.ports(index)]


def giver(drawn: Drawn, index: int) -> str:
    return f"n{index}p" if drawn.kinds[index] == "each" else f"n{index}"


def document(drawn: Drawn, delays: random.Random) -> dict[str, Any]:
    nodes: dict[str, Any] = {"all": "sum", "end": "leave"}
    edges = []
    for index, kind in enumerate(drawn.kinds):
        name, into = f"n{index}", ".items" if kind == "sum" else ""
        if kind == "give":
            nodes[name] = ("give", {"value": index})
        elif kind == "work":
            nodes[name] = ("work", {"seconds": delays.choice([0, 0, 0.001, 0.003])})
        elif kind == "each":
            nodes[name] = "same"
            nodes[f"{name}l"] = each(delays.choice([1, 2, 3]), f"{name}_", delays.choice([0, 0.002]))
            nodes[f"{name}i"] = ("give", {"value": [0, 1, 2]})
            nodes[f"{name}p"] = "pair"
            edges += [f"{name}i {name}l.items", f"{name} {name}p.left", f"{name}l {name}p.right"]
        elif kind.startswith("fork"):
            nodes[name] = ("fork", {"way": kind.split()[1]})
        else:
            nodes[name] = "sum"
        edges += [f"{giver(drawn, source)}.{port} {name}{into}" for source, port in drawn.reads[index]]
    for index in range(len(drawn.kinds)):
        edges += [f"{giver(drawn, index)}.{port} all.items" for port in drawn.ports(index)]
    return flow(nodes, *edges, "all end")


@settings(max_examples=80)
@given(graphs(), st.integers(0, 10_000), st.sampled_from([1, 2, 3, 64]))
def test_a_random_flow_gives_what_plain_python_gives(drawn: Drawn, seed: int, branches: int) -> None:
    outcome, told = run(document(drawn, random.Random(seed)), branches=branches)
    assert value(outcome) == oracle(drawn)
    ended = [key for what, key, _ in told.events if what in ("succeeded", "skipped")]
    assert len(ended) == len(set(ended))
