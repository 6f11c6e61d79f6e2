"""What code does, as text: equal for equal code, different once a body was edited under its old name."""

from __future__ import annotations

import functools
import hashlib
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

_PLAIN = (str, bytes, int, float, complex, bool, type(None), type(Ellipsis))


class _Opaque(Exception):  # noqa: N818 - an answer: nothing can be said of it
    """What a function reaches for is neither code nor plain data."""


def fingerprint(thing: Callable[..., Any], *, strict: bool = True) -> str | None:
    """Returns a hash of what a function or a class does, as it is loaded in this process.

    Read from the compiled code, because a file may have changed since it was loaded. Functions of the
    same module are followed, those of other modules are named, with the values a function closes over
    and its defaults.

    Args:
        strict: Whether values other than plain data make it unknown; else they are named by type.

    Returns:
        Hexadecimal SHA-256, or None where nothing certain can be said.
    """
    digest = hashlib.sha256()
    try:
        for part in _parts(thing, strict, set()):
            digest.update(part.encode("utf-8", "surrogatepass"))
            digest.update(b"\0")
    except (_Opaque, RecursionError):
        return None
    return digest.hexdigest()


def _parts(thing: Any, strict: bool, seen: set[int]) -> Iterator[str]:
    thing = _unwrapped(thing)
    if id(thing) in seen:
        yield "again"
        return
    seen.add(id(thing))
    if inspect.isclass(thing):
        yield f"class {thing.__module__}.{thing.__qualname__}"
        for name, member in sorted(vars(thing).items()):
            if isinstance(_unwrapped(member), types.FunctionType):
                yield name
                yield from _parts(member, strict, seen)
    elif isinstance(thing, types.MethodType):
        yield from _parts(thing.__func__, strict, seen)
        yield from _value(thing.__self__, strict, seen)
    elif isinstance(thing, functools.partial):
        yield from _parts(thing.func, strict, seen)
        yield from _value([thing.args, thing.keywords], strict, seen)
    elif isinstance(thing, types.FunctionType):
        yield from _function(thing, strict, seen)
    elif isinstance(thing, types.BuiltinFunctionType) and getattr(thing, "__self__", None) is None:
        yield f"builtin {thing.__module__}.{thing.__qualname__}"
    else:
        raise _Opaque


def _unwrapped(member: Any) -> Any:
    if isinstance(member, staticmethod | classmethod):
        return member.__func__
    return member.fget if isinstance(member, property) else member


def _function(function: types.FunctionType, strict: bool, seen: set[int]) -> Iterator[str]:
    yield from _code(function.__code__)
    yield from _value([function.__defaults__, function.__kwdefaults__], strict, seen)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name
        try:
            yield from _value(cell.cell_contents, strict, seen)
        except ValueError:  # The cell is still empty: a function that names itself.
            yield "empty"
    # What this library's own modules hold besides code never decides about a result.
    strict = strict and not (function.__module__ or "").startswith("flowloft.")
    for name in sorted(_names(function.__code__)):
        if name in function.__globals__:
            yield name
            yield from _reached(function.__globals__[name], function.__module__, strict, seen)


def _names(code: types.CodeType) -> set[str]:
    inner = [_names(part) for part in code.co_consts if isinstance(part, types.CodeType)]
    return set(code.co_names).union(*inner)


def _reached(value: Any, module: str, strict: bool, seen: set[int]) -> Iterator[str]:
    """What a function reads from its module: what is written there is followed, the rest is named."""
    if isinstance(value, types.ModuleType):
        yield f"module {value.__name__}"
    elif callable(value) and hasattr(value, "__qualname__"):
        if getattr(value, "__module__", None) == module and isinstance(value, types.FunctionType | type):
            yield from _parts(value, strict, seen)
        else:
            yield f"{value.__module__}.{value.__qualname__}"
    else:
        yield from _value(value, strict, seen)


def _code(code: types.CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr((code.co_names, code.co_varnames, code.co_argcount, code.co_kwonlyargcount, code.co_flags))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _code(constant)
        else:
            yield repr(sorted(constant, key=repr) if isinstance(constant, frozenset) else constant)


def _value(value: Any, strict: bool, seen: set[int]) -> Iterator[str]:
    if isinstance(value, _PLAIN):
        yield f"{type(value).__name__} {value!r}"
    elif isinstance(value, list | tuple):
        yield f"{type(value).__name__} {len(value)}"
        for item in value:
            yield from _value(item, strict, seen)
    elif isinstance(value, dict):
        yield f"dict {len(value)}"
        for key, item in value.items():
            yield from _value(key, strict, seen)
            yield from _value(item, strict, seen)
    elif isinstance(value, types.ModuleType):
        yield f"module {value.__name__}"
    elif isinstance(value, types.FunctionType | types.MethodType | functools.partial | type):
        yield from _parts(value, strict, seen)
    elif strict:
        raise _Opaque
    else:
        yield f"a {type(value).__module__}.{type(value).__qualname__}"
