"""Documents and their chunks over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.core.errors import InputError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.blobs import blob_path
from backend.common.download import file_answer
from backend.common.errors import not_found
from backend.common.objects import object_for
from backend.documents import chunks, documents, limits, shapes, uploads, viewing
from backend.documents.api import knowledge_for
from backend.documents.fetching import sitemap_urls
from backend.documents.models import SourceDocument, Upload
from backend.documents.states import State

_BYTES = {"application/octet-stream": OpenApiTypes.BINARY}
_ORDERS = {
    name: (name, "-id")
    for field in ("created_at", "name", "size", "chunk_count", "state", "changed_at")
    for name in (field, f"-{field}")
}


def _int(name: str, about: str) -> OpenApiParameter:
    return OpenApiParameter(name, int, description=about)


OFFSET, LIMIT = _int("offset", "How many to leave out; 0 by default."), _int("limit", "At most 500.")


def _number(request: Request, name: str, default: int, most: int) -> int:
    raw = request.query_params.get(name, str(default))
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise InputError(f"/{name}: a number from 0 is needed.", extra={"path": f"/{name}"})
    return min(int(raw), most)


def document_for(user: Any, id: Any) -> SourceDocument:
    """Returns a document of the person's.

    Raises:
        ApiError: 404.
    """
    there = SourceDocument.objects.select_related("knowledge").filter(knowledge__removed=False)
    return object_for(user, SourceDocument, id, there.exclude(state=State.REMOVING))


def _fits(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in ("q", "state", "language", "tag")}


class Documents(APIView):
    """The documents of a knowledge base."""

    @extend_schema(
        operation_id="document_list",
        parameters=[
            OpenApiParameter("q", str, description="Part of the name, title or error."),
            OpenApiParameter("state", str, description="One or more states, with commas between."),
            OpenApiParameter("language", str),
            OpenApiParameter("tag", str),
            OpenApiParameter("order", str, enum=sorted(_ORDERS), description="By default -created_at."),
            OFFSET,
            LIMIT,
        ],
        responses=shapes.DocumentPageSerializer,
    )
    def get(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        there = SourceDocument.objects.filter(knowledge=knowledge).exclude(state=State.REMOVING)
        states = dict(there.order_by().values_list("state").annotate(count=Count("id")))
        found = documents.documents_found(there, **_fits(request))
        order = _ORDERS.get(request.query_params.get("order", ""), ("-created_at", "-id"))
        first, count = _number(request, "offset", 0, 10**9), _number(request, "limit", 100, 500)
        return Response(
            {
                "count": found.count(),
                "states": states,
                "results": shapes.SourceDocumentSerializer(
                    found.order_by(*order)[first : first + count], many=True
                ).data,
            }
        )


class DocumentsAct(APIView):
    """One thing done with several documents."""

    @extend_schema(
        operation_id="document_act", request=shapes.ActionSerializer, responses=shapes.CountSerializer
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.ActionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        count = documents.documents_act(
            knowledge=knowledge,
            action=given["action"],
            ids=given.get("ids"),
            tags=given.get("tags", ()),
            **{name: given[name] for name in ("q", "state", "language", "tag") if name in given},
        )
        return Response({"count": count})


class Facets(APIView):
    """What the documents of a base can be told apart by."""

    @extend_schema(operation_id="document_facets", responses=shapes.FacetsSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(documents.documents_facets(knowledge_for(request.user, id)))


def _added(made: tuple[SourceDocument, bool]) -> Response:
    document, new = made
    told = {"document": shapes.SourceDocumentSerializer(document).data, "new": new}
    return Response(told, status=201 if new else 200)


_ADDED = {200: shapes.AddedSerializer, 201: shapes.AddedSerializer}


class Files(APIView):
    """A whole file in one request; uploads in pieces go on where the line broke."""

    parser_classes = (uploads.BytesParser,)

    @extend_schema(
        operation_id="file_add",
        parameters=[OpenApiParameter("name", str, required=True, description="What the file is called.")],
        request=_BYTES,
        responses=_ADDED,
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        name = request.query_params.get("name", "").strip()
        if not name:
            raise InputError("/name: the file needs a name.", extra={"path": "/name"})
        return _added(
            documents.stream_add(knowledge=knowledge, name=name, stream=uploads.body_of(request.data))
        )


class Texts(APIView):
    """A text that was written or pasted."""

    @extend_schema(operation_id="text_add", request=shapes.TextFormSerializer, responses=_ADDED)
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.TextFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return _added(documents.text_add(knowledge=knowledge, **form.validated_data))


class Sources(APIView):
    """Pages of the web, a sitemap, or a folder of the server."""

    @extend_schema(
        operation_id="source_add",
        request=shapes.SourcesFormSerializer,
        responses={202: shapes.CountSerializer},
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.SourcesFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        tags = given.get("tags", ())
        if "folder" in given:
            made = documents.folder_add(
                user=request.user, knowledge=knowledge, folder=given["folder"], tags=tags
            )
        else:
            urls = sitemap_urls(given["sitemap"]) if "sitemap" in given else given["urls"]
            made = documents.urls_add(knowledge=knowledge, urls=urls, tags=tags)
        return Response({"count": len(made)}, status=202)


class Uploads(APIView):
    """Begins an upload, or finds the one that was broken off."""

    @extend_schema(
        operation_id="upload_start", request=shapes.UploadFormSerializer, responses=shapes.UploadSerializer
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.UploadFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(
            shapes.UploadSerializer(uploads.upload_start(knowledge=knowledge, **form.validated_data)).data
        )


class UploadDetail(APIView):
    """One upload."""

    parser_classes = (uploads.BytesParser,)

    @extend_schema(operation_id="upload_get", responses=shapes.UploadSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(shapes.UploadSerializer(object_for(request.user, Upload, id)).data)

    @extend_schema(
        operation_id="upload_append",
        parameters=[_int("offset", "Where this piece begins, in bytes.")],
        request=_BYTES,
        responses=shapes.ReceivedSerializer,
    )
    def put(self, request: Request, id: str) -> Response:
        upload = object_for(request.user, Upload, id, Upload.objects.select_related("knowledge"))
        offset = uploads.offset_of(request.query_params.get("offset", ""))
        upload, made = uploads.upload_append(
            upload=upload, offset=offset, stream=uploads.body_of(request.data)
        )
        document, new = made or (None, False)
        shown = shapes.SourceDocumentSerializer(document).data if document else None
        return Response({"received": upload.received, "document": shown, "new": new})

    @extend_schema(operation_id="upload_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        uploads.upload_drop(upload=object_for(request.user, Upload, id))
        return Response(status=204)


class DocumentDetail(APIView):
    """One document."""

    @extend_schema(operation_id="document_get", responses=shapes.FullSourceDocumentSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(shapes.FullSourceDocumentSerializer(document_for(request.user, id)).data)

    @extend_schema(
        operation_id="document_update",
        request=shapes.DocumentFormSerializer,
        responses=shapes.FullSourceDocumentSerializer,
    )
    def patch(self, request: Request, id: str) -> Response:
        document = document_for(request.user, id)
        form = shapes.DocumentFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        changed = documents.document_update(document=document, **form.validated_data)
        return Response(shapes.FullSourceDocumentSerializer(changed).data)

    @extend_schema(operation_id="document_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        document = document_for(request.user, id)
        documents.documents_act(knowledge=document.knowledge, action="delete", ids=[document.pk])
        return Response(status=204)


class DocumentLogs(APIView):
    """What the steps of a document said, the oldest first."""

    @extend_schema(operation_id="document_log", responses=shapes.DocumentLogSerializer(many=True))
    def get(self, request: Request, id: str) -> Response:
        document = document_for(request.user, id)
        found = reversed(document.log.order_by("-id")[: limits.LOG_LINES])
        return Response(shapes.DocumentLogSerializer(list(found), many=True).data)


class Original(APIView):
    """The file as it came, always as a download; and another in its place."""

    parser_classes = (uploads.BytesParser,)

    @extend_schema(
        operation_id="document_replace",
        parameters=[OpenApiParameter("name", str, description="What the new file is called.")],
        request=_BYTES,
        responses=shapes.FullSourceDocumentSerializer,
    )
    def put(self, request: Request, id: str) -> Response:
        changed = documents.document_replace(
            document=document_for(request.user, id),
            stream=uploads.body_of(request.data),
            name=request.query_params.get("name", ""),
        )
        return Response(shapes.FullSourceDocumentSerializer(changed).data)

    @extend_schema(
        operation_id="document_original", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:
        document = document_for(request.user, id)
        place = blob_path(document.digest)
        if not document.digest or not place.exists():
            raise not_found()
        return file_answer(
            request,
            place,
            name=document.name.rpartition("/")[2],
            etag=f'"{document.digest}"',
            media_type="application/octet-stream",
        )


class DocumentText(APIView):
    """What was read of a document."""

    @extend_schema(
        operation_id="document_text",
        parameters=[_int("first", "Block to begin with; 0 by default."), LIMIT],
        responses=shapes.DocumentTextSerializer,
    )
    def get(self, request: Request, id: str) -> Response:
        document = document_for(request.user, id)
        first, count = _number(request, "first", 0, 10**9), _number(request, "limit", 500, 2_000)
        return Response(viewing.text_of(document, first=first, count=count))


class BundledDocument(APIView):
    """A document of a set that comes with the studio, for the citations of templates."""

    @extend_schema(operation_id="bundled_document", responses=shapes.BundledDocumentSerializer)
    def get(self, request: Request, name: str, document: str) -> Response:
        return Response(viewing.bundled_text(name, document))


class PageImage(APIView):
    """A page of a PDF as a picture."""

    @extend_schema(operation_id="document_page", responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: str, number: int) -> HttpResponseBase:
        document = document_for(request.user, id)
        return file_answer(
            request,
            viewing.page_image(document, number),
            name=f"{number}.webp",
            etag=f'"{document.digest}-{number}"',
            media_type="image/webp",
            shown=True,
            fresh_seconds=24 * 3600,
        )


class Chunks(APIView):
    """The chunks of a document, in order."""

    @extend_schema(
        operation_id="chunk_list",
        parameters=[
            OpenApiParameter("group", str, description="By default the first node group."),
            OpenApiParameter("q", str, description="Words in the text."),
            OpenApiParameter("edited", bool, description="Only those that people changed."),
            OpenApiParameter("dropped", bool, description="Only those that people deleted."),
            OFFSET,
            LIMIT,
        ],
        responses=shapes.ChunkPageSerializer,
    )
    def get(self, request: Request, id: str) -> Response:
        document = document_for(request.user, id)
        asked = request.query_params
        group = asked.get("group") or document.knowledge.groups[0]["name"]
        found = document.chunks.filter(group=group, dropped=asked.get("dropped") == "true")
        if words := asked.get("q", "").strip():
            found = found.filter(text__icontains=words)
        if asked.get("edited") == "true":
            found = found.filter(Q(edited=True) | Q(added=True) | Q(enabled=False))
        first, count = _number(request, "offset", 0, 10**9), _number(request, "limit", 100, 500)
        rows = found.order_by("order", "id")[first : first + count]
        return Response({"count": found.count(), "results": shapes.ChunkSerializer(rows, many=True).data})

    @extend_schema(
        operation_id="chunk_add", request=shapes.NewChunkSerializer, responses={201: shapes.ChunkSerializer}
    )
    def post(self, request: Request, id: str) -> Response:
        document = document_for(request.user, id)
        form = shapes.NewChunkSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = chunks.chunk_add(document=document, **form.validated_data)
        return Response(shapes.ChunkSerializer(made).data, status=201)


class ChunkDetail(APIView):
    """One chunk."""

    @extend_schema(operation_id="chunk_get", responses=shapes.ChunkSerializer)
    def get(self, request: Request, id: str, chunk: str) -> Response:
        found = chunks.chunk_get(document_for(request.user, id), chunk)
        return Response(shapes.ChunkSerializer(found).data)

    @extend_schema(
        operation_id="chunk_update", request=shapes.ChunkFormSerializer, responses=shapes.ChunkSerializer
    )
    def patch(self, request: Request, id: str, chunk: str) -> Response:
        document = document_for(request.user, id)
        found = chunks.chunk_get(document, chunk)
        form = shapes.ChunkFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        changed = chunks.chunk_update(document=document, chunk=found, **form.validated_data)
        return Response(shapes.ChunkSerializer(changed).data)

    @extend_schema(operation_id="chunk_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str, chunk: str) -> Response:
        document = document_for(request.user, id)
        chunks.chunk_delete(document=document, chunk=chunks.chunk_get(document, chunk))
        return Response(status=204)


class ChunkAct(APIView):
    """Splits a chunk, joins it with the next, or brings it back as it was split."""

    @extend_schema(
        operation_id="chunk_act",
        request=shapes.ChunkActSerializer,
        responses=shapes.ChunkSerializer(many=True),
    )
    def post(self, request: Request, id: str, chunk: str) -> Response:
        document = document_for(request.user, id)
        found = chunks.chunk_get(document, chunk)
        form = shapes.ChunkActSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        action = form.validated_data["action"]
        if action == "split":
            at = form.validated_data.get("at", 0)
            result = chunks.chunk_split(document=document, chunk=found, at=at)
        elif action == "merge":
            result = [chunks.chunk_merge(document=document, chunk=found)]
        else:
            result = [chunks.chunk_restore(document=document, chunk=found)]
        return Response(shapes.ChunkSerializer(result, many=True).data)
