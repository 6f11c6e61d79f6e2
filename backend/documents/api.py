"""Knowledge bases over REST."""

from __future__ import annotations

import inspect
import json
from typing import Any, cast

from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.core.errors import InputError
from flowloft.core.knowledge import SearchSettings
from flowloft.core.models import DEFAULT_EMBEDDING
from flowloft.core.parser import PARSERS, readable_suffixes
from flowloft.core.splitter import SPLITTERS
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.download import made_answer
from backend.common.objects import object_for, objects_of
from backend.common.pages import Pages
from backend.documents import engine, limits, plans, portable, searching, services, shapes, versions
from backend.documents.documents import allowed_folders
from backend.documents.models import KnowledgeBase, KnowledgeVersion, RetrievalCase, SourceDocument
from backend.documents.preview import preview, preview_file
from backend.documents.states import State
from backend.documents.uploads import BytesParser, body_of


def knowledge_for(user: Any, id: Any) -> KnowledgeBase:
    """Returns a knowledge base of the person's.

    Raises:
        ApiError: 404.
    """
    return object_for(user, KnowledgeBase, id, KnowledgeBase.objects.filter(removed=False))


def _counted(knowledge: KnowledgeBase) -> Any:
    found = services.with_counts(KnowledgeBase.objects.filter(pk=knowledge.pk)).get()
    return shapes.KnowledgeSerializer(found).data


class KnowledgePages(Pages):
    """The last changed first."""

    ordering = ("-updated_at", "-pk")


class KnowledgeBases(generics.ListAPIView[KnowledgeBase]):
    """The person's knowledge bases, and new ones."""

    serializer_class = shapes.KnowledgeSerializer
    pagination_class = KnowledgePages

    def get_queryset(self) -> Any:
        found = services.with_counts(objects_of(self.request.user, KnowledgeBase))
        wanted = self.request.query_params.get("q", "").strip()
        return found.filter(name__icontains=wanted) if wanted else found

    @extend_schema(
        operation_id="knowledge_list",
        parameters=[OpenApiParameter("q", str, description="Part of the name.")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="knowledge_create",
        request=shapes.KnowledgeFormSerializer,
        responses={201: shapes.KnowledgeSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.KnowledgeFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.knowledge_create(owner=request.user, **form.validated_data)
        return Response(_counted(made), status=201)


class KnowledgeDetail(APIView):
    """One knowledge base."""

    @extend_schema(operation_id="knowledge_get", responses=shapes.KnowledgeSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(_counted(knowledge_for(request.user, id)))

    @extend_schema(
        operation_id="knowledge_update",
        request=shapes.KnowledgeFormSerializer(partial=True),
        responses=shapes.KnowledgeSerializer,
    )
    def patch(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.KnowledgeFormSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return Response(_counted(services.knowledge_update(knowledge=knowledge, **form.validated_data)))

    @extend_schema(operation_id="knowledge_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        services.knowledge_delete(knowledge=knowledge_for(request.user, id))
        return Response(status=204)


class KnowledgeRebuild(APIView):
    """Makes the index anew while the present one answers; or gives that up."""

    @extend_schema(operation_id="knowledge_rebuild", request=None, responses=shapes.KnowledgeSerializer)
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        return Response(_counted(services.knowledge_rebuild(knowledge=knowledge)))

    @extend_schema(operation_id="knowledge_rebuild_stop", request=None, responses=shapes.KnowledgeSerializer)
    def delete(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        return Response(_counted(services.knowledge_build_stop(knowledge=knowledge)))


class KnowledgeCheck(APIView):
    """Whether the index holds what the database says."""

    @extend_schema(operation_id="knowledge_check", responses=shapes.CheckSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(engine.check_index(knowledge_for(request.user, id)))


class KnowledgeSearch(APIView):
    """The retrieval test: what is found, by which stage, how fast."""

    @extend_schema(
        operation_id="knowledge_search",
        request=shapes.SearchFormSerializer,
        responses={(200, "application/json"): shapes.component("SearchResult")},
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.SearchFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        settings = plans.checked_search(given["settings"], "settings") if "settings" in given else None
        found = searching.knowledge_search(knowledge=knowledge, query=given["query"], settings=settings)
        return Response(found.model_dump(mode="json"))


class KnowledgePreview(APIView):
    """What a document would be cut into; nothing is saved."""

    @extend_schema(
        operation_id="knowledge_preview",
        request=shapes.PreviewFormSerializer,
        responses=shapes.ChunkPreviewSerializer,
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.PreviewFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        document = None
        if "document" in given:
            there = SourceDocument.objects.select_related("knowledge").filter(knowledge=knowledge)
            there = there.exclude(state=State.REMOVING)
            document = object_for(request.user, SourceDocument, given.pop("document"), there)
        return Response(preview(knowledge=knowledge, document=document, **given))


class KnowledgePreviewFile(APIView):
    """What a file would be cut into, before it is added; nothing is saved."""

    parser_classes = (BytesParser,)

    @extend_schema(
        operation_id="knowledge_preview_file",
        parameters=[
            OpenApiParameter("name", str, required=True, description="What the file is called."),
            OpenApiParameter(
                "groups", str, description="Node groups as JSON, in place of those of the base."
            ),
        ],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=shapes.ChunkPreviewSerializer,
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        name = request.query_params.get("name", "").strip()
        if not name:
            raise InputError("/name: the file needs a name.", extra={"path": "/name"})
        return Response(
            preview_file(
                knowledge=knowledge,
                name=name,
                stream=body_of(request.data),
                groups=_json(request.query_params.get("groups", "")),
            )
        )


def _json(given: str) -> Any:
    try:
        return json.loads(given) if given else None
    except ValueError:
        raise InputError("/groups: this is no JSON.", extra={"path": "/groups"}) from None


class Versions(generics.ListAPIView[KnowledgeVersion]):
    """A base as it was at several times, the last first."""

    serializer_class = shapes.KnowledgeVersionSerializer

    class pagination_class(Pages):  # noqa: N801 - as the framework calls it
        ordering = ("-number", "-pk")

    def get_queryset(self) -> Any:
        return KnowledgeVersion.objects.filter(knowledge=knowledge_for(self.request.user, self.kwargs["id"]))

    @extend_schema(operation_id="knowledge_version_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="knowledge_version_save",
        request=shapes.KnowledgeVersionSerializer,
        responses={200: shapes.KnowledgeVersionSerializer, 201: shapes.KnowledgeVersionSerializer},
    )
    def post(self, request: Request, id: str) -> Response:
        """Keeps the base as it is; answers 200 with the last version where nothing has changed since."""
        knowledge = knowledge_for(request.user, id)
        form = shapes.KnowledgeVersionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made, new = versions.version_save(knowledge=knowledge, note=form.validated_data.get("note", ""))
        return Response(shapes.KnowledgeVersionSerializer(made).data, status=201 if new else 200)


class VersionDetail(APIView):
    """One version."""

    @extend_schema(
        operation_id="knowledge_version_restore", request=None, responses=shapes.KnowledgeVersionSerializer
    )
    def post(self, request: Request, id: str) -> Response:
        """Makes the base what it was; answers with the version that holds what was there before."""
        before = versions.version_restore(version=_version_for(request.user, id))
        return Response(shapes.KnowledgeVersionSerializer(before).data)

    @extend_schema(operation_id="knowledge_version_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        versions.version_delete(version=_version_for(request.user, id))
        return Response(status=204)


def _version_for(user: Any, id: Any) -> KnowledgeVersion:
    there = KnowledgeVersion.objects.select_related("knowledge").filter(knowledge__removed=False)
    return object_for(user, KnowledgeVersion, id, there)


class KnowledgeExport(APIView):
    """A knowledge base as one file: originals, chunks, edits, vectors."""

    @extend_schema(
        operation_id="knowledge_export",
        parameters=[
            OpenApiParameter("vectors", bool, description="Whether vectors go along; by default yes.")
        ],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:
        knowledge = knowledge_for(request.user, id)
        vectors = request.query_params.get("vectors") != "false"
        pieces = portable.knowledge_export_pieces(knowledge=knowledge, vectors=vectors)
        return made_answer(pieces, name=f"{knowledge.name.replace('/', '_')}.knowledge.zip")


class KnowledgeImport(APIView):
    """A knowledge base from a file that an export made."""

    parser_classes = (BytesParser,)

    @extend_schema(
        operation_id="knowledge_import",
        parameters=[OpenApiParameter("name", str, description="In place of the name in the file.")],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: shapes.KnowledgeSerializer},
    )
    def post(self, request: Request) -> Response:
        made = portable.knowledge_import_stream(
            owner=request.user, stream=body_of(request.data), name=request.query_params.get("name", "")
        )
        return Response(_counted(made), status=201)


class Cases(generics.ListAPIView[RetrievalCase]):
    """Questions with the passages that ought to be found."""

    serializer_class = shapes.CaseSerializer

    class pagination_class(Pages):  # noqa: N801 - as the framework calls it
        ordering = ("created_at", "pk")

    def get_queryset(self) -> Any:
        return RetrievalCase.objects.filter(knowledge=knowledge_for(self.request.user, self.kwargs["id"]))

    @extend_schema(operation_id="case_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="case_create", request=shapes.CaseSerializer, responses={201: shapes.CaseSerializer}
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.CaseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with transaction.atomic():
            made = RetrievalCase.objects.create(
                knowledge=knowledge,
                query=form.validated_data["query"],
                expected=[dict(one) for one in form.validated_data["expected"]],
            )
        return Response(shapes.CaseSerializer(made).data, status=201)


class CasesRun(APIView):
    """Asks every kept question and counts what is found."""

    @extend_schema(
        operation_id="case_run",
        request=shapes.CasesRunFormSerializer,
        responses=shapes.CasesRunSerializer,
    )
    def post(self, request: Request, id: str) -> Response:
        knowledge = knowledge_for(request.user, id)
        form = shapes.CasesRunFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data.get("settings")
        settings = plans.checked_search(given, "settings") if given is not None else None
        return Response(searching.cases_run(knowledge=knowledge, settings=settings))


class CaseDetail(APIView):
    """One question."""

    @extend_schema(operation_id="case_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        object_for(request.user, RetrievalCase, id).delete()
        return Response(status=204)


class Options(APIView):
    """What a knowledge base can be set to."""

    @extend_schema(operation_id="knowledge_options", responses=shapes.OptionsSerializer)
    def get(self, request: Request) -> Response:
        owner = bool(cast(Any, request.user).is_owner)
        return Response(
            {
                "parsers": [_plugin(key, member) for key, member in PARSERS.all().items()],
                "splitters": [_plugin(key, member) for key, member in SPLITTERS.all().items()],
                "default_groups": plans.default_groups(),
                "default_embedding": DEFAULT_EMBEDDING,
                "default_search": SearchSettings().model_dump(mode="json"),
                "suffixes": readable_suffixes(),
                "file_bytes": limits.FILE_BYTES,
                "folders": [str(folder) for folder in allowed_folders()] if owner else [],
            }
        )


def _plugin(key: str, member: Any) -> dict[str, Any]:
    about = (inspect.getdoc(member) or "").partition("\n\n")[0].replace("\n", " ")
    return {
        "key": key,
        "title": member.title or key,
        "description": about,
        "suffixes": list(getattr(member, "suffixes", ())),
        "settings_schema": member.model_json_schema(),
    }
