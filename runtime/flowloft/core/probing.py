"""Asking an engine, in its own environment, whether it can compute here."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path

from flowloft.core.local_env import OFFLINE, LocalEnv
from flowloft.core.server_process import data_dir

PROBE_SECONDS = 120.0
_ONE_AT_A_TIME = threading.Lock()


def ask_engine(framework: str, env: LocalEnv, code: str) -> str:
    """Returns the last line that ``code`` prints, or why it failed. The answer is kept until the
    environment is made anew: importing such an engine takes many seconds.

    Args:
        framework: Whose answer it is.
        env: Where it is asked.
        code: Python that prints one line.
    """
    kept = data_dir() / "probes" / f"{framework}.json"
    with _ONE_AT_A_TIME:
        known = _known(kept, env.fingerprint)
        if known is not None:
            return known
        told, lasting = _ask(env, code)
        if lasting:
            kept.parent.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps({"fingerprint": env.fingerprint, "told": told}))
            part.replace(kept)
        return told


def _known(kept: Path, fingerprint: str) -> str | None:
    try:
        found = json.loads(kept.read_text())
        return str(found["told"]) if found["fingerprint"] == fingerprint else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _ask(env: LocalEnv, code: str) -> tuple[str, bool]:
    variables = {**os.environ, **OFFLINE, "OMP_NUM_THREADS": "1"}
    variables.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(
            [env.python, "-c", code],
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            env=variables,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"It could not be asked: {error}.", False
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return (lines[-1] if lines else ""), True
