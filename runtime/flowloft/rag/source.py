"""References to knowledge bases, looked up."""

from __future__ import annotations

import threading
from pathlib import Path

from flowloft.core.context import Context
from flowloft.core.errors import NoFit
from flowloft.core.knowledge import BUNDLED, KnowledgeBase, SearchResult, SearchSettings
from flowloft.rag.document import Document

_FOLDER = Path(__file__).parents[1] / "templates" / "documents"
_guard = threading.Lock()
_bundled: dict[str, Document] = {}


class FolderKnowledge:
    """A :class:`~flowloft.core.knowledge.KnowledgeSource` for scripts: a reference is the name of a
    given document, or the path of a folder or file.

    Args:
        documents: By the name that flows call them.
    """

    def __init__(self, **documents: Document) -> None:
        self._documents = dict(documents)
        self._lock = threading.Lock()

    def resolve(self, ref: str) -> KnowledgeBase:
        """Returns what a reference names.

        Raises:
            NoFit: ``unknown_knowledge``.
        """
        with self._lock:
            if ref not in self._documents:
                self._documents[ref] = Document(ref)
            return self._documents[ref]


def search_knowledge(ctx: Context, ref: str, query: str, settings: SearchSettings) -> SearchResult:
    """Looks a knowledge base up and searches it.

    Raises:
        NoFit: ``no_knowledge``: none is chosen or this run knows none; ``unknown_knowledge``.
    """
    found = _open(ctx, ref)
    if isinstance(found, Document):
        return found.search(query, settings, ctx=ctx)
    return found.search(query, settings)


def bundled_names() -> list[str]:
    """Returns the references of the document sets in the box."""
    return sorted(f"{BUNDLED}{one.name}" for one in _FOLDER.iterdir() if one.is_dir())


def _open(ctx: Context, ref: str) -> KnowledgeBase:
    if not ref:
        raise NoFit("No knowledge base is chosen.", code="no_knowledge", hint="Choose one in the settings.")
    if ref.startswith(BUNDLED):
        return bundled(ref)
    if ctx.knowledge is None:
        raise NoFit(
            "This run knows no knowledge bases.",
            code="no_knowledge",
            hint="Give it some: Context(knowledge=FolderKnowledge()).",
        )
    return ctx.knowledge.resolve(ref)


def bundled(ref: str) -> Document:
    """Returns a set of documents that comes with the program.

    Raises:
        NoFit: ``unknown_knowledge``.
    """
    with _guard:
        if ref not in _bundled:
            if ref not in bundled_names():
                raise NoFit(
                    f"There are no documents “{ref}” in the box.",
                    code="unknown_knowledge",
                    hint=f"There are: {', '.join(bundled_names())}.",
                )
            folder = _FOLDER / ref.removeprefix(BUNDLED)
            # They come with the program: no need to read them behind bars.
            _bundled[ref] = Document(folder, name=ref, confined=False)
        return _bundled[ref]
