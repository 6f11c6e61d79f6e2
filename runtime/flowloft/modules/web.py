"""A chat page for anything that can be called."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from flowloft.modules.server import ServerModule

_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
_FILES = {"/": "chat.html", "/chat.js": "chat.js", "/chat.css": "chat.css"}


class WebModule(ServerModule):
    """Serves a function, module or flow as :class:`ServerModule` does, and besides as a chat page.

    The page stands on its own: it loads nothing from elsewhere, speaks English and Chinese, follows
    the system's colours, and shows an answer as it comes where what is served yields pieces. A
    parameter called ``history`` is given the conversation so far.

    Example:
        with WebModule(lambda text: f"You said {text}", name="Echo") as web:
            print(web.page)  # open it in a browser
    """

    @property
    def page(self) -> str:
        """Address of the page, with the key behind ``#``, which no browser sends to a server.

        Raises:
            FlowError: ``not_started``.
        """
        address = self.url.removesuffix("run")
        return f"{address}#{self.key}" if self.key else address

    def pages(self) -> dict[str, tuple[str, bytes]]:
        folder = files("flowloft.modules").joinpath("page")
        return {
            path: (_TYPES[name[name.index(".") :]], folder.joinpath(name).read_bytes())
            for path, name in _FILES.items()
        }

    def serving(self) -> Any:
        return super().serving(), "page"
