"""Every way in: what breaks off goes on, what is inside the network or not the owner's stays out."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver
from flowloft.core.addresses import ALLOW_ENV

from tests.backend.documents.conftest import content_of

pytestmark = pytest.mark.slow

BYTES = "application/octet-stream"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A web site on loopback with a page and a sitemap; returns its address."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        (folder / "terms.html").write_text(
            "<html><title>Terms</title><body><h1>Terms</h1><p>Returns are free.</p></body></html>"
        )
        (folder / "faq.html").write_text("<html><title>FAQ</title><p>We open at nine.</p></html>")
        places = "".join(f"<url><loc>{url}/{page}.html</loc></url>" for page in ("terms", "faq"))
        (folder / "sitemap.xml").write_text(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield url
        server.shutdown()


def documents(api: Any, base: Any) -> list[dict[str, Any]]:
    return list(api.get(f"/api/v1/knowledge/{base['id']}/documents?order=name").json()["results"])


def test_an_upload_that_breaks_off_goes_on_where_it_was(api: Any, stranger_api: Any, base: Any) -> None:
    content = b"# Long\n\n" + b"word " * 5000
    given = {"name": "folder/long.md", "size": len(content)}
    at = f"/api/v1/knowledge/{base['id']}/uploads"
    first = api.post(at, given).json()
    one = f"/api/v1/uploads/{first['id']}"
    assert api.put(f"{one}?offset=0", data=content[:1000], content_type=BYTES).json()["received"] == 1000
    wrong = api.put(f"{one}?offset=5000", data=content[5000:], content_type=BYTES)
    assert (wrong.status_code, wrong.json()["extra"]["offset"]) == (409, 1000)
    assert stranger_api.get(one).status_code == 404

    again = api.post(at, given).json()

    assert (again["id"], again["received"]) == (first["id"], 1000)
    last = api.put(f"{one}?offset=1000", data=content[1000:], content_type=BYTES).json()
    document = last["document"]
    assert (document["name"], document["size"], last["new"]) == ("folder/long.md", len(content), True)
    original = api.get(f"/api/v1/documents/{document['id']}/original")
    assert content_of(original) == content
    assert api.get(one).status_code == 404


def test_pages_and_a_sitemap_come_in_through_the_guard_only(
    api: Any, base: Any, site: str, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = f"/api/v1/knowledge/{base['id']}/sources"
    refused = api.post(at, {"sitemap": f"{site}/sitemap.xml"})
    assert refused.status_code == 422, refused.content
    assert refused.json()["code"] == "address_refused"
    assert api.post(at, {"urls": ["file:///etc/passwd"]}).json()["code"] == "bad_url"
    assert api.post(at, {"urls": [f"{site}/terms.html"]}).status_code == 202
    work()
    (failed,) = documents(api, base)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "address_refused")

    monkeypatch.setenv(ALLOW_ENV, "127.0.0.1")
    api.post(f"/api/v1/knowledge/{base['id']}/documents/act", {"action": "retry"})
    assert api.post(at, {"sitemap": f"{site}/sitemap.xml"}).json()["count"] == 1, "one is there already"
    work()

    assert [(row["state"], row["title"]) for row in documents(api, base)] == [
        ("ready", "FAQ"),
        ("ready", "Terms"),
    ]


def test_only_the_owner_reads_allowed_folders_of_the_server(
    api: Any,
    stranger_api: Any,
    base: Any,
    work: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = tmp_path / "shared"
    (shared / "deep").mkdir(parents=True)
    (shared / "deep" / "note.md").write_text("# Note\n\nIt is kept deep.")
    (shared / ".secret.md").write_text("# Secret")
    (tmp_path / "outside.md").write_text("# Outside")
    (shared / "link.md").symlink_to(tmp_path / "outside.md")
    allowed = dataclasses.replace(settings.ENVIRONMENT, folders=(str(shared),))
    monkeypatch.setattr(settings, "ENVIRONMENT", allowed)
    at = f"/api/v1/knowledge/{base['id']}/sources"
    outside = api.post(at, {"folder": str(shared / "..")})
    assert (outside.status_code, outside.json()["code"]) == (403, "folder_refused")
    mine = stranger_api.post("/api/v1/knowledge", {"name": "Mine"}).json()["id"]
    other = stranger_api.post(f"/api/v1/knowledge/{mine}/sources", {"folder": str(shared)})
    assert (other.status_code, other.json()["code"]) == (403, "owner_only")

    assert api.post(at, {"folder": str(shared)}).json()["count"] == 1

    work()
    (row,) = documents(api, base)
    assert (row["name"], row["state"]) == ("deep/note.md", "ready")


def test_nobody_reaches_anything_of_another_persons_knowledge(
    api: Any, stranger_api: Any, base: Any, add: Callable[..., Any]
) -> None:
    ids = {
        "knowledge": base["id"],
        "documents": add("mine.md", b"# Mine\n\nNobody else's.")["id"],
        "uploads": api.post(f"/api/v1/knowledge/{base['id']}/uploads", {"name": "a", "size": 9}).json()["id"],
        "knowledge-versions": api.post(f"/api/v1/knowledge/{base['id']}/versions", {}).json()["id"],
        "knowledge-cases": api.post(
            f"/api/v1/knowledge/{base['id']}/cases", {"query": "?", "expected": []}
        ).json()["id"],
    }
    tried = 0
    for route in {
        str(value[0][0][0]) for value in get_resolver("backend.documents.urls").reverse_dict.values()
    }:
        room = route.partition("/")[0]
        if "%(id)s" not in route:
            continue
        address = "/api/v1/" + route % {"id": ids[room], "chunk": "0" * 32, "number": 1}
        for method in ("get", "post", "put", "patch", "delete"):
            answer = getattr(stranger_api, method)(address)
            assert answer.status_code in (404, 405), (method, address, answer.status_code)
            tried += answer.status_code == 404
    assert tried > 30
    assert re.fullmatch(r"[0-9a-f-]{36}", ids["documents"])
    assert len(documents(api, base)) == 1
