"""The bare parts in a row: read, cut, embed, keep vectors in numpy or in Chroma, stemmed words in Tantivy."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import tantivy
from _work import embed_many, folder, measure

builder = tantivy.SchemaBuilder()
builder.add_text_field("id", stored=True, tokenizer_name="raw")
builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
index = tantivy.Index(builder.build())
chroma: Any = None
if sys.argv[2] == "chroma":
    import chromadb

    client = chromadb.PersistentClient(
        str(folder().parent / "bare"), chromadb.Settings(anonymized_telemetry=False)
    )
    chroma = client.create_collection("bare", configuration={"hnsw": {"space": "cosine"}})
kept: list[Any] = []


def ingest() -> dict[str, float]:
    texts = [part for file in sorted(folder().iterdir()) for part in file.read_text().split("\n\n")]
    for start in range(0, len(texts), 1000):
        part = texts[start : start + 1000]
        vectors = embed_many(part)
        ids = [str(start + at) for at in range(len(part))]
        if chroma is None:
            kept.append(np.asarray(vectors, np.float32))
        else:
            chroma.add(ids=ids, embeddings=vectors, metadatas=[{"at": at} for at in ids])
        writer = index.writer(32_000_000, 1)
        for one, text in zip(ids, part, strict=True):
            writer.add_document(tantivy.Document(id=[one], text=[text]))
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    if chroma is None:
        kept[:] = [np.concatenate(kept)]
    return {}


def query(text: str) -> Any:
    (vector,) = embed_many([text])
    if chroma is None:
        near: Any = np.argsort(-(kept[0] @ np.asarray(vector, np.float32)))[:50]
    else:
        near = chroma.query(query_embeddings=[vector], n_results=50)
    if sys.argv[3] == "dense":
        return near
    searcher = index.searcher()
    found = searcher.search(index.parse_query(text, ["text"]), 50).hits
    return [searcher.doc(address) for _, address in found[:5]] or near


measure(ingest, query)
