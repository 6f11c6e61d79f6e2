"""``python -m flowloft.cli``, where the command is not on the path."""

from flowloft.cli import main

raise SystemExit(main())
