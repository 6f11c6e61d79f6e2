"""LightLLM, on GPUs. Its command is built and checked here; it has not been run on hardware.

Source: ``python -m lightllm.server.api_server --help`` of LightLLM 1.0.1.
"""

from __future__ import annotations

from flowloft.core.framework import NO_WISH, Choice, Framework, Launch, LocalModel, Serving, Wish
from flowloft.core.hardware import Hardware
from flowloft.core.local_env import OFFLINE, local_env
from flowloft.core.probing import ask_engine
from flowloft.core.sizing import on_devices

_PROBE = """
import torch, triton, lightllm
print('device:' + ('cuda' if torch.cuda.is_available() else ''))
"""


class LightLLM(Framework):
    """Serves folders of safetensors for chat, with a token-wise cache."""

    title = "LightLLM"
    jobs = ("chat",)
    preference = 10

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        if model.facts is None or model.facts.format == "gguf":
            return Choice(None, "LightLLM serves folders of safetensors only.")
        if model.job not in self.jobs:
            return Choice(None, f"LightLLM is used for chat here, not for {model.job}.")
        if not hardware.devices:
            return Choice(None, "LightLLM computes on NVIDIA GPUs only, and there is none.")
        if wish.adapters:
            return Choice(None, "LightLLM loads no adapters while it serves.")
        # Its data parallelism is for one family of models only: one copy a service.
        return on_devices(model.facts, hardware, wish, can_fp8=False, copies=False)

    def probe(self) -> Choice[bool]:
        env = local_env()
        if env is None:
            return Choice(False, "The environment for local models is not there. Run `make local-models`.")
        told = ask_engine("lightllm", env, _PROBE)
        if told != "device:cuda":
            return Choice(False, f"LightLLM does not run here. {told.removeprefix('device:')}".strip())
        return Choice(True, "LightLLM is installed and finds a GPU.")

    def launch(self, model: LocalModel, serving: Serving, *, python: str = "") -> Launch:
        env = local_env()
        interpreter = python or (env.python if env else "python3")
        tokens = serving.cache_tokens or serving.context * serving.parallel
        argv = [
            *(interpreter, "-m", "lightllm.server.api_server", "--model_dir", model.path),
            *("--model_name", model.name, "--host", "{host}", "--port", "{port}"),
            *("--nccl_port", "{spare_port}", "--tp", str(serving.tensor_parallel)),
            *("--max_total_token_num", str(tokens), "--max_req_total_len", str(serving.context)),
            *("--running_max_req_size", str(serving.parallel)),
            *("--data_type", serving.dtype or "bfloat16", "--tokenizer_mode", "auto"),
        ]
        if serving.allow_code:
            argv += ["--trust_remote_code"]
        return Launch(
            argv=tuple(argv),
            env=dict(OFFLINE),
            cpus=serving.tensor_parallel,
            gpus=serving.tensor_parallel,
        )
