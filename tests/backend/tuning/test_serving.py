"""What people lose if this fails: the way from a fine-tune that is done to the model that answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.tuning.models import Tune
from backend.tuning.services import folder_of
from tests.backend.serving.conftest import all_end, here, turn, write_adapter, write_model
from tests.backend.serving.test_services import Odd, odd, start

__all__ = ["all_end", "here", "odd", "turn"]


@pytest.mark.django_db(transaction=True)
def test_a_fine_tune_names_where_it_is_served_whoever_looks_and_when(
    api: Any, owner: Any, odd: type[Odd], turn: Callable[..., Any], all_end: None, tmp_path: Path
) -> None:
    tune = Tune.objects.create(
        owner=owner, name="faq", base="mine-model", plan={"trainer": "peft"}, reason="", state="succeeded"
    )
    write_model(folder_of(tune.id) / "merged")
    (write_adapter(folder_of(tune.id) / "adapter") / "flowloft.json").write_text("{}")
    other = Tune.objects.create(
        owner=owner, name="other", base="mine-model", plan={"trainer": "peft"}, reason="", state="succeeded"
    )
    at = f"/api/v1/tuning/jobs/{tune.id}"
    assert api.get(at).json()["served"] == []

    near = start(api, write_model(tmp_path / "m"), framework="odd", adapters=1)["id"]
    turn(near, "ready")
    loaded = api.post(f"{at}/serve", {"name": "faq-lora", "service": near})
    own = api.post(f"{at}/serve", {"name": "faq"})
    models = [loaded.json()["model"], own.json()["model"]]
    assert models == ["mine/faq-lora", "faq/faq-weights"]
    assert api.get(at).json()["served"] == models, (
        "what answers stands before what starts, though it is older"
    )
    listed = {one["name"]: one["served"] for one in api.get("/api/v1/tuning/jobs").json()["results"]}
    assert listed == {"faq": models, "other": []}
    assert api.get(f"/api/v1/tuning/jobs/{other.id}/records").json()["tune"]["served"] == []
    assert api.delete(f"/api/v1/services/{near}/adapters/faq-lora").status_code == 200
    assert api.get(f"{at}/records").json()["tune"]["served"] == ["faq/faq-weights"]
