"""Chats. If these fail, a person loses what was said, or an answer appears without its run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.chat.models import Message
from backend.runs.models import Run, RunEvent
from backend.runs.services import run_cancel
from backend.runs.signals import run_ended
from backend.runs.worker import run_work
from tests.backend.runs.conftest import ECHO, PAUSE, Pause, at_work, flow_of, graph, kinds

__all__ = ["at_work", "flow_of", "kinds"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chat(api: Any, flow_of: Callable[..., Any]) -> Callable[..., str]:
    """Opens chats; returns their address."""

    def make(document: dict[str, Any]) -> str:
        answer = api.post(f"/api/v1/flows/{flow_of(document).id}/sessions", {})
        assert answer.status_code == 201, answer.content
        return f"/api/v1/sessions/{answer.json()['id']}"

    return make


def say(api: Any, chat: str, text: str) -> str:
    answer = api.post(f"{chat}/messages", {"text": text})
    assert answer.status_code == 201, answer.content
    assert answer.json()["message"]["text"] == text
    return str(answer.json()["run"]["id"])


def said(api: Any, chat: str) -> list[tuple[str, str, str]]:
    found = api.get(f"{chat}/messages").json()["results"]
    return [(message["role"], message["text"], message["status"]) for message in found]


def test_a_question_and_its_answer(api: Any, chat: Callable[..., str]) -> None:
    here = chat(ECHO)
    run_id = say(api, here, "Hello 🦊")
    assert said(api, here) == [("user", "Hello 🦊", "sent")]
    run_work(run_id=run_id)
    assert said(api, here) == [("user", "Hello 🦊", "sent"), ("assistant", "Hello 🦊", "succeeded")]
    assert api.get(here).json()["title"] == "Hello 🦊"


def test_the_next_question_knows_what_was_said(api: Any, chat: Callable[..., str]) -> None:
    here = chat(ECHO)
    run_work(run_id=say(api, here, "one"))
    run = Run.objects.select_related("detail").get(id=say(api, here, "two"))
    assert run.detail.inputs == {
        "text": "two",
        "history": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "one"}],
    }


def test_one_answer_at_a_time(api: Any, chat: Callable[..., str]) -> None:
    here = chat(ECHO)
    run_id = say(api, here, "one")
    refused = api.post(f"{here}/messages", {"text": "two"})
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_under_way")
    assert refused.json()["extra"]["run_id"] == run_id
    assert Message.objects.count() == 1


def test_what_was_said_until_stop_stays(
    api: Any, chat: Callable[..., str], at_work: Callable[[Any], Any]
) -> None:
    here = chat(PAUSE)
    run = Run.objects.get(id=say(api, here, "go"))
    thread = at_work(run)
    assert Pause.begun.wait(30)
    run_cancel(run=run)
    thread.join(60)
    assert said(api, here)[1] == ("assistant", "word0 word1 word2 ", "cancelled")


def test_a_failed_answer_says_so(api: Any, chat: Callable[..., str]) -> None:
    here = chat(
        graph({"b": {"kind": "break"}, "say": {"kind": "chat_output"}}, ("b", "output", "say", "text"))
    )
    run_work(run_id=say(api, here, "go"))
    assert said(api, here)[1] == ("assistant", "", "failed")


def test_the_answer_is_written_with_the_end_or_not_at_all(api: Any, chat: Callable[..., str]) -> None:
    here = chat(ECHO)
    run_id = say(api, here, "one")

    def fail(**_: Any) -> None:
        raise ValueError("no")

    run_ended.connect(fail)
    try:
        with pytest.raises(ValueError, match="no"):
            run_work(run_id=run_id)
    finally:
        run_ended.disconnect(fail)
    assert len(said(api, here)) == 1
    assert not RunEvent.objects.filter(run_id=run_id, type="run.succeeded").exists()
    assert Run.objects.get(id=run_id).status == "running"


def test_a_flow_that_cannot_run_says_nothing(api: Any, chat: Callable[..., str]) -> None:
    here = chat(graph({"x": {"kind": "no_such_kind"}}))
    assert api.post(f"{here}/messages", {"text": "hello"}).status_code == 422
    assert said(api, here) == []
    assert api.get(here).json()["title"] == ""


def test_naming_listing_and_removing(api: Any, stranger_api: Any, chat: Callable[..., str]) -> None:
    here = chat(ECHO)
    run_id = say(api, here, "hello")
    assert api.patch(here, {"title": "Mine"}).json()["title"] == "Mine"
    flow = api.get(here).json()["flow"]
    assert [found["title"] for found in api.get(f"/api/v1/flows/{flow}/sessions").json()["results"]] == [
        "Mine"
    ]
    for answer in (
        stranger_api.get(here),
        stranger_api.patch(here, {"title": "x"}),
        stranger_api.delete(here),
        stranger_api.get(f"{here}/messages"),
        stranger_api.post(f"{here}/messages", {"text": "x"}),
        stranger_api.get(f"/api/v1/flows/{flow}/sessions"),
        stranger_api.post(f"/api/v1/flows/{flow}/sessions", {}),
    ):
        assert answer.status_code == 404
    assert api.delete(here).status_code == 204
    assert api.get(here).status_code == 404
    run_work(run_id=run_id)
    assert Run.objects.get(id=run_id).status == "succeeded"


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": None}, {"text": "x" * 100_001}, {"text": ["x"]}])
def test_bad_messages_are_refused(api: Any, chat: Callable[..., str], body: Any) -> None:
    here = chat(ECHO)
    answer = api.post(f"{here}/messages", body)
    assert (answer.status_code, answer.json()["extra"]["path"]) == (400, "/text")
    assert said(api, here) == []


def test_a_message_that_is_said_otherwise_is_a_branch_and_nothing_is_lost(
    api: Any, chat: Callable[..., str]
) -> None:
    here = chat(ECHO)
    run_work(run_id=say(api, here, "one"))
    run_work(run_id=say(api, here, "two"))
    first, _, second, _ = api.get(f"{here}/messages").json()["results"]
    other = api.post(f"{here}/messages", {"text": "TWO", "instead_of": second["id"]}).json()
    assert other["message"]["parent"] == second["parent"]
    run_work(run_id=other["run"]["id"])
    run = Run.objects.select_related("detail").get(id=say(api, here, "three"))
    assert [one["content"] for one in run.detail.inputs["history"]] == ["one", "one", "TWO", "TWO"]
    run_work(run_id=run.id)
    assert len(said(api, here)) == 8

    # Back to the first branch: what is said next follows it.
    answer = next(
        one for one in api.get(f"{here}/messages").json()["results"] if one["parent"] == second["id"]
    )
    assert api.patch(here, {"head": answer["id"]}).json()["head"] == answer["id"]
    run = Run.objects.select_related("detail").get(id=say(api, here, "four"))
    assert [one["content"] for one in run.detail.inputs["history"]] == ["one", "one", "two", "two"]
    refused = api.post(f"{here}/messages", {"text": "x", "instead_of": answer["id"]})
    assert refused.status_code in (400, 409)
    elsewhere = chat(ECHO)
    assert api.patch(elsewhere, {"head": first["id"]}).json()["code"] == "no_such_message"


def test_chats_are_found_by_what_was_said(api: Any, flow_of: Callable[..., Any]) -> None:
    flow = flow_of(ECHO)
    for text in ("Die Ölpumpe klemmt", "换刀的步骤是什么", "100 % sure_thing"):
        made = api.post(f"/api/v1/flows/{flow.id}/sessions", {}).json()
        run_work(run_id=say(api, f"/api/v1/sessions/{made['id']}", text))
        api.patch(f"/api/v1/sessions/{made['id']}", {"title": "Untitled"})

    def found(q: str) -> int:
        return len(api.get(f"/api/v1/flows/{flow.id}/sessions", {"q": q}).json()["results"])

    assert [found(q) for q in ("ölpumpe", "步骤", "klemmt ölp", "%", "sure_t", "untitled", "nowhere")] == [
        1, 1, 1, 1, 1, 3, 0,
    ]  # fmt: skip


def test_what_people_think_of_answers_becomes_examples(
    api: Any, stranger_api: Any, chat: Callable[..., str]
) -> None:
    here = chat(ECHO)
    for text in ("good?", "bad?", "unsaid?"):
        run_work(run_id=say(api, here, text))
    lines = api.get(f"{here}/messages").json()["results"]
    answers = [f"/api/v1/messages/{one['id']}/feedback" for one in lines if one["role"] == "assistant"]
    assert api.put(answers[0], {"rating": "good"}).status_code == 200
    wrong = {"rating": "bad", "reason": "wrong", "comment": "No.", "correction": "Bad indeed."}
    assert api.put(answers[1], wrong).status_code == 200
    assert api.put(answers[2], {"rating": "bad"}).status_code == 200
    assert api.get(f"{here}/messages").json()["results"][3]["feedback"]["correction"] == "Bad indeed."
    assert api.put(f"/api/v1/messages/{lines[0]['id']}/feedback", {"rating": "good"}).status_code == 400
    assert stranger_api.put(answers[0], {"rating": "bad"}).status_code == 404

    flow = api.get(here).json()["flow"]
    rated = api.get(f"/api/v1/flows/{flow}/feedback", {"rating": "bad"}).json()["results"]
    assert {(one["question"], one["correction"]) for one in rated} == {
        ("bad?", "Bad indeed."),
        ("unsaid?", ""),
    }
    made = api.post(f"/api/v1/flows/{flow}/feedback/dataset", {"name": "Liked"})
    assert made.status_code == 201, made.content
    version = made.json()["versions"][0]
    examples = api.get(f"/api/v1/datasets/versions/{version['id']}/examples").json()["examples"]
    assert [[one["content"] for one in example["messages"]] for example in examples] == [
        ["good?", "good?"],
        ["good?", "good?", "bad?", "Bad indeed."],
    ]
    again = api.post(f"/api/v1/flows/{flow}/feedback/dataset", {"dataset": made.json()["id"]})
    assert [one["number"] for one in again.json()["versions"]] == [2, 1]
    api.delete(answers[0])
    assert len(api.get(f"/api/v1/flows/{flow}/feedback").json()["results"]) == 2
    other = api.get(chat(ECHO)).json()["flow"]
    assert api.post(f"/api/v1/flows/{other}/feedback/dataset", {"name": "x"}).json()["code"] == "no_feedback"


def test_each_node_that_speaks_is_named(api: Any, chat: Callable[..., str]) -> None:
    nodes = {
        "ask": {"kind": "chat_input"},
        "pro": {"kind": "prompt", "title": "Optimist", "settings": {"template": "Yes: {x}"}},
        "con": {"kind": "prompt", "settings": {"template": "No: {x}"}},
        "one": {"kind": "chat_output"},
        "two": {"kind": "chat_output", "title": "Critic"},
    }
    wires = [("ask", "text", "pro", "x"), ("ask", "text", "con", "x")]
    wires += [("pro", "output", "one", "text"), ("con", "output", "two", "text")]
    here = chat(graph(nodes, *wires))
    run_work(run_id=say(api, here, "go"))
    answer = api.get(f"{here}/messages").json()["results"][1]
    assert {(part["title"], part["text"]) for part in answer["parts"]} == {
        ("Optimist", "Yes: go"),
        ("Critic", "No: go"),
    }
    assert set(answer["text"].split("\n\n")) == {"Yes: go", "No: go"}


def test_a_conversation_leaves_as_a_file(api: Any, chat: Callable[..., str]) -> None:
    here = chat(ECHO)
    run_work(run_id=say(api, here, "你好"))
    file = api.get(f"{here}/export")
    assert "attachment" in file["Content-Disposition"]
    assert file.content.decode() == "# 你好\n\n## You\n\n你好\n\n## Answer\n\n你好\n"
    whole = api.get(f"{here}/export", {"as": "json"}).json()
    assert [(one["role"], one["content"]) for one in whole["messages"]] == [
        ("user", "你好"),
        ("assistant", "你好"),
    ]
    assert api.get(f"{here}/export", {"as": "pdf"}).status_code == 400


def test_what_is_attached_reaches_the_flow_and_nobody_else(
    api: Any, stranger_api: Any, chat: Callable[..., str]
) -> None:
    nodes = {
        "ask": {"kind": "chat_input", "settings": {"files": "documents"}},
        "read": {"kind": "read_files"},
        "say": {"kind": "chat_output"},
    }
    here = chat(graph(nodes, ("ask", "files", "read", "files"), ("read", "text", "say", "text")))

    def upload(name: str, content: bytes) -> Any:
        return api.post(f"/api/v1/files?name={name}", content, content_type="application/octet-stream")

    note = upload("../note.txt", "Ölwechsel: 40 Stunden".encode())
    assert (note.status_code, note.json()["name"]) == (201, "note.txt")
    assert upload("fake.png", b"<script>").json()["code"] == "unreadable_picture"
    assert upload("none.txt", b"").json()["code"] == "empty_file"
    ref = note.json()["ref"]
    there = api.get(f"/api/v1/files/{ref}")
    assert there["Content-Type"] == "application/octet-stream"
    assert there["Content-Disposition"].startswith("attachment"), "never shown as a page of ours"
    assert there["Content-Security-Policy"] == "sandbox"
    assert stranger_api.get(f"/api/v1/files/{ref}").status_code == 404
    sent = api.post(f"{here}/messages", {"text": "What is in it?", "files": [ref]})
    assert sent.json()["message"]["files"][0]["name"] == "note.txt"
    run_work(run_id=sent.json()["run"]["id"])
    assert said(api, here)[1] == ("assistant", "# note.txt\n\nÖlwechsel: 40 Stunden", "succeeded")
    api.delete(here)
    assert api.get(f"/api/v1/files/{ref}").status_code == 404
