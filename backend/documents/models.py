"""What is saved of knowledge bases. The rows are the truth: indexes are made from them at any time."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from backend.documents.states import ACTIVE, State, Step


class KnowledgeBase(models.Model):
    """A collection of documents that are searched together."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=2000, blank=True)
    parsing = models.JSONField(default=dict)
    """Settings by key of a parser; one that is not named takes its defaults."""
    groups = models.JSONField(default=list)
    """Chain of chunkings: ``{name, splitter, settings, parent}``."""
    search = models.JSONField(default=dict)
    """Default :class:`flowloft.core.knowledge.SearchSettings`."""
    embedding = models.CharField(max_length=200)
    """Model reference that the serving index is made with."""
    fingerprint = models.CharField(max_length=200, blank=True)
    """Tells vectors of this model from any other's; empty before the first."""
    dimensions = models.PositiveIntegerField(default=0)
    generation = models.PositiveIntegerField(default=1)
    """Number of the index that answers."""
    building = models.PositiveIntegerField(null=True)
    """Number of the index that is being made while the other answers."""
    building_embedding = models.CharField(max_length=200, blank=True)
    building_error = models.JSONField(null=True)
    build_fence = models.PositiveIntegerField(default=0)
    build_lease = models.DateTimeField(null=True)
    batch_at = models.DateTimeField(null=True)
    """Since when documents are being worked on without a rest; progress in all counts from here."""
    retired = models.JSONField(default=list)
    """Generations whose collections wait for being dropped."""
    removed = models.BooleanField(default=False)
    """Gone for everybody; a worker takes index and files away."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=models.Q(removed=False), name="knowledge_name_once"
            )
        ]
        indexes = [models.Index(fields=["owner", "-updated_at"], name="knowledge_recent")]


class SourceDocument(models.Model):
    """A file of a knowledge base and how far it has come.

    Only ``transitions.py`` changes ``state``, ``fence`` and ``attempt``.
    """

    owner_path = "knowledge__owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    knowledge = models.ForeignKey(KnowledgeBase, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=500)
    """As it was called where it came from, with its folder."""
    source = models.CharField(max_length=2000, blank=True)
    """Address or path it was fetched from; empty for uploads."""
    media_type = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of the original, which is kept in the blobs; empty until it was fetched."""
    size = models.PositiveBigIntegerField(default=0)
    tags = models.JSONField(default=list)
    language = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=500, blank=True)
    pages = models.JSONField(default=list)
    """``[width, height]`` of each page in points."""
    remarks = models.JSONField(default=list)
    characters = models.PositiveIntegerField(default=0)
    chunk_count = models.PositiveIntegerField(default=0)
    enabled = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    step = models.CharField(max_length=10, choices=Step.choices, default=Step.PARSE)
    progress = models.FloatField(default=0)
    """0 to 1, over all steps."""
    error = models.JSONField(null=True)
    cancelling = models.BooleanField(default=False)
    again = models.BooleanField(default=False)
    """Changed while a worker had it: what was done has to be looked at once more."""
    attempt = models.PositiveSmallIntegerField(default=1)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    generation = models.PositiveIntegerField(default=0)
    """The newest index that holds its chunks."""
    gone = models.JSONField(default=list)
    """Ids of chunks that exist no more and still stand in an index."""
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField()
    """Of anything that a list shows."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["knowledge", "digest"],
                condition=~models.Q(state=State.REMOVING) & ~models.Q(digest=""),
                name="document_content_once",
            )
        ]
        indexes = [
            models.Index(fields=["knowledge", "-created_at"], name="document_recent"),
            models.Index(fields=["knowledge", "changed_at"], name="document_changed"),
            models.Index(fields=["digest"], name="document_digest"),
            models.Index(
                fields=["state", "queued_at"], name="document_active", condition=models.Q(state__in=ACTIVE)
            ),
        ]


class Chunk(models.Model):
    """A piece of a document that is found as one."""

    owner_path = "document__knowledge__owner"

    id = models.CharField(primary_key=True, max_length=40)
    """Follows from document, group and original text, so that doing a step twice changes nothing."""
    document = models.ForeignKey(SourceDocument, on_delete=models.CASCADE, related_name="chunks")
    group = models.CharField(max_length=100, default="default")
    order = models.PositiveIntegerField()
    text = models.TextField()
    original = models.TextField(blank=True)
    """As it was split; empty for one that a person added."""
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    places = models.JSONField(default=list)
    heading = models.JSONField(default=list)
    parent = models.CharField(max_length=40, blank=True)
    metadata = models.JSONField(default=dict)
    edited = models.BooleanField(default=False)
    added = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    dropped = models.BooleanField(default=False)
    """Deleted by hand; the row stays, switched off, so that parsing again does not bring it back."""
    indexed = models.CharField(max_length=64, blank=True)
    """Hash of what the indexes hold of it; empty where they hold nothing."""
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["group", "order", "id"]
        indexes = [models.Index(fields=["document", "group", "order"], name="chunk_in_order")]


class DocumentLog(models.Model):
    """What a step had to say."""

    document = models.ForeignKey(SourceDocument, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField()
    step = models.CharField(max_length=10)
    level = models.CharField(max_length=7, default="info")
    message = models.CharField(max_length=1000)
    seconds = models.FloatField(null=True)


class Upload(models.Model):
    """A file on its way in, piece by piece."""

    owner_path = "knowledge__owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    knowledge = models.ForeignKey(KnowledgeBase, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=500)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    touched_at = models.DateTimeField(auto_now=True)


class KnowledgeVersion(models.Model):
    """A knowledge base as it was: its settings, documents, chunks, edits and test cases."""

    owner_path = "knowledge__owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    knowledge = models.ForeignKey(KnowledgeBase, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=500, blank=True)
    content = models.CharField(max_length=64)
    """SHA-256 of the archive of ``portable.py`` without originals, among the blobs."""
    document_count = models.PositiveIntegerField(default=0)
    chunk_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["knowledge", "number"], name="version_number_once")]


class VersionOriginal(models.Model):
    """An original that a version needs; it stays among the blobs for as long."""

    version = models.ForeignKey(KnowledgeVersion, on_delete=models.CASCADE, related_name="originals")
    digest = models.CharField(max_length=64, db_index=True)


class RetrievalCase(models.Model):
    """A question with the passages that ought to be found."""

    owner_path = "knowledge__owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    knowledge = models.ForeignKey(KnowledgeBase, on_delete=models.CASCADE, related_name="cases")
    query = models.CharField(max_length=2000)
    expected = models.JSONField(default=list)
    """``{chunk_id, document_id, quote}``; the quote finds the passage when chunks were cut anew."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
