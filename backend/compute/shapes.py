"""How backends and jobs look in the API. Secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.compute.models import LOCAL_ID, BackendEntry, ComputeJob
from backend.compute.places import secrets_of
from backend.compute.services import FLOW, PERSON, STUDIO
from backend.compute.states import ACTIVE, State

_RECORD = {"type": "object", "additionalProperties": True}


@extend_schema_field(_RECORD)
class RecordField(serializers.JSONField):
    """A JSON object."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Send a JSON object.")
        return data


class BackendKindSerializer(serializers.Serializer[Any]):
    """A kind of backend, and the form of its settings."""

    key = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    shares_files = serializers.BooleanField()
    queues = serializers.BooleanField(help_text="Whether it has a queue of its own to be seen.")
    schema = RecordField(help_text="JSON Schema of the settings; `x-widget: secret` goes in only.")


class BackendSerializer(serializers.ModelSerializer[BackendEntry]):
    """A backend that a person may use."""

    settings = RecordField()
    secrets = serializers.SerializerMethodField(help_text="Names of the secret settings that are set.")
    mine = serializers.SerializerMethodField(help_text="Whether this person may change it.")
    always = serializers.SerializerMethodField(help_text="Whether it is this machine, which is always there.")
    waiting = serializers.IntegerField(help_text="Jobs that wait there, everybody's.")
    running = serializers.IntegerField(help_text="Jobs that run there, everybody's.")

    class Meta:
        model = BackendEntry
        fields = (
            *("id", "name", "kind", "settings", "secrets", "python", "shared", "mine", "always"),
            *("waiting", "running", "heard_at", "silent_since", "silence", "created_at"),
        )

    def to_representation(self, found: BackendEntry) -> Any:
        shown = super().to_representation(found)
        if not shown["mine"]:
            # Paths, hosts and accounts are for whoever set it up.
            shown |= {"settings": {}, "secrets": [], "python": ""}
        return shown

    def get_secrets(self, found: BackendEntry) -> list[str]:
        return sorted(secrets_of(found))

    def get_mine(self, found: BackendEntry) -> bool:
        return found.owner_id is not None and found.owner_id == self.context["user"].pk

    def get_always(self, found: BackendEntry) -> bool:
        return found.pk == LOCAL_ID


class BackendFormSerializer(serializers.Serializer[Any]):
    """A backend as its owner describes it."""

    name = serializers.CharField(max_length=60)
    kind = serializers.CharField(max_length=40)
    settings = RecordField(
        default=dict, help_text="As the kind's schema says. A secret that is left out stays as it is."
    )
    python = serializers.CharField(max_length=500, allow_blank=True, default="")
    shared = serializers.BooleanField(default=False, help_text="Whether everybody may use it.")


class CheckFormSerializer(serializers.Serializer[Any]):
    """How thoroughly to check."""

    job = serializers.BooleanField(default=False, help_text="Also send a tiny job there.")


class CheckedBackendSerializer(serializers.Serializer[Any]):
    """What came of it."""

    score = serializers.FloatField(help_text="0 (cannot be used) to 1.")
    reason = serializers.CharField()
    job = serializers.UUIDField(allow_null=True, help_text="The tiny job, to be followed like any other.")


class QueuedSerializer(serializers.Serializer[Any]):
    """A job in a backend's own queue, whoever sent it."""

    number = serializers.CharField(help_text="What the backend calls it.")
    name = serializers.CharField(allow_blank=True, help_text="Empty where it is somebody else's to know.")
    user = serializers.CharField(allow_blank=True)
    job = serializers.UUIDField(allow_null=True, help_text="The job, where it is one's own here.")
    running = serializers.BooleanField()
    message = serializers.CharField(allow_blank=True, help_text="Why it waits, or where it runs.")
    since = serializers.DateTimeField(allow_null=True, help_text="When it was submitted, or began.")


class QueueSerializer(serializers.Serializer[Any]):
    """What runs and waits at a backend, in the order in which it comes to its turn."""

    jobs = QueuedSerializer(many=True, allow_null=True, help_text="Null: jobs begin at once there.")


class ChoiceSerializer(serializers.Serializer[Any]):
    """Where runs compute when nothing is said."""

    backend = serializers.UUIDField(allow_null=True)
    scope = serializers.ChoiceField(
        choices=[FLOW, PERSON, STUDIO, "none"], help_text="Who decided it.", read_only=True
    )


class ChoiceFormSerializer(serializers.Serializer[Any]):
    """A standard choice; `backend: null` takes it back."""

    scope = serializers.ChoiceField(choices=[FLOW, PERSON, STUDIO])
    flow = serializers.UUIDField(required=False, help_text="With `scope: flow`.")
    backend = serializers.UUIDField(allow_null=True)

    def validate(self, attrs: Any) -> Any:
        if (attrs["scope"] == FLOW) != ("flow" in attrs):
            raise serializers.ValidationError({"flow": "Send it with `scope: flow`, and only then."})
        return attrs


class JobSerializer(serializers.ModelSerializer[ComputeJob]):
    """A job. Its variables are shown, its secrets never."""

    backend_name = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=State.choices)
    spec = RecordField()
    cancelling = serializers.SerializerMethodField()
    silence = serializers.SerializerMethodField(
        help_text="Why the backend does not answer, while it does not."
    )
    silent_since = serializers.DateTimeField(
        source="backend.silent_since", allow_null=True, default=None, read_only=True
    )

    class Meta:
        model = ComputeJob
        fields = (
            *("id", "backend", "backend_name", "purpose", "subject", "name", "title", "spec", "remote_id"),
            "state",
            *(
                "reason",
                "exit_code",
                "message",
                "hint",
                "place",
                "tries",
                "cancelling",
                "silence",
                "silent_since",
            ),
            *("created_at", "submitted_at", "started_at", "finished_at"),
        )

    def get_backend_name(self, found: ComputeJob) -> str:
        return found.backend.name if found.backend else ""

    def get_cancelling(self, found: ComputeJob) -> bool:
        return found.cancel_requested_at is not None and found.state in ACTIVE

    def get_silence(self, found: ComputeJob) -> str:
        return found.backend.silence if found.backend and found.state in ACTIVE else ""


class LogSerializer(serializers.Serializer[Any]):
    """A piece of a log."""

    text = serializers.CharField(allow_blank=True)
    next = serializers.IntegerField(help_text="The offset of what follows, in bytes.")


class JobPreviewSerializer(serializers.Serializer[Any]):
    """Exactly what would be submitted, secrets hidden."""

    form = serializers.ChoiceField(choices=["command", "script", "manifest"])
    text = serializers.CharField()
    argv = serializers.ListField(child=serializers.CharField())
