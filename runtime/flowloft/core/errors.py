"""One root error. Whatever else is raised is a bug, caught once and shown with an id."""

from __future__ import annotations

from typing import Any, ClassVar


class FlowloftError(Exception):
    """Something the reader of the message can act on.

    Args:
        message: What happened.
        code: Stable snake_case name; one heading in docs/errors.md.
        hint: What is valid, and what to do.
        node_id: The node it happened in, when it happened in one.
        extra: Further facts for a program, JSON only (for instance ``path``).
    """

    code: ClassVar[str] = "flowloft_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        node_id: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = code or self.code
        self.hint = hint
        self.node_id = node_id
        self.extra = dict(extra or {})
        self.others: list[FlowloftError] = []
        """Errors of branches that failed beside it, in the order in which they came."""
        if hint:
            # Below the message in a traceback, where a script shows nothing else of it.
            self.add_note(hint)

    def payload(self) -> dict[str, Any]:
        """Returns the four fields that API, event and page all show."""
        extra = dict(self.extra)
        if self.node_id is not None:
            extra.setdefault("node_id", self.node_id)
        return {
            "code": self.error_code,
            "message": self.message,
            "hint": self.hint,
            "extra": extra,
        }


class FlowError(FlowloftError):
    """The author of the flow can mend it (HTTP 422)."""

    code = "flow_error"


class InputError(FlowloftError):
    """The caller sent something that does not fit (HTTP 400)."""

    code = "invalid_input"


class ProviderError(FlowloftError):
    """A model service did not do its part.

    Args:
        permanent: Whether the same call would fail again (bad key, bad request); such a call is
            never retried.
    """

    code = "provider_error"

    def __init__(self, message: str, *, permanent: bool, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.permanent = permanent


class BackendError(FlowloftError):
    """A place to compute did not do its part; ``permanent`` as in :class:`ProviderError`."""

    code = "backend_error"

    def __init__(self, message: str, *, permanent: bool, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.permanent = permanent


class NoFit(FlowloftError):  # noqa: N818 - an answer to "what fits?"
    """Nothing available can do what was asked; the hint says what was tried and why not."""

    code = "no_fit"


class StepTimeout(FlowloftError):  # noqa: N818 - named like TimeoutError without the suffix
    """A node or a run took longer than it was allowed."""

    code = "timed_out"


class Paused(Exception):  # noqa: N818 - an outcome, not an error
    """A step waits for a person. Raised through whatever the step stands in; the run is taken up again
    when there is an answer, and steps that have finished are not repeated.

    Args:
        question: What is asked, as plain data; None where a container waits for a step inside it.
    """

    def __init__(self, question: dict[str, Any] | None = None) -> None:
        super().__init__("waits for a person")
        self.question = question


class Cancelled(Exception):  # noqa: N818 - an outcome, not an error
    """Someone asked the run to stop. Not a :class:`FlowloftError`: nobody has to mend anything."""
