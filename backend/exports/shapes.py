"""How exports and imports look in the API."""

from __future__ import annotations

from typing import Any

from flowloft.codegen.files import FORMATS
from flowloft.core.spec import MAX_BYTES
from rest_framework import serializers

from backend.exports.jobs import is_there
from backend.exports.limits import MAX_FLOWS
from backend.exports.models import ExportJob
from backend.exports.states import Form
from backend.flows.shapes import DocumentField, FindingsField


class ExportedFlowSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.RegexField(
        r"^(draft|published|[1-9][0-9]{0,8})$", default="draft", help_text="`draft`, `published` or a number."
    )


class ExportRequestSerializer(serializers.Serializer[Any]):
    """What goes out. Nothing that is not named here, or pointed at by what is, ever does."""

    flows = ExportedFlowSerializer(many=True, allow_empty=False)
    with_subflows = serializers.BooleanField(default=True, help_text="Flows that those flows call go too.")
    parts = serializers.DictField(
        child=serializers.DictField(),
        default=dict,
        help_text='Options by part, for instance `{"components": {"include": false}}`.',
    )
    form = serializers.ChoiceField(choices=Form.choices, default=Form.ARCHIVE)

    def validate_flows(self, flows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(flows) > MAX_FLOWS:
            raise serializers.ValidationError(f"At most {MAX_FLOWS} flows go out at once.")
        if len({flow["id"] for flow in flows}) != len(flows):
            raise serializers.ValidationError("A flow is asked for twice.")
        return [{"id": str(flow["id"]), "version": flow["version"]} for flow in flows]


class SourceSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(
        max_length=MAX_BYTES,
        allow_blank=True,
        trim_whitespace=False,
        help_text="Python: an exported flow, or one written by hand.",
    )


class NamedFlowSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.CharField()


class ExportErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    extra = serializers.DictField()


class ExportJobSerializer(serializers.ModelSerializer[ExportJob]):
    flows = NamedFlowSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    error = ExportErrorSerializer(allow_null=True)
    available = serializers.SerializerMethodField(help_text="Whether the file can be fetched.")

    class Meta:
        model = ExportJob
        fields = (
            "id",
            "form",
            "flows",
            "state",
            "done",
            "total",
            "warnings",
            "error",
            "name",
            "size",
            "sha256",
            "available",
            "created_at",
            "started_at",
            "finished_at",
            "expires_at",
        )
        read_only_fields = fields

    def get_available(self, job: ExportJob) -> bool:
        return is_there(job)


class PreviewSerializer(serializers.Serializer[Any]):
    flows = serializers.ListField(child=serializers.CharField())
    files = serializers.IntegerField()
    bytes = serializers.IntegerField(help_text="Before packing.")
    warnings = serializers.ListField(child=serializers.CharField())


class ImportSerializer(serializers.Serializer[Any]):
    """A file with one flow in it."""

    format = serializers.ChoiceField(
        choices=FORMATS, required=False, help_text="By default it is told from the text."
    )
    content = serializers.CharField(trim_whitespace=False, help_text="The text of the file.")
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class ImportHowSerializer(serializers.Serializer[Any]):
    """The query of an import."""

    dry_run = serializers.BooleanField(default=False, help_text="Say what would happen and change nothing.")
    conflict = serializers.ChoiceField(
        choices=["new_version", "copy", "skip", "fail"],
        default="fail",
        help_text="What becomes of what is here already.",
    )
    missing = serializers.ChoiceField(
        choices=["stub", "fail"], default="stub", help_text="Whether a flow may lack something here."
    )
    bindings = serializers.JSONField(
        default=dict, help_text="JSON object: id of a connection by the logical name of a credential."
    )

    def validate_bindings(self, given: Any) -> dict[str, str]:
        if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
            raise serializers.ValidationError("Send a JSON object of texts.")
        return given


class ImportedSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    id = serializers.UUIDField(allow_null=True, help_text="Null in a dry run.")
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    path = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)


class ConflictSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    id = serializers.UUIDField()
    key = serializers.CharField()
    name = serializers.CharField()
    path = serializers.CharField()


class BoundSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="The first half of model references.")
    connection = serializers.UUIDField(allow_null=True)


class ImportResultSerializer(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField()
    created = ImportedSerializer(many=True)
    updated = ImportedSerializer(many=True)
    skipped = ImportedSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    conflicts = ConflictSerializer(many=True)
    credentials = BoundSerializer(many=True)


class SourceReadSerializer(serializers.Serializer[Any]):
    """What Python source says, as the document that the draft would be."""

    document = DocumentField()
    findings = FindingsField()
