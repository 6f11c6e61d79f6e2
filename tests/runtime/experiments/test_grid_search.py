"""What a script loses if this fails: the best settings, or to know why a trial came to nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flowloft
import pytest
from flowloft.cli import main
from flowloft.core.context import Context
from flowloft.core.errors import FlowError, InputError
from flowloft.core.node import Node
from flowloft.core.registry import KINDS
from pydantic import Field


class Say(Node):
    """Says what it was told, once or twice, for money."""

    title = "Say"
    group = "test"

    end: str = Field("", max_length=8)
    times: int = Field(1, ge=1, le=3)

    def run(self, text: str, ctx: Context) -> str:
        ctx.usage({"cost_usd": 0.5 * self.times})
        return " ".join([text + self.end] * self.times)


@pytest.fixture(autouse=True)
def say(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that only tests know."""
    monkeypatch.setitem(KINDS._loaded, "say", Say)


def edge(source: str, target: str, port: str = "output") -> dict[str, str]:
    return {"source": source, "source_port": port, "target": target, "target_port": "text"}


FLOW: dict[str, Any] = {
    "schema": "flowloft/flow",
    "schema_version": 1,
    "kind": "flow",
    "graph": {
        "nodes": {
            "ask": {"kind": "chat_input"},
            "frame": {"kind": "prompt", "settings": {"template": "{text}"}},
            "say": {"kind": "say"},
            "out": {"kind": "chat_output"},
        },
        "edges": {"a": edge("ask", "frame", "text"), "b": edge("frame", "say"), "c": edge("say", "out")},
    },
}
ROWS = [("Oslo", "Oslo"), ("Lima", "Lima Lima")]
GRID = {"frame.template": ["{text}", "{text} {place}"], "say.times": [1, 2]}


def test_the_best_settings_of_a_flow_are_found_and_written_into_it() -> None:
    seen: list[tuple[int, int]] = []
    found = flowloft.grid_search(FLOW, ROWS, GRID, told=lambda _, *far: seen.append(far))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    told = [(one.settings["say.times"], one.score, one.usage.get("cost_usd")) for one in found]
    assert told == [(2, 1.0, 2.0), (1, 0.5, 1.0), (1, None, None), (2, None, None)]
    assert "place" in found[2].error["message"], "nothing is wired to it: the flow can't run so"
    assert [one.settings["say.times"] for one in found.front("cost_usd")] == [2, 1]
    assert found.best.rows[1].answer == "Lima Lima"
    assert found.best.seconds is not None
    tuned = found.tuned()
    assert tuned["graph"]["nodes"]["say"]["settings"] == {"times": 2}
    assert "settings" not in FLOW["graph"]["nodes"]["say"], "what was given stays as it is"
    assert str(found).splitlines()[1].split()[:2] == ["1", "1.000"]


def test_a_wrong_grid_is_refused_with_its_place_before_anything_runs() -> None:
    def refused(grid: dict[str, Any], rows: Any = ROWS, **more: Any) -> tuple[str, Any]:
        with pytest.raises(InputError) as caught:
            flowloft.grid_search(FLOW, rows, grid, **more)
        return caught.value.error_code, caught.value.extra.get("path")

    assert refused({"nobody.times": [1]}) == ("unknown_node", "/grid/nobody.times/node")
    assert refused({"say.volume": [1]}) == ("unknown_setting", "/grid/say.volume/field")
    assert refused({"times": [1]}) == ("unknown_setting", "/grid/times")
    assert refused({"say.times": [1, 9]}) == ("invalid_setting", "/grid/say.times/1")
    assert refused({"say.times": []})[0] == "no_values"
    assert refused({"say.times": [1]}, [])[0] == "no_rows"
    assert refused({"say.times": [1]}, [{"question": "Who?"}])[0] == "broken_rows"
    assert refused({"say.times": [1]}, question="colour")[0] == "unknown_input"
    with pytest.raises(FlowError, match="shout"):
        flowloft.grid_search(FLOW, ROWS, {"say.times": [1]}, "shout")


def test_no_trial_is_begun_once_the_money_is_spent() -> None:
    found = flowloft.grid_search(FLOW, ROWS, {"say.times": [1, 2, 3]}, most_cost=2.5, at_once=1)
    spent = [one for one in found if one.score is None]
    assert [(one.settings["say.times"], one.error["code"]) for one in spent] == [(3, "money_spent")]
    few = flowloft.grid_search(FLOW, ROWS, {"say.times": [1, 2, 3]}, most_trials=2)
    assert len(few) == 2
    assert [one.settings for one in few] == [
        one.settings for one in flowloft.grid_search(FLOW, ROWS, {"say.times": [1, 2, 3]}, most_trials=2)
    ], "always the same are drawn"


def test_a_function_is_tried_with_its_parameters_and_a_row_that_fails_stops_nothing() -> None:
    def ask(question: str, times: int, end: str = "") -> str:
        if (question, times) == ("Oslo", 3):
            raise ValueError("three times is too often")
        return question * times + end

    rows = [("Oslo", "OsloOslo"), ("Lima", "LimaLima")]
    found = flowloft.grid_search(
        ask, rows, {"times": [1, 2, 3], "end": ["", "!"]}, lambda asked, given, wanted: given == wanted
    )
    assert (found.best.settings, found.best.score, len(found)) == ({"times": 2, "end": ""}, 1.0, 6)
    broken = next(one for one in found if one.settings == {"times": 3, "end": ""})
    assert (broken.score, broken.rows[0].answer) == (0.0, None)
    assert "too often" in broken.rows[0].error["message"]
    assert broken.rows[1].answer == "LimaLimaLima"
    with pytest.raises(InputError, match="volume"):
        flowloft.grid_search(ask, rows, {"times": [1], "volume": [1]})
    with pytest.raises(TypeError, match="flow document"):
        found.tuned()


def test_what_is_costly_is_made_once_for_each_trial_and_left_after_it() -> None:
    made: list[str] = []

    @contextmanager
    def index(size: int) -> Iterator[Any]:
        if size == 9:
            raise FlowError("It is too large.", code="too_large")
        made.append(f"made {size}")
        yield flowloft.pipeline(lambda question: question[:size], str.upper)
        made.append(f"left {size}")

    found = flowloft.grid_search(
        index, [("oslo", "OS"), ("lima", "LI")], {"size": [1, 2, 9]}, "exact", build=True
    )
    assert found.best.settings == {"size": 2}
    assert made == ["made 1", "left 1", "made 2", "left 2"]
    assert found[2].error["code"] == "too_large"


def test_a_shell_tries_settings_and_keeps_the_flow_with_the_best(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow, data, best = (tmp_path / name for name in ("flow.json", "rows.jsonl", "best.json"))
    flow.write_text(json.dumps(FLOW))
    rows = [{"question": asked, "answer": wanted} for asked, wanted in ROWS]
    data.write_text("\n".join(json.dumps(row) for row in rows))
    asked = [
        "grid",
        str(flow),
        "--data",
        str(data),
        "--set",
        "say.times=1,2",
        "--set",
        'say.end=["", "!, no"]',
    ]
    assert main([*asked, "--output", str(best)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["rank", "1", "2", "3", "4"]
    assert "say.times=2" in lines[1]
    assert json.loads(best.read_text())["graph"]["nodes"]["say"]["settings"] == {"end": "", "times": 2}
    assert main([*asked, "--rows", "1", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["rank"] for one in told] == [1, 2, 3, 4]
    assert len(told[0]["rows"]) == 1
    assert main([*asked, "--set", "say.times=3"]) == 2
    assert main([*asked[:-2], "--metric", "overlap", "--metric-set", "colour=red"]) == 2
    assert main(["grid", str(flow), "--data", str(data), "--set", 'frame.template=["{place}"]']) == 1
