"""Results that were computed before, found by what they were computed from. No ids, no pickle."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

_LEAVES = (str, int, float, bool, type(None))


def exact_text(value: Any) -> str | None:
    """Returns a value as JSON that reads back as the very same value; None where none does.

    Tuples, bytes, keys that are no text and objects of any class have no such text.
    """
    if not _is_exact(value):
        return None
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return None


def _is_exact(value: Any) -> bool:
    waiting = [value]
    seen = 0
    while waiting:
        found = waiting.pop()
        kind = type(found)
        if kind in _LEAVES:
            continue
        if kind is list:
            waiting.extend(found)
        elif kind is dict:
            if not all(type(key) is str for key in found):
                return False
            waiting.extend(found.values())
        else:
            return False
        seen += 1
        if seen > _MOST_CONTAINERS:
            return False
    return True


_MOST_CONTAINERS = 1_000_000
"""Also what ends the look at a value that contains itself."""


def result_key(*parts: str) -> str:
    """Returns the name of a result: SHA-256, hexadecimal, of what it was computed from."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(raw))
        digest.update(raw)
    return digest.hexdigest()


class MemoryCache:
    """Results of this process, the ones used last.

    Args:
        max_bytes: Of JSON text, all results together.
    """

    def __init__(self, max_bytes: int = 256 * 1024 * 1024) -> None:
        self._most = max_bytes
        self._size = 0
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> dict[str, Any] | None:
        """Returns the outputs by port, a copy of their own for each who asks."""
        with self._lock:
            text = self._texts.get(key)
            if text is None:
                return None
            self._texts.move_to_end(key)
        found: dict[str, Any] = json.loads(text)
        return found

    def put(self, key: str, outputs: dict[str, Any]) -> None:
        """Keeps outputs by port, if they are plain data."""
        text = exact_text(outputs)
        if text is None or len(text) > self._most:
            return
        with self._lock:
            self._size += len(text) - len(self._texts.pop(key, ""))
            self._texts[key] = text
            while self._size > self._most:
                _, gone = self._texts.popitem(last=False)
                self._size -= len(gone)


class DirectoryCache:
    """Results in files, for scripts that are started again and again. Several processes may share one.

    Args:
        folder: Made when it is not there.
        max_bytes: Of all files together; those used longest ago go first.
    """

    def __init__(self, folder: str | Path, max_bytes: int = 1024 * 1024 * 1024) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._most = max_bytes
        self._written = 0
        self._lock = threading.Lock()
        self._prune()

    def get(self, key: str) -> dict[str, Any] | None:
        """Returns the outputs by port; a file that cannot be read counts as none."""
        path = self._path(key)
        try:
            found = json.loads(path.read_text("utf-8"))
            os.utime(path)
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def put(self, key: str, outputs: dict[str, Any]) -> None:
        """Keeps outputs by port, if they are plain data; a full disk is no reason to fail a run."""
        text = exact_text(outputs)
        if text is None or len(text) > self._most:
            return
        path = self._path(key)
        try:
            path.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", errors="surrogatepass", dir=path.parent, suffix=".new", delete=False
            ) as file:
                file.write(text)
            Path(file.name).replace(path)
        except OSError:
            return
        with self._lock:
            self._written += len(text)
            due = self._written > self._most / 8
            self._written = 0 if due else self._written
        if due:
            self._prune()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"

    def _prune(self) -> None:
        found = []
        for path in self._folder.glob("??/*.json"):
            try:
                facts = path.stat()
            except OSError:
                continue
            found.append((facts.st_mtime, facts.st_size, path))
        size = sum(one for _, one, _ in found)
        for _, one, path in sorted(found):
            if size <= self._most:
                return
            path.unlink(missing_ok=True)
            size -= one
