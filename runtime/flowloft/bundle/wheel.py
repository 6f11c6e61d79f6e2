"""Flowloft itself as a wheel, so that a project installs where no index has it. Made from what is
installed here, file by file: no build tool is needed, and the same code gives the same bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import flowloft

_TIME = (1980, 1, 1, 0, 0, 0)
_WHEEL = "Wheel-Version: 1.0\nGenerator: flowloft\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_name() -> str:
    """Returns the file's name."""
    return f"flowloft-{flowloft.__version__}-py3-none-any.whl"


def wheel_bytes() -> bytes:
    """Returns the wheel (a few hundred kilobytes)."""
    info = f"flowloft-{flowloft.__version__}.dist-info"
    files = _package() | {f"{info}/{name}": content for name, content in _about().items()}
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    record = f"{info}/RECORD"
    lines = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in sorted(files.items())]
    files[record] = "".join(f"{line}\n" for line in [*lines, f"{record},,"]).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as wheel:
        # The folder about the wheel comes last, as installers like it.
        for path in sorted(files, key=lambda path: (path.startswith(f"{info}/"), path)):
            entry = zipfile.ZipInfo(path, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, files[path])
    return packed.getvalue()


def _package() -> dict[str, bytes]:
    root = Path(flowloft.__file__).parent
    return {
        f"flowloft/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _about() -> dict[str, bytes]:
    made = distribution("flowloft")
    about = {name: made.read_text(name) for name in ("METADATA", "entry_points.txt", "licenses/LICENSE")}
    return {name: text.encode() for name, text in about.items() if text is not None}


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
