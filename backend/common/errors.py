"""The one error shape of the API, ``{code, message, hint, extra}``, and who makes it."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelInvalid
from django.http import Http404, HttpRequest, JsonResponse
from flowloft.core.errors import (
    BackendError,
    FlowError,
    FlowloftError,
    InputError,
    NoFit,
    ProviderError,
    StepTimeout,
)
from pydantic import ValidationError as SpecInvalid
from rest_framework import exceptions
from rest_framework.response import Response

logger = logging.getLogger(__name__)

STATUS: dict[type[FlowloftError], int] = {
    InputError: 400,
    FlowError: 422,
    NoFit: 422,
    ProviderError: 502,
    BackendError: 502,
    StepTimeout: 504,
}


class ApiError(FlowloftError):
    """An error with an HTTP status of its own, for what the runtime has no word for."""

    def __init__(self, status: int, code: str, message: str, hint: str = "", **extra: Any) -> None:
        super().__init__(message, code=code, hint=hint, extra=extra)
        self.status = status


def not_found() -> ApiError:
    """The same answer for what is not there and for what is somebody else's."""
    return ApiError(
        404, "not_found", "There is nothing here.", "Check the address; it may have been deleted."
    )


def pointer(parts: tuple[Any, ...] | list[Any]) -> str:
    """Returns a JSON pointer, for instance ``/graph/nodes/a``."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _body(code: str, message: str, hint: str = "", extra: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "hint": hint, "extra": extra or {}}


def _fields(detail: Any, at: tuple[Any, ...] = ()) -> list[dict[str, str]]:
    """Flattens the nested messages of the serializers to a list of path and message."""
    if isinstance(detail, dict):
        return [
            found
            for key, value in detail.items()
            for found in _fields(value, at if key == "non_field_errors" else (*at, key))
        ]
    if isinstance(detail, list):
        nested = [
            found
            for index, value in enumerate(detail)
            if isinstance(value, dict | list)
            for found in _fields(value, (*at, index))
        ]
        plain = [{"path": pointer(at), "message": str(value)} for value in detail if isinstance(value, str)]
        return nested + plain
    return [{"path": pointer(at), "message": str(detail)}]


def _invalid(problems: list[dict[str, str]]) -> dict[str, Any]:
    first = problems[0] if problems else {"path": "", "message": "The input does not fit."}
    where = first["path"] or "the body"
    extra = {"path": first["path"], "problems": problems[:50]}
    return _body(
        "invalid_input", f"{where}: {first['message']}", "Correct the named place and send again.", extra
    )


def spec_problems(error: SpecInvalid, at: tuple[Any, ...] = ()) -> list[dict[str, str]]:
    """Returns pydantic's remarks as path and message, without the input they are about."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [{"path": pointer([*at, *item["loc"]]), "message": item["msg"]} for item in found]


_NAMED = {
    401: ("not_signed_in", "Nobody is signed in.", "Sign in, or send an access token."),
    403: ("forbidden", "This is not allowed.", ""),
    405: ("method_not_allowed", "This address does not take that method.", ""),
    406: (
        "not_acceptable",
        "This address cannot answer in the format asked for.",
        "Ask for application/json.",
    ),
    415: ("unsupported_media_type", "The body is of a type that is not read here.", "Send application/json."),
    429: ("too_many_requests", "That was too often.", "Wait a moment and try again."),
}


def _from_rest(error: exceptions.APIException) -> tuple[int, dict[str, Any]]:
    if isinstance(error, exceptions.ValidationError):
        return 400, _invalid(_fields(error.detail))
    if isinstance(error, exceptions.NotFound):
        return 404, not_found().payload()
    if isinstance(error, exceptions.ParseError):
        return 400, _body("invalid_json", str(error.detail), "Send valid JSON.")
    status = error.status_code
    code, message, hint = _NAMED.get(status, ("refused", str(error.detail), ""))
    detail = str(error.detail)
    if status == 403 and detail.startswith("CSRF"):
        return status, _body("csrf_failed", detail, "Send the X-CSRFToken header with the cookie's value.")
    return status, _body(code, message, hint, {"detail": detail})


def describe(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Returns status and body of an error that somebody can act on, None for a bug."""
    if isinstance(error, ApiError):
        return error.status, error.payload()
    if isinstance(error, FlowloftError):
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
        return status, error.payload()
    if isinstance(error, Http404):
        return 404, not_found().payload()
    if isinstance(error, PermissionDenied):
        return 403, _body(*_NAMED[403])
    if isinstance(error, exceptions.APIException):
        return _from_rest(error)
    if isinstance(error, SpecInvalid):
        return 400, _invalid(spec_problems(error))
    if isinstance(error, ModelInvalid):
        return 400, _invalid([{"path": "", "message": text} for text in error.messages])
    return None


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The REST framework's one exception hook."""
    found = describe(error)
    if found is None:
        return None
    status, body = found
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return Response(body, status=status, headers=headers)


def page_not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    """What Django answers when no address matches."""
    return JsonResponse(not_found().payload(), status=404)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """What Django answers to a request that it will not read, such as one for an unknown host."""
    return JsonResponse(_body("bad_request", "The request is not valid."), status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> JsonResponse:
    """What Django answers when the cross-site check fails outside the REST framework."""
    return JsonResponse(_body("csrf_failed", reason, "Send the X-CSRFToken header."), status=403)


def server_error(request: HttpRequest) -> JsonResponse:
    """What Django answers to a bug. The id finds the traceback in the log."""
    incident = uuid.uuid4().hex[:12]
    logger.error("Bug %s at %s %s", incident, request.method, request.path)
    body = _body(
        "internal_error",
        f"Something went wrong in the studio (id {incident}).",
        "Try again; if it stays, report it with the id.",
        {"id": incident},
    )
    return JsonResponse(body, status=500)
