"""Flows as Python source, and back: by reading the source, never by running it."""

from flowloft.codegen.drawing import Drawing
from flowloft.codegen.read import read_source
from flowloft.codegen.write import write_source

__all__ = ["Drawing", "read_source", "write_source"]
