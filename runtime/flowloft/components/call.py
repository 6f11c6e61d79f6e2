"""``python -m flowloft.components.call FILE GROUP NAME``: runs one function of a component file.

Arguments come as JSON in a variable, the result goes as JSON to stdout; what the function prints
goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys

from flowloft.components.component import ARGUMENTS
from flowloft.components.folder import load_file
from flowloft.components.register import component_register


def main(file: str, group: str, name: str) -> None:
    """Loads the file and calls the function."""
    result = os.dup(1)
    os.dup2(2, 1)
    arguments, named = json.loads(os.environ[ARGUMENTS])
    load_file(file)
    del os.environ[ARGUMENTS]
    value = component_register.find(group, name).function(*arguments, **named)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(result, "w", encoding="utf-8") as out:
        out.write(f"{text}\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
