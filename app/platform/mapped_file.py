"""A file's bytes without reading them: what is opened before a process is confined stays readable after."""

from __future__ import annotations

import mmap
from pathlib import Path


def map_file(path: Path) -> memoryview:
    """The whole file, read when touched. It counts as address space. Raises OSError.

    If somebody cuts the file short meanwhile, touching what is gone kills the process.
    """
    with path.open("rb") as file:
        try:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:  # there is nothing to map in an empty file
            return memoryview(b"")
