"""LazyLLM's Document with its store in memory, or with Chroma: ``_lazyllm.py FOLDER map|chroma``."""

from __future__ import annotations

import sys
from typing import Any

import tiktoken
from _work import Stopwatch, embed_many, folder, measure


class _NoVocabulary:
    """It fetches a vocabulary for a splitter, not used here, when it is imported."""

    def encode(self, text: str, **_: Any) -> list[int]:
        return list(text.encode())


tiktoken.get_encoding = tiktoken.encoding_for_model = lambda *_, **__: _NoVocabulary()

from lazyllm import Document, Retriever  # noqa: E402


def one(text: str | list[str], **_: Any) -> Any:
    return embed_many([text])[0] if isinstance(text, str) else embed_many(text)


embed = Stopwatch(one)
conf: dict[str, Any] | None = None
if sys.argv[2] == "chroma":
    conf = {
        "segment_store": {"type": "map"},
        "vector_store": {"type": "chroma", "kwargs": {"dir": str(folder().parent / "lazy")}},
    }
documents = Document(dataset_path=str(folder()), embed=embed.run, store_conf=conf)
documents.create_node_group("parts", transform=lambda text: text.split("\n\n"))
retriever = Retriever(documents, group_name="parts", similarity="cosine", topk=5)


def ingest() -> dict[str, float]:
    retriever("karan")
    return {"embed": embed.seconds}


measure(ingest, retriever)
