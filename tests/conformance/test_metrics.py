"""What every metric must do, and what each says. If these fail, a model is praised for a wrong answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.context import Connection, Context, ModelEntry
from flowloft.core.errors import InputError, ProviderError
from flowloft.core.metric import METRICS
from flowloft.core.models import EnvironmentModels

from tests.stubs.model_server import KEY, model_server

SAYS: list[tuple[str, dict[str, Any], str, str, float]] = [
    ("exact", {}, " OSLO\n", "oslo", 1),
    ("exact", {"strict": True}, "OSLO", "oslo", 0),
    ("exact", {}, "Oslo.", "Oslo", 0),
    ("contains", {}, "It is ＯＳＬＯ, of course", "oslo", 1),
    ("contains", {}, "Os lo", "oslo", 0),
    ("overlap", {}, "the cat sat", "the cat ran away", 4 / 7),
    ("overlap", {}, "天空是蓝色", "蓝色", 4 / 7),
    ("overlap", {}, "", "words", 0),
    ("number", {}, "12 + 30 makes 1,042.0", "= 1042", 1),
    ("number", {"tolerance": 0.1}, "95", "100", 1),
    ("number", {}, "no idea", "3", 0),
    ("similarity", {}, "", "", 1),
]


@pytest.mark.parametrize(("key", "settings", "answer", "wanted", "score"), SAYS)
def test_it_says_what_it_should(key: str, settings: Any, answer: str, wanted: str, score: float) -> None:
    metric = METRICS.get(key).model_validate(settings)
    assert metric.score("", answer, wanted, Context()).score == pytest.approx(score)


@pytest.mark.parametrize("key", METRICS.keys)
def test_it_can_be_chosen_without_settings_and_says_what_it_is(key: str) -> None:
    kind = METRICS.get(key)
    assert kind.title
    assert kind.__doc__
    assert 0 < kind.good <= 1
    assert kind() == kind.model_validate(kind().model_dump(mode="json"))


@pytest.mark.parametrize("key", METRICS.keys)
def test_it_is_told_in_chinese_too(key: str) -> None:
    chinese = json.loads((Path(__file__).parents[2] / "frontend/src/shared/i18n/zh.json").read_text("utf-8"))
    kind = METRICS.get(key)
    fields = kind.model_fields.values()
    said = [
        kind.title,
        kind.about(),
        *(field.title for field in fields),
        *(field.description for field in fields),
    ]
    assert [one for one in said if one and one not in chinese] == []


def test_a_wanted_answer_without_a_number_is_not_silently_wrong() -> None:
    with pytest.raises(InputError, match="no number"):
        METRICS.get("number")().score("", "3", "three", Context())


@pytest.mark.model
def test_a_like_meaning_is_nearer_than_another() -> None:
    ctx = Context(models=EnvironmentModels())
    metric = METRICS.get("similarity")()
    near = metric.score("", "The cat sleeps on the sofa.", "A cat is asleep on the couch.", ctx).score
    far = metric.score("", "The cat sleeps on the sofa.", "Interest rates rose again.", ctx).score
    assert far < 0.5 < near <= 1


class Vendor:
    """The models of one connection."""

    def __init__(self, url: str) -> None:
        self.url = url

    def resolve(self, ref: str) -> Connection:
        name, _, model = ref.partition("/")
        return Connection(provider="openai", name=name, model=model, base_url=self.url, api_key=KEY)

    def entries(self) -> list[ModelEntry]:
        return []


def test_a_judge_gives_points_and_its_reason_or_says_that_it_could_not() -> None:
    with model_server() as server:
        ctx = Context(models=Vendor(server.url))
        judge = METRICS.get("judge")
        asked = ("Capital?", "It is Oslo.", "Oslo", ctx)
        assert judge(model="here/judges").score(*asked) == (0.7, "So it is.")
        assert server.requests[-1]["response_format"]["json_schema"]["name"] == "verdict"
        with pytest.raises(ProviderError, match="did not give points"):
            judge(model="here/good").score(*asked)
