"""The settings, and what the supervisor and `manage.py prepare` refuse."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from backend.config.doors import refuse_unsafe
from backend.config.environment import ROOT, Environment, SettingError, read_environment
from backend.config.secrets import load_keys, private_file


def test_defaults_are_this_machine_only() -> None:
    found = read_environment({})
    assert found.loopback
    assert not found.debug
    assert found.data == Path("~/.flowloft").expanduser()
    assert found.celery_url.startswith("redis+socket://")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLOWLOFT_PORT", "http"),
        ("FLOWLOFT_PORT", "70000"),
        ("FLOWLOFT_DEBUG", "maybe"),
        ("FLOWLOFT_WORKER_THREADS", "0"),
        ("FLOWLOFT_LOG_LEVEL", "chatty"),
        ("REDIS_URL", "http://example.org"),
    ],
)
def test_says_which_setting_is_wrong(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_environment({name: value})


def test_socket_fits_the_kernel_however_long_the_directory(tmp_path: Path) -> None:
    long = Environment(data=tmp_path / ("a" * 150))
    other = Environment(data=tmp_path / ("b" * 150))
    assert len(str(long.socket)) < 108
    assert long.socket != other.socket


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    environment = Environment(data=tmp_path / "data")
    first = load_keys(environment)
    assert load_keys(environment) == first
    assert first.signing != first.encryption
    assert (tmp_path / "data" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert first.signing not in repr(first)


def test_the_first_writer_of_a_private_file_wins(tmp_path: Path) -> None:
    assert private_file(tmp_path / "key", "one")
    assert not private_file(tmp_path / "key", "two")
    assert (tmp_path / "key").read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


OPEN = Environment(data=Path("/tmp/x"), host="0.0.0.0")


@pytest.mark.parametrize(
    ("environment", "unowned", "says"),
    [
        (replace(OPEN, debug=True), False, "FLOWLOFT_DEBUG"),
        (replace(OPEN, allowed_hosts=("*",)), False, "FLOWLOFT_ALLOWED_HOSTS"),
        (OPEN, True, "no owner"),
    ],
)
def test_an_open_door_has_conditions(environment: Environment, unowned: bool, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        refuse_unsafe(environment, unowned=unowned)


def test_a_closed_door_has_none() -> None:
    refuse_unsafe(replace(OPEN, host="127.0.0.1", debug=True), unowned=True)
    refuse_unsafe(OPEN, unowned=False)


def test_the_guide_lists_every_setting() -> None:
    source = (ROOT / "backend/config/environment.py").read_text()
    read = set(re.findall(r'"((?:FLOWLOFT_|REDIS_|DATABASE_)[A-Z_]+)"', source)) - {"FLOWLOFT_JOINS"}
    listed = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/guide/settings.md").read_text(), re.MULTILINE))
    assert read <= listed
