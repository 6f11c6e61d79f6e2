"""Examples of a dataset as rows of an evaluation, and back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flowloft.experiments import rows
from flowloft.experiments.rows import question_of

from backend.experiments import limits
from backend.experiments.models import EvaluationRow


@dataclass(frozen=True)
class Asked:
    """One example, as it is measured."""

    number: int
    messages: list[dict[str, Any]]
    """Before the answer; the last is the question."""
    expected: str

    @property
    def question(self) -> str:
        """The last message."""
        return question_of(self.messages)

    @property
    def key(self) -> str:
        """The same for the same conversation."""
        return hashlib.sha256(json.dumps(self.messages, sort_keys=True).encode()).hexdigest()


def asked_of(number: int, example: dict[str, Any]) -> Asked:
    """Reads an example: of a conversation the last turn counts, of a pair the chosen answer."""
    return Asked(number, *rows.asked_of(example))


def example_of_row(row: EvaluationRow, answer: str | None = None) -> dict[str, Any]:
    """Returns a row as an example to learn from; with another answer where one is given."""
    wanted = row.expected if answer is None else answer
    return {"messages": [*row.asked, {"role": "assistant", "content": wanted}]}


def inputs_of(row: EvaluationRow, takes: dict[str, str], to: str, fixed: dict[str, Any]) -> dict[str, Any]:
    """Returns what a run of a row is started with; ``flowloft.experiments.rows`` says how."""
    return rows.inputs_of(row.asked, takes, to, fixed)


def words_of(*texts: str) -> str:
    """Returns texts in small letters as they are searched, without what a text column refuses."""
    plain = " ".join(texts).encode("utf-8", "ignore").decode().replace("\0", " ")
    return " ".join(plain.split()).casefold()[: limits.SEARCHED]
