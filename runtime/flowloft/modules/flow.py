"""A drawn flow as a module: what a server, a web page or another flow can call."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from typing import Any

from flowloft.core.context import Context, ModelSource
from flowloft.core.current import call_context
from flowloft.core.errors import FlowError, Paused
from flowloft.core.models import EnvironmentModels
from flowloft.core.node import Port
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec
from flowloft.core.stream import LiveText
from flowloft.core.types import PortType
from flowloft.engine import compile_flow, run_plan
from flowloft.engine.compile import flow_ports
from flowloft.engine.run import Silent
from flowloft.modules.base import Module
from flowloft.modules.parts import connections, parts_of

SAID = "text"
"""The output that is a text told while it is made."""

_HINTS: dict[PortType, Any] = {
    PortType.TEXT: str,
    PortType.NUMBER: float,
    PortType.BOOLEAN: bool,
    PortType.LIST: list[Any],
    PortType.MESSAGES: list[dict[str, Any]],
    PortType.RECORD: dict[str, Any],
}


class FlowModule(Module):
    """Runs a flow document. Its parameters are the inputs of the flow, required ones first.

    The servers, pages and trainable models that are drawn in it are its submodules: ``update()`` trains and
    starts them, and while they run the flow calls them.

    Args:
        document: A flow document, of any schema version.
        stream: Whether a call yields the text of a chat output as it comes.
        timeout: Seconds for one call.
        models: Where models are looked up; the environment where None.

    Raises:
        FlowError: ``flow_has_errors``: it does not compile; the message is the first finding.

    Example:
        ask = FlowModule(json.loads(Path("flow.json").read_text()))
        ask("What is a tide?")
    """

    def __init__(
        self,
        document: dict[str, Any] | FlowSpec,
        *,
        stream: bool = False,
        timeout: float = 1800.0,
        models: ModelSource | None = None,
        name: str = "",
    ) -> None:
        super().__init__(name=name)
        compiled = compile_flow(document)
        if compiled.plan is None or compiled.spec is None:
            first = compiled.findings[0]
            raise FlowError(
                first.message,
                code="flow_has_errors",
                hint=first.hint,
                node_id=first.node_id,
                extra={"findings": [finding.model_dump() for finding in compiled.findings]},
            )
        self.stream, self.timeout = stream, timeout
        self._plan, self._models = compiled.plan, models
        self.parts = parts_of(compiled.spec, timeout=timeout, models=models)
        """Modules of the services that are drawn in it, by the place of the node: ``loop_1/server_1``."""
        takes, gives = flow_ports(compiled.spec.graph)
        takes.sort(key=lambda port: not port.required)
        self.outputs = [port.name for port in gives]
        """Names of the outputs of the flow."""
        self._speakers = frozenset(
            node_id
            for node_id, node in compiled.spec.graph.nodes.items()
            if node.kind in KINDS and KINDS.get(node.kind).role == "output"
        )
        self.__doc__ = f"Runs {self.name} once."
        self.__signature__ = inspect.Signature([_parameter(port) for port in takes])
        self.__annotations__ = {port.name: _HINTS.get(port.type, Any) for port in takes}

    def forward(self, *args: Any, **named: Any) -> Any:
        """Runs the flow once.

        Returns:
            The value of the only output; a dict by name where there are several. With ``stream``,
            an iterator over the pieces of the text, where that is the only output.

        Raises:
            FlowloftError: What a step raised.
            TypeError: The arguments are not the inputs of the flow.
        """
        inputs = dict(self.__signature__.bind(*args, **named).arguments)
        if self.stream and self.outputs == [SAID]:
            return self._told(inputs)
        outputs = self._run(inputs, self._context(), None)
        return outputs[self.outputs[0]] if len(self.outputs) == 1 else outputs

    def _context(self) -> Context:
        context = call_context(self.timeout)
        context.models = self._models or EnvironmentModels()
        context.services = connections(self.parts)
        return context

    def _run(self, inputs: dict[str, Any], context: Context, sink: Any) -> dict[str, Any]:
        try:
            return run_plan(self._plan, inputs, context, sink).value()
        except Paused as error:
            raise FlowError(
                "The flow waits for a person, and here is none to ask.",
                code="needs_a_person",
                hint="Run it in the studio, or take the node that asks out of it.",
            ) from error

    def _told(self, inputs: dict[str, Any]) -> Iterator[str]:
        context = self._context()
        text = LiveText()
        sink = _Listening(self._speakers, text)

        def work() -> None:
            try:
                outputs = self._run(inputs, context, sink)
                if not sink.heard:
                    text.write(str(outputs[SAID]))
                text.close()
            except BaseException as error:  # noqa: BLE001 - raised again where the text is read
                text.close(error)

        thread = threading.Thread(target=work, name="flowloft-flow", daemon=True)
        thread.start()
        try:
            yield from text
        finally:
            context.cancel.cancel()
            thread.join()


class _Listening(Silent):
    """A sink that writes what the flow says into a text."""

    def __init__(self, speakers: frozenset[str], text: LiveText) -> None:
        self._speakers = speakers
        self._text = text
        self.heard = False

    def step_text(self, *told: Any) -> None:
        node_id, _, port, piece, _ = told
        if node_id in self._speakers and port == SAID:
            self.heard = True
            self._text.write(piece)


def _parameter(port: Port) -> inspect.Parameter:
    return inspect.Parameter(
        port.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=inspect.Parameter.empty if port.required else None,
        annotation=_HINTS.get(port.type, Any),
    )
