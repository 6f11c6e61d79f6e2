"""A project with a Dockerfile that starts it as a service."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from flowloft.bundle.project import COMPONENTS, ProjectFlow, Written, write_project
from flowloft.bundle.tree import Tree

PORT = 8000
USER = 10001
"""No name of the host has this number, so the container's user is nobody outside."""


def write_context(tree: Tree, flows: Sequence[ProjectFlow], *, components: bool = False) -> Written:
    """Fills a tree with a Docker context; as :func:`write_project`. The first flow is what is served."""
    written = write_project(tree, flows, components=components)
    served = written.modules[0].removesuffix(".py") + ".json"
    tree.add("Dockerfile", _dockerfile(served, components=components))
    tree.add(".dockerignore", ".venv\n__pycache__\n*.pyc\n.git\n.env\n")
    return written


def _dockerfile(served: str, *, components: bool) -> str:
    own = f"ENV FLOWLOFT_COMPONENTS=/app/{COMPONENTS}\n" if components else ""
    # The version that the studio runs on, which the flows are known to work with.
    version = ".".join(platform.python_version_tuple()[:2])
    return f"""# docker build -t my-flow . && docker run -p {PORT}:{PORT} -e FLOWLOFT_KEY=... my-flow
FROM python:{version}-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 HOME=/home/app
RUN useradd --uid {USER} --create-home app
WORKDIR /app
{own}
COPY wheels/ wheels/
COPY requirements.txt ./
RUN pip install --no-cache-dir --no-deps -r requirements.txt

COPY . .
USER {USER}
EXPOSE {PORT}
CMD ["flowloft", "serve", "{served}", "--host", "0.0.0.0", "--port", "{PORT}"]
"""
