"""How fine-tunes look in the API."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from flowloft.core.trainer import TuneWish
from flowloft.tuning import result_of
from rest_framework import serializers

from backend.common.objects import objects_of
from backend.serving.models import Service
from backend.serving.shapes import CostSerializer
from backend.tuning.models import Tune, TuneRecord, TuneState
from backend.tuning.services import folder_of, tune_served

_RECORD = {"type": "object", "additionalProperties": True}


@extend_schema_field(_RECORD)
class _Record(serializers.JSONField):
    """A JSON object."""


class BaseSerializer(serializers.Serializer[Any]):
    """A model in the store."""

    name = serializers.CharField()
    parameters = serializers.IntegerField()
    bytes = serializers.IntegerField()
    problem = serializers.CharField(help_text="Why it can't be trained; empty where it can.")
    where = serializers.CharField(
        default="", help_text="Title of the vendor that trains it; empty for the store of this machine."
    )


class TuneFormSerializer(serializers.Serializer[Any]):
    """What is asked for."""

    base = serializers.CharField(
        max_length=200, help_text="Name in the store, or <connection>/<model> of one that a vendor trains."
    )
    version = serializers.UUIDField(help_text="Of a dataset.")
    name = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    wish = _Record(required=False, default=dict, help_text="Fields of TuneWish; what is left out is chosen.")
    validation = serializers.FloatField(min_value=0, max_value=0.5, default=0)
    trainer = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    backend = serializers.UUIDField(required=False, allow_null=True, default=None)
    gpus = serializers.IntegerField(
        min_value=0, max_value=64, default=0, help_text="To ask a cluster for; this machine has what it has."
    )
    gpu_memory_gb = serializers.IntegerField(min_value=0, max_value=1024, default=0, help_text="Of each.")

    def validate_wish(self, given: Any) -> TuneWish:
        if not isinstance(given, dict):
            raise serializers.ValidationError("Send a JSON object.")
        return TuneWish.model_validate(given)


class OtherTrainerSerializer(serializers.Serializer[Any]):
    """What else there was."""

    name = serializers.CharField()
    reason = serializers.CharField()


class TuneChoiceSerializer(serializers.Serializer[Any]):
    """What would be done, and why."""

    plan = _Record()
    reason = serializers.CharField()
    rejected = OtherTrainerSerializer(many=True)
    command = serializers.CharField(help_text="Empty for a vendor.")
    cost = CostSerializer(allow_null=True, help_text="Null where no rate is written down.")
    measured = _Record(help_text="Examples, mean and longest in tokens, objective, validation.")
    texts = serializers.ListField(
        child=serializers.CharField(), help_text="The first batch as the model will read it."
    )


class TunePlaceSerializer(serializers.Serializer[Any]):
    """Whether a backend could do it, and what that would take."""

    backend = serializers.UUIDField()
    backend_name = serializers.CharField()
    fits = serializers.BooleanField()
    trainer = serializers.CharField(help_text="Empty where it does not fit.")
    method = serializers.CharField()
    memory = serializers.IntegerField(help_text="Bytes at the peak; of each GPU where it uses some.")
    gpus = serializers.IntegerField()
    seconds = serializers.FloatField()
    cost = CostSerializer(allow_null=True, help_text="Null where no rate is written down.")
    before = serializers.IntegerField(help_text="Fine-tunes that run or wait there now.")
    reason = serializers.CharField()
    rejected = OtherTrainerSerializer(many=True)


class TuneServeSerializer(serializers.Serializer[Any]):
    """How it will be called."""

    name = serializers.RegexField(r"^[\w][\w.-]*$", max_length=50)
    service = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Of the base model, to load the adapter into.",
    )


class TuneServedSerializer(serializers.Serializer[Any]):
    """Where it answers."""

    service = serializers.UUIDField()
    model = serializers.CharField(help_text="As flows name it.")


class TuneRecordSerializer(serializers.ModelSerializer[TuneRecord]):
    """One thing that a trainer told."""

    facts = _Record()

    class Meta:
        model = TuneRecord
        fields = ("id", "kind", "facts")


class AskSerializer(serializers.Serializer[Any]):
    """A question to one model."""

    model = serializers.CharField(max_length=300, help_text="As flows name it.")
    messages = serializers.ListField(child=_Record(), min_length=1, max_length=200)
    max_tokens = serializers.IntegerField(min_value=1, max_value=4096, default=256)


class TuneKeepSerializer(serializers.Serializer[Any]):
    """A name in the store of models."""

    name = serializers.RegexField(r"^[a-z0-9][a-z0-9._-]{0,99}$")


class TuneSerializer(serializers.ModelSerializer[Tune]):
    """A fine-tune."""

    state = serializers.ChoiceField(choices=TuneState.choices)
    plan = _Record()
    wish = _Record()
    progress = _Record()
    error = _Record(allow_null=True)
    model = serializers.CharField(read_only=True, help_text="What a vendor has made, as flows name it.")
    online = serializers.BooleanField(read_only=True, help_text="Whether a vendor does it.")
    dataset = serializers.SerializerMethodField(help_text="Name and version, empty once it was removed.")
    waits = serializers.SerializerMethodField(
        help_text="For what it waits where it is queued, and what can be done; empty where nobody says."
    )
    made = serializers.SerializerMethodField(help_text="What it left: adapter, merged, gguf.")
    served = serializers.SerializerMethodField(
        help_text="Where it answers, as flows name it; what can be asked now comes first."
    )

    class Meta:
        model = Tune
        fields = (
            *("id", "name", "base", "dataset", "wish", "validation", "plan", "reason", "job", "state"),
            *("error", "waits", "progress", "made", "served", "model", "online", "created_at", "finished_at"),
        )

    def get_dataset(self, found: Tune) -> str:
        return f"{found.version.dataset.name} · {found.version.number}" if found.version else ""

    def get_waits(self, found: Tune) -> str:
        if found.state != TuneState.QUEUED or found.job is None:
            return ""
        silence = found.job.backend.silence if found.job.backend else ""
        return " ".join(filter(None, (silence, found.job.message, found.job.hint)))

    def get_made(self, found: Tune) -> list[str]:
        left = result_of(folder_of(found.id))
        return [name for name in ("adapter", "merged", "gguf") if getattr(left, name) is not None]

    def get_served(self, found: Tune) -> list[str]:
        return tune_served(found, self._services) if found.state == TuneState.SUCCEEDED else []

    @cached_property
    def _services(self) -> list[Service]:
        """The services of who asks, newest first, for all fine-tunes of a list: looked up once."""
        mine = objects_of(self.context["request"].user, Service).select_related("weights")
        return list(mine.order_by("-created_at"))


class TuneToldSerializer(serializers.Serializer[Any]):
    """What it told since, and where it stands."""

    records = TuneRecordSerializer(many=True)
    more = serializers.BooleanField(help_text="Whether there is more already.")
    tune = TuneSerializer()
