"""What a person and a program feel of the studio: `python -m benchmarks.studio` prints a table.

The clients run on the same machine and share its processors with the studio.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

from benchmarks.studio_clients import Caller, frames, talkative_model
from benchmarks.studio_processes import Studio

FIRST_EVENTS = 100
RUNS_A_CLIENT = {1: 60, 8: 25, 32: 10}
BROWSERS = 50
WORDS = 2_000

Row = tuple[str, str, str]


def _flow(nodes: dict[str, Any], *wires: tuple[str, str, str, str]) -> dict[str, Any]:
    ends = ("source", "source_port", "target", "target_port")
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": nodes,
            "edges": {f"e{i}": dict(zip(ends, wire, strict=True)) for i, wire in enumerate(wires)},
        },
    }


ECHO = _flow({"ask": {"kind": "chat_input"}, "say": {"kind": "chat_output"}}, ("ask", "text", "say", "text"))
TALK = _flow(
    {
        "ask": {"kind": "chat_input"},
        "model": {"kind": "chat_model", "settings": {"model": "bench/talk"}},
        "say": {"kind": "chat_output"},
    },
    ("ask", "messages", "model", "messages"),
    ("model", "output", "say", "text"),
)
HELLO = {"inputs": {"text": "hello"}}


def quantiles(seconds: list[float]) -> str:
    """Returns median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return f"{statistics.median(ordered) * 1e3:.0f} / {ordered[int(len(ordered) * 0.95)] * 1e3:.0f} ms"


async def first_event(studio: Studio, flow: str) -> list[Row]:
    """Times from clicking Run: the POST, then a socket of its own, as the page does it."""
    caller = Caller(studio.port, studio.token)
    first: list[float] = []
    step: list[float] = []
    end: list[float] = []
    for _ in range(FIRST_EVENTS):
        begun = time.time()
        run = await caller.post(f"/flows/{flow}/runs", HELLO)
        kinds: set[str] = set()
        async for at, events in frames(studio.port, studio.token, run["id"]):
            if not kinds:
                first.append(at - begun)
            seen = {event["type"] for event in events}
            if "step.started" in seen and "step.started" not in kinds:
                step.append(at - begun)
            kinds |= seen
        end.append(at - begun)
    caller.close()
    return [
        ("POST run → first event at a socket, p50 / p95", quantiles(first), "40 / 100 ms"),
        ("POST run → first step at a socket", quantiles(step), ""),
        ("POST run → end of a trivial run at a socket", quantiles(end), ""),
    ]


async def over_the_api(studio: Studio, flow: str, clients: int) -> Row:
    """A trivial flow, each client starting its next run when the last has ended."""
    times: list[float] = []

    async def work() -> None:
        caller = Caller(studio.port, studio.token)
        for _ in range(RUNS_A_CLIENT[clients]):
            begun = time.perf_counter()
            run = await caller.post(f"/flows/{flow}/runs", HELLO, Prefer="wait=30")
            if run["status"] != "succeeded":
                raise RuntimeError(f"{run['status']}: {run['error']}")
            times.append(time.perf_counter() - begun)
        caller.close()

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(clients)))
    rate = len(times) / (time.perf_counter() - begun)
    peer = "57 / 191 ms, 11 runs/s (Langflow's run API)" if clients == 1 else ""
    name = f"trivial flow over the API, {clients} client{'s' * (clients > 1)}, p50 / p95"
    return name, f"{quantiles(times)}, {rate:.0f} runs/s", peer


async def fan_out(studio: Studio) -> list[Row]:
    """An answer of 2,000 tokens as fast as a model may give them, followed by 50 sockets."""
    async with talkative_model(WORDS, 0.001) as url:
        connection = {"name": "bench", "provider": "openai_compatible", "base_url": url, "api_key": "none"}
        await asyncio.to_thread(studio.call, "POST", "/connections", {**connection, "unchecked": True})
        made = await asyncio.to_thread(studio.call, "POST", "/flows", {"name": "Talk", "document": TALK})
        caller = Caller(studio.port, studio.token)
        lags: list[float] = []
        texts: list[int] = []
        run = await caller.post(f"/flows/{made['id']}/runs", HELLO)

        async def watch() -> None:
            text = 0
            async for at, events in frames(studio.port, studio.token, run["id"]):
                for event in events:
                    if event["type"] == "step.delta" and event["node_id"] == "say":
                        text += event["text"].count(" ")
                        lags.append(at - event["at"])
            texts.append(text)

        begun = time.perf_counter()
        await asyncio.gather(*(watch() for _ in range(BROWSERS)))
        seconds = time.perf_counter() - begun
        caller.close()
        ended = await asyncio.to_thread(studio.call, "GET", f"/runs/{run['id']}")
        if ended["status"] != "succeeded":
            raise RuntimeError(f"{ended['status']}: {ended['error']}")
        whole = sum(count == WORDS for count in texts)
    rate = sum(texts) / seconds
    return [
        (f"{WORDS} tokens to {BROWSERS} sockets", f"{rate:,.0f} tokens/s delivered, {whole} whole", ""),
        ("a token's way from the model to the last socket, p50 / p95", quantiles(lags), ""),
    ]


async def measure(studio: Studio) -> list[Row]:
    """Everything that needs a running studio."""
    made = await asyncio.to_thread(studio.call, "POST", "/flows", {"name": "Echo", "document": ECHO})
    flow = str(made["id"])
    await over_the_api(studio, flow, 8)  # warms up
    rows = await first_event(studio, flow)
    for clients in RUNS_A_CLIENT:
        rows.append(await over_the_api(studio, flow, clients))
    return rows + await fan_out(studio)


def rows() -> list[Row]:
    """Measures; returns what, how much, and the target or a peer's figure."""
    studio = Studio()
    try:
        first = studio.start()
        studio.claim()
        studio.stop()
        after_claim = studio.start()
        studio.stop()
        warm = studio.start()
        time.sleep(3)
        memory = studio.memory()
        found = asyncio.run(measure(studio))
        busy = studio.memory()
    finally:
        studio.remove()
    parts = ", ".join(f"{name} {rss:.0f}" for name, (rss, _) in memory.items())
    total, shared = (sum(sizes[index] for sizes in memory.values()) for index in (0, 1))
    return [
        ("first start, empty data folder", f"{first:.1f} s", ""),
        ("first start with an owner, which prepares once more", f"{after_claim:.1f} s", ""),
        ("warm start", f"{warm:.1f} s", "5 s"),
        ("RSS of all processes, idle", f"{total:.0f} MB ({parts}); PSS {shared:.0f} MB", "350 MB"),
        ("RSS of all processes, after the load below", f"{sum(rss for rss, _ in busy.values()):.0f} MB", ""),
        *found,
    ]


def main() -> None:
    """Prints a Markdown table."""
    print("| the studio | measured | target or peer |\n|---|---|---|")
    for name, value, target in rows():
        print(f"| {name} | {value} | {target} |", flush=True)


if __name__ == "__main__":
    main()
