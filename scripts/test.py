"""Runs the tests.

python scripts/test.py fast    under a minute: no browser, no fault tests, SQLite
python scripts/test.py all     everything but the next, the backend on both databases
python scripts/test.py models  vLLM and peft for real, in an environment of their own
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flowloft.core.local_env import env_folder

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [sys.executable, "-m", "pytest"]

STAGES: dict[str, dict[str, list[str]]] = {
    "fast": {
        "runtime and backend": [*PYTEST, "tests", "-m", "not slow and not e2e and not model"],
        "pages": ["npm", "run", "test"],
    },
    "all": {
        "runtime": [*PYTEST, "tests/runtime", "tests/conformance"],
        "backend on SQLite and the embedded Valkey": [*PYTEST, "tests/backend"],
        "backend on PostgreSQL and Redis": [*PYTEST, "tests/backend", "--servers", "real"],
        "faults": [*PYTEST, "tests/faults"],
        "pages": ["npm", "run", "test"],
        "browser": [*PYTEST, "tests/e2e"],
    },
    "models": {
        "environment of local models": [sys.executable, "scripts/local_models.py"],
        "local models": [*PYTEST, "tests/models"],
    },
}


def run(name: str, argv: list[str], env: dict[str, str], *, shown: bool) -> int:
    """Runs one stage; its output is shown as it comes, or at its end where stages run side by side."""
    started = time.monotonic()
    if shown:
        print(f"\n== {name}", flush=True)
        result = subprocess.run(argv, cwd=ROOT, env=env, check=False)
        output = ""
    else:
        piped = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        result = subprocess.run(argv, cwd=ROOT, env=env, check=False, **piped)
        output = f"\n== {name}\n{result.stdout}"
    print(f"{output}== {name}: {time.monotonic() - started:.0f} s", flush=True)
    return result.returncode


def main(arguments: list[str]) -> int:
    """Runs the stages of one level, all of them even when one fails."""
    level = arguments[0] if arguments else "fast"
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    # Tests have a data directory of their own. Only those of local models use the person's environment of
    # them, which is too large to make anew; the rest behave alike whether there is one or not.
    env.pop("FLOWLOFT_LOCAL_ENV", None)
    if level == "models":
        env["FLOWLOFT_LOCAL_ENV"] = str(env_folder())
        env["FLOWLOFT_DATA"] = str(env_folder().parent)  # keeps the converted model beside it
    # The inner loop uses both cores; the whole run goes one by one, so that no deadline in it is disturbed.
    with ThreadPoolExecutor(2 if level == "fast" else 1) as pool:
        codes = pool.map(
            lambda stage: run(stage[0], stage[1], env, shown=level != "fast"), STAGES[level].items()
        )
        failed = [name for name, code in zip(STAGES[level], codes, strict=True) if code != 0]
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
