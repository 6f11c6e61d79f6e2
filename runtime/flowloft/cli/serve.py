"""Serves a flow: POST /run in JSON or as events, /openapi.json, and a chat page.

It listens on this machine only, unless told, and asks every caller for a key: that of the variable
FLOWLOFT_KEY, or one that is made and printed. The servers, pages and models that the flow is made of are
started with it. Ctrl+C ends all of it; calls under way may finish.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from flowloft.cli._flows import document_of, load_own_components
from flowloft.codegen.console import SUCCEEDED
from flowloft.modules import FlowModule, ServerModule, TrainableModule, WebModule

KEY = "FLOWLOFT_KEY"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("flow", help="a JSON, YAML or Python file, or template:NAME")
    parser.add_argument("--host", default="127.0.0.1", help="by default 127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="by default a free one")
    parser.add_argument("--name", help="by default the name of the flow's file")
    parser.add_argument(
        "--timeout", type=float, default=1800.0, metavar="SECONDS", help="for one call; by default 1800"
    )
    parser.add_argument(
        "--update", action="store_true", help="first fine-tune the trainable models of the flow"
    )


def run(options: argparse.Namespace) -> int:
    """Serves until it is told to end."""
    load_own_components()
    name = options.name or Path(options.flow.removeprefix("template:")).stem.replace("_", " ").capitalize()
    flow = FlowModule(document_of(options.flow), stream=True, timeout=options.timeout, name=name)
    if options.update:
        flow.update()
    ended = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ended.set())
    with WebModule(flow, host=options.host, port=options.port, key=os.environ.get(KEY), name=name) as server:
        parts = _told_parts(flow)
        told = {"url": server.url, "key": server.key, "page": server.page, "outputs": flow.outputs}
        if options.json:
            print(json.dumps({**told, "parts": parts}), flush=True)
        else:
            print(f"{name}\n  calls  {server.url}\n  key    {server.key}\n  page   {server.page}", flush=True)
            for place, part in parts.items():
                print(
                    f"{place}\n" + "\n".join(f"  {what:5}  {value}" for what, value in part.items()),
                    flush=True,
                )
        ended.wait()
    return SUCCEEDED


def _told_parts(flow: FlowModule) -> dict[str, dict[str, str]]:
    """Returns what is to be known of the services that the flow is made of, by the place of the node."""
    found = {}
    for place, part in flow.parts.items():
        if isinstance(part, ServerModule):
            found[place] = {"calls": part.url, "key": part.key}
        if isinstance(part, WebModule):
            found[place]["page"] = part.page
        if isinstance(part, TrainableModule):
            found[place] = {"model": str(part.weights or part.base_model)}
    return found
