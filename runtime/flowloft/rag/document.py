"""Files of a folder as a knowledge base, for scripts: parse, split into node groups, index, search."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowloft.core.context import Context, ModelSource
from flowloft.core.errors import FlowError, NoFit
from flowloft.core.knowledge import Hit, SearchResult, SearchSettings
from flowloft.core.models import DEFAULT_EMBEDDING
from flowloft.core.parser import PARSERS, DocumentError, Parsed, parser_for, readable_suffixes
from flowloft.core.server_process import data_dir
from flowloft.core.splitter import SPLITTERS, Chunk, Splitter
from flowloft.core.store import Metadata, TextStore, VectorStore
from flowloft.rag.bulk import seldom_collected
from flowloft.rag.embed import Embedder, VectorCache
from flowloft.rag.index import Embed, Index, IndexedChunk
from flowloft.rag.jail import parse_limited

SOURCE = "source"
"""The root of the tree of node groups: the whole document."""
DEFAULT_GROUP = "default"

Transform = Callable[[str], str | Sequence[str]]
"""Text of a chunk to other texts that shall lead to it: a summary, questions, keywords."""


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    parent: str
    how: Splitter | Transform


class Document:
    """A knowledge base over files.

    The index is in memory unless stores are given; what was parsed and embedded once is remembered
    in the data directory, so that the next start is quick.

    Args:
        path: A file or a folder; of a folder every file that can be read, also in folders below.
        embed: ``"<connection>/<model>"`` or a function from texts to vectors.
        store: Where vectors are kept; exact search in memory by default.
        texts: Where texts are kept; Tantivy in memory by default.
        splitter: Key or object; makes the group ``default``.
        models: Where model references are looked up.
        name: What citations call it; by default the path.
        confined: Whether files are parsed in a process of their own; False for files of your own.

    Example::

        from flowloft.rag import Document, Retriever
        documents = Document("manuals")
        for hit in Retriever(documents, top_k=3)("How do I reset it?"):
            print(hit.title, hit.text)
    """

    def __init__(
        self,
        path: str | Path,
        *,
        embed: str | Embed = DEFAULT_EMBEDDING,
        store: VectorStore | None = None,
        texts: TextStore | None = None,
        splitter: str | Splitter = "sentence",
        models: ModelSource | None = None,
        name: str = "",
        confined: bool = True,
    ) -> None:
        self.path = Path(path).expanduser()
        if not self.path.exists():
            raise NoFit(
                f"There is no file or folder {self.path}.",
                code="unknown_knowledge",
                hint="Name a folder with documents, or a document.",
            )
        self.name = name or str(self.path)
        self.failed: dict[str, DocumentError] = {}
        """By file, why it is not in the knowledge base."""
        self._confined = confined
        self._above = len((self.path / "x").as_posix()) - 1
        self._guard = threading.RLock()
        self._fresh = False
        self._groups: dict[str, _Group] = {}
        self._index = Index(
            _embedder(embed, models),
            _exact() if store is None else store,
            _tantivy() if texts is None else texts,
            f"document {self.path.absolute()}",
            knowledge=self.name,
        )
        self.create_node_group(DEFAULT_GROUP, splitter)

    def create_node_group(
        self, name: str, how: str | Splitter | Transform, *, parent: str = SOURCE
    ) -> Document:
        """Adds a chunking or a transform, over the whole document or over the chunks of another group.

        Args:
            name: What searches call it.
            how: Key of a splitter, a splitter, or a function from a text to texts.
            parent: ``"source"`` or the name of an earlier group; ``expand="parent"`` leads back to it.

        Raises:
            FlowError: ``unknown_splitter``, ``no_node_group``.
        """
        if parent != SOURCE and parent not in self._groups:
            raise FlowError(
                f"There is no node group “{parent}”.",
                code="no_node_group",
                hint=f"There are: {', '.join([SOURCE, *self._groups])}.",
            )
        self._groups[name] = _Group(name, parent, SPLITTERS.get(how)() if isinstance(how, str) else how)
        # A condition that all meet costs time in every search.
        self._index.groups = (DEFAULT_GROUP,) if len(self._groups) > 1 else ()
        self._fresh = False
        return self

    @property
    def groups(self) -> list[str]:
        """The names of the node groups."""
        return list(self._groups)

    def files(self) -> list[Path]:
        """Returns the files that can be read, sorted."""
        if self.path.is_file():
            return [self.path]
        return [Path(one) for one in sorted(_below(self.path, set(readable_suffixes())))]

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> Document:
        """Brings the index up to date with the files; a file that can't be read goes to ``failed``."""
        with self._guard:
            self.failed = {}
            there = set(self._index.vectors.ids(self._index.collection))
            wanted: set[str] = set()

            def fresh() -> Iterator[IndexedChunk]:
                for one in self._read_all(progress):
                    wanted.add(one.id)
                    if one.id not in there:
                        yield one

            with seldom_collected():
                self._index.add(fresh())
            self._index.remove_chunks(sorted(there - wanted))
            self._fresh = True
        return self

    def search(
        self, query: str, settings: SearchSettings | None = None, *, ctx: Context | None = None
    ) -> SearchResult:
        """Finds chunks; indexes the files first where that has not been done."""
        settings = settings or SearchSettings()
        if unknown := [one for one in settings.groups if one not in self._groups]:
            raise NoFit(
                f"There is no node group “{unknown[0]}”.",
                code="no_node_group",
                hint=f"There are: {', '.join(self._groups)}.",
            )
        with self._guard:
            if not self._fresh:
                self.refresh()
        return self._index.search(query, settings, ctx=ctx)

    def read(self, document_id: str) -> tuple[Parsed, list[IndexedChunk]]:
        """Returns a document as it was read, and its chunks of all groups, in order.

        Raises:
            NoFit: ``unknown_document``.
            DocumentError: It can't be read.
        """
        for file in self.files():
            if self._id_of(file) == document_id:
                parsed = self._parsed(file)
                return parsed, list(self._chunks(document_id, file, parsed))
        raise NoFit(
            f"There is no document “{document_id}” in {self.name}.",
            code="unknown_document",
            hint="Has it been moved or deleted?",
        )

    def _read_all(self, progress: Callable[[int, int], None] | None) -> Iterator[IndexedChunk]:
        files = self.files()
        for done, file in enumerate(files, 1):
            document_id = self._id_of(file)
            try:
                parsed = self._parsed(file)
            except DocumentError as error:
                self.failed[document_id] = error
            else:
                yield from self._chunks(document_id, file, parsed)
            if progress is not None:
                progress(done, len(files))

    def _id_of(self, file: Path) -> str:
        return file.name if file == self.path else file.as_posix()[self._above :]

    def _parsed(self, file: Path) -> Parsed:
        if not self._confined:
            return PARSERS.get(parser_for(file.name))().parse(file)
        digest = hashlib.sha256(file.read_bytes() + file.suffix.encode()).hexdigest()
        kept = data_dir() / "cache" / "parsed" / f"{digest}.json"
        if kept.exists():
            return Parsed.model_validate_json(kept.read_bytes())
        parsed = parse_limited(file)
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{threading.get_ident()}")
        fresh.write_text(parsed.model_dump_json(), encoding="utf-8")
        fresh.replace(kept)
        return parsed

    def _chunks(self, document_id: str, file: Path, parsed: Parsed) -> Iterator[IndexedChunk]:
        made: dict[str, list[IndexedChunk]] = {}
        title = parsed.title or file.stem
        facts: Metadata = {"language": parsed.language, "suffix": file.suffix.lower()}
        for group in self._groups.values():
            parents = made.get(group.parent, [])
            pairs = _split(group.how, parsed, parents)
            made[group.name] = [
                IndexedChunk(
                    id=_id(document_id, group.name, order, chunk.text),
                    document_id=document_id,
                    chunk=chunk,
                    title=title,
                    order=order,
                    parent_id=parent.id if parent else "",
                    group=group.name,
                    metadata=facts,
                )
                for order, (chunk, parent) in enumerate(pairs)
            ]
            yield from made[group.name]


class Retriever:
    """A search with fixed settings, as a function from a question to hits.

    Args:
        documents: A :class:`Document`, or anything else that can be searched.
        group: Name of a node group.
        mode: ``dense``, ``text`` or ``hybrid``.
        top_k: How many at most.
        settings: Further fields of :class:`~flowloft.core.knowledge.SearchSettings`.
    """

    def __init__(
        self,
        documents: Document,
        group: str = "",
        *,
        mode: str = "hybrid",
        top_k: int = 5,
        **settings: object,
    ) -> None:
        self._documents = documents
        given = {"mode": mode, "top_k": top_k, "groups": [group] if group else [], **settings}
        self._settings = SearchSettings.model_validate(given)

    def __call__(self, query: str) -> list[Hit]:
        """Returns the chunks that fit a question, best first."""
        return self._documents.search(query, self._settings).hits


def _below(folder: str | Path, suffixes: set[str]) -> Iterator[str]:
    """Yields the files in a folder and those below it; what cannot be looked into is left out."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, suffixes)
        elif os.path.splitext(entry.name)[1].lower() in suffixes and entry.is_file():
            yield entry.path


def _split(
    how: Splitter | Transform, parsed: Parsed, parents: list[IndexedChunk]
) -> Iterable[tuple[Chunk, IndexedChunk | None]]:
    if not isinstance(how, Splitter):
        whole = [(Chunk(text=parsed.text, end=len(parsed.text)), None)] if not parents else []
        for chunk, parent in [*whole, *((one.chunk, one) for one in parents)]:
            texts = how(chunk.text)
            for text in [texts] if isinstance(texts, str) else texts:
                if text.strip():
                    yield chunk.model_copy(update={"text": text.strip()}), parent
    elif not parents:
        yield from ((chunk, None) for chunk in how.split(parsed))
    else:
        for parent in parents:
            yield from ((chunk, parent) for chunk in _within(how, parsed, parent.chunk))


def _within(splitter: Splitter, parsed: Parsed, chunk: Chunk) -> Iterator[Chunk]:
    """Splits a part of a document; the offsets stay those of the whole."""
    blocks = []
    for block in parsed.blocks:
        start, end = max(block.place.start, chunk.start), min(block.place.end, chunk.end)
        if start < end:
            place = block.place.model_copy(update={"start": start - chunk.start, "end": end - chunk.start})
            text = parsed.text[start:end]
            blocks.append(block.model_copy(update={"text": text, "place": place}))
    for piece in splitter.split(Parsed(text=parsed.text[chunk.start : chunk.end], blocks=blocks)):
        places = [
            place.model_copy(update={"start": place.start + chunk.start, "end": place.end + chunk.start})
            for place in piece.places
        ]
        shifted = {"start": piece.start + chunk.start, "end": piece.end + chunk.start, "places": places}
        yield piece.model_copy(update=shifted)


def _id(document_id: str, group: str, order: int, text: str) -> str:
    return hashlib.sha256(f"{document_id}\0{group}\0{order}\0{text}".encode()).hexdigest()[:32]


def _embedder(embed: str | Embed, models: ModelSource | None) -> Embed:
    if not isinstance(embed, str):
        return embed
    return Embedder(embed, models=models, cache=VectorCache(data_dir() / "cache" / "vectors.sqlite"))


def _exact() -> VectorStore:
    from flowloft.stores.vectors.exact import Exact

    return Exact()


def _tantivy() -> TextStore:
    from flowloft.stores.texts.tantivy import Tantivy

    return Tantivy(":memory:")
