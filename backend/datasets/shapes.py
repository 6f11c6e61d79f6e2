"""How datasets look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.datasets.models import Dataset, DatasetVersion


class DatasetVersionSerializer(serializers.ModelSerializer[DatasetVersion]):
    """One upload."""

    class Meta:
        model = DatasetVersion
        fields = (
            *("id", "number", "sha256", "file_name", "examples", "left_out", "objective"),
            *("tokens", "longest", "created_at"),
        )


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset with its versions, the newest first."""

    versions = DatasetVersionSerializer(many=True, read_only=True)

    class Meta:
        model = Dataset
        fields = ("id", "name", "versions", "created_at")


class DatasetNameSerializer(serializers.Serializer[Any]):
    """A new name."""

    name = serializers.CharField(max_length=100)


class ExamplesSerializer(serializers.Serializer[Any]):
    """The first examples of a version."""

    examples = serializers.ListField(child=serializers.DictField())
