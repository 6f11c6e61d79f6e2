"""The combinations that an experiment tries: checked and counted before anything is saved."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from flowloft.core.registry import KINDS
from flowloft.experiments.settings import combinations, field_check, first_error, overridden, value_check

from backend.common.errors import ApiError
from backend.experiments import limits
from backend.experiments.plans import Planned, estimate_of, evaluation_plan


@dataclass(frozen=True)
class Combination:
    """A value for each setting of the grid."""

    values: list[Any]
    error: dict[str, Any] | None
    """Why the flow can't run with them."""


@dataclass(frozen=True)
class Grid:
    """What would be tried."""

    base: Planned
    fields: list[dict[str, Any]]
    """``{node, field, node_title, field_title, values}`` of each."""
    combinations: int
    """All that the grid has."""
    trials: list[Combination]
    """Those of them that are tried."""

    @property
    def possible(self) -> int:
        """How many of the trials can run."""
        return sum(one.error is None for one in self.trials)

    @property
    def runs(self) -> int:
        """Of all trials together."""
        return self.possible * self.base.runs

    def estimate(self) -> dict[str, Any]:
        """Returns how long it may take and what it may use, by earlier runs of the flow."""
        one = estimate_of(self.base)
        if not one:
            return {"seconds": None, "usage": {}}
        usage = {name: round(count * self.possible, 6) for name, count in one["usage"].items()}
        return {"seconds": one["seconds"] * self.possible, "usage": usage}


def grid_plan(*, user: Any, given: dict[str, Any]) -> Grid:
    """Checks what was asked for.

    Raises:
        ApiError: As ``evaluation_plan``; 400 with the path of a field or value of the grid; 422 where it is
            too much, or no combination can run.
    """
    base = evaluation_plan(user=user, given={**given, "overrides": []})
    fields = _fields(base.document, given["grid"])
    count = math.prod(len(one["values"]) for one in fields)
    _refuse_many(count, given["most_trials"])
    drawn = combinations([one["values"] for one in fields], given["most_trials"])
    grid = Grid(base, fields, count, [_tried(base, fields, values) for values in drawn])
    if not grid.possible:
        wrong = grid.trials[0].error or {}
        raise ApiError(
            422,
            "flow_has_errors",
            f"The flow can run with none of these: {wrong.get('message', '')}",
            wrong.get("hint", ""),
            path="/grid",
        )
    if grid.runs > limits.MOST_RUNS:
        raise ApiError(
            422,
            "too_many_runs",
            f"That is {grid.runs} runs; one experiment makes at most {limits.MOST_RUNS}.",
            "Measure fewer rows, or fewer values.",
            path="/limit",
        )
    return grid


def _fields(document: dict[str, Any], grid: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: set[tuple[str, str]] = set()
    fields = []
    for at, one in enumerate(grid):
        path = f"/grid/{at}"
        node = field_check(document, one["node"], one["field"], path)
        if (one["node"], one["field"]) in seen:
            raise _twice(f"{path}/field", f"“{one['field']}” of “{one['node']}” is in the grid twice.")
        seen.add((one["node"], one["field"]))
        known: set[str] = set()
        for number, value in enumerate(one["values"]):
            value_check(node, one["field"], value, f"{path}/values/{number}")
            text = json.dumps(value, sort_keys=True)
            if text in known:
                raise _twice(f"{path}/values/{number}", "The same value stands in the list twice.")
            known.add(text)
        kind = KINDS.get(node["kind"])
        shown = kind.model_json_schema()["properties"].get(one["field"], {})
        fields.append(
            {
                **one,
                "node_title": node.get("title") or kind.title,
                "field_title": shown.get("title") or one["field"],
            }
        )
    return fields


def _twice(path: str, message: str) -> ApiError:
    return ApiError(400, "given_twice", message, "Take one of them out.", path=path)


def _refuse_many(count: int, most: int | None) -> None:
    if count > limits.MOST_COMBINATIONS:
        raise ApiError(
            422,
            "too_many_trials",
            f"The grid has {count} combinations; {limits.MOST_COMBINATIONS} can be drawn from.",
            "Take values out.",
            path="/grid",
        )
    if min(count, most or count) > limits.MOST_TRIALS:
        raise ApiError(
            422,
            "too_many_trials",
            f"The grid has {count} combinations; one experiment tries at most {limits.MOST_TRIALS}.",
            "Take values out, or say how many are tried.",
            path="/most_trials",
        )


def overrides_of(fields: list[dict[str, Any]], values: Any) -> list[dict[str, Any]]:
    """Returns a combination as overrides of a flow."""
    return [
        {"node": one["node"], "field": one["field"], "value": value}
        for one, value in zip(fields, values, strict=True)
    ]


def _tried(base: Planned, fields: list[dict[str, Any]], values: tuple[Any, ...]) -> Combination:
    wrong = first_error(overridden(base.document, overrides_of(fields, values)))
    if wrong is None:
        return Combination(list(values), None)
    told = {"code": wrong.code, "message": wrong.message, "hint": wrong.hint, "extra": {"path": wrong.path}}
    return Combination(list(values), told)
