"""Runs over REST."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of
from backend.compute.shapes import JobPreviewSerializer
from backend.flows.models import Flow
from backend.runs import services
from backend.runs.comparison import runs_compare
from backend.runs.journal import step_outputs
from backend.runs.log import lines_after
from backend.runs.models import Question, Run
from backend.runs.questions import question_answer
from backend.runs.serializers import (
    AnswerSerializer,
    ComparisonSerializer,
    DocumentSerializer,
    QuestionSerializer,
    RunSerializer,
    ShareSerializer,
    StartedSerializer,
    StartSerializer,
    WholeRunSerializer,
)
from backend.runs.states import Status
from backend.runs.tail import ended, server_sent

MAX_WAIT = 300
"""Seconds that one request may wait for the end of a run."""
EVENTS_A_PAGE = 1_000
MAX_WORDS = 8
"""Words of a search; further ones are not looked at."""
_WAITING = BoundedSemaphore(32)
"""Each that waits holds a thread of the web process; who finds no place is answered at once, as a
server may that does not honour a preference."""

_EVENTS = {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])")


def _whole(user: Any, run_id: UUID) -> dict[str, Any]:
    run = Run.objects.select_related("detail", "flow", "owner").get(id=run_id)
    return dict(WholeRunSerializer(run, context={"user": user}).data)


class FlowRuns(APIView):
    """Starts runs of a flow."""

    @extend_schema(
        operation_id="run_start",
        request=StartSerializer,
        responses={201: StartedSerializer},
        parameters=[
            OpenApiParameter(
                "Prefer", str, "header", description="`wait=<seconds>` waits for the end and answers with it."
            )
        ],
    )
    def post(self, request: Request, flow_id: UUID) -> Response:
        flow = object_for(request.user, Flow, flow_id)
        given = StartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        run = services.run_start(owner=request.user, flow=flow, strict=True, **given.validated_data)
        wait = _WAIT.search(request.headers.get("Prefer", ""))
        if wait is None:
            return Response(StartedSerializer(run).data, status=201)
        seconds = min(int(wait[1]), MAX_WAIT)
        if not _WAITING.acquire(blocking=False):
            return Response(StartedSerializer(run).data, status=201)
        try:
            async_to_sync(ended)(run.id, seconds)
        finally:
            _WAITING.release()
        return Response(
            _whole(request.user, run.id), status=201, headers={"Preference-Applied": f"wait={seconds}"}
        )


class PreviewRun(APIView):
    """What a run would submit to its backend; nothing is started and nothing saved."""

    @extend_schema(operation_id="run_preview", request=StartSerializer, responses=JobPreviewSerializer)
    def post(self, request: Request, flow_id: UUID) -> Response:
        flow = object_for(request.user, Flow, flow_id)
        given = StartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        preview = services.run_preview(owner=request.user, flow=flow, given=given.validated_data)
        return Response(asdict(preview))


class Runs(generics.ListAPIView[Run]):
    """A person's runs, newest first."""

    serializer_class = RunSerializer

    @extend_schema(
        operation_id="runs_list",
        parameters=[
            OpenApiParameter("flow", UUID, description="Only runs of this flow."),
            OpenApiParameter("status", str, enum=Status.values, many=True, description="Only those."),
            OpenApiParameter("version", str, description="`draft` or a number."),
            OpenApiParameter("origin", str, description="`editor`, `chat`, `api`, ..."),
            OpenApiParameter("from_run", UUID, description="Only runs that took results from this one."),
            OpenApiParameter("after", datetime, description="Started at or after this time."),
            OpenApiParameter("before", datetime, description="Started before this time."),
            OpenApiParameter(
                "q", str, description="Words that all stand in the flow's name, the inputs or the outputs."
            ),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Run]:
        runs = objects_of(self.request.user, Run).select_related("flow").defer("outputs")
        asked = self.request.query_params
        for name in ("version", "origin"):
            if name in asked:
                runs = runs.filter(**{name: asked[name]})
        for name, lookup in (("after", "created_at__gte"), ("before", "created_at__lt")):
            if name in asked:
                runs = runs.filter(**{lookup: _instant(name, asked[name])})
        if "from_run" in asked:
            runs = runs.filter(parent=object_for(self.request.user, Run, asked["from_run"]))
        for word in asked.get("q", "").split()[:MAX_WORDS]:
            runs = runs.filter(Q(summary__contains=word.casefold()) | Q(flow__name__icontains=word))
        if "flow" in asked:
            runs = runs.filter(flow=object_for(self.request.user, Flow, asked["flow"]))
        if "status" in asked:
            runs = runs.filter(status__in=[_status(value) for value in asked.getlist("status")])
        return runs


def _instant(name: str, value: str) -> datetime:
    try:
        found = parse_datetime(value)
        if found is not None:
            # As UTC, because PostgreSQL refuses a zone that is sixteen hours away.
            found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise ApiError(
            400,
            "invalid_input",
            f"“{value}” is no time.",
            "Write it as in ISO 8601, for instance 2026-01-31T09:00:00Z.",
            path=f"/{name}",
        )
    return found


def _status(value: str) -> str:
    if value not in Status.values:
        raise ApiError(
            400,
            "invalid_input",
            f"“{value}” is no status of a run.",
            f"There are: {', '.join(Status.values)}.",
            path="/status",
        )
    return value


class OneRun(APIView):
    """One run."""

    @extend_schema(operation_id="run_get", responses=WholeRunSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        return Response(_whole(request.user, object_for(request.user, Run, run_id, look=True).id))

    @extend_schema(operation_id="run_share", request=ShareSerializer, responses=WholeRunSerializer)
    def patch(self, request: Request, run_id: UUID) -> Response:
        """Lets everybody with an account here look at the run, or only its owner again."""
        run = object_for(request.user, Run, run_id)
        given = ShareSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        services.run_share(run=run, **given.validated_data)
        return Response(_whole(request.user, run.id))


class RunDocument(APIView):
    """The flow as it was when it ran."""

    @extend_schema(operation_id="run_document", responses=DocumentSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        return Response({"document": object_for(request.user, Run, run_id, look=True).snapshot.document})


class CancelRun(APIView):
    """Asks a run to stop; on one that is over it changes nothing."""

    @extend_schema(operation_id="run_cancel", request=None, responses=RunSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        run = services.run_cancel(run=object_for(request.user, Run, run_id))
        return Response(RunSerializer(run).data)


class RunAnswers(generics.ListAPIView[Question]):
    """What a run asks people, and the answers."""

    serializer_class = QuestionSerializer

    @extend_schema(operation_id="run_questions")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Question]:
        run = object_for(self.request.user, Run, self.kwargs["run_id"], look=True)
        return Question.objects.filter(run=run)

    @extend_schema(operation_id="run_answer", request=AnswerSerializer, responses=QuestionSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        """Answers a question and takes the run up again. The same answer twice is the same as once; another
        one is a 409."""
        run = object_for(request.user, Run, run_id)
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        question = question_answer(run=run, by=request.user, **given.validated_data)
        return Response(QuestionSerializer(question).data)


class CompareRuns(APIView):
    """Two runs side by side."""

    @extend_schema(operation_id="run_compare", responses=ComparisonSerializer)
    def get(self, request: Request, run_id: UUID, other_id: UUID) -> Response:
        both = Run.objects.select_related("detail", "snapshot")
        left, right = (object_for(request.user, Run, one, both, look=True) for one in (run_id, other_id))
        return Response(runs_compare(left=left, right=right))


class StepValues(APIView):
    """What a step gave, whole: events show long values by their beginning only."""

    @extend_schema(
        operation_id="run_step_outputs",
        responses=DocumentSerializer,
        parameters=[OpenApiParameter("step", str, required=True, description="Key of the step.")],
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        run = object_for(request.user, Run, run_id, look=True)
        outputs = step_outputs(run_id=run.id, key=request.query_params.get("step", ""))
        if outputs is None:
            raise ApiError(
                404,
                "value_not_kept",
                "The run does not have this value whole.",
                "It is larger than what is kept, or the step has not finished.",
            )
        return Response({"document": outputs})


class EventStream(BaseRenderer):
    """Lets clients ask for server-sent events; the stream itself needs no rendering."""

    media_type = "text/event-stream"
    format = "sse"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return json.dumps(data).encode()


class RunEvents(APIView):
    """The events of a run behind ``after``: as a list, or as a stream that ends with the run."""

    renderer_classes = (JSONRenderer, EventStream)

    @extend_schema(
        operation_id="run_events",
        parameters=[OpenApiParameter("after", int, description="The last `seq` that is known already.")],
        responses={(200, "application/json"): _EVENTS, (200, "text/event-stream"): str},
    )
    def get(self, request: Request, run_id: UUID) -> HttpResponseBase:
        run = object_for(request.user, Run, run_id, look=True)
        after = _after(request.query_params.get("after") or request.headers.get("Last-Event-ID") or "0")
        if isinstance(request.accepted_renderer, EventStream):
            stream = server_sent(run.id, after)
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            return StreamingHttpResponse(stream, content_type="text/event-stream", headers=headers)
        page = lines_after(run_id=run.id, after=after, limit=EVENTS_A_PAGE)
        return Response(json.loads(page.text) if page else [])


def _after(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ApiError(
            400,
            "invalid_input",
            "“after” is no sequence number.",
            "Send the seq of an event, or 0.",
            path="/after",
        )
    return int(text)
