"""Flows in Python: the same plan and the same engine as a flow that was drawn.

    from flowloft.flow import bind, parallel, pipeline

    with pipeline() as story:
        story.outline = outline
        story.chapters = warp(write)
        story.bound = bind(publish, title=story.input)
    story("a lighthouse keeper")

A flow is a function. Inside it every function is a step: branches run side by side, the first
failure stops the others, and the steps' events can be listened to with :meth:`Flow.run`.
"""

from flowloft.flow.base import Flow
from flowloft.flow.bound import Bind, bind, placeholders
from flowloft.flow.branches import diverter, parallel, warp
from flowloft.flow.choice import ifs, switch
from flowloft.flow.dag import graph
from flowloft.flow.formatter import JsonFormatter, JsonLike
from flowloft.flow.mode import compat, save_pipeline_result
from flowloft.flow.series import loop, pipeline
from flowloft.flow.values import kwargs, package

_0, _1, _2, _3, _4, _5, _6, _7, _8, _9 = placeholders

__all__ = [
    "Bind",
    "Flow",
    "JsonFormatter",
    "JsonLike",
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
]
