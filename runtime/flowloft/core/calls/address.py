"""Where calls of a served module are sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Address:
    """An address, and what to put up with. See :class:`flowloft.modules.UrlModule`."""

    url: str
    key: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    timeout: float
    max_bytes: int
    guarded: bool


def served(base_url: str, path: str) -> str:
    """Returns where a path of a server answers.

    Args:
        base_url: The server's; ``/run`` at its end, as servers tell their address, is left aside.
    """
    return f"{base_url.rstrip('/').removesuffix('/run')}/{path}"


def shown(url: str) -> str:
    """Returns an address without the parts that may hold a secret."""
    return re.sub(r"//[^/@]*@", "//", url.partition("?")[0])[:200]
