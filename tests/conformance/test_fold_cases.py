"""The state of a run is the fold of its events, wherever it is folded and from wherever it goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flowloft.core.events import EVENT
from flowloft.core.fold import RunState, fold

from tests.conformance.fold_cases import FILE, text

CASES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))


def test_the_cases_that_the_page_reads_are_up_to_date() -> None:
    assert FILE.read_text("utf-8") == text(), "run python -m tests.conformance.fold_cases"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_folding_on_from_any_point_gives_the_same_state(case: dict[str, Any]) -> None:
    events = [EVENT.validate_python(event) for event in case["events"]]
    for cut in range(len(events) + 1):
        stored = RunState.model_validate_json(fold(RunState(), events[:cut]).model_dump_json())
        assert fold(stored, events[max(0, cut - 3) :]).model_dump(mode="json") == case["state"]
