"""Flowloft: flows of models, tools and functions, drawn or written."""

__version__ = "0.1.0"
