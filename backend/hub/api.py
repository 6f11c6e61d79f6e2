"""Providers, connections and models over REST."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from flowloft.core.provider import PROVIDERS
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.objects import object_for, objects_of
from backend.hub import defaults, prices, services, shapes
from backend.hub.models import Connection, ConnectionKey, ModelPrice
from backend.hub.source import model_source_for


class Providers(APIView):
    """Who serves models, and what one needs there."""

    @extend_schema(operation_id="provider_list", responses=shapes.ProviderSerializer(many=True))
    def get(self, request: Request) -> Response:
        found = [
            {
                "key": key,
                "title": member.title or key,
                "docs": member.docs,
                "base_url": member.base_url,
                "needs_key": member.needs_key,
                "builtin": member.builtin,
                "jobs": sorted(member.jobs),
                "tunes": list(member.tuning.models) if member.tuning else [],
                "offers": [asdict(offer) for offer in member.offers],
                "offers_date": member.offers_date,
            }
            for key, member in PROVIDERS.all().items()
        ]
        return Response(found)


class Connections(generics.ListAPIView[Connection]):
    """The person's connections, and new ones."""

    serializer_class = shapes.ConnectionSerializer

    def get_queryset(self) -> Any:
        return objects_of(self.request.user, Connection).prefetch_related("keys")

    @extend_schema(operation_id="connection_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="connection_create",
        request=shapes.ConnectionFormSerializer,
        responses={201: shapes.ConnectionSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.ConnectionFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.connection_save(user=request.user, given=form.validated_data)
        return Response(shapes.ConnectionSerializer(made).data, status=201)


class ConnectionDetail(APIView):
    """One connection."""

    @extend_schema(
        operation_id="connection_update",
        request=shapes.ConnectionFormSerializer(partial=True),
        responses=shapes.ConnectionSerializer,
    )
    def patch(self, request: Request, id: str) -> Response:
        found = object_for(request.user, Connection, id)
        form = shapes.ConnectionFormSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        saved = services.connection_save(user=request.user, given=form.validated_data, connection=found)
        return Response(shapes.ConnectionSerializer(saved).data)

    @extend_schema(operation_id="connection_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        object_for(request.user, Connection, id).delete()
        return Response(status=204)


class ConnectionCheck(APIView):
    """Tries an address and a key, and keeps neither."""

    @extend_schema(
        operation_id="connection_check", request=shapes.CheckSerializer, responses=shapes.CheckedSerializer
    )
    def post(self, request: Request) -> Response:
        form = shapes.CheckSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        named = given.pop("connection", None)
        existing = object_for(request.user, Connection, named) if named else None
        return Response(services.probe(user=request.user, given=given, existing=existing))


class Models(APIView):
    """Every model that the person's flows can use."""

    @extend_schema(operation_id="model_list", responses=shapes.ModelSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([asdict(entry) for entry in model_source_for(request.user).entries()])


class ConnectionRefresh(APIView):
    """Asks an address for its models again."""

    @extend_schema(operation_id="connection_refresh", request=None, responses=shapes.ConnectionSerializer)
    def post(self, request: Request, id: str) -> Response:
        found = object_for(request.user, Connection, id)
        return Response(
            shapes.ConnectionSerializer(services.connection_refresh(user=request.user, connection=found)).data
        )


class Keys(APIView):
    """More keys of a connection."""

    @extend_schema(
        operation_id="connection_key_add",
        request=shapes.KeyFormSerializer,
        responses={201: shapes.KeySerializer},
    )
    def post(self, request: Request, id: str) -> Response:
        found = object_for(request.user, Connection, id)
        form = shapes.KeyFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        made = services.connection_key_add(
            user=request.user,
            connection=found,
            secret=given["api_key"],
            name=given["name"],
            unchecked=given["unchecked"],
        )
        return Response(shapes.KeySerializer(made).data, status=201)


class KeyDetail(APIView):
    """One key."""

    @extend_schema(operation_id="connection_key_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        object_for(request.user, ConnectionKey, id).delete()
        return Response(status=204)


class KeyCheck(APIView):
    """Tries a key that is kept; what it shows stands in its state."""

    @extend_schema(operation_id="connection_key_check", request=None, responses=shapes.KeySerializer)
    def post(self, request: Request, id: str) -> Response:
        key = object_for(request.user, ConnectionKey, id, ConnectionKey.objects.select_related("connection"))
        return Response(shapes.KeySerializer(services.connection_key_check(user=request.user, key=key)).data)


class Defaults(APIView):
    """Which model is taken for a job where nothing else is said."""

    @extend_schema(operation_id="model_defaults", responses=shapes.DefaultsSerializer)
    def get(self, request: Request) -> Response:
        return Response(defaults.defaults_of(request.user.pk))

    @extend_schema(
        operation_id="model_defaults_set",
        request=shapes.DefaultsSerializer,
        responses=shapes.DefaultsSerializer,
    )
    def put(self, request: Request) -> Response:
        form = shapes.DefaultsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        offered = {entry.ref: entry.job for entry in model_source_for(request.user).entries()}
        return Response(defaults.defaults_set(user=request.user, given=form.validated_data, offered=offered))


class Prices(APIView):
    """What models cost the person, where it is another price than the providers' data say."""

    @extend_schema(operation_id="price_list", responses=shapes.OwnPriceSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(shapes.OwnPriceSerializer(objects_of(request.user, ModelPrice), many=True).data)

    @extend_schema(
        operation_id="price_set", request=shapes.OwnPriceSerializer, responses=shapes.OwnPriceSerializer
    )
    def put(self, request: Request) -> Response:
        form = shapes.OwnPriceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = prices.price_set(user=request.user, given=dict(form.validated_data))
        return Response(shapes.OwnPriceSerializer(row).data)


class PriceDetail(APIView):
    """One of them."""

    @extend_schema(operation_id="price_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        object_for(request.user, ModelPrice, id).delete()
        return Response(status=204)
