"""Texts to vectors: in batches, at a measured pace, tried again, and never twice for the same text."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from flowloft.core.context import Context, ModelSource
from flowloft.core.errors import ProviderError
from flowloft.core.models import DEFAULT_EMBEDDING, EnvironmentModels
from flowloft.core.provider import open_model

_TRIES = 3
_FIRST_PAUSE = 0.5


class VectorCache:
    """Vectors by model and content, in a SQLite file that several processes may use.

    Args:
        path: The file; ``":memory:"`` for this process alone.
    """

    def __init__(self, path: Path | str = ":memory:") -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._guard = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, timeout=30, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
        )

    def get(self, fingerprint: str, texts: Sequence[str]) -> list[list[float] | None]:
        """Returns the vectors that are known, in the order of ``texts``."""
        import numpy as np

        keys = [_key(fingerprint, text) for text in texts]
        found: dict[bytes, bytes] = {}
        with self._guard:
            for start in range(0, len(keys), 500):
                part = keys[start : start + 500]
                marks = ",".join("?" * len(part))
                question = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 - only marks
                found.update(self._database.execute(question, part))
        return [np.frombuffer(found[key], np.float32).tolist() if key in found else None for key in keys]

    def put(self, fingerprint: str, texts: Sequence[str], vectors: Sequence[Sequence[float]]) -> None:
        """Keeps vectors."""
        import numpy as np

        rows = [
            (_key(fingerprint, text), np.asarray(vector, np.float32).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        with self._guard:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            self._database.execute("COMMIT")

    def close(self) -> None:
        """Closes the file."""
        with self._guard:
            self._database.close()


def _key(fingerprint: str, text: str) -> bytes:
    return hashlib.sha256(f"{fingerprint}\0{text}".encode("utf-8", "replace")).digest()


class Embedder:
    """A function from texts to vectors; give it to an :class:`~flowloft.rag.Index`.

    Args:
        model: ``"<connection>/<model>"``, or a function of one's own.
        models: Where the reference is looked up.
        cache: What is known already; None to ask each time.
        batch: Texts a request.
        per_minute: Requests a minute at most; 0 for no limit.
        ctx: The run that asks; the calls end when it does.
        fingerprint: Says which model made a vector; needed with a function and a cache.

    Example:
        >>> len(Embedder(lambda texts: [[1.0, 0.0] for _ in texts])(["a", "b"]))
        2
    """

    def __init__(
        self,
        model: str | Callable[[Sequence[str]], Sequence[Sequence[float]]] = DEFAULT_EMBEDDING,
        *,
        models: ModelSource | None = None,
        cache: VectorCache | None = None,
        batch: int = 64,
        per_minute: int = 0,
        ctx: Context | None = None,
        fingerprint: str = "",
    ) -> None:
        self._call = self._ask if isinstance(model, str) else model
        self._ref = model if isinstance(model, str) else ""
        self._ctx = ctx or Context(models=models or EnvironmentModels())
        self._cache = cache
        self._batch = batch
        self._pause = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._guard = threading.Lock()
        self._fingerprint = fingerprint
        self.asked = 0
        """Texts that the model was asked for, those of the cache left out."""

    @property
    def fingerprint(self) -> str:
        """Says which model makes the vectors: equal means that they can be compared."""
        if not self._fingerprint and self._ref and self._ctx.models is not None:
            connection = self._ctx.models.resolve(self._ref)
            self._fingerprint = f"{connection.provider}:{connection.base_url}:{connection.model}"
        return self._fingerprint

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """Returns the vectors of texts, ``(len(texts), dimensions)``, in their order.

        Raises:
            ProviderError: The model did not answer, three times or for good.
        """
        cached = self._cache is not None and bool(self.fingerprint)
        known: list[list[float] | None] = [None] * len(texts)
        if cached and self._cache is not None:
            known = self._cache.get(self.fingerprint, texts)
        missing = list(
            dict.fromkeys(text for text, vector in zip(texts, known, strict=True) if vector is None)
        )
        made: dict[str, list[float]] = {}
        for part in _parts(missing, self._batch):
            vectors = [list(map(float, row)) for row in self._patiently(part)]
            made.update(zip(part, vectors, strict=True))
            if cached and self._cache is not None:
                self._cache.put(self.fingerprint, part, vectors)
        both = zip(texts, known, strict=True)
        return [made[text] if vector is None else vector for text, vector in both]

    def _patiently(self, texts: list[str]) -> Sequence[Sequence[float]]:
        pause = _FIRST_PAUSE
        for left in reversed(range(_TRIES)):
            self._wait_turn()
            try:
                self.asked += len(texts)
                return self._call(texts)
            except ProviderError as error:
                if error.permanent or not left:
                    raise
                self._ctx.sleep(pause)
                pause *= 3
        raise AssertionError

    def _wait_turn(self) -> None:
        if self._pause:
            with self._guard:
                at = max(self._next, time.monotonic())
                self._next = at + self._pause
            self._ctx.sleep(max(0.0, at - time.monotonic()))
        self._ctx.check()

    def _ask(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        # An empty text is refused by some.
        return open_model(self._ctx, self._ref).embed([text if text.strip() else "." for text in texts])


def _parts(texts: list[str], size: int) -> Iterable[list[str]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))
