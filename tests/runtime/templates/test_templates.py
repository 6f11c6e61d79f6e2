"""The templates: whole, drawn with care, and answering for real on the model in the box."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.context import Context
from flowloft.core.errors import FlowError
from flowloft.core.models import EnvironmentModels
from flowloft.core.provider import PROVIDERS
from flowloft.core.spec import GraphSpec
from flowloft.engine import compile_flow, run_plan
from flowloft.engine.run import Silent
from flowloft.templates import load_templates, template

KEYS = [found.key for found in load_templates()]
CONTAINER = (1320, 400)
NODE = (260, 110)


class Watched(Silent):
    """Notes when the first text of an output came, and which steps were begun or skipped."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []
        self.skipped: set[str] = set()
        self.begun: set[str] = set()

    def step_text(self, node_id: str, path: str, port: str, text: str, at: float) -> None:
        self.texts.append((node_id, text))

    def step_started(self, node_id: str, path: str, *_: Any) -> None:
        self.begun.add(node_id)

    def step_skipped(self, node_id: str, path: str, at: float) -> None:
        self.skipped.add(node_id)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("data")
        patch.setenv("FLOWLOFT_DATA", str(folder))
        yield folder
        for entry in EnvironmentModels().entries():
            if entry.builtin:
                connection = EnvironmentModels().resolve(entry.ref)
                PROVIDERS.get("builtin")(connection)._server.stop()  # type: ignore[attr-defined]


def suggestions(key: str) -> list[str]:
    nodes = template(key).document.graph.nodes.values()
    (begin,) = (node for node in nodes if node.kind == "chat_input")
    return [str(text) for text in begin.settings["suggestions"]]  # type: ignore[union-attr]


def run(key: str, text: str, history: list[dict[str, str]] | None = None) -> tuple[str, Watched]:
    plan = compile_flow(template(key).document).plan
    assert plan is not None
    watched, began = Watched(), time.monotonic()
    inputs: dict[str, Any] = {"text": text, "history": history or []}
    outcome = run_plan(plan, inputs, Context(models=EnvironmentModels()), watched)
    assert outcome.status == "succeeded", outcome.error
    assert time.monotonic() - began < 60
    answer = outcome.outputs["text"]
    assert isinstance(answer, str)
    return answer, watched


@pytest.mark.parametrize("key", KEYS)
def test_is_whole(key: str) -> None:
    found = template(key)
    assert found.title
    assert found.description.endswith(".")
    assert found.icon
    assert found.tags
    assert compile_flow(found.document).findings == []
    assert len(suggestions(key)) >= 3
    document = found.document.document()
    assert compile_flow(json.loads(json.dumps(document))).findings == []
    wanted = found.document.requirements
    assert set(wanted.kinds) == {kind for kind, _ in walk(found.document.graph)}
    assert wanted.models == ([] if key.startswith("rag") else ["builtin/smollm2-135m-instruct"])


def walk(graph: GraphSpec) -> Iterator[tuple[str, str]]:
    for name, node in graph.nodes.items():
        yield node.kind, name
        if node.body is not None:
            yield from walk(node.body)


@pytest.mark.parametrize("key", KEYS)
def test_is_drawn_from_left_to_right_without_overlap(key: str) -> None:
    document = template(key).document
    assert set(document.ui.positions) == {name for _, name in walk(document.graph)}
    check_drawing(document.graph, document.ui.positions)


def check_drawing(graph: GraphSpec, positions: dict[str, Any]) -> None:
    for edge in graph.edges.values():
        assert positions[edge.source].x < positions[edge.target].x, (edge.source, edge.target)
    boxes = {}
    for name, node in graph.nodes.items():
        place = positions[name]
        assert (place.width is None) == (node.body is None and node.kind != "note")
        boxes[name] = (place.x, place.y, place.width or NODE[0], place.height or NODE[1])
        if node.body is not None:
            for inner in node.body.nodes:
                assert 0 <= positions[inner].x <= place.width - NODE[0]
                assert 0 <= positions[inner].y <= place.height - NODE[1]
            check_drawing(node.body, positions)
    for left, (x, y, width, height) in boxes.items():
        for right, (x2, y2, _, _) in boxes.items():
            assert left == right or not (x <= x2 < x + width and y <= y2 < y + height), (left, right)


def test_an_unknown_template() -> None:
    with pytest.raises(FlowError) as caught:
        template("nothing")
    assert "chatbot" in caught.value.hint


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.usefixtures("data")
class TestForReal:
    def test_chatbot_answers_as_it_writes_and_remembers(self) -> None:
        answer, watched = run("chatbot", "What is the capital of Japan?")
        assert "Tokyo" in answer
        assert len([text for node, text in watched.texts if node == "chat_output"]) > 3
        history = [
            {"role": "user", "content": "What is the capital of France?"},
            {"role": "assistant", "content": "The capital of France is Paris."},
        ]
        assert "Tokyo" in run("chatbot", "And of Japan?", history)[0]

    def test_story_has_three_chapters(self) -> None:
        answer, watched = run("story", suggestions("story")[0])
        chapters = answer.split("\n\n* * *\n\n")
        assert len(chapters) == 3
        assert all(len(chapter) > 80 for chapter in chapters)
        assert {node for node, _ in watched.texts} >= {"outline", "writer"}

    def test_two_opinions_are_heard_and_judged(self) -> None:
        answer, _ = run("debate", suggestions("debate")[0])
        assert "**For**" in answer
        assert "**Against**" in answer
        assert answer.endswith(("says: yes.**", "says: no.**"))

    @pytest.mark.parametrize(
        ("question", "topic"),
        [
            ("What can I cook with eggs and rice?", "food"),
            ("What should I see in Paris?", "travel"),
            ("Why do cats purr?", "animals"),
        ],
    )
    def test_a_question_takes_the_way_of_its_topic(self, question: str, topic: str) -> None:
        answer, watched = run("routing", question)
        ways = {"about_food", "about_travel", "about_animals"}
        assert watched.skipped == ways - {f"about_{topic}"}
        assert len(answer) > 40

    def test_translates(self) -> None:
        assert "cat" in run("translate", "Le chat dort sur la table.")[0].lower()

    @pytest.mark.parametrize(
        ("key", "question", "wanted"),
        [
            ("rag", "When is the library open on Saturday?", "on Saturday from 10 to 4"),
            ("rag", "How much does a card cost?", "12 euros"),
            ("rag", "Can I borrow a telescope?", "telescope"),
            ("rag", "Where do I return books when the library is closed?", "green box"),
            ("rag", "Who is the president of France?", "I found nothing"),
            ("rag_zh", "图书馆周六几点开门？", "周六上午十点"),
            ("rag_zh", "借书证多少钱？", "十二欧元"),
            ("rag_zh", "可以续借几次？", "续借两次"),
            ("rag_zh", "闭馆的时候怎么还书？", "还书箱"),
        ],
    )
    def test_documents_answer_in_their_own_words(self, key: str, question: str, wanted: str) -> None:
        assert wanted in run(key, question)[0]

    @pytest.mark.parametrize(
        ("question", "tool", "wanted"),
        [
            ("What is 17 times 23?", "calculator", "= 391"),
            ("What is 4096 divided by 64?", "calculator", "= 64"),
            ("How much does a card cost?", "library", "12 euros"),
            ("When is the library open on Saturday?", "library", "on Saturday from 10 to 4"),
        ],
    )
    def test_an_agent_takes_the_tool_that_a_question_needs(
        self, question: str, tool: str, wanted: str
    ) -> None:
        answer, watched = run("agent", question)
        assert wanted in answer
        assert {"calculator", "library"} & watched.begun == {tool}

    def test_many_lines_keep_their_order(self) -> None:
        answer, _ = run("many", "the sun\nthe moon\nthe sea")
        lines = answer.splitlines()
        assert [line.split("**")[1] for line in lines] == ["the sun", "the moon", "the sea"]
