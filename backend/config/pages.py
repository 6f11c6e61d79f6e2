"""The page itself: built files as they are, and index.html for every address that the page knows."""

from __future__ import annotations

from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe
from whitenoise.middleware import WhiteNoiseMiddleware

from backend.config.middleware import content_policy
from backend.sharing.services import frame_origins

NOT_BUILT = "The page is not built yet. Run `make run` in the checkout, then load this address again."


class FrontendFiles(WhiteNoiseMiddleware):
    """Serves frontend/dist. Names below assets/ carry a hash, so a browser may keep them for good.

    The list of files is read when one may be asked for, and again when the pages were built anew, so that a
    studio under way shows them.
    """

    def __init__(self, get_response: Any = None) -> None:
        super().__init__(get_response)
        self._built = 0
        self._reading = Lock()

    def __call__(self, request: HttpRequest) -> Any:
        if not request.path_info.startswith("/api/"):
            self._read()
        return super().__call__(request)

    def _read(self) -> None:
        index = settings.FRONTEND / "index.html"
        try:
            built = index.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if built == self._built:
            return
        # A page asks for its files all at once: none of them is missed because the first is still reading.
        with self._reading:
            if built != self._built:
                self.files: dict[str, Any] = {}
                self.add_files(str(settings.FRONTEND))
                self._built = built

    def immutable_file_test(self, path: str, url: str) -> bool:
        return url.startswith("/assets/")

    @staticmethod
    def serve(static_file, request):  # type: ignore[no-untyped-def]
        """Reads the file whole: they are small, and ASGI would read a file object in one go anyway."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as stream:
                content = stream.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response


@login_not_required
@require_safe
def page(request: HttpRequest, **_: str) -> HttpResponse:
    """Answers every address outside /api and /ws: the page's own router takes it from there."""
    index = settings.FRONTEND / "index.html"
    if not index.is_file():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(index.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@login_not_required
@xframe_options_exempt
@require_safe
def framed(request: HttpRequest, code: str) -> HttpResponse:
    """Answers with the chat of a link as other sites show it in a frame: those that its owner named."""
    response = page(request)
    origins = frame_origins(code=code)
    if origins:
        response["Content-Security-Policy"] = content_policy(frames=origins)
    return response
