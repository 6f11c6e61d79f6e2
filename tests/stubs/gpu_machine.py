"""A machine with GPUs for programs that ask ``nvidia-smi``, and engines that speak their real protocols.

What cannot run here is stood in for on the outside: the driver's program, the environment of local
models with its interpreter, and in it the packages that are probed and started. An engine that gets
an argument which the real one does not know ends as the real one does.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

LIGHTLLM_FLAGS = {
    *("--model_dir", "--model_name", "--host", "--port", "--nccl_port", "--tp", "--max_total_token_num"),
    *("--max_req_total_len", "--running_max_req_size", "--data_type", "--tokenizer_mode", "--mem_fraction"),
    *("--eos_id", "--dp", "--quant_type", "--nnodes", "--node_rank", "--nccl_host"),
}
"""Recorded from ``make_argument_parser`` of LightLLM 1.0.1 (commit fc72ffab); each takes one value."""
VLLM_FLAGS = {
    *("--model", "--served-model-name", "--host", "--port", "--max-model-len", "--max-num-seqs", "--dtype"),
    *("--tensor-parallel-size", "--data-parallel-size", "--gpu-memory-utilization", "--quantization"),
    *("--max-loras", "--max-lora-rank"),
}
"""Of vLLM 0.32; ``tests/models`` gives the same command lines to its own parser."""

SMI = """#!{python}
import sys
asked = sys.argv[1]
if asked == "-L":
    print("GPU 0: NVIDIA H100 80GB HBM3")
elif asked.startswith("--query-gpu"):
    for index in range({count}):
        known = {{"index": index, "name": "NVIDIA H100 80GB HBM3", "compute_cap": "9.0"}}
        known |= {{"memory.total": {mib}, "memory.free": {mib}}}
        print(", ".join(str(known[name]) for name in asked.partition("=")[2].split(",")))
elif asked.startswith("--query-compute-apps"):
    import os
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                words = open(f"/proc/{{pid}}/cmdline").read()
            except OSError:
                continue
            if "api_server" in words and "engine_door" not in words:
                print(f"{{pid}}, 4096")
else:
    sys.exit("unknown query")
"""

ENGINE = """
import argparse, http.server, json, os, sys, threading

def serve(flags, switches, model_flag, name_flag, metrics, needs_key):
    parser = argparse.ArgumentParser(prog="api_server", allow_abbrev=False)
    for flag in flags:
        parser.add_argument(flag)
    for flag in switches:
        parser.add_argument(flag, action="store_true")
    given = vars(parser.parse_args())
    def of(flag):
        return given[flag.lstrip("-").replace("-", "_")]
    key = os.environ.get("VLLM_API_KEY", "") if needs_key else ""
    if needs_key and not key:
        sys.exit("no key")
    adapters = {}

    class Answers(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *_):
            pass
        def say(self, content, kind="application/json", status=200):
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def may(self):
            if key and self.headers.get("Authorization") != f"Bearer {key}":
                self.say({"error": "Unauthorized"}, status=401)
                return False
            return True
        def do_GET(self):
            if self.path in ("/health", "/healthz"):
                self.say({})
            elif self.path == "/metrics":
                self.say(metrics.encode(), "text/plain; version=0.0.4")
            elif self.path == "/v1/models" and self.may():
                self.say({"object": "list", "data": [{"id": of(name_flag), "object": "model"}]})
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.may():
                return
            if self.path == "/generate":
                return self.say({"generated_text": ["served: " + asked["inputs"]]})
            if self.path != "/v1/chat/completions":
                return self.say({"error": "not found"}, status=404)
            words = ["served ", "by ", "a ", "stub"]
            if not asked.get("stream"):
                message = {"role": "assistant", "content": "".join(words)}
                return self.say({"id": "x", "object": "chat.completion", "created": 1,
                    "model": asked["model"],
                    "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}})
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            def piece(text):
                data = f"data: {text}\\n\\n".encode()
                self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(data), data))
                self.wfile.flush()
            head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": asked["model"]}
            for word in words:
                piece(json.dumps({**head, "choices": [{"index": 0, "delta": {"content": word}}]}))
            piece(json.dumps({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
            if asked.get("stream_options", {}).get("include_usage"):
                usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
                piece(json.dumps({**head, "choices": [], "usage": usage}))
            piece("[DONE]")
            self.wfile.write(b"0\\r\\n\\r\\n")

    # Neither of them listens before it has read the weights.
    if not os.path.isfile(os.path.join(of(model_flag), "config.json")):
        sys.exit(f"no model in {of(model_flag)}")
    print("arguments: " + json.dumps(sys.argv[1:]), flush=True)
    http.server.ThreadingHTTPServer((of("--host"), int(of("--port"))), Answers).serve_forever()
"""

LIGHTLLM = """
from engine_stub import serve
serve({flags}, ["--trust_remote_code", "--disable_cudagraph"], "--model_dir", "--model_name",
      "lightllm_batch_current_size 1\\nlightllm_queue_size 2\\n", False)
"""
VLLM = """
from engine_stub import serve
serve({flags}, ["--enforce-eager", "--enable-lora", "--trust-remote-code"], "--model", "--served-model-name",
      'vllm:num_requests_running{{engine="0"}} 1.0\\nvllm:num_requests_waiting{{engine="0"}} 2.0\\n'
      'vllm:generation_tokens_total{{engine="0"}} 40.0\\n', True)
"""


@dataclass(frozen=True)
class GpuMachine:
    """Where its parts lie.

    Attributes:
        programs: To be first on the PATH.
        env: For ``FLOWLOFT_LOCAL_ENV``.
    """

    programs: Path
    env: Path


def gpu_machine(folder: Path, *, count: int, memory_gib: int = 80) -> GpuMachine:
    """Writes a machine with GPUs into a folder."""
    programs, env, packages = folder / "programs", folder / "local", folder / "packages"
    for place in (
        *(programs, env / "bin", packages / "torch", packages / "triton", packages / "lightllm" / "server"),
        *(packages / "vllm" / "platforms", packages / "vllm" / "entrypoints" / "openai"),
    ):
        place.mkdir(parents=True)
    for place in packages.rglob("*"):
        if place.is_dir():
            (place / "__init__.py").touch()
    smi = programs / "nvidia-smi"
    smi.write_text(SMI.format(python=sys.executable, count=count, mib=memory_gib * 1024))
    python = env / "bin" / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={packages} exec {sys.executable} "$@"\n')
    for program in (smi, python):
        program.chmod(0o755)
    (env / "flowloft-local.json").write_text(json.dumps({"kind": "gpu", "fingerprint": str(folder)}))
    (packages / "engine_stub.py").write_text(ENGINE)
    (packages / "torch" / "__init__.py").write_text(
        "class cuda:\n    is_available = staticmethod(lambda: True)\n"
    )
    (packages / "vllm" / "platforms" / "__init__.py").write_text(
        "class current_platform:\n    device_type = 'cuda'\n"
    )
    (packages / "lightllm" / "server" / "api_server.py").write_text(
        LIGHTLLM.format(flags=sorted(LIGHTLLM_FLAGS))
    )
    (packages / "vllm" / "entrypoints" / "openai" / "api_server.py").write_text(
        VLLM.format(flags=sorted(VLLM_FLAGS))
    )
    return GpuMachine(programs, env)
