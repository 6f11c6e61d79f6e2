"""Flowloft's Document: ``_flowloft.py FOLDER exact|chroma``; hybrid search unless ``dense`` follows."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy  # noqa: F401 - loaded before the clock starts, as it is in all the others
import tantivy  # noqa: F401 - as above
from _work import Stopwatch, embed_many, folder, measure
from flowloft.core.parser import readable_suffixes
from flowloft.rag import Document, Retriever
from flowloft.rag.document import _tantivy
from flowloft.splitters.recursive import Recursive
from flowloft.stores.vectors.chroma import Chroma
from flowloft.stores.vectors.exact import Exact

readable_suffixes()  # Loads the parsers: the others have loaded theirs before the clock starts.
embed = Stopwatch(embed_many)
vectors: Any = Chroma(folder().parent / "chroma") if sys.argv[2] == "chroma" else Exact()
texts = _tantivy()
keep, write = Stopwatch(vectors.upsert), Stopwatch(texts.upsert)
vectors.upsert, texts.upsert = keep, write
documents = Document(
    folder(),
    embed=embed,
    store=vectors,
    texts=texts,
    splitter=Recursive(size=600, overlap=0, separators=["\n\n"]),
    confined=False,
)


def ingest() -> dict[str, float]:
    began = time.perf_counter()
    documents.refresh()
    whole = time.perf_counter() - began
    parts = {"embed": embed.seconds, "vectors": keep.seconds, "texts": write.seconds}
    # Both stores are written side by side.
    return {"parse": whole - embed.seconds - max(keep.seconds, write.seconds), **parts}


measure(ingest, Retriever(documents, mode=sys.argv[3], top_k=5))
if sys.argv[2] == "chroma":
    vectors.stop()
