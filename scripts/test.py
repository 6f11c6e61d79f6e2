"""Runs the tests.

python scripts/test.py fast    under a minute: no browser, no fault tests, SQLite
python scripts/test.py all     everything but the next, the backend on both databases
python scripts/test.py models  vLLM and peft for real, in an environment of their own
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from flowloft.core.local_env import env_folder
from flowloft.core.server_process import data_dir

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [sys.executable, "-m", "pytest"]

LEARNING = ["tests/models/test_learning.py", "tests/models/test_vllm.py"]
DRAWING = [
    f"tests/e2e/test_{name}.py"
    for name in ("accessibility", "drawing", "editor", "export", "exports", "forms", "parts", "reuse", "runs")
]
PROJECTS = "tests/backend/exports/test_projects.py"
BACKEND = ["tests/backend", f"--ignore={PROJECTS}"]
EMBEDDED = ["-m", "not picky"]
REAL = ["--servers", "real", "-m", "not once"]
Stages = dict[str, list[str]]
LEVELS: dict[str, list[list[Stages]]] = {
    "fast": [
        [
            {"runtime and backend": [*PYTEST, "tests", "-m", "not slow and not e2e and not model"]},
            {"pages": ["npm", "run", "test"]},
        ]
    ],
    "all": [
        [
            {"runtime": [*PYTEST, "tests/runtime", "tests/conformance"]},
            {"faults": [*PYTEST, "tests/faults"], "exported projects": [*PYTEST, PROJECTS, *EMBEDDED]},
            {
                "backend on SQLite and the embedded Valkey": [*PYTEST, *BACKEND, *EMBEDDED],
                "pages": ["npm", "run", "test"],
            },
            {"backend on PostgreSQL and Redis": [*PYTEST, *BACKEND, *REAL]},
        ],
        [
            {"browser: drawing and running": [*PYTEST, *DRAWING]},
            {"browser: the other pages": [*PYTEST, "tests/e2e", *(f"--ignore={one}" for one in DRAWING)]},
        ],
    ],
    "models": [
        [{"environment of local models": [sys.executable, "scripts/local_models.py"]}],
        [
            {"a model that learns and is served": [*PYTEST, *LEARNING]},
            {"local models": [*PYTEST, "tests/models", *(f"--ignore={one}" for one in LEARNING)]},
        ],
    ],
}
"""Each level is a row of steps, and each step a number of lanes that run side by side. Most tests wait (for
a cluster, a deadline, a model), so several lanes use the cores that one leaves idle; browsers, where fifteen
seconds are long, have no other company than each other."""


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


def lane(stages: Stages, env: dict[str, str], *, shown: bool) -> list[str]:
    """Runs stages one after the other, all of them even when one fails; returns the names of those."""
    return [name for name, argv in stages.items() if run(name, argv, env, shown=shown) != 0]


def main(arguments: list[str]) -> int:
    """Runs the stages of one level, all of them even when one fails."""
    level = arguments[0] if arguments else "fast"
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    # Tests have a data directory of their own. Only those of local models use the person's environment of
    # them, which is too large to make anew; the rest behave alike whether there is one or not.
    env.pop("FLOWLOFT_LOCAL_ENV", None)
    # Tests start some hundred studios, workers and programs; without bytecode each compiles all it imports.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    if level == "models":
        env["FLOWLOFT_LOCAL_ENV"] = str(env_folder())
        # Where `make local-models` has written the packaged model as a folder: that takes half a minute.
        env["FLOWLOFT_LOCAL_STORE"] = str(data_dir())
    failed: list[str] = []
    for lanes in LEVELS[level]:
        with ThreadPoolExecutor(len(lanes)) as pool:
            failed += itertools.chain(*pool.map(partial(lane, env=env, shown=len(lanes) == 1), lanes))
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
