"""A flow in a file is the flow: whatever its texts, in each format, and without what is secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flowloft.codegen.files import FORMATS, FileFormat, format_of, read_flow, write_flow
from flowloft.codegen.shareable import shareable
from flowloft.core.errors import FlowError
from flowloft.core.node import Node
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        "yes",
        "1:30",
        "2026-01-01",
        "<<",
        "=",
        "~",
        "0x1F",
        " a\n b\n\n",
        "\n",
        "a: b # c",
        "- x",
        "\x85\u2028\r\n",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def flow_of(kind: str, given: dict[str, Any]) -> FlowSpec:
    return FlowSpec.model_validate({"graph": {"nodes": {"a": {"kind": kind, "settings": given}}}})


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=150)
@given(value=VALUES)
def test_any_setting_survives(format: FileFormat, value: Any) -> None:
    spec = flow_of("gone", {"value": value})
    text = write_flow(spec, format)
    assert format_of(text) == format
    assert FlowSpec.model_validate(read_flow(text)) == spec
    assert write_flow(FlowSpec.model_validate(read_flow(text)), format) == text


class _Account(BaseModel):
    user: str = ""
    key: str = Field("", json_schema_extra={"x-widget": "secret"})


class _Lender(Node):
    """Has secrets at every depth."""

    pin: str = Field("", json_schema_extra={"x-widget": "secret"})
    account: _Account = Field(default_factory=_Account)
    others: list[_Account] = Field(default_factory=list)
    perhaps: _Account | None = None

    def run(self) -> str:
        return ""


def test_what_a_kind_marks_as_secret_stays_here_at_any_depth() -> None:
    KINDS.register("lender", _Lender)
    try:
        account = {"user": "ada", "key": "planted"}
        given = {"pin": "planted", "account": account, "others": [account], "perhaps": account}
        spec = flow_of("lender", given)
        kept = {"user": "ada"}
        assert shareable(spec).graph.nodes["a"].settings == {
            "account": kept,
            "others": [kept],
            "perhaps": kept,
        }
        assert spec.graph.nodes["a"].settings == given, "the flow itself keeps its secrets"
        inside = spec.document()
        inside["graph"]["nodes"] = {"w": {"kind": "warp", "body": spec.document()["graph"]}}
        for format in FORMATS:
            assert "planted" not in write_flow(FlowSpec.model_validate(inside), format)
    finally:
        KINDS.unregister("lender")


def test_keys_come_in_order_whatever_the_order_they_were_kept_in() -> None:
    one, other = {"b": 1, "a": {"d": 1, "c": 2}}, {"a": {"c": 2, "d": 1}, "b": 1}
    for format in FORMATS:
        assert write_flow(flow_of("gone", one), format) == write_flow(flow_of("gone", other), format)
    assert json.loads(write_flow(flow_of("gone", one), "json"))["schema"] == "flowloft/flow"


def test_an_endless_text_in_few_words_is_refused() -> None:
    for text in ("a: &a [*a]", "a: &a x\nb: *a"):
        with pytest.raises(FlowError) as caught:
            read_flow(text, "yaml")
        assert caught.value.error_code == "cannot_import"
        assert caught.value.extra["line"]
