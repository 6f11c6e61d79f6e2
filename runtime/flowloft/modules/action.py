"""A function, module or flow as a module."""

from __future__ import annotations

from typing import Any

from flowloft.core.errors import FlowError
from flowloft.flow import Flow, pipeline
from flowloft.flow.base import made
from flowloft.modules.base import Module


class ActionModule(Module):
    """Wraps what can be called. It trains, serves and evaluates through the modules inside.

    Args:
        actions: A function, module or flow; several become a pipeline.

    Raises:
        FlowError: ``not_callable``.

    Example:
        >>> ActionModule(str.strip, str.title)("  hello world ")
        'Hello World'
    """

    def __init__(self, *actions: Any, name: str = "") -> None:
        super().__init__(name=name)
        self.action: Any = made(actions[0]) if len(actions) == 1 else pipeline(*actions)
        if not actions or not (callable(self.action) or isinstance(self.action, Flow)):
            raise FlowError(
                "An ActionModule needs something that can be called.",
                code="not_callable",
                hint="Write ActionModule(f), with a function, a module or a flow.",
            )

    def forward(self, *args: Any, **named: Any) -> Any:
        return self.action(*args, **named)
