"""Python source as a tree, read by one thread at a time."""

from __future__ import annotations

import ast
import threading
from typing import Any

_ONE = threading.Lock()
"""CPython 3.11 counts the depth of the tree that it builds once for all threads: two that build at once,
one of them interrupted by the garbage collector, end in ``SystemError: AST constructor recursion depth
mismatch``."""


def source_tree(source: str) -> ast.Module:
    """As :func:`ast.parse`, which fails now and then where several threads call it.

    Raises:
        SyntaxError: It is no Python.
        ValueError, RecursionError, MemoryError: Nor can it be read.
    """
    with _ONE:
        return ast.parse(source)


def literal(text: str) -> Any:
    """As :func:`ast.literal_eval` of a text: numbers, texts, lists and the like; nothing is run.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It is none of these.
    """
    with _ONE:
        return ast.literal_eval(text)
