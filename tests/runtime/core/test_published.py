"""What is promised to others about the runtime: the schema of documents, and a light import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from flowloft.core.spec import flow_schema
from flowloft.templates import load_templates
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[3]


def test_the_published_schema_is_that_of_the_documents() -> None:
    published = json.loads((ROOT / "docs" / "flow.schema.json").read_text("utf-8"))
    assert published == flow_schema(), "run flowloft schema > docs/flow.schema.json"
    validator = Draft202012Validator(published)
    for template in load_templates():
        validator.validate(template.document.document())
    assert not validator.is_valid({"schema": "flowloft/flow", "graph": {"nodes": {"a": {}}}})


def test_a_script_loads_only_what_it_uses() -> None:
    code = (
        "import sys, flowloft; light = set(sys.modules); flowloft.pipeline(str)(1);"
        "print(*[name for name in ('pydantic', 'httpx', 'django', 'torch') if name in sys.modules]);"
        "print('flowloft.flow' in light)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "runtime")},
    )
    assert told.stdout.split("\n")[:2] == ["", "False"]
