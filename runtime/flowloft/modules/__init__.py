"""Modules: parts of an application that can be called like functions, and besides be trained, served
and evaluated. A module made of others does each of these through them, innermost first."""

from flowloft.modules.action import ActionModule
from flowloft.modules.base import Module
from flowloft.modules.evaluation import Evaluation, Row
from flowloft.modules.online_chat import OnlineChatModule
from flowloft.modules.online_embedding import OnlineEmbeddingModule
from flowloft.modules.server import ServerModule
from flowloft.modules.url import UrlModule

__all__ = [
    "ActionModule",
    "Evaluation",
    "Module",
    "OnlineChatModule",
    "OnlineEmbeddingModule",
    "Row",
    "ServerModule",
    "UrlModule",
]
