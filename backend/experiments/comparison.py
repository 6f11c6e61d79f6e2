"""Two evaluations side by side."""

from __future__ import annotations

from typing import Any

from backend.common.errors import ApiError
from backend.experiments.examples import question_of
from backend.experiments.models import Evaluation, EvaluationRow

SAME = 1e-9


def evaluations_compare(*, left: Evaluation, right: Evaluation) -> dict[str, Any]:
    """Returns how the rows that both have fared, those that changed most first.

    Raises:
        ApiError: 409 ``nothing_in_common``.
    """
    others: dict[str, list[EvaluationRow]] = {}
    for row in right.rows.all():
        others.setdefault(row.key, []).append(row)
    pairs = [(row, others[row.key].pop(0)) for row in left.rows.all() if others.get(row.key)]
    if not pairs:
        raise ApiError(
            409,
            "nothing_in_common",
            "The two evaluations have no row in common.",
            "Compare evaluations of the same dataset.",
        )
    rows = [_both(one, other) for one, other in pairs]
    rows.sort(key=lambda row: (-abs(row["delta"] or 0.0), row["left"].number))
    measured = [row for row in rows if row["delta"] is not None]
    return {
        "left": left,
        "right": right,
        "rows": rows,
        "left_score": _mean([row["left"].score for row in measured]),
        "right_score": _mean([row["right"].score for row in measured]),
        "better": sum(row["delta"] > SAME for row in measured),
        "worse": sum(row["delta"] < -SAME for row in measured),
        "same": sum(abs(row["delta"]) <= SAME for row in measured),
        "unmeasured": len(rows) - len(measured),
        "only_left": left.rows_total - len(pairs),
        "only_right": right.rows_total - len(pairs),
    }


def _both(left: EvaluationRow, right: EvaluationRow) -> dict[str, Any]:
    known = left.score is not None and right.score is not None
    delta = (right.score or 0.0) - (left.score or 0.0) if known else None
    return {
        "question": question_of(left.asked),
        "expected": left.expected,
        "left": left,
        "right": right,
        "delta": delta,
    }


def _mean(scores: list[float]) -> float | None:
    return sum(scores) / len(scores) if scores else None
