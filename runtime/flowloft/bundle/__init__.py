"""What leaves the studio as one file: an archive to import, a Python project, a Docker context.

The same content gives the same bytes. Nothing that is read from an archive is executed.
"""

from flowloft.bundle.archive import Archive, Limits, open_archive
from flowloft.bundle.manifest import FlowEntry, Manifest
from flowloft.bundle.tree import Tree

__all__ = ["Archive", "FlowEntry", "Limits", "Manifest", "Tree", "open_archive"]
