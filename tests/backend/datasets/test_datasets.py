"""What people lose if this fails: their examples, or the row that is wrong in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

ROWS = "".join(json.dumps({"question": f"q{number}?", "answer": f"a{number}"}) + "\n" for number in range(30))
OCTETS = "application/octet-stream"


def added(client: Any, body: str, query: str = "file_name=faq.jsonl", to: str = "/api/v1/datasets") -> Any:
    return client.post(f"{to}?{query}", body.encode(), content_type=OCTETS)


def test_an_upload_is_kept_in_versions(owner: Any, client_of: Callable[[Any], Any]) -> None:
    client = client_of(owner)
    first = added(client, ROWS)
    assert first.status_code == 201, first.json()
    dataset = first.json()
    assert (dataset["name"], dataset["versions"][0]["examples"]) == ("faq", 30)
    again = added(client, ROWS + ROWS, to=f"/api/v1/datasets/{dataset['id']}/versions")
    assert [one["number"] for one in again.json()["versions"]] == [2, 1]
    shown = client.get(f"/api/v1/datasets/versions/{dataset['versions'][0]['id']}/examples").json()
    assert shown["examples"][0]["messages"][1] == {"role": "assistant", "content": "a0"}
    assert len(shown["examples"]) == 20


def test_a_broken_row_is_named_and_nothing_is_kept(owner: Any, client_of: Callable[[Any], Any]) -> None:
    client = client_of(owner)
    refused = added(client, ROWS + '{"question": "and?"}\n')
    assert refused.status_code == 400
    assert refused.json()["code"] == "broken_rows"
    assert refused.json()["extra"]["rows"][0]["row"] == 31
    assert client.get("/api/v1/datasets").json()["results"] == []
    kept = added(client, ROWS + '{"question": "and?"}\n', "file_name=faq.jsonl&leave_out=1")
    assert kept.json()["versions"][0]["left_out"] == 1


def test_row_7001_of_a_long_file_is_named(owner: Any, client_of: Callable[[Any], Any]) -> None:
    client = client_of(owner)
    rows = [json.dumps({"question": f"q{number}?", "answer": "yes"}) for number in range(7_100)]
    rows[7_000] = '{"question": "What is missing here?"}'
    refused = added(client, "\n".join(rows))
    assert refused.status_code == 400
    told = refused.json()
    assert [one["row"] for one in told["extra"]["rows"]] == [7_001]
    assert "7001" in told["message"].replace(",", "")
    assert told["hint"]
    assert client.get("/api/v1/datasets").json()["results"] == []


def test_a_name_is_taken_once_and_a_strange_file_is_refused(
    owner: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(owner)
    added(client, ROWS)
    assert added(client, ROWS).json()["code"] == "name_taken"
    assert added(client, "x", "file_name=model.pkl").json()["code"] == "unreadable_dataset"
    assert added(client, "x", "").status_code == 400


def test_nobody_else_sees_them(owner: Any, stranger: Any, client_of: Callable[[Any], Any]) -> None:
    dataset = added(client_of(owner), ROWS).json()
    other = client_of(stranger)
    assert other.get("/api/v1/datasets").json()["results"] == []
    for path in (f"datasets/{dataset['id']}", f"datasets/versions/{dataset['versions'][0]['id']}/examples"):
        assert other.get(f"/api/v1/{path}").status_code == 404
    assert added(other, ROWS, to=f"/api/v1/datasets/{dataset['id']}/versions").status_code == 404
