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
    assert Pause.begun.wait(5)
    run_cancel(run=run)
    thread.join(5)
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
