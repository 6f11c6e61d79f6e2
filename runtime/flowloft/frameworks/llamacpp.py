"""llama.cpp in a process of its own: the engine that is always there.

``python -m flowloft.frameworks.llamacpp --model FILE.gguf`` serves the OpenAI protocol on loopback.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any

from flowloft.core.framework import NO_WISH, Choice, Framework, Launch, LocalModel, Serving, Wish
from flowloft.core.hardware import GIB, Hardware
from flowloft.core.server_child import KEY_ENV, attend, key
from flowloft.core.sizing import shown

OVERHEAD = GIB // 2
"""Bytes that the process takes besides weights and cache."""


class LlamaCpp(Framework):
    """Serves a GGUF file on the processor."""

    title = "llama.cpp"
    jobs = ("chat", "embedding")
    preference = 30

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        if not model.path.endswith(".gguf"):
            return Choice(None, "llama.cpp needs the weights as one GGUF file.")
        if not Path(model.path).is_file():
            return Choice(None, f"There is no file {model.path}.")
        if wish.adapters:
            return Choice(None, "llama.cpp loads its adapters at the start, not while it serves.")
        facts = model.facts
        if facts is None:
            return Choice(
                Serving(threads=wish.threads or 1),
                "The weights are a GGUF file, and llama.cpp runs on any processor.",
            )
        context = min(facts.context, wish.context or 8192)
        if wish.context > facts.context:
            return Choice(None, f"It was made for {facts.context:,} tokens; {wish.context:,} were asked for.")
        cache = facts.kv_bytes_per_token() * context
        needed = facts.weight_bytes + cache + OVERHEAD
        if needed > hardware.free:
            return Choice(
                None,
                f"{shown(facts.weight_bytes)} of weights, {shown(cache)} for {context:,} tokens and "
                f"{shown(OVERHEAD)} to work with are more than the {shown(hardware.free)} of free memory.",
            )
        return Choice(
            Serving(threads=wish.threads or 1, parallel=wish.parallel or 4, context=context),
            f"A GGUF file on the processor: {shown(facts.weight_bytes)} of weights, {shown(cache)} for "
            f"{context:,} tokens that all requests share, {shown(OVERHEAD)} to work with, of "
            f"{shown(hardware.free)} free memory.",
        )

    def probe(self) -> Choice[bool]:
        if importlib.util.find_spec("xllamacpp") is None:
            return Choice(False, "The package xllamacpp is not installed. Run `make run` once more.")
        return Choice(True, "llama.cpp is in the box and runs on any processor.")

    def command(self, model: LocalModel, serving: Serving) -> list[str]:
        return [
            *(sys.executable, "-m", __name__, "--model", model.path, "--name", model.name),
            *("--threads", str(serving.threads), "--parallel", str(serving.parallel)),
            *("--context", str(serving.context)),
            *(["--embedding"] if model.job == "embedding" else []),
        ]

    def launch(self, model: LocalModel, serving: Serving, *, python: str = "") -> Launch:
        argv = [*self.command(model, serving), "--port", "{port}"]
        if python:
            argv[0] = python
        weights = model.facts.weight_bytes if model.facts else 0
        cache = model.facts.kv_bytes_per_token() * serving.context if model.facts else 0
        return Launch(
            argv=tuple(argv),
            env={"PYTHONPATH": str(Path(__file__).parents[2])},
            key_env=KEY_ENV,
            cpus=serving.threads,
            memory=weights + cache + OVERHEAD,
        )


def _parameters(arguments: argparse.Namespace) -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = arguments.model
    parameters.model_alias = {arguments.name or Path(arguments.model).stem}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = arguments.port
    parameters.reuse_port = False
    parameters.n_ctx = arguments.context
    parameters.n_parallel = arguments.parallel
    parameters.kv_unified = True  # the requests share the context instead of getting a part each
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = arguments.threads
    parameters.n_threads_http = 2 * arguments.parallel + 2  # with fewer, waiting requests block health
    parameters.cache_ram_mib = 0
    parameters.ui = False
    parameters.endpoint_metrics = True
    if arguments.embedding:
        parameters.embedding = True
    parameters.verbosity = 1
    _steady(parameters.sampling)
    parameters.n_predict = 1024
    if key():
        parameters.api_keys = [key()]
    return parameters


def _steady(sampling: Any) -> None:
    """Sets what holds for requests that say nothing else.

    A model of this size is right most often with its likeliest word, and left to itself it says
    the same sentence over and over. A stronger penalty would also fall on words of the question.
    """
    sampling.temp = 0.0
    sampling.top_p = 0.9
    sampling.penalty_repeat = 1.05
    sampling.penalty_last_n = 128
    sampling.dry_multiplier = 0.8
    sampling.dry_allowed_length = 4
    sampling.dry_penalty_last_n = 512


def main() -> None:
    """Serves one model until it is no longer wanted."""
    parser = argparse.ArgumentParser(description="Serves a GGUF model on loopback.")
    parser.add_argument("--model", required=True, help="the GGUF file")
    parser.add_argument("--name", default="", help="what the model is called in requests")
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    parser.add_argument("--threads", type=int, default=Serving().threads)
    parser.add_argument("--parallel", type=int, default=Serving().parallel)
    parser.add_argument("--context", type=int, default=Serving().context)
    parser.add_argument("--embedding", action="store_true", help="it turns texts into vectors")
    arguments = parser.parse_args()

    import xllamacpp

    server = xllamacpp.Server(_parameters(arguments))
    attend(f"{server.listening_address}/v1")


if __name__ == "__main__":
    main()
