"""All recorded cases of LazyLLM's flows, as LazyLLM does them and in Flowloft's strict default."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts.conformance import main
from tests.conformance.flow_case import agrees, run_case
from tests.conformance.strict_differences import STRICT

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "flow_cases.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_compatibility_mode_does_what_lazyllm_does(case: dict[str, Any]) -> None:
    result = run_case(case, lenient=True)
    assert agrees(result, case["output"]), result


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_strict_default_differs_only_where_the_reason_is_listed(case: dict[str, Any]) -> None:
    expected = STRICT[case["name"]][0] if case["name"] in STRICT else case["output"]
    result = run_case(case, lenient=False)
    assert agrees(result, expected), result


def test_every_listed_difference_is_one() -> None:
    named = {case["name"]: case for case in CASES}
    for name, (expected, _) in STRICT.items():
        assert not agrees(expected, named[name]["output"]), name


def test_another_file_of_cases_is_run_in_both_modes_and_told_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (json.loads(json.dumps(CASES[index])) for index in (0, 1))
    second |= {"name": "wrong", "output": "something else"}
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([first, second]), "utf-8")
    assert main([str(file)]) == 1
    told = capsys.readouterr().out
    assert "2 passed, 2 failed" in told
    for mode in ("compatible", "strict"):
        assert re.search(rf"passed +{mode} +pipeline_basic", told)
        assert re.search(rf"FAILED +{mode} +wrong", told)
