"""The two addresses that belong to no room."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.health import report


class PartSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["ok", "down"])
    detail = serializers.CharField()


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["ready", "degraded"])
    version = serializers.CharField()
    parts = serializers.DictField(child=PartSerializer())


class Health(APIView):
    """Whether the studio is ready, with its version and the state of each part."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="health", responses={200: HealthSerializer, 503: HealthSerializer})
    def get(self, request: Request) -> Response:
        found = report()
        answers = found["parts"]["database"]["state"] == "ok" and found["parts"]["broker"]["state"] == "ok"
        body = {"status": found["status"], "version": settings.VERSION, "parts": found["parts"]}
        return Response(body, status=200 if answers else 503)
