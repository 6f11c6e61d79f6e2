"""How flows look in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.flows.models import Draft, Flow, FlowVersion


def component(name: str) -> dict[str, str]:
    """Returns a reference to what the runtime defines."""
    return {"$ref": f"#/components/schemas/{name}"}


@extend_schema_field(component("FlowSpec"))
class DocumentField(serializers.JSONField):
    """A flow document."""


@extend_schema_field({"type": "array", "items": component("Finding")})
class FindingsField(serializers.JSONField):
    """What the compiler remarks."""


class FlowSerializer(serializers.ModelSerializer[Flow]):
    revision = serializers.IntegerField(source="draft.revision", read_only=True)
    node_count = serializers.IntegerField(source="draft.node_count", read_only=True)

    class Meta:
        model = Flow
        fields = (
            "id",
            "name",
            "description",
            "created_at",
            "updated_at",
            "revision",
            "published_version",
            "node_count",
        )
        read_only_fields = ("id", "created_at", "updated_at", "published_version")


class NewFlowSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    # What a schema names as the default is taken when it is sent, too.
    template = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    document = DocumentField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["template"] and "document" in attrs:
            raise serializers.ValidationError("Give a template or a document, not both.")
        return attrs


class CopySerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    document = DocumentField(required=False)


class SavedSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField()
    findings = FindingsField()


class DraftSerializer(SavedSerializer):
    document = DocumentField()


class VersionSerializer(serializers.ModelSerializer[FlowVersion]):
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)

    class Meta:
        model = FlowVersion
        fields = ("number", "message", "node_count", "created_at", "created_by")
        read_only_fields = ("number", "node_count", "created_at", "created_by")


class FullVersionSerializer(VersionSerializer):
    document = DocumentField()

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "document")  # type: ignore[assignment]


class PublishSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class PortSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()


PortSerializer._declared_fields["required"] = serializers.BooleanField()  # The word is a field's own.


class FlowPortsSerializer(serializers.Serializer[Any]):
    takes = PortSerializer(many=True)
    gives = PortSerializer(many=True)


class TemplateSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    icon = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())


class OperationSerializer(serializers.Serializer[Any]):
    op = serializers.ChoiceField(choices=["add", "remove", "replace", "move", "copy", "test"])
    path = serializers.CharField(allow_blank=True)
    value = serializers.JSONField(required=False)


OperationSerializer._declared_fields["from"] = serializers.CharField(required=False)


def saved(draft: Draft, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns what a save answers with."""
    return {"revision": draft.revision, "saved_at": draft.saved_at, "findings": findings}
