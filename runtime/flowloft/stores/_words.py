"""Texts to words for full text search: Chinese by jieba, everything else by its letters."""

from __future__ import annotations

import functools
import logging
import re
import string
from collections.abc import Iterator
from typing import Any

from flowloft.core.server_process import data_dir

_RUN = re.compile(r"[㐀-鿿豈-﫿]+|[^\W㐀-鿿豈-﫿]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 64
_LETTERS = f"{string.ascii_letters}{string.digits}_"
_SMALL = bytes(ord(chr(code).lower()) if chr(code) in _LETTERS else ord(" ") for code in range(256))
_SORTS = bytes.maketrans(f"{string.ascii_letters}{string.digits}".encode(), b"a" * 26 + b"A" * 26 + b"0" * 10)
_ANY = bytes(ord("a") if chr(code) in _LETTERS else ord(" ") for code in range(256))
_TOO_LONG = b"a" * (_LONGEST + 1)
_COMPOUND = (b"_", b"aA", b"0A", b"AAa")
"""What a text with compound names has, by sorts of letters; many times as fast to look for as a pattern."""


def words(text: str) -> list[str]:
    """Returns the words of a text in small letters; of a compound name its parts as well. In no order.

    Example:
        >>> words("read_file twice")
        ['read_file', 'twice', 'read', 'file']
    """
    return words_in_a_row(text).split()


def words_in_a_row(text: str) -> str:
    """Returns what :func:`words` does, with white space between: for indexing, where there are very many."""
    if not text.isascii():
        return " ".join(_words(text))
    plain = text.encode()
    found = plain.translate(_SMALL).decode()
    if _TOO_LONG in plain.translate(_ANY):
        found = " ".join(word[:_LONGEST] for word in found.split())
    sorts = plain.translate(_SORTS)
    if any(one in sorts for one in _COMPOUND):
        parts = [part for word in _RUN.findall(text) for part in _parts(word[:_LONGEST])]
        return " ".join([found, *parts])
    return found


def _words(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        if "㐀" <= run[0] <= "﫿":
            yield from _jieba().cut_for_search(run)
            continue
        word = run[:_LONGEST]
        yield word.lower()
        yield from _parts(word)


def _parts(word: str) -> list[str]:
    """Returns what a compound name is made of; nothing for a plain word."""
    if "_" not in word and (word.islower() or word.isupper() or word.istitle()):
        return []
    parts = _PART.findall(word)
    return [part.lower() for part in parts] if len(parts) > 1 else []


def asked_words(query: str) -> list[str]:
    """Returns the words of a question, each once, without those that every text has."""
    found = list(dict.fromkeys(words(query)))
    return [word for word in found if word not in _COMMON] or found


_COMMON = frozenset(
    "a an and are as at be by can do does for from had has have how i if in is it its my of on or our "  # noqa: SIM905
    "that the their there they this to was we were what when where which who why will with you your "
    "的 了 吗 呢 吧 啊 是 在 和 与 及 或 有 我 你 您 他 她 它 们 我们 你们 这 那 哪 什么 怎么 如何 多少 几 "
    "请问 可以 一个 就 都 也 要 会 能 对 把 被 从 到 给 让".split()
)


@functools.cache
def _jieba() -> Any:
    """Returns the segmenter. Its cache is kept where nobody else can write: it is code's own format."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    folder = data_dir() / "cache"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    segmenter.tmp_dir = str(folder)
    return segmenter
