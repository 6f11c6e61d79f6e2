"""Patterns that people write. RE2 looks through a text in time that grows with its length only, so
no pattern can hold a worker; Python's own ``re`` can be made to run for hours.

Source: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import functools
import re
from typing import Any

from flowloft.core.errors import FlowError

MOST_MEMORY = 8 * 1024 * 1024
"""Bytes that one compiled pattern may take."""


@functools.lru_cache(maxsize=256)
def pattern(text: str, *, ignore_case: bool = False) -> Any:
    """Compiles a pattern.

    Returns:
        A pattern of RE2, with ``search``, ``fullmatch``, ``sub`` and ``finditer`` as in ``re``.

    Raises:
        FlowError: ``invalid_pattern``, with what is not understood.
    """
    import re2  # noqa: PLC0415 - not on the import path of flows without patterns

    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    try:
        return re2.compile(text, options=options)
    except re2.error as error:
        raise FlowError(
            f"“{text[:80]}” is no regular expression: {_reason(error, text)}.",
            code="invalid_pattern",
            hint="RE2's syntax: letters, classes such as [a-z] and \\d, groups, |, *, +, ?, {2,5}, ^ and $. "
            "It has no look-around and no back-references.",
        ) from error


def _reason(error: Exception, text: str) -> str:
    if re.search(r"\(\?<?[=!]", text):
        return "look-around, such as (?=, is not known"
    if re.search(r"\\[1-9]", text):
        return "back-references, such as \\1, are not known"
    told = error.args[0] if error.args else b""
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
