"""Flows that a function builds, brought to the top of the module, where they are read.

A line keeps its number, so that remarks still say where something stands.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flowloft.codegen.flow_reading import FLOWS, WRAPPERS
from flowloft.codegen.names import Names, free_names
from flowloft.core.source import source_tree

ROUNDS = 20
"""How deep functions that build flows may call each other."""


def inlined(source: str, tree: ast.Module) -> tuple[str, ast.Module]:
    """Returns a module in which functions that build a flow are spelled out where they stand.

    That is a function that is called once, by name, and whose last statement returns a flow, or a
    ``main()`` that makes one and returns nothing. Whatever is in doubt stays as it is.
    """
    for _ in range(ROUNDS):
        found = _next(Names(source, tree))
        if found is None:
            break
        source = _spelled_out(source, found)
        try:
            tree = source_tree(source)
        except SyntaxError:  # it was not as simple as it looked
            return source, tree
    return source, tree


@dataclass
class _Builder:
    function: ast.FunctionDef
    given: list[tuple[str, str]]
    """Parameters with the source of what they are called with."""
    call: ast.Call | None
    result: str


def _next(names: Names) -> _Builder | None:
    functions = [one for one in names.tree.body if isinstance(one, ast.FunctionDef)]
    for function in functions:
        if function.decorator_list or not _makes_flow(names, function):
            continue
        found = _builder(names, function)
        if found is not None:
            return found
    return None


def _makes_flow(names: Names, function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call) and names.flow_word(_root(node.func)) in FLOWS | WRAPPERS
        for statement in function.body
        for node in ast.walk(statement)
    )


def _root(node: ast.expr) -> ast.expr:
    """Returns ``parallel`` of ``parallel.sequential``; anything else as it is."""
    return node.value if isinstance(node, ast.Attribute) and node.attr == "sequential" else node


def _builder(names: Names, function: ast.FunctionDef) -> _Builder | None:
    returns = [
        node for node in ast.walk(function) if isinstance(node, ast.Return) and _is_own(function, node)
    ]
    local = _locals(function)
    top = {name for one in names.tree.body if one is not function for name in _bound(one)}
    if local & top or any(isinstance(node, (ast.Global, ast.Nonlocal)) for node in ast.walk(function)):
        return None
    uses = [
        node
        for node in ast.walk(names.tree)
        if isinstance(node, ast.Name) and node.id == function.name and isinstance(node.ctx, ast.Load)
    ]
    calls = [
        node
        for node in ast.walk(names.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.name
    ]
    if not returns and len(uses) <= 1 and not _parameters(function):
        return _Builder(function, [], None, "")  # a main(): what it does with its flow is not read
    if len(returns) != 1 or returns[0] is not function.body[-1] or returns[0].value is None:
        return None
    if len(calls) != 1 or len(uses) != 1 or calls[0].lineno != calls[0].end_lineno:
        return None
    given = _given(names, function, calls[0])
    if given is None:
        return None
    return _Builder(function, given, calls[0], f"{function.name}_made")


def _is_own(function: ast.FunctionDef, node: ast.Return) -> bool:
    inner = (one for one in ast.walk(function) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return not any(node in ast.walk(one) for one in inner if one is not function)


def _parameters(function: ast.FunctionDef) -> list[ast.arg]:
    arguments = function.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _locals(function: ast.FunctionDef) -> set[str]:
    found = {one.arg for one in _parameters(function)}
    return found.union(*(_bound(statement) for statement in function.body))


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _given(names: Names, function: ast.FunctionDef, call: ast.Call) -> list[tuple[str, str]] | None:
    """Returns what each parameter is; None where that is not seen from the call."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or any(isinstance(one, ast.Starred) for one in call.args):
        return None
    positional = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    defaults = dict(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            defaults[one.arg] = default
    values: dict[str, ast.expr] = {**defaults, **dict(zip(positional, call.args, strict=False))}
    for word in call.keywords:
        if word.arg is None:
            return None
        values[word.arg] = word.value
    wanted = [one.arg for one in _parameters(function)]
    # A value that is computed inside another function would lose what it is computed from.
    inside = _locals(function)
    if set(wanted) != set(values) or any(free_names(value) & inside for value in values.values()):
        return None
    return [(name, ast.unparse(values[name])) for name in wanted]


def _spelled_out(source: str, found: _Builder) -> str:
    lines = source.split("\n")
    if found.call is not None:
        row = found.call.lineno - 1
        # Columns of a syntax tree count bytes.
        raw = lines[row].encode()
        changed = raw[: found.call.col_offset] + found.result.encode() + raw[found.call.end_col_offset :]
        lines[row] = changed.decode()
    function = found.function
    first, last = function.body[0].lineno - 1, (function.end_lineno or function.lineno) - 1
    body, indent = lines[first : last + 1], function.body[0].col_offset
    if function.lineno - 1 == first:  # all on one line
        body, indent = [lines[first].encode()[indent:].decode()], 0
    kept = _inside_texts(function)
    for number, line in enumerate(body):
        if first + number not in kept:
            body[number] = line[indent:] if not line[:indent].strip() else line.lstrip()
    ending = function.body[-1]
    if isinstance(ending, ast.Return) and found.call is not None:
        row = ending.lineno - 1 - first
        body[row] = body[row].replace("return", f"{found.result} =", 1)
    head = "; ".join(f"{name} = {value}" for name, value in found.given)
    blank = [head, *("" for _ in range(first - function.lineno))] if first >= function.lineno else []
    if not blank and head:
        body[0] = f"{head}; {body[0]}"
    lines[function.lineno - 1 : last + 1] = [*blank, *body]
    return "\n".join(lines)


def _inside_texts(function: ast.FunctionDef) -> set[int]:
    """Returns the lines, from 0, that begin inside a text of several lines: blanks there are part of it."""
    return {
        line
        for node in ast.walk(function)
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno is not None
        for line in range(node.lineno, node.end_lineno)
    }
