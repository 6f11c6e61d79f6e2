"""Two evaluations side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowloft.experiments.rows import question_of

from backend.common.errors import ApiError
from backend.experiments.models import Evaluation

SAME = 1e-9
SHOWN = ("all", "changed", "better", "worse")


@dataclass(frozen=True)
class Pair:
    """A row that both have, by its number in each."""

    left: int
    right: int
    delta: float | None
    """Of its score, right minus left; None where one of them has none."""
    scores: tuple[float | None, float | None]

    @property
    def change(self) -> str:
        """How it fared: ``better``, ``worse``, ``same`` or ``unmeasured``."""
        if self.delta is None:
            return "unmeasured"
        if abs(self.delta) <= SAME:
            return "same"
        return "better" if self.delta > 0 else "worse"

    def is_shown(self, shown: str) -> bool:
        """Says whether it is among those that are asked for."""
        return shown in ("all", self.change) or (shown == "changed" and self.change in ("better", "worse"))


def pairs_of(*, left: Evaluation, right: Evaluation) -> list[Pair]:
    """Returns the rows that both have, those that changed most first.

    Raises:
        ApiError: 409 ``nothing_in_common``.
    """
    others: dict[str, list[tuple[int, float | None]]] = {}
    for key, number, score in right.rows.values_list("key", "number", "score"):
        others.setdefault(key, []).append((number, score))
    pairs = []
    for key, number, score in left.rows.values_list("key", "number", "score"):
        if others.get(key):
            other, found = others[key].pop(0)
            delta = None if score is None or found is None else found - score
            pairs.append(Pair(number, other, delta, (score, found)))
    if not pairs:
        raise ApiError(
            409,
            "nothing_in_common",
            "The two evaluations have no row in common.",
            "Compare evaluations of the same dataset.",
        )
    pairs.sort(key=lambda pair: (-abs(pair.delta or 0.0), pair.left))
    return pairs


def figures_of(*, left: Evaluation, right: Evaluation, pairs: list[Pair]) -> dict[str, Any]:
    """Returns what the pairs add up to."""
    changes = [pair.change for pair in pairs]
    measured = [pair.scores for pair in pairs if pair.delta is not None]
    return {
        "left": left,
        "right": right,
        "left_score": _mean([one or 0.0 for one, _ in measured]),
        "right_score": _mean([other or 0.0 for _, other in measured]),
        "better": changes.count("better"),
        "worse": changes.count("worse"),
        "same": changes.count("same"),
        "unmeasured": changes.count("unmeasured"),
        "only_left": left.rows_total - len(pairs),
        "only_right": right.rows_total - len(pairs),
    }


def rows_compared(*, left: Evaluation, right: Evaluation, pairs: list[Pair]) -> list[dict[str, Any]]:
    """Returns what the rows of pairs gave, in their order."""
    mine = {row.number: row for row in left.rows.filter(number__in=[pair.left for pair in pairs])}
    others = {row.number: row for row in right.rows.filter(number__in=[pair.right for pair in pairs])}
    return [
        {
            "question": question_of(mine[pair.left].asked),
            "expected": mine[pair.left].expected,
            "left": mine[pair.left],
            "right": others[pair.right],
            "delta": pair.delta,
        }
        for pair in pairs
    ]


def _mean(scores: list[float]) -> float | None:
    return sum(scores) / len(scores) if scores else None
