"""Steps to graphs: how each reads its inputs, what runs side by side. Shared by documents and by
flows written in Python, and loads no pydantic for the latter."""

from flowloft.engine.graph.finish import finish
from flowloft.engine.graph.gather import Reading, gathering

__all__ = ["Reading", "finish", "gathering"]
