"""How a run ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from flowloft.core.errors import Cancelled, FlowloftError, Paused


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        outputs: What the output nodes gave, by name; empty unless it succeeded.
        failures: Every error of every branch, in the order in which they came; what a node raised
            is the ``__cause__``.
        questions: What steps wait for a person to answer, by key of the step, where it is ``waiting``.
            Run the plan again with ``Memory(answers={key: answer})``.
    """

    status: Literal["succeeded", "failed", "timed_out", "cancelled", "waiting"]
    outputs: dict[str, Any] = field(default_factory=dict)
    failures: tuple[FlowloftError, ...] = ()
    questions: tuple[tuple[str, dict[str, Any]], ...] = ()

    @property
    def error(self) -> dict[str, Any] | None:
        """The first error as code, message, hint and extra (with ``node_id``)."""
        return self.failures[0].payload() if self.failures else None

    @property
    def errors(self) -> list[dict[str, Any]]:
        """All errors, as :attr:`error`."""
        return [failure.payload() for failure in self.failures]

    def value(self) -> dict[str, Any]:
        """Returns the outputs.

        Raises:
            FlowloftError: The run failed or timed out.
            Cancelled: It was cancelled.
            Paused: It waits for a person.
        """
        if self.failures:
            raise self.failures[0]
        if self.status == "cancelled":
            raise Cancelled("cancelled")
        if self.status == "waiting":
            raise Paused(self.questions[0][1])
        return self.outputs
