"""What a machine can say about the code. Runs every check even when one fails, then says which did."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "style": [f"{BIN}/ruff", "check", "."],
    "format": [f"{BIN}/ruff", "format", "--check", "."],
    "types": [f"{BIN}/mypy"],
    "rooms": [f"{BIN}/lint-imports"],
    "dead code": [f"{BIN}/vulture"],
    "generated files": [sys.executable, "scripts/gen.py", "--check"],
    "pages": ["npm", "run", "check"],
    "size of the pages": ["npm", "run", "check:size", "-w", "frontend"],
}


def main(wanted: list[str]) -> int:
    """Runs the checks named, or all."""
    failed = []
    for name, argv in CHECKS.items():
        if wanted and name not in wanted:
            continue
        started = time.monotonic()
        result = subprocess.run(
            argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        print(
            f"{'ok    ' if result.returncode == 0 else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)"
        )
        if result.returncode != 0:
            failed.append(name)
            print(result.stdout[-8000:], flush=True)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
