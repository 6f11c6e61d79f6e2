"""How knowledge bases, documents and chunks look in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.documents import limits, services
from backend.documents.documents import ACTIONS
from backend.documents.models import (
    Chunk,
    DocumentLog,
    KnowledgeBase,
    KnowledgeVersion,
    RetrievalCase,
    SourceDocument,
    Upload,
)
from backend.documents.states import State, Step


def component(name: str) -> dict[str, str]:
    """Returns a reference to what the runtime defines."""
    return {"$ref": f"#/components/schemas/{name}"}


@extend_schema_field(component("SearchSettings"))
class SearchField(serializers.JSONField):
    """How a knowledge base is searched."""


@extend_schema_field(component("SearchResult"))
class ResultField(serializers.JSONField):
    """What was found."""


@extend_schema_field({"type": "array", "items": component("Place")})
class PlacesField(serializers.JSONField):
    """Where a text stands in its document."""


@extend_schema_field({"oneOf": [component("Error"), {"type": "null"}]})
class ErrorField(serializers.JSONField):
    """What went wrong, and what to do."""


@extend_schema_field({"type": "array", "items": {"type": "array", "items": {"type": "number"}}})
class SizesField(serializers.JSONField):
    """Width and height of each page, in points."""


def tags() -> serializers.ListField:
    """Tags of documents."""
    return serializers.ListField(child=serializers.CharField(max_length=60), max_length=30, required=False)


class NodeGroupSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    splitter = serializers.CharField(max_length=100, required=False, allow_blank=True)
    settings = serializers.DictField(required=False)
    transform = serializers.ChoiceField(
        ["", "summary", "questions", "keywords"],
        required=False,
        help_text="What a chat model makes of each chunk of the parent, in place of a splitter.",
    )
    model = serializers.CharField(max_length=200, required=False, allow_blank=True)


# A serializer has a `parent` of its own.
NodeGroupSerializer._declared_fields["parent"] = serializers.CharField(
    max_length=100, required=False, allow_blank=True
)


class BatchSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="Documents since the base last rested.")
    over = serializers.IntegerField(help_text="Those of them that are ready, failed or cancelled.")
    progress = serializers.FloatField(help_text="Of all of them, 0 to 1.")


class KnowledgeSerializer(serializers.ModelSerializer[KnowledgeBase]):
    groups = NodeGroupSerializer(many=True, read_only=True)
    parsing = serializers.DictField(read_only=True)
    search = SearchField(read_only=True)
    building_error = ErrorField(read_only=True)
    document_count = serializers.IntegerField(read_only=True, default=0)
    chunk_count = serializers.IntegerField(read_only=True, default=0)
    byte_count = serializers.IntegerField(read_only=True, default=0)
    failed_count = serializers.IntegerField(read_only=True, default=0)
    active_count = serializers.IntegerField(read_only=True, default=0)
    building_missing = serializers.SerializerMethodField()
    batch = serializers.SerializerMethodField()

    class Meta:
        model = KnowledgeBase
        fields = (
            "id",
            "name",
            "description",
            "parsing",
            "groups",
            "search",
            "embedding",
            "generation",
            "building",
            "building_embedding",
            "building_error",
            "building_missing",
            "document_count",
            "chunk_count",
            "byte_count",
            "failed_count",
            "active_count",
            "batch",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    @extend_schema_field(BatchSerializer)
    def get_batch(self, knowledge: KnowledgeBase) -> dict[str, Any]:
        """How far the documents are that are being worked on."""
        return services.batch_of(knowledge)

    def get_building_missing(self, knowledge: KnowledgeBase) -> int:
        """Documents that the new index does not hold yet."""
        if knowledge.building is None:
            return 0
        return knowledge.documents.filter(state=State.READY, generation__lt=knowledge.building).count()


class KnowledgeFormSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    parsing = serializers.DictField(required=False)
    groups = NodeGroupSerializer(many=True, required=False)
    search = SearchField(required=False)
    embedding = serializers.CharField(max_length=200, required=False)


class SourceDocumentSerializer(serializers.ModelSerializer[SourceDocument]):
    tags = tags()
    error = ErrorField(read_only=True)
    remarks = serializers.ListField(child=serializers.CharField(), read_only=True)
    state = serializers.ChoiceField(choices=State.choices, read_only=True)
    step = serializers.ChoiceField(choices=Step.choices, read_only=True)
    page_count = serializers.SerializerMethodField()

    class Meta:
        model = SourceDocument
        fields = (
            "id",
            "knowledge",
            "name",
            "title",
            "source",
            "media_type",
            "size",
            "tags",
            "language",
            "page_count",
            "characters",
            "chunk_count",
            "enabled",
            "state",
            "step",
            "progress",
            "error",
            "remarks",
            "attempt",
            "created_at",
            "changed_at",
            "finished_at",
        )
        read_only_fields = fields

    def get_page_count(self, document: SourceDocument) -> int:
        """How many pages it has; 0 where there are none."""
        return len(document.pages)


class FullSourceDocumentSerializer(SourceDocumentSerializer):
    pages = SizesField(read_only=True)
    digest = serializers.CharField(read_only=True)

    class Meta(SourceDocumentSerializer.Meta):
        fields = (*SourceDocumentSerializer.Meta.fields, "pages", "digest")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class DocumentPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    states = serializers.DictField(child=serializers.IntegerField())
    results = SourceDocumentSerializer(many=True)


class DocumentFormSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=500, required=False)
    tags = tags()
    enabled = serializers.BooleanField(required=False)


class AddedSerializer(serializers.Serializer[Any]):
    document = SourceDocumentSerializer()
    new = serializers.BooleanField(help_text="False where equal content was there already.")


class TextFormSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=300)
    text = serializers.CharField(max_length=limits.TEXT_BYTES)
    tags = tags()


class SourcesFormSerializer(serializers.Serializer[Any]):
    urls = serializers.ListField(
        child=serializers.CharField(max_length=2000), required=False, max_length=limits.URLS
    )
    sitemap = serializers.CharField(max_length=2000, required=False)
    folder = serializers.CharField(max_length=2000, required=False)
    tags = tags()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"urls", "sitemap", "folder"} & attrs.keys()) != 1:
            raise serializers.ValidationError("Give one of urls, sitemap and folder.")
        return attrs


class FacetsSerializer(serializers.Serializer[Any]):
    languages = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())


class CountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class ActionSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=ACTIONS)
    ids = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=10_000,
        help_text="None for all that fit the next four.",
    )
    q = serializers.CharField(max_length=500, required=False, allow_blank=True)
    state = serializers.CharField(max_length=200, required=False, allow_blank=True)
    language = serializers.CharField(max_length=10, required=False, allow_blank=True)
    tag = serializers.CharField(max_length=60, required=False, allow_blank=True)
    tags = tags()


class DocumentLogSerializer(serializers.ModelSerializer[DocumentLog]):
    class Meta:
        model = DocumentLog
        fields = ("at", "step", "level", "message", "seconds")


class UploadFormSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=1000)
    size = serializers.IntegerField(min_value=0)
    media_type = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class UploadSerializer(serializers.ModelSerializer[Upload]):
    part = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ("id", "name", "size", "received", "part")

    def get_part(self, upload: Upload) -> int:
        """The largest piece, in bytes."""
        return limits.PART_BYTES


class ReceivedSerializer(serializers.Serializer[Any]):
    received = serializers.IntegerField()
    document = SourceDocumentSerializer(allow_null=True)
    new = serializers.BooleanField()


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    places = PlacesField(read_only=True)
    heading = serializers.ListField(child=serializers.CharField(), read_only=True)
    indexed = serializers.SerializerMethodField()

    class Meta:
        model = Chunk
        fields = (
            "id",
            "group",
            "order",
            "text",
            "original",
            "start",
            "end",
            "places",
            "heading",
            "parent",
            "edited",
            "added",
            "enabled",
            "dropped",
            "indexed",
        )
        read_only_fields = fields

    def get_indexed(self, chunk: Chunk) -> bool:
        """Whether the index holds it."""
        return bool(chunk.indexed)


class ChunkPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = ChunkSerializer(many=True)


class NewChunkSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=limits.CHUNK_CHARACTERS, trim_whitespace=False)
    after = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    group = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class ChunkFormSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=limits.CHUNK_CHARACTERS, required=False, trim_whitespace=False)
    enabled = serializers.BooleanField(required=False)


class ChunkActSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=["split", "merge", "restore"])
    at = serializers.IntegerField(min_value=1, required=False, help_text="For split: characters kept.")


class BlockSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    text = serializers.CharField()
    level = serializers.IntegerField()
    page = serializers.IntegerField(allow_null=True)
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class DocumentTextSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    language = serializers.CharField()
    characters = serializers.IntegerField()
    total = serializers.IntegerField()
    first = serializers.IntegerField()
    blocks = BlockSerializer(many=True)


class BundledChunkSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class BundledDocumentSerializer(DocumentTextSerializer):
    chunks = BundledChunkSerializer(many=True)


class PreviewFormSerializer(serializers.Serializer[Any]):
    document = serializers.UUIDField(required=False)
    text = serializers.CharField(max_length=limits.TEXT_BYTES, required=False, trim_whitespace=False)
    groups = NodeGroupSerializer(many=True, required=False)
    parsing = serializers.DictField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("document" in attrs) == ("text" in attrs):
            raise serializers.ValidationError("Give a document or a text.")
        return attrs


class PreviewChunkSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    heading = serializers.ListField(child=serializers.CharField())
    places = PlacesField()


class PreviewGroupSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()
    chunks = PreviewChunkSerializer(many=True)


class ChunkPreviewSerializer(serializers.Serializer[Any]):
    characters = serializers.IntegerField()
    remarks = serializers.ListField(child=serializers.CharField())
    groups = PreviewGroupSerializer(many=True)


class KnowledgeVersionSerializer(serializers.ModelSerializer[KnowledgeVersion]):
    class Meta:
        model = KnowledgeVersion
        fields = ("id", "number", "note", "document_count", "chunk_count", "created_at")
        read_only_fields = ("id", "number", "document_count", "chunk_count", "created_at")


class SearchFormSerializer(serializers.Serializer[Any]):
    query = serializers.CharField(max_length=2000)
    settings = SearchField(required=False)


class ExpectedSerializer(serializers.Serializer[Any]):
    chunk_id = serializers.CharField(max_length=40)
    document_id = serializers.CharField(max_length=40)
    quote = serializers.CharField(max_length=600, allow_blank=True)


class CaseSerializer(serializers.ModelSerializer[RetrievalCase]):
    expected = ExpectedSerializer(many=True)

    class Meta:
        model = RetrievalCase
        fields = ("id", "query", "expected", "created_at")
        read_only_fields = ("id", "created_at")


class CasesRunFormSerializer(serializers.Serializer[Any]):
    settings = SearchField(required=False)


class CaseResultSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    query = serializers.CharField()
    ranks = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    recall = serializers.FloatField()
    reciprocal_rank = serializers.FloatField()


class CasesRunSerializer(serializers.Serializer[Any]):
    k = serializers.IntegerField()
    recall = serializers.FloatField()
    mrr = serializers.FloatField()
    seconds = serializers.FloatField()
    cases = CaseResultSerializer(many=True)


class CheckSerializer(serializers.Serializer[Any]):
    agrees = serializers.BooleanField()
    expected = serializers.IntegerField()
    missing_count = serializers.IntegerField(help_text="Chunks that a store of the index lacks.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="Ids of the first of them.")
    extra_count = serializers.IntegerField(help_text="What is in the index and should not be.")
    extra = serializers.ListField(child=serializers.CharField(), help_text="Ids of the first of them.")


class PluginSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    suffixes = serializers.ListField(child=serializers.CharField())
    settings_schema = serializers.DictField()


class OptionsSerializer(serializers.Serializer[Any]):
    parsers = PluginSerializer(many=True)
    splitters = PluginSerializer(many=True)
    default_groups = NodeGroupSerializer(many=True)
    default_embedding = serializers.CharField()
    default_search = SearchField(help_text="What a search does that is told nothing.")
    suffixes = serializers.ListField(child=serializers.CharField())
    file_bytes = serializers.IntegerField()
    folders = serializers.ListField(child=serializers.CharField())
