"""A knowledge base in a bundle: it answers where it arrives, edits included."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from backend.documents.building import build_once
from backend.documents.models import Chunk, KnowledgeBase
from backend.documents.pipeline import work_once
from backend.exports.models import ExportJob
from tests.backend.exports.conftest import Bundles
from tests.backend.exports.test_bundles import draft, new, note

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.model]


def worked() -> None:
    """Does what workers do, until nothing is left."""
    while work_once() or build_once():
        pass


@pytest.fixture
def knowledge(api: Any) -> str:
    """A knowledge base of two texts, one passage of which somebody has edited."""
    made = api.post("/api/v1/knowledge", {"name": "Cats 猫"})
    assert made.status_code == 201, made.content
    id_ = str(made.json()["id"])
    for name, text in (("a.txt", "Cats sleep sixteen hours a day."), ("b.txt", "Dogs like to run.")):
        answer = api.post(f"/api/v1/knowledge/{id_}/texts", {"name": name, "text": text})
        assert answer.status_code == 201, answer.content
    worked()
    chunk = Chunk.objects.get(text__contains="Dogs")
    edited = api.patch(
        f"/api/v1/documents/{chunk.document_id}/chunks/{chunk.pk}", {"text": "Dogs like to swim."}
    )
    assert edited.status_code == 200, edited.content
    worked()
    return id_


def parts(knowledge: str, content: str) -> dict[str, Any]:
    return {"knowledge_bases": {"content": content, "ids": [knowledge]}}


def told(archive: bytes) -> tuple[dict[str, Any], zipfile.ZipFile]:
    packed = zipfile.ZipFile(io.BytesIO(archive))
    manifest = json.loads(packed.read("manifest.json"))
    return manifest, packed


@pytest.mark.parametrize("content", ["originals", "chunks", "chunks_and_vectors"])
def test_it_answers_where_it_arrives(bundles: Bundles, api: Any, knowledge: str, content: str) -> None:
    flow = new(api, "Asks", n=note("x"))
    archive = bundles.exported(flow, parts=parts(knowledge, content))
    ExportJob.objects.all().delete()
    assert bundles.exported(flow, parts=parts(knowledge, content)) == archive
    assert bundles.imported(archive, conflict="skip").json()["created"] == []
    api.delete(f"/api/v1/knowledge/{knowledge}")
    api.delete(f"/api/v1/flows/{flow}")
    worked()
    before = KnowledgeBase.objects.count()
    said = bundles.imported(archive, dry_run=True).json()
    assert KnowledgeBase.objects.count() == before
    done = bundles.imported(archive).json()
    assert [(one["type"], one["name"]) for one in done["created"]] == [
        (one["type"], one["name"]) for one in said["created"]
    ]
    made = next(one["id"] for one in done["created"] if one["type"] == "knowledge_base")
    worked()
    words = "run" if content == "originals" else "swim"
    found = api.post(f"/api/v1/knowledge/{made}/search", {"query": "What do dogs like?"})
    assert words in found.json()["hits"][0]["text"], found.content
    assert bundles.imported(archive, conflict="fail").status_code == 409


def test_what_stays_behind_is_said(bundles: Bundles, api: Any, stranger_api: Any, knowledge: str) -> None:
    flow = new(api, "Asks", n=note("x"))
    asked = {"flows": [{"id": flow}], "parts": parts(knowledge, "none")}
    assert any("Cats" in one for one in api.post("/api/v1/exports/preview", asked).json()["warnings"])
    asked["parts"] = parts(knowledge, "chunks")
    preview = api.post("/api/v1/exports/preview", asked).json()
    assert (preview["files"], preview["warnings"]) == (2, [])
    theirs = {"flows": [{"id": new(stranger_api, "Spy", n=note("x"))}], "parts": parts(knowledge, "chunks")}
    assert stranger_api.post("/api/v1/exports/preview", theirs).status_code == 404


def test_a_flow_that_asks_takes_its_knowledge_base_along(bundles: Bundles, api: Any, knowledge: str) -> None:
    def asking(ref: str) -> dict[str, Any]:
        return {"kind": "knowledge_retriever", "settings": {"knowledge": ref}}

    flow = new(api, "Asks", own=asking(knowledge), example=asking("bundled:town-library"))
    archive = bundles.exported(flow, parts={"knowledge_bases": {"content": "chunks"}})
    api.delete(f"/api/v1/knowledge/{knowledge}")
    api.delete(f"/api/v1/flows/{flow}")
    worked()
    done = bundles.imported(archive).json()
    made = {one["type"]: one["id"] for one in done["created"]}
    nodes = draft(api, made["flow"])["graph"]["nodes"]
    assert nodes["own"]["settings"]["knowledge"] == made["knowledge_base"] != knowledge
    assert nodes["example"]["settings"]["knowledge"] == "bundled:town-library"
