"""Links of flows over REST: what their owner does with them, and what a visitor may."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from backend.chat.api import OldestMessages
from backend.chat.feedback import feedback_give
from backend.chat.models import Feedback, Message
from backend.chat.serializers import FeedbackSerializer, MessageSerializer
from backend.common.objects import object_for, objects_of
from backend.common.uploads import upload_of
from backend.files.api import FileParser, FileSerializer, content_answer
from backend.files.services import as_value
from backend.flows.models import Flow
from backend.sharing import services, shapes
from backend.sharing.keys import flow_key_create
from backend.sharing.models import FlowKey


class FlowShare(APIView):
    """The link of a flow."""

    @extend_schema(operation_id="share_get", responses=shapes.LinkSerializer)
    def get(self, request: Request, flow_id: UUID) -> Response:
        share = services.share_of(flow=object_for(request.user, Flow, flow_id))
        return Response(shapes.LinkSerializer(share).data)

    @extend_schema(
        operation_id="share_change", request=shapes.LinkSerializer, responses=shapes.LinkSerializer
    )
    def patch(self, request: Request, flow_id: UUID) -> Response:
        """Opens or closes it, or says which sites may show the chat in a frame."""
        flow = object_for(request.user, Flow, flow_id)
        given = shapes.LinkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        share = services.share_change(flow=flow, **given.validated_data)
        return Response(shapes.LinkSerializer(share).data)

    @extend_schema(operation_id="share_renew", request=None, responses=shapes.LinkSerializer)
    def post(self, request: Request, flow_id: UUID) -> Response:
        """Makes another link; the old one leads nowhere from then on."""
        share = services.share_renew(flow=object_for(request.user, Flow, flow_id))
        return Response(shapes.LinkSerializer(share).data)


class FlowKeys(APIView):
    """The keys by which programs call this flow as a tool, and new ones."""

    @extend_schema(operation_id="flow_keys", responses=shapes.FlowKeySerializer(many=True))
    def get(self, request: Request, flow_id: UUID) -> Response:
        keys = object_for(request.user, Flow, flow_id).keys.all()
        return Response(shapes.FlowKeySerializer(keys, many=True).data)

    @extend_schema(
        operation_id="flow_key_create",
        request=shapes.NewFlowKeySerializer,
        responses={201: shapes.NewFlowKeySerializer},
    )
    def post(self, request: Request, flow_id: UUID) -> Response:
        flow = object_for(request.user, Flow, flow_id)
        given = shapes.NewFlowKeySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made, text = flow_key_create(flow=flow, name=given.validated_data["name"])
        return Response(shapes.FlowKeySerializer(made).data | {"token": text}, status=201)


class OneFlowKey(APIView):
    """One key of a flow."""

    @extend_schema(operation_id="flow_key_delete", responses={204: None})
    def delete(self, request: Request, flow_id: UUID, key_id: UUID) -> Response:
        keys = objects_of(request.user, FlowKey).filter(flow=flow_id)
        object_for(request.user, FlowKey, key_id, keys).delete()
        return Response(status=204)


class Visitors(SimpleRateThrottle):
    """How often one address may say something by one link."""

    scope = "visitors"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        ident = f"{view.kwargs['code']}.{self.get_ident(request)}"
        return self.cache_format % {"scope": self.scope, "ident": ident}


class _Open(APIView):
    """For everybody who has the link. Nobody is signed in here, so a session of the studio means nothing."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (Visitors,)


class SharedFlow(_Open):
    """What a link leads to."""

    @extend_schema(operation_id="shared_flow", responses=shapes.SharedFlowSerializer)
    def get(self, request: Request, code: str) -> Response:
        share = services.share_open(code=code)
        found = {
            "name": share.flow.name,
            "description": share.flow.description,
            "document": services.share_document(share=share),
        }
        return Response(shapes.SharedFlowSerializer(found).data)


class Visits(_Open):
    """Chats of visitors."""

    @extend_schema(operation_id="visit_begin", request=None, responses={201: shapes.VisitSerializer})
    def post(self, request: Request, code: str) -> Response:
        session = services.visit_begin(share=services.share_open(code=code))
        return Response(shapes.VisitSerializer(session).data, status=201)


class OneVisit(_Open):
    """A chat of a visitor."""

    @extend_schema(operation_id="visit_get", responses=shapes.VisitSerializer)
    def get(self, request: Request, code: str, session_id: UUID) -> Response:
        session = services.visit_session(code=code, session_id=session_id)
        return Response(shapes.VisitSerializer(session).data)

    @extend_schema(
        operation_id="visit_show", request=shapes.VisitSerializer, responses=shapes.VisitSerializer
    )
    def patch(self, request: Request, code: str, session_id: UUID) -> Response:
        """Shows another branch of it."""
        session = services.visit_session(code=code, session_id=session_id)
        given = shapes.VisitSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        shown = services.visit_show(session=session, head=given.validated_data["head_id"])
        return Response(shapes.VisitSerializer(shown).data)


class VisitMessages(_Open, generics.ListAPIView[Message]):
    """What was said in a visitor's chat, the oldest first."""

    serializer_class = MessageSerializer
    pagination_class = OldestMessages

    @extend_schema(operation_id="visit_messages")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="visit_say",
        request=shapes.VisitSaySerializer,
        responses={201: MessageSerializer},
    )
    def post(self, request: Request, code: str, session_id: UUID) -> Response:
        session = services.visit_session(code=code, session_id=session_id)
        given = shapes.VisitSaySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        message, _ = services.visit_say(session=session, **given.validated_data)
        return Response(MessageSerializer(message).data, status=201)

    def get_queryset(self) -> QuerySet[Message]:
        session = services.visit_session(code=self.kwargs["code"], session_id=self.kwargs["session_id"])
        return session.messages.select_related("feedback")


class StopVisit(_Open):
    """Stops an answer."""

    @extend_schema(operation_id="visit_stop", request=None, responses={204: None})
    def post(self, request: Request, code: str, session_id: UUID, run_id: UUID) -> Response:
        session = services.visit_session(code=code, session_id=session_id)
        services.visit_stop(session=session, run_id=run_id)
        return Response(status=204)


class VisitFiles(_Open):
    """What visitors attach to what they say."""

    parser_classes = (FileParser,)

    @extend_schema(
        operation_id="visit_attach",
        parameters=[OpenApiParameter("name", str, required=True, description="With its ending.")],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: FileSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        share = services.share_open(code=code)
        services.visit_files_check(share=share)
        with upload_of(request) as place:
            name = request.query_params.get("name", "")
            file = services.visit_file_add(share=share, place=place, name=name)
        return Response(as_value(file), status=201)


class OneVisitFile(_Open):
    """What a visitor attached."""

    @extend_schema(
        operation_id="visit_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, code: str, file_id: UUID) -> HttpResponseBase:
        return content_answer(request, services.visit_file(code=code, file_id=file_id))


class VisitFeedback(_Open):
    """What a visitor thinks of an answer; it is kept beside what the owner thinks of others."""

    @extend_schema(operation_id="visit_rate", request=FeedbackSerializer, responses=FeedbackSerializer)
    def put(self, request: Request, code: str, message_id: UUID) -> Response:
        message = services.visit_message(code=code, message_id=message_id)
        given = FeedbackSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        kept = feedback_give(message=message, **given.validated_data)
        return Response(FeedbackSerializer(kept).data)

    @extend_schema(operation_id="visit_rate_take_back", responses={204: None})
    def delete(self, request: Request, code: str, message_id: UUID) -> Response:
        message = services.visit_message(code=code, message_id=message_id)
        Feedback.objects.filter(message=message).delete()
        return Response(status=204)
