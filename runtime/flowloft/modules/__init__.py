"""Modules: parts of an application that can be called like functions, and besides be trained, served
and evaluated. A module made of others does each of these through them, innermost first."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowloft.modules.action import ActionModule
    from flowloft.modules.agents import FunctionCallAgent, PlanAndSolveAgent, ReactAgent, fc_register
    from flowloft.modules.base import Module
    from flowloft.modules.evaluation import Evaluation, Row
    from flowloft.modules.flow import FlowModule
    from flowloft.modules.online_chat import OnlineChatModule
    from flowloft.modules.online_embedding import OnlineEmbeddingModule
    from flowloft.modules.server import ServerModule
    from flowloft.modules.trainable import TrainableModule
    from flowloft.modules.url import UrlModule
    from flowloft.modules.web import WebModule

_HOME_OF = {
    "ActionModule": "action",
    "Evaluation": "evaluation",
    "FlowModule": "flow",
    "FunctionCallAgent": "agents",
    "Module": "base",
    "OnlineChatModule": "online_chat",
    "OnlineEmbeddingModule": "online_embedding",
    "PlanAndSolveAgent": "agents",
    "ReactAgent": "agents",
    "Row": "evaluation",
    "ServerModule": "server",
    "TrainableModule": "trainable",
    "UrlModule": "url",
    "WebModule": "web",
    "fc_register": "agents",
}

__all__ = [
    "ActionModule",
    "Evaluation",
    "FlowModule",
    "FunctionCallAgent",
    "Module",
    "OnlineChatModule",
    "OnlineEmbeddingModule",
    "PlanAndSolveAgent",
    "ReactAgent",
    "Row",
    "ServerModule",
    "TrainableModule",
    "UrlModule",
    "WebModule",
    "fc_register",
]


def __getattr__(name: str) -> Any:
    """Loads the one that is asked for, so that a script pays for no other."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'flowloft.modules' has no attribute {name!r}")
    home = importlib.import_module(f"flowloft.modules.{_HOME_OF[name]}")
    value = globals()[name] = getattr(home, name)
    return value
