"""A flow on the command line: inputs from arguments, the answer as it comes, or events as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, TextIO, cast

from flowloft.codegen.asking import ask
from flowloft.core.context import Context
from flowloft.core.errors import FlowError, FlowloftError, InputError
from flowloft.core.events import Sink
from flowloft.core.findings import Finding
from flowloft.core.models import EnvironmentModels
from flowloft.core.types import Stream
from flowloft.engine import Outcome, compile_flow, run_plan
from flowloft.engine.compile import inputs_check
from flowloft.engine.run import Silent

SUCCEEDED, FAILED, USAGE, CANCELLED = 0, 1, 2, 130


class Lines:
    """A sink that writes each event as one line of JSON, in the form in which they travel."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._seq = 0

    def tell(self, kind: str, at: float, **fields: Any) -> None:
        """Writes one event."""
        with self._lock:
            self._seq += 1
            event = {"seq": self._seq, "at": at, "type": kind, **fields}
            self._out.write(json.dumps(event, ensure_ascii=False, default=_shown) + "\n")
            self._out.flush()

    def step_started(self, node_id: str, path: str, attempt: int, inputs: dict[str, Any], at: float) -> None:
        self.tell("step.started", at, node_id=node_id, path=path, attempt=attempt, inputs=inputs)

    def step_succeeded(
        self,
        node_id: str,
        path: str,
        outputs: dict[str, Any],
        started: float,
        at: float,
        cached: bool,
        usage: dict[str, float] | None,
        error: dict[str, Any] | None,
    ) -> None:
        more: dict[str, Any] = {"usage": usage} if usage else {}
        if error:
            more["error"] = error
        self.tell(
            "step.succeeded",
            at,
            node_id=node_id,
            path=path,
            outputs=outputs,
            duration=at - started,
            cached=cached,
            **more,
        )

    def step_failed(
        self,
        node_id: str,
        path: str,
        error: dict[str, Any],
        started: float,
        at: float,
        usage: dict[str, float] | None,
    ) -> None:
        more = {"usage": usage} if usage else {}
        self.tell("step.failed", at, node_id=node_id, path=path, error=error, duration=at - started, **more)

    def step_skipped(self, node_id: str, path: str, at: float) -> None:
        self.tell("step.skipped", at, node_id=node_id, path=path)

    def step_cancelled(
        self, node_id: str, path: str, started: float, at: float, usage: dict[str, float] | None
    ) -> None:
        self.tell("step.cancelled", at, node_id=node_id, path=path, duration=at - started)

    def step_retrying(
        self, node_id: str, path: str, attempt: int, delay: float, error: dict[str, Any], at: float
    ) -> None:
        self.tell("step.retrying", at, node_id=node_id, path=path, attempt=attempt, delay=delay, error=error)

    def step_waiting(self, node_id: str, path: str, question: dict[str, Any] | None, at: float) -> None:
        self.tell("step.waiting", at, node_id=node_id, path=path, question=question)

    def step_text(self, node_id: str, path: str, port: str, text: str, at: float) -> None:
        self.tell("step.delta", at, node_id=node_id, path=path, port=port, text=text)

    def step_progress(self, node_id: str, path: str, done: int, total: int | None, at: float) -> None:
        self.tell("step.progress", at, node_id=node_id, path=path, done=done, total=total)

    def log(self, node_id: str, path: str, level: str, message: str, at: float) -> None:
        self.tell("log", at, node_id=node_id, path=path, level=level, message=message)


class Spoken(Silent):
    """A sink that writes the answer of a chat as it comes."""

    def __init__(self, document: dict[str, Any], out: TextIO) -> None:
        nodes = document["graph"]["nodes"]
        self._speakers = {name for name, node in nodes.items() if node["kind"] == "chat_output"}
        self._out = out
        self.said = False

    def step_text(self, *told: Any) -> None:
        node_id, _, _, text, _ = told
        if node_id in self._speakers:
            self.said = True
            self._out.write(text)
            self._out.flush()


class Both:
    """A sink that tells two others."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks

    def __getattr__(self, name: str) -> Any:
        told = [getattr(sink, name) for sink in self._sinks]

        def tell(*arguments: Any) -> None:
            for one in told:
                one(*arguments)

        return tell


def main(document: dict[str, Any], arguments: Sequence[str] | None = None) -> int:
    """Runs a flow with what stands on the command line.

    Returns:
        Exit code: 0 succeeded, 1 failed, 2 wrong arguments or a flow with errors, 130 cancelled.
    """
    parser = argparse.ArgumentParser(description="Runs the flow once.")
    add_run_arguments(parser)
    parser.add_argument("--json", action="store_true", help="writes every event as a line of JSON")
    return run_document(document, parser.parse_args(arguments))


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that a run takes."""
    parser.add_argument("text", nargs="?", help="what is said to the flow: its input “text”")
    parser.add_argument(
        "--input",
        "-i",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a further input; the value is read as JSON where it is JSON; @FILE reads a file",
    )
    parser.add_argument("--events", metavar="FILE", help="also writes every event as a line of JSON there")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="stops the run after this time")


def run_document(document: dict[str, Any], options: argparse.Namespace) -> int:
    """Compiles and runs a flow, and writes how it goes; returns the exit code."""
    compiled = compile_flow(document)
    for finding in compiled.findings:
        sys.stderr.write(f"{_told(finding)}\n")
    try:
        if compiled.plan is None or compiled.spec is None:
            raise _unable(compiled.findings)
        inputs = read_inputs(options.text, options.input)
        inputs_check(inputs, compiled.spec.graph)
    except FlowloftError as error:
        if options.json:
            sys.stdout.write(json.dumps({"error": error.payload()}, ensure_ascii=False) + "\n")
        if compiled.plan is not None:
            sys.stderr.write(f"error: {error.message} {error.hint}\n")
        return USAGE
    answer = ask if sys.stdin.isatty() else None
    context = Context(models=EnvironmentModels(), timeout=options.timeout, answer=answer)
    spoken = Spoken(document, sys.stdout)
    with ExitStack() as files:
        written = Lines(files.enter_context(_opened(options.events))) if options.events else None
        shown = Lines(sys.stdout) if options.json else cast("Sink", spoken)
        sink = shown if written is None else cast("Sink", Both(shown, written))
        try:
            outcome = run_plan(compiled.plan, inputs, context, sink)
        except KeyboardInterrupt:
            return CANCELLED
        if written is not None:
            _end_of(outcome, written)
    if isinstance(shown, Lines):
        return _end_of(outcome, shown)
    return _answer(outcome, spoken)


def _unable(findings: Sequence[Finding]) -> FlowError:
    first = next(finding for finding in findings if finding.level == "error")
    return FlowError(
        f"The flow cannot run: {first.message}",
        code="flow_has_errors",
        hint="Mend what the findings name.",
        extra={"findings": [finding.model_dump() for finding in findings]},
    )


def _opened(place: str) -> TextIO:
    try:
        return open(place, "w", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"“{place}” can't be written: {error.strerror}.",
            code="cannot_write",
            hint="Name a file in a folder that is there and that you may write to.",
        ) from error


def read_inputs(text: str | None, given: Sequence[str]) -> dict[str, Any]:
    """Returns the inputs of a run.

    Raises:
        InputError: One is not ``NAME=VALUE``, or its file can't be read.
    """
    inputs: dict[str, Any] = {} if text is None else {"text": text}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise InputError(f"“{one}” is no input.", hint="Write --input NAME=VALUE.")
        if value.startswith("@"):
            try:
                with open(value[1:], encoding="utf-8") as file:
                    value = file.read()
            except OSError as error:
                raise InputError(f"“{value[1:]}” can't be read: {error.strerror}.") from error
        inputs[name] = json_or_text(value)
    return inputs


def json_or_text(value: str) -> Any:
    """Returns what an argument says: JSON where it is JSON, else its text."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _told(finding: Finding) -> str:
    place = f" at {finding.node_id}" if finding.node_id else ""
    return f"{finding.level}{place}: {finding.message} {finding.hint}"


def _end_of(outcome: Outcome, lines: Lines) -> int:
    fields: dict[str, Any] = {}
    if outcome.status == "succeeded":
        fields = {"outputs": outcome.outputs}
    elif outcome.status not in ("cancelled", "waiting"):
        fields = {"error": outcome.error}
    if outcome.status == "failed":
        fields["errors"] = outcome.errors
    lines.tell(f"run.{outcome.status}", time.time(), **fields)
    return _code(outcome)


def _answer(outcome: Outcome, spoken: Spoken) -> int:
    if spoken.said:
        sys.stdout.write("\n")
    outputs = {name: value for name, value in outcome.outputs.items() if not (spoken.said and name == "text")}
    if len(outputs) == 1 and isinstance(next(iter(outputs.values())), str):
        sys.stdout.write(f"{next(iter(outputs.values()))}\n")
    elif outputs:
        sys.stdout.write(json.dumps(outputs, ensure_ascii=False, indent=2, default=_shown) + "\n")
    for error in outcome.errors:
        sys.stderr.write(
            f"error at {error['extra'].get('step', 'the run')}: {error['message']} {error['hint']}\n"
        )
    for key, question in outcome.questions:
        asked = question.get("message") or "a person has to answer."
        sys.stderr.write(f"waits at {key}: {asked} Run it in a terminal, or in the studio.\n")
    return _code(outcome)


def _code(outcome: Outcome) -> int:
    return {"succeeded": SUCCEEDED, "cancelled": CANCELLED}.get(outcome.status, FAILED)


def _shown(value: Any) -> Any:
    return {"$stream": True} if isinstance(value, Stream) else {"$text": str(value)}
