"""Writes the generated files: the API's description, the page's types from it, the list of error codes,
the schema of flow documents.

python scripts/gen.py [--check]    with --check nothing is written, and a stale file is an error
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import error_codes
import serving_examples
from flowloft.core.spec import flow_schema

ROOT = Path(__file__).resolve().parents[1]
OPENAPI = ROOT / "frontend" / "openapi.json"
TYPES = ROOT / "frontend" / "src" / "generated" / "api.ts"
ERRORS = ROOT / "docs" / "errors.md"
EXAMPLES = ROOT / "docs" / "guide" / "serving-examples.md"
FLOWS = ROOT / "docs" / "flow.schema.json"


def openapi() -> bytes:
    """Returns the API's description, made by the backend in a data directory of its own."""
    with tempfile.TemporaryDirectory() as data:
        target = Path(data) / "openapi.json"
        subprocess.run(
            [
                *(sys.executable, "manage.py", "spectacular"),
                *("--format", "openapi-json", "--validate", "--fail-on-warn", "--file", str(target)),
            ],
            cwd=ROOT,
            env=os.environ | {"FLOWLOFT_DATA": data},
            check=True,
        )
        return target.read_bytes().rstrip() + b"\n"


def types(description: bytes) -> bytes:
    """Returns TypeScript types for the description."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "openapi.json", Path(folder) / "api.ts"
        source.write_bytes(description)
        subprocess.run(
            ["npx", "--no", "openapi-typescript", str(source), "-o", str(target)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return target.read_bytes()


def main(arguments: list[str]) -> int:
    """Writes or compares."""
    description = openapi()
    wanted = {
        OPENAPI: description,
        TYPES: types(description),
        ERRORS: error_codes.page().encode(),
        EXAMPLES: serving_examples.page().encode(),
        FLOWS: (json.dumps(flow_schema(), indent=2) + "\n").encode(),
    }
    stale = [path for path, content in wanted.items() if not path.exists() or path.read_bytes() != content]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale; run `make gen` and commit it.", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[path])
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
