"""llama-index with Chroma in the process: ``_llama_index.py FOLDER``."""

from __future__ import annotations

from typing import Any

import chromadb
from _work import Stopwatch, embed_many, folder, measure
from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.schema import TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore

embed = Stopwatch(embed_many)


class Embedding(BaseEmbedding):
    def _get_query_embedding(self, query: str) -> list[float]:
        return embed([query])[0]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return embed([query])[0]

    def _get_text_embedding(self, text: str) -> list[float]:
        return embed([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return embed(texts)


model = Embedding(embed_batch_size=500)
client = chromadb.PersistentClient(
    str(folder().parent / "llama"), chromadb.Settings(anonymized_telemetry=False)
)
made: list[Any] = []


def ingest() -> dict[str, float]:
    nodes = [
        TextNode(text=part, metadata={"file": document.metadata["file_name"]})
        for document in SimpleDirectoryReader(str(folder())).load_data()
        for part in document.text.split("\n\n")
    ]
    store = ChromaVectorStore(chroma_collection=client.create_collection("bench"))
    index = VectorStoreIndex(
        nodes, storage_context=StorageContext.from_defaults(vector_store=store), embed_model=model
    )
    made.append(index.as_retriever(similarity_top_k=5))
    return {"embed": embed.seconds}


def ask(text: str) -> Any:
    return made[0].retrieve(text)


measure(ingest, ask)
