"""Flowloft: flows of models, tools and functions, drawn or written.

    import flowloft

    story = flowloft.pipeline(outline, flowloft.warp(write).aslist, "".join)
    story("a lighthouse keeper")

Everything is loaded when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowloft.core.context import Context
    from flowloft.engine import Compiled, Outcome, compile_flow, run_plan
    from flowloft.flow import (
        Flow,
        bind,
        compat,
        diverter,
        graph,
        ifs,
        kwargs,
        loop,
        package,
        parallel,
        pipeline,
        save_pipeline_result,
        switch,
        warp,
    )

__version__ = "0.1.0"

_HOMES = {
    "flowloft.core.context": ("Context",),
    "flowloft.engine": ("Compiled", "Outcome", "compile_flow", "run_plan"),
    "flowloft.flow": (
        "Flow",
        "bind",
        "compat",
        "diverter",
        "graph",
        "ifs",
        "kwargs",
        "loop",
        "package",
        "parallel",
        "pipeline",
        "save_pipeline_result",
        "switch",
        "warp",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Compiled",
    "Context",
    "Flow",
    "Outcome",
    "bind",
    "compat",
    "compile_flow",
    "diverter",
    "graph",
    "ifs",
    "kwargs",
    "loop",
    "package",
    "parallel",
    "pipeline",
    "run_plan",
    "save_pipeline_result",
    "switch",
    "warp",
]


def __getattr__(name: str) -> Any:
    """Loads what is asked for, so that importing the package costs next to nothing."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'flowloft' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
