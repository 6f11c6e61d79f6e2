"""Runs every benchmark, or those named: ``python -m benchmarks engine``."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

from benchmarks._timing import table

FOLDER = Path(__file__).parent


def main(names: list[str]) -> int:
    """Prints one table for each workload; unknown names end with 2."""
    sys.path.insert(0, str(FOLDER.parent / "runtime"))
    known = [found.name for found in pkgutil.iter_modules([str(FOLDER)]) if not found.name.startswith("_")]
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        workload = importlib.import_module(f"benchmarks.{name}")
        if not hasattr(workload, "rows"):
            continue
        print(f"\n## {name}\n", flush=True)
        for line in table(workload.rows()):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
