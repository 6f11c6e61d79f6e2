"""Settings of a flow's nodes in place of those that are drawn, as they are asked for over the API."""

from __future__ import annotations

from typing import Any

from flowloft.core.spec import FlowSpec
from flowloft.experiments.settings import field_check, first_error, value_check

from backend.common.errors import ApiError


def checked(document: dict[str, Any], overrides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns overrides that suit a flow.

    Raises:
        InputError: With the path, ``/overrides/0/value``.
    """
    for at, one in enumerate(overrides):
        node = field_check(document, one["node"], one["field"], f"/overrides/{at}")
        value_check(node, one["field"], one["value"], f"/overrides/{at}/value")
    return overrides


def runnable(document: dict[str, Any]) -> FlowSpec:
    """Returns what an overridden flow says.

    Raises:
        ApiError: 422 where it can't run so.
    """
    wrong = first_error(document)
    if wrong is not None:
        raise ApiError(
            422,
            "flow_has_errors",
            f"The flow cannot run with these settings: {wrong.message}",
            wrong.hint,
            findings=[wrong.model_dump()],
        )
    return FlowSpec.model_validate(document)
