"""How local models and services look in the API. A service's key never comes out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from flowloft.core.framework import FRAMEWORKS, Wish
from rest_framework import serializers

from backend.hub.services import BUILTIN
from backend.serving.models import LocalWeights, Measurement, Rate, Service
from backend.serving.states import State


@extend_schema_field({"type": "object", "additionalProperties": True})
class RecordField(serializers.JSONField):
    """A JSON object."""


class RejectedSerializer(serializers.Serializer[Any]):
    """What else there was, and why not."""

    what = serializers.CharField()
    reason = serializers.CharField()


class WeightsSerializer(serializers.ModelSerializer[LocalWeights]):
    """A local model, and what its files say of it."""

    facts = RecordField()

    class Meta:
        model = LocalWeights
        fields = ("id", "name", "path", "facts", "allow_code", "allow_pickle", "created_at")


class WeightsFormSerializer(serializers.Serializer[Any]):
    """A folder of weights on the studio's machine."""

    path = serializers.CharField(max_length=1000, help_text="Absolute; a folder, or one GGUF file.")
    name = serializers.RegexField(r"^[\w][\w.-]*$", max_length=60, required=False)
    allow_code = serializers.BooleanField(default=False, help_text="Lets the engine run code of the folder.")
    allow_pickle = serializers.BooleanField(default=False, help_text="Takes a checkpoint that may run code.")


class WishSerializer(serializers.Serializer[Any]):
    """What shall not be chosen; 0 and empty leave it to the framework."""

    context = serializers.IntegerField(min_value=0, max_value=10_000_000, default=0)  # type: ignore[assignment]
    parallel = serializers.IntegerField(min_value=0, max_value=4096, default=0)
    tensor_parallel = serializers.IntegerField(min_value=0, max_value=64, default=0)
    dtype = serializers.ChoiceField(
        choices=["", "bfloat16", "float16", "float32"], default="", allow_blank=True
    )
    threads = serializers.IntegerField(min_value=0, max_value=512, default=0)
    adapters = serializers.IntegerField(min_value=0, max_value=32, default=0)
    framework = serializers.CharField(max_length=40, default="", allow_blank=True)
    gpus = serializers.IntegerField(min_value=0, max_value=64, default=0, help_text="To ask a backend for.")
    gpu_memory_gb = serializers.IntegerField(min_value=0, max_value=1024, default=0, help_text="Of each.")

    def validate_framework(self, value: str) -> str:
        known = [key for key, member in FRAMEWORKS.all().items() if member.serves]
        if value and value not in known:
            raise serializers.ValidationError(f"There are: {', '.join(known)}.")
        return value


WISHED = ("context", "parallel", "tensor_parallel", "dtype", "threads", "adapters")


def wish_of(given: dict[str, Any], *, allow_code: bool) -> Wish:
    """Returns the runtime's word for what was asked."""
    return Wish(**{name: given[name] for name in WISHED}, allow_code=allow_code)


class RateSerializer(serializers.ModelSerializer[Rate]):
    """What an hour of a backend costs, of each GPU where it uses some; or a million tokens trained."""

    currency = serializers.RegexField(r"^[A-Z]{3}$", default="USD")
    amount = serializers.FloatField(
        min_value=0, max_value=1e6, allow_null=True, help_text="Null for one that is unknown."
    )

    class Meta:
        model = Rate
        fields = ("place", "currency", "amount")


class CostSerializer(serializers.Serializer[Any]):
    """Money, by the rate that the person wrote down."""

    amount = serializers.FloatField()
    currency = serializers.CharField()


class FitSerializer(serializers.Serializer[Any]):
    """Whether a model fits a backend, and by which command."""

    backend = serializers.UUIDField()
    backend_name = serializers.CharField()
    fits = serializers.BooleanField()
    framework = serializers.CharField()
    serving = RecordField(allow_null=True)
    reason = serializers.CharField()
    rejected = RejectedSerializer(many=True)
    command = serializers.CharField()
    memory = serializers.IntegerField(
        help_text="Bytes of main memory, or where it uses GPUs of each of them; 0 where it does not fit."
    )
    gpus = serializers.IntegerField()
    cost = CostSerializer(allow_null=True, help_text="Of an hour; null where no rate is written down.")


class ServingFrameworkSerializer(serializers.Serializer[Any]):
    """A framework that can be started as a service."""

    key = serializers.CharField()
    title = serializers.CharField()
    jobs = serializers.ListField(child=serializers.CharField())


class AdapterSerializer(serializers.Serializer[Any]):
    """An adapter that is loaded."""

    name = serializers.RegexField(r"^[\w][\w.-]*$", max_length=60)
    path = serializers.CharField(max_length=1000)


class ServiceSerializer(serializers.ModelSerializer[Service]):
    """A service, with what its engine measured lately."""

    state = serializers.ChoiceField(choices=State.choices)
    model = serializers.CharField(source="weights.name")
    model_job = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField(help_text="Why it stands as it does, or what it waits for.")
    ref = serializers.SerializerMethodField(help_text="What a node of a flow names it by.")
    serving = RecordField()
    rejected = RejectedSerializer(many=True)
    adapters = AdapterSerializer(many=True)
    samples = serializers.ListField(child=RecordField())
    backend_name = serializers.SerializerMethodField()
    mine = serializers.SerializerMethodField()

    class Meta:
        model = Service
        fields = (
            *(
                "id",
                "name",
                "state",
                "message",
                "model",
                "model_job",
                "ref",
                "framework",
                "serving",
                "reason",
            ),
            *("rejected", "chosen", "backend", "backend_name", "job", "adapters", "idle_seconds", "shared"),
            *("restarts", "next_start_at", "ready_at", "samples", "mine", "created_at"),
        )

    def get_message(self, found: Service) -> str:
        waits = found.state == State.PENDING and found.job is not None
        return found.message or (found.job.message if waits and found.job else "")

    def get_model_job(self, found: Service) -> str:
        return str(found.weights.facts.get("job", "chat"))

    def get_ref(self, found: Service) -> str:
        return f"{found.name}/{found.weights.name}"

    def get_backend_name(self, found: Service) -> str:
        return found.backend.name if found.backend else ""

    def get_mine(self, found: Service) -> bool:
        return bool(found.owner_id == self.context["user"].pk)


class ServiceFormSerializer(WishSerializer):
    """A service to start."""

    name = serializers.RegexField(
        r"^[\w][\w.-]*$", max_length=60, help_text="First part of the names of its models."
    )
    weights = serializers.UUIDField()
    backend = serializers.UUIDField(required=False)
    idle_seconds = serializers.IntegerField(min_value=0, max_value=30 * 86_400, default=0)
    shared = serializers.BooleanField(default=False, help_text="Whether everybody here may use it.")

    def validate_name(self, value: str) -> str:
        if value.casefold() == BUILTIN:
            raise serializers.ValidationError(f"“{BUILTIN}” is the name of the built-in models.")
        return value


class MeasureSerializer(serializers.Serializer[Any]):
    """Which model to measure."""

    ref = serializers.CharField(max_length=300, help_text="Of an embedding or reranking model.")


class MeasurementSerializer(serializers.ModelSerializer[Measurement]):
    """How fast a model answered: texts of 500 characters."""

    class Meta:
        model = Measurement
        fields = ("ref", "dimensions", "texts_per_second", "measured_at")


WHATS = ("embeddings", "engines")


class SetupSerializer(serializers.Serializer[Any]):
    """What to set up."""

    what = serializers.ChoiceField(choices=WHATS)


class LocalSetSerializer(serializers.Serializer[Any]):
    """One set of packages: what is there, and what making it would take."""

    what = serializers.ChoiceField(choices=WHATS)
    ready = serializers.BooleanField()
    kind = serializers.ChoiceField(choices=["cpu", "gpu"])
    folder = serializers.CharField()
    packages = serializers.IntegerField()
    main = serializers.ListField(child=serializers.CharField())
    free_mb = serializers.IntegerField()
    download_mb = serializers.IntegerField()
    disk_mb = serializers.IntegerField()
    minutes = serializers.IntegerField()
    job = serializers.UUIDField(allow_null=True, help_text="The job that makes it, while it does.")


class EnvironmentSerializer(serializers.Serializer[Any]):
    """What local models need apart from the studio."""

    sets = LocalSetSerializer(many=True)
    allowed = serializers.BooleanField(help_text="Whether this person may have them made.")


class HardwareDeviceSerializer(serializers.Serializer[Any]):
    """An accelerator."""

    name = serializers.CharField()
    memory = serializers.IntegerField()
    free = serializers.IntegerField()


class HardwareSerializer(serializers.Serializer[Any]):
    """What this machine has, in bytes."""

    cpus = serializers.IntegerField()
    memory = serializers.IntegerField()
    free = serializers.IntegerField()
    devices = HardwareDeviceSerializer(many=True)
