"""Texts to words for full text search: Chinese by jieba, everything else by its letters."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Iterator
from typing import Any

from flowloft.core.server_process import data_dir

_RUN = re.compile(r"[㐀-鿿豈-﫿]+|[^\W㐀-鿿豈-﫿]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 64


def words(text: str) -> Iterator[str]:
    """Yields the words of a text in small letters; of a compound name its parts as well.

    Example:
        >>> list(words("read_file twice"))
        ['read_file', 'read', 'file', 'twice']
    """
    for run in _RUN.findall(text):
        if "㐀" <= run[0] <= "﫿":
            yield from _jieba().cut_for_search(run)
            continue
        word = run[:_LONGEST]
        yield word.lower()
        if "_" in word or (not word.islower() and not word.isupper() and not word.istitle()):
            parts = _PART.findall(word)
            if len(parts) > 1:
                yield from (part.lower() for part in parts)


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
