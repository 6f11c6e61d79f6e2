"""Examples to learn from, read from the files that people have.

JSONL, JSON, CSV and Parquet, in any of the usual forms: messages, ShareGPT conversations, Alpaca
(instruction, input, output), prompt and completion, question and answer, and pairs (prompt, chosen,
rejected). Every row is checked, and each remark names its row.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowloft.core.errors import InputError
from flowloft.core.trainer import DataFacts, Objective

Example = dict[str, Any]
"""``{"messages": [...]}``, or ``{"prompt": [...], "chosen": [...], "rejected": [...]}``."""

SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")
MAX_REMARKS = 50
MAX_LINE = 8 << 20
"""Bytes of one row."""
_ROLES = {
    "human": "user",
    "gpt": "assistant",
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_ASKED = ("instruction", "prompt", "question", "query", "input")
_ANSWERED = ("output", "completion", "answer", "response")
FORMS = (
    "messages (a list of role and content), conversations (from and value), instruction/input/output, "
    "prompt/completion, question/answer, or prompt/chosen/rejected"
)


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with a row. ``row`` counts from 1, as editors do."""

    row: int
    message: str


@dataclass(slots=True)
class Report:
    """What a file holds.

    Attributes:
        examples: Rows that can be learned from, as they will be.
        remarks: What is wrong, with the row; at most 50 are kept.
        broken: How many rows are wrong.
    """

    examples: list[Example] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    broken: int = 0

    @property
    def objective(self) -> Objective:
        """What the examples teach."""
        return "dpo" if self.examples and "chosen" in self.examples[0] else "sft"


def read_examples(path: str | Path) -> Report:
    """Reads and checks a file.

    Raises:
        InputError: ``unreadable_dataset``: the file as a whole can't be read.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise _unreadable(
            f"A file with the ending “{suffix or 'none'}” is not read.", f"Send one of {', '.join(SUFFIXES)}."
        )
    report = Report()
    for number, row in enumerate(_rows(file, suffix), 1):
        found = row if isinstance(row, str) else example_of(row)
        if isinstance(found, str):
            _remark(report, number, found)
        elif report.examples and ("chosen" in found) != ("chosen" in report.examples[0]):
            _remark(report, number, "Pairs and plain examples can't be mixed in one dataset.")
        else:
            report.examples.append(found)
    if not report.examples and not report.remarks:
        raise _unreadable("The file holds no rows.", "Send at least one example.")
    return report


def whole_file(file: str | Path) -> list[Example]:
    """Reads a file in which every row must be good.

    Raises:
        InputError: ``broken_rows``; the message names the first.
    """
    report = read_examples(file)
    if report.remarks:
        first = report.remarks[0]
        raise InputError(
            f"Row {first.row} of {Path(file).name}: {first.message}",
            code="broken_rows",
            hint=f"Rows that can't be used: {report.broken}. Correct or remove them.",
            extra={"rows": [one.row for one in report.remarks]},
        )
    return report.examples


def _remark(report: Report, row: int, message: str) -> None:
    report.broken += 1
    if len(report.remarks) < MAX_REMARKS:
        report.remarks.append(Remark(row, message))


def _unreadable(message: str, hint: str) -> InputError:
    return InputError(message, code="unreadable_dataset", hint=hint)


def _rows(file: Path, suffix: str) -> Iterator[Any]:
    """Yields the rows; a text stands for one that can't be read, and says why."""
    try:
        if suffix == ".parquet":
            yield from _parquet(file)
        elif suffix == ".csv":
            with file.open(newline="", encoding="utf-8-sig") as opened:
                yield from csv.DictReader(opened, strict=True)
        elif suffix == ".json":
            whole = json.loads(file.read_text("utf-8-sig"))
            if not isinstance(whole, list):
                raise _unreadable("A JSON file of examples is a list.", "Put the rows into [ and ].")
            yield from whole
        else:
            yield from _lines(file)
    except (UnicodeDecodeError, csv.Error, json.JSONDecodeError) as error:
        raise _unreadable(
            f"{file.name} can't be read: {error}.", "Save it as UTF-8 and send it again."
        ) from error


def _lines(file: Path) -> Iterator[Any]:
    with file.open("rb") as opened:
        for line in opened:
            if not line.strip():
                continue
            if len(line) > MAX_LINE:
                yield f"The row is longer than {MAX_LINE >> 20} MB."
                continue
            try:
                yield json.loads(line)
            except (json.JSONDecodeError, UnicodeDecodeError) as error:
                yield f"This is not JSON: {error}."


def _parquet(file: Path) -> Iterator[Any]:
    import pyarrow
    import pyarrow.parquet

    try:
        for batch in pyarrow.parquet.ParquetFile(file).iter_batches(1024):
            yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(
            f"{file.name} is no Parquet file: {error}.", "Write it again, for instance with pandas."
        ) from error


def example_of(row: Any) -> Example | str:
    """Returns a row in the one form that trainers read, or what is wrong with it."""
    if not isinstance(row, dict):
        return f"A row is a record, this one is {type(row).__name__}."
    given = {str(key).strip().lower(): value for key, value in row.items() if value not in (None, "")}
    if "chosen" in given or "rejected" in given:
        return _pair(given)
    if "messages" in given or "conversations" in given:
        messages = _messages(given.get("messages", given.get("conversations")))
        return messages if isinstance(messages, str) else _conversation(messages)
    return _asked(given)


def _asked(given: dict[str, Any]) -> Example | str:
    question = next((given[name] for name in _ASKED if name in given), None)
    answer = next((given[name] for name in _ANSWERED if name in given), None)
    if question is None or answer is None:
        return f"It has {', '.join(given) or 'nothing'}; needed are {FORMS}."
    if "instruction" in given and "input" in given:
        question = f"{question}\n\n{given['input']}"
    system = given.get("system")
    first = [{"role": "system", "content": system}] if system else []
    return _conversation(
        [*first, {"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    )


def _messages(given: Any) -> list[dict[str, Any]] | str:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if not isinstance(given, list) or not given:
        return "Messages are a list of records with role and content."
    found = []
    for number, one in enumerate(given, 1):
        if not isinstance(one, dict):
            return f"Message {number} is no record."
        role = _ROLES.get(str(one.get("role", one.get("from", ""))).lower())
        content = one.get("content", one.get("value"))
        if role is None:
            return f"Message {number} has no role; valid are {', '.join(_ROLES)}."
        if not isinstance(content, str) or not content.strip():
            return f"Message {number} has no text."
        found.append({"role": role, "content": content})
    return found


def _conversation(messages: list[dict[str, Any]]) -> Example | str:
    if not all(isinstance(one["content"], str) and one["content"].strip() for one in messages):
        return "A question or an answer is no text."
    if messages[-1]["role"] != "assistant":
        return "The last message must be the assistant's: it is what is learned."
    if not any(one["role"] == "user" for one in messages):
        return "There is no question: a message of the user is missing."
    return {"messages": messages}


def _pair(given: dict[str, Any]) -> Example | str:
    if not {"prompt", "chosen", "rejected"} <= set(given):
        return "A pair has prompt, chosen and rejected."
    prompt = _messages(given["prompt"])
    if isinstance(prompt, str):
        return f"prompt: {prompt}"
    sides: dict[str, Any] = {"prompt": prompt}
    for side in ("chosen", "rejected"):
        said = given[side]
        if isinstance(said, str):
            sides[side] = [{"role": "assistant", "content": said}]
            continue
        messages = _messages(said)
        if isinstance(messages, str):
            return f"{side}: {messages}"
        sides[side] = messages[-1:]
    if sides["chosen"] == sides["rejected"]:
        return "chosen and rejected are the same."
    return sides


def with_system(example: Example, system: str) -> Example:
    """Returns the example with a system message where it has none."""
    key = "prompt" if "prompt" in example else "messages"
    if not system or example[key][0]["role"] == "system":
        return example
    return {**example, key: [{"role": "system", "content": system}, *example[key]]}


def divide(examples: list[Example], validation: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Returns examples to train on and to measure on; the same for the same seed.

    Args:
        validation: Part that is kept apart, 0 to 0.5.
    """
    import random

    order = list(range(len(examples)))
    random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    apart = set(order[: int(len(examples) * validation)])
    return (
        [one for number, one in enumerate(examples) if number not in apart],
        [one for number, one in enumerate(examples) if number in apart],
    )


def texts_of(example: Example) -> Iterable[str]:
    """Yields every text in an example."""
    for key in ("messages", "prompt", "chosen", "rejected"):
        for message in example.get(key, ()):
            yield message["content"]


def measure(examples: list[Example], tokenizer: Path | None, validation: int = 0) -> DataFacts:
    """Counts the tokens of the examples.

    Args:
        tokenizer: The model's ``tokenizer.json``; without one a token counts four bytes.
    """
    marks = 6  # tokens that a chat template puts around each message
    lengths = []
    count = _counter(tokenizer)
    for example in examples:
        texts = list(texts_of(example))
        lengths.append(count(texts) + marks * len(texts))
    objective: Objective = "dpo" if examples and "chosen" in examples[0] else "sft"
    return DataFacts(
        examples=len(examples),
        mean=sum(lengths) / max(1, len(lengths)),
        longest=max(lengths, default=0),
        objective=objective,
        validation=validation,
    )


def _counter(tokenizer: Path | None) -> Any:
    if tokenizer is None or not tokenizer.is_file():
        return lambda texts: sum(len(text.encode()) // 4 + 1 for text in texts)
    import tokenizers

    loaded = tokenizers.Tokenizer.from_file(str(tokenizer))
    return lambda texts: sum(len(one.ids) for one in loaded.encode_batch(texts, add_special_tokens=False))
