"""Code that people write is read in many threads at once. If this fails, flows with several Function nodes
fail now and then, for no reason that anybody could find."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flowloft.nodes.function import Function, FunctionInput

CODE = "def run(a, b):\n" + "".join(f"    x{at} = [a + {at} for a in range(b)]\n" for at in range(60))


class Ring:
    """Only the garbage collector ends it, and works while it does, so that other threads get a turn."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        sum(range(50))


@pytest.fixture
def restless() -> Iterator[None]:
    """Lets threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_many_threads_read_code_at_once(restless: None) -> None:
    def read(number: int) -> str:
        for _ in range(60):
            _ = [Ring() for _ in range(20)]
            Function(code=CODE, inputs=[FunctionInput(name="a"), FunctionInput(name="b")])
        return f"{number} is done"

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [f"{number} is done" for number in range(8)]
