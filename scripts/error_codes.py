"""Reads every error and remark with a code of its own out of the source, for docs/errors.md."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("runtime/flowloft", "backend")

HEAD = """# Errors and remarks

Every error has the same four fields in the API, in events and on the page: `code`, `message`, `hint`,
`extra`. Codes are stable; messages may be worded better at any time. `{…}` stands for what differs from
case to case.

Written by `make gen` from the source.
"""


def text_of(node: ast.expr | None) -> str:
    """Returns a literal text, with `{…}` for what is computed; empty where nothing is literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left) + text_of(node.right)
    return ""


def _from_call(call: ast.Call) -> tuple[str, str, str] | None:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    texts = [argument for argument in call.args if not isinstance(argument, ast.Starred)]
    code = text_of(named.get("code"))
    if code:
        message = text_of(named.get("message")) or (text_of(texts[0]) if texts else "")
        return code, message, text_of(named.get("hint"))
    if isinstance(call.func, ast.Name) and call.func.id == "ApiError" and len(texts) >= 3:
        return text_of(texts[1]), text_of(texts[2]), text_of(texts[3]) if len(texts) > 3 else ""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called == "tell" and len(texts) >= 3:  # a remark of the compiler
        return text_of(texts[0]), text_of(texts[1]), text_of(texts[2])
    return None


def _from_class(node: ast.ClassDef) -> tuple[str, str, str] | None:
    for line in node.body:
        target = line.target if isinstance(line, ast.AnnAssign) else None
        if isinstance(line, ast.Assign) and len(line.targets) == 1:
            target = line.targets[0]
        if isinstance(target, ast.Name) and target.id == "code":
            assert isinstance(line, ast.Assign | ast.AnnAssign)
            code = text_of(line.value)
            doc = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ").replace("``", "`")
            return (code, doc, "") if code else None
    return None


def collect() -> dict[str, set[tuple[str, str]]]:
    """Returns the messages and hints of each code."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                one = None
                if isinstance(node, ast.Call):
                    one = _from_call(node)
                elif isinstance(node, ast.ClassDef) and node.bases:
                    one = _from_class(node)
                if one and one[0] and "{" not in one[0]:
                    found[one[0]].add((one[1], one[2]))
    return found


def page() -> str:
    """Returns docs/errors.md."""
    parts = [HEAD]
    for code, cases in sorted(collect().items()):
        lines = [f"\n## {code}\n"]
        for message, hint in sorted(cases):
            if message or hint:
                lines.append(f"- {message or '{…}'}{f' *{hint}*' if hint else ''}")
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)
