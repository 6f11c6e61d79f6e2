"""Questions of a flow that runs in a terminal."""

from __future__ import annotations

import json
import sys
from typing import Any

from flowloft.core.errors import InputError
from flowloft.core.forms import FormField, answer_check


def ask(question: dict[str, Any]) -> Any:
    """Asks whoever sits at the terminal, again until the answer fits. Questions go to stderr, so that
    stdout holds nothing but the result."""
    _say(f"\n{question.get('message') or 'The flow asks:'}")
    if question.get("value") is not None:
        _say(_shown(question["value"]))
    while True:
        answer = _answer(question)
        try:
            return answer_check(question, answer)
        except InputError as error:
            _say(error.message)


def _answer(question: dict[str, Any]) -> Any:
    if question.get("kind") == "approval":
        yes = _line("Approve? [y/n] ").strip().lower() in ("y", "yes")
        return {"decision": "approved" if yes else "rejected", "comment": _line("Comment: ")}
    if question.get("kind") != "form":
        _line("Press Enter to go on. ")
        return {}
    return {field.name: _field(field) for field in map(FormField.model_validate, question["fields"])}


def _field(field: FormField) -> Any:
    more = f" ({', '.join(field.options)})" if field.type == "choice" else ""
    begin = "" if field.default is None else f" [{_shown(field.default)}]"
    text = _line(f"{field.title or field.name}{more}{begin}: ")
    if not text:
        return field.default
    if field.type == "boolean":
        return text.strip().lower() in ("y", "yes", "true", "1")
    if field.type in ("number", "json"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _line(prompt: str) -> str:
    _say(prompt, end="")
    text = sys.stdin.readline()
    if not text:
        raise InputError("Nobody is there to answer.", hint="Run it in a terminal, or in the studio.")
    return text.rstrip("\n")


def _say(text: str, end: str = "\n") -> None:
    sys.stderr.write(text + end)
    sys.stderr.flush()


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
