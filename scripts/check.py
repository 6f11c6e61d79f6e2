"""What a machine can say about the code. Runs every check even when one fails, then says which did."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "types": [f"{BIN}/mypy"],
    "pages": ["npm", "run", "check"],
    "generated files": [sys.executable, "scripts/gen.py", "--check"],
    "size of the pages": ["npm", "run", "check:size", "-w", "frontend"],
    "style": [f"{BIN}/ruff", "check", "."],
    "format": [f"{BIN}/ruff", "format", "--check", "."],
    "rooms": [f"{BIN}/lint-imports"],
    "dead code": [f"{BIN}/vulture"],
}
"""Those that take longest first: two run at a time."""


def run(name: str) -> bool:
    """Runs a check and says how it went; returns whether it passed."""
    started = time.monotonic()
    result = subprocess.run(
        CHECKS[name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    passed = result.returncode == 0
    said = f"{'ok    ' if passed else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)"
    print(said if passed else f"{said}\n{result.stdout[-8000:]}", flush=True)
    return passed


def main(wanted: list[str]) -> int:
    """Runs the checks named, or all."""
    names = [name for name in CHECKS if name in wanted or not wanted]
    with ThreadPoolExecutor(2) as pool:
        failed = [name for name, passed in zip(names, pool.map(run, names), strict=True) if not passed]
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
