"""A flow as a job: ``python -m flowloft.codegen.as_job``, on whatever machine it was sent to.

Everything it needs, the keys of its models among it, comes in variables that are secrets of the job;
everything it tells goes to stdout as records. What programs print goes to stderr. A flow that asks a
person ends as ``waiting``; another job goes on with the answer, from what the first has told.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import uuid
import zlib
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict
from types import FrameType
from typing import Any, cast

from flowloft.components import load_components
from flowloft.core.context import CancelToken, Connection, Context, ModelEntry, ModelSource
from flowloft.core.errors import FlowError, FlowloftError, InputError, NoFit
from flowloft.core.events import Sink
from flowloft.core.memory import Memory
from flowloft.core.models import EnvironmentModels
from flowloft.core.records import RecordSink
from flowloft.engine import Outcome, compile_flow, run_plan

MODULE = __name__ if __name__ != "__main__" else "flowloft.codegen.as_job"
_NAME = "FLOWLOFT_RUN_"
_PART = 100_000
"""Characters of one variable: Linux takes 131,072 bytes, its name included."""
_LARGEST = 700_000
"""Characters of all: a Secret of Kubernetes holds 1 MiB."""


def pack(
    *,
    document: dict[str, Any],
    inputs: dict[str, Any],
    models: Mapping[str, Connection],
    run_id: str = "",
    timeout: float | None = None,
    seed: int | None = None,
    only: str = "",
    until: str = "",
    memory: Memory | None = None,
    done: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Returns the variables that a job needs to run a flow; they hold the keys of its models.

    Args:
        models: What each model reference of the flow stands for; built-in ones need none.
        timeout: Seconds for the run; None where the backend's own limit is enough.
        only, until: As for ``run_plan``.
        memory: What is known of steps beforehand, and where to pause.
        done: Outputs by key of the steps that earlier jobs of the run have finished and told.

    Raises:
        InputError: ``too_large_for_job``.
    """
    told = {
        "document": document,
        "inputs": inputs,
        "models": {ref: asdict(connection) for ref, connection in models.items()},
        "run_id": run_id,
        "timeout": timeout,
        "seed": seed,
        "only": only,
        "until": until,
        "memory": _plain(memory or Memory()),
        "done": dict(done or {}),
    }
    text = base64.b64encode(zlib.compress(json.dumps(told).encode(), 9)).decode()
    if len(text) > _LARGEST:
        raise InputError(
            f"The flow, its inputs and what is known of its steps are {len(text)} characters when packed; "
            f"a job takes {_LARGEST}.",
            code="too_large_for_job",
            hint="Run it in the studio, or give it less at once.",
        )
    parts = [text[at : at + _PART] for at in range(0, len(text), _PART)]
    return {f"{_NAME}{index}": part for index, part in enumerate(parts)}


def unpack(environ: MutableMapping[str, str]) -> dict[str, Any]:
    """Reads what :func:`pack` made, and takes it out of the variables: no child shall inherit it.

    Raises:
        FlowError: ``no_run``.
    """
    names = sorted((name for name in environ if name.startswith(_NAME)), key=lambda name: int(name[13:]))
    text = "".join(environ.pop(name) for name in names)
    if not text:
        raise FlowError(
            "There is no run in the environment.",
            code="no_run",
            hint="The studio starts this program as a job; by hand use `flowloft run FLOW`.",
        )
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text)))
    return found


def _plain(memory: Memory) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in asdict(memory).items()
    }


def _memory(told: dict[str, Any]) -> Memory:
    return Memory(**{**told, "fresh": frozenset(told["fresh"]), "stops": frozenset(told["stops"])})


class HandedJournal:
    """What earlier jobs of the same run have done. A job runs once and its end is the run's, so what it
    begins need not be noted.

    Args:
        run_id: For the keys of steps with effects, which are those that the studio gives.
        done: Outputs by port, by key of the step.
    """

    def __init__(self, run_id: str, done: dict[str, Any]) -> None:
        self._run_id = uuid.UUID(run_id) if run_id else uuid.uuid4()
        self._done = done

    def recall(self, key: str) -> dict[str, Any] | None:
        """Returns the outputs by port of a step that has finished, else None."""
        return self._done.get(key)

    def intend(self, key: str, *, repeatable: bool) -> str:
        """Returns the idempotency key of a step with an effect."""
        return str(uuid.uuid5(self._run_id, key))


class HandedModels:
    """The models that came with the run, and the built-in ones, which start on this machine.

    Args:
        models: Fields of a connection by model reference.
    """

    def __init__(self, models: dict[str, dict[str, Any]]) -> None:
        self._models = {ref.casefold(): Connection.of(fields) for ref, fields in models.items()}
        self._here = EnvironmentModels({})

    def resolve(self, ref: str) -> Connection:
        """Returns the connection for ``"<connection>/<model>"``.

        Raises:
            NoFit: It did not come with the run, because the flow does not name it.
        """
        if ref.casefold() in self._models:
            return self._models[ref.casefold()]
        try:
            return self._here.resolve(ref)
        except NoFit as error:
            raise NoFit(
                f"There is no model “{ref}” in this job.",
                code="unknown_model",
                hint="A job knows the models that the flow names in its nodes, and the built-in ones.",
            ) from error

    def entries(self) -> list[ModelEntry]:
        """Returns the built-in models."""
        return self._here.entries()


def main() -> int:
    """Runs the flow; returns 0 where it succeeded or waits for a person, 130 where it was cancelled, or 1."""
    # Records own stdout: whatever else prints, also a library in C, is turned to stderr.
    handle = os.dup(1)
    os.dup2(2, 1)
    os.environ.setdefault("FLOWLOFT_DATA", os.path.join(os.getcwd(), "flowloft"))
    sink = RecordSink(handle)
    token = CancelToken()

    def stop(number: int, frame: FrameType | None) -> None:
        token.cancel("cancelled")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        outcome = _outcome(unpack(os.environ), token, cast("Sink", sink))
    except FlowloftError as error:
        outcome = Outcome("failed", failures=(error,))
    told = {"status": outcome.status, "error": outcome.error, "errors": outcome.errors}
    sink.end({**told, "outputs": outcome.outputs})
    waits = outcome.status == "waiting"
    why = f" {outcome.error['message']}" if outcome.error else ""
    said = "The run waits for a person; another job goes on with the answer." if waits else ""
    sys.stderr.write(said or f"The run ended: {outcome.status}.{why}")
    sys.stderr.write("\n")
    return {"succeeded": 0, "waiting": 0, "cancelled": 130}.get(outcome.status, 1)


def _outcome(run: dict[str, Any], token: CancelToken, sink: Sink) -> Outcome:
    folder = os.environ.get("FLOWLOFT_COMPONENTS", "")
    for result in load_components(folder) if folder else []:
        if result.error:
            sys.stderr.write(f"warning: {result.file}: {result.error['message']}\n")
    compiled = compile_flow(run["document"])
    if compiled.plan is None:
        finding = next(finding for finding in compiled.findings if finding.level == "error")
        raise FlowError(finding.message, code=finding.code, hint=finding.hint, node_id=finding.node_id)
    models: ModelSource = HandedModels(run["models"])
    context = Context(
        models=models,
        journal=HandedJournal(run["run_id"], run["done"]),
        memory=_memory(run["memory"]),
        run_id=run["run_id"],
        timeout=run["timeout"],
        seed=run["seed"],
        cancel=token,
    )
    only, until = run["only"] or None, run["until"] or None
    return run_plan(compiled.plan, run["inputs"], context, sink, only=only, until=until)


if __name__ == "__main__":
    raise SystemExit(main())
