"""Cases that the strict default answers otherwise than LazyLLM, each with the reason.

``EXPECTED`` is what strict gives: a tagged value, or ``ERROR`` for a clear error.
"""

from __future__ import annotations

from typing import Any

ERROR = {"$error": {}}

STRICT: dict[str, tuple[Any, str]] = {
    "diverter_too_few": (
        ERROR,
        "Three branches and two values: LazyLLM drops the third branch without a word.",
    ),
    "switch_default_first_wins": (
        ERROR,
        "Cases after “default” can never be taken; LazyLLM passes over them silently.",
    ),
    "graph_dead_end_node_runs": (
        ERROR,
        "A failing step that leads nowhere is only logged by LazyLLM; the run looks successful.",
    ),
    "engine_warp_one_element": (
        {"$package": [25]},
        "LazyLLM gives the bare value for a list of one, so the type of the result depends on the data.",
    ),
    "engine_warp_batch_flags_uneven": (
        ERROR,
        "Lists of different lengths: LazyLLM drops the rest, and then makes a bare value of the one result.",
    ),
}
