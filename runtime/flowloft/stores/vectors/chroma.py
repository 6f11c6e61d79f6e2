"""Chroma: its own server as a child by default, another one where ``CHROMA_URL`` names it."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flowloft.core.errors import BackendError, InputError
from flowloft.core.server_process import ServerProcess, data_dir
from flowloft.core.store import Combine, Filter, Found, Metadata, VectorRow, VectorStore
from flowloft.stores._names import slug

URL_ENV = "CHROMA_URL"
_BATCH = 1000
"""Rows a request; Chroma takes at most 5461."""
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}
"""The defaults found 0.76 to 0.88 of the true nearest five; these find nearly all."""

_PAUSES = (0.0, 0.2, 0.0)
"""Seconds after each try that found no server; as many tries."""

T = TypeVar("T")


def _nothing() -> None:
    """Never gives up."""


class Chroma(VectorStore):
    """Keeps vectors in Chroma. Several processes use one server at a time.

    Args:
        path: Folder of the child server; ``chroma`` in the data directory where None.
        url: Address of a server that is there already; ``CHROMA_URL`` where empty.
        check: Called while waiting for the child to start.
    """

    title = "Chroma"
    shared = True

    def __init__(
        self, path: Path | str | None = None, url: str = "", check: Callable[[], None] = _nothing
    ) -> None:
        self._url = url or os.environ.get(URL_ENV, "")
        self._folder = Path(path) if path is not None else data_dir() / "chroma"
        self._check = check
        self._guard = threading.Lock()
        self._client: tuple[str, Any] | None = None
        self._collections: dict[str, Any] = {}

    def upsert(self, collection: str, rows: Sequence[VectorRow]) -> None:
        for start in range(0, len(rows), _BATCH):
            # Of two rows with one id in a request Chroma takes neither.
            batch = {row.id: row for row in rows[start : start + _BATCH]}
            self._with(collection, functools.partial(_upsert, list(batch.values())), make=True)

    def delete(self, collection: str, ids: Sequence[str] | None = None, where: Filter | None = None) -> None:
        if ids is None and where is None:
            return
        condition = _where(where)

        def act(kept: Any) -> None:
            if ids is None:
                kept.delete(where=condition)
            for start in range(0, len(ids or ()), _BATCH):
                kept.delete(ids=list(ids or ())[start : start + _BATCH], where=condition)

        self._with(collection, act)

    def query(
        self, collection: str, vector: Sequence[float], top_k: int, where: Filter | None = None
    ) -> list[Found]:
        condition = _where(where)

        def act(kept: Any) -> list[Found]:
            found = kept.query(
                query_embeddings=[list(vector)], n_results=top_k, where=condition, include=["distances"]
            )
            rows = zip(found["ids"][0], found["distances"][0], strict=True)
            return [Found(one, 1.0 - float(distance)) for one, distance in rows]

        return self._with(collection, act) or []

    def count(self, collection: str) -> int:
        return self._with(collection, lambda kept: int(kept.count())) or 0

    def ids(self, collection: str) -> Iterator[str]:
        start = 0
        while True:
            page = self._with(collection, functools.partial(_page, start))
            yield from page or ()
            if not page or len(page) < _BATCH:
                return
            start += _BATCH

    def vectors(self, collection: str, ids: Sequence[str]) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for start in range(0, len(ids), _BATCH):
            part = list(ids)[start : start + _BATCH]
            found.update(self._with(collection, functools.partial(_vectors, part)) or {})
        return found

    def drop(self, collection: str) -> None:
        from chromadb.errors import NotFoundError

        def act() -> None:
            with contextlib.suppress(NotFoundError):
                self._connected().delete_collection(slug(collection))
            self._collections.pop(collection, None)

        self._tried(act)

    def close(self) -> None:
        self._client = None
        self._collections.clear()

    def stop(self) -> None:
        """Ends the child server, for whoever else uses it too."""
        self.close()
        if not self._url:
            _server(self._folder).stop()

    def _with(self, name: str, act: Callable[[Any], T], *, make: bool = False) -> T | None:
        """Does something with a collection; nothing where there is none and none is to be made."""
        from chromadb.errors import ChromaError, NotFoundError

        def once() -> T | None:
            for again in (True, False):
                try:
                    kept = self._collection(name, make=make)
                    return act(kept)
                except NotFoundError:
                    # Dropped by another process, or never made.
                    if self._collections.pop(name, None) is None or not again:
                        return None
            return None

        try:
            return self._tried(once)
        except ChromaError as error:
            raise _explained(error) from error

    def _tried(self, call: Callable[[], T]) -> T:
        """Calls again when the server is gone: the child may have gone to sleep, or been killed a moment
        ago, when what watches over it has not noticed yet."""
        import httpx

        for pause in _PAUSES:
            try:
                return call()
            except (httpx.TransportError, ValueError) as error:
                if isinstance(error, ValueError) and "connect" not in str(error):
                    raise
                self.close()
                last = error
            time.sleep(pause)
        raise BackendError(
            f"The Chroma server does not answer: {last}.",
            code="store_unreachable",
            permanent=False,
            hint=f"Is {self._url} right, and does it run?" if self._url else "Try again.",
        ) from last

    def _collection(self, name: str, *, make: bool) -> Any:
        client = self._connected()
        if name not in self._collections:
            if make:
                self._collections[name] = client.get_or_create_collection(
                    slug(name),
                    embedding_function=None,
                    metadata={"name": name},
                    configuration={"hnsw": _HNSW},
                )
            else:
                self._collections[name] = client.get_collection(slug(name), embedding_function=None)
        return self._collections[name]

    def _connected(self) -> Any:
        import chromadb
        from chromadb.config import Settings

        url = self._url or _server(self._folder).address(self._check).url
        with self._guard:
            if self._client is None or self._client[0] != url:
                self._collections.clear()
                parts = urlsplit(url)
                client = chromadb.HttpClient(
                    host=parts.hostname or "127.0.0.1",
                    port=parts.port or (443 if parts.scheme == "https" else 8000),
                    ssl=parts.scheme == "https",
                    settings=Settings(anonymized_telemetry=False),
                )
                self._client = (url, client)
            return self._client[1]


@functools.cache
def _server(folder: Path) -> ServerProcess:
    module = "flowloft.stores._chroma_server"
    return ServerProcess(
        folder / "server", lambda: [sys.executable, "-m", module, "--path", str(folder / "data")]
    )


def _upsert(rows: list[VectorRow], kept: Any) -> None:
    kept.upsert(
        ids=[row.id for row in rows],
        embeddings=[list(row.vector) for row in rows],
        metadatas=[_filled(row.metadata) for row in rows],
    )


def _filled(metadata: Metadata) -> dict[str, Any] | None:
    """Leaves out empty lists, and gives nothing for an empty record: Chroma refuses both."""
    return {key: value for key, value in metadata.items() if value != []} or None


def _page(start: int, kept: Any) -> list[str]:
    return list(kept.get(limit=_BATCH, offset=start, include=[])["ids"])


def _vectors(ids: list[str], kept: Any) -> dict[str, list[float]]:
    rows = kept.get(ids=ids, include=["embeddings"])
    pairs = zip(rows["ids"], rows["embeddings"], strict=True)
    return {one: [float(number) for number in vector] for one, vector in pairs}


def _explained(error: Exception) -> Exception:
    if "dimension" in str(error):
        return InputError(
            f"The vectors do not fit the collection: {error}",
            code="wrong_dimensions",
            hint="Embed all of it again with one model.",
        )
    return BackendError(
        f"Chroma refused: {error}", code="store_refused", permanent=True, hint="Look at its log."
    )


def _where(where: Filter | None) -> dict[str, Any] | None:
    """Returns a condition as Chroma writes it."""
    if where is None:
        return None
    if isinstance(where, Combine):
        parts = [_where(one) for one in where.filters]
        return parts[0] if len(parts) == 1 else {f"${where.op}": parts}
    return {where.field: {f"${where.op}": where.value}}
