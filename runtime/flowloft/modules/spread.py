"""Several values for the next step, on their way through a server."""

from __future__ import annotations

from typing import Any

from flowloft.flow import kwargs, package


def answer_of(value: Any) -> dict[str, Any]:
    """Returns a result as data."""
    return {"output": value, "spread": True} if type(value) in (package, kwargs) else {"output": value}


def result_of(answer: dict[str, Any]) -> Any:
    """Returns the result that an answer holds."""
    output = answer["output"]
    if answer.get("spread") is True and isinstance(output, (list, dict)):
        return package.of(output) if isinstance(output, list) else kwargs(output)
    return output
