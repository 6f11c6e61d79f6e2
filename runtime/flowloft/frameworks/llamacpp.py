"""llama.cpp in a process of its own: the engine that is always there.

``python -m flowloft.frameworks.llamacpp --model FILE.gguf`` serves the OpenAI protocol on loopback.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any

from flowloft.core.framework import Choice, Framework, LocalModel, Serving
from flowloft.core.server_child import attend, key


class LlamaCpp(Framework):
    """Serves a GGUF file on the processor."""

    title = "llama.cpp"
    jobs = ("chat",)

    def fits(self, model: LocalModel) -> Choice[bool]:
        if model.job not in self.jobs:
            return Choice(False, f"llama.cpp is used for chat here, not for {model.job}.")
        if not model.path.endswith(".gguf"):
            return Choice(False, "llama.cpp needs the weights as one GGUF file.")
        if not Path(model.path).is_file():
            return Choice(False, f"There is no file {model.path}.")
        if importlib.util.find_spec("xllamacpp") is None:
            return Choice(False, "The package xllamacpp is not installed.")
        return Choice(True, "The weights are a GGUF file, and llama.cpp runs on any processor.")

    def command(self, model: LocalModel, serving: Serving) -> list[str]:
        return [
            *(sys.executable, "-m", __name__, "--model", model.path, "--name", model.name),
            *("--threads", str(serving.threads), "--parallel", str(serving.parallel)),
            *("--context", str(serving.context)),
        ]


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
    arguments = parser.parse_args()

    import xllamacpp

    server = xllamacpp.Server(_parameters(arguments))
    attend(f"{server.listening_address}/v1")


if __name__ == "__main__":
    main()
