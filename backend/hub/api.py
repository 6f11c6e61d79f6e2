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
from backend.hub import services, shapes
from backend.hub.models import Connection
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
        return objects_of(self.request.user, Connection)

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
