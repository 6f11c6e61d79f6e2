"""What holds for a provider on a server that is real: the same asks for each."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from flowloft.core.context import Connection, Context
from flowloft.core.errors import Cancelled, ProviderError
from flowloft.core.prices import Price
from flowloft.core.provider import PROVIDERS, Provider

from tests.stopwatch import Stopwatch

ASKED = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "What is the capital of Japan?"},
]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Tokyo", "Rome"]}},
    "required": ["city"],
    "additionalProperties": False,
}


def hold_a_conversation(connection: Connection) -> None:
    """Asserts that a server of the OpenAI protocol answers, counts, obeys a schema, and can be left."""
    priced = replace(connection, price=Price("USD", 1.0, 1.0))

    def opened(ctx: Context | None = None, **fields: object) -> Provider:
        return PROVIDERS.get("openai_compatible")(replace(priced, **fields), ctx)  # type: ignore[arg-type]

    chunks = list(opened().stream(ASKED, max_tokens=24, temperature=0.0, seed=1))
    assert "Tokyo" in "".join(chunk.text for chunk in chunks)
    assert sum(bool(chunk.text) for chunk in chunks) > 3, "it came in pieces"
    usage = chunks[-1].usage or {}
    assert usage["prompt_tokens"] > 10
    assert usage["cost_usd"] == pytest.approx((usage["prompt_tokens"] + usage["completion_tokens"]) / 1e6)

    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}
    said = "".join(
        chunk.text for chunk in opened().stream(ASKED, response_format=wanted, max_tokens=40, temperature=0.0)
    )
    assert json.loads(said)["city"] in ("Tokyo", "Rome")

    ctx = Context()
    threading.Timer(0.3, ctx.cancel.cancel).start()
    story = [{"role": "user", "content": "Tell a very long story about the sea."}]
    with Stopwatch() as took, pytest.raises(Cancelled):
        list(opened(ctx).stream(story, max_tokens=800))
    assert took.seconds < 3

    assert connection.model in {offer.model for offer in opened().list_models()}
    with pytest.raises(ProviderError) as refused:
        list(opened(api_key="sk-wrong", keys={}).stream(ASKED, max_tokens=4))
    assert refused.value.error_code == "provider_auth"
    assert "sk-wrong" not in json.dumps(refused.value.payload())
    keys = {"wrong": "sk-wrong", "right": connection.secret(next(iter(connection.keys), ""))}
    assert list(opened(keys=keys, name="turns").stream(ASKED, max_tokens=4))
