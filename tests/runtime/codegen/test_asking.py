"""Questions in a terminal. If these fail, a flow that asks can't be run from a script."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flowloft.codegen.asking import ask
from flowloft.core.errors import InputError

FORM = {
    "kind": "form",
    "message": "Who?",
    "fields": [
        {"name": "who"},
        {"name": "age", "type": "number", "required": False, "default": 3},
        {"name": "fine", "type": "boolean"},
    ],
}


@pytest.mark.parametrize(
    ("question", "typed", "answer"),
    [
        (FORM, "Ann\n40\ny\n", {"who": "Ann", "age": 40, "fine": True}),
        (FORM, "\n\n\nAnn\n\n\n", {"who": "Ann", "age": 3, "fine": False}),
        ({"kind": "approval", "value": [1]}, "y\nwell\n", {"decision": "approved", "comment": "well"}),
        ({"kind": "approval"}, "no\n\n", {"decision": "rejected", "comment": ""}),
    ],
)
def test_an_answer_is_read_and_asked_for_again_until_it_fits(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    question: Any,
    typed: str,
    answer: Any,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert ask(question) == answer
    assert capsys.readouterr().out == ""


def test_where_nobody_sits_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(InputError, match="Nobody is there"):
        ask(FORM)
