"""Flowloft: flows of models, tools and functions, drawn or written.

    import flowloft

    story = flowloft.pipeline(outline, flowloft.warp(write).aslist, "".join)
    story("a lighthouse keeper")

Everything is loaded when it is first asked for. The groups of registered components are attributes
too: ``flowloft.<group>.<name>``.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowloft import launchers
    from flowloft.components import component_register, load_components
    from flowloft.core.context import Context
    from flowloft.engine import Compiled, Outcome, compile_flow, run_plan
    from flowloft.experiments.search import grid_search
    from flowloft.flow import (
        Flow,
        JsonFormatter,
        _0,
        _1,
        _2,
        _3,
        _4,
        _5,
        _6,
        _7,
        _8,
        _9,
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
    from flowloft.flow.engine_graph import engine_graph
    from flowloft.modules import (
        ActionModule,
        Evaluation,
        FlowModule,
        FunctionCallAgent,
        Module,
        OnlineChatModule,
        OnlineEmbeddingModule,
        PlanAndSolveAgent,
        ReactAgent,
        ServerModule,
        TrainableModule,
        UrlModule,
        WebModule,
        fc_register,
    )
    from flowloft.rag import Document, Reranker, Retriever

__version__ = "0.1.0"

_HOMES = {
    "flowloft.components": ("component_register", "load_components"),
    "flowloft.core.context": ("Context",),
    "flowloft.engine": ("Compiled", "Outcome", "compile_flow", "run_plan"),
    "flowloft.experiments.search": ("grid_search",),
    "flowloft.flow": (
        *(f"_{number}" for number in range(10)),
        "Flow",
        "JsonFormatter",
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
    "flowloft.flow.engine_graph": ("engine_graph",),
    "flowloft.modules": (
        "ActionModule",
        "Evaluation",
        "FlowModule",
        "FunctionCallAgent",
        "Module",
        "OnlineChatModule",
        "OnlineEmbeddingModule",
        "PlanAndSolveAgent",
        "ReactAgent",
        "ServerModule",
        "TrainableModule",
        "UrlModule",
        "WebModule",
        "fc_register",
    ),
    "flowloft.rag": ("Document", "Reranker", "Retriever"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ActionModule",
    "Compiled",
    "Context",
    "Document",
    "Evaluation",
    "Flow",
    "FlowModule",
    "FunctionCallAgent",
    "JsonFormatter",
    "Module",
    "OnlineChatModule",
    "OnlineEmbeddingModule",
    "Outcome",
    "PlanAndSolveAgent",
    "ReactAgent",
    "Reranker",
    "Retriever",
    "ServerModule",
    "TrainableModule",
    "UrlModule",
    "WebModule",
    "_0",
    "_1",
    "_2",
    "_3",
    "_4",
    "_5",
    "_6",
    "_7",
    "_8",
    "_9",
    "bind",
    "compat",
    "compile_flow",
    "component_register",
    "diverter",
    "engine_graph",
    "fc_register",
    "graph",
    "grid_search",
    "ifs",
    "kwargs",
    "launchers",
    "load_components",
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
    if name == "launchers":
        return importlib.import_module("flowloft.launchers")
    home = _HOME_OF.get(name)
    if home is None:
        components = sys.modules.get("flowloft.components")
        if components is not None and name in components.component_register.groups():
            return components.component_register.group(name)
        raise AttributeError(
            f"module 'flowloft' has no attribute {name!r}", name=name, obj=sys.modules[__name__]
        )
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
