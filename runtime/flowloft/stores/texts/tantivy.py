"""Tantivy: an index of words on disk, Chinese segmented by jieba."""

from __future__ import annotations

import contextlib
import functools
import math
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json

from flowloft.core.errors import BackendError
from flowloft.core.server_child import opened, try_lock
from flowloft.core.server_process import data_dir
from flowloft.core.store import Combine, Compare, Filter, Found, Metadata, TextRow, TextStore, fits
from flowloft.stores._names import slug
from flowloft.stores._words import asked_words, words_in_a_row

_HEAP = 32_000_000
_WAIT_SECONDS = 60.0
_MOST_WORDS = 256
_FEW = 64
"""Up to so many ids are looked up one by one; a set of them is searched for in all."""
_ANALYZER = "words"
_EVERY = "*"
"""A fact that every row has, to tell conditions apart that all rows meet."""


class Tantivy(TextStore):
    """Full text search, ranked by BM25.

    One process writes a collection at a time, whoever has the lock file; all others read, and see
    what was written as soon as it is whole.

    Args:
        path: Folder that it is kept in; ``texts`` in the data directory where None. ``":memory:"``
            for memory alone.
    """

    title = "Tantivy"
    shared = True

    def __init__(self, path: Path | str | None = None) -> None:
        self._folder = None if path == ":memory:" else data_dir() / "texts" if path is None else Path(path)
        self._open: dict[str, _Collection] = {}
        self._guard = threading.Lock()

    def upsert(self, collection: str, rows: Sequence[TextRow]) -> None:
        if rows:
            kept = self._collection(collection, make=True)
            if kept is not None:
                kept.upsert(rows)

    def delete(self, collection: str, ids: Sequence[str] | None = None, where: Filter | None = None) -> None:
        kept = self._collection(collection)
        if kept is None or (ids is None and where is None):
            return
        if where is not None:
            wanted = None if ids is None else set(ids)
            ids = [row.id for row in kept.rows(where) if wanted is None or row.id in wanted]
        if ids:
            kept.delete(ids)

    def search(self, collection: str, query: str, top_k: int, where: Filter | None = None) -> list[Found]:
        kept = self._collection(collection)
        return [] if kept is None else kept.search(query, top_k, where)

    def get(self, collection: str, ids: Sequence[str]) -> dict[str, TextRow]:
        kept = self._collection(collection)
        return {} if kept is None or not ids else {row.id: row for row in kept.get(ids)}

    def count(self, collection: str) -> int:
        kept = self._collection(collection)
        return 0 if kept is None else int(kept.searcher().num_docs)

    def rows(self, collection: str, where: Filter | None = None) -> Iterator[TextRow]:
        kept = self._collection(collection)
        if kept is not None:
            yield from kept.rows(where)

    def drop(self, collection: str) -> None:
        with self._guard:
            self._open.pop(collection, None)
        if self._folder is not None:
            shutil.rmtree(self._folder / slug(collection), ignore_errors=True)

    def close(self) -> None:
        with self._guard:
            if self._folder is not None:
                self._open.clear()

    def _collection(self, name: str, *, make: bool = False) -> _Collection | None:
        with self._guard:
            folder = None if self._folder is None else self._folder / slug(name)
            kept = self._open.get(name)
            if kept is not None and kept.is_there():
                return kept
            if not make and (folder is None or not (folder / "meta.json").exists()):
                return None
            self._open[name] = _Collection(folder)
            return self._open[name]


class _Collection:
    def __init__(self, folder: Path | None) -> None:
        import tantivy

        self._folder = folder
        self._writing = threading.Lock()
        self._wrote = 0
        self._seen: int | None = -1
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("words", stored=False, tokenizer_name=_ANALYZER, index_option="freq")
        builder.add_text_field("facts", stored=False, tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("row", stored=True)
        self._schema = builder.build()
        if folder is None:
            self._index = tantivy.Index(self._schema)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            with self._lock():
                self._index = tantivy.Index(self._schema, path=str(folder))
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
        for one in (tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer("english")):
            analyzer = analyzer.filter(one)
        self._analyzer = analyzer.build()
        self._index.register_tokenizer(_ANALYZER, self._analyzer)
        self._index.config_reader("manual")

    def is_there(self) -> bool:
        return self._folder is None or (self._folder / "meta.json").exists()

    def upsert(self, rows: Sequence[TextRow]) -> None:
        import tantivy

        latest = {row.id: row for row in rows}
        documents = [tantivy.Document(**_fields(row)) for row in latest.values()]
        with self._writer() as writer:
            # To delete what is not there costs as much as to delete: look first.
            for one in self._there(list(latest)):
                writer.delete_documents_by_term("id", one)
            for document in documents:
                writer.add_document(document)

    def _there(self, ids: Sequence[str]) -> list[str]:
        import tantivy

        searcher = self.searcher()
        if not searcher.num_docs:
            return []
        query = tantivy.Query.term_set_query(self._schema, "id", list(ids))
        return [one.get_first("id") for _, one in self._found(query, len(ids), searcher)]

    def delete(self, ids: Sequence[str]) -> None:
        with self._writer() as writer:
            for one in ids:
                writer.delete_documents_by_term("id", one)

    def search(self, query: str, top_k: int, where: Filter | None) -> list[Found]:
        import tantivy

        asked = asked_words(query)[:_MOST_WORDS]
        if not asked:
            return []
        parsed = self._index.parse_query(" ".join(asked), ["words"])
        where = None if where is None else self._needed(where)
        native = None if where is None else self._condition(where)
        if where is None or native is not None:
            if native is not None:
                narrowed = tantivy.Query.const_score_query(native, 0.0)
                parsed = tantivy.Query.boolean_query(
                    [(tantivy.Occur.Must, parsed), (tantivy.Occur.Must, narrowed)]
                )
            found = [Found(one.get_first("id"), score) for score, one in self._found(parsed, top_k)]
        else:
            found = self._sifted(parsed, top_k, where)
        whole = self._weight(asked)
        return [Found(one.id, one.score, min(1.0, one.score / whole)) for one in found]

    def _weight(self, asked: list[str]) -> float:
        """Returns about what BM25 gives a row that has each word once: the sum of their rarities."""
        searcher = self.searcher()
        count = searcher.num_docs
        known = [searcher.doc_freq("words", one) for one in self._analyzer.analyze(" ".join(asked))]
        return sum(math.log(1 + (count - there + 0.5) / (there + 0.5)) for there in known) or 1.0

    def get(self, ids: Sequence[str]) -> Iterator[TextRow]:
        import tantivy

        query, one_of = tantivy.Query, tantivy.Occur.Should
        if len(ids) > _FEW:
            wanted = query.term_set_query(self._schema, "id", list(ids))
        else:
            terms = [query.term_query(self._schema, "id", one, "basic") for one in ids]
            wanted = query.const_score_query(query.boolean_query([(one_of, term) for term in terms]), 0.0)
        for _, row in self._found(wanted, len(ids)):
            yield _row(row)

    def rows(self, where: Filter | None) -> Iterator[TextRow]:
        import tantivy

        native = None if where is None else self._condition(where)
        searcher = self.searcher()
        for _, row in self._found(native or tantivy.Query.all_query(), max(1, searcher.num_docs), searcher):
            found = _row(row)
            if fits(where, found.metadata):
                yield found

    def searcher(self) -> Any:
        """Returns a view of what has been written so far, by whichever process."""
        changed = (self._folder / "meta.json").stat().st_mtime_ns if self._folder is not None else self._wrote
        if changed != self._seen:
            self._index.reload()
            self._seen = changed
        return self._index.searcher()

    def _found(self, query: Any, most: int, searcher: Any = None) -> Iterator[tuple[float, Any]]:
        searcher = searcher or self.searcher()
        for score, address in searcher.search(query, most, count=False).hits:
            yield score, searcher.doc(address)

    def _sifted(self, query: Any, top_k: int, where: Filter) -> list[Found]:
        """Searches on until enough rows meet a condition that the index does not know."""
        most = top_k * 8
        while True:
            rows = list(self._found(query, most))
            found = [
                Found(one.get_first("id"), score) for score, one in rows if fits(where, _row(one).metadata)
            ]
            if len(found) >= top_k or len(rows) < most:
                return found[:top_k]
            most *= 8

    def _needed(self, where: Filter) -> Filter | None:
        """Leaves out conditions that every row meets: without them Tantivy skips what can't be among the
        best, which is many times as fast."""
        if isinstance(where, Combine):
            if where.op == "or":
                return where
            parts = [part for part in map(self._needed, where.filters) if part is not None]
            return where.model_copy(update={"filters": parts}) if parts else None
        if where.op not in ("eq", "in"):
            return where
        searcher = self.searcher()
        # Counted with rows that are deleted and not cleared away yet, on both sides.
        meeting = sum(searcher.doc_freq("facts", one) for one in set(_wanted(where)))
        # Rows of an older version lack the fact that all have.
        every = searcher.doc_freq("facts", _EVERY)
        return None if meeting == every >= searcher.num_docs else where

    def _condition(self, where: Filter) -> Any | None:
        """Returns a condition as a query; None where it compares sizes, which the index does not know."""
        import tantivy

        query, occur = tantivy.Query, tantivy.Occur
        if isinstance(where, Combine):
            parts = [part for part in map(self._condition, where.filters) if part is not None]
            if len(parts) < len(where.filters):
                return None
            how = occur.Must if where.op == "and" else occur.Should
            return query.boolean_query([(how, part) for part in parts])
        if where.op in ("lt", "lte", "gt", "gte"):
            return None
        facts = list(_wanted(where))
        if len(facts) == 1:
            wanted = query.term_query(self._schema, "facts", facts[0], "basic")
        else:
            wanted = query.term_set_query(self._schema, "facts", facts)
        if where.op in ("ne", "nin"):
            return query.boolean_query([(occur.Must, query.all_query()), (occur.MustNot, wanted)])
        return wanted

    @contextlib.contextmanager
    def _writer(self) -> Iterator[Any]:
        with self._writing, self._lock():
            writer = self._index.writer(_HEAP, 1)
            try:
                yield writer
                writer.commit()
            finally:
                writer.wait_merging_threads()
                self._wrote += 1

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Waits until no other process writes; the kernel lets go of the lock of a dead one."""
        if self._folder is None:
            yield
            return
        until = time.monotonic() + _WAIT_SECONDS
        with opened(self._folder / "writer") as file:
            while not try_lock(file):
                if time.monotonic() > until:
                    raise BackendError(
                        f"Another process has been writing to {self._folder} for {_WAIT_SECONDS:g} s.",
                        code="store_busy",
                        permanent=False,
                        hint="Try again.",
                    )
                time.sleep(0.02)
            yield


def _fields(row: TextRow) -> dict[str, Any]:
    kept = {"text": row.text, "metadata": row.metadata, "payload": row.payload}
    try:
        packed = to_json(kept)
    except PydanticSerializationError:
        # Half of a character, as broken files have it.
        packed = to_json({**kept, "text": row.text.encode("utf-8", "replace").decode()})
    return {
        "id": [row.id],
        "words": [words_in_a_row(row.text)],
        "facts": [_EVERY, *_facts(row.metadata)],
        "row": [packed],
    }


def _row(document: Any) -> TextRow:
    kept = from_json(document.get_first("row"))
    return TextRow(document.get_first("id"), kept["text"], kept["metadata"], kept["payload"])


def _facts(metadata: Metadata) -> Iterator[str]:
    for key, value in metadata.items():
        if isinstance(value, list):
            yield from (_fact(key, "~", one) for one in value)
        else:
            yield _fact(key, "=", value)


def _wanted(where: Compare) -> Iterator[str]:
    values = where.value if isinstance(where.value, list) else [where.value]
    return (_fact(where.field, "~" if where.op == "contains" else "=", one) for one in values)


@functools.lru_cache(maxsize=4096, typed=True)
def _fact(key: str, how: str, value: Any) -> str:
    if isinstance(value, str):
        return f"{key}{how}{encode_basestring(value)}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{key}{how}{to_json(value).decode()}"
