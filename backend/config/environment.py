"""Every setting that comes from the environment, read in one place. Imports no Django.

The table in docs/guide/settings.md lists them; a test holds the two together.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

MAX_SOCKET_PATH = 100
"""Bytes; the kernel refuses unix socket paths from 108 on."""

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""


class SettingError(Exception):
    """A setting that cannot be used; the message says what is valid."""


@dataclass(frozen=True)
class Environment:
    """The settings of one studio.

    Attributes:
        data: Where database, secrets, logs and sockets live.
        host: Address to bind.
        port: TCP port to bind.
        redis_url: Broker and bell; empty for the embedded Valkey.
        database_url: Empty for SQLite in ``data``.
        debug: Tracebacks in answers; on loopback only.
        allowed_hosts: Host names the studio answers to, besides loopback.
        origins: Further origins a browser may come from, such as ``https://studio.example.org``.
        worker_threads: Runs that one worker carries at the same time.
        encryption_key: Key for stored secrets; empty for the one in ``data``.
        run_lease: Seconds after which a worker that went silent loses its runs.
        run_timeout: Seconds that a run may work.
        run_keep_days: Days that finished runs are kept; 0 for ever.
        cache_megabytes: Room for each person's results that are used again; 0 for none.
        chroma_url: Vector store; empty for the embedded one.
        folders: Folders of this machine that the owner may read documents from.
        components: Folder of the owner's component files; None for none.
        upload_megabytes: The largest document.
        ingest_at_once: Documents that one worker works on at the same time.
        log_level: ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``.
        joins: Whether this is a worker of a studio elsewhere; set by the supervisor, not by people.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8760
    redis_url: str = ""
    database_url: str = ""
    debug: bool = False
    allowed_hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    worker_threads: int = 16
    encryption_key: str = field(default="", repr=False)
    run_lease: int = 10
    run_timeout: int = 3600
    run_keep_days: int = 0
    cache_megabytes: int = 256
    chroma_url: str = ""
    folders: tuple[str, ...] = ()
    components: Path | None = None
    upload_megabytes: int = 200
    ingest_at_once: int = 2
    log_level: str = "INFO"
    joins: bool = False

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the studio."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def socket(self) -> Path:
        """The embedded Valkey's socket, in a short place when ``data`` has a long name."""
        near = self.data / "kv.sock"
        if len(os.fsencode(near)) <= MAX_SOCKET_PATH:
            return near
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        if len(os.fsencode(base)) > MAX_SOCKET_PATH - 40:
            base = Path("/tmp")  # noqa: S108 - the folder below is made 0700 and checked for its owner
        return base / f"flowloft-{os.getuid()}-{digest}" / "kv.sock"

    @property
    def broker_url(self) -> str:
        """The broker as redis-py and the channel layer name it."""
        return self.redis_url or f"unix://{self.socket}?db=0"

    @property
    def celery_url(self) -> str:
        """The broker as Celery names it."""
        if self.broker_url.startswith("unix://"):
            return "redis+socket://" + self.broker_url.removeprefix("unix://").replace("db=", "virtual_host=")
        return self.broker_url

    @property
    def address(self) -> str:
        """What to open in a browser."""
        shown = "localhost" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"


def _data_dir(env: Mapping[str, str]) -> Path:
    if chosen := env.get("FLOWLOFT_DATA"):
        return Path(chosen).expanduser().absolute()
    if xdg := env.get("XDG_DATA_HOME"):
        return Path(xdg).absolute() / "flowloft"
    return Path("~/.flowloft").expanduser().absolute()


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    raw = env.get(name) or str(default)
    if not (raw.isascii() and raw.isdigit() and low <= int(raw) <= high):
        raise SettingError(f"{name}={raw!r} is no number from {low} to {high}.")
    return int(raw)


def _switch(env: Mapping[str, str], name: str) -> bool:
    raw = env.get(name, "").lower()
    if raw not in ("", "0", "1", "true", "false", "yes", "no", "on", "off"):
        raise SettingError(f"{name}={raw!r} is neither on nor off; write 1 or 0.")
    return raw in ("1", "true", "yes", "on")


def _names(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())


def read_environment(env: Mapping[str, str] | None = None) -> Environment:
    """Reads the settings.

    Raises:
        SettingError: A value is out of its range.
    """
    env = os.environ if env is None else env
    redis_url = env.get("REDIS_URL", "")
    if redis_url and not redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingError("REDIS_URL must begin with redis://, rediss:// or unix://.")
    database_url = env.get("DATABASE_URL", "")
    if database_url and not database_url.startswith(("postgres://", "postgresql://", "sqlite:///")):
        raise SettingError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    chroma_url = env.get("CHROMA_URL", "").rstrip("/")
    if chroma_url and not chroma_url.startswith(("http://", "https://")):
        raise SettingError("CHROMA_URL must begin with http:// or https://.")
    level = (env.get("FLOWLOFT_LOG_LEVEL") or "INFO").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise SettingError("FLOWLOFT_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR.")
    components = env.get("FLOWLOFT_COMPONENTS", "")
    if components and not Path(components).expanduser().is_dir():
        raise SettingError(f"FLOWLOFT_COMPONENTS={components!r} is no folder.")
    return Environment(
        components=Path(components).expanduser().absolute() if components else None,
        data=_data_dir(env),
        host=env.get("FLOWLOFT_HOST") or "127.0.0.1",
        port=_number(env, "FLOWLOFT_PORT", 8760, 1, 65535),
        redis_url=redis_url,
        database_url=database_url,
        debug=_switch(env, "FLOWLOFT_DEBUG"),
        allowed_hosts=_names(env, "FLOWLOFT_ALLOWED_HOSTS"),
        origins=_names(env, "FLOWLOFT_ORIGINS"),
        worker_threads=_number(env, "FLOWLOFT_WORKER_THREADS", 16, 1, 256),
        encryption_key=env.get("FLOWLOFT_ENCRYPTION_KEY", ""),
        run_lease=_number(env, "FLOWLOFT_RUN_LEASE", 10, 2, 600),
        run_timeout=_number(env, "FLOWLOFT_RUN_TIMEOUT", 3600, 1, 30 * 86_400),
        run_keep_days=_number(env, "FLOWLOFT_RUN_KEEP_DAYS", 0, 0, 36_500),
        cache_megabytes=_number(env, "FLOWLOFT_CACHE_MEGABYTES", 256, 0, 1_000_000),
        chroma_url=chroma_url,
        folders=_names(env, "FLOWLOFT_FOLDERS"),
        upload_megabytes=_number(env, "FLOWLOFT_UPLOAD_MEGABYTES", 200, 1, 4_096),
        ingest_at_once=_number(env, "FLOWLOFT_INGEST_AT_ONCE", 2, 1, 64),
        log_level=level,
        joins=_switch(env, "FLOWLOFT_JOINS"),
    )
