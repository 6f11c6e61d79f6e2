"""Tries settings of a flow on a dataset, every combination, and ranks them: grid search.

flowloft grid flow.json --data faq.jsonl --set answer.temperature=0,0.5 --set find.top_k=3,5,10
flowloft grid flow.json --data faq.jsonl --set 'ask.system=["Be brief.", "Be kind, be brief."]'
flowloft grid flow.json --data faq.jsonl --set ask.model=openai/gpt-4o,qwen/qwen-max --output best.json

Values are read as JSON where they are JSON. Rows that fail score 0.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flowloft.cli._flows import document_of, load_own_components
from flowloft.cli._output import Progress, write
from flowloft.codegen.console import FAILED, SUCCEEDED, json_or_text, read_inputs
from flowloft.codegen.files import write_flow
from flowloft.core.errors import InputError
from flowloft.core.metric import METRICS, Metric
from flowloft.core.spec import FlowSpec
from flowloft.experiments.search import AT_ONCE, Search, Trial, grid_search


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("flow", help="a JSON, YAML or Python file, or template:NAME")
    parser.add_argument("--data", required=True, metavar="FILE", help="examples: JSONL, JSON, CSV or Parquet")
    parser.add_argument(
        "--set",
        action="append",
        required=True,
        metavar="NODE.FIELD=A,B",
        help="the values of a setting, with commas between or as a JSON list; in a container loop/node.field",
    )
    parser.add_argument("--metric", default="contains", choices=METRICS.keys, help="by default contains")
    parser.add_argument(
        "--metric-set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the metric"
    )
    parser.add_argument(
        "--input", "-i", action="append", default=[], metavar="NAME=VALUE", help="what every run gets besides"
    )
    parser.add_argument("--question", default="", metavar="INPUT", help="the input that takes the question")
    parser.add_argument("--answer", default="", metavar="OUTPUT", help="the output that is measured")
    parser.add_argument("--rows", type=_count, metavar="N", help="only the first rows")
    parser.add_argument("--most-trials", type=_count, metavar="N", help="only so many combinations")
    parser.add_argument("--most-cost", type=float, metavar="SUM", help="begin no trial after so much money")
    parser.add_argument("--currency", default="usd", help="of that sum, by default usd")
    parser.add_argument("--at-once", type=_count, default=AT_ONCE, metavar="N", help="rows side by side")
    parser.add_argument("--output", "-o", type=Path, help="writes the flow with the best settings there")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def run(options: argparse.Namespace) -> int:
    """Tries them, and shows the trials, the best first."""
    load_own_components()
    grid = dict(_values(one) for one in options.set)
    if len(grid) < len(options.set):
        raise InputError("A setting is named twice.", hint="Put all of its values into one --set.")
    with Progress(options) as progress:
        found = grid_search(
            document_of(options.flow),
            options.data,
            grid,
            _metric(options),
            question=options.question,
            answer=options.answer,
            inputs=read_inputs(None, options.input),
            limit=options.rows,
            most_trials=options.most_trials,
            most_cost=options.most_cost,
            currency=options.currency,
            at_once=options.at_once,
            told=lambda _, done, total: progress.say("trials", done, total),
        )
    _show(found, options)
    if found[0].score is None:
        return FAILED
    if options.output is not None:
        write(write_flow(FlowSpec.model_validate(found.tuned()), "json"), options)
    return SUCCEEDED


def _values(given: str) -> tuple[str, Sequence[Any]]:
    name, equals, text = given.partition("=")
    if not equals or not text:
        raise InputError(f"“{given}” names no values.", hint="Write --set node.field=a,b.")
    whole = json_or_text(text)
    if isinstance(whole, list):
        return name, whole
    return name, [json_or_text(part) for part in text.split(",")]


def _metric(options: argparse.Namespace) -> Metric:
    kind = METRICS.get(options.metric)
    try:
        return kind.model_validate(read_inputs(None, options.metric_set))
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        raise InputError(
            f"The metric {options.metric}: {'.'.join(map(str, detail['loc']))}: {detail['msg']}.",
            hint=f"Its settings: {', '.join(kind.model_fields) or 'none'}.",
        ) from None


def _show(found: Search, options: argparse.Namespace) -> None:
    if not options.json:
        print(found)
        return
    for rank, trial in enumerate(found, 1):
        print(json.dumps(_told(trial, rank), ensure_ascii=False))


def _told(trial: Trial, rank: int) -> dict[str, Any]:
    return {"rank": None if trial.score is None else rank, **asdict(trial)}
