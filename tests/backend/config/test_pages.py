"""The pages' files. If this fails, a page that is opened first after a start stays white."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from backend.config.pages import FrontendFiles


@pytest.mark.once
def test_all_files_that_a_page_asks_for_at_once_are_found(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<p>page")
    names = [f"assets/{number}.js" for number in range(300)]
    for name in names:
        (tmp_path / name).write_text("script")
    settings.FRONTEND = tmp_path
    files = FrontendFiles(lambda request: HttpResponse("<p>page"))
    together = threading.Barrier(16)

    def ask(name: str) -> bytes:
        together.wait(30)
        return bytes(files(RequestFactory().get(f"/{name}")).content)

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, names[-16:])) == {b"script"}
