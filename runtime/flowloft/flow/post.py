"""What becomes of the results of branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from flowloft.core.errors import FlowError
from flowloft.flow.values import package

Post = Literal["", "asdict", "astuple", "aslist", "sum", "join"]


def post_process(post: Post, results: Sequence[Any], names: Sequence[str | None], separator: str) -> Any:
    """Returns results in the form asked for; a package where none was.

    Args:
        names: Of the steps that gave them, for ``asdict``.
        separator: For ``join``.
    """
    if post == "asdict":
        if not all(names):
            raise FlowError(
                "Branches without a name can't be given as a dict.",
                code="no_names",
                hint="Name them: parallel(first=f, second=g).asdict.",
            )
        return dict(zip(names, results, strict=True))
    if post == "astuple":
        return tuple(results)
    if post == "aslist":
        return list(results)
    if post == "sum":
        return _sum(results)
    if post == "join":
        return separator.join(str(result) for result in results)
    return package.of(results)


def _sum(results: Sequence[Any]) -> Any:
    """Adds up by the type of the first: texts are joined, other values start from their empty one."""
    if not results:
        raise FlowError(
            "There is nothing to add up.",
            code="nothing_to_sum",
            hint="Make sure that there is at least one result, or use aslist.",
        )
    if isinstance(results[0], str):
        return "".join(str(result) for result in results)
    return sum(results, type(results[0])())
