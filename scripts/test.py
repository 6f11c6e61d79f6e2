"""Runs the tests.

python scripts/test.py fast    under a minute: no browser, no fault tests, SQLite
python scripts/test.py all     everything, the backend on both databases
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

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
}


def main(arguments: list[str]) -> int:
    """Runs the stages of one level, all of them even when one fails."""
    level = arguments[0] if arguments else "fast"
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    failed = []
    for name, argv in STAGES[level].items():
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        result = subprocess.run(argv, cwd=ROOT, env=env, check=False)
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
        if result.returncode != 0:
            failed.append(name)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
