"""What an evaluation would do: checked before anything is saved, and shown before it is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from flowloft.core.errors import FlowError
from flowloft.core.metric import METRICS, Metric
from flowloft.core.node import Port
from flowloft.engine.compile import flow_ports
from flowloft.experiments.rows import ANSWERS, ASKABLE, QUESTIONS, likely
from flowloft.experiments.settings import overridden
from pydantic import ValidationError

from backend.common.errors import ApiError, spec_problems
from backend.common.objects import object_for
from backend.datasets.models import DatasetVersion
from backend.datasets.services import examples_of
from backend.experiments import limits
from backend.experiments.examples import Asked, asked_of
from backend.experiments.overrides import checked, runnable
from backend.flows.models import Flow
from backend.runs.models import Run, RunEvent
from backend.runs.parts import Part, part_read
from backend.runs.services import flow_freeze
from backend.runs.states import Status


@dataclass(frozen=True)
class Planned:
    """What would be measured."""

    flow: Flow
    version: str
    document: dict[str, Any]
    takes: list[Port]
    gives: list[Port]
    input: str
    output: str
    inputs: dict[str, Any]
    dataset: DatasetVersion
    metric: str
    settings: dict[str, Any]
    threshold: float
    reuse: bool
    runs: int
    overrides: list[dict[str, Any]]

    def saved(self) -> dict[str, Any]:
        """Returns the fields of what is measured, as they are saved of evaluation and experiment."""
        same = ("flow", "version", "document", "dataset", "input", "output", "inputs", "metric")
        return {name: getattr(self, name) for name in (*same, "settings", "threshold", "reuse")} | {
            "dataset_name": f"{self.dataset.dataset.name} · {self.dataset.number}"
        }

    def rows(self) -> list[Asked]:
        """Returns the examples that are measured."""
        return [asked_of(at, one) for at, one in enumerate(examples_of(self.dataset, self.runs), 1)]


def evaluation_plan(*, user: Any, given: dict[str, Any]) -> Planned:
    """Checks what was asked for.

    Raises:
        ApiError: 404 for what is not the person's; 400 with the path of the field; 422 where the flow
            cannot run, or there are too many rows.
    """
    flow = object_for(user, Flow, given["flow"])
    dataset = object_for(user, DatasetVersion, given["dataset"])
    label, spec, document = flow_freeze(owner=user, flow=flow, version=given["version"])
    if given["overrides"]:
        document = overridden(document, checked(document, given["overrides"]))
        spec = runnable(document)
    takes, gives = flow_ports(spec.graph)
    asked = _chosen(given["input"], [port for port in takes if port.type in ASKABLE], QUESTIONS, "input")
    answered = _chosen(given["output"], gives, ANSWERS, "output")
    _require_inputs(takes, {*given["inputs"], asked}, given["inputs"])
    runs = min(dataset.examples, given["limit"] or dataset.examples)
    if runs > limits.MOST_ROWS:
        raise ApiError(
            422,
            "too_many_rows",
            f"The dataset has {dataset.examples} rows; one evaluation measures at most {limits.MOST_ROWS}.",
            "Measure its first rows only.",
            path="/limit",
        )
    metric = metric_of(given["metric"], given["settings"])
    threshold = metric.good if given["threshold"] is None else given["threshold"]
    return Planned(
        flow=flow,
        version=label,
        document=document,
        takes=takes,
        gives=gives,
        input=asked,
        output=answered,
        inputs=given["inputs"],
        dataset=dataset,
        metric=given["metric"],
        settings=metric.model_dump(mode="json"),
        threshold=threshold,
        reuse=given["reuse"],
        runs=runs,
        overrides=given["overrides"],
    )


def metric_of(key: str, settings: dict[str, Any]) -> Metric:
    """Returns a metric with its settings.

    Raises:
        ApiError: 400 at ``/metric``, or at the setting.
    """
    try:
        kind = METRICS.get(key)
    except FlowError as error:
        raise ApiError(400, error.code, error.message, error.hint, path="/metric") from None
    try:
        return kind.model_validate(settings)
    except ValidationError as error:
        problems = spec_problems(error, ("settings",))
        raise ApiError(
            400,
            "invalid_input",
            f"{problems[0]['path']}: {problems[0]['message']}",
            "Correct the named place and send again.",
            path=problems[0]["path"],
            problems=problems,
        ) from None


def _chosen(name: str, ports: list[Port], usual: tuple[str, ...], field: str) -> str:
    names = [port.name for port in ports]
    if name in names:
        return name
    what = "takes no text" if field == "input" else "gives nothing"
    if not names:
        raise ApiError(
            400,
            f"no_{field}",
            f"The flow {what}, so it can't be measured.",
            "Give it a chat input and a chat output, or an Input and an Output.",
            path="/flow",
        )
    if name:
        raise ApiError(
            400,
            f"unknown_{field}",
            f"The flow has no {field} “{name}” that suits.",
            f"There are: {', '.join(names)}.",
            path=f"/{field}",
        )
    return likely(names, usual)


def _require_inputs(takes: list[Port], given: set[str], fixed: dict[str, Any]) -> None:
    names = {port.name for port in takes}
    for name in fixed:
        if name not in names:
            raise ApiError(
                400,
                "unknown_input",
                f"The flow has no input “{name}”.",
                f"There are: {', '.join(sorted(names))}.",
                path=f"/inputs/{name}",
            )
    for port in takes:
        if port.required and port.name not in given:
            raise ApiError(
                400,
                "missing_input",
                f"The flow also needs the input “{port.name}”.",
                "Give a value that all rows share.",
                path=f"/inputs/{port.name}",
            )


def estimate_of(planned: Planned) -> dict[str, Any]:
    """Returns how long it may take and what it may use, by the newest runs that computed the whole flow;
    empty without any."""
    known = _whole_runs(planned.flow)
    if not known:
        return {}
    seconds = sum(took for took, _ in known) / len(known)
    usage: dict[str, float] = {}
    for _, used in known:
        for name, count in used.items():
            usage[name] = usage.get(name, 0.0) + count * planned.runs / len(known)
    usage = {name: round(count, 6 if name.startswith("cost_") else 0) for name, count in usage.items()}
    return {"seconds": seconds * planned.runs / min(limits.AT_ONCE, planned.runs), "usage": usage}


def _whole_runs(flow: Flow) -> list[tuple[float, dict[str, float]]]:
    """Returns seconds and usage of runs that did all of the flow and took nothing from earlier ones."""
    past = Run.objects.filter(
        flow=flow,
        status=Status.SUCCEEDED,
        started_at__isnull=False,
        finished_at__isnull=False,
        parent=None,
        id__in=Run.objects.filter(flow=flow).order_by("-created_at").values("id")[: limits.PAST_LOOKED_AT],
    )
    reused = RunEvent.objects.filter(
        run=OuterRef("pk"), type="step.succeeded", payload__contains='"cached":true'
    )
    found = past.exclude(Exists(reused)).order_by("-created_at").select_related("detail")
    return [
        ((run.finished_at - run.started_at).total_seconds(), run.usage)
        for run in found.defer("outputs", "detail__state", "detail__inputs")[: limits.PAST_RUNS]
        if run.started_at and run.finished_at and not _is_part(part_read(run.detail))
    ]


def _is_part(part: Part) -> bool:
    return bool(part.only or part.until)
