"""How connections, providers and models look in the API. A key goes in and never comes out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.hub.keys import is_resting
from backend.hub.models import Connection, ConnectionKey, KeyState, ModelPrice
from backend.hub.services import MAX_MODELS, RESERVED

JOBS = ["chat", "embedding", "rerank", "module", "service"]


class KnownModelSerializer(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=200)
    job = serializers.ChoiceField(choices=JOBS, default="chat")
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class KeySerializer(serializers.ModelSerializer[ConnectionKey]):
    """A key, without the key."""

    state = serializers.ChoiceField(choices=KeyState.choices)
    resting = serializers.SerializerMethodField(help_text="Whether it is set aside now.")

    class Meta:
        model = ConnectionKey
        fields = ("id", "name", "state", "message", "resting", "answered_at", "resting_until", "created_at")
        read_only_fields = fields

    def get_resting(self, found: ConnectionKey) -> bool:
        return is_resting(found)


class LimitsSerializer(serializers.Serializer[Any]):
    """Null takes the provider's own."""

    idle_seconds = serializers.FloatField(
        min_value=1, max_value=3600, required=False, allow_null=True, help_text="Silence that ends a call."
    )
    total_seconds = serializers.FloatField(
        min_value=1, max_value=86_400, required=False, allow_null=True, help_text="For a whole call."
    )
    per_minute = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, allow_null=True, help_text="Requests of one worker."
    )


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    keys = KeySerializer(many=True, read_only=True)
    models = KnownModelSerializer(source="known_models", many=True, read_only=True)
    limits = LimitsSerializer(read_only=True)
    proxy = serializers.CharField(
        source="proxy_shown", read_only=True, help_text="Without its user and password."
    )

    class Meta:
        model = Connection
        fields = (
            *("id", "name", "provider", "base_url", "proxy", "limits", "keys", "models", "models_at"),
            *("created_at", "updated_at"),
        )


def _key_checked(value: str) -> str:
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise serializers.ValidationError("A key is printable ASCII without spaces.")
    return value


class AddressSerializer(serializers.Serializer[Any]):
    provider = serializers.CharField(max_length=60)
    base_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    api_key = serializers.CharField(
        max_length=4000,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="In place of all keys that it has.",
    )
    proxy = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="As http://user:password@host:port; empty for none but the studio's.",
    )

    def validate_api_key(self, value: str) -> str:
        return _key_checked(value)


class ConnectionFormSerializer(AddressSerializer):
    name = serializers.RegexField(
        r"^[^/\s][^/]*$", max_length=60, help_text="First part of the names of its models; without a slash."
    )
    models = KnownModelSerializer(many=True, required=False, help_text="Instead of what the address lists.")
    limits = LimitsSerializer(required=False)
    unchecked = serializers.BooleanField(
        default=False, write_only=True, help_text="Keep it although it does not answer now."
    )

    def validate_name(self, value: str) -> str:
        if value.casefold() in RESERVED:
            raise serializers.ValidationError(f"“{value}” means something else in the name of a model.")
        return value

    def validate_models(self, value: list[dict[str, str]]) -> list[dict[str, str]]:
        if len(value) > MAX_MODELS:
            raise serializers.ValidationError(f"At most {MAX_MODELS} models.")
        return value


class KeyFormSerializer(serializers.Serializer[Any]):
    """One more key."""

    api_key = serializers.CharField(max_length=4000, write_only=True)
    name = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    unchecked = serializers.BooleanField(default=False, write_only=True, help_text="Keep it without a try.")

    def validate_api_key(self, value: str) -> str:
        return _key_checked(value)


class PriceSerializer(serializers.Serializer[Any]):
    """For a million tokens."""

    currency = serializers.CharField()
    input = serializers.FloatField()
    output = serializers.FloatField()
    cached = serializers.FloatField(allow_null=True, help_text="Of input that was read before.")
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name, taken by the metaclass
        help_text="`own` for one that the person wrote."
    )
    date = serializers.CharField(help_text="When it was looked up; empty where the source has no date.")


class OwnPriceSerializer(serializers.ModelSerializer[ModelPrice]):
    """What a model costs the person, for a million tokens."""

    currency = serializers.RegexField(r"^[A-Z]{3}$")
    input = serializers.FloatField(min_value=0, max_value=1e6)
    output = serializers.FloatField(min_value=0, max_value=1e6, default=0)
    cached = serializers.FloatField(min_value=0, max_value=1e6, allow_null=True, default=None)

    class Meta:
        model = ModelPrice
        fields = ("id", "provider", "model", "currency", "input", "output", "cached", "updated_at")
        read_only_fields = ("id", "updated_at")


class DefaultsSerializer(serializers.Serializer[Any]):
    """References to models; empty takes the built-in one, where there is one."""

    chat = serializers.CharField(max_length=300, required=False, allow_blank=True)
    embedding = serializers.CharField(max_length=300, required=False, allow_blank=True)
    rerank = serializers.CharField(max_length=300, required=False, allow_blank=True)


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
    jobs = serializers.ListField(child=serializers.CharField(), help_text="What it has models for.")
    tunes = serializers.ListField(
        child=serializers.CharField(), help_text="Models that it fine-tunes; empty where it does not."
    )
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
    price = PriceSerializer(allow_null=True, help_text="Null where nobody knows it, or it runs here.")
    dimensions = serializers.IntegerField(help_text="Numbers of a vector; 0 where nobody looked.")
    languages = serializers.CharField(help_text="That it was made for; empty where nobody looked.")
    texts_per_second = serializers.FloatField(help_text="Of 500 characters; 0 where nobody measured.")
