"""Flows that a person wrote in Python, as a drawing. The source is read as a tree and never run.

A step becomes a node, an argument an edge. Functions become Function nodes that hold their code with
what it needs. What has no drawing becomes one Function node that holds exactly that code.
"""

from __future__ import annotations

import ast
from typing import Any

from flowloft.codegen.drawer import Again, Drawer
from flowloft.codegen.flow_reading import FlowReader, Unreadable
from flowloft.codegen.inline import inlined
from flowloft.codegen.names import Names, free_names
from flowloft.core.errors import FlowError
from flowloft.core.findings import Finding


def read_handwritten(source: str, tree: ast.Module) -> tuple[dict[str, Any], list[Finding]]:
    """Draws the flow of a module: the last one that is part of no other.

    Returns:
        The document, and what became a Function node.

    Raises:
        FlowError: ``cannot_import``: there is no flow in it.
    """
    names = Names(*inlined(source, tree))
    main = _main(names)
    opaque: dict[int, str] = {}
    while True:
        try:
            return Drawer(names, opaque).draw(main)
        except Again as again:
            opaque[again.piece] = again.why


def _main(names: Names) -> ast.expr:
    """Returns an expression for the flow that the file is about."""
    reader = FlowReader(names)
    found: dict[str, ast.stmt] = {}
    last: ast.expr | None = None
    for statement in names.tree.body:
        if isinstance(statement, ast.Expr):
            last = statement.value if _is_flow(reader, statement.value) else last
        for name, made in _made(statement):
            if _is_flow(reader, made):
                found[name] = statement
    tops = [name for name in found if not _used_by_others(name, found)]
    if tops:
        return ast.Name(tops[-1], ast.Load())
    if last is None:
        raise FlowError(
            "The file draws no flow.",
            code="cannot_import",
            hint="A flow begins with: flow = Drawing(), or p = pipeline(...) of flowloft.",
            extra={"line": names.tree.body[0].lineno if names.tree.body else 1},
        )
    return last


def _made(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """Returns what a statement gives a name."""
    if isinstance(statement, ast.With):
        pairs = [(item.optional_vars, item.context_expr) for item in statement.items]
    elif isinstance(statement, ast.Assign):
        pairs = [(target, statement.value) for target in statement.targets]
    else:
        return []
    return [(target.id, value) for target, value in pairs if isinstance(target, ast.Name)]


def _is_flow(reader: FlowReader, node: ast.expr) -> bool:
    try:
        return reader.flow(node) is not None
    except Unreadable:
        return True


def _used_by_others(name: str, found: dict[str, ast.stmt]) -> bool:
    return any(name in free_names(statement) for statement in found.values() if statement is not found[name])
