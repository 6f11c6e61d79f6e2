"""The built-in engine, asked as any server of the OpenAI protocol is."""

from __future__ import annotations

import pytest
from flowloft.core.context import Connection
from flowloft.core.models import DEFAULT_CHAT, EnvironmentModels
from flowloft.core.provider import PROVIDERS

from tests.conformance.real_server import hold_a_conversation


@pytest.mark.model
def test_the_engine_in_the_box_speaks_as_the_vendors_do() -> None:
    provider = PROVIDERS.get("builtin")(EnvironmentModels({}).resolve(DEFAULT_CHAT))
    address, key = provider._address()  # type: ignore[attr-defined]  # it has no other door
    hold_a_conversation(Connection("openai_compatible", "box", address, key, model=provider.connection.model))
