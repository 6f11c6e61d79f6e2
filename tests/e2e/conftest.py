"""A whole studio with its own data directory, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
OWNER, PASSWORD = "ada", "a long enough pass phrase"

# What takes a moment on a quick machine takes many on a busy one; a page that is ready waits no longer.
expect.set_options(timeout=30_000)

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    """Returns a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Studio:
    """A running Flowloft."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    log: Path

    def output(self) -> str:
        """Returns what the supervisor has printed so far."""
        return self.log.read_text(errors="replace")

    def health(self) -> dict[str, object]:
        """Asks it how it is."""
        reply = httpx.get(f"{self.url}/api/v1/health", timeout=5, trust_env=False)
        return dict(reply.json())

    def stop(self) -> None:
        """Stops it as Ctrl-C would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)


def components_of(data: Path) -> Path:
    """Returns the folder of the owner's component files; empty until a test writes into it."""
    return data.parent / "components"


def start_studio(data: Path) -> Studio:
    """Starts a studio on a free port and waits until it is ready."""
    port = free_port()
    log = data.parent / f"{data.name}.log"
    env = {name: value for name, value in os.environ.items() if not name.startswith("FLOWLOFT_")}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    components_of(data).mkdir(exist_ok=True)
    env |= {
        "FLOWLOFT_DATA": str(data),
        "FLOWLOFT_COMPONENTS": str(components_of(data)),
        "FLOWLOFT_PORT": str(port),
        "FLOWLOFT_HOST": "127.0.0.1",
        "OMP_NUM_THREADS": "1",
    }
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.config.supervisor"],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    studio = Studio(f"http://127.0.0.1:{port}", data, process, log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the studio ended while starting:\n{studio.output()}")
        try:
            if studio.health().get("status") == "ready":
                return studio
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.2)
    studio.stop()
    raise AssertionError(f"the studio was not ready in 60 s:\n{studio.output()}")


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for all journeys; each works on flows of its own."""
    running = start_studio(tmp_path_factory.mktemp("studio") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; Playwright's own download is not used."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def owner_state(studio: Studio, browser: Browser) -> dict[str, object]:
    """Makes the owner through the one-time link, as a person does, and keeps the session."""
    link = re.search(r"http://\S+/claim\?token=[\w-]+", studio.output())
    assert link, f"no link to make the owner in:\n{studio.output()}"
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(link.group(0))
    page.get_by_label("User name").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(re.compile(r"/$|/\?"))
    state = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture(scope="session")
def api(studio: Studio, owner_state: dict[str, object]) -> Iterator[httpx.Client]:
    """The REST API in the owner's name, with a session and its CSRF token as a page has them."""
    cookies = {str(c["name"]): str(c["value"]) for c in owner_state["cookies"]}  # type: ignore[attr-defined]
    with httpx.Client(
        base_url=f"{studio.url}/api/v1/", cookies=cookies, timeout=60, trust_env=False
    ) as client:
        token = client.get("session").json()["csrf_token"]
        client.headers.update({"X-CSRFToken": token, "Origin": studio.url})
        yield client


@pytest.fixture
def open_page(
    studio: Studio, browser: Browser, owner_state: dict[str, object]
) -> Iterator[Callable[..., Page]]:
    """Opens pages signed in as the owner; fails the test when a page logs an error."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(message.text)

    def open_at(path: str = "/", **options: object) -> Page:
        settings = {"locale": "en-US", "viewport": {"width": 1440, "height": 900}} | options
        context = browser.new_context(base_url=studio.url, storage_state=owner_state, **settings)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(path)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not problems, f"the page logged errors: {problems}"
