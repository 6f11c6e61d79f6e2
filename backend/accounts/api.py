"""Signing in and out, claiming the studio, access tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from backend.accounts import services
from backend.accounts.authentication import asker
from backend.accounts.models import AccessToken, User
from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of


class UserSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    username = serializers.CharField()
    is_owner = serializers.BooleanField()
    language = serializers.CharField(allow_blank=True)


class SignedInSerializer(serializers.Serializer[Any]):
    user = UserSerializer(allow_null=True)
    needs_owner = serializers.BooleanField()
    csrf_token = serializers.CharField()


class SignInSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=60)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class ClaimSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=200)
    username = serializers.RegexField(r"^[\w.@+-]+$", max_length=60)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)
    language = serializers.ChoiceField(choices=["en", "zh"], required=False)


class TokenSerializer(serializers.ModelSerializer[AccessToken]):
    class Meta:
        model = AccessToken
        fields = ("id", "name", "start", "created_at", "last_used_at")
        read_only_fields = ("id", "start", "created_at", "last_used_at")


class NewTokenSerializer(TokenSerializer):
    token = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")  # type: ignore[assignment]


def _session(request: Request) -> dict[str, Any]:
    user = request.user
    return {
        "user": services.describe(user) if user.is_authenticated else None,
        "needs_owner": services.needs_owner(),
        "csrf_token": get_token(request._request),
    }


class Session(APIView):
    """Who is signed in; signing in and out."""

    permission_classes = (AllowAny,)
    throttle_scope = "sign_in"

    def get_throttles(self) -> list[Any]:
        return [ScopedRateThrottle()] if self.request.method == "POST" else []

    @extend_schema(operation_id="signed_in", responses=SignedInSerializer)
    def get(self, request: Request) -> Response:
        return Response(_session(request))

    @extend_schema(operation_id="sign_in", request=SignInSerializer, responses=SignedInSerializer)
    def post(self, request: Request) -> Response:
        form = SignInSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = authenticate(request._request, **form.validated_data)
        if user is None:
            raise ApiError(400, "wrong_password", "Name or password is wrong.", "Check both and try again.")
        login(request._request, user)
        request.user = user
        return Response(_session(request))

    @extend_schema(operation_id="sign_out", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


class Claim(APIView):
    """Makes the first owner, by the one-time link that the terminal shows."""

    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "sign_in"

    @extend_schema(operation_id="claim", request=ClaimSerializer, responses={201: SignedInSerializer})
    def post(self, request: Request) -> Response:
        form = ClaimSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user: User = services.owner_claim(**form.validated_data)
        login(request._request, user, backend="django.contrib.auth.backends.ModelBackend")
        request.user = user
        return Response(_session(request), status=201)


class Tokens(generics.ListCreateAPIView[AccessToken]):
    """The access tokens of the person, and new ones."""

    def get_queryset(self) -> Any:
        return objects_of(self.request.user, AccessToken)

    def get_serializer_class(self) -> Any:
        return NewTokenSerializer if self.request.method == "POST" else TokenSerializer

    @extend_schema(operation_id="token_create", responses={201: NewTokenSerializer})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        form = NewTokenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made, text = services.token_create(owner=asker(request), name=form.validated_data["name"])
        return Response(TokenSerializer(made).data | {"token": text}, status=201)


class TokenDetail(APIView):
    """One access token."""

    @extend_schema(operation_id="token_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        object_for(request.user, AccessToken, id).delete()
        return Response(status=204)
