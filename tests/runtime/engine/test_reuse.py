"""Results used again. If these fail, people wait for what is known, or are shown what is not so."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flowloft import pipeline
from flowloft.core.cache import DirectoryCache, MemoryCache, exact_text
from flowloft.core.context import Connection, Context
from flowloft.core.fingerprint import fingerprint
from flowloft.core.memory import Memory
from flowloft.engine import Outcome
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.engine.conftest import Count
from tests.runtime.engine.drawing import Told, flow, graph, run, value


def chain(count: int, last: str = "", prefix: str = "n", first: Any = 1, **settings: Any) -> dict[str, Any]:
    names = [f"{prefix}{number}" for number in range(count)]
    nodes: dict[str, Any] = {"first": ("give", {"value": first}), "end": "leave"}
    nodes |= {name: ("count", {"mark": str(number), **settings}) for number, name in enumerate(names)}
    nodes[names[-1]] = ("count", {"mark": last or str(count - 1), **settings})
    order = ["first", *names, "end"]
    return flow(nodes, *[f"{one} {other}" for one, other in pairwise(order)])


def ran(document: dict[str, Any], context: Context) -> tuple[list[str], Outcome, Told]:
    Count.ran.clear()
    outcome, told = run(document, context)
    return list(Count.ran), outcome, told


def test_changing_the_last_of_fifty_nodes_runs_only_that_one(tmp_path: Path) -> None:
    for cache in (MemoryCache(), DirectoryCache(tmp_path / "results")):
        first, outcome, _ = ran(chain(50), Context(cache=cache))
        assert len(first) == 50
        again, same, told = ran(chain(50), Context(cache=cache))
        assert again == []
        assert value(same) == value(outcome)
        assert told.of("n7") == ["started", "succeeded"]
        assert told.last("succeeded", "n7")[3] is True
        assert ran(chain(50, last="changed"), Context(cache=cache))[0] == ["changed"]


def test_a_result_is_found_by_what_it_was_made_of_and_not_by_ids() -> None:
    cache = MemoryCache()
    ran(chain(3), Context(cache=cache))
    assert ran(chain(3, prefix="other"), Context(cache=cache))[0] == []
    assert ran(chain(3, first=2), Context(cache=cache))[0] == ["0", "1", "2"]
    assert ran(chain(3, first=True), Context(cache=cache))[0] == ["0", "1", "2"]
    assert ran(chain(3, first={"a": 1, "b": 2}), Context(cache=cache))[0] == ["0", "1", "2"]
    assert ran(chain(3, first={"b": 2, "a": 1}), Context(cache=cache))[0] == ["0", "1", "2"]
    assert ran(chain(3), Context(cache=cache, seed=7))[0] == ["0", "1", "2"]
    assert ran(chain(3), Context(cache=MemoryCache()))[0] == ["0", "1", "2"]


class Models:
    """Names one model, at some address."""

    def __init__(self, address: str) -> None:
        self.address = address

    def resolve(self, ref: str) -> Connection:
        return Connection("openai", "mine", self.address, "a key", ref)

    def entries(self) -> list[Any]:
        return []


def test_another_address_behind_the_same_name_is_another_model() -> None:
    cache, document = MemoryCache(), chain(2, on="mine/one")
    assert len(ran(document, Context(cache=cache, models=Models("http://a")))[0]) == 2
    assert len(ran(document, Context(cache=cache, models=Models("http://b")))[0]) == 2
    assert len(ran(document, Context(cache=cache, models=Models("http://a")))[0]) == 0


@pytest.mark.parametrize("cost", ["repeatable", "once"])
def test_what_has_an_effect_or_says_never_is_always_run(cost: str) -> None:
    cache = MemoryCache()
    never = chain(2)
    never["graph"]["nodes"]["n1"]["policy"] = {"cache": "never"}
    for _ in range(2):
        assert ran(chain(2, cost=cost), Context(cache=cache))[0] == ["0", "1"]
    ran(never, Context(cache=cache))
    assert ran(never, Context(cache=cache))[0] == ["1"]


def test_a_failure_is_not_kept_and_neither_is_what_a_policy_made_of_it() -> None:
    cache = MemoryCache()
    bad = ("work", {"fails": "flow", "succeeds_on": 2}, {"policy": {"on_error": "default", "default": 0}})
    document = flow({"one": ("give", {"value": 1}), "bad": bad, "end": "leave"}, "one bad", "bad end")
    assert value(run(document, Context(cache=cache))[0]) == 0
    assert value(run(document, Context(cache=cache))[0]) == 1
    assert value(run(document, Context(cache=cache))[0]) == 1


def test_a_text_that_streamed_comes_again_in_one_piece_and_who_hears_it_live_hears_it() -> None:
    cache = MemoryCache()
    nodes = {"say": ("say", {"words": ["a", "b"]}), "hear": "hear", "end": "leave"}
    document = flow(nodes, "say hear.text", "hear end")
    run(document, Context(cache=cache))
    outcome, told = run(document, Context(cache=cache))
    assert told.of("say") == ["started", "text", "succeeded"]
    assert [chunk for chunk, _ in value(outcome)] == ["ab"]


def test_the_steps_of_a_body_are_found_each_by_itself() -> None:
    cache = MemoryCache()
    body = graph({"in": "enter", "in_count": "count", "out": "leave"}, "in in_count", "in_count out")
    for items, expected in (([1, 2, 2], 2), ([1, 2, 3], 1)):
        nodes = {
            "items": ("give", {"value": items}),
            "all": ("each", {"limit": 1}, {"body": body}),
            "end": "leave",
        }
        assert len(ran(flow(nodes, "items all.items", "all end"), Context(cache=cache))[0]) == expected


def test_code_that_was_edited_under_its_old_name_is_run() -> None:
    def made(body: str) -> Any:
        space: dict[str, Any] = {"__name__": "pretended", "calls": []}
        exec(f"def helper(x):\n return {body}\ndef step(x):\n return helper(x)", space)
        return space["step"]

    cache = MemoryCache()
    assert pipeline(made("x + 1")).run(1, context=Context(cache=cache)).value() == {"value": 2}
    assert pipeline(made("x + 2")).run(1, context=Context(cache=cache)).value() == {"value": 3}
    assert fingerprint(made("x + 1")) == fingerprint(made("x + 1")) != fingerprint(made("x + 2"))
    inside = object()
    assert fingerprint(lambda: inside) is None


def test_functions_of_a_python_flow_are_not_called_again(tmp_path: Path) -> None:
    cache, probe = MemoryCache(), str(tmp_path / "probe")

    def note(x: int) -> int:
        with Path(probe).open("a") as file:
            file.write("x")
        return x + 1

    for _ in range(2):
        assert pipeline(note, note).run(1, context=Context(cache=cache)).value() == {"value": 3}
    assert Path(probe).read_text() == "xx"


def test_results_beyond_the_bound_go_first_used_first(tmp_path: Path) -> None:
    cache = MemoryCache(max_bytes=110)
    for name in "abc":
        cache.put(name, {"output": "x" * 20})
    cache.get("a")
    cache.put("d", {"output": "x" * 20})
    assert [name for name in "abcd" if cache.get(name)] == ["a", "c", "d"]
    files = DirectoryCache(tmp_path, max_bytes=1000)
    for number in range(100):
        files.put(f"{number:064d}", {"output": "x" * 50})
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.json")) < 1200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_what_is_kept_is_what_comes_back(found: Any) -> None:
    cache = MemoryCache()
    cache.put("key", {"output": found})
    assert repr(cache.get("key")) == repr({"output": found})


@pytest.mark.parametrize("odd", [(1, 2), {1: 2}, b"x", {"a": {1}}, object()])
def test_what_would_come_back_changed_is_not_kept(odd: Any) -> None:
    assert exact_text({"output": [odd]}) is None


def test_a_pinned_or_edited_output_stands_in_for_running() -> None:
    context = Context(memory=Memory(pinned={"n1": {"output": "pin"}}))
    marks, outcome, told = ran(chain(3), context)
    assert (marks, value(outcome)) == (["0", "2"], ["pin", "2"])
    assert told.of("n1") == ["started", "succeeded"]
    edited = Memory(pinned={"n1": {"output": "pin"}}, edited={"n1": {"output": "edit"}})
    assert value(ran(chain(3), Context(memory=edited))[1]) == ["edit", "2"]
