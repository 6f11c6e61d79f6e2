"""The head of a GGUF file: what it says of itself, without its tensors.

Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from pathlib import Path
from typing import IO, Any

MAX_ENTRIES, MAX_TEXT, MAX_LIST = 100_000, 16 << 20, 4_000_000
_STRING, _LIST = 8, 9
_PLAIN = dict(enumerate(("<B", "<b", "<H", "<h", "<I", "<i", "<f", "<?"))) | {10: "<Q", 11: "<q", 12: "<d"}
_TYPES = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 30: "BF16"}
_TYPES |= dict(enumerate(("Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_K"), 10))


def read_gguf_head(file: Path) -> dict[str, Any]:
    """Returns the metadata with ``tokens`` (size of the vocabulary), ``parameters`` and
    ``quantisation`` (the type that most numbers have). Long lists are passed over.

    Raises:
        ValueError: Not a GGUF file, or it ends too early; in half a sentence.
    """
    with file.open("rb") as opened:
        try:
            return _read(opened)
        except (struct.error, UnicodeDecodeError, OverflowError):
            raise ValueError("its head ends too early or is garbled") from None


def _read(opened: IO[bytes]) -> dict[str, Any]:
    if opened.read(4) != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    version, tensors, entries = _plain(opened, "<I"), _plain(opened, "<Q"), _plain(opened, "<Q")
    if version not in (2, 3):
        raise ValueError(f"version {version} is not known")
    if max(tensors, entries) > MAX_ENTRIES:
        raise ValueError("it claims more entries than any model has")
    found: dict[str, Any] = {"tokens": 0}
    for _ in range(entries):
        name = _text(opened)
        value = _value(opened, _plain(opened, "<I"))
        if name == "tokenizer.ggml.tokens":
            found["tokens"] = value
        else:
            found[name] = value
    by_type: Counter[int] = Counter()
    for _ in range(tensors):
        _text(opened)
        sides = [_plain(opened, "<Q") for _ in range(min(_plain(opened, "<I"), 8))]
        by_type[_plain(opened, "<I")] += math.prod(sides)
        _plain(opened, "<Q")
    found["parameters"] = sum(by_type.values())
    most = by_type.most_common(1)
    found["quantisation"] = _TYPES.get(most[0][0], f"type {most[0][0]}") if most else ""
    return found


def _plain(opened: IO[bytes], form: str) -> Any:
    return struct.unpack(form, opened.read(struct.calcsize(form)))[0]


def _text(opened: IO[bytes]) -> str:
    length = _plain(opened, "<Q")
    if length > MAX_TEXT:
        raise ValueError("it holds a text longer than any model has")
    raw = opened.read(length)
    if len(raw) != length:
        raise ValueError("its head ends too early")
    return raw.decode()


def _value(opened: IO[bytes], kind: int) -> Any:
    if kind == _STRING:
        return _text(opened)
    if kind in _PLAIN:
        return _plain(opened, _PLAIN[kind])
    if kind != _LIST:
        raise ValueError(f"it holds a value of unknown type {kind}")
    inner, count = _plain(opened, "<I"), _plain(opened, "<Q")
    if count > MAX_LIST:
        raise ValueError("it holds a list longer than any model has")
    if inner == _STRING:
        for _ in range(count):
            _text(opened)
        return count
    if inner not in _PLAIN:
        raise ValueError(f"it holds a list of unknown type {inner}")
    values = [_plain(opened, _PLAIN[inner]) for _ in range(count)]
    return values if count <= 1024 else count
