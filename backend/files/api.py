"""Files for runs over REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.core.errors import InputError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.download import file_answer
from backend.common.errors import not_found
from backend.common.objects import object_for
from backend.common.uploads import Upload, UploadParser
from backend.files import services
from backend.files.models import RunFile


class FileSerializer(serializers.Serializer[Any]):
    """A file as a flow sees it: a reference, never the content."""

    name = serializers.CharField()
    media_type = serializers.CharField()
    bytes = serializers.IntegerField()
    ref = serializers.UUIDField()


class FileParser(UploadParser):
    """Reads one file."""

    def largest(self) -> int:
        return services.LARGEST

    def folder(self) -> Path:
        return services.folder()


class Files(APIView):
    """Takes files in, to be named in a message."""

    parser_classes = (FileParser,)

    @extend_schema(
        operation_id="file_upload",
        parameters=[OpenApiParameter("name", str, required=True, description="With its ending.")],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: FileSerializer},
    )
    def post(self, request: Request) -> Response:
        if not isinstance(request.data, Upload):
            raise InputError("The file is empty.", code="empty_file", hint="Choose another one.")
        with request.data as place:
            name = request.query_params.get("name", "")
            file = services.file_add(owner=request.user, place=place, name=name)
        return Response(services.as_value(file), status=201)


class OneFile(APIView):
    """The content of a file: pictures to be shown, everything else as a download."""

    @extend_schema(
        operation_id="file_content", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        return content_answer(request, object_for(request.user, RunFile, id))


def content_answer(request: Request, file: RunFile) -> HttpResponseBase:
    """Returns the content of a file; nothing in it runs in whoever opens it.

    Raises:
        ApiError: 404 where it lies no more.
    """
    place = services.file_place(file)
    if not place.exists():
        raise not_found()
    picture = file.media_type.startswith("image/") and file.media_type != "image/svg+xml"
    answer = file_answer(
        request,
        place,
        name=file.name,
        etag=f'"{file.pk}"',
        media_type=file.media_type if picture else "application/octet-stream",
        shown=picture,
        fresh_seconds=24 * 3600,
    )
    answer["Content-Security-Policy"] = "sandbox"
    return answer
