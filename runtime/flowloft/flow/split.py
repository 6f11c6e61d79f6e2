"""Which branch gets which value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.flow.values import Call, package

Names = Sequence[str | None]


def kept_only(value: Any, names: Names) -> tuple[Any, list[int]]:
    """Takes ``_kept_items`` and ``_skip_items`` out of the keyword arguments of a call.

    Returns:
        The value without them, and the numbers of the branches that are to run.
    """
    every = list(range(len(names)))
    if type(value) is not Call:
        return value, every
    named = dict(value.named)
    kept, skipped = named.pop("_kept_items", None), named.pop("_skip_items", None)
    if kept and skipped:
        raise FlowError(
            "Both _kept_items and _skip_items were given.",
            code="kept_and_skipped",
            hint="Give one of them.",
        )
    value = Call(value.value, named) if named else value.value
    if kept:
        return value, [index for index in every if _among(index, names, kept)]
    if skipped:
        return value, [index for index in every if not _among(index, names, skipped)]
    return value, every


def _among(index: int, names: Names, chosen: Any) -> bool:
    chosen = [chosen] if isinstance(chosen, (int, str)) else chosen
    return index in chosen or (names[index] is not None and names[index] in chosen)


def split(value: Any, names: Names, kept: list[int], *, lenient: bool) -> list[tuple[int, Any]]:
    """Shares a value out over branches.

    Args:
        kept: Numbers of the branches that run. Values may be given for these or for all.
        lenient: Passes over what is too much, and leaves out branches without a value.

    Returns:
        Number and value of each branch that runs.
    """
    if isinstance(value, dict):
        return _by_name(value, names, kept, lenient=lenient)
    if type(value) is package and len(value) == 1:
        value = value[0]
    if not isinstance(value, (tuple, list)):
        raise FlowError(
            f"A diverter needs a value for each branch, not one {type(value).__name__}.",
            code="values_mismatch",
            hint="Call it with several values, a list, a tuple, or a dict by name.",
        )
    if len(value) == len(names) and len(kept) != len(names):
        return [(index, value[index]) for index in kept]
    if len(value) != len(kept) and not (lenient and len(kept) == len(names)):
        raise FlowError(
            f"There are {len(kept)} branches and {len(value)} values.",
            code="values_mismatch",
            hint="Give one value for each branch.",
        )
    return list(zip(kept, value, strict=False))


def _by_name(value: dict[Any, Any], names: Names, kept: list[int], *, lenient: bool) -> list[tuple[int, Any]]:
    wanted = {name: index for index, name in enumerate(names) if name is not None}
    if not wanted:
        raise FlowError(
            "A dict can't be shared out over branches without names.",
            code="no_names",
            hint="Name them: diverter(first=f, second=g).",
        )
    missing = [names[index] for index in kept if names[index] not in value]
    unknown = [key for key in value if key not in wanted]
    if missing or (unknown and not lenient):
        raise FlowError(
            f"The values and the branches have different names: {missing or unknown}.",
            code="values_mismatch",
            hint=f"Give a value for each of {', '.join(wanted)}.",
        )
    return [(index, value[names[index]]) for index in kept]
