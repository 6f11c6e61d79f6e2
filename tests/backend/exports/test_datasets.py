"""A dataset in a bundle. If these fail, examples are lost on the way, or taken by somebody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.exports.models import ExportJob
from tests.backend.exports.conftest import Bundles
from tests.backend.exports.test_bundles import new, note, repacked

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/datasets"


def rows(*answers: str) -> bytes:
    said = [{"question": f"问{number}?", "answer": answer} for number, answer in enumerate(answers)]
    return "".join(json.dumps(one) + "\n" for one in said).encode()


def uploaded(client: Any, content: bytes, to: str = URL, **query: str) -> dict[str, Any]:
    place = "&".join(f"{name}={value}" for name, value in {"file_name": "faq.jsonl", **query}.items())
    answer = client.post(f"{to}?{place}", content, content_type="application/octet-stream")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def answers(api: Any, dataset: str) -> list[str]:
    newest = api.get(f"{URL}/{dataset}").json()["versions"][0]
    shown = api.get(f"{URL}/versions/{newest['id']}/examples").json()["examples"]
    return [one["messages"][-1]["content"] for one in shown]


@pytest.fixture
def dataset(api: Any) -> str:
    """One with two versions, the newer of which counts."""
    made = uploaded(api, rows("old"), name="Questions")
    uploaded(api, rows("a", "b"), to=f"{URL}/{made['id']}/versions")
    return str(made["id"])


def parts(dataset: str) -> dict[str, Any]:
    return {"datasets": {"ids": [dataset]}}


def test_out_in_and_out_again_is_the_same_file(bundles: Bundles, api: Any, dataset: str) -> None:
    flow = new(api, "Asks", n=note("x"))
    archive = bundles.exported(flow, parts=parts(dataset))
    assert bundles.imported(archive).status_code == 409
    api.delete(f"{URL}/{dataset}")
    api.delete(f"/api/v1/flows/{flow}")
    said = bundles.imported(archive, dry_run=True).json()
    assert api.get(URL).json()["results"] == []
    made = {one["type"]: one for one in bundles.imported(archive).json()["created"]}
    assert [one["name"] for one in said["created"]] == [one["name"] for one in made.values()]
    assert answers(api, made["dataset"]["id"]) == ["a", "b"]
    ExportJob.objects.all().delete()
    assert bundles.exported(made["flow"]["id"], parts=parts(made["dataset"]["id"])) == archive


@pytest.mark.parametrize(
    ("conflict", "found"), [("new_version", [3]), ("skip", [2]), ("copy", [2, 1])], ids=str
)
def test_what_is_here_already_stays_or_gets_a_version(
    bundles: Bundles, api: Any, dataset: str, conflict: str, found: list[int]
) -> None:
    archive = bundles.exported(new(api, "Asks", n=note("x")), parts=parts(dataset))
    assert bundles.imported(archive, conflict=conflict).status_code == (200 if conflict == "skip" else 201)
    there = {one["name"]: len(one["versions"]) for one in api.get(URL).json()["results"]}
    assert sorted(there.values(), reverse=True) == found
    assert "Questions" in there


def test_examples_of_others_do_not_leave_and_broken_ones_do_not_come(
    bundles: Bundles, api: Any, stranger_api: Any, dataset: str
) -> None:
    theirs = {"flows": [{"id": new(stranger_api, "Spy", n=note("x"))}], "parts": parts(dataset)}
    assert stranger_api.post("/api/v1/exports/preview", theirs).status_code == 404
    archive = bundles.exported(new(api, "Asks", n=note("x")), parts=parts(dataset))
    broken = repacked(archive, **{"datasets/questions.jsonl": b'{"question": "and?"}\n'})
    refused = bundles.imported(broken, conflict="copy")
    assert (refused.status_code, refused.json()["code"]) == (422, "import_issues")
    assert refused.json()["extra"]["issues"][0]["path"] == "datasets/questions.jsonl#/1"
    assert len(api.get(URL).json()["results"]) == 1
