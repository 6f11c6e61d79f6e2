"""What people lose if this fails: examples that are silently read as something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.errors import InputError
from flowloft.tuning.data import divide, example_of, measure, read_examples
from hypothesis import given
from hypothesis import strategies as st

SAME = [{"role": "user", "content": "Which port?"}, {"role": "assistant", "content": "7781."}]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": SAME},
        {"conversations": [{"from": "human", "value": "Which port?"}, {"from": "gpt", "value": "7781."}]},
        {"instruction": "Which port?", "input": "", "output": "7781."},
        {"Prompt": "Which port?", "Completion": "7781."},
        {"question": "Which port?", "answer": "7781."},
    ],
)
def test_every_usual_form_is_the_same_example(row: dict[str, Any]) -> None:
    assert example_of(row) == {"messages": SAME}


def test_an_instruction_keeps_its_input() -> None:
    found = example_of({"instruction": "Translate.", "input": "chat", "output": "cat", "system": "Be short."})
    assert isinstance(found, dict)
    assert [one["content"] for one in found["messages"]] == ["Be short.", "Translate.\n\nchat", "cat"]


def test_pairs_are_read_as_pairs() -> None:
    found = example_of({"prompt": "Hi", "chosen": "Hello!", "rejected": "What?"})
    assert isinstance(found, dict)
    assert found["chosen"] == [{"role": "assistant", "content": "Hello!"}]
    assert isinstance(example_of({"prompt": "Hi", "chosen": "x", "rejected": "x"}), str)


def test_a_broken_row_is_named_by_its_number(tmp_path: Path) -> None:
    lines = [json.dumps({"question": f"q{number}", "answer": "a"}) for number in range(8_000)]
    lines[7_000] = '{"question": "no answer"'
    file = tmp_path / "faq.jsonl"
    file.write_text("\n".join(lines))
    report = read_examples(file)
    assert (report.broken, [one.row for one in report.remarks]) == (1, [7_001])
    assert len(report.examples) == 7_999


def test_the_same_rows_come_out_of_every_format(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"question": "Wo?", "answer": "上海，“这里”"}, {"question": "a,b\nc", "answer": "d"}]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "a.csv").write_text('question,answer\nWo?,"上海，“这里”"\n"a,b\nc",d\n', "utf-8")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = [
        read_examples(tmp_path / f"a.{suffix}").examples for suffix in ("json", "jsonl", "csv", "parquet")
    ]
    assert found == [[example_of(row) for row in rows]] * 4


@pytest.mark.parametrize("name", ["a.pkl", "a.parquet", "a.json", "empty.jsonl"])
def test_what_is_no_dataset_is_said_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"" if name.startswith("empty") else b"\x80\x04nonsense")
    with pytest.raises(InputError) as caught:
        read_examples(tmp_path / name)
    assert caught.value.error_code == "unreadable_dataset"


@given(st.integers(0, 200), st.floats(0, 0.5), st.integers(0, 1_000))
def test_dividing_loses_and_doubles_nothing(count: int, part: float, seed: int) -> None:
    examples = [{"messages": [{"role": "user", "content": str(number)}]} for number in range(count)]
    train, apart = divide(examples, part, seed)
    assert sorted([*train, *apart], key=str) == sorted(examples, key=str)
    assert len(apart) == int(count * part)
    assert divide(examples, part, seed) == (train, apart)


def test_lengths_are_measured() -> None:
    facts = measure([{"messages": SAME}, {"messages": [*SAME, *SAME]}], None)
    assert facts.examples == 2
    assert facts.longest > facts.mean > 0
