"""Calls a module with each row of a set, side by side, and keeps what each gave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from flowloft.core.errors import FlowloftError
from flowloft.modules.pieces import whole

AT_ONCE = 8
"""How many rows are under way at once, unless told otherwise: few enough for a small service."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one row gave.

    Attributes:
        input: As it stands in the evalset.
        output: What the module gave; None where it failed.
        error: ``{code, message, hint, extra}``; None where it did not fail.
        seconds: How long the call took.
    """

    input: Any
    output: Any
    error: dict[str, Any] | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Evaluation(Sequence[Row]):
    """The rows of an evaluation, in the order of the evalset."""

    rows: tuple[Row, ...]

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def outputs(self) -> list[Any]:
        """What each row gave; None for one that failed."""
        return [row.output for row in self.rows]

    @property
    def failures(self) -> list[Row]:
        """The rows that failed."""
        return [row for row in self.rows if row.error is not None]

    def bad_cases(
        self, wanted: Sequence[str], good: Callable[[Any, str], bool] | None = None
    ) -> list[dict[str, str]]:
        """Returns the rows that did not give what was wanted, as examples to learn it from.

        Args:
            wanted: What each row should have given, in their order.
            good: Says of an output and what was wanted whether it will do; by default what was wanted must
                stand in it, whatever the case of its letters.

        Returns:
            ``{"question", "answer"}`` of each bad row, as ``TrainableModule.trainset`` takes them.

        Raises:
            ValueError: There are not as many as rows.
        """
        judge = good or (lambda output, answer: answer.casefold() in str(output).casefold())
        return [
            {"question": str(row.input), "answer": answer}
            for row, answer in zip(self.rows, wanted, strict=True)
            if row.error is not None or not judge(row.output, answer)
        ]


def evaluate(call: Callable[..., Any], rows: Sequence[Any], at_once: int) -> Evaluation:
    """Calls a function with each row. One that fails stops none of the others."""
    if not rows:
        return Evaluation(())
    with ThreadPoolExecutor(min(at_once, len(rows)), "flowloft-eval") as threads:
        return Evaluation(tuple(threads.map(lambda row: _one(call, row), rows)))


def _one(call: Callable[..., Any], row: Any) -> Row:
    started = time.monotonic()
    output, error = None, None
    try:
        output = whole(_called(call, row))
    except FlowloftError as failure:
        error = failure.payload()
    except Exception as failure:  # noqa: BLE001 - the row shows it, whatever it is
        error = {
            "code": "unexpected_error",
            "message": f"{type(failure).__name__}: {failure}"[:2000],
            "hint": "Call the module with this row to see where it fails.",
            "extra": {},
        }
    return Row(row, output, error, time.monotonic() - started)


def _called(call: Callable[..., Any], row: Any) -> Any:
    if isinstance(row, tuple):
        return call(*row)
    return call(**row) if isinstance(row, dict) else call(row)
