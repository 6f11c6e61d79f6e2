"""What people change stays changed: through parsing again, other originals, versions and transforms."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

PAPER = "\n\n".join(
    f"## Part {number}\n\nThe word mark{number} stands in this part only." for number in range(6)
)
SMALL = [{"name": "default", "splitter": "recursive", "settings": {"size": 60, "overlap": 0}}]
BYTES = "application/octet-stream"


@pytest.fixture
def paper(api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]) -> str:
    """A document of several chunks."""
    api.patch(f"/api/v1/knowledge/{base['id']}", {"groups": SMALL})
    document = str(add("paper.md", PAPER.encode())["id"])
    work()
    return document


def chunks(api: Any, document: str, **more: str) -> list[dict[str, Any]]:
    return list(api.get(f"/api/v1/documents/{document}/chunks", more).json()["results"])


def agrees(api: Any, base: str) -> None:
    told = api.get(f"/api/v1/knowledge/{base}/check").json()
    assert told["agrees"], told


def test_what_was_deleted_or_merged_stays_so_when_the_document_is_parsed_again(
    api: Any, base: Any, paper: str, work: Callable[[], None]
) -> None:
    rows = chunks(api, paper)
    at = f"/api/v1/documents/{paper}/chunks"
    api.delete(f"{at}/{rows[0]['id']}")
    api.post(f"{at}/{rows[1]['id']}/act", {"action": "merge"})
    work()
    mine = [row["text"] for row in chunks(api, paper)]
    assert len(mine) == len(rows) - 2
    assert "mark2" in mine[0] or "mark1" in mine[0]

    api.post(f"/api/v1/knowledge/{base['id']}/documents/act", {"action": "reparse"})
    work()

    again = chunks(api, paper)
    assert [row["text"] for row in again] == mine
    assert [row["order"] for row in again] == list(range(len(mine)))
    assert api.get(f"/api/v1/documents/{paper}").json()["chunk_count"] == len(mine)
    agrees(api, base["id"])
    for gone in chunks(api, paper, dropped="true"):
        api.post(f"{at}/{gone['id']}/act", {"action": "restore"})
    api.post(f"{at}/{rows[1]['id']}/act", {"action": "restore"})
    work()
    assert [row["text"] for row in chunks(api, paper)] == [row["text"] for row in rows]
    agrees(api, base["id"])


def test_a_failed_document_is_repaired_with_another_file_and_keeps_its_tags(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    broken, other = add("manual.docx", b"PK no whole file"), add("other.md", b"# Other\n\nSomething else.")
    api.patch(f"/api/v1/documents/{broken['id']}", {"tags": ["manuals"]})
    work()
    at = f"/api/v1/documents/{broken['id']}"
    assert api.get(at).json()["state"] == "failed"
    refused = api.put(f"{at}/original", data=b"# Other\n\nSomething else.", content_type=BYTES)
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_document")
    assert refused.json()["extra"]["document_id"] == other["id"]

    answer = api.put(f"{at}/original?name=manual.md", data=b"# Manual\n\nTurn it on.", content_type=BYTES)

    assert answer.status_code == 200, answer.content
    work()
    now = api.get(at).json()
    assert (now["state"], now["name"], now["tags"], now["error"]) == ("ready", "manual.md", ["manuals"], None)
    assert [row["text"] for row in chunks(api, broken["id"])] == ["Manual\n\nTurn it on."]
    agrees(api, base["id"])


def test_a_version_brings_documents_chunks_edits_and_settings_back(
    api: Any, stranger_api: Any, base: Any, paper: str, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    one = f"/api/v1/knowledge/{base['id']}"
    first = chunks(api, paper)
    edited = f"/api/v1/documents/{paper}/chunks/{first[1]['id']}"
    api.patch(edited, {"text": "Edited by hand."})
    gone = add("gone.md", b"# Gone\n\nIt comes back.")["id"]
    work()
    saved = api.post(f"{one}/versions", {"note": "before the move"})
    assert saved.status_code == 201, saved.content
    assert api.post(f"{one}/versions", {}).status_code == 200, "nothing has changed since"
    wanted = [row["text"] for row in chunks(api, paper)]
    api.patch(edited, {"text": "Edited again."})
    api.delete(f"/api/v1/documents/{gone}")
    add("later.md", b"# Later\n\nIt goes again.")
    api.patch(one, {"description": "Moved.", "search": {"top_k": 9}})
    work()
    version = saved.json()["id"]
    assert stranger_api.post(f"/api/v1/knowledge-versions/{version}").status_code == 404
    assert stranger_api.get(f"{one}/versions").status_code == 404

    before = api.post(f"/api/v1/knowledge-versions/{version}")

    assert before.status_code == 200, before.content
    work()
    names = {row["name"] for row in api.get(f"{one}/documents").json()["results"]}
    assert names == {"paper.md", "gone.md"}
    assert [row["text"] for row in chunks(api, paper)] == wanted
    assert api.get(one).json()["description"] == ""
    agrees(api, base["id"])
    api.post(f"/api/v1/knowledge-versions/{before.json()['id']}")
    work()
    assert "Edited again." in [row["text"] for row in chunks(api, paper)], "going back can be undone"
    agrees(api, base["id"])
    numbers = [row["number"] for row in api.get(f"{one}/versions").json()["results"]]
    assert numbers == [3, 2, 1]
    for row in api.get(f"{one}/versions").json()["results"]:
        assert api.delete(f"/api/v1/knowledge-versions/{row['id']}").status_code == 204


def test_a_model_writes_questions_that_lead_to_a_chunk_and_asks_only_for_what_changed(
    api: Any, base: Any, paper: str, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.documents import transforming

    asked: list[str] = []

    def ask(document: Any, group: Any, above: Any, check: Any) -> list[str]:
        asked.append(above.text)
        return [f"Which part holds {above.text.split()[4]}?", "Another question?"]

    monkeypatch.setattr(transforming, "_texts", ask)
    groups = [*SMALL, {"name": "questions", "transform": "questions", "parent": "default"}]
    assert api.patch(f"/api/v1/knowledge/{base['id']}", {"groups": groups}).status_code == 200
    work()
    above = chunks(api, paper)
    assert len(asked) == len(above)
    made = chunks(api, paper, group="questions")
    assert len(made) == 2 * len(above)
    assert {row["parent"] for row in made} == {row["id"] for row in above}
    hit = api.post(
        f"/api/v1/knowledge/{base['id']}/search",
        {"query": "Which part?", "settings": {"groups": ["questions"], "expand": "parent", "mode": "text"}},
    ).json()["hits"][0]
    assert hit["text"] in {row["text"] for row in above}
    assert hit["matched"].endswith("?")

    api.patch(f"/api/v1/documents/{paper}/chunks/{above[0]['id']}", {"text": "Now it says something else."})
    work()

    assert asked[len(above) :] == ["Now it says something else."]
    assert len(chunks(api, paper, group="questions")) == 2 * len(above)
    agrees(api, base["id"])
    refused = api.patch(
        f"/api/v1/knowledge/{base['id']}", {"groups": [*SMALL, {"name": "q", "transform": "questions"}]}
    )
    assert refused.status_code == 400
    assert refused.json()["extra"]["path"] == "/groups/1/parent"


def test_a_file_shows_its_chunks_before_it_is_added(api: Any, base: Any) -> None:
    answer = api.post(
        f"/api/v1/knowledge/{base['id']}/preview/file?name=paper.md&groups={json.dumps(SMALL)}",
        data=PAPER.encode(),
        content_type=BYTES,
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["groups"][0]["count"] > 3
    assert api.get(f"/api/v1/knowledge/{base['id']}/documents").json()["count"] == 0


def test_what_fits_a_filter_is_acted_on_and_progress_counts_only_what_is_under_way(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    one = f"/api/v1/knowledge/{base['id']}"
    for number in range(3):
        add(f"paper-{number}.md", f"# Paper {number}\n\nText.".encode())
    assert api.get(one).json()["batch"] == {"count": 3, "over": 0, "progress": 0.0}
    work()
    assert api.get(one).json()["batch"]["progress"] == 1.0
    done = api.post(f"{one}/documents/act", {"action": "tag", "tags": ["few"], "q": "paper-1"})
    assert done.json()["count"] == 1
    work()
    assert api.get(f"{one}/documents/facets").json() == {"languages": ["en"], "tags": ["few"]}
    add("late.md", b"# Late\n\nIt comes later.")
    assert api.get(one).json()["batch"]["count"] == 1
    assert api.post(f"{one}/documents/act", {"action": "delete", "tag": "few"}).json()["count"] == 1
    assert api.get(f"{one}/documents").json()["count"] == 3
