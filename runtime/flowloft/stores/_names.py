"""Names of collections as files and services allow them."""

from __future__ import annotations

import hashlib
import re


def slug(name: str) -> str:
    """Returns a name of letters, digits and ``-``, different for different names, at most 60 long.

    Example:
        >>> slug("Opening hours").startswith("opening-hours-")
        True
    """
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    return f"{readable or 'c'}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
