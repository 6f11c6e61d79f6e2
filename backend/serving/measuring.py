"""How fast embedding and reranking models answer here, tried on texts as knowledge bases have them."""

from __future__ import annotations

import time
from typing import Any

from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.provider import open_model

from backend.hub.source import model_source_for
from backend.serving.models import Measurement

CHARACTERS = 500
FEW, MANY = 8, 64
ENOUGH = 2.0
"""Seconds that the few may take for the many to be tried as well."""
WORDS = "the engineers of this studio measure how many texts a model can read in a second of work "


def measure(*, user: Any, ref: str) -> Measurement:
    """Asks a model for a few texts, and for more where it is fast; keeps what was measured.

    Args:
        user: Whose model it is, and who pays where it is a vendor's.
        ref: ``<connection>/<model>``.

    Raises:
        InputError: ``not_measured``: it is a chat model, or there is none of that name.
        ProviderError: It did not answer.
    """
    source = model_source_for(user)
    known = next((one for one in source.entries() if one.ref == ref), None)
    if known is None or known.job not in ("embedding", "rerank"):
        raise InputError(
            f"“{ref}” is no embedding or reranking model.",
            code="not_measured",
            hint="Give the name of one as the list of models has it.",
            extra={"path": "/ref"},
        )
    model = open_model(Context(models=source), ref)

    def ask(count: int) -> tuple[int, float]:
        texts = [f"{number} {WORDS * 6}"[:CHARACTERS] for number in range(count)]
        began = time.monotonic()
        if known.job == "rerank":
            model.rerank("Which of them measures?", texts)
            return 0, time.monotonic() - began
        rows = model.embed(texts)
        return len(rows[0]), time.monotonic() - began

    ask(1)  # what must be started is started
    count = FEW
    dimensions, seconds = ask(FEW)
    if seconds < ENOUGH:
        count = MANY
        dimensions, seconds = ask(MANY)
    found, _ = Measurement.objects.update_or_create(
        owner=user,
        ref=ref,
        defaults={"dimensions": dimensions, "texts_per_second": round(count / max(seconds, 1e-6), 1)},
    )
    return found
