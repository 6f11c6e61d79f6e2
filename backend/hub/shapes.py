"""How connections, providers and models look in the API. A key goes in and never comes out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.hub.models import Connection
from backend.hub.services import BUILTIN, MAX_MODELS

JOBS = ["chat", "embedding", "rerank"]


class KnownModelSerializer(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=200)
    job = serializers.ChoiceField(choices=JOBS, default="chat")
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    has_key = serializers.SerializerMethodField()
    models = KnownModelSerializer(source="known_models", many=True, read_only=True)

    class Meta:
        model = Connection
        fields = ("id", "name", "provider", "base_url", "has_key", "models", "created_at", "updated_at")

    def get_has_key(self, found: Connection) -> bool:
        return bool(found.sealed_key)


class AddressSerializer(serializers.Serializer[Any]):
    provider = serializers.CharField(max_length=60)
    base_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    api_key = serializers.CharField(max_length=4000, required=False, allow_blank=True, write_only=True)

    def validate_api_key(self, value: str) -> str:
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise serializers.ValidationError("A key is printable ASCII without spaces.")
        return value


class ConnectionFormSerializer(AddressSerializer):
    name = serializers.RegexField(
        r"^[^/\s][^/]*$", max_length=60, help_text="First part of the names of its models; without a slash."
    )
    models = KnownModelSerializer(many=True, required=False, help_text="Instead of what the address lists.")
    unchecked = serializers.BooleanField(
        default=False, write_only=True, help_text="Keep it although it does not answer now."
    )

    def validate_name(self, value: str) -> str:
        if value.casefold() == BUILTIN:
            raise serializers.ValidationError(f"“{BUILTIN}” is the name of the built-in models.")
        return value

    def validate_models(self, value: list[dict[str, str]]) -> list[dict[str, str]]:
        if len(value) > MAX_MODELS:
            raise serializers.ValidationError(f"At most {MAX_MODELS} models.")
        return value


class CheckSerializer(AddressSerializer):
    connection = serializers.UUIDField(
        required=False, help_text="A stored one, whose key is used if the host is the same."
    )


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField()
    extra = serializers.DictField()


class CheckedSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    models = KnownModelSerializer(many=True)
    error = ErrorSerializer(allow_null=True)


class OfferSerializer(serializers.Serializer[Any]):
    model = serializers.CharField()
    job = serializers.ChoiceField(choices=JOBS)
    title = serializers.CharField()
    note = serializers.CharField()


class ProviderSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    docs = serializers.CharField()
    base_url = serializers.CharField()
    needs_key = serializers.BooleanField()
    builtin = serializers.BooleanField()
    offers = OfferSerializer(many=True)
    offers_date = serializers.CharField()


class ModelSerializer(serializers.Serializer[Any]):
    ref = serializers.CharField()
    connection = serializers.CharField()
    provider = serializers.CharField()
    model = serializers.CharField()
    title = serializers.CharField()
    job = serializers.ChoiceField(choices=JOBS)
    builtin = serializers.BooleanField()
    note = serializers.CharField()
