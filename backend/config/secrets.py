"""The two keys of a studio, in a file that only its owner can read. Imports no Django.

``signing`` protects sessions; ``encryption`` protects stored API keys. They differ, because sessions
may be thrown away at any time and API keys may not.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from backend.config.environment import Environment, SettingError


@dataclass(frozen=True)
class Keys:
    """Both keys; ``encryption`` is 32 bytes in URL-safe base64."""

    signing: str = field(repr=False)
    encryption: str = field(repr=False)


def private_dir(path: Path) -> Path:
    """Makes a folder that nobody else can enter.

    Raises:
        SettingError: It belongs to somebody else, or it can't be made or written to.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"{path} can't be made ({error.strerror}); choose another FLOWLOFT_DATA."
        ) from error
    if path.stat().st_uid != os.getuid():
        raise SettingError(f"{path} belongs to another user; choose another FLOWLOFT_DATA.")
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingError(f"{path} can't be written to; choose another FLOWLOFT_DATA.")
    return path


def private_file(path: Path, content: str) -> bool:
    """Writes a new 0600 file at once, or leaves the one that is there; says whether it is new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def load_keys(environment: Environment) -> Keys:
    """Reads the studio's keys; the first caller makes them. Safe among several processes."""
    path = private_dir(environment.data) / "keys.json"
    if not path.exists():
        made = {"signing": secrets.token_urlsafe(48), "encryption": new_encryption_key()}
        private_file(path, json.dumps(made))
    path.chmod(0o600)
    stored = json.loads(path.read_text())
    return Keys(stored["signing"], environment.encryption_key or stored["encryption"])


def new_encryption_key() -> str:
    """Returns 32 random bytes as URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
