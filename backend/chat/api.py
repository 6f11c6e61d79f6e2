"""Chats over REST."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.chat import services
from backend.chat.models import Message, Session
from backend.chat.serializers import (
    MessageSerializer,
    SaidSerializer,
    SaySerializer,
    SessionSerializer,
)
from backend.common.objects import object_for, objects_of
from backend.common.pages import Pages
from backend.flows.models import Flow


class NewestChats(Pages):
    ordering = ("-updated_at", "-pk")


class OldestMessages(Pages):
    page_size = 200
    ordering = ("created_at", "pk")


class FlowSessions(generics.ListAPIView[Session]):
    """The chats of a person with a flow, the newest first."""

    serializer_class = SessionSerializer
    pagination_class = NewestChats

    @extend_schema(operation_id="sessions_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="session_create", responses={201: SessionSerializer})
    def post(self, request: Request, flow_id: UUID) -> Response:
        given = SessionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        flow = object_for(request.user, Flow, flow_id)
        made = services.session_create(owner=request.user, flow=flow, **given.validated_data)
        return Response(SessionSerializer(made).data, status=201)

    def get_queryset(self) -> QuerySet[Session]:
        flow = object_for(self.request.user, Flow, self.kwargs["flow_id"])
        return objects_of(self.request.user, Session).filter(flow=flow)


class OneSession(APIView):
    """One chat."""

    @extend_schema(operation_id="session_get", responses=SessionSerializer)
    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(SessionSerializer(object_for(request.user, Session, session_id)).data)

    @extend_schema(operation_id="session_rename", request=SessionSerializer, responses=SessionSerializer)
    def patch(self, request: Request, session_id: UUID) -> Response:
        session = object_for(request.user, Session, session_id)
        given = SessionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        title = given.validated_data.get("title", session.title)
        return Response(SessionSerializer(services.session_rename(session=session, title=title)).data)

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
        return object_for(self.request.user, Session, self.kwargs["session_id"]).messages.all()
