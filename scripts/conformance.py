"""Runs flow cases in both modes and prints what passed and what failed, by name.

    python scripts/conformance.py [FILE]

FILE is JSON in the grammar of tests/conformance/flow_cases.json, which is the default. Exits with 1
when a case fails in compatibility mode, or fails in the strict default without being listed in
tests/conformance/strict_differences.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "runtime")]

from tests.conformance.flow_case import agrees, run_case  # noqa: E402 - needs the path above
from tests.conformance.strict_differences import STRICT  # noqa: E402


def main(arguments: list[str]) -> int:
    """Runs all cases of a file; returns the exit code."""
    path = Path(arguments[0]) if arguments else ROOT / "tests/conformance/flow_cases.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    failed = sum(not _passes(case, lenient) for lenient in (True, False) for case in cases)
    print(f"{2 * len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _passes(case: dict[str, Any], lenient: bool) -> bool:
    name, mode = case["name"], "compatible" if lenient else "strict"
    listed = None if lenient else STRICT.get(name)
    expected = listed[0] if listed else case["output"]
    result = run_case(case, lenient=lenient)
    passed = agrees(result, expected)
    print(f"{'passed' if passed else 'FAILED'}  {mode:10}  {name}{f'  ({listed[1]})' if listed else ''}")
    if not passed:
        print(f"        expected {json.dumps(expected)}\n        got      {json.dumps(result, default=repr)}")
    return passed


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
