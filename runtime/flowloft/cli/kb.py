"""Fills, asks and takes along knowledge bases of a studio; asks a folder without one.

flowloft kb list
flowloft kb create Handbook
flowloft kb add Handbook manuals/ prices.xlsx https://example.org/terms
flowloft kb query Handbook "How long is the warranty?"
flowloft kb query manuals/ "How long is the warranty?"
flowloft kb export Handbook --output handbook.zip
flowloft kb import handbook.zip
flowloft kb check Handbook

The studio is the one at FLOWLOFT_STUDIO or --studio, in the name of whoever made the token FLOWLOFT_TOKEN
(Settings, Tokens). A base is named by name or id.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flowloft.cli._output import Progress
from flowloft.cli._studio import Studio
from flowloft.codegen.console import FAILED, SUCCEEDED
from flowloft.core.errors import FlowError, InputError
from flowloft.core.knowledge import SearchSettings

_OVER = {"ready", "failed", "cancelled"}
_LOOK_EVERY = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("action", choices=list(_ACTIONS))
    parser.add_argument("base", nargs="?", default="", help="name or id; for query a folder too")
    parser.add_argument("what", nargs="*", help="add: files, folders, addresses; query: the question")
    parser.add_argument("--studio", default="", help="address of the studio (FLOWLOFT_STUDIO)")
    parser.add_argument("--output", "-o", type=Path, help="export: the file that is written")
    parser.add_argument("--no-vectors", action="store_true", help="export: leave the vectors out")
    parser.add_argument("--no-wait", action="store_true", help="add: do not wait until all can be searched")
    parser.add_argument("--top-k", type=int, help="query: at most so many chunks")
    parser.add_argument(
        "--mode", choices=["hybrid", "dense", "text"], help="query: by meaning, words or both"
    )


def run(options: argparse.Namespace) -> int:
    """Does what was asked."""
    if options.action == "query" and Path(options.base).is_dir():
        return _shown(options, _asked_folder(options))
    if options.action != "list" and not options.base:
        raise InputError(
            f"kb {options.action}: which knowledge base?", hint="Give its name: kb list shows them."
        )
    with Studio(options.studio or os.environ.get("FLOWLOFT_STUDIO", "")) as studio:
        return _ACTIONS[options.action](options, studio)


def _list(options: argparse.Namespace, studio: Studio) -> int:
    found = _bases(studio)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    for one in [] if options.json else found:
        print(f"{one['id']}  {one['document_count']:6} documents  {one['name']}")
    return SUCCEEDED


def _create(options: argparse.Namespace, studio: Studio) -> int:
    made = studio.call("POST", "knowledge", {"name": options.base})
    print(json.dumps(made, ensure_ascii=False) if options.json else made["id"])
    return SUCCEEDED


def _add(options: argparse.Namespace, studio: Studio) -> int:
    base = _base(studio, options.base)["id"]
    addresses = [one for one in options.what if one.startswith(("http://", "https://"))]
    files = [pair for one in options.what if one not in addresses for pair in _files(Path(one))]
    if not files and not addresses:
        raise InputError("There is nothing to add.", hint="Name files, folders or addresses.")
    begun = [document["id"] for document in _documents(studio, base)] if addresses else []
    added: dict[str, bool] = {}
    with Progress(options) as progress:
        for done, (name, path) in enumerate(files):
            progress.say(f"sending {name}", done, len(files))
            answer = _sent(studio, base, name, path)
            added[answer["document"]["id"]] = added.get(answer["document"]["id"], False) or answer["new"]
        if addresses:
            studio.call("POST", f"knowledge/{base}/sources", {"urls": addresses})
            added |= {one["id"]: True for one in _documents(studio, base) if one["id"] not in begun}
        found = _ended(studio, base, set(added), progress, wait=not options.no_wait)
    failed = [one for one in found if one["state"] == "failed"]
    if options.json:
        print(json.dumps([{**one, "new": added[one["id"]]} for one in found], ensure_ascii=False))
    else:
        for one in failed:
            print(f"{one['name']}: {one['error']['message']} {one['error']['hint']}".rstrip())
        known = sum(not new for new in added.values())
        print(f"{len(found) - len(failed)} of {len(found)} documents are in; {known} were there before.")
    return FAILED if failed else SUCCEEDED


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """Yields a file, or those of a folder with their places in it; hidden ones are left out."""
    if path.is_file():
        yield path.name, path
    elif path.is_dir():
        for one in sorted(path.rglob("*")):
            inside = one.relative_to(path)
            if one.is_file() and not any(part.startswith(".") for part in inside.parts):
                yield str(Path(path.name, inside)), one
    else:
        raise InputError(f"There is no file or folder “{path}”.", hint="Name what is to be added.")


def _sent(studio: Studio, base: str, name: str, path: Path) -> dict[str, Any]:
    """Sends a file in pieces, on from where an earlier try broke off."""
    given = {"name": name, "size": path.stat().st_size}
    upload = studio.call("POST", f"knowledge/{base}/uploads", given)
    offset = upload["received"]
    with path.open("rb") as file:
        while True:
            file.seek(offset)
            piece = file.read(upload["part"])
            told = studio.send("PUT", f"uploads/{upload['id']}", piece, {"offset": offset})
            if told["document"] is not None:
                return dict(told)
            offset = told["received"]


def _ended(
    studio: Studio, base: str, wanted: set[str], progress: Progress, *, wait: bool
) -> list[dict[str, Any]]:
    while True:
        found = [one for one in _documents(studio, base) if one["id"] in wanted]
        over = sum(one["state"] in _OVER for one in found)
        if not wait or over == len(found):
            return found
        progress.say("reading and indexing", over, len(found))
        time.sleep(_LOOK_EVERY)


def _documents(studio: Studio, base: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        asked = {"limit": "500", "offset": str(len(found)), "order": "created_at"}
        page = studio.call("GET", f"knowledge/{base}/documents", params=asked)["results"]
        found += page
        if len(page) < 500:
            return found


def _query(options: argparse.Namespace, studio: Studio) -> int:
    base = _base(studio, options.base)
    settings = {**base["search"], **_settings(options)}
    given = {"query": _question(options), "settings": settings}
    return _shown(options, studio.call("POST", f"knowledge/{base['id']}/search", given))


def _asked_folder(options: argparse.Namespace) -> dict[str, Any]:
    from flowloft.rag import Document

    settings = SearchSettings.model_validate(_settings(options))
    documents = Document(options.base)
    with Progress(options) as progress:
        documents.refresh(lambda done, total: progress.say("reading", done, total))
    return documents.search(_question(options), settings).model_dump(mode="json")


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    given = {"top_k": options.top_k, "mode": options.mode}
    return {name: value for name, value in given.items() if value is not None}


def _question(options: argparse.Namespace) -> str:
    if not options.what:
        raise InputError("kb query: what is the question?", hint='kb query Handbook "How long ...?"')
    return " ".join(options.what)


def _shown(options: argparse.Namespace, found: dict[str, Any]) -> int:
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return SUCCEEDED
    for number, hit in enumerate(found["hits"], 1):
        page = (hit["places"] or [{}])[0].get("page")
        scores = ", ".join(
            f"{stage} {score:.3f}" for stage, score in hit["scores"].items() if score is not None
        )
        print(f"{number}. {hit['title']}{f', page {page}' if page else ''} ({scores})")
        print("   " + " ".join(hit["text"].split())[:400])
    return SUCCEEDED


def _export(options: argparse.Namespace, studio: Studio) -> int:
    base = _base(studio, options.base)
    target = options.output or Path(f"{base['name'].replace('/', '_')}.knowledge.zip")
    with Progress(options) as progress:
        progress.say("packing")
        vectors = "false" if options.no_vectors else "true"
        try:
            size = studio.save(f"knowledge/{base['id']}/export", target, {"vectors": vectors})
        except OSError as error:
            raise FlowError(
                f"“{target}” can't be written: {error.strerror}.",
                code="cannot_write",
                hint="Name a file in a folder that is there and that you may write to.",
            ) from error
    print(json.dumps({"file": str(target), "bytes": size}) if options.json else f"{target} ({size:,} bytes)")
    return SUCCEEDED


def _import(options: argparse.Namespace, studio: Studio) -> int:
    path = Path(options.base)
    if not path.is_file():
        raise InputError(f"There is no file “{path}”.", hint="Name what kb export has written.")
    with Progress(options) as progress, path.open("rb") as file:
        progress.say("sending")
        made = studio.send("POST", "knowledge/import", file, {"name": " ".join(options.what)})
    print(json.dumps(made, ensure_ascii=False) if options.json else f"{made['id']}  {made['name']}")
    return SUCCEEDED


def _check(options: argparse.Namespace, studio: Studio) -> int:
    told = studio.call("GET", f"knowledge/{_base(studio, options.base)['id']}/check")
    missing, extra = told["missing_count"], told["extra_count"]
    if options.json:
        print(json.dumps(told))
    elif told["agrees"]:
        print(f"All {told['expected']} chunks agree.")
    else:
        print(f"The index disagrees: {missing} chunks are missing, {extra} are too many. Make it anew.")
    return SUCCEEDED if told["agrees"] else FAILED


def _bases(studio: Studio) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    address = "knowledge"
    while address:
        page = studio.call("GET", address)
        found += page["results"]
        address = page["next"] or ""
    return found


def _base(studio: Studio, named: str) -> dict[str, Any]:
    found = _bases(studio)
    for one in found:
        if named in (one["id"], one["name"]):
            return one
    raise InputError(
        f"There is no knowledge base “{named}”.",
        hint=f"There are: {', '.join(one['name'] for one in found[:20]) or 'none; kb create makes one'}.",
    )


_ACTIONS: dict[str, Callable[[argparse.Namespace, Studio], int]] = {
    "list": _list,
    "create": _create,
    "add": _add,
    "query": _query,
    "export": _export,
    "import": _import,
    "check": _check,
}
