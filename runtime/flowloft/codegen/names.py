"""What the names of a Python file mean, and which of its statements a piece of it needs."""

from __future__ import annotations

import ast
import symtable
import sys
import textwrap

FLOW_PACKAGES = frozenset({"flowloft", "lazyllm"})
"""Packages with the flow language: this one, and the one whose programs are read as well."""


class Names:
    """The top of a module.

    Args:
        source: Its text.
        tree: The same, parsed.
    """

    def __init__(self, source: str, tree: ast.Module) -> None:
        self.source = source
        self.tree = tree
        self._lines = source.splitlines()
        self._bound: dict[str, list[ast.stmt]] = {}
        self._imported: dict[str, str] = {}
        self._touched: dict[str, list[ast.stmt]] = {}
        for statement in tree.body:
            for name in _binds(statement):
                self._bound.setdefault(name, []).append(statement)
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._note(statement)
            owner = _told(statement)
            if owner:
                self._touched.setdefault(owner, []).append(statement)

    def meaning(self, node: ast.expr) -> str:
        """Returns the full name of what a dotted name was imported as: ``flowloft.pipeline``; empty
        where it was not imported."""
        if isinstance(node, ast.Name):
            return self._imported.get(node.id, "")
        if isinstance(node, ast.Attribute):
            before = self.meaning(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""

    def flow_word(self, node: ast.expr) -> str:
        """Returns the word of the flow language that a name stands for: ``pipeline``; else empty."""
        full = self.meaning(node)
        return full.rpartition(".")[2] if full.partition(".")[0] in FLOW_PACKAGES else ""

    def definition(self, name: str) -> ast.stmt | None:
        """Returns the one statement that gives a name its meaning; None where there is none or more."""
        found = self._bound.get(name, [])
        return found[0] if len(found) == 1 else None

    def touching(self, name: str) -> list[ast.Call]:
        """Returns the calls that tell a graph of that name about its edges, in their order."""
        found = [one.value for one in self._touched.get(name, []) if isinstance(one, ast.Expr)]
        return [one for one in found if isinstance(one, ast.Call)]

    def text(self, node: ast.expr) -> str:
        """Returns the source of an expression, on one line."""
        found = ast.get_source_segment(self.source, node)
        return found if found is not None and "\n" not in found else ast.unparse(node)

    def needs(self, *nodes: ast.AST) -> list[ast.stmt]:
        """Returns the statements that pieces of the module need, in their order, flow words left out."""
        wanted: set[int] = set()
        todo: list[ast.AST] = list(nodes)
        while todo:
            for name in free_names(todo.pop()):
                for statement in (*self._bound.get(name, []), *self._touched.get(name, [])):
                    if id(statement) not in wanted:
                        wanted.add(id(statement))
                        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                            todo.append(statement)
        return [statement for statement in self.tree.body if id(statement) in wanted]

    def is_of_flows(self, statement: ast.stmt) -> bool:
        """Says whether a statement imports the flow language."""
        if isinstance(statement, ast.ImportFrom):
            return (statement.module or "").partition(".")[0] in FLOW_PACKAGES
        return isinstance(statement, ast.Import) and any(
            alias.name.partition(".")[0] in FLOW_PACKAGES for alias in statement.names
        )

    def foreign(self, statement: ast.stmt) -> list[str]:
        """Returns the packages that a statement imports and that Python itself does not bring."""
        if isinstance(statement, ast.ImportFrom):
            names = [statement.module or "."] if not statement.level else ["."]
        elif isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        else:
            return []
        tops = [name.partition(".")[0] or "." for name in names]
        return [top for top in tops if top not in sys.stdlib_module_names]

    def statement_text(self, statement: ast.stmt) -> str:
        """Returns a statement as it is written; a function without what registers it as a component."""
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)) and statement.decorator_list:
            kept = [one for one in statement.decorator_list if not self._registers(one)]
            body = "\n".join(self._lines[statement.lineno - 1 : statement.end_lineno])
            return "\n".join([*(f"@{self.text(one)}" for one in kept), body])
        same_line = [
            other
            for other in self.tree.body
            if other is not statement
            and {other.lineno, other.end_lineno} & {statement.lineno, statement.end_lineno}
        ]
        if same_line:
            return ast.unparse(statement)
        return textwrap.dedent("\n".join(self._lines[statement.lineno - 1 : statement.end_lineno]))

    def _registers(self, decorator: ast.expr) -> bool:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        return "component_register" in self.meaning(called)

    def _note(self, statement: ast.Import | ast.ImportFrom) -> None:
        for alias in statement.names:
            if isinstance(statement, ast.Import):
                shown = alias.asname or alias.name.partition(".")[0]
                self._imported[shown] = alias.name if alias.asname else shown
            elif statement.module and not statement.level:
                self._imported[alias.asname or alias.name] = f"{statement.module}.{alias.name}"


def free_names(node: ast.AST) -> set[str]:
    """Returns the names that a piece of code takes from around it."""
    if isinstance(node, ast.Name):
        return {node.id}
    table = symtable.symtable(ast.unparse(node), "flow", "exec")
    found = {one.get_name() for one in table.get_symbols() if one.is_referenced()}
    todo = list(table.get_children())
    while todo:
        inner = todo.pop()
        found |= {one.get_name() for one in inner.get_symbols() if one.is_global()}
        todo += inner.get_children()
    return found


_TELLS = frozenset({"add_edge", "add_const_edge", "set_node_arg_name"})


def _told(statement: ast.stmt) -> str:
    """Returns the name of the graph that a statement adds an edge to; else nothing."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    called = call.func if isinstance(call, ast.Call) else None
    if isinstance(called, ast.Attribute) and called.attr in _TELLS and isinstance(called.value, ast.Name):
        return called.value.id
    return ""


def _binds(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
