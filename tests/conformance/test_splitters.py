"""What holds for every splitter, whatever the document."""

from __future__ import annotations

import re

import pytest
from flowloft.core.parser import Block, Parsed, assemble
from flowloft.core.splitter import SPLITTERS
from flowloft.core.tokens import count_tokens
from hypothesis import given, settings
from hypothesis import strategies as st

WORDS = st.sampled_from(
    [
        "tea ",
        "The cat sat. ",
        "图书馆",
        "早上九点开门。",
        "Why? ",
        "\n",
        "e.g. ",
        "x" * 90,
        "{\n  ",
        "def f():\n",
        "…",
        "👍 ",
    ]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=60).map("".join).filter(lambda text: text.strip())
BLOCKS = st.lists(
    st.builds(
        lambda kind, text, level: Block(kind=kind, text=text, level=level if kind == "heading" else 0),
        st.sampled_from(["text", "heading", "table", "list", "code"]),
        TEXTS,
        st.integers(1, 6),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("key", SPLITTERS.keys)
@given(blocks=BLOCKS, size=st.integers(50, 300))
@settings(max_examples=40)
def test_nothing_is_lost_or_out_of_order_or_too_long(key: str, blocks: list[Block], size: int) -> None:
    parsed = assemble(blocks)
    splitter = SPLITTERS.get(key).model_validate({"size": size})
    chunks = splitter.split(parsed)
    measure = count_tokens if key == "tokens" else len
    covered = bytearray(len(parsed.text))
    for chunk in chunks:
        assert parsed.text[chunk.start : chunk.end] == chunk.text == chunk.text.strip()
        assert measure(chunk.text) <= size
        covered[chunk.start : chunk.end] = b"\1" * (chunk.end - chunk.start)
        assert chunk.places[0].start == chunk.start
        assert chunk.places[-1].end == chunk.end
    assert all(covered[at] or letter.isspace() for at, letter in enumerate(parsed.text))
    assert [chunk.start for chunk in chunks] == sorted(chunk.start for chunk in chunks)


@pytest.mark.parametrize("key", SPLITTERS.keys)
def test_a_text_without_blocks_is_split_too(key: str) -> None:
    text = "One sentence here. " * 200
    chunks = SPLITTERS.get(key)().split(Parsed(text=text))
    assert len(re.sub(r"\s", "", chunks[0].text)) > 0
    assert chunks[-1].end == len(text.rstrip())


def split(key: str, blocks: list[Block], **fields: int | bool) -> list[str]:
    return [chunk.text for chunk in SPLITTERS.get(key).model_validate(fields).split(assemble(blocks))]


def test_sentences_stay_whole_in_both_languages() -> None:
    text = "Dr. Lee left. She was late! 图书馆早上九点开门。周日休息！“真的？”他问。"
    chunks = split("sentence", [Block(text=text)], size=25, overlap=0)
    assert chunks == ["Dr. Lee left.", "She was late! 图书馆早上九点开门。", "周日休息！“真的？”他问。"]


def test_overlap_is_whole_sentences() -> None:
    chunks = split("sentence", [Block(text="One one. Two two. Three. Four four.")], size=20, overlap=10)
    assert chunks == ["One one. Two two.", "Two two. Three.", "Three. Four four."]


def test_a_section_is_a_chunk_and_knows_its_headings() -> None:
    blocks = [
        Block(kind="heading", text="Guide", level=1),
        Block(kind="heading", text="Install", level=2),
        Block(text="Run it."),
        Block(kind="heading", text="Use", level=2),
        Block(text="Open it."),
    ]
    chunks = SPLITTERS.get("markdown")().split(assemble(blocks))
    assert [chunk.text for chunk in chunks] == ["Guide", "Install\n\nRun it.", "Use\n\nOpen it."]
    assert chunks[2].heading_path == ("Guide", "Use")


def test_functions_stay_whole_with_what_stands_above_them() -> None:
    code = "import os\n\n# Says hello.\n@cached\ndef hello():\n    return 1\n\n\ndef other():\n    return 2\n"
    chunks = split("code", [Block(kind="code", text=code)], size=60)
    assert chunks == [
        "import os\n\n# Says hello.\n@cached\ndef hello():\n    return 1",
        "def other():\n    return 2",
    ]


def test_items_of_json_stay_whole() -> None:
    items = [Block(kind="code", text=f'{{\n  "n": {n}\n}}') for n in range(3)]
    assert split("json", items, gather=False) == [item.text for item in items]
