"""The templates of the start page: flow documents that the runtime brings along."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flowloft.core.errors import InputError


@lru_cache(maxsize=1)
def templates() -> dict[str, Any]:
    """Returns every template by key, in order of showing."""
    if find_spec("flowloft.templates") is None:
        return {}
    return {found.key: found for found in import_module("flowloft.templates").load_templates()}


def template_for(key: str) -> Any:
    """Returns one template.

    Raises:
        InputError: ``unknown_template``; the hint lists what there is.
    """
    found = templates().get(key)
    if found is None:
        raise InputError(
            f"There is no template “{key}”.",
            code="unknown_template",
            hint=f"There are: {', '.join(templates())}.",
            extra={"path": "/template"},
        )
    return found
