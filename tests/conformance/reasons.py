"""Writes ``reasons.json``: one of each sentence that the runtime says of what it chose.

    python -m tests.conformance.reasons

The page's test reads it, so that no reason is told in the wrong language.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from flowloft.core.errors import NoFit
from flowloft.core.framework import FRAMEWORKS, Choice
from flowloft.core.hardware import GIB, Hardware, gpus
from flowloft.core.trainer import DataFacts, TuneWish
from flowloft.tuning import choose

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from serving_examples import examples, models

FILE = Path(__file__).parent / "reasons.json"
PLACES = (
    Hardware((), 8, 64 * GIB, 48 * GIB),
    Hardware((), 8, 64 * GIB, 48 * GIB, bf16=False),
    Hardware(gpus(1, 16, 7.5), 8, 64 * GIB, 48 * GIB),
    Hardware(gpus(1, 24), 8, 64 * GIB, 48 * GIB),
    Hardware(gpus(8, 80), 64, 512 * GIB, 480 * GIB),
)
DATA = (DataFacts(16, 60, 90), DataFacts(5_000, 900, 200_000), DataFacts(900, 90, 300, "dpo"))
WISHES = (TuneWish(), TuneWish(method="full", epochs=9, learning_rate=1e-5), TuneWish(micro_batch=2))


def said() -> Iterator[str]:
    """Yields every reason, of serving and of training well-known models on small and large machines."""
    for _, _, _, choice in examples():
        yield from _of(choice)
    for model in models():
        assert model.facts is not None
        for place in PLACES:
            yield from _of(FRAMEWORKS.get("vllm")().fits(model, place))
            for data in DATA:
                for wish in WISHES:
                    try:
                        choice = choose(model.facts, data, wish, place)
                    except NoFit as error:
                        yield from (reason for _, reason in error.extra["rejected"])
                    else:
                        yield from _of(choice)
                        yield from choice.value.reasons.values()
                        yield from choice.value.warnings


def _of(choice: Choice[object]) -> Iterator[str]:
    yield choice.reason
    yield from (reason for _, reason in choice.rejected)


def text() -> str:
    """Returns the file: of reasons that differ in their figures only, the first."""
    kept: dict[str, str] = {}
    for reason in said():
        kept.setdefault(re.sub(r"[\d.,]+ (?:GiB|MiB|KiB|bytes)|[\d.,e-]*\d[\d.,e-]*", "0", reason), reason)
    return json.dumps(sorted(kept.values()), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
