"""Tries every combination of some settings on a dataset, and ranks what came of it."""

from __future__ import annotations

import inspect
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from flowloft.core.context import Context, ModelSource
from flowloft.core.errors import FlowError, FlowloftError, InputError
from flowloft.core.metric import METRICS, Metric, Verdict
from flowloft.core.models import EnvironmentModels
from flowloft.core.prices import COST
from flowloft.core.spec import FlowSpec
from flowloft.core.types import as_text
from flowloft.engine import compile_flow, run_plan
from flowloft.engine.compile import flow_ports, inputs_check
from flowloft.engine.compile.document import pointer
from flowloft.engine.compile.upgrade import upgrade
from flowloft.engine.run import Silent
from flowloft.experiments import ranking
from flowloft.experiments.rows import (
    ANSWERS,
    ASKABLE,
    QUESTIONS,
    Asked,
    Messages,
    asked_of,
    inputs_of,
    likely,
    question_of,
)
from flowloft.experiments.settings import Document, combinations, field_check, overridden, value_check
from flowloft.modules.pieces import whole
from flowloft.tuning.data import example_of, whole_file

AT_ONCE = 4
"""How many rows of a trial are under way at once, unless told otherwise."""
SECONDS = "seconds"
Settings = dict[str, Any]
Usage = dict[str, float]
_Ask = Callable[[Messages, Usage], Any]
"""Answers a conversation, and adds to what was used."""


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
        return overridden(self.document, _overrides((trial or self.best).settings))

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
    tried: _Document | _Called
    if isinstance(flow, dict | FlowSpec):
        tried = _Document(flow, question, answer, dict(inputs or {}), timeout, source)
    else:
        tried = _Called(flow, build)
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
        _add(spent, trial.usage)
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
    tried: _Document | _Called,
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


def _asked(ask: _Ask, row: Asked, usage: Usage, score: Callable[[str, str, str], Verdict]) -> Row:
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


_adding = threading.Lock()


def _add(total: Usage, used: Mapping[str, float] | None) -> None:
    with _adding:
        for name, count in (used or {}).items():
            total[name] = round(total.get(name, 0) + count, 9)


def _overrides(settings: Settings) -> list[dict[str, Any]]:
    return [
        {"node": name.rpartition(".")[0], "field": name.rpartition(".")[2], "value": value}
        for name, value in settings.items()
    ]


class _Called:
    """A function with parameters, or one that makes what is asked."""

    document = None

    def __init__(self, call: Callable[..., Any], build: bool) -> None:
        self._call = call
        self._build = build

    def check(self, grid: Mapping[str, Sequence[Any]]) -> None:
        """Checks that it takes the settings, where it says what it takes."""
        try:
            signature = inspect.signature(self._call)
        except (TypeError, ValueError):
            return
        try:
            signature.bind(*([] if self._build else [""]), **dict.fromkeys(grid))
        except TypeError as error:
            raise InputError(
                f"It can't be called with these settings: {error}.",
                code="unknown_setting",
                hint=f"It takes {signature}; the question comes first, settings by name."
                if not self._build
                else f"It takes {signature}; with build it gets the settings only.",
                extra={"path": "/grid"},
            ) from None

    def made(self, settings: Settings) -> AbstractContextManager[_Ask]:
        """Returns what answers with these settings."""
        if not self._build:
            return nullcontext(_asking(partial(self._call, **settings)))
        made = self._call(**settings)
        return _Left(made) if hasattr(made, "__exit__") else nullcontext(_asking(made))


class _Left(AbstractContextManager[_Ask]):
    """What was made for a trial, left when that is over."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def __enter__(self) -> _Ask:
        return _asking(self._made.__enter__())

    def __exit__(self, *told: object) -> Any:
        return self._made.__exit__(*told)


def _asking(call: Callable[..., Any]) -> _Ask:
    return lambda messages, usage: call(question_of(messages))


class _Document:
    """A flow document, compiled anew with each combination."""

    def __init__(
        self,
        document: Document | FlowSpec,
        question: str,
        answer: str,
        inputs: dict[str, Any],
        timeout: float,
        models: ModelSource,
    ) -> None:
        given = document.document() if isinstance(document, FlowSpec) else document
        self.document: Document | None = upgrade(given)
        compiled = compile_flow(self.document)
        if compiled.spec is None:
            first = compiled.findings[0]
            raise FlowError(first.message, code="flow_has_errors", hint=first.hint, node_id=first.node_id)
        takes, gives = flow_ports(compiled.spec.graph)
        self._takes = {port.name: port.type.value for port in takes}
        askable = [port.name for port in takes if port.type in ASKABLE]
        self._question = _port(question, askable, QUESTIONS, "input")
        self._answer = _port(answer, [port.name for port in gives], ANSWERS, "output")
        inputs_check(inputs, compiled.spec.graph)
        self._inputs, self._timeout, self._models = inputs, timeout, models

    def check(self, grid: Mapping[str, Sequence[Any]]) -> None:
        """Checks every value of the grid against the form of its node."""
        for name, values in grid.items():
            node_id, _, setting = name.rpartition(".")
            at = pointer("/grid", [name])
            if not node_id:
                raise InputError(
                    f"“{name}” names no setting of a node.",
                    code="unknown_setting",
                    hint="Write node.field, for instance answer.temperature.",
                    extra={"path": at},
                )
            node = field_check(self.document or {}, node_id, setting, at)
            for number, value in enumerate(values):
                value_check(node, setting, value, f"{at}/{number}")

    def made(self, settings: Settings) -> AbstractContextManager[_Ask]:
        """Returns what runs the flow with these settings.

        Raises:
            FlowError: ``flow_has_errors``: it can't run with them.
        """
        compiled = compile_flow(overridden(self.document or {}, _overrides(settings)))
        plan = compiled.plan
        if plan is None:
            first = compiled.findings[0]
            raise FlowError(first.message, code="flow_has_errors", hint=first.hint, node_id=first.node_id)

        def ask(messages: Messages, usage: Usage) -> Any:
            given = inputs_of(messages, self._takes, self._question, self._inputs)
            context = Context(models=self._models, timeout=self._timeout)
            outcome = run_plan(plan, given, context, _Counting(usage))
            if outcome.status == "waiting":
                raise FlowError(
                    "The flow waits for a person, and here is none to ask.",
                    code="needs_a_person",
                    hint="Run it in the studio, or take the node that asks out of it.",
                )
            outputs = outcome.value()
            if self._answer not in outputs:
                raise FlowError(
                    f"The flow ended without its output “{self._answer}”.",
                    code="no_answer",
                    hint="Run it with this question to see why.",
                )
            return outputs[self._answer]

        return nullcontext(ask)


def _port(name: str, names: list[str], usual: Sequence[str], kind: str) -> str:
    if name in names:
        return name
    if not names:
        raise FlowError(
            f"The flow {'takes no text' if kind == 'input' else 'gives nothing'}, so it can't be measured.",
            code=f"no_{kind}",
            hint="Give it a chat input and a chat output, or an Input and an Output.",
        )
    if name:
        raise InputError(
            f"The flow has no {kind} “{name}” that suits.",
            code=f"unknown_{kind}",
            hint=f"There are: {', '.join(names)}.",
        )
    return likely(names, usual)


class _Counting(Silent):
    """A sink that adds up what the steps use."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage

    def step_succeeded(self, *told: Any) -> None:
        *_, usage, _ = told
        _add(self._usage, usage)

    def step_failed(self, *told: Any) -> None:
        _add(self._usage, told[-1])

    def step_cancelled(self, *told: Any) -> None:
        _add(self._usage, told[-1])
