"""The bare parts in a row, with the same outcome: read, cut, embed; vectors in numpy or in Chroma, stemmed
words in Tantivy; of each chunk an id, its file and place, and facts to filter by; the best five as rows."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from _work import embed_many, folder, measure

BATCH = 2000
CANDIDATES = 50
builder = tantivy.SchemaBuilder()
builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
builder.add_text_field("text", stored=False, tokenizer_name="en_stem", index_option="freq")
builder.add_text_field("facts", stored=False, tokenizer_name="raw", index_option="basic")
builder.add_bytes_field("row", stored=True)
schema = builder.build()
index = tantivy.Index(schema)
chroma: Any = None
if sys.argv[2] == "chroma":
    import chromadb

    client = chromadb.PersistentClient(
        str(folder().parent / "bare"), chromadb.Settings(anonymized_telemetry=False)
    )
    # As near to the exact answer as Flowloft keeps its own; Chroma's defaults miss one in five.
    near_enough = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}
    chroma = client.create_collection("bare", configuration={"hnsw": near_enough})
names: list[str] = []
kept: list[Any] = []


def chunks(file: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    start = 0
    for order, text in enumerate(file.read_text(encoding="utf-8").split("\n\n")):
        name = hashlib.sha256(f"{file.name}\0{order}\0{text}".encode()).hexdigest()[:32]
        yield name, text, {"file": file.name, "order": order, "start": start, "end": start + len(text)}
        start += len(text) + 2


def keep(batch: list[tuple[str, str, dict[str, Any]]]) -> None:
    vectors = embed_many([text for _, text, _ in batch])
    if chroma is None:
        names.extend(name for name, _, _ in batch)
        kept.append(np.asarray(vectors, np.float32))
    else:
        said = [{"file": place["file"], "order": place["order"]} for _, _, place in batch]
        chroma.add(ids=[name for name, _, _ in batch], embeddings=vectors, metadatas=said)
    writer = index.writer(32_000_000, 1)
    for name, text, place in batch:
        facts = [f"file={place['file']}", f"order={place['order']}", "suffix=.txt"]
        row = json.dumps({"text": text, **place}).encode()
        writer.add_document(tantivy.Document(id=[name], text=[text], facts=facts, row=[row]))
    writer.commit()
    writer.wait_merging_threads()


def ingest() -> dict[str, float]:
    batch = []
    for file in sorted(folder().iterdir()):
        batch += chunks(file)
        if len(batch) >= BATCH:
            keep(batch)
            batch = []
    if batch:
        keep(batch)
    index.reload()
    if chroma is None:
        kept[:] = [np.concatenate(kept)]
    return {}


def near(text: str) -> list[str]:
    (vector,) = embed_many([text])
    if chroma is not None:
        return list(chroma.query(query_embeddings=[vector], n_results=CANDIDATES)["ids"][0])
    scores = kept[0] @ np.asarray(vector, np.float32)
    best = np.argpartition(scores, -CANDIDATES)[-CANDIDATES:]
    return [names[at] for at in best[np.argsort(-scores[best])]]


def query(text: str) -> Any:
    searcher = index.searcher()
    ranks: dict[str, float] = {name: 1 / (60 + rank) for rank, name in enumerate(near(text))}
    if sys.argv[3] == "hybrid":
        found = searcher.search(index.parse_query(text, ["text"]), CANDIDATES).hits
        for rank, (_, address) in enumerate(found):
            name = searcher.doc(address).get_first("id")
            ranks[name] = ranks.get(name, 0.0) + 1 / (60 + rank)
    best = sorted(ranks, key=lambda name: -ranks[name])[:5]
    wanted = tantivy.Query.term_set_query(schema, "id", best)
    rows = [searcher.doc(address) for _, address in searcher.search(wanted, 5).hits]
    by_id = {row.get_first("id"): json.loads(row.get_first("row")) for row in rows}
    return [by_id[name] for name in best]


measure(ingest, query)
