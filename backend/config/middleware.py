"""What every request and answer has to keep to."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

Next = Callable[[HttpRequest], HttpResponse]

# Styles stand inline in the page's own component library; scripts never do.
CONTENT_POLICY = [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
]
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def content_policy(frames: list[str] | None = None) -> str:
    """Returns what the page may load, and which sites may show it in a frame: none unless they are named."""
    ancestors = " ".join(frames) if frames else "'none'"
    return "; ".join([*CONTENT_POLICY, f"frame-ancestors {ancestors}"])


def plain_requests(next_: Next) -> Next:
    """Refuses a NUL in address or query before it reaches a database that cannot hold one."""

    def answer(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return JsonResponse(
                {"code": "invalid_text", "message": "The address holds a NUL.", "hint": "", "extra": {}},
                status=400,
            )
        return next_(request)

    return answer


def strict_content(next_: Next) -> Next:
    """Tells the browser to run and load nothing but the studio's own files."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = next_(request)
        response.headers.setdefault("Content-Security-Policy", content_policy())
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
