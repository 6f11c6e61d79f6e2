"""Datasets over REST."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of
from backend.common.uploads import UploadParser, upload_of
from backend.datasets import services, shapes
from backend.datasets.models import Dataset, DatasetVersion


class ExamplesParser(UploadParser):
    """Reads a file of examples."""

    too_large = ("The dataset", "Send it in parts, as several datasets.")

    def largest(self) -> int:
        return services.LARGEST

    def folder(self) -> Path:
        return services.folder()


_UPLOAD = [
    OpenApiParameter("file_name", str, required=True, description="Its ending says how it is read."),
    OpenApiParameter("leave_out", bool, description="Leave broken rows out instead of refusing the file."),
]


class Datasets(generics.ListAPIView[Dataset]):
    """The person's datasets, and new ones."""

    serializer_class = shapes.DatasetSerializer
    parser_classes = (ExamplesParser,)

    def get_queryset(self) -> QuerySet[Dataset]:
        return objects_of(self.request.user, Dataset).prefetch_related("versions")

    @extend_schema(
        operation_id="dataset_create",
        parameters=[*_UPLOAD, OpenApiParameter("name", str, description="The file's where empty.")],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: shapes.DatasetSerializer},
    )
    def post(self, request: Request) -> Response:
        return Response(_added(request, name=request.query_params.get("name", "")), status=201)


def _added(request: Request, **where: object) -> object:
    file_name = request.query_params.get("file_name", "")
    leave_out = request.query_params.get("leave_out", "").lower() in ("1", "true")
    with upload_of(request) as file:
        version = services.dataset_add(
            user=request.user,
            file=file,
            file_name=file_name,
            leave_out=leave_out,
            **where,  # type: ignore[arg-type]
        )
    return shapes.DatasetSerializer(version.dataset).data


class DatasetDetail(APIView):
    """One dataset."""

    @extend_schema(operation_id="dataset_get", responses=shapes.DatasetSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(shapes.DatasetSerializer(object_for(request.user, Dataset, id)).data)

    @extend_schema(
        operation_id="dataset_rename",
        request=shapes.DatasetNameSerializer,
        responses=shapes.DatasetSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:
        found = object_for(request.user, Dataset, id)
        form = shapes.DatasetNameSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        found.name = form.validated_data["name"]
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError:
            raise ApiError(
                409,
                "name_taken",
                "A dataset of yours has this name already.",
                "Choose another.",
                path="/name",
            ) from None
        return Response(shapes.DatasetSerializer(found).data)

    @extend_schema(operation_id="dataset_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        object_for(request.user, Dataset, id).delete()
        return Response(status=204)


class DatasetVersions(APIView):
    """A further version of a dataset."""

    parser_classes = (ExamplesParser,)

    @extend_schema(
        operation_id="dataset_version_create",
        parameters=_UPLOAD,
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: shapes.DatasetSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:
        # Asked for before the body is read: nobody fills the disk for a dataset that is not theirs.
        found = object_for(request.user, Dataset, id)
        return Response(_added(request, dataset_id=found.id), status=201)


class VersionExamples(APIView):
    """What a version looks like."""

    @extend_schema(operation_id="dataset_examples", responses=shapes.ExamplesSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        version = object_for(request.user, DatasetVersion, id)
        return Response({"examples": services.examples_of(version, services.SHOWN)})
