"""What a search asks: a flow document or a function, made anew with each combination of settings."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from flowloft.core.context import Context, ModelSource
from flowloft.core.errors import FlowError, InputError
from flowloft.core.spec import FlowSpec
from flowloft.engine import compile_flow, run_plan
from flowloft.engine.compile import flow_ports, inputs_check
from flowloft.engine.compile.document import pointer
from flowloft.engine.compile.upgrade import upgrade
from flowloft.engine.run import Silent
from flowloft.experiments.rows import ANSWERS, ASKABLE, QUESTIONS, Messages, inputs_of, likely, question_of
from flowloft.experiments.settings import Document, field_check, overridden, value_check

Settings = dict[str, Any]
Usage = dict[str, float]
Ask = Callable[[Messages, Usage], Any]
"""Answers a conversation, and adds to what was used."""

_adding = threading.Lock()


def add(total: Usage, used: Mapping[str, float] | None) -> None:
    """Adds what one step or one trial used; several rows are under way at once."""
    with _adding:
        for name, count in (used or {}).items():
            total[name] = round(total.get(name, 0) + count, 9)


def overrides(settings: Settings) -> list[dict[str, Any]]:
    """Returns settings as a flow takes them in: ``{node, field, value}`` each."""
    return [
        {"node": name.rpartition(".")[0], "field": name.rpartition(".")[2], "value": value}
        for name, value in settings.items()
    ]


class Called:
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

    def made(self, settings: Settings) -> AbstractContextManager[Ask]:
        """Returns what answers with these settings."""
        if not self._build:
            return nullcontext(_asking(partial(self._call, **settings)))
        made = self._call(**settings)
        return _Left(made) if hasattr(made, "__exit__") else nullcontext(_asking(made))


class _Left(AbstractContextManager[Ask]):
    """What was made for a trial, left when that is over."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def __enter__(self) -> Ask:
        return _asking(self._made.__enter__())

    def __exit__(self, *told: object) -> Any:
        return self._made.__exit__(*told)


def _asking(call: Callable[..., Any]) -> Ask:
    return lambda messages, usage: call(question_of(messages))


class FlowDocument:
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

    def made(self, settings: Settings) -> AbstractContextManager[Ask]:
        """Returns what runs the flow with these settings.

        Raises:
            FlowError: ``flow_has_errors``: it can't run with them.
        """
        compiled = compile_flow(overridden(self.document or {}, overrides(settings)))
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
        add(self._usage, usage)

    def step_failed(self, *told: Any) -> None:
        add(self._usage, told[-1])

    def step_cancelled(self, *told: Any) -> None:
        add(self._usage, told[-1])
