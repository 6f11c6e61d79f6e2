"""vLLM: many requests at once, on GPUs, and on processors where its build for them is installed.

Source: https://docs.vllm.ai/en/latest/cli/serve.html for the arguments.
"""

from __future__ import annotations

from flowloft.core.framework import NO_WISH, Choice, Framework, Launch, LocalModel, Serving, Wish
from flowloft.core.hardware import GIB, Hardware
from flowloft.core.local_env import OFFLINE, local_env
from flowloft.core.probing import ask_engine
from flowloft.core.sizing import CPU_OVERHEAD, on_devices, on_processor

_PROBE = "from vllm.platforms import current_platform; print('device:' + current_platform.device_type)"
_NEEDED_HERE = "Run `make local-models`, or press Set up on the page Models."


class VLLM(Framework):
    """Serves folders of safetensors: chat, embeddings and reranking, adapters while it serves."""

    title = "vLLM"
    jobs = ("chat", "embedding", "rerank")
    preference = 20

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        if model.facts is None:
            return Choice(None, "The model has no weights of its own on this disk.")
        if model.facts.format == "gguf":
            return Choice(None, "It is a GGUF file; llama.cpp is made for those.")
        if hardware.devices:
            return on_devices(model.facts, hardware, wish)
        if model.facts.quantisation:
            return Choice(
                None, f"Weights quantised with {model.facts.quantisation} need a GPU, and there is none."
            )
        return on_processor(model.facts, hardware, wish)

    def probe(self) -> Choice[bool]:
        env = local_env()
        if env is None:
            return Choice(False, f"The environment for local models is not there. {_NEEDED_HERE}")
        told = ask_engine("vllm", env, _PROBE)
        device = told.removeprefix("device:") if told.startswith("device:") else ""
        if not device:
            # Importable is not able: without a driver the GPU build finds no platform at all.
            return Choice(False, f"vLLM finds no device here that it can use. {told}".strip())
        return Choice(True, f"vLLM says that it runs here on: {device}.")

    def launch(self, model: LocalModel, serving: Serving, *, python: str = "") -> Launch:
        env = local_env()
        interpreter = python or (env.python if env else "python3")
        argv = [
            *(interpreter, "-m", "vllm.entrypoints.openai.api_server"),
            *("--model", model.path, "--served-model-name", model.name),
            *("--host", "{host}", "--port", "{port}"),
            *("--max-model-len", str(serving.context), "--max-num-seqs", str(serving.parallel)),
            *("--dtype", serving.dtype or "auto"),
        ]
        on_cpu = serving.cache_bytes > 0
        if on_cpu:
            argv += ["--enforce-eager"]  # compiling takes a minute and gains a fifth
        else:
            argv += ["--tensor-parallel-size", str(serving.tensor_parallel)]
            argv += ["--gpu-memory-utilization", f"{serving.memory_fraction:g}"]
        if serving.replicas > 1:
            argv += ["--data-parallel-size", str(serving.replicas)]
        if serving.quantisation:
            argv += ["--quantization", serving.quantisation]
        if model.job != "chat":
            argv += ["--runner", "pooling"]
        if serving.adapters:
            argv += ["--enable-lora", "--max-loras", str(serving.adapters), "--max-lora-rank", "64"]
        if serving.allow_code:
            argv += ["--trust-remote-code"]
        variables = dict(OFFLINE)
        if serving.adapters:
            variables["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = "True"
        if on_cpu:
            variables["VLLM_CPU_KVCACHE_SPACE"] = str(max(1, serving.cache_bytes // GIB))
            variables["OMP_NUM_THREADS"] = str(serving.threads)
        weights = model.facts.weight_bytes_as(serving.dtype or "bfloat16") if model.facts else 0
        return Launch(
            argv=tuple(argv),
            env=variables,
            key_env="VLLM_API_KEY",
            cpus=max(serving.threads, serving.tensor_parallel * serving.replicas),
            memory=weights + serving.cache_bytes + CPU_OVERHEAD,
            gpus=0 if on_cpu else serving.tensor_parallel * serving.replicas,
        )
