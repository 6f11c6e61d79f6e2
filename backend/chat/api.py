"""Chats over REST."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.chat import feedback, services
from backend.chat.conversation import FORMATS, conversation_write
from backend.chat.models import Feedback, Message, Session
from backend.chat.serializers import (
    DatasetOfFeedbackSerializer,
    FeedbackSerializer,
    MessageSerializer,
    RatedSerializer,
    SaidSerializer,
    SaySerializer,
    SessionSerializer,
)
from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of
from backend.common.pages import Pages
from backend.datasets.shapes import DatasetSerializer
from backend.flows.models import Flow

MAX_WORDS = 8
"""Words of a search; further ones are not looked at."""


class NewestChats(Pages):
    ordering = ("-updated_at", "-pk")


class NewestFeedback(Pages):
    ordering = ("-updated_at", "-pk")


class OldestMessages(Pages):
    page_size = 200
    ordering = ("created_at", "pk")


class FlowSessions(generics.ListAPIView[Session]):
    """The chats of a person with a flow, the newest first."""

    serializer_class = SessionSerializer
    pagination_class = NewestChats

    @extend_schema(
        operation_id="sessions_list",
        parameters=[
            OpenApiParameter("q", str, description="Words that stand in the title or in what was said.")
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="session_create", responses={201: SessionSerializer})
    def post(self, request: Request, flow_id: UUID) -> Response:
        flow = object_for(request.user, Flow, flow_id)
        given = SessionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        # A new chat has no messages yet, so there is no branch of it to show.
        title = given.validated_data.get("title", "")
        made = services.session_create(owner=request.user, flow=flow, title=title)
        return Response(SessionSerializer(made).data, status=201)

    def get_queryset(self) -> QuerySet[Session]:
        flow = object_for(self.request.user, Flow, self.kwargs["flow_id"])
        found = objects_of(self.request.user, Session).filter(flow=flow, visitor=False)
        for word in self.request.query_params.get("q", "").split()[:MAX_WORDS]:
            said = Message.objects.filter(words__contains=word.casefold())
            found = found.filter(Q(title__icontains=word) | Q(pk__in=said.values("session_id")))
        return found


class OneSession(APIView):
    """One chat."""

    @extend_schema(operation_id="session_get", responses=SessionSerializer)
    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(SessionSerializer(object_for(request.user, Session, session_id)).data)

    @extend_schema(operation_id="session_change", request=SessionSerializer, responses=SessionSerializer)
    def patch(self, request: Request, session_id: UUID) -> Response:
        """Gives it another title, or shows another branch of it."""
        session = object_for(request.user, Session, session_id)
        given = SessionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        title, head = given.validated_data.get("title"), given.validated_data.get("head_id")
        return Response(
            SessionSerializer(services.session_change(session=session, title=title, head=head)).data
        )

    @extend_schema(operation_id="session_delete", responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        services.session_delete(session=object_for(request.user, Session, session_id))
        return Response(status=204)


class SessionMessages(generics.ListAPIView[Message]):
    """What was said in a chat, the oldest first."""

    serializer_class = MessageSerializer
    pagination_class = OldestMessages

    @extend_schema(operation_id="messages_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="message_send", request=SaySerializer, responses={201: SaidSerializer})
    def post(self, request: Request, session_id: UUID) -> Response:
        session = object_for(request.user, Session, session_id)
        given = SaySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        message, run = services.message_send(session=session, **given.validated_data)
        return Response(SaidSerializer({"message": message, "run": run}).data, status=201)

    def get_queryset(self) -> QuerySet[Message]:
        session = object_for(self.request.user, Session, self.kwargs["session_id"])
        return session.messages.select_related("feedback")


class SessionExport(APIView):
    """A conversation as a file: the branch in view."""

    @extend_schema(
        operation_id="session_export",
        parameters=[OpenApiParameter("as", str, enum=FORMATS, description="`markdown` by default.")],
        responses={(200, "text/markdown"): OpenApiTypes.STR},
    )
    def get(self, request: Request, session_id: UUID) -> HttpResponse:
        session = object_for(request.user, Session, session_id, Session.objects.select_related("head"))
        wanted = request.query_params.get("as", "markdown")
        if wanted not in FORMATS:
            raise ApiError(
                400,
                "invalid_input",
                f"“{wanted}” is no format.",
                f"There are: {', '.join(FORMATS)}.",
                path="/as",
            )
        text, ending = conversation_write(session=session, format=wanted)
        name = f"{session.title or 'chat'}.{ending}"
        return HttpResponse(
            text,
            content_type=f"{'application/json' if ending == 'json' else 'text/markdown'}; charset=utf-8",
            headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"},
        )


class MessageFeedback(APIView):
    """What a person thinks of an answer."""

    @extend_schema(operation_id="feedback_give", request=FeedbackSerializer, responses=FeedbackSerializer)
    def put(self, request: Request, message_id: UUID) -> Response:
        message = object_for(request.user, Message, message_id)
        given = FeedbackSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        kept = feedback.feedback_give(message=message, **given.validated_data)
        return Response(FeedbackSerializer(kept).data)

    @extend_schema(operation_id="feedback_take_back", responses={204: None})
    def delete(self, request: Request, message_id: UUID) -> Response:
        Feedback.objects.filter(message=object_for(request.user, Message, message_id)).delete()
        return Response(status=204)


class FlowFeedback(generics.ListAPIView[Feedback]):
    """What was thought of a flow's answers, the newest first: question, answer, correction."""

    serializer_class = RatedSerializer
    pagination_class = NewestFeedback

    @extend_schema(
        operation_id="feedback_list",
        parameters=[OpenApiParameter("rating", str, enum=Feedback.Rating.values, description="Only those.")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Feedback]:
        flow = object_for(self.request.user, Flow, self.kwargs["flow_id"])
        found = feedback.feedback_of(flow=flow, user=self.request.user)
        rating = self.request.query_params.get("rating")
        return found.filter(rating=rating) if rating else found


class FeedbackDataset(APIView):
    """Makes examples to learn from of liked and corrected answers."""

    @extend_schema(
        operation_id="feedback_dataset",
        request=DatasetOfFeedbackSerializer,
        responses={201: DatasetSerializer},
    )
    def post(self, request: Request, flow_id: UUID) -> Response:
        flow = object_for(request.user, Flow, flow_id)
        given = DatasetOfFeedbackSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        version = feedback.dataset_of_feedback(flow=flow, user=request.user, **given.validated_data)
        return Response(DatasetSerializer(version.dataset).data, status=201)
