"""Tries every combination of some settings on a dataset, and ranks what came of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowloft.core.context import Context, ModelSource
from flowloft.core.errors import FlowError, FlowloftError, InputError
from flowloft.core.metric import METRICS, Metric, Verdict
from flowloft.core.models import EnvironmentModels
from flowloft.core.prices import COST
from flowloft.core.spec import FlowSpec
from flowloft.core.types import as_text
from flowloft.experiments import ranking
from flowloft.experiments.asked import Ask, Called, FlowDocument, Settings, Usage, add, overrides
from flowloft.experiments.rows import Asked, asked_of, question_of
from flowloft.experiments.settings import Document, combinations, overridden
from flowloft.modules.pieces import whole
from flowloft.tuning.data import example_of, whole_file

AT_ONCE = 4
"""How many rows of a trial are under way at once, unless told otherwise."""
SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Row:
    """What one row gave.

    Attributes:
        answer: None where the run failed.
        score: From 0 to 1; 0 where the run failed, or its answer can't be measured.
        reason: Why, where the metric says.
        seconds: How long the run took.
        error: ``{code, message, hint, extra}``; None where nothing failed.
    """

    question: str
    wanted: str
    answer: str | None
    score: float
    reason: str
    seconds: float
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One combination of settings, and what it came to.

    Attributes:
        number: From 1, in the order in which they were tried.
        settings: By name, as the grid has them.
        score: Mean over the rows; None where nothing was measured.
        seconds: How long a row took, mean over them.
        usage: Of all its runs: ``total_tokens``, ``cost_usd`` and so on.
        error: Why nothing was measured.
    """

    number: int
    settings: Settings
    score: float | None = None
    seconds: float | None = None
    usage: Usage = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    error: dict[str, Any] | None = None

    def figure(self, axis: str) -> float | None:
        """Returns what it took: ``seconds`` of a row, or what all its runs used, such as ``cost_usd``."""
        return self.seconds if axis == SECONDS else self.usage.get(axis)


@dataclass(frozen=True, slots=True)
class Search(Sequence[Trial]):
    """The trials, the best first; those without a score at the end."""

    trials: tuple[Trial, ...]
    document: Document | None = None
    """The flow that was measured; None where it is a function."""

    def __getitem__(self, index: Any) -> Any:
        return self.trials[index]

    def __len__(self) -> int:
        return len(self.trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.trials)

    @property
    def best(self) -> Trial:
        """The trial with the best score; of equals the one that took less.

        Raises:
            FlowError: ``nothing_measured``; the message is why the first trial could not be.
        """
        if self.trials and self.trials[0].score is not None:
            return self.trials[0]
        error = (self.trials[0].error if self.trials else None) or {}
        raise FlowError(
            f"No trial was measured: {error.get('message', 'there was none.')}",
            code="nothing_measured",
            hint=error.get("hint", ""),
        )

    def front(self, axis: str = SECONDS) -> list[Trial]:
        """Returns the trials that are worth what they take: no other scores as well for less.

        Args:
            axis: ``seconds``, or of what runs use, such as ``cost_usd`` or ``total_tokens``.
        """
        placed = [
            (one.number, one.score, took)
            for one in self.trials
            if one.score is not None and (took := one.figure(axis)) is not None
        ]
        chosen = ranking.front(placed)
        return [one for one in self.trials if one.number in chosen]

    def tuned(self, trial: Trial | None = None) -> Document:
        """Returns the flow with the settings of a trial, by default the best one.

        Raises:
            TypeError: What was measured is no flow document.
        """
        if self.document is None:
            raise TypeError("Only a flow document has settings to be written; call the function with them.")
        return overridden(self.document, overrides((trial or self.best).settings))

    def __str__(self) -> str:
        heads = ["rank", "score", SECONDS, *_costs(self.trials), "settings"]
        lines = [heads, *(_line(one, rank, heads) for rank, one in enumerate(self.trials, 1))]
        widths = [max(len(line[at]) for line in lines) for at in range(len(heads) - 1)]
        return "\n".join(
            "  ".join([*(text.rjust(width) for text, width in zip(line, widths, strict=False)), line[-1]])
            for line in lines
        )


def _line(trial: Trial, rank: int, heads: list[str]) -> list[str]:
    said = " ".join(f"{name}={as_text(value)}" for name, value in trial.settings.items())
    if trial.score is None:
        why = (trial.error or {}).get("message", "")
        return ["-", *("" for _ in heads[1:-1]), f"{said}: {why}"]
    took = [trial.figure(head) for head in heads[2:-1]]
    return [str(rank), f"{trial.score:.3f}", *("" if one is None else f"{one:.4g}" for one in took), said]


def _costs(trials: Iterable[Trial]) -> list[str]:
    return sorted({name for one in trials for name in one.usage if name.startswith(COST)})


def grid_search(
    flow: Document | FlowSpec | Callable[..., Any],
    dataset: str | Path | Iterable[Any],
    grid: Mapping[str, Sequence[Any]],
    metric: str | Metric | Callable[[str, str, str], float] = "contains",
    *,
    build: bool = False,
    question: str = "",
    answer: str = "",
    inputs: Mapping[str, Any] | None = None,
    limit: int | None = None,
    most_trials: int | None = None,
    most_cost: float | None = None,
    currency: str = "usd",
    at_once: int = AT_ONCE,
    timeout: float = 1800.0,
    models: ModelSource | None = None,
    told: Callable[[Trial, int, int], None] | None = None,
) -> Search:
    """Measures a flow with every combination of some settings, one after the other.

    Args:
        flow: A flow document, or a function, module or flow that is called with the question, and with the
            settings by name.
        dataset: A file of examples (JSONL, JSON, CSV, Parquet), or rows: ``(question, answer)``, or records
            as such a file has them.
        grid: The values of each setting. Of a document a setting is named ``node.field``, in a container
            ``loop/node.field``; of a function by its parameter.
        metric: Name of a metric, a metric with its settings, or ``score(question, answer, wanted)`` from 0
            to 1.
        build: ``flow`` is called once for each trial, with the settings only, and returns what is asked:
            for what is costly to make, such as an index or a fine-tuned model. What is a context manager
            is left when the trial is over.
        question: The input of a document that takes the question; by default the likeliest.
        answer: The output of a document that is measured; by default the likeliest.
        inputs: By name, what every run of a document gets besides.
        limit: So many rows only, from the first.
        most_trials: So many combinations only, drawn over all of them: always the same.
        most_cost: No further trial is begun once the runs have cost so much.
        currency: Of that sum.
        at_once: Rows of a trial under way at the same time.
        timeout: Seconds for one run of a document.
        models: Where a document and the metric look models up; the environment where None.
        told: Is called after each trial, with how many are done of how many.

    Returns:
        The trials, the best first. A row that fails scores 0 and stops nothing; a combination with which
        the flow can't run is a trial without a score.

    Raises:
        InputError: The grid, the dataset or the metric does not suit, with ``extra.path`` of the place.
        FlowError: The document can't be measured.

    Example:
        >>> def ask(question, times):
        ...     return question * times
        >>> found = grid_search(ask, [("ha", "haha")], {"times": [1, 2, 3]}, metric="exact")
        >>> found.best.settings, found.best.score
        ({'times': 2}, 1.0)
    """
    rows = _rows(dataset, limit)
    source = models or EnvironmentModels()
    score = _scorer(metric, source)
    lists = [list(values) for values in grid.values()]
    if not lists or not all(lists):
        raise InputError(
            "The grid has no values.",
            hint='Give a list for each setting: {"times": [1, 2]}.',
            code="no_values",
        )
    tried: FlowDocument | Called
    if isinstance(flow, dict | FlowSpec):
        tried = FlowDocument(flow, question, answer, dict(inputs or {}), timeout, source)
    else:
        tried = Called(flow, build)
    tried.check(grid)
    total = min(math.prod(map(len, lists)), most_trials or math.inf)
    spent: Usage = {}
    trials: list[Trial] = []
    for number, values in enumerate(combinations(lists, most_trials), 1):
        settings = dict(zip(grid, values, strict=True))
        if most_cost is not None and spent.get(f"{COST}{currency.lower()}", 0.0) >= most_cost:
            trial = Trial(number, settings, error=_spent(most_cost, currency))
        else:
            trial = _measured(number, settings, tried, rows, score, at_once)
        add(spent, trial.usage)
        trials.append(trial)
        if told is not None:
            told(trial, number, int(total))
    costs = _costs(trials)
    trials.sort(key=lambda one: _place(one, costs))
    return Search(tuple(trials), tried.document)


def _place(trial: Trial, costs: list[str]) -> tuple[float, ...]:
    figures = [trial.figure(axis) for axis in (*costs, SECONDS)]
    return (float(trial.score is None), *ranking.place(trial.score, figures, trial.number))


def _spent(most: float, currency: str) -> dict[str, Any]:
    error = FlowError(
        f"The runs before it have cost {most:g} {currency.upper()}.",
        code="money_spent",
        hint="Allow more, or try fewer values.",
    )
    return error.payload()


def _rows(dataset: str | Path | Iterable[Any], limit: int | None) -> list[Asked]:
    if isinstance(dataset, str | Path):
        rows = [asked_of(example) for example in whole_file(dataset)]
    else:
        rows = [_row(number, one) for number, one in enumerate(dataset, 1)]
    if not rows:
        raise InputError(
            "The dataset has no rows.", code="no_rows", hint='Give at least one: [("question", "answer")].'
        )
    return rows[:limit]


def _row(number: int, given: Any) -> Asked:
    if isinstance(given, tuple) and len(given) == 2:
        return Asked([{"role": "user", "content": as_text(given[0])}], as_text(given[1]))
    found = example_of(given)
    if isinstance(found, str):
        raise InputError(
            f"Row {number}: {found}",
            code="broken_rows",
            hint="Give pairs of question and answer, or records as a dataset has them.",
            extra={"rows": [number]},
        )
    return asked_of(found)


def _scorer(
    metric: str | Metric | Callable[[str, str, str], float], models: ModelSource
) -> Callable[[str, str, str], Verdict]:
    chosen = METRICS.get(metric)() if isinstance(metric, str) else metric
    if isinstance(chosen, Metric):
        return lambda asked, given, wanted: chosen.score(asked, given, wanted, Context(models=models))
    return lambda asked, given, wanted: Verdict(float(chosen(asked, given, wanted)))


def _measured(
    number: int,
    settings: Settings,
    tried: FlowDocument | Called,
    rows: list[Asked],
    score: Callable[[str, str, str], Verdict],
    at_once: int,
) -> Trial:
    usage: Usage = {}
    try:
        with (
            tried.made(settings) as ask,
            ThreadPoolExecutor(min(at_once, len(rows)), "flowloft-trial") as threads,
        ):
            found = tuple(threads.map(lambda row: _asked(ask, row, usage, score), rows))
    except FlowloftError as error:
        return Trial(number, settings, error=error.payload())
    return Trial(
        number,
        settings,
        score=sum(row.score for row in found) / len(found),
        seconds=sum(row.seconds for row in found) / len(found),
        usage=usage,
        rows=found,
    )


def _asked(ask: Ask, row: Asked, usage: Usage, score: Callable[[str, str, str], Verdict]) -> Row:
    question, answer, verdict, error = question_of(row.messages), None, Verdict(0.0), None
    begun = time.monotonic()
    try:
        answer = as_text(whole(ask(row.messages, usage)))
    except FlowloftError as failure:
        error = failure.payload()
    except Exception as failure:  # noqa: BLE001 - the row shows it, whatever it is
        error = _unexpected(failure)
    seconds = time.monotonic() - begun
    if answer is not None:
        try:
            verdict = score(question, answer, row.wanted)
        except FlowloftError as failure:
            error = failure.payload()
        except Exception as failure:  # noqa: BLE001 - the row shows it, whatever it is
            error = _unexpected(failure)
    return Row(question, row.wanted, answer, verdict.score, verdict.reason, seconds, error)


def _unexpected(failure: Exception) -> dict[str, Any]:
    return {
        "code": "unexpected_error",
        "message": f"{type(failure).__name__}: {failure}"[:2000],
        "hint": "Call it with this row and these settings to see where it fails.",
        "extra": {},
    }
